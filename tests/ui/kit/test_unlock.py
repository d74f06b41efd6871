"""The screens before the work: they pass on what was typed, and keep none of it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from hah_desktop.ui.screens.unlock import EnrolForm, EnrolScreen, UnlockScreen
from tests.ui.kit.hands import press, type_words

PHRASE = "seven quiet lamps wander"


def too_short(words: str) -> list[str]:
    return [] if len(words) >= 14 else ["Use at least 14 characters"]


def enrol_screen(qtbot: QtBot) -> EnrolScreen:
    screen = EnrolScreen(too_short)
    qtbot.addWidget(screen)
    screen.show()
    return screen


def fill(screen: EnrolScreen, first: str = PHRASE, second: str = PHRASE) -> None:
    screen.address_line.setText("https://office.example")
    screen.code_line.setText("ABCD-1234")
    screen.first.setText(first)
    screen.second.setText(second)


def test_enter_asks_for_the_unlock_and_empties_the_field(qtbot: QtBot) -> None:
    screen = UnlockScreen()
    qtbot.addWidget(screen)
    type_words(screen.passphrase, PHRASE)
    with qtbot.waitSignal(screen.unlock_requested) as told:
        press(screen.passphrase, Qt.Key.Key_Return)
    assert told.args == [PHRASE]
    assert screen.passphrase.text() == ""
    assert not screen.passphrase.isUndoAvailable()


def test_an_empty_passphrase_is_not_tried(qtbot: QtBot) -> None:
    screen = UnlockScreen()
    qtbot.addWidget(screen)
    with qtbot.assertNotEmitted(screen.unlock_requested):
        screen.unlock.click()
    assert screen.field.problem.text() == "Enter your passphrase"


def test_a_passphrase_is_shown_only_while_asked_for(qtbot: QtBot) -> None:
    screen = UnlockScreen()
    qtbot.addWidget(screen)
    assert screen.passphrase.echoMode() is QLineEdit.EchoMode.Password
    screen.shown.click()
    assert screen.passphrase.echoMode() is QLineEdit.EchoMode.Normal
    screen.clear()
    assert screen.passphrase.echoMode() is QLineEdit.EchoMode.Password


def test_nothing_can_be_pressed_while_the_key_is_made(qtbot: QtBot) -> None:
    screen = UnlockScreen()
    qtbot.addWidget(screen)
    screen.show()
    screen.set_busy(True, "Opening the records on this laptop")
    assert screen.progress.isVisible()
    assert not screen.unlock.isEnabled()
    screen.show_problem("The passphrase is wrong. Nothing was lost.")
    assert not screen.progress.isVisible()
    assert screen.unlock.isEnabled()
    assert screen.field.problem.text() == "The passphrase is wrong. Nothing was lost."


def test_a_forgotten_passphrase_is_reported(qtbot: QtBot) -> None:
    screen = UnlockScreen()
    qtbot.addWidget(screen)
    with qtbot.waitSignal(screen.forgotten_requested):
        screen.forgotten.click()


def test_a_filled_form_is_passed_on_and_its_passphrases_forgotten(qtbot: QtBot) -> None:
    screen = enrol_screen(qtbot)
    fill(screen)
    with qtbot.waitSignal(screen.enrol_requested) as told:
        screen.start.click()
    assert told.args == [EnrolForm("https://office.example", "ABCD-1234", PHRASE)]
    assert (screen.first.text(), screen.second.text()) == ("", "")
    assert screen.code_line.text() == "ABCD-1234"


def test_every_problem_of_the_form_is_listed(qtbot: QtBot) -> None:
    screen = enrol_screen(qtbot)
    screen.first.setText("short")
    with qtbot.assertNotEmitted(screen.enrol_requested):
        screen.start.click()
    assert [button.words for button in screen.summary.buttons] == [
        "Enter the address of the office",
        "Enter the one-time code",
        "Use at least 14 characters",
        "Type the same passphrase twice",
    ]


def test_advice_on_the_passphrase_is_given_while_it_is_typed(qtbot: QtBot) -> None:
    screen = enrol_screen(qtbot)
    type_words(screen.first, "short")
    assert screen.advice.text() == "Use at least 14 characters"
    type_words(screen.first, " but now long enough")
    assert not screen.advice.isVisible()


def test_a_form_says_neither_code_nor_passphrase_when_it_is_printed() -> None:
    form = EnrolForm("https://office.example", "ABCD-1234", PHRASE)
    assert "ABCD" not in repr(form)
    assert PHRASE not in repr(form)
