"""What every screen before the work shares: marking, the dark panel with facts, and one card."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from hah_desktop.ui.kit.access import announce
from hah_desktop.ui.kit.blocks import Card, Picture, ProgressLine, Scroller
from hah_desktop.ui.kit.buttons import LinkButton
from hah_desktop.ui.kit.fields import ErrorSummary, Problem
from hah_desktop.ui.kit.labels import Heading, Label, MarkingBar, Panel, TextKind
from hah_desktop.ui.kit.look import current_look
from hah_desktop.ui.kit.order import go_on, reading_order
from hah_desktop.ui.kit.page import Room, room_for
from hah_desktop.ui.kit.rail import PRODUCT, BrandMark

B = TypeVar("B", bound=QPushButton)
NARROW_CARD, WIDE_CARD = 430, 560
_WHAT_IT_IS = "Record visits, conversations and concerns.\nWorks without a connection."


@dataclass(frozen=True, slots=True)
class Fact:
    """One line about the laptop, known without unlocking it: never a name, never a record."""

    icon: str
    text: str


ENCRYPTED = Fact("lock", "Everything on this laptop is encrypted")


class Doorstep(QWidget):
    """One screen before the work. Escape asks to go back where there is a way back."""

    back_requested = Signal()
    help_requested = Signal()
    help_part = "door"

    def __init__(self, heading: str, *, width: int = NARROW_CARD) -> None:
        super().__init__()
        self.setWindowTitle(PRODUCT)
        self.setMinimumSize(480, 360)
        self.card = Card()
        self.card.setAccessibleName(heading)
        self.heading = Heading(heading, 1)
        self.lead = Label("", TextKind.MUTED)
        self.summary = ErrorSummary()
        self.progress = ProgressLine()
        self.progress.hide()
        self._card_width = width
        self._about = heading
        self.help = LinkButton("Help (F1)", "circle-question-mark", tone="quiet")
        self.help.clicked.connect(self.help_requested)
        self._panel = Panel("rail")
        self._first: QWidget = self.card
        self._inputs: tuple[QWidget, ...] = ()
        self._facts = QVBoxLayout()
        self._facts.setSpacing(12)
        self._lay_out()
        self.set_facts([ENCRYPTED])
        self._fit()
        current_look().changed.connect(self._fit)

    def _lay_out(self) -> None:
        body = self.card.body
        body.setContentsMargins(32, 28, 32, 32)
        for widget in (self.heading, self.lead, self.summary):
            body.addWidget(widget)
        self.lead.hide()
        self._fill_panel()
        ground = Panel("app")
        around = QVBoxLayout(ground)
        around.setContentsMargins(24, 24, 24, 24)
        around.addStretch(1)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.card, 100)
        row.addStretch(1)
        around.addLayout(row)
        around.addWidget(self.help, 0, Qt.AlignmentFlag.AlignHCenter)
        around.addStretch(1)
        halves = QHBoxLayout()
        halves.setSpacing(0)
        halves.addWidget(self._panel)
        halves.addWidget(Scroller(ground), 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(MarkingBar())
        layout.addLayout(halves, 1)

    def _fill_panel(self) -> None:
        column = QVBoxLayout(self._panel)
        column.setContentsMargins(56, 56, 40, 40)
        column.setSpacing(14)
        column.addWidget(BrandMark())
        column.addWidget(Label(PRODUCT, TextKind.PRODUCT))
        column.addWidget(Label(_WHAT_IT_IS, TextKind.RAIL_MUTED))
        column.addStretch(1)
        column.addLayout(self._facts)

    def help_place(self) -> tuple[str, str]:
        """Where the help is about this screen."""
        return self.help_part, self._about

    def set_facts(self, facts: Sequence[Fact]) -> None:
        """Show other facts at the foot of the dark panel."""
        while (old := self._facts.takeAt(0)) is not None:
            if (widget := old.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for fact in facts:
            self._facts.addWidget(_fact_line(fact))

    def set_lead(self, text: str) -> None:
        """Say why the person is here, as "Locked after 10 minutes without activity."."""
        self.lead.setText(text)
        self.lead.setVisible(bool(text))

    def show_problem(self, text: str) -> None:
        """Say what went wrong; the person may type again."""
        self.set_busy(busy=False)
        self.summary.show_problems([Problem(text, self._first)])

    def set_busy(self, busy: bool, text: str = "") -> None:  # noqa: FBT001 - a setter in Qt's manner
        """Show that something takes its time, and take no input meanwhile."""
        self.progress.set_progress(0, 0, text)
        self.progress.setVisible(busy)
        for widget in (*self._inputs, self.help):
            widget.setEnabled(not busy)
        if busy:
            announce(self, text)

    def clear(self) -> None:
        """Forget what was typed and what was wrong with it."""
        self.summary.clear()

    def empty(self) -> None:
        """Forget also what is left to be mended after a fault."""
        self.clear()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Go back on Escape."""
        if event.key() == Qt.Key.Key_Escape and self.progress.isHidden():
            self.back_requested.emit()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: FBT001, N802 - Qt's name
        """Go on in reading order, also through what was shown later."""
        return go_on(self, forward=forward)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Put the help last also for Qt, which gives a new screen's first stop the keyboard."""
        super().showEvent(event)
        for before in reading_order(self)[-2:-1]:
            self.setTabOrder(before, self.help)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Leave the dark panel out where there is no room for it."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        look = current_look()
        self._panel.setFixedWidth(look.px(440))
        self.card.setMaximumWidth(look.px(self._card_width))
        self._panel.setVisible(room_for(self.width(), look.scale) is not Room.NARROW)


def _fact_line(fact: Fact) -> QWidget:
    line = QWidget()
    row = QHBoxLayout(line)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(10)
    row.addWidget(Picture(fact.icon, "rail_muted"))
    row.addWidget(Label(fact.text, TextKind.RAIL_CAPTION), 1)
    return line


def wide(button: B) -> B:
    """Let a button fill the width of the card."""
    button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return button
