"""The screens of a hard day at the door: they pass on what was typed, and keep none of it."""

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from hah_desktop.seals import letters
from hah_desktop.ui.kit.order import reading_order
from hah_desktop.ui.kit.theme import apply
from hah_desktop.ui.kit.tokens import ThemeName
from hah_desktop.ui.parts.doorstep import Doorstep
from hah_desktop.ui.screens.damaged import DamagedScreen, PutBack, WholeCopy
from hah_desktop.ui.screens.forgotten import ForgottenScreen, NewStart
from hah_desktop.ui.screens.lease import Contact, Extension, LeaseScreen
from hah_desktop.ui.screens.people import PeopleScreen
from hah_desktop.ui.screens.revoked import RevokedScreen
from hah_desktop.ui.screens.security import SecurityPage
from hah_desktop.ui.screens.set_up import EnrolScreen
from hah_desktop.ui.screens.unlock import UnlockScreen
from hah_desktop.vault.passphrase import problems
from tests.ui.kit.audit import beyond_reach, clipped, nameless, small_targets
from tests.ui.kit.hands import press, type_words

PHRASE = "seven quiet lamps wander"
CODE = letters.write("7K2M9QX4HT6VD3WPAB8NR5YC")
REQUEST = letters.write("K7MPQ2X4H9TD")
COPIES = (
    WholeCopy("a", "today 09:12", "3 changes saved since then would be missing."),
    WholeCopy("b", "yesterday 08:55", "21 changes saved since then would be missing."),
)


@pytest.fixture
def forgotten(qtbot: QtBot) -> ForgottenScreen:
    screen = ForgottenScreen(problems, letters.read)
    qtbot.addWidget(screen)
    screen.show_request(REQUEST)
    screen.show()
    return screen


@pytest.fixture
def lease(qtbot: QtBot) -> LeaseScreen:
    screen = LeaseScreen(letters.read)
    qtbot.addWidget(screen)
    screen.show_lease("This laptop has not been in contact for 30 days.", REQUEST)
    screen.show()
    return screen


@pytest.fixture
def damaged(qtbot: QtBot) -> DamagedScreen:
    screen = DamagedScreen()
    qtbot.addWidget(screen)
    screen.show_damage("The database is damaged.", COPIES)
    screen.show()
    return screen


@pytest.fixture
def revoked(qtbot: QtBot) -> RevokedScreen:
    screen = RevokedScreen()
    qtbot.addWidget(screen)
    screen.show()
    return screen


@pytest.fixture
def people(qtbot: QtBot) -> PeopleScreen:
    screen = PeopleScreen()
    qtbot.addWidget(screen)
    screen.show_people(["Person 1", "Early shift"], "Person 3")
    screen.show()
    return screen


def said(screen: Doorstep) -> list[str]:
    return [button.words for button in screen.summary.buttons]


# A forgotten passphrase


def test_code_and_new_passphrase_are_passed_on_and_the_passphrase_forgotten(
    forgotten: ForgottenScreen, qtbot: QtBot
) -> None:
    type_words(forgotten.code.line, CODE)
    press(forgotten.code.line, Qt.Key.Key_Return)
    assert QApplication.focusWidget() is forgotten.new.first
    type_words(forgotten.new.first, PHRASE)
    type_words(forgotten.new.second, PHRASE)
    with qtbot.waitSignal(forgotten.recover_requested) as told:
        press(forgotten.new.second, Qt.Key.Key_Return)
    assert told.args == [NewStart(CODE, PHRASE)]
    assert (forgotten.new.first.text(), forgotten.new.second.text()) == ("", "")
    assert PHRASE not in repr(told.args)


def test_what_is_missing_is_said_before_anything_is_tried(
    forgotten: ForgottenScreen, qtbot: QtBot
) -> None:
    with qtbot.assertNotEmitted(forgotten.recover_requested):
        forgotten.open.click()
    assert said(forgotten) == ["Type all 30 letters of the code", "Choose a passphrase"]


def test_enter_on_half_a_code_says_how_long_it_is(forgotten: ForgottenScreen) -> None:
    type_words(forgotten.code.line, CODE[:8])
    press(forgotten.code.line, Qt.Key.Key_Return)
    assert forgotten.code.field.problem.text() == "Type all 30 letters of the code"


def test_a_wrong_code_stays_to_be_mended(forgotten: ForgottenScreen) -> None:
    type_words(forgotten.code.line, CODE)
    forgotten.show_wrong_code("That is not the code for these letters.")
    assert forgotten.code.value() == CODE
    assert forgotten.code.field.problem.text() == "That is not the code for these letters."


def test_a_misheard_code_is_shown_at_its_group(forgotten: ForgottenScreen) -> None:
    type_words(forgotten.code.line, CODE)
    forgotten.show_wrong_groups((3,), "Group 3 does not fit.")
    assert forgotten.code.line.selectedText() == CODE.split("-")[2]


def test_new_letters_to_read_out_come_with_an_empty_form(forgotten: ForgottenScreen) -> None:
    type_words(forgotten.code.line, CODE)
    type_words(forgotten.new.first, PHRASE)
    forgotten.show_request(letters.write("K7MPQ2X4H9TE"))
    assert (forgotten.code.value(), forgotten.new.first.text()) == ("", "")
    assert "H9TE" in forgotten.letters.text()


# A laptop that was away too long


def test_connecting_takes_the_passphrase_and_shows_a_way_to_stop(
    lease: LeaseScreen, qtbot: QtBot
) -> None:
    type_words(lease.passphrase, PHRASE)
    with qtbot.waitSignal(lease.connect_requested) as told:
        press(lease.passphrase, Qt.Key.Key_Return)
    assert told.args == [Contact(PHRASE)]
    assert lease.passphrase.text() == ""
    lease.set_connecting("3 changes sent")
    assert not lease.connect_now.isEnabled()
    with qtbot.waitSignal(lease.stop_requested):
        lease.stop.click()
    assert not lease.stop.isEnabled()
    lease.show_problem("The office did not answer.")
    assert not lease.stop.isVisible()
    assert lease.connect_now.isEnabled()


def test_an_office_that_lost_the_laptop_is_asked_with_its_code(
    lease: LeaseScreen, qtbot: QtBot
) -> None:
    assert lease.lost.isHidden()
    lease.show_lost("The office does not know this laptop.")
    assert not lease.lost.isHidden()
    type_words(lease.lost.line, CODE)
    type_words(lease.passphrase, PHRASE)
    with qtbot.waitSignal(lease.connect_requested) as told:
        press(lease.lost.line, Qt.Key.Key_Return)
    assert told.args == [Contact(PHRASE, CODE)]
    assert CODE not in repr(told.args)
    press(lease.lost.line, Qt.Key.Key_Backspace)
    type_words(lease.passphrase, PHRASE)
    with qtbot.assertNotEmitted(lease.connect_requested):
        lease.connect_now.click()
    assert said(lease) == ["Type all 30 letters of the code"]
    lease.empty()
    assert (lease.lost.isHidden(), lease.lost.value()) == (True, "")


def test_a_code_by_telephone_goes_with_the_passphrase(lease: LeaseScreen, qtbot: QtBot) -> None:
    type_words(lease.passphrase, PHRASE)
    type_words(lease.code.line, CODE)
    with qtbot.waitSignal(lease.extend_requested) as told:
        press(lease.code.line, Qt.Key.Key_Return)
    assert told.args == [Extension(PHRASE, CODE)]
    assert CODE not in repr(told.args)


def test_nobody_connects_without_the_passphrase(lease: LeaseScreen, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(lease.connect_requested):
        lease.connect_now.click()
    assert said(lease) == ["Enter your passphrase"]
    with qtbot.assertNotEmitted(lease.extend_requested):
        lease.use_code.click()
    assert said(lease) == ["Enter your passphrase", "Type all 30 letters of the code"]


def test_a_misheard_code_for_another_while_is_shown_at_its_group(lease: LeaseScreen) -> None:
    type_words(lease.code.line, CODE)
    lease.show_wrong_groups((1,), "Group 1 does not fit.")
    assert lease.code.line.selectedText() == CODE.split("-")[0]


# Records that cannot be opened


def test_the_newest_copy_is_offered_and_put_back_by_two_presses(
    damaged: DamagedScreen, qtbot: QtBot
) -> None:
    type_words(damaged.passphrase, PHRASE)
    with qtbot.assertNotEmitted(damaged.put_back_requested):
        press(damaged.passphrase, Qt.Key.Key_Return)
    assert "today 09:12" in damaged.put_back.warning.label.text()
    assert "3 changes" in damaged.put_back.warning.label.text()
    with qtbot.waitSignal(damaged.put_back_requested) as told:
        damaged.put_back.button.click()
    assert told.args == [PutBack("a", PHRASE)]
    assert damaged.passphrase.text() == ""


def test_another_choice_is_asked_about_anew(damaged: DamagedScreen, qtbot: QtBot) -> None:
    type_words(damaged.passphrase, PHRASE)
    damaged.put_back.button.click()
    assert damaged.choice is not None
    damaged.choice.buttons[1].click()
    assert not damaged.put_back.warning.isVisible()
    damaged.put_back.button.click()
    assert "yesterday 08:55" in damaged.put_back.warning.label.text()
    with qtbot.waitSignal(damaged.put_back_requested) as told:
        damaged.put_back.button.click()
    assert told.args == [PutBack("b", PHRASE)]


def test_no_copy_is_put_back_without_the_passphrase(damaged: DamagedScreen) -> None:
    damaged.put_back.button.click()
    assert damaged.field.problem.text() == "Enter your passphrase"
    assert not damaged.put_back.warning.isVisible()


def test_without_a_whole_copy_there_is_only_the_office(
    damaged: DamagedScreen, qtbot: QtBot
) -> None:
    damaged.show_damage("The database is damaged.", ())
    assert damaged.none.isVisible()
    assert not damaged.put_back.isVisible()
    assert not damaged.passphrase.isVisible()
    with qtbot.waitSignal(damaged.close_requested):
        damaged.shut.click()


# A laptop that the office has closed


def test_what_still_waits_for_the_office_is_sent_again_or_copied(
    revoked: RevokedScreen, qtbot: QtBot, tmp_path: Path
) -> None:
    revoked.show_state("The office closed this laptop on 24 November 2026.", waits=True)
    with qtbot.waitSignal(revoked.send_requested):
        revoked.send.click()
    revoked.copy.click()
    dialog = revoked.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    with qtbot.waitSignal(revoked.copy_requested) as told:
        dialog.fileSelected.emit(str(tmp_path / "sealed"))
    assert told.args == [tmp_path / "sealed"]
    dialog.close()
    revoked.show_done("The sealed file was copied.")
    assert revoked.done.isVisible()


def test_where_nothing_waits_there_is_nothing_to_do(revoked: RevokedScreen) -> None:
    revoked.show_state("The office closed this laptop on 24 November 2026.", waits=False)
    assert revoked.nothing.isVisible()
    assert reading_order(revoked) == [revoked.shut, revoked.help]


# Several people


def test_a_person_is_chosen_by_number(people: PeopleScreen, qtbot: QtBot) -> None:
    assert [button.words for button in people.buttons] == ["Person 1", "Early shift"]
    with qtbot.waitSignal(people.chosen) as told:
        press(people.buttons[1], Qt.Key.Key_Space)
    assert told.args == [1]


def test_one_more_person_is_called_as_suggested_or_as_typed(
    people: PeopleScreen, qtbot: QtBot
) -> None:
    people.more.click()
    assert people.heading.text() == "Add somebody"
    with qtbot.waitSignal(people.add_requested) as told:
        press(people.name, Qt.Key.Key_Return)
    assert told.args == ["Person 3"]
    type_words(people.name, "Night shift")
    with qtbot.waitSignal(people.add_requested) as told:
        people.go_on.click()
    assert told.args == ["Night shift"]


def test_nobody_is_added_without_something_to_call_them(people: PeopleScreen, qtbot: QtBot) -> None:
    people.show_adding("")
    with qtbot.assertNotEmitted(people.add_requested):
        people.go_on.click()
    assert said(people) == ["Say what to call them"]


# Every size and theme


def every_screen() -> dict[str, Doorstep]:
    """Each screen with as much on it as there can be."""
    unlock = UnlockScreen()
    unlock.set_person("Person 2")
    set_up = EnrolScreen(problems, letters.read)
    set_up.set_person("Person 2")
    forgotten = ForgottenScreen(problems, letters.read)
    forgotten.show_request(REQUEST)
    lease = LeaseScreen(letters.read)
    lease.show_lease("This laptop has not been in contact with the office for 30 days.", REQUEST)
    damaged = DamagedScreen()
    damaged.show_damage("The database on this laptop is damaged.", COPIES)
    damaged.passphrase.setText(PHRASE)
    damaged.put_back.button.click()
    revoked = RevokedScreen()
    revoked.show_state("The office closed this laptop on 24 November 2026.", waits=True)
    revoked.set_alone(False)
    people = PeopleScreen()
    people.show_people(["Person 1", "Early shift"], "Person 3")
    adding = PeopleScreen()
    adding.show_adding("Person 3")
    made = (unlock, set_up, forgotten, lease, damaged, revoked, people, adding)
    return {f"{type(screen).__name__} {number}": screen for number, screen in enumerate(made)}


class Flashes(QObject):
    """Notes every window that shows itself."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if isinstance(watched, QWidget) and watched.isWindow() and event.type() is QEvent.Type.Show:
            self.seen.append(type(watched).__name__)
        return False


def test_nothing_flashes_up_while_the_screens_are_made(qtbot: QtBot, qapp: QApplication) -> None:
    flashes = Flashes()
    qapp.installEventFilter(flashes)
    made = [*every_screen().values(), SecurityPage(problems)]
    qapp.removeEventFilter(flashes)
    for screen in made:
        qtbot.addWidget(screen)
    assert flashes.seen == []


@pytest.mark.parametrize("theme", list(ThemeName))
@pytest.mark.parametrize(
    ("width", "height", "scale"), [(1366, 768, 1.0), (1366, 768, 2.0), (683, 384, 1.0)]
)
def test_nothing_is_cut_off_nameless_or_out_of_reach(
    qtbot: QtBot, qapp: QApplication, theme: ThemeName, width: int, height: int, scale: float
) -> None:
    apply(qapp, theme, scale)
    found = {}
    for name, screen in every_screen().items():
        qtbot.addWidget(screen)
        screen.resize(width, height)
        screen.show()
        for state in ("at first", "with a problem"):
            for _ in range(4):
                qapp.processEvents()
            found[name, state] = [
                *clipped(screen),
                *beyond_reach(screen),
                *nameless(screen),
                *small_targets(screen),
            ]
            screen.show_problem("The office did not answer. Nothing was lost. Try again later.")
    assert {key: words for key, words in found.items() if words} == {}


def test_the_tab_key_reaches_everything_and_leaves_nothing_out(qtbot: QtBot) -> None:
    for screen in every_screen().values():
        qtbot.addWidget(screen)
        with qtbot.waitExposed(screen):
            screen.show()
        screen.activateWindow()
        stops = reading_order(screen)
        stops[0].setFocus()
        met = []
        for _ in stops:
            focused = QApplication.focusWidget()
            assert focused is not None
            met.append(focused)
            press(focused, Qt.Key.Key_Tab)
        assert met == stops
        screen.hide()
