"""Asks for the passphrase. A view only: it knows no key."""

from PySide6.QtCore import Qt, Signal

from hah_desktop.ui.kit.access import announce
from hah_desktop.ui.kit.buttons import LinkButton, PrimaryButton
from hah_desktop.ui.kit.fields import LabelledField
from hah_desktop.ui.kit.inputs import PassphraseEdit
from hah_desktop.ui.kit.ticks import CheckBox
from hah_desktop.ui.parts.doorstep import Doorstep, wide

ADD, CHOOSE = "Somebody else uses this laptop", "Somebody else wants to unlock"


class UnlockScreen(Doorstep):
    """`unlock_requested` carries the passphrase; the field is emptied at once."""

    unlock_requested = Signal(str)
    forgotten_requested = Signal()
    others_requested = Signal()

    def __init__(self) -> None:
        super().__init__("Unlock")
        self.passphrase = PassphraseEdit()
        self.field = LabelledField("Passphrase", self.passphrase)
        self.shown = CheckBox("Show passphrase")
        self.unlock = wide(PrimaryButton("Unlock"))
        self.forgotten = LinkButton("I have forgotten my passphrase")
        self.others = LinkButton(ADD)
        acts = (self.unlock, self.progress, self.forgotten, self.others)
        for widget in (self.field, self.shown, *acts):
            self.card.add(widget)
        self.shown.toggled.connect(self.passphrase.show_words)
        self.passphrase.returnPressed.connect(self._ask)
        self.unlock.clicked.connect(self._ask)
        self.forgotten.clicked.connect(self.forgotten_requested)
        self.others.clicked.connect(self.others_requested)
        self.setFocusProxy(self.passphrase)
        self._first = self.field
        self._inputs = (self.passphrase, self.shown, self.unlock, self.forgotten, self.others)

    def set_person(self, label: str) -> None:
        """Say whose passphrase is asked for, where several people use the laptop."""
        self.heading.setText(f"Unlock: {label}" if label else "Unlock")
        self.others.set_words(CHOOSE if label else ADD)

    def show_problem(self, text: str) -> None:
        """Say what went wrong beside the field, and let the person type again."""
        self.set_busy(busy=False)
        self.field.set_problem(text)
        self.passphrase.setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self, text)

    def clear(self) -> None:
        """Forget what was typed and what was wrong with it."""
        super().clear()
        self.passphrase.wipe()
        self.shown.setChecked(False)
        self.field.set_problem(None)

    def _ask(self) -> None:
        words = self.passphrase.text()
        self.clear()
        if not words:
            self.show_problem("Enter your passphrase")
            return
        self.unlock_requested.emit(words)
