"""Who wants to unlock, where several people use one laptop; and one more person. A view only."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from hah_desktop.ui.kit.buttons import LinkButton, PrimaryButton, SecondaryButton
from hah_desktop.ui.kit.fields import LabelledField, Problem
from hah_desktop.ui.kit.inputs import TextLine
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.parts.doorstep import Doorstep, wide

WHO, ADD = "Who is unlocking?", "Add somebody"
APART = (
    "Each person has records and a passphrase of their own. Nobody can open another’s, or lose "
    "them by a mistake."
)
CALLED = "Anybody who opens this laptop can read it, so do not use a full name."
LONGEST = 40


class PeopleScreen(Doorstep):
    """`chosen` carries a person's number in the list, `add_requested` what to call a new one."""

    chosen = Signal(int)
    add_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__(WHO)
        self.set_lead(APART)
        self.buttons: list[SecondaryButton] = []
        self._people = QVBoxLayout()
        self._people.setSpacing(10)
        self.card.body.addLayout(self._people)
        self.more = LinkButton("Somebody else uses this laptop", "plus")
        self.name = TextLine()
        self.name.setMaxLength(LONGEST)
        self.field = LabelledField("What to call them here", self.name, hint=CALLED)
        self.code_first = Label("You need a code from the office for them as well.", TextKind.MUTED)
        self.go_on = wide(PrimaryButton("Go on"))
        self.back = LinkButton("Back", "chevron-left")
        for widget in (self.more, self.field, self.code_first, self.go_on, self.back):
            self.card.add(widget)
        self.more.clicked.connect(self._more)
        self.name.returnPressed.connect(self._add)
        self.go_on.clicked.connect(self._add)
        self.back.clicked.connect(self.back_requested)
        self._suggested = ""
        self._first = self.field
        self.show_people((), "")

    def show_people(self, labels: Sequence[str], suggested: str) -> None:
        """Show who uses this laptop, and a way to add one more under the suggested name."""
        self.clear()
        self._suggested = suggested
        for old in self.buttons:
            self._people.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.buttons = [self._person(number, label) for number, label in enumerate(labels)]
        self._show(adding=False)
        if self.buttons:
            self.setFocusProxy(self.buttons[0])

    def _person(self, number: int, label: str) -> SecondaryButton:
        button = wide(SecondaryButton(label, "user"))
        button.clicked.connect(lambda: self.chosen.emit(number))
        self._people.addWidget(button)
        return button

    def show_adding(self, suggested: str) -> None:
        """Ask what to call one more person."""
        self.clear()
        self.name.set_value(suggested)
        self._show(adding=True)
        self.setFocusProxy(self.field)

    def _show(self, *, adding: bool) -> None:
        self.heading.setText(ADD if adding else WHO)
        self.card.setAccessibleName(self.heading.text())
        for button in (*self.buttons, self.more):
            button.setVisible(not adding)
        for widget in (self.field, self.code_first, self.go_on, self.back):
            widget.setVisible(adding)

    def clear(self) -> None:
        """Forget what was wrong."""
        super().clear()
        self.field.set_problem(None)

    def _more(self) -> None:
        self.show_adding(self._suggested)
        self.name.setFocus()
        self.name.selectAll()

    def _add(self) -> None:
        label = self.name.value()
        self.clear()
        if not label:
            self.summary.show_problems([Problem("Say what to call them", self.field)])
            return
        self.add_requested.emit(label)
