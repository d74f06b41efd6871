"""The page about the lock: each part says how it goes, and no passphrase stays in a field."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from hah_desktop.ui.kit.page import Page
from hah_desktop.ui.kit.theme import apply
from hah_desktop.ui.kit.tokens import ThemeName
from hah_desktop.ui.screens.security import PassphraseChange, SecurityPage
from hah_desktop.ui.shell import Shell
from hah_desktop.vault.passphrase import problems
from tests.ui.kit.audit import beyond_reach, clipped, nameless, small_targets
from tests.ui.kit.hands import press, type_words

OLD, NEW = "violet kettle orbit marsh", "seven quiet lamps wander"
COPIES = [("today 09:12", "2,310 changes"), ("yesterday 08:55", "2,290 changes")]


@pytest.fixture
def shell(qtbot: QtBot) -> Shell:
    made = Shell()
    qtbot.addWidget(made)
    made.add_page("security", "lock", "Security", SecurityPage(problems))
    made.resize(1366, 768)
    made.show()
    made.activateWindow()
    return made


@pytest.fixture
def page(shell: Shell) -> SecurityPage:
    made = shell.current_page()
    assert isinstance(made, SecurityPage)
    return made


def test_a_changed_passphrase_is_passed_on_and_forgotten(page: SecurityPage, qtbot: QtBot) -> None:
    part = page.passphrase
    for line, words in ((part.old, OLD), (part.new.first, NEW), (part.new.second, NEW)):
        type_words(line, words)
    with qtbot.waitSignal(page.passphrase_requested) as told:
        press(part.new.second, Qt.Key.Key_Return)
    assert told.args == [PassphraseChange(OLD, NEW)]
    assert {line.text() for line in part.findChildren(QLineEdit)} == {""}
    assert OLD not in repr(told.args)


def test_what_is_missing_is_said_beside_its_field(page: SecurityPage, qtbot: QtBot) -> None:
    part = page.passphrase
    type_words(part.new.first, NEW)
    with qtbot.assertNotEmitted(page.passphrase_requested):
        part.change.click()
    assert part.field.problem.text() == "Enter your passphrase"
    assert part.new.repeat.problem.text() == "Type the same passphrase twice"
    assert QApplication.focusWidget() is part.old


def test_encrypting_anew_takes_the_passphrase_and_shows_how_far_it_is(
    page: SecurityPage, qtbot: QtBot
) -> None:
    part = page.renewal
    part.renew.click()
    assert part.field.problem.text() == "Enter your passphrase"
    type_words(part.passphrase, OLD)
    with qtbot.waitSignal(page.renew_requested) as told:
        press(part.passphrase, Qt.Key.Key_Return)
    assert told.args == [OLD]
    assert part.passphrase.text() == ""
    part.set_busy("Encrypting anew")
    part.set_progress(40, 100, "40 of 100 MB")
    assert part.progress.isVisible()
    assert part.progress.bar.value() == 40
    assert not part.renew.isEnabled()
    part.show_done("Everything is encrypted anew.")
    assert not part.progress.isVisible()
    assert part.renew.isEnabled()


def test_when_the_last_copy_was_made_is_said_and_one_more_is_made(
    page: SecurityPage, qtbot: QtBot
) -> None:
    assert page.copies.last.text() == "No safety copy has been made yet."
    assert not page.copies.table.isVisible()
    page.copies.show_copies(COPIES)
    assert page.copies.last.text() == "The last one: today 09:12."
    with qtbot.waitSignal(page.copy_requested):
        page.copies.make.click()


def test_a_problem_takes_the_place_of_what_was_said_before(page: SecurityPage) -> None:
    page.copies.show_done("A copy was made.")
    page.copies.show_problem("The disk of this laptop is full.")
    assert not page.copies.done.isVisible()
    assert page.copies.problem.label.text() == "The disk of this laptop is full."


def test_what_the_office_has_set_is_said_in_days_and_minutes(page: SecurityPage) -> None:
    assert not page.ordered.isVisible()
    page.show_orders(30, 1)
    words = [label.text() for label in page.orders.findChildren(type(page.copies.last))]
    assert "30 days" in words
    assert "1 minute" in words


def test_no_passphrase_stays_when_the_page_is_left(shell: Shell, page: SecurityPage) -> None:
    for line in page.findChildren(QLineEdit):
        line.setText(OLD)
    shell.add_page("other", "house", "Other", Page("Other"))
    shell.show_page("other")
    assert {line.text() for line in page.findChildren(QLineEdit)} == {""}


@pytest.mark.parametrize("theme", list(ThemeName))
@pytest.mark.parametrize(
    ("width", "height", "scale"), [(1366, 768, 1.0), (1366, 768, 2.0), (683, 384, 1.0)]
)
def test_nothing_is_cut_off_nameless_or_out_of_reach(
    qtbot: QtBot, qapp: QApplication, theme: ThemeName, width: int, height: int, scale: float
) -> None:
    apply(qapp, theme, scale)
    shell, page = Shell(), SecurityPage(problems)
    qtbot.addWidget(shell)
    shell.add_page("security", "lock", "Security", page)
    page.copies.show_copies(COPIES)
    page.show_orders(30, 15)
    page.show_events([("today 09:11", "Unlocked"), ("yesterday 18:02", "Locked")])
    page.copies.show_done("A copy was made. It was opened once to see that it is whole.")
    page.renewal.set_busy("Encrypting anew")
    shell.resize(width, height)
    shell.show()
    for _ in range(5):
        qapp.processEvents()
    assert [
        *clipped(shell),
        *beyond_reach(shell),
        *nameless(shell.page("security")),
        *small_targets(shell),
    ] == []
