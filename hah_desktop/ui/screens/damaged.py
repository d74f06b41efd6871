"""The records cannot be opened: what happened, and the whole copies there are. A view only.

It never offers a new, empty database.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from hah_desktop.ui.kit.buttons import LinkButton, SecondaryButton
from hah_desktop.ui.kit.fields import LabelledField
from hah_desktop.ui.kit.inputs import Option, PassphraseEdit
from hah_desktop.ui.kit.labels import Label
from hah_desktop.ui.kit.ticks import RadioGroup
from hah_desktop.ui.parts.doorstep import WIDE_CARD, Doorstep, wide
from hah_desktop.ui.parts.sure import PressedTwice

LEFT = "The damaged file was left as it is. What the office has received is safe there."
NO_COPY = (
    "No whole safety copy was found on this laptop. Close the program and call the office before "
    "you do anything else."
)
SURE = (
    "The records go back to the safety copy of {made}. {missing} The damaged file is kept beside "
    "it for the office."
)
FEWEST = 2


@dataclass(frozen=True, slots=True)
class WholeCopy:
    """A copy that can be put back: its key, when it was made, and what would be missing."""

    key: str
    made: str
    missing: str


@dataclass(frozen=True, slots=True)
class PutBack:
    """The copy that was chosen, and the passphrase."""

    key: str
    passphrase: str = field(repr=False)


class DamagedScreen(Doorstep):
    """`put_back_requested` carries copy and passphrase after two presses."""

    put_back_requested = Signal(object)
    close_requested = Signal()

    def __init__(self) -> None:
        super().__init__("The records cannot be opened", width=WIDE_CARD)
        self._copies: tuple[WholeCopy, ...] = ()
        self.left = Label(LEFT)
        self.none = Label(NO_COPY)
        self.choice: RadioGroup | None = None
        self._choice_field: LabelledField | None = None
        self._place = QVBoxLayout()
        self.passphrase = PassphraseEdit()
        self.field = LabelledField("Passphrase", self.passphrase)
        self.put_back = PressedTwice("Put this safety copy back", "Yes, put it back")
        self.shut = wide(SecondaryButton("Close the program"))
        self.back = LinkButton("Back", "chevron-left")
        self.card.add(self.left)
        self.card.add(self.none)
        self.card.body.addLayout(self._place)
        for widget in (self.field, self.put_back, self.progress, self.shut, self.back):
            self.card.add(widget)
        self._connect()

    def _connect(self) -> None:
        self.passphrase.returnPressed.connect(self.put_back.button.click)
        self.passphrase.textEdited.connect(self.put_back.forget)
        self.put_back.asked.connect(self._ask)
        self.put_back.sure.connect(self._go)
        self.shut.clicked.connect(self.close_requested)
        self.back.clicked.connect(self.back_requested)
        self._first = self.field
        self._inputs = (self.passphrase, self.put_back, self.shut, self.back)

    def show_damage(self, words: str, copies: Sequence[WholeCopy]) -> None:
        """Say what happened and offer the copies, the newest first."""
        self.clear()
        self.set_lead(words)
        self._copies = tuple(copies)
        self._offer()
        offered = bool(copies)
        for widget in (self.field, self.put_back):
            widget.setVisible(offered)
        self.none.setVisible(not offered)
        self.setFocusProxy(self.choice if self.choice is not None else self.shut)

    def _offer(self) -> None:
        if self._choice_field is not None:
            self._place.removeWidget(self._choice_field)
            self._choice_field.hide()
            self._choice_field.deleteLater()
        self.choice = self._choice_field = None
        if not self._copies:
            return
        options = [
            Option(copy.key, f"Safety copy of {copy.made}", copy.missing) for copy in self._copies
        ]
        self.choice = RadioGroup(options)
        self.choice.set_value(options[0].key)
        self.choice.edited.connect(self.put_back.forget)
        many = len(options) >= FEWEST
        label = "Which safety copy to put back" if many else "There is a whole safety copy"
        hint = "The newest is first." if many else ""
        self._choice_field = LabelledField(label, self.choice, hint=hint)
        self._place.addWidget(self._choice_field)

    def clear(self) -> None:
        """Forget the passphrase and what was wrong with it."""
        super().clear()
        self.passphrase.wipe()
        self.field.set_problem(None)
        self.put_back.forget()

    def empty(self) -> None:
        """Forget what was offered too."""
        self.show_damage("", ())

    def _chosen(self) -> WholeCopy:
        key = self.choice.value() if self.choice is not None else None
        return next(copy for copy in self._copies if copy.key == key)

    def _ask(self) -> None:
        self.summary.clear()
        given = bool(self.passphrase.text())
        self.field.set_problem(None if given else "Enter your passphrase")
        if not given:
            self.field.setFocus()
            return
        chosen = self._chosen()
        self.put_back.warn(SURE.format(made=chosen.made, missing=chosen.missing))

    def _go(self) -> None:
        words = self.passphrase.text()
        self.clear()
        self.put_back_requested.emit(PutBack(self._chosen().key, words))
