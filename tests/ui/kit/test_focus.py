"""The ring that shows where the keyboard is."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from hah_desktop.ui.kit.blocks import Scroller
from hah_desktop.ui.kit.buttons import SecondaryButton
from hah_desktop.ui.kit.look import Look
from hah_desktop.ui.kit.order import reading_order
from hah_desktop.ui.kit.theme import apply
from hah_desktop.ui.kit.tokens import ThemeName
from tests.ui.kit.gallery import show, shown, window
from tests.ui.kit.hands import click, press


def ring(shell: QWidget) -> QWidget | None:
    rings = shell.findChildren(QWidget, "focus-ring")
    return next((one for one in rings if one.isVisible()), None)


def pixels_of(image: QImage, colour: QColor) -> int:
    pixels = image.convertToFormat(QImage.Format.Format_RGB32)
    return memoryview(pixels.constBits()).cast("I").tolist().count(colour.rgb())


def test_every_stop_of_the_tab_key_is_ringed_in_two_tones(qtbot: QtBot, qapp: QApplication) -> None:
    made = shown(qtbot)
    for theme in ThemeName:
        look = apply(qapp, theme)
        for stop in reading_order(made.shell):
            stop.setFocus(Qt.FocusReason.TabFocusReason)
            qapp.processEvents()
            assert_ringed(made.shell, look, stop)


def assert_ringed(shell: QWidget, look: Look, stop: QWidget) -> None:
    overlay = ring(shell)
    assert overlay is not None, stop
    picture = shell.grab(overlay.geometry()).toImage()
    for tone in ("focus_outer", "focus_inner"):
        assert pixels_of(picture, look.colour(tone)) >= 60, (stop, tone)


def test_a_click_on_a_button_shows_no_ring(qtbot: QtBot, qapp: QApplication) -> None:
    made = shown(qtbot)
    made.form.where.control.setFocus()
    item = made.shell.rail.item("visits")
    click(item)
    qapp.processEvents()
    assert made.shell.focusWidget() is item
    assert ring(made.shell) is None


def test_a_click_into_a_text_input_shows_the_ring(qtbot: QtBot, qapp: QApplication) -> None:
    made = shown(qtbot)
    click(made.form.where.control)
    qapp.processEvents()
    assert ring(made.shell) is not None


def test_the_ring_follows_the_form_as_it_scrolls(qtbot: QtBot, qapp: QApplication) -> None:
    made = shown(qtbot)
    made.form.where.control.setFocus(Qt.FocusReason.TabFocusReason)
    qapp.processEvents()
    first = ring(made.shell)
    assert first is not None
    top = first.geometry().top()
    scroller = next(s for s in made.shell.findChildren(Scroller) if s.widget() is made.form.column)
    scroller.verticalScrollBar().setValue(40)
    qapp.processEvents()
    qapp.processEvents()
    again = ring(made.shell)
    assert again is not None
    assert again.geometry().top() == top - 40


def test_a_field_out_of_view_is_scrolled_to(qtbot: QtBot) -> None:
    made = shown(qtbot)
    made.form.words.setFocus(Qt.FocusReason.TabFocusReason)
    area = made.form.words.control
    qtbot.waitUntil(lambda: area.visibleRegion().boundingRect().height() == area.height())


def test_the_ring_outlives_the_window_it_was_on(qtbot: QtBot, qapp: QApplication) -> None:
    made = window()
    show(qtbot, made.shell, 1366, 768)
    made.form.where.control.setFocus(Qt.FocusReason.TabFocusReason)
    qapp.processEvents()
    made.shell.close()
    made.shell.deleteLater()
    qapp.processEvents()
    other = shown(qtbot)
    other.form.where.control.setFocus(Qt.FocusReason.TabFocusReason)
    qapp.processEvents()
    assert ring(other.shell) is not None


def test_the_tab_key_goes_in_reading_order_and_round(qtbot: QtBot) -> None:
    made = shown(qtbot)
    stops = reading_order(made.shell)
    stops[0].setFocus(Qt.FocusReason.TabFocusReason)
    for expected in [*stops[1:], stops[0]]:
        focused = made.shell.focusWidget()
        assert focused is not None
        press(focused, Qt.Key.Key_Tab)
        assert made.shell.focusWidget() is expected


def test_a_field_added_later_takes_its_place_in_reading_order(qtbot: QtBot) -> None:
    made = shown(qtbot)
    before = reading_order(made.shell)
    late = shown(qtbot).form.where
    made.form.column.body.insertWidget(0, late)
    qtbot.waitUntil(late.isVisible)
    after = reading_order(made.shell)
    assert after.index(late.control) == before.index(made.form.who.control)


def test_what_comes_above_it_later_does_not_push_the_focus_out_of_view(
    qtbot: QtBot, qapp: QApplication
) -> None:
    made = shown(qtbot)
    area = made.form.words.control
    made.form.words.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(lambda: area.visibleRegion().boundingRect().height() == area.height())
    late = QWidget()
    late.setFixedHeight(2_000)
    made.form.column.body.insertWidget(0, late)
    qtbot.waitUntil(late.isVisible)
    qtbot.waitUntil(lambda: area.visibleRegion().boundingRect().height() == area.height())
    # Whoever scrolls away from it is left there.
    scroller = next(s for s in made.shell.findChildren(Scroller) if s.widget() is made.form.column)
    scroller.verticalScrollBar().setValue(0)
    qapp.processEvents()
    qapp.processEvents()
    assert area.visibleRegion().isEmpty()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_a_button_that_has_the_focus_is_pressed_by_enter_as_by_the_space_bar(
    qtbot: QtBot, key: Qt.Key
) -> None:
    button = SecondaryButton("Write a file")
    qtbot.addWidget(button)
    button.show()
    with qtbot.waitSignal(button.clicked):
        press(button, key)
