"""The window's frame: what it shows at which width, and what it never shows."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from hah_desktop.ui.kit.blocks import FormColumn, Scroller
from hah_desktop.ui.kit.buttons import PrimaryButton
from hah_desktop.ui.kit.inputs import TextLine
from hah_desktop.ui.kit.labels import Heading, MarkingBar
from hah_desktop.ui.kit.page import Page, Room, room_for
from hah_desktop.ui.kit.page_area import PageArea, is_low
from hah_desktop.ui.kit.stepper import Step, Stepper
from hah_desktop.ui.kit.theme import apply
from hah_desktop.ui.kit.tokens import ThemeName
from hah_desktop.ui.shell import Shell
from tests.ui.kit.gallery import STEPS, shown
from tests.ui.kit.hands import press


@pytest.mark.parametrize(
    ("width", "scale", "room"),
    [
        (1366, 1.0, Room.WIDE),
        (1240, 1.0, Room.WIDE),
        (1239, 1.0, Room.MIDDLE),
        (940, 1.0, Room.MIDDLE),
        (939, 1.0, Room.NARROW),
        (1366, 1.25, Room.MIDDLE),
        (1366, 2.0, Room.NARROW),
    ],
)
def test_room_follows_the_width_at_the_size_of_text(width: int, scale: float, room: Room) -> None:
    assert room_for(width, scale) is room


def test_a_wide_window_shows_list_form_and_side_panel(qtbot: QtBot) -> None:
    made = shown(qtbot)
    assert len(made.page.panes()) == 4
    assert made.shell.rail.width() == 216


def test_a_middle_window_keeps_the_side_panel_behind_its_button(qtbot: QtBot) -> None:
    made = shown(qtbot, 1000)
    assert len(made.page.panes()) == 3
    assert made.shell.rail.width() == 64
    made.page.side_button.click()
    assert len(made.page.panes()) == 4


def test_a_narrow_window_shows_the_list_first_then_the_form_and_back(qtbot: QtBot) -> None:
    made = shown(qtbot, 683, 384)
    assert not made.form.column.isVisible()
    made.page.show_form()
    assert made.form.column.isVisible()
    back = made.shell.status.back_button
    assert back.isVisible()
    back.click()
    assert not made.form.column.isVisible()
    assert not back.isVisible()


def test_larger_text_has_the_same_effect_as_a_narrower_window(
    qtbot: QtBot, qapp: QApplication
) -> None:
    made = shown(qtbot)
    apply(qapp, ThemeName.LIGHT, 2.0)
    assert made.shell.rail.width() == 128
    assert not made.form.column.isVisible()


def test_acts_that_do_not_fit_go_into_the_menu_and_still_act(qtbot: QtBot) -> None:
    made = shown(qtbot, 683, 384)
    menu = made.page.footer.menu()
    assert [entry.text() for entry in menu.actions()] == ["Mark as declined"]
    pressed: list[str] = []
    made.page.footer.acts[0].clicked.connect(lambda: pressed.append("declined"))
    menu.actions()[0].trigger()
    assert pressed == ["declined"]


def test_the_window_title_never_names_anybody(qtbot: QtBot) -> None:
    made = shown(qtbot)
    made.page.set_title("Conversation with Wren Test-Oakley")
    made.shell.setWindowTitle("Conversation with Wren Test-Oakley")
    assert made.shell.windowTitle() == "Help at Hand"


def test_every_window_is_marked(qtbot: QtBot) -> None:
    made = shown(qtbot, 683, 384)
    marking = made.shell.findChild(MarkingBar)
    assert marking is not None
    assert marking.isVisible()
    assert marking.text() == "OFFICIAL-SENSITIVE"


def test_ctrl_l_asks_for_the_lock(qtbot: QtBot) -> None:
    made = shown(qtbot)
    with qtbot.waitSignal(made.shell.lock_requested):
        press(made.shell, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    with qtbot.waitSignal(made.shell.lock_requested):
        made.shell.rail.lock.click()


def test_f6_goes_round_the_parts_of_the_window_and_remembers_the_place(qtbot: QtBot) -> None:
    made = shown(qtbot)
    made.form.where.setFocus()
    for _ in range(6):
        press(made.shell, Qt.Key.Key_F6)
    assert made.shell.focusWidget() is made.form.where.control


def test_saved_and_received_are_different_words(qtbot: QtBot) -> None:
    made = shown(qtbot)
    status = made.shell.status
    assert status.saved.text() == "Saved on this laptop at 14:32"
    assert status.standing.text() == "3 changes only on this laptop"
    with qtbot.waitSignal(made.shell.only_here_requested):
        status.standing.click()
    made.shell.set_standing("All received by the office 14:05", "All received", received=True)
    assert status.standing.text() == "All received by the office 14:05"
    made.shell.set_standing("", "", received=True)
    assert not status.standing.isVisible()


def test_on_a_low_screen_the_page_scrolls_with_its_header_and_has_a_whole_view(
    qtbot: QtBot, qapp: QApplication
) -> None:
    apply(qapp, ThemeName.LIGHT, 2.0)
    made = shown(qtbot, 683, 384)
    area = made.shell.findChild(PageArea)
    assert isinstance(area, PageArea)
    bar, view = area.verticalScrollBar(), area.viewport().height()
    assert bar.maximum() >= made.page.header.height() > view / 2
    bar.setValue(bar.maximum())
    made.shell.show_page(made.shell.here)
    assert bar.value() == bar.maximum()
    made.shell.resize(1366, 1000)
    qtbot.waitUntil(lambda: bar.maximum() == 0)


def test_only_a_low_window_is_low() -> None:
    assert is_low(384, 2.0)
    assert not is_low(384, 1.0)
    assert not is_low(768, 2.0)


def test_another_page_brings_its_own_buttons(qtbot: QtBot) -> None:
    made = shown(qtbot)
    made.shell.show_page("places")
    assert not made.page.footer.isVisible()
    made.shell.show_page("visits")
    assert made.page.footer.isVisible()


def test_a_page_says_something_new_at_its_foot_at_once(qtbot: QtBot) -> None:
    made = shown(qtbot)
    made.page.note = "2 of 3 decided"
    assert made.shell.status.note.isVisible()
    assert made.shell.status.note.text() == "2 of 3 decided"


def test_the_rail_says_where_one_is_and_what_waits(qtbot: QtBot) -> None:
    made = shown(qtbot)
    heard = QAccessible.queryAccessibleInterface(made.shell.rail.item("visits"))
    assert heard.text(QAccessible.Text.Name) == "Visits, 3 waiting, this page"
    made.shell.show_page("places")
    made.shell.set_badge("visits", 0)
    heard = QAccessible.queryAccessibleInterface(made.shell.rail.item("visits"))
    assert heard.text(QAccessible.Text.Name) == "Visits"


def test_a_page_outside_the_rail_can_be_shown(qtbot: QtBot) -> None:
    made = shown(qtbot)
    with pytest.raises(KeyError):
        made.shell.show_page("nowhere")


def test_headings_are_heard_as_headings(qtbot: QtBot) -> None:
    heading = Heading("About this conversation", 3)
    qtbot.addWidget(heading)
    heard = QAccessible.queryAccessibleInterface(heading)
    assert heard.role() == QAccessible.Role.Heading
    assert heard.text(QAccessible.Text.Name) == "About this conversation"


def test_steps_are_tabs_that_say_whether_they_are_done(qtbot: QtBot) -> None:
    stepper = Stepper(STEPS)
    qtbot.addWidget(stepper)
    heard = QAccessible.queryAccessibleInterface(stepper)
    assert heard.role() == QAccessible.Role.PageTabList
    first = heard.child(0)
    assert first.role() == QAccessible.Role.PageTab
    assert first.text(QAccessible.Text.Name) == "1 Plan, done"


def test_the_arrow_keys_walk_through_the_steps(qtbot: QtBot) -> None:
    stepper = Stepper(STEPS)
    qtbot.addWidget(stepper)
    stepper.resize(900, 44)
    stepper.show()
    stepper.set_current("record")
    with qtbot.waitSignal(stepper.chosen) as told:
        press(stepper, Qt.Key.Key_Right)
    assert told.args == ["conversations"]


def test_setting_a_step_by_program_tells_nobody(qtbot: QtBot) -> None:
    stepper = Stepper(STEPS)
    qtbot.addWidget(stepper)
    told: list[str] = []
    stepper.chosen.connect(told.append)
    stepper.set_current("actions")
    stepper.set_steps([*STEPS, Step("after", "After the visit")])
    assert told == []
    assert stepper.current() == "actions"


def with_pages(qtbot: QtBot, first: Page, second: Page) -> Shell:
    """A window with two pages, the first in front."""
    shell = Shell()
    qtbot.addWidget(shell)
    shell.add_page("first", "house", "Conversations", first)
    shell.add_page("second", "refresh-cw", "Sync", second)
    shell.resize(1366, 768)
    with qtbot.waitExposed(shell):
        shell.show()
    shell.activateWindow()
    return shell


def test_from_a_button_at_the_foot_the_keyboard_goes_along_to_the_next_page(qtbot: QtBot) -> None:
    first, second = Page("Conversations"), Page("Sync")
    go = PrimaryButton("See them under Sync")
    first.set_footer(go)
    line = TextLine()
    column = FormColumn()
    column.add(line)
    second.set_form(column)
    shell = with_pages(qtbot, first, second)
    go.setFocus()
    shell.show_page("second")
    assert QApplication.focusWidget() is line


def test_a_page_that_is_come_to_is_shown_from_its_top(qtbot: QtBot) -> None:
    first, second = Page("Conversations"), Page("Sync")
    made_first, line, here = PrimaryButton("Far below"), TextLine(), TextLine()
    column = FormColumn()
    column.add(line)
    far = QWidget()
    far.setMinimumHeight(2000)
    column.add(far)
    column.add(made_first)
    second.set_form(column)
    start = FormColumn()
    start.add(here)
    first.set_form(start)
    shell = with_pages(qtbot, first, second)
    here.setFocus()
    shell.show_page("second")
    assert QApplication.focusWidget() is line
    bars = [s.verticalScrollBar() for s in second.findChildren(Scroller) if s.isVisible()]
    assert any(bar.maximum() > 0 for bar in bars)
    assert [bar.value() for bar in bars] == [0] * len(bars)
