"""Inputs for words, times and choices. Each has value(), set_value() and a signal edited.

`edited` speaks of the person's own edits only, never of set_value().
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from hah_desktop.ui.kit.icons import paint_icon
from hah_desktop.ui.kit.look import current_look


@dataclass(frozen=True, slots=True)
class Option:
    """One answer a person may choose: the key is kept, the label is shown."""

    key: str
    label: str
    hint: str = ""


class TextLine(QLineEdit):
    """One line of words."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.textEdited.connect(self.edited)

    def value(self) -> str:
        """Give the words without the spaces around them."""
        return self.text().strip()

    def set_value(self, value: str) -> None:
        """Show other words."""
        if value != self.value():
            self.setText(value)


class SearchEdit(TextLine):
    """A search box with a magnifier; its words arrive by `edited`, Enter by returnPressed."""

    def __init__(self, prompt: str) -> None:
        super().__init__()
        self.setPlaceholderText(prompt)
        # Without a description of its own Qt reads the prompt twice.
        self.setAccessibleName(prompt)
        self.setAccessibleDescription("Type to search")

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw it in the colours in force."""
        super().paintEvent(event)
        look = current_look()
        side = look.px(16)
        painter = QPainter(self)
        box = QRect(look.px(9), (self.height() - side) // 2, side, side)
        paint_icon(painter, box, "search", look.colours.muted)


class PassphraseEdit(QLineEdit):
    """A passphrase: shown as dots, forgotten with its undo history by wipe()."""

    def __init__(self) -> None:
        super().__init__()
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhNoAutoUppercase
        )
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)

    def show_words(self, shown: bool) -> None:  # noqa: FBT001 - connected to a tick box
        """Show the words or dots."""
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.setEchoMode(mode)

    def wipe(self) -> None:
        """Empty the field, with what undo would bring back."""
        # clear() could be undone; setText starts a new history.
        self.setText("")


_TIME = re.compile(r"([01]?\d|2[0-3])[:.h ]?([0-5]\d)")


def read_time(text: str) -> dt.time | None:
    """Read a time of a 24-hour clock, as "14:05", "1405" or "9.30"; None if it is none."""
    match = _TIME.fullmatch(text.strip())
    return dt.time(int(match[1]), int(match[2])) if match else None


class TimeEdit(TextLine):
    """A time of a 24-hour clock, typed; what cannot be read stays as it was typed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMaxLength(8)
        self.setInputMethodHints(Qt.InputMethodHint.ImhPreferNumbers)
        self.editingFinished.connect(self._tidy)
        self._keep_narrow()
        current_look().changed.connect(self._keep_narrow)

    def _keep_narrow(self) -> None:
        self.setMaximumWidth(current_look().px(160))

    def _tidy(self) -> None:
        time = read_time(self.text())
        if time is not None:
            self.setText(f"{time:%H:%M}")

    def is_readable(self) -> bool:
        """Say whether the field is empty or holds a time."""
        return not self.text().strip() or read_time(self.text()) is not None

    def value(self) -> dt.time | None:  # type: ignore[override]
        """Give the time; None if the field is empty or cannot be read."""
        return read_time(self.text())

    def set_value(self, value: dt.time | None) -> None:  # type: ignore[override]
        """Show another time."""
        if value != self.value() or (value is None and self.text()):
            self.setText(f"{value:%H:%M}" if value else "")


class TextArea(QPlainTextEdit):
    """Several lines of words; grows with them; Tab leaves it."""

    edited = Signal()

    def __init__(self, lines: int = 4, most_lines: int = 24, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = lines
        self._most_lines = max(lines, most_lines)
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.textChanged.connect(self._changed)
        self.cursorPositionChanged.connect(self._show_cursor)
        self.document().documentLayout().documentSizeChanged.connect(self._grow)
        current_look().changed.connect(self._grow)

    def value(self) -> str:
        """Give the words as they were typed."""
        return self.toPlainText()

    def set_value(self, value: str) -> None:
        """Show other words; the history of undo starts anew."""
        if value != self.value():
            with QSignalBlocker(self):
                self.setPlainText(value)
            self._grow()

    def _changed(self) -> None:
        self.edited.emit()

    def _grow(self) -> None:
        self.updateGeometry()

    def _show_cursor(self) -> None:
        """Keep the line being typed in view when the text is taller than the page."""
        parent = self.parentWidget()
        while self.hasFocus() and parent is not None:
            if isinstance(parent, QScrollArea):
                parent.ensureWidgetVisible(self, 0, 24)
            parent = parent.parentWidget()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Fit what is shown to the new width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Give the size it would like."""
        self.ensurePolished()
        shown = min(max(round(self.document().size().height()), self._lines), self._most_lines)
        frame = self.height() - self.viewport().height() if self.isVisible() else 16
        margin = round(2 * self.document().documentMargin())
        height = shown * self.fontMetrics().lineSpacing() + margin + max(frame, 4) + 2
        return QSize(320, height)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Give the least size that clips nothing."""
        return QSize(80, self.sizeHint().height())

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Leave the wheel to the page."""
        bar = self.verticalScrollBar()
        if self.hasFocus() and bar.maximum() > 0:
            super().wheelEvent(event)
        else:
            # The page scrolls on; a text area must not swallow the wheel in passing.
            event.ignore()


class ChoiceBox(QComboBox):
    """One answer out of a list that folds out; nothing is chosen until somebody chooses."""

    edited = Signal()

    def __init__(
        self,
        options: Sequence[Option] = (),
        *,
        prompt: str = "Choose",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setPlaceholderText(prompt)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_options(options)
        self.activated.connect(lambda _index: self.edited.emit())

    def set_options(self, options: Sequence[Option]) -> None:
        """Offer other answers; the chosen one stays chosen if it is still offered."""
        chosen = self.value()
        with QSignalBlocker(self):
            self.clear()
            for option in options:
                self.addItem(option.label, option.key)
            self.setCurrentIndex(self._index_of(chosen))

    def value(self) -> str | None:
        """Give the key of the chosen answer; None if nothing is chosen."""
        key = self.currentData()
        return key if isinstance(key, str) else None

    def set_value(self, value: str | None) -> None:
        """Choose the answer with that key; an unknown key or None chooses nothing."""
        with QSignalBlocker(self):
            self.setCurrentIndex(self._index_of(value))
        self.update()

    def _index_of(self, key: str | None) -> int:
        return -1 if key is None else self.findData(key)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Act on the keys Qt does not."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.modifiers():
            self.showPopup()
            return
        super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Leave the wheel to the page."""
        # Scrolling the page over a folded list must not change an answer.
        event.ignore()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw it in the colours in force."""
        look = current_look()
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        if self.currentIndex() < 0:
            option.currentText = self.placeholderText()
        room = self.width() - look.px(46)
        option.currentText = option.fontMetrics.elidedText(
            option.currentText, Qt.TextElideMode.ElideRight, room
        )
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        side = look.px(18)
        box = QRect(self.width() - look.px(9) - side, (self.height() - side) // 2, side, side)
        paint_icon(
            painter,
            box,
            "chevron-down",
            look.colours.text if self.isEnabled() else look.colours.disabled,
        )
