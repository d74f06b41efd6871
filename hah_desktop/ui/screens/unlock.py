"""The two screens before the work: unlock, and the first run. Views only: they know no key."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from hah_desktop.ui.kit.access import announce
from hah_desktop.ui.kit.blocks import Card, Picture, ProgressLine, Scroller
from hah_desktop.ui.kit.buttons import LinkButton, PrimaryButton
from hah_desktop.ui.kit.fields import ErrorSummary, LabelledField, Problem
from hah_desktop.ui.kit.inputs import PassphraseEdit, TextLine
from hah_desktop.ui.kit.labels import Heading, Label, MarkingBar, Panel, TextKind
from hah_desktop.ui.kit.look import current_look
from hah_desktop.ui.kit.page import Room, room_for
from hah_desktop.ui.kit.rail import PRODUCT, BrandMark
from hah_desktop.ui.kit.ticks import CheckBox


@dataclass(frozen=True, slots=True)
class Fact:
    """One line about the laptop, known without unlocking it: never a name, never a record."""

    icon: str
    text: str


_WHAT_IT_IS = "Record visits, conversations and concerns.\nWorks without a connection."
ENCRYPTED = Fact("lock", "Everything on this laptop is encrypted")


@dataclass(frozen=True, slots=True)
class EnrolForm:
    """What a new user of the laptop gave."""

    office_address: str
    code: str = field(repr=False)
    passphrase: str = field(repr=False)


class _Doorstep(QWidget):
    """What both screens share: marking, the dark panel with facts, and one card."""

    def __init__(self, heading: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(PRODUCT)
        self.setMinimumSize(480, 360)
        self.card = Card()
        self.card.setAccessibleName(heading)
        self.heading = Heading(heading, 1)
        self.lead = Label("", TextKind.MUTED)
        self.summary = ErrorSummary()
        self.progress = ProgressLine()
        self.progress.hide()
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
        for widget in self._inputs:
            widget.setEnabled(not busy)
        if busy:
            announce(self, text)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Leave the dark panel out where there is no room for it."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        look = current_look()
        self._panel.setFixedWidth(look.px(440))
        self.card.setMaximumWidth(look.px(430))
        self._panel.setVisible(room_for(self.width(), look.scale) is not Room.NARROW)


def _fact_line(fact: Fact) -> QWidget:
    line = QWidget()
    row = QHBoxLayout(line)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(10)
    row.addWidget(Picture(fact.icon, "rail_muted"))
    row.addWidget(Label(fact.text, TextKind.RAIL_CAPTION), 1)
    return line


def _wide(button: PrimaryButton) -> PrimaryButton:
    button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return button


class UnlockScreen(_Doorstep):
    """Asks for the passphrase. `unlock_requested` carries it; the field is emptied at once."""

    unlock_requested = Signal(str)
    forgotten_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Unlock", parent)
        self.passphrase = PassphraseEdit()
        self.field = LabelledField("Passphrase", self.passphrase)
        self.shown = CheckBox("Show passphrase")
        self.unlock = _wide(PrimaryButton("Unlock"))
        self.forgotten = LinkButton("I have forgotten my passphrase")
        for widget in (self.field, self.shown, self.unlock, self.progress, self.forgotten):
            self.card.add(widget)
        self.shown.toggled.connect(self.passphrase.show_words)
        self.passphrase.returnPressed.connect(self._ask)
        self.unlock.clicked.connect(self._ask)
        self.forgotten.clicked.connect(self.forgotten_requested)
        self.setFocusProxy(self.passphrase)
        self._first = self.field
        self._inputs = (self.passphrase, self.shown, self.unlock, self.forgotten)

    def show_problem(self, text: str) -> None:
        """Say what went wrong beside the field, and let the person type again."""
        self.set_busy(busy=False)
        self.field.set_problem(text)
        self.passphrase.setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self, text)

    def clear(self) -> None:
        """Forget what was typed and what was wrong with it."""
        self.passphrase.wipe()
        self.shown.setChecked(False)
        self.summary.clear()
        self.field.set_problem(None)

    def _ask(self) -> None:
        words = self.passphrase.text()
        self.clear()
        if not words:
            self.show_problem("Enter your passphrase")
            return
        self.unlock_requested.emit(words)


class EnrolScreen(_Doorstep):
    """The first run: the office's address and code, and a passphrase chosen twice.

    `judge` says what is wrong with a passphrase, in sentences; nothing wrong is an empty list.
    """

    enrol_requested = Signal(object)

    def __init__(
        self, judge: Callable[[str], Sequence[str]], parent: QWidget | None = None
    ) -> None:
        super().__init__("Set up this laptop", parent)
        self._judge = judge
        self.set_lead("You need the address and the one-time code that the office gave you.")
        self.address_line, self.code_line = TextLine(), TextLine()
        self.address = LabelledField(
            "Office address",
            self.address_line,
            hint="It begins with https:// and is in your letter.",
        )
        self.code = LabelledField("One-time code", self.code_line, hint="It works once only.")
        self.first = PassphraseEdit()
        self.second = PassphraseEdit()
        self.choose = LabelledField(
            "Choose a passphrase",
            self.first,
            hint="Four or more words that do not belong together are easy to remember.",
        )
        self.repeat = LabelledField("Type the passphrase again", self.second)
        self.advice = Label("", TextKind.MUTED)
        self.advice.hide()
        self.shown = CheckBox("Show passphrase")
        self.start = _wide(PrimaryButton("Set up this laptop"))
        fields = (self.address, self.code, self.choose, self.advice, self.repeat)
        for widget in (*fields, self.shown, self.start, self.progress):
            self.card.add(widget)
        self._connect()

    def _connect(self) -> None:
        for line in (self.first, self.second):
            self.shown.toggled.connect(line.show_words)
            line.returnPressed.connect(self._ask)
        self.first.textEdited.connect(self._advise)
        self.start.clicked.connect(self._ask)
        self.setFocusProxy(self.address)
        self._first = self.address
        controls = (self.address_line, self.code_line, self.first, self.second)
        self._inputs = (*controls, self.shown, self.start)

    def clear(self) -> None:
        """Forget both passphrases and what was wrong; address and code stay to be mended."""
        self.first.wipe()
        self.second.wipe()
        self.shown.setChecked(False)
        self._advise("")
        self._forget_problems()

    def _forget_problems(self) -> None:
        self.summary.clear()
        for one in (self.address, self.code, self.choose, self.repeat):
            one.set_problem(None)

    def _advise(self, words: str) -> None:
        problems = self._judge(words) if words else ()
        self.advice.setText("\n".join(problems))
        self.advice.setVisible(bool(problems))

    def _ask(self) -> None:
        self._forget_problems()
        problems = self._problems()
        if problems:
            self.summary.show_problems(problems)
            return
        form = EnrolForm(self.address_line.value(), self.code_line.value(), self.first.text())
        self.clear()
        self.enrol_requested.emit(form)

    def _problems(self) -> list[Problem]:
        found = []
        if not self.address_line.value():
            found.append(Problem("Enter the address of the office", self.address))
        if not self.code_line.value():
            found.append(Problem("Enter the one-time code", self.code))
        words = self.first.text()
        if not words:
            found.append(Problem("Choose a passphrase", self.choose))
        else:
            found += [Problem(problem, self.choose) for problem in self._judge(words)]
        if words != self.second.text():
            found.append(Problem("Type the same passphrase twice", self.repeat))
        return found
