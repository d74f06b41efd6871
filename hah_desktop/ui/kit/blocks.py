"""Blocks of a page: cards, summary lists, progress, notices, empty states, the form's column."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from hah_desktop.ui.kit.buttons import IconButton, PrimaryButton
from hah_desktop.ui.kit.flow import FlowLayout
from hah_desktop.ui.kit.icons import paint_icon
from hah_desktop.ui.kit.labels import Heading, Label, TextKind
from hah_desktop.ui.kit.look import current_look


class Card(QFrame):
    """One section of a page under its heading; fields are added below one another or in a row."""

    def __init__(self, heading: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.setAccessibleName(heading)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(20, 20, 20, 20)
        self.body.setSpacing(16)
        if heading:
            self.body.addWidget(Heading(heading, 3))

    def add(self, widget: QWidget) -> None:
        """Put a widget at the end."""
        self.body.addWidget(widget)

    def add_row(self, *widgets: QWidget) -> None:
        """Put widgets side by side at the end, as many to a line as there is room for."""
        row = FlowLayout(gap=12)
        for widget in widgets:
            row.addWidget(widget)
        self.body.addLayout(row)


class FormColumn(QWidget):
    """The column of a form: as wide as reads well, left-aligned, cards below one another."""

    def __init__(self) -> None:
        super().__init__()
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(24, 20, 24, 24)
        self.body.setSpacing(18)
        # Not AlignTop: a layout that is aligned gets no more than its size hint, and words that
        # wrap onto one line more than they hoped for would be cut off.
        self.body.addStretch(1)
        self._limit()
        current_look().changed.connect(self._limit)

    def _limit(self) -> None:
        self.setMaximumWidth(current_look().px(680) + 48)

    def add(self, widget: QWidget) -> None:
        """Put a widget at the end."""
        self.body.insertWidget(self.body.count() - 1, widget)


class Scroller(QScrollArea):
    """Scrolls one widget up and down, never sideways."""

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.setWidget(content)
        content.setAutoFillBackground(False)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Lay out anew: sizes that changed while hidden are not noticed by Qt."""
        super().showEvent(event)
        content = self.widget()
        layout = content.layout() if content else None
        if layout is not None:
            layout.invalidate()


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """A question and its answer; `change` is the key given when the person wants to change it."""

    label: str
    value: str


class SummaryList(QWidget):
    """Answers to read over: label and value, beside each other or `stacked`."""

    def __init__(self, *, stacked: bool = False) -> None:
        super().__init__()
        self._stacked = stacked
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(2 if stacked else 12)
        self._grid.setColumnStretch(0 if stacked else 1, 1)

    def set_rows(self, rows: Sequence[SummaryRow]) -> None:
        """Show other answers."""
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for number, row in enumerate(rows):
            self._add(number, row)

    def _add(self, number: int, row: SummaryRow) -> None:
        top = Qt.AlignmentFlag.AlignTop
        value = Label(row.value)
        if self._stacked:
            self._grid.addWidget(Label(row.label, TextKind.CAPTION), number * 3, 0)
            self._grid.addWidget(value, number * 3 + 1, 0)
            self._grid.setRowMinimumHeight(number * 3 + 2, 8)
        else:
            self._grid.addWidget(Label(row.label, TextKind.STRONG), number, 0, top)
            self._grid.addWidget(value, number, 1, top)


class ProgressLine(QWidget):
    """How far something is, as a bar and in words; without a total it only shows that it runs."""

    def __init__(self) -> None:
        super().__init__()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.words = Label("", TextKind.CAPTION)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.bar)
        layout.addWidget(self.words)
        self.set_progress(0, 0, "")

    def set_progress(self, done: int, total: int, words: str) -> None:
        """Show that `done` of `total` are done; a total of 0 means that nobody knows."""
        self.bar.setRange(0, max(total, 0))
        self.bar.setValue(done)
        self.bar.setAccessibleName(words or "Progress")
        self.words.setText(words)
        self.words.setVisible(bool(words))


class Notice(QFrame):
    """Something to know before going on; tones: info, warn, bad, ok."""

    dismissed = Signal()

    def __init__(
        self,
        text: str,
        tone: str = "info",
        *,
        dismissable: bool = False,
    ) -> None:
        super().__init__()
        self.setProperty("tone", tone)
        self.label = Label(text)
        self.dismiss = IconButton("x", "Dismiss this notice")
        self.dismiss.clicked.connect(self._dismiss)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.addWidget(self.label, 1)
        layout.addWidget(self.dismiss, 0, Qt.AlignmentFlag.AlignTop)
        # Not before it has its place: shown without one it would be a window of its own.
        self.dismiss.setVisible(dismissable)
        self.setAccessibleName(text)

    def _dismiss(self) -> None:
        self.hide()
        self.dismissed.emit()

    def set_text(self, text: str) -> None:
        """Say something else."""
        self.label.setText(text)
        self.setAccessibleName(text)


class Picture(QWidget):
    """An icon as a picture in the page; says nothing to screen readers, the words beside it do."""

    def __init__(self, icon_name: str, colour: str = "muted", side: int = 18) -> None:
        super().__init__()
        self._icon = icon_name
        self._colour = colour
        self._side = side
        self._size()
        current_look().changed.connect(self._size)

    def _size(self) -> None:
        side = current_look().px(self._side)
        self.setFixedSize(side, side)

    def show_icon(self, icon_name: str, colour: str) -> None:
        """Show another icon."""
        self._icon, self._colour = icon_name, colour
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw it in the colours in force."""
        painter = QPainter(self)
        paint_icon(painter, self.rect(), self._icon, current_look().colour(self._colour))


class EmptyState(QWidget):
    """What a list says when it is empty, and what to do about it."""

    act_requested = Signal()

    def __init__(
        self,
        heading: str,
        text: str,
        *,
        icon_name: str = "inbox",
        act: str = "",
    ) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 40, 24, 24)
        layout.setSpacing(8)
        layout.addWidget(Picture(icon_name, side=32))
        layout.addWidget(Heading(heading, 3))
        layout.addWidget(Label(text, TextKind.MUTED))
        if act:
            self.button = PrimaryButton(act)
            self.button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            self.button.clicked.connect(self.act_requested)
            layout.addSpacing(8)
            layout.addWidget(self.button)
        layout.addStretch(1)
