"""How this laptop is locked: passphrase, encryption, copies, and what happened. A view only."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent

from hah_desktop.ui.kit.blocks import (
    Card,
    FormColumn,
    SummaryList,
    SummaryRow,
)
from hah_desktop.ui.kit.fields import LabelledField
from hah_desktop.ui.kit.inputs import PassphraseEdit
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.kit.page import Page
from hah_desktop.ui.parts.act_card import ActCard, narrow_button
from hah_desktop.ui.parts.new_passphrase import Judge, NewPassphrase
from hah_desktop.ui.parts.text_table import TextTable, Words
from hah_desktop.ui.parts.words import counted

RENEW = (
    "All records on this laptop are encrypted anew, so that nothing that opened them before opens "
    "them any more. Do it when somebody may have copied this laptop’s files and may know a "
    "passphrase that you used then. It takes a few minutes, and your passphrase stays the same."
)
COPIES = (
    "A whole, encrypted copy of the records is made on this laptop every day. If the records are "
    "ever damaged, the newest whole copy is offered when you unlock."
)
EVENTS = "Such as wrong tries, a new passphrase and safety copies. Never what a record says."
NO_COPY = "No safety copy has been made yet."
ENTER = "Enter your passphrase"


@dataclass(frozen=True, slots=True)
class PassphraseChange:
    """The passphrase up to now, and the one from now on."""

    old: str = field(repr=False)
    new: str = field(repr=False)


class SecurityPage(Page):
    """Passphrases leave their fields with the signal that carries them."""

    passphrase_requested = Signal(object)
    renew_requested = Signal(str)
    copy_requested = Signal()
    shown = Signal()

    def __init__(self, judge: Judge) -> None:
        super().__init__("Security")
        self.passphrase = _Passphrase(judge)
        self.renewal = _Renewal()
        self.copies = _Copies()
        self.orders = SummaryList()
        self.events = TextTable("What happened on this laptop", ("When", "What"), (200,))
        self.ordered = Card("What the office has set")
        self.ordered.add(self.orders)
        self.ordered.hide()
        happened = Card("What happened on this laptop")
        happened.add(Label(EVENTS, TextKind.MUTED))
        happened.add(self.events)
        column = FormColumn()
        for card in (self.passphrase, self.copies, self.ordered, happened, self.renewal):
            column.add(card)
        self.set_form(column)
        self.passphrase.changed.connect(self.passphrase_requested)
        self.renewal.asked.connect(self.renew_requested)
        self.copies.make.clicked.connect(self.copy_requested)

    def show_orders(self, lease_days: int, lock_minutes: int) -> None:
        """Show what the office has set for this laptop; an older laptop was told nothing."""
        self.ordered.show()
        self.orders.set_rows(
            [
                SummaryRow("Works without contact for", counted(lease_days, "day")),
                SummaryRow("Locks by itself after at most", counted(lock_minutes, "minute")),
            ]
        )

    def show_events(self, rows: Words) -> None:
        """Show what happened, the newest first: when, and what."""
        self.events.set_rows(rows)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Ask for what is new."""
        super().showEvent(event)
        self.shown.emit()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Leave no passphrase behind in a field."""
        super().hideEvent(event)
        self.clear()

    def clear(self) -> None:
        """Forget every passphrase that stands in a field."""
        self.passphrase.clear()
        self.renewal.clear()


class _Passphrase(ActCard):
    """Changing it."""

    changed = Signal(object)

    def __init__(self, judge: Judge) -> None:
        super().__init__("Change your passphrase")
        self.old = PassphraseEdit()
        self.field = LabelledField("Current passphrase", self.old)
        self.new = NewPassphrase(judge, label="Choose a new passphrase")
        self.change = narrow_button("Change the passphrase")
        for widget in (self.field, self.new, self.change):
            self.add(widget)
        self.new.shown.toggled.connect(self.old.show_words)
        self.new.entered.connect(self._ask)
        self.change.clicked.connect(self._ask)

    def clear(self) -> None:
        """Forget all that was typed."""
        self.old.wipe()
        self.field.set_problem(None)
        self.new.clear()

    def _enable(self, enabled: bool) -> None:  # noqa: FBT001 - a setter in Qt's manner
        for widget in (self.old, self.new, self.change):
            widget.setEnabled(enabled)

    def _ask(self) -> None:
        old = self.old.text()
        self.field.set_problem(None if old else ENTER)
        self.new.forget_problems()
        for problem in (problems := self.new.problems()):
            if isinstance(problem.field, LabelledField):
                problem.field.set_problem(problem.words)
        if not old or problems:
            (self.field if not old else problems[0].field).setFocus()
            return
        change = PassphraseChange(old, self.new.value())
        self.clear()
        self.changed.emit(change)


class _Renewal(ActCard):
    """Encrypting everything anew."""

    asked = Signal(str)

    def __init__(self) -> None:
        super().__init__("Encrypt everything anew", RENEW)
        self.passphrase = PassphraseEdit()
        self.field = LabelledField("Passphrase", self.passphrase)
        self.renew = narrow_button("Encrypt everything anew")
        for widget in (self.field, self.renew):
            self.add(widget)
        self.passphrase.returnPressed.connect(self._ask)
        self.renew.clicked.connect(self._ask)

    def clear(self) -> None:
        """Forget what was typed."""
        self.passphrase.wipe()
        self.field.set_problem(None)

    def _enable(self, enabled: bool) -> None:  # noqa: FBT001 - a setter in Qt's manner
        for widget in (self.passphrase, self.renew):
            widget.setEnabled(enabled)

    def _ask(self) -> None:
        words = self.passphrase.text()
        self.clear()
        if not words:
            self.field.set_problem(ENTER)
            self.field.setFocus()
            return
        self.asked.emit(words)


class _Copies(ActCard):
    """The copies that are kept, and one more."""

    def __init__(self) -> None:
        super().__init__("Safety copies", COPIES)
        self.last = Label(NO_COPY)
        self.table = TextTable("Safety copies", ("Made", "Holds"), (200,))
        self.make = narrow_button("Make a safety copy now")
        for widget in (self.last, self.table, self.make):
            self.add(widget)
        self.show_copies(())

    def show_copies(self, rows: Sequence[tuple[str, str]]) -> None:
        """Show the copies, the newest first: when each was made, and what it holds."""
        self.last.setText(f"The last one: {rows[0][0]}." if rows else NO_COPY)
        self.table.set_rows(rows)
        self.table.setVisible(bool(rows))

    def _enable(self, enabled: bool) -> None:  # noqa: FBT001 - a setter in Qt's manner
        self.make.setEnabled(enabled)
