"""The screens for a passphrase: they pass on what was typed, and keep none of it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from hah_desktop.seals import letters
from hah_desktop.ui.parts.doorstep import Doorstep
from hah_desktop.ui.parts.new_passphrase import NewPassphrase
from hah_desktop.ui.screens.set_up import EnrolForm, EnrolScreen
from hah_desktop.ui.screens.unlock import UnlockScreen
from tests.ui.kit.hands import press, type_words

PHRASE = "seven quiet lamps wander"
CODE = letters.write("7K2M9QX4HT6VD3WPAB8NR5YC")


def too_short(words: str) -> list[str]:
    return [] if len(words) >= 14 else ["Use at least 14 characters"]


def unlock_screen(qtbot: QtBot) -> UnlockScreen:
    screen = UnlockScreen()
    qtbot.addWidget(screen)
    return screen


def enrol_screen(qtbot: QtBot) -> EnrolScreen:
    screen = EnrolScreen(too_short, letters.read)
    qtbot.addWidget(screen)
    screen.show()
    return screen


def fill(screen: EnrolScreen, first: str = PHRASE, second: str = PHRASE) -> None:
    screen.address_line.setText("https://office.example")
    type_words(screen.code_line, CODE)
    screen.first.setText(first)
    screen.second.setText(second)


def problems(screen: Doorstep) -> list[str]:
    return [button.words for button in screen.summary.buttons]


def test_enter_asks_for_the_unlock_and_empties_the_field(qtbot: QtBot) -> None:
    screen = unlock_screen(qtbot)
    type_words(screen.passphrase, PHRASE)
    with qtbot.waitSignal(screen.unlock_requested) as told:
        press(screen.passphrase, Qt.Key.Key_Return)
    assert told.args == [PHRASE]
    assert screen.passphrase.text() == ""
    assert not screen.passphrase.isUndoAvailable()


def test_an_empty_passphrase_is_not_tried(qtbot: QtBot) -> None:
    screen = unlock_screen(qtbot)
    with qtbot.assertNotEmitted(screen.unlock_requested):
        screen.unlock.click()
    assert screen.field.problem.text() == "Enter your passphrase"


def test_a_passphrase_is_shown_only_while_asked_for(qtbot: QtBot) -> None:
    screen = unlock_screen(qtbot)
    assert screen.passphrase.echoMode() is QLineEdit.EchoMode.Password
    screen.shown.click()
    assert screen.passphrase.echoMode() is QLineEdit.EchoMode.Normal
    screen.clear()
    assert screen.passphrase.echoMode() is QLineEdit.EchoMode.Password


def test_nothing_can_be_pressed_while_the_key_is_made(qtbot: QtBot) -> None:
    screen = unlock_screen(qtbot)
    screen.show()
    screen.set_busy(True, "Opening the records on this laptop")
    assert screen.progress.isVisible()
    assert not screen.unlock.isEnabled()
    screen.show_problem("The passphrase is wrong. Nothing was lost.")
    assert not screen.progress.isVisible()
    assert screen.unlock.isEnabled()
    assert screen.field.problem.text() == "The passphrase is wrong. Nothing was lost."


def test_a_forgotten_passphrase_is_reported(qtbot: QtBot) -> None:
    screen = unlock_screen(qtbot)
    with qtbot.waitSignal(screen.forgotten_requested):
        screen.forgotten.click()


def test_whose_passphrase_is_asked_for_is_said_where_several_people_unlock(qtbot: QtBot) -> None:
    screen = unlock_screen(qtbot)
    screen.set_person("Person 2")
    assert screen.heading.text() == "Unlock: Person 2"
    with qtbot.waitSignal(screen.others_requested):
        screen.others.click()
    screen.set_person("")
    assert screen.heading.text() == "Unlock"


def test_escape_leads_back_unless_something_is_under_way(qtbot: QtBot) -> None:
    screen = enrol_screen(qtbot)
    with qtbot.waitSignal(screen.back_requested):
        press(screen.address_line, Qt.Key.Key_Escape)
    screen.set_busy(True, "Setting up")
    with qtbot.assertNotEmitted(screen.back_requested):
        press(screen, Qt.Key.Key_Escape)


def test_a_filled_form_is_passed_on_and_its_passphrases_forgotten(qtbot: QtBot) -> None:
    screen = enrol_screen(qtbot)
    fill(screen)
    with qtbot.waitSignal(screen.enrol_requested) as told:
        screen.start.click()
    assert told.args == [EnrolForm("https://office.example", CODE, PHRASE)]
    assert (screen.first.text(), screen.second.text()) == ("", "")
    assert screen.code_line.text() == CODE


def test_every_problem_of_the_form_is_listed(qtbot: QtBot) -> None:
    screen = enrol_screen(qtbot)
    screen.first.setText("short")
    with qtbot.assertNotEmitted(screen.enrol_requested):
        screen.start.click()
    assert problems(screen) == [
        "Enter the address of the office",
        "Type all 30 letters of the code",
        "Use at least 14 characters",
        "Type the same passphrase twice",
    ]


def test_a_code_with_a_wrong_group_is_not_sent(qtbot: QtBot) -> None:
    screen = enrol_screen(qtbot)
    fill(screen)
    screen.code_line.wipe()
    type_words(screen.code_line, CODE[:-1] + ("Z" if CODE[-1] != "Z" else "Y"))
    with qtbot.assertNotEmitted(screen.enrol_requested):
        screen.start.click()
    assert problems(screen) == ["Group 6 does not fit: check it and type it again"]
    assert screen.first.text() == PHRASE


def test_a_code_that_was_found_wrong_later_is_shown_at_its_group(qtbot: QtBot) -> None:
    screen = enrol_screen(qtbot)
    fill(screen)
    screen.show_wrong_groups((2, 4), "Two groups do not fit.")
    assert "Groups 2 and 4" in screen.code.amiss.text()
    assert screen.code_line.selectedText() == CODE.split("-")[1]


def test_one_more_persons_form_begins_empty(qtbot: QtBot) -> None:
    screen = enrol_screen(qtbot)
    fill(screen)
    screen.set_person("Person 2")
    screen.empty()
    assert screen.back.isVisible()
    assert "Person 2" in screen.lead.text()
    assert [line.text() for line in screen.findChildren(QLineEdit)] == ["", "", "", ""]


def test_advice_on_the_passphrase_is_given_while_it_is_typed(qtbot: QtBot) -> None:
    new = NewPassphrase(too_short)
    qtbot.addWidget(new)
    new.show()
    type_words(new.first, "short")
    assert new.advice.text() == "Use at least 14 characters"
    type_words(new.first, " but now long enough")
    assert not new.advice.isVisible()


def test_a_long_problem_is_read_to_its_end(qtbot: QtBot, qapp: QApplication) -> None:
    screen = enrol_screen(qtbot)
    screen.resize(683, 768)
    screen.show_problem("This is not the office that made this code. " * 4)
    qapp.processEvents()
    [line] = screen.summary.buttons
    assert line.height() >= line.heightForWidth(line.width()) > 2 * line.fontMetrics().height()


def test_a_form_says_neither_code_nor_passphrase_when_it_is_printed() -> None:
    form = EnrolForm("https://office.example", CODE, PHRASE)
    assert CODE not in repr(form)
    assert PHRASE not in repr(form)
