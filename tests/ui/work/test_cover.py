"""The cover: everything out of sight at a key, and back just as it was."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QKeyCombination, Qt, QTimer
from PySide6.QtGui import (
    QAccessible,
    QAccessibleInterface,
    QImage,
    QKeyEvent,
    QKeySequence,
    QShortcut,
)
from PySide6.QtPrintSupport import QPrintDialog
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from hah_desktop.domain.fields import Reader
from hah_desktop.ui.everywhere import COVER_KEYS, LOCK_KEYS
from hah_desktop.ui.kit.blocks import Scroller
from hah_desktop.ui.kit.dates import DateEdit
from hah_desktop.ui.kit.inputs import ChoiceBox, Option
from hah_desktop.ui.screens.paper import PaperPage
from hah_desktop.ui.window import Window
from tests.ui.kit.hands import click, press, type_words
from tests.ui.work.at_window import HandSeconds, User, here
from tests.ui.work.made import question

PLANTED = "Kai M. said the night staff never come"
F12 = Qt.Key.Key_F12
ESCAPE = Qt.Key.Key_Escape


def cover(user: User) -> None:
    press(here(), F12)
    assert user.window.covering.is_on


def typing(user: User) -> None:
    """Be in the middle of a sentence."""
    work = user.unlock()
    user.begin(work)
    user.area().setFocus()
    type_words(user.area(), PLANTED)
    work.settle()


def fronts(user: User) -> list[QWidget]:
    return [w for w in QApplication.topLevelWidgets() if w.isVisible() and w is not user.window]


def spoken(thing: QAccessibleInterface) -> Iterator[str]:
    """All that a screen reader can reach from here and that is not out of sight."""
    state = thing.state()
    if state.invisible:
        return
    for what in (QAccessible.Text.Name, QAccessible.Text.Description, QAccessible.Text.Value):
        yield thing.text(what)
    for number in range(thing.childCount()):
        child = thing.child(number)
        if child is not None:
            yield from spoken(child)


def heard(window: Window) -> set[str]:
    top = QAccessible.queryAccessibleInterface(window)
    assert top is not None
    return {words for words in spoken(top) if words}


def paper(user: User) -> PaperPage:
    """Be at a finished document."""
    work = user.unlock()
    visit = user.begin(work)
    assert user.window.workplace is not None
    page = user.window.workplace.paper
    user.window.workplace._show_paper(visit, Reader.OFFICE)
    user.qtbot.waitUntil(page.is_drawn, timeout=30_000)
    return page


def saving(user: User) -> QFileDialog:
    """Be asked where a copy goes."""
    page = paper(user)
    click(page.save_button)
    click(page.save_button)
    dialog = page.findChild(QFileDialog)
    assert dialog is not None
    user.qtbot.waitExposed(dialog)
    return dialog


@pytest.mark.parametrize("keys", COVER_KEYS, ids=["F12", "Ctrl+B"])
def test_a_key_covers_and_the_same_key_uncovers(user: User, keys: QKeyCombination) -> None:
    typing(user)
    area = here()
    for covered in (True, False):
        press(here(), keys.key(), keys.keyboardModifiers())
        assert user.window.covering.is_on is covered
    assert here() is area


def test_a_covered_window_is_one_empty_ground(user: User) -> None:
    typing(user)
    cover(user)
    user.work()
    assert user.window.currentWidget() is user.window.covering.cover
    picture = user.window.grab().toImage()
    middle = picture.height() // 2
    away = [y for y in range(0, picture.height(), 7) if abs(y - middle) > 30]
    assert len({picture.pixel(x, y) for x in range(0, picture.width(), 7) for y in away}) == 1


def test_a_covered_window_looks_the_same_whatever_lies_below(user: User) -> None:
    user.unlock()
    cover(user)
    empty = user.window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    press(here(), F12)
    user.begin(user.work())
    type_words(user.area(), PLANTED)
    cover(user)
    full = user.window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    assert full == empty


def test_a_screen_reader_hears_that_it_is_covered_and_nothing_else(user: User) -> None:
    typing(user)
    assert PLANTED in heard(user.window)
    cover(user)
    assert heard(user.window) <= {"Covered", "Help at Hand"}


def test_typing_under_the_cover_changes_nothing(user: User) -> None:
    typing(user)
    area = user.area()
    cover(user)
    for key in (Qt.Key.Key_X, Qt.Key.Key_Tab, Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_F6):
        press(here(), key)
    press(here(), Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    press(here(), Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert here() is user.window.covering.cover
    press(here(), ESCAPE)
    assert area.toPlainText() == PLANTED
    assert here() is area
    assert area.textCursor().position() == len(PLANTED)


def test_a_key_that_is_held_down_covers_once(user: User) -> None:
    typing(user)
    cover(user)
    held = QKeyEvent(QEvent.Type.KeyPress, F12, Qt.KeyboardModifier.NoModifier, "", True, 1)
    QApplication.sendEvent(here(), held)
    assert user.window.covering.is_on


def test_the_cover_is_on_the_rail_for_the_mouse_and_leaves_the_focus(user: User) -> None:
    typing(user)
    area = here()
    assert user.window.workplace is not None
    button = user.window.workplace.shell.rail.cover
    assert "Cover" in button.accessibleName()
    click(button)
    assert user.window.covering.is_on
    press(here(), ESCAPE)
    assert here() is area


def test_the_page_is_where_it_was_scrolled_to(user: User) -> None:
    work = user.unlock()
    user.begin(work, "exit")
    assert user.window.workplace is not None
    middle = user.window.workplace.visit._middle
    scroller = middle.currentWidget()
    assert isinstance(scroller, Scroller)
    user.qtbot.waitUntil(lambda: scroller.verticalScrollBar().maximum() > 40)
    middle.go_back_to({"scroll": 37})
    user.qtbot.waitUntil(lambda: middle.place()["scroll"] == 37)
    cover(user)
    press(here(), ESCAPE)
    work.settle()
    assert middle.place()["scroll"] == 37


def test_a_file_dialog_is_covered_too_and_comes_back(user: User) -> None:
    dialog = saving(user)
    press(dialog, F12)
    assert user.window.covering.is_on
    assert fronts(user) == []
    press(here(), ESCAPE)
    assert dialog.isVisible()
    assert dialog.isModal()
    assert not user.window.covering.is_on


def test_a_file_dialog_that_was_covered_still_saves(user: User, tmp_path: Path) -> None:
    dialog = saving(user)
    press(dialog, F12)
    press(here(), F12)
    dialog.setDirectory(str(tmp_path))
    dialog.selectFile("afterwards.pdf")
    with user.qtbot.waitSignal(dialog.fileSelected):
        dialog.accept()
    user.qtbot.waitUntil((tmp_path / "afterwards.pdf").exists)


def test_the_question_whether_to_replace_a_file_is_not_answered_by_covering(
    user: User, tmp_path: Path
) -> None:
    dialog = saving(user)
    kept = tmp_path / "summary.pdf"
    kept.write_bytes(b"kept")
    dialog.setDirectory(str(tmp_path))
    dialog.selectFile("summary.pdf")
    seen: list[str] = []

    def cover_it() -> None:
        box = next(w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox))
        seen.append(box.text())
        press(box, F12)

    user.qtbot.waitExposed(dialog)
    QTimer.singleShot(0, cover_it)
    dialog.accept()
    assert "already exists" in seen[0]
    assert fronts(user) == []
    press(here(), ESCAPE)
    assert kept.read_bytes() == b"kept"


def test_the_printing_dialog_is_covered_too_and_comes_back(user: User) -> None:
    page = paper(user)
    click(page.print_button)
    dialog = page.findChild(QPrintDialog)
    assert isinstance(dialog, QDialog)
    assert dialog.isVisible()
    press(dialog, F12)
    assert fronts(user) == []
    press(here(), ESCAPE)
    assert dialog.isVisible()


def test_what_folds_out_is_folded_in(user: User) -> None:
    work = user.unlock()
    user.begin(work, "arrival")
    day = question(user.window, "Day of arrival").control
    assert isinstance(day, DateEdit)
    day.line.setFocus()
    day.open_calendar()
    press(here(), F12)
    assert user.window.covering.is_on
    assert fronts(user) == []
    press(here(), ESCAPE)
    assert here() is day.line
    box = ChoiceBox([Option("one", "One"), Option("two", "Two")], parent=user.window.workplace)
    box.show()
    box.setFocus()
    box.showPopup()
    press(here(), F12)
    assert fronts(user) == []


def test_a_window_that_comes_up_under_the_cover_is_not_seen(user: User) -> None:
    typing(user)
    cover(user)
    late = QDialog(user.window)
    late.open()
    user.qtbot.waitUntil(lambda: not late.isVisible())
    press(here(), ESCAPE)
    assert late.isVisible()
    late.reject()


def test_the_program_locks_under_the_cover_when_nobody_is_there(user: User, qtbot: QtBot) -> None:
    seconds = user.window.idle._wall = HandSeconds()
    typing(user)
    cover(user)
    with qtbot.waitSignal(user.window.locked, timeout=20_000):
        for _ in range(15):
            seconds.now += 20
            user.window.idle.tick()
    assert not user.window.covering.is_on
    assert user.window.currentWidget() is user.window.unlock_screen


def test_locking_under_the_cover_leads_back_to_the_very_word(user: User, qtbot: QtBot) -> None:
    typing(user)
    cover(user)
    with qtbot.waitSignal(user.window.locked, timeout=20_000):
        press(here(), LOCK_KEYS[0].key(), LOCK_KEYS[0].keyboardModifiers())
    user.unlock()
    assert here() is user.area()
    assert user.area().toPlainText() == PLANTED
    assert user.area().textCursor().position() == len(PLANTED)


def test_a_dialog_under_the_cover_is_gone_after_locking(user: User) -> None:
    dialog = saving(user)
    press(dialog, F12)
    gone: list[object] = []
    dialog.destroyed.connect(lambda: gone.append(None))
    del dialog
    user.lock()
    user.qtbot.waitUntil(lambda: bool(gone))
    assert fronts(user) == []


def test_a_locked_window_has_nothing_to_cover(user: User) -> None:
    press(user.window.unlock_screen.passphrase, F12)
    assert user.window.currentWidget() is user.window.unlock_screen


def test_no_shortcut_of_the_program_uses_those_keys(user: User) -> None:
    user.unlock()
    taken = {
        shortcut.key().toString(QKeySequence.SequenceFormat.PortableText)
        for shortcut in user.window.findChildren(QShortcut)
    }
    ours = {QKeySequence(keys).toString() for keys in COVER_KEYS}
    assert ours == {"F12", "Ctrl+B"}
    assert not taken & ours


@pytest.mark.parametrize("which", ["saving", "printing"])
def test_ctrl_l_locks_with_a_dialog_open(user: User, qtbot: QtBot, which: str) -> None:
    if which == "saving":
        dialog: QDialog = saving(user)
    else:
        page = paper(user)
        click(page.print_button)
        found = page.findChild(QPrintDialog)
        assert isinstance(found, QDialog)
        dialog = found
    with qtbot.waitSignal(user.window.locked, timeout=20_000):
        press(dialog, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
        assert fronts(user) == []
    assert user.window.currentWidget() is user.window.unlock_screen
    user.unlock()


def test_a_dialog_in_front_does_not_cost_the_place_when_it_locks(user: User) -> None:
    typing(user)
    dialog = QDialog(user.window)
    dialog.open()
    dialog.activateWindow()
    user.lock()
    user.unlock()
    assert here() is user.area()
    assert user.area().textCursor().position() == len(PLANTED)
