"""Inputs: what was typed is what is read, and only a person's edit counts as one."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from hah_desktop.domain.days import in_words
from hah_desktop.ui.kit.dates import DateEdit, read_date
from hah_desktop.ui.kit.inputs import (
    ChoiceBox,
    Option,
    PassphraseEdit,
    TextArea,
    TextLine,
    TimeEdit,
    read_time,
)
from hah_desktop.ui.kit.ticks import CheckBox, CheckGroup, RadioGroup
from tests.ui.kit.hands import press, type_words

OPTIONS = (Option("p", "In person"), Option("t", "Phone & text"), Option("v", "Video"))


@given(st.times())
def test_a_time_written_on_a_24_hour_clock_is_read_back(time: dt.time) -> None:
    assert read_time(f"{time:%H:%M}") == time.replace(second=0, microsecond=0)


@pytest.mark.parametrize(
    ("typed", "time"),
    [("1405", dt.time(14, 5)), ("9.30", dt.time(9, 30)), (" 09:30 ", dt.time(9, 30))],
)
def test_times_are_read_as_people_type_them(typed: str, time: dt.time) -> None:
    assert read_time(typed) == time


@pytest.mark.parametrize("typed", ["", "25:05", "14:60", "2pm", "14", "1:2"])
def test_what_is_no_time_is_not_guessed_at(typed: str) -> None:
    assert read_time(typed) is None


@given(st.dates(min_value=dt.date(1900, 1, 1)))
def test_a_date_in_words_is_read_back(date: dt.date) -> None:
    assert read_date(in_words(date)) == date
    assert read_date(date.isoformat()) == date
    assert read_date(f"{date.day}/{date.month}/{date.year}") == date


@pytest.mark.parametrize("typed", ["", "31 February 2025", "12 mch 2025", "12/13/2025", "tomorrow"])
def test_what_is_no_date_is_not_guessed_at(typed: str) -> None:
    assert read_date(typed) is None


def test_dates_are_written_in_english_words() -> None:
    assert in_words(dt.date(2025, 3, 12)) == "12 March 2025"


def test_a_wrong_time_stays_as_it_was_typed(qtbot: QtBot) -> None:
    edit = TimeEdit()
    qtbot.addWidget(edit)
    type_words(edit, "25:05")
    press(edit, Qt.Key.Key_Return)
    assert edit.text() == "25:05"
    assert edit.value() is None
    assert not edit.is_readable()


def test_a_time_is_tidied_when_the_person_goes_on(qtbot: QtBot) -> None:
    edit = TimeEdit()
    qtbot.addWidget(edit)
    type_words(edit, "905")
    press(edit, Qt.Key.Key_Return)
    assert edit.text() == "09:05"
    assert edit.value() == dt.time(9, 5)


def test_a_picked_day_is_an_edit(qtbot: QtBot) -> None:
    edit = DateEdit()
    qtbot.addWidget(edit)
    edit.set_value(dt.date(2025, 3, 12))
    edit.show()
    edit.button.click()
    calendar = QApplication.activePopupWidget()
    assert calendar is not None
    with qtbot.waitSignal(edit.edited):
        press(QApplication.focusWidget() or calendar, Qt.Key.Key_Right)
        press(QApplication.focusWidget() or calendar, Qt.Key.Key_Return)
    assert edit.value() == dt.date(2025, 3, 13)
    assert edit.line.text() == "13 March 2025"


def test_setting_a_value_is_not_an_edit(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    line, area, time = TextLine(holder), TextArea(parent=holder), TimeEdit(holder)
    choice, radio = ChoiceBox(OPTIONS, parent=holder), RadioGroup(OPTIONS, parent=holder)
    checks, box = CheckGroup(OPTIONS, parent=holder), CheckBox("Yes", holder)
    heard: list[str] = []
    for control in (line, area, time, choice, radio, checks, box):
        control.edited.connect(lambda: heard.append("edited"))
    line.set_value("Family room")
    area.set_value("“I like it here.”")
    time.set_value(dt.time(14, 5))
    choice.set_value("v")
    radio.set_value("t")
    checks.set_value(["p", "v"])
    box.set_value(True)
    assert not heard
    assert (line.value(), area.value(), time.value()) == (
        "Family room",
        "“I like it here.”",
        dt.time(14, 5),
    )
    assert (choice.value(), radio.value(), checks.value()) == ("v", "t", ("p", "v"))


def test_a_click_on_an_answer_is_an_edit(qtbot: QtBot) -> None:
    radio = RadioGroup(OPTIONS)
    qtbot.addWidget(radio)
    with qtbot.waitSignal(radio.edited):
        radio.buttons[2].click()
    assert radio.value() == "v"


def test_an_answer_can_be_taken_back(qtbot: QtBot) -> None:
    radio = RadioGroup(OPTIONS)
    qtbot.addWidget(radio)
    radio.set_value("t")
    radio.set_value(None)
    assert radio.value() is None


def test_a_choice_keeps_its_answer_when_the_options_change(qtbot: QtBot) -> None:
    choice = ChoiceBox(OPTIONS)
    qtbot.addWidget(choice)
    choice.set_value("v")
    choice.set_options((Option("n", "None"), Option("v", "Video")))
    assert choice.value() == "v"
    choice.set_options((Option("n", "None"),))
    assert choice.value() is None


def test_scrolling_over_a_folded_list_changes_no_answer(qtbot: QtBot) -> None:
    choice = ChoiceBox(OPTIONS)
    qtbot.addWidget(choice)
    choice.set_value("t")
    choice.show()
    wheel = QWheelEvent(
        QPointF(5, 5),
        QPointF(5, 5),
        QPoint(0, 0),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(choice, wheel)
    assert choice.value() == "t"
    assert not wheel.isAccepted()


def test_an_ampersand_in_an_answer_is_shown_and_is_no_shortcut(qtbot: QtBot) -> None:
    radio = RadioGroup(OPTIONS)
    qtbot.addWidget(radio)
    assert radio.buttons[1].accessibleName() == "Phone & text"
    assert radio.buttons[1].shortcut().isEmpty()


def test_a_text_area_grows_with_its_words_up_to_a_limit(qtbot: QtBot) -> None:
    holder = QWidget()
    column = QVBoxLayout(holder)
    area = TextArea(lines=3, most_lines=8)
    column.addWidget(area)
    column.addStretch(1)
    qtbot.addWidget(holder)
    holder.resize(400, 700)
    holder.show()
    small = area.height()
    area.set_value("\n".join(["A line"] * 6))
    qtbot.waitUntil(lambda: area.height() > small)
    assert not area.verticalScrollBar().isVisible()
    six = area.height()
    area.set_value("\n".join(["A line"] * 60))
    qtbot.waitUntil(lambda: area.height() > six)
    assert area.height() < 300


def test_tab_leaves_a_text_area(qtbot: QtBot) -> None:
    holder = QWidget()
    column = QVBoxLayout(holder)
    area, line = TextArea(), TextLine()
    column.addWidget(area)
    column.addWidget(line)
    qtbot.addWidget(holder)
    holder.show()
    area.setFocus()
    press(area, Qt.Key.Key_Tab)
    assert holder.focusWidget() is line
    assert area.value() == ""


def test_a_wiped_passphrase_cannot_be_undone(qtbot: QtBot) -> None:
    edit = PassphraseEdit()
    qtbot.addWidget(edit)
    type_words(edit, "correct horse battery")
    edit.wipe()
    edit.undo()
    assert edit.text() == ""
    assert not edit.isUndoAvailable()


@pytest.mark.parametrize("make", [CheckGroup, RadioGroup])
def test_a_long_answer_takes_more_lines_and_not_more_width(
    qtbot: QtBot, make: type[CheckGroup | RadioGroup]
) -> None:
    long = "It stays between us, unless I think that you or another child is not safe"
    group = make([Option("short", "How to reach us"), Option("long", long)])
    qtbot.addWidget(group)
    group.resize(260, 300)
    group.show()
    short, wrapped = group.boxes if isinstance(group, CheckGroup) else group.buttons
    assert wrapped.width() <= 260
    qtbot.waitUntil(lambda: wrapped.height() > 1.5 * short.height())
    assert not wrapped.geometry().intersects(short.geometry())
    QTest.mouseClick(wrapped, Qt.MouseButton.LeftButton, pos=QPoint(60, wrapped.height() - 4))
    assert wrapped.isChecked(), "a click on its last line counts too"


def test_a_long_word_makes_no_input_wider_than_its_place(qtbot: QtBot) -> None:
    choice = ChoiceBox([Option("x", "A very long name of a place " * 20)])
    qtbot.addWidget(choice)
    choice.set_value("x")
    assert choice.sizeHint().width() < 400
    QApplication.sendPostedEvents(choice, QEvent.Type.LayoutRequest)
