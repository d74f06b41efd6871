"""A person at the program's own window: finds things by their words, types, clicks and looks."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QPushButton, QWidget

from hah_desktop.ui.kit.blocks import Scroller
from hah_desktop.ui.kit.fields import LabelledField
from hah_desktop.ui.kit.inputs import ChoiceBox
from hah_desktop.ui.kit.lists import RowList, RowRole
from hah_desktop.ui.kit.ticks import CheckGroup, RadioGroup
from hah_desktop.ui.window import Window

W = TypeVar("W", bound=QWidget)
Said = Callable[[str], None]

PATIENCE_S = 120.0
LOOK_EVERY_MS = 5


class NotThere(AssertionError):
    """What a person would look for is not on the screen."""


class Hands:
    """One person at one window."""

    def __init__(self, window: Window) -> None:
        self.window = window

    def until(self, true: Callable[[], object], what: str) -> None:
        """Wait, with the window alive, until something is so."""
        deadline = time.monotonic() + PATIENCE_S
        while not true():
            if time.monotonic() > deadline:
                raise NotThere(f"waited {PATIENCE_S:.0f} s in vain: {what}")
            loop = QEventLoop()
            QTimer.singleShot(LOOK_EVERY_MS, loop.quit)
            loop.exec()

    def settle(self) -> None:
        """Wait until the database has answered everything that was asked of it."""
        for _ in range(2):  # an answer may ask once more
            session = self.window.session
            if session is None:
                return
            answered: list[None] = []
            session.read(lambda _connection: None, answered.append)
            self.until(lambda: answered, "the database answers")  # noqa: B023 - waited for here

    def find(self, kind: type[W], said: Callable[[W], bool], what: str) -> W:
        """The one thing of a kind on the screen of which something is so."""
        found = [
            w for w in self.window.findChildren(kind) if w.isVisibleTo(self.window) and said(w)
        ]
        if not found:
            raise NotThere(what)
        return found[0]

    def press(self, words: str) -> None:
        """Press the button of that name."""
        button = self.find(
            QPushButton,
            lambda b: words in (b.text().replace("&&", "&"), b.accessibleName()),
            f"the button “{words}”",
        )
        if not button.isEnabled():
            raise NotThere(f"the button “{words}” can be pressed")
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        self.settle()

    def field(self, words: str) -> LabelledField:
        """The field with that question."""
        return self.find(LabelledField, lambda f: f.words == words, f"the field “{words}”")

    def fill(self, words: str, answer: str) -> None:
        """Answer a question as a person does: by typing, or by choosing the answer's words."""
        control = self.field(words).control
        if isinstance(control, ChoiceBox):
            _choose_in_box(control, answer)
        elif isinstance(control, RadioGroup | CheckGroup):
            _tick(control, answer)
        else:
            line = getattr(control, "line", control)
            self.type_into(line, answer)
        self.settle()

    def type_into(self, line: QWidget, text: str) -> None:
        """Type into a line or an area, in place of what stands there."""
        line.setFocus()
        if isinstance(line, QLineEdit | QPlainTextEdit):
            line.selectAll()
        QTest.keyClicks(line, text)

    def choose_row(self, words: str) -> None:
        """Click on a row of the list on the screen."""
        rows = self.find(RowList, lambda _list: True, "a list")
        model = rows.model()
        for number in range(model.rowCount()):
            index = model.index(number, 0)
            spoken = str(index.data(Qt.ItemDataRole.AccessibleTextRole))
            if words in spoken:
                rows.scrollTo(index)
                place = rows.visualRect(index).center()
                QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
                self.settle()
                return
        raise NotThere(f"a row with “{words}”")

    def row_keys(self) -> list[str]:
        """The keys of the rows on the screen."""
        model = self.find(RowList, lambda _list: True, "a list").model()
        return [str(model.index(n, 0).data(RowRole.KEY)) for n in range(model.rowCount())]

    def show_top(self) -> None:
        """Scroll everything back to its top, for a picture."""
        for scroller in self.window.findChildren(Scroller):
            scroller.verticalScrollBar().setValue(0)

    def picture(self, path: Path) -> None:
        """Keep what is on the screen."""
        self.settle()
        QTest.mouseMove(self.window, QPoint(1, 1))
        self.window.grab().save(str(path))


def _choose_in_box(box: ChoiceBox, answer: str) -> None:
    index = box.findText(answer)
    if index < 0:
        offered = [box.itemText(i) for i in range(box.count())]
        raise NotThere(f"the answer “{answer}” among {offered}")
    box.setFocus()
    box.setCurrentIndex(index)
    box.activated.emit(index)


def _tick(group: RadioGroup | CheckGroup, answer: str) -> None:
    buttons = group.buttons if isinstance(group, RadioGroup) else group.boxes
    for button in buttons:
        if button.text().replace("&&", "&") == answer:
            QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(8, button.height() // 2))
            return
    raise NotThere(f"the answer “{answer}” among {[b.text() for b in buttons]}")
