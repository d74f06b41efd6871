"""The help: there wherever somebody is, about that screen, without a mouse, and gone at lock."""

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from hah_desktop.ui.help.parts import PARTS, Place, contents
from hah_desktop.ui.help.window import NOTHING, HelpWindow
from hah_desktop.ui.kit.rail import PRODUCT
from hah_desktop.ui.kit.theme import apply
from hah_desktop.ui.kit.tokens import ThemeName
from hah_desktop.ui.parts.choosing import ask_for_file
from hah_desktop.ui.parts.sticks_card import SticksCard
from hah_desktop.ui.screens.visit import steps
from hah_desktop.ui.workplace import PLACES, VISIT, Workplace
from tests.ui.kit.audit import beyond_reach, clipped, nameless, small_targets
from tests.ui.kit.hands import click, press, type_words
from tests.ui.work.at_window import User, here
from tests.ui.work.made import question

CTRL = Qt.KeyboardModifier.ControlModifier


def help_of(user: User) -> HelpWindow | None:
    return user.window.inside.helping.window


def opened(user: User) -> HelpWindow:
    """The help after F1."""
    press(here(), Qt.Key.Key_F1)
    found = help_of(user)
    assert found is not None
    user.qtbot.waitUntil(found.isActiveWindow)
    return found


def closed(user: User) -> None:
    """Nothing of the help, after Escape, and the keyboard in the window again."""
    press(here(), Qt.Key.Key_Escape)
    assert help_of(user) is None
    user.qtbot.waitUntil(user.window.isActiveWindow)


def workplace(user: User) -> Workplace:
    assert user.window.workplace is not None
    return user.window.workplace


def test_f1_opens_the_help_about_the_page_on_show(user: User) -> None:
    user.unlock()
    workplace(user).shell.show_page(PLACES)
    found = opened(user)
    assert found.text.place == Place(PLACES)
    assert found.text.toPlainText().startswith("Places")
    assert QApplication.focusWidget() is found.text


def test_every_page_of_the_shell_has_its_part_of_the_help(user: User) -> None:
    user.unlock()
    shell = workplace(user).shell
    assert set(shell._pages) <= set(PARTS)
    for key in shell._pages:
        shell.show_page(key)
        assert opened(user).text.place.part == key
        closed(user)


def test_every_step_of_a_visit_has_its_heading_in_the_help(user: User) -> None:
    work = user.unlock()
    user.begin(work)
    for step, _ in steps.STEPS:
        workplace(user).visit.show_step(step)
        work.settle()
        assert opened(user).text.place == Place(VISIT, steps.TITLES[step])
        closed(user)


def test_every_screen_before_the_work_has_its_place_in_the_help(user: User) -> None:
    door = user.window.door
    found = {section.place for section in contents()}
    places = {
        Place(*screen.help_place())
        for screen in (
            user.window.unlock_screen,
            door.enrol_screen,
            door.household.screen,
            door.ended.screen,
            door.hard_day.lease,
            door.hard_day.damaged,
        )
    }
    assert len(places) == 6
    assert places <= found
    assert door.hard_day.forgotten.help_place()[0] == "forgotten"


def test_the_help_is_there_while_the_program_is_locked(user: User) -> None:
    click(user.window.unlock_screen.help)
    found = help_of(user)
    assert found is not None
    assert found.text.place == Place("door", "Unlock")


def test_while_the_door_is_busy_the_keyboard_does_not_go_to_the_help(user: User) -> None:
    screen = user.window.unlock_screen
    screen.forgotten.setFocus()
    screen.set_busy(True, "Looking for the way in by telephone")
    assert not screen.help.hasFocus()
    assert not screen.help.isEnabled()


def test_the_rail_has_a_way_to_the_help(user: User) -> None:
    user.unlock()
    click(workplace(user).shell.rail.help)
    found = help_of(user)
    assert found is not None
    assert found.text.place == Place("visits")


def test_escape_closes_the_help_and_the_focus_is_where_it_was(user: User) -> None:
    work = user.unlock()
    user.begin(work)
    area = user.area()
    area.setFocus()
    type_words(area, "Calm")
    opened(user)
    closed(user)
    assert here() is area
    type_words(here(), " until noon")
    assert area.toPlainText() == "Calm until noon"


def test_the_help_leaves_what_is_being_typed_and_read_as_it_is(user: User) -> None:
    work = user.unlock()
    user.begin(work, "arrival")
    before = workplace(user).visit.place()
    opened(user)
    work.settle()
    assert workplace(user).visit.place() == before
    assert question(user.window, "Who met us").isVisible()


def test_f1_again_shows_the_part_about_the_page_that_is_on_show_by_then(user: User) -> None:
    user.unlock()
    first = opened(user)
    user.window.activateWindow()
    workplace(user).shell.show_page(PLACES)
    user.window.inside.helping.open()
    assert help_of(user) is first
    assert first.text.place == Place(PLACES)


def test_f1_in_the_help_leads_back_to_what_is_about_the_screen(user: User) -> None:
    user.unlock()
    workplace(user).shell.show_page(PLACES)
    found = opened(user)
    found.open_at(Place("keys"))
    assert opened(user) is found
    assert found.text.place == Place(PLACES)


def asked(user: User, parent: QWidget) -> QFileDialog:
    """A dialog that has to be answered first."""
    dialog = ask_for_file(parent, "Which file did you get?", lambda _path: None)
    user.qtbot.waitUntil(dialog.isActiveWindow)
    return dialog


def test_f1_before_a_dialog_opens_the_help_and_it_can_be_used(user: User) -> None:
    work = user.unlock()
    user.begin(work)
    dialog = asked(user, workplace(user).visit)
    found = opened(user)
    assert found.text.place == Place(VISIT, steps.TITLES[steps.RECORD])
    assert QApplication.focusWidget() is found.text
    press(here(), Qt.Key.Key_Escape)
    assert help_of(user) is None
    user.qtbot.waitUntil(dialog.isActiveWindow)
    assert dialog.isVisible()
    dialog.reject()


def test_the_help_of_a_dialog_goes_with_it(user: User) -> None:
    user.unlock()
    dialog = asked(user, workplace(user).visit)
    opened(user)
    dialog.reject()
    assert help_of(user) is None
    user.qtbot.waitUntil(user.window.isActiveWindow)


def test_the_help_opens_again_after_a_dialog_has_gone_with_its_page(user: User) -> None:
    user.unlock()
    page = QWidget(user.window)
    asked(user, page)
    opened(user)
    # As when the office takes the visit back meanwhile: nothing of it says that it is finished.
    page.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    user.window.activateWindow()
    user.qtbot.waitUntil(user.window.isActiveWindow)
    user.window.inside.helping.open()
    found = help_of(user)
    assert found is not None
    assert found.isVisible()


def test_help_that_was_open_before_a_dialog_comes_before_it(user: User) -> None:
    user.unlock()
    opened(user)
    user.window.activateWindow()
    dialog = asked(user, workplace(user).visit)
    found = opened(user)
    assert found.parentWidget() is dialog
    dialog.reject()


def test_the_help_of_a_dialog_about_sticks_is_about_sticks(user: User) -> None:
    user.unlock()
    card = user.window.findChildren(SticksCard)[0]
    dialog = asked(user, card)
    assert opened(user).text.place == Place("sticks")
    dialog.reject()


def test_nothing_of_the_help_is_left_once_the_program_is_locked(user: User) -> None:
    user.unlock()
    opened(user)
    user.lock()
    assert help_of(user) is None
    assert [w for w in QApplication.topLevelWidgets() if w.isVisible()] == [user.window]


def test_ctrl_l_in_the_help_locks_the_program(user: User, qtbot: QtBot) -> None:
    user.unlock()
    opened(user)
    with qtbot.waitSignal(user.window.locked):
        press(here(), Qt.Key.Key_L, CTRL)


def test_covering_the_screen_hides_the_help_and_uncovering_shows_it_again(user: User) -> None:
    user.unlock()
    found = opened(user)
    press(here(), Qt.Key.Key_F12)
    assert not found.isVisible()
    user.qtbot.waitUntil(user.window.isActiveWindow)
    press(here(), Qt.Key.Key_F1)
    assert not found.isVisible()
    press(here(), Qt.Key.Key_F12)
    assert found.isVisible()


def test_the_window_of_the_help_is_titled_as_every_other(user: User) -> None:
    assert opened(user).windowTitle() == PRODUCT


@pytest.fixture
def alone(user: User) -> HelpWindow:
    """The help over the lock screen, open at the first part."""
    found = opened(user)
    found.open_at(Place("start"))
    return found


def listed(window: HelpWindow) -> list[str]:
    model = window.headings.model()
    return [str(model.index(row, 0).data()).strip() for row in range(model.rowCount())]


def test_all_parts_are_listed_with_the_headings_of_the_one_on_show(alone: HelpWindow) -> None:
    parts = [one.title for one in contents() if not one.place.heading]
    assert set(parts) <= set(listed(alone))
    assert "When somebody comes in" in listed(alone)
    assert "Set up this laptop" not in listed(alone)


def test_no_heading_is_cut_in_the_list(alone: HelpWindow) -> None:
    for part in PARTS:
        alone.open_at(Place(part))
        room = alone.headings.viewport().width()
        assert alone.headings.sizeHintForColumn(0) <= room, part


def test_headings_are_searched_and_opened_by_keys_alone(alone: HelpWindow) -> None:
    press(here(), Qt.Key.Key_F, CTRL)
    assert here() is alone.search
    type_words(here(), "call READ groups")
    assert listed(alone) == ["A forgotten passphrase", "What to do"]
    assert alone.found.text() == "1 heading"
    press(here(), Qt.Key.Key_Tab)
    assert here() is alone.headings
    press(here(), Qt.Key.Key_Home, CTRL)
    press(here(), Qt.Key.Key_Down)
    press(here(), Qt.Key.Key_Return)
    assert alone.text.place == Place("forgotten", "What to do")
    assert here() is alone.text


def test_what_is_sought_and_nowhere_is_said_to_be_nowhere(alone: HelpWindow) -> None:
    alone.search.setFocus()
    type_words(alone.search, "hovercraft")
    assert listed(alone) == []
    assert alone.found.text() == NOTHING
    assert alone.found.isVisible()
    press(alone.search, Qt.Key.Key_Return)
    assert alone.text.place == Place("start")


def test_enter_in_the_search_box_opens_the_first_that_was_found(alone: HelpWindow) -> None:
    alone.search.setFocus()
    type_words(alone.search, "sealed stick")
    press(alone.search, Qt.Key.Key_Return)
    first = next(one for one in contents() if one.has("sealed stick"))
    assert alone.text.place == first.place


def test_a_heading_that_is_opened_stands_at_the_top(alone: HelpWindow) -> None:
    alone.open_at(Place("office", "Set aside by the office"))
    top = alone.text.cursorRect().top()
    assert alone.text.textCursor().block().text() == "Set aside by the office"
    assert 0 <= top < 60


def test_links_lead_to_other_parts_and_open_nothing_else(
    alone: HelpWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    went: list[object] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", went.append)
    alone.text.setFocus()
    press(here(), Qt.Key.Key_Tab)
    assert alone.text.textCursor().selectedText() == "Places"
    press(here(), Qt.Key.Key_Return)
    assert alone.text.place == Place("places")
    assert went == []


def test_tab_goes_through_the_whole_window_and_round(alone: HelpWindow) -> None:
    alone.open_at(Place("preferences"))
    alone.search.setFocus()
    seen = []
    for _ in range(5):
        seen.append(here())
        press(here(), Qt.Key.Key_Tab)
    # The text stops at its one link before Tab leaves it.
    assert seen == [alone.search, alone.headings, alone.text, alone.text, alone.shut]
    assert here() is alone.search


def findings(found: HelpWindow) -> list[str]:
    return clipped(found) + beyond_reach(found) + nameless(found) + small_targets(found)


@pytest.mark.parametrize("theme", ThemeName)
@pytest.mark.parametrize(
    ("width", "height", "scale"), [(1366, 768, 1.0), (1366, 768, 2.0), (683, 384, 2.0)]
)
def test_nothing_of_the_help_is_cut_off_or_out_of_reach(
    user: User, qapp: QApplication, theme: ThemeName, width: int, height: int, scale: float
) -> None:
    apply(qapp, theme, scale)
    user.window.resize(width, height)
    found = opened(user)
    assert found.width() <= width
    assert found.height() <= height
    found.open_at(Place("visit"))
    qapp.processEvents()
    assert findings(found) == []
    found._show_headings()
    qapp.processEvents()
    assert findings(found) == []


def test_where_there_is_little_room_headings_and_text_take_turns(
    user: User, qapp: QApplication
) -> None:
    apply(qapp, ThemeName.LIGHT, 2.0)
    user.window.resize(683, 384)
    found = opened(user)
    assert found.text.isVisible()
    assert not found.headings.isVisible()
    click(found.to_headings)
    assert here() is found.headings
    assert not found.text.isVisible()
    press(here(), Qt.Key.Key_Home, CTRL)
    press(here(), Qt.Key.Key_Return)
    assert here() is found.text
    assert found.text.place == Place("start")


def test_the_help_follows_the_colours_and_the_size_of_text(
    alone: HelpWindow, qapp: QApplication
) -> None:
    alone.open_at(Place("office", "Set aside by the office"))
    look = apply(qapp, ThemeName.DARK, 2.0)
    assert alone.text.document().defaultFont().pixelSize() == look.px(15)
    assert alone.text.textCursor().block().text() == "Set aside by the office"
