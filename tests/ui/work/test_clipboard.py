"""Whatever is copied out of the program asks histories and clouds to leave it out."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QEvent, QMimeData, QStringListModel, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QPlainTextEdit,
    QTextBrowser,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from hah_desktop.ui.clipboard import MARKS, Marking, is_marked, selected
from hah_desktop.ui.everywhere import Everywhere
from hah_desktop.ui.kit.inputs import PassphraseEdit, SearchEdit, TextArea, TextLine
from hah_desktop.ui.parts.sheets import SheetText
from tests.ui.kit.hands import press

WORDS = "Kai M. said it is loud"
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def marking(qapp: QApplication) -> Iterator[Marking]:
    """What the window has: keys and menus are seen, and so is the clipboard."""
    made = Marking(qapp)
    everywhere = Everywhere(qapp, made.copies)
    everywhere.appeared.connect(made.watch_menu)
    yield made
    made.clear()
    for one in (everywhere, made):
        one.setParent(None)
        one.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def keys_alone(qapp: QApplication, marking: Marking) -> Marking:
    """As on Windows, where the clipboard tells of a change only later."""
    qapp.clipboard().changed.disconnect(marking._mark)
    return marking


marked_late = pytest.mark.usefixtures("marking")
marked_at_once = pytest.mark.usefixtures("keys_alone")


def line(made: QLineEdit) -> QLineEdit:
    made.setText(WORDS)
    return made


def area(made: QPlainTextEdit | QTextEdit) -> QWidget:
    made.setPlainText(WORDS)
    return made


def label() -> QLabel:
    made = QLabel(WORDS)
    made.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return made


def row() -> QListView:
    made = QListView()
    made.setModel(QStringListModel([WORDS], made))
    made.setCurrentIndex(made.model().index(0, 0))
    return made


PLACES: dict[str, Callable[[], QWidget]] = {
    "a line": lambda: line(TextLine()),
    "a search box": lambda: line(SearchEdit("Search")),
    "an area": lambda: area(TextArea()),
    "formatted text": lambda: area(QTextEdit()),
    "a browser": lambda: area(QTextBrowser()),
    "the document as text": lambda: area(SheetText()),
    "a label": label,
    "a row of a list": row,
}


def at(qtbot: QtBot, made: Callable[[], QWidget]) -> QWidget:
    widget = made()
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    widget.activateWindow()
    widget.setFocus()
    return widget


@marked_at_once
@pytest.mark.parametrize("made", PLACES.values(), ids=PLACES)
def test_what_is_copied_by_a_key_carries_every_mark_at_once(
    qtbot: QtBot, qapp: QApplication, made: Callable[[], QWidget]
) -> None:
    widget = at(qtbot, made)
    press(widget, Qt.Key.Key_A, CTRL)
    press(widget, Qt.Key.Key_C, CTRL)
    copied = qapp.clipboard().mimeData()
    assert qapp.clipboard().text() == WORDS
    assert {form: copied.data(form).data() for form in MARKS} == MARKS


@marked_at_once
@pytest.mark.parametrize("made", [PLACES["a line"], PLACES["an area"]], ids=["line", "area"])
def test_what_is_cut_carries_every_mark_and_can_be_put_back(
    qtbot: QtBot, qapp: QApplication, made: Callable[[], QWidget]
) -> None:
    widget = at(qtbot, made)
    press(widget, Qt.Key.Key_A, CTRL)
    press(widget, Qt.Key.Key_X, CTRL)
    assert is_marked(qapp.clipboard().mimeData())
    assert selected(widget) == ""
    press(widget, Qt.Key.Key_V, CTRL)
    press(widget, Qt.Key.Key_A, CTRL)
    assert selected(widget) == WORDS


@marked_at_once
def test_what_may_not_be_changed_is_not_cut(qtbot: QtBot) -> None:
    widget = at(qtbot, PLACES["the document as text"])
    press(widget, Qt.Key.Key_A, CTRL)
    press(widget, Qt.Key.Key_X, CTRL)
    assert selected(widget) == WORDS


@marked_late
def test_a_passphrase_is_never_copied(qtbot: QtBot, qapp: QApplication) -> None:
    widget = at(qtbot, lambda: line(PassphraseEdit()))
    press(widget, Qt.Key.Key_A, CTRL)
    press(widget, Qt.Key.Key_C, CTRL)
    press(widget, Qt.Key.Key_X, CTRL)
    assert qapp.clipboard().text() != WORDS


@marked_late
@pytest.mark.parametrize("made", PLACES.values(), ids=PLACES)
def test_what_is_copied_past_the_keys_carries_every_mark(
    qtbot: QtBot, qapp: QApplication, made: Callable[[], QWidget]
) -> None:
    widget = at(qtbot, made)
    press(widget, Qt.Key.Key_A, CTRL)
    qapp.clipboard().setText(selected(widget))
    assert qapp.clipboard().text() == WORDS
    assert is_marked(qapp.clipboard().mimeData())


@marked_at_once
@pytest.mark.parametrize(
    "made", [PLACES["a line"], PLACES["an area"], PLACES["a label"]], ids=["line", "area", "label"]
)
def test_what_is_copied_by_the_menu_carries_every_mark_at_once(
    qtbot: QtBot, qapp: QApplication, made: Callable[[], QWidget]
) -> None:
    widget = at(qtbot, made)
    press(widget, Qt.Key.Key_A, CTRL)
    middle = widget.rect().center()
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, middle, widget.mapToGlobal(middle))
    viewport = widget.viewport() if isinstance(widget, QPlainTextEdit) else widget
    qapp.sendEvent(viewport, asked)
    qtbot.waitUntil(lambda: isinstance(qapp.activePopupWidget(), QMenu))
    menu = qapp.activePopupWidget()
    assert isinstance(menu, QMenu)
    [copy] = [action for action in menu.actions() if action.objectName() == "edit-copy"]
    copy.trigger()
    menu.close()
    # The focus goes back to the window while there still is one.
    qapp.processEvents()
    assert qapp.clipboard().text() == WORDS
    assert is_marked(qapp.clipboard().mimeData())


def test_without_the_marking_there_is_no_mark(qtbot: QtBot, qapp: QApplication) -> None:
    widget = line(TextLine())
    qtbot.addWidget(widget)
    widget.selectAll()
    widget.copy()
    assert not is_marked(qapp.clipboard().mimeData())
    qapp.clipboard().clear()


@marked_late
def test_everything_else_that_is_copied_stays_as_it_was(qapp: QApplication) -> None:
    given = QMimeData()
    given.setText(WORDS)
    given.setHtml(f"<b>{WORDS}</b>")
    given.setData("application/x-invented", b"\x00\x01")
    qapp.clipboard().setMimeData(given)
    copied = qapp.clipboard().mimeData()
    assert (copied.text(), copied.html()) == (WORDS, f"<b>{WORDS}</b>")
    assert copied.data("application/x-invented").data() == b"\x00\x01"
    assert is_marked(copied)


def test_clearing_leaves_nothing(marking: Marking, qapp: QApplication) -> None:
    qapp.clipboard().setText(WORDS)
    marking.clear()
    assert not qapp.clipboard().text()
