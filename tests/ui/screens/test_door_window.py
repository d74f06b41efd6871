"""The door in its window: looking after the lock from inside, and being shut out by the office."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hah_desktop.laptop.errors import AccessEnded
from hah_desktop.laptop.folder import Laptop
from hah_desktop.store.journal.drafts import Draft
from hah_desktop.store.journal.saving import Seen
from hah_desktop.ui.ended import SENT
from hah_desktop.vault.kdf import FLOOR
from tests.central.office import Office
from tests.faults.plain import real_now
from tests.ui.kit.hands import press, type_words
from tests.ui.screens.at_door import SLOW_MS, Adviser
from tests.ui.screens.made import PASSPHRASE

NEW = "seven quiet lamps wander"


@pytest.fixture
def adviser(ready: Path, tmp_path: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[Adviser]:
    shutil.copytree(ready, tmp_path / "base")
    made = Adviser(qapp, tmp_path / "base", qtbot)
    yield made
    made.close()


def test_the_page_shows_what_happened_and_what_the_office_has_set(adviser: Adviser) -> None:
    adviser.unlock()
    page = adviser.security()
    adviser.until(lambda: page.events.words.rowCount() and page.copies.table.words.rowCount())
    first = page.events.words
    said = [first.data(first.index(row, 1)) for row in range(first.rowCount())]
    assert "This laptop was set up." in said
    assert page.copies.last.text().startswith("The last one: today")


def test_a_passphrase_is_changed_from_inside(adviser: Adviser) -> None:
    adviser.unlock()
    part = adviser.security().passphrase
    for line, words in ((part.old, PASSPHRASE), (part.new.first, NEW), (part.new.second, NEW)):
        type_words(line, words)
    press(part.new.second, Qt.Key.Key_Return)
    adviser.until(part.done.isVisible)
    adviser.lock()
    adviser.unlock(NEW)


def test_a_wrong_passphrase_changes_nothing(adviser: Adviser) -> None:
    adviser.unlock()
    part = adviser.security().passphrase
    for line, words in ((part.old, NEW), (part.new.first, NEW), (part.new.second, NEW)):
        type_words(line, words)
    part.change.click()
    adviser.until(part.problem.isVisible)
    adviser.lock()
    adviser.unlock(PASSPHRASE)


def test_everything_is_encrypted_anew_and_the_passphrase_stays(adviser: Adviser) -> None:
    adviser.unlock()
    page = adviser.security()
    type_words(page.renewal.passphrase, PASSPHRASE)
    page.renewal.renew.click()
    assert not page.renewal.renew.isEnabled()
    adviser.until(page.renewal.done.isVisible)
    adviser.until(lambda: page.copies.table.words.rowCount() == 1)
    adviser.lock()
    adviser.unlock(PASSPHRASE)


def test_one_more_safety_copy_is_made_and_listed(adviser: Adviser) -> None:
    adviser.unlock()
    page = adviser.security()
    page.copies.make.click()
    adviser.until(page.copies.done.isVisible)
    adviser.until(lambda: page.copies.table.words.rowCount() == 2)


def test_a_laptop_that_is_closed_while_it_is_open_hands_over_and_says_so(
    office: Office, tmp_path: Path, qapp: QApplication, qtbot: QtBot
) -> None:
    unlocked = Laptop(tmp_path / "base", real_now, cost=FLOOR).set_up(
        office.url, office.enrol("Ola Field"), PASSPHRASE, lambda _words: None
    )
    unlocked.lock()
    adviser = Adviser(qapp, tmp_path / "base", qtbot)
    adviser.unlock()
    office.revoke(unlocked.who.laptop)
    assert adviser.window.session is not None
    with qtbot.waitSignal(adviser.window.locked, timeout=SLOW_MS):
        adviser.window.session.sync()
    screen = adviser.window.door.ended.screen
    assert adviser.window.currentWidget() is screen
    adviser.until(screen.nothing.isVisible)
    assert screen.done.label.text() == SENT
    assert not screen.waits.isVisible()
    adviser.close()


def test_what_a_closed_laptop_could_not_send_is_copied_or_sent_again(
    office: Office, tmp_path: Path, qapp: QApplication, qtbot: QtBot
) -> None:
    laptop = Laptop(tmp_path / "base", real_now, cost=FLOOR)
    unlocked = laptop.set_up(office.url, office.enrol("Ola Field"), PASSPHRASE, lambda _words: None)
    office.revoke(unlocked.who.laptop)
    unlocked.lock()
    with pytest.raises(AccessEnded):
        laptop.connect(PASSPHRASE, lambda _progress: None, lambda: False)
    office.stop()
    adviser = Adviser(qapp, tmp_path / "base", qtbot)
    screen = adviser.window.door.ended.screen
    adviser.until(lambda: screen.summary.buttons)
    assert screen.waits.isVisible()
    screen.copy_requested.emit(tmp_path / "stick")
    adviser.until(screen.done.isVisible)
    assert (tmp_path / "stick").stat().st_size
    screen.copy_requested.emit(tmp_path / "no such folder" / "stick")
    adviser.until(lambda: screen.summary.buttons)
    assert "could not be copied" in screen.summary.buttons[0].words
    office.start()
    screen.send.click()
    adviser.until(screen.nothing.isVisible)
    assert screen.done.label.text() == SENT
    adviser.close()


def test_words_that_could_not_be_kept_never_reach_another_persons_vault(
    adviser: Adviser,
) -> None:
    base = adviser.window.door.laptop.folder
    draft = Draft("v1", "visit", "v1", {}, Seen({}, {}))
    adviser.window._unkept[base.parent / "another"] = [draft]
    adviser.unlock()
    assert adviser.window.session is not None
    assert not adviser.window.session.unkept
    adviser.lock()
    assert adviser.window._unkept == {base.parent / "another": [draft], base: []}
