"""The office has lost this laptop: the person is told, types its code, and all goes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hah_desktop.laptop.folder import Laptop
from hah_desktop.ui.parts.return_card import ReturnCard
from hah_desktop.ui.workplace import OFFICE
from hah_desktop.vault.kdf import FLOOR
from tests.central.office import Office
from tests.faults.plain import real_now
from tests.laptop.conftest import save_visit, silent
from tests.ui.kit.hands import press, type_words
from tests.ui.screens.at_door import Adviser
from tests.ui.screens.made import PASSPHRASE, findings

RUTH = "Ruth Amadi"


@pytest.fixture
def lost(tmp_path: Path) -> Iterator[tuple[Office, Path]]:
    """A laptop with a visit, and an office that was put back to before it was enrolled."""
    with Office.running(data=tmp_path / "office") as office:
        office.make_keys()
        office.backup(tmp_path / "kept")
        laptop = Laptop(tmp_path / "laptop", real_now, cost=FLOOR)
        unlocked = laptop.set_up(office.url, office.enrol(RUTH), PASSPHRASE, silent)
        save_visit(unlocked, "What the food is like")
        unlocked.lock()
        office.put_back(tmp_path / "kept")
        yield office, laptop.folder


@pytest.fixture
def adviser(lost: tuple[Office, Path], qapp: QApplication, qtbot: QtBot) -> Iterator[Adviser]:
    made = Adviser(qapp, lost[1], qtbot)
    yield made
    made.close()


def card(adviser: Adviser) -> ReturnCard:
    assert adviser.window.workplace is not None
    return adviser.window.workplace.office.returning


def test_the_page_asks_for_the_code_and_all_goes_back(
    adviser: Adviser, lost: tuple[Office, Path]
) -> None:
    adviser.unlock()
    assert adviser.window.workplace is not None
    adviser.window.workplace.shell.show_page(OFFICE)
    page, asked = adviser.window.workplace.office, card(adviser)
    assert asked.isHidden()
    page.now.click()
    adviser.until(asked.isVisible)
    assert "does not know this laptop" in page.problem.label.text()
    adviser.until(lambda: findings(page) == [])
    asked.ask.click()
    assert asked.code.field.problem.text() == "Type all 30 letters of the code"
    code = lost[0].run("readmit", RUTH)
    type_words(asked.code.line, code)
    press(asked.code.line, Qt.Key.Key_Return)
    adviser.until(lambda: asked.isHidden() and page.result.isVisible())
    assert "sent" in page.result.label.text()
    assert asked.code.value() == ""
    assert "changes received: 1" in lost[0].run("laptops")


def test_a_code_that_does_not_count_is_said_in_the_card(
    adviser: Adviser, lost: tuple[Office, Path]
) -> None:
    adviser.unlock()
    assert adviser.window.workplace is not None
    adviser.window.workplace.shell.show_page(OFFICE)
    page, asked = adviser.window.workplace.office, card(adviser)
    page.now.click()
    adviser.until(asked.isVisible)
    type_words(asked.code.line, lost[0].enrol("Somebody Else"))
    asked.ask.click()
    adviser.until(asked.problem.isVisible)
    assert "not valid" in asked.problem.label.text()
    assert asked.ask.isEnabled()
