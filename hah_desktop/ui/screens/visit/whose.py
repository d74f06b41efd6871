"""Which child something new is about: asked before it is first saved, and told from then on."""

from collections.abc import Sequence

from PySide6.QtCore import Signal

from hah_desktop.domain.records.child import Child
from hah_desktop.ui.kit.blocks import Card, SummaryList, SummaryRow
from hah_desktop.ui.kit.fields import LabelledField, Problem
from hah_desktop.ui.kit.inputs import ChoiceBox, Option

ASKED = "Which child is it about?"
NO_CHILD = "No one child: it is about the place"
MISSING = "Say which child it is about, or that it is about no one child"
_NOBODY = "nobody"


class WhoseCard(Card):
    """The question, among the children of the visit; with none of them there is none to ask."""

    chosen = Signal(str)
    """The id of the child whom the person chose; empty for no one child."""

    def __init__(self) -> None:
        super().__init__("Who it is about")
        self.box = ChoiceBox()
        self.field = LabelledField(ASKED, self.box)
        self.field.set_hint("It then stands with the child too. This cannot be changed.")
        self.told = SummaryList()
        self.add(self.field)
        self.add(self.told)
        self.box.edited.connect(self._chosen)

    def show_children(self, met: Sequence[Child], child: str) -> None:
        """Ask about something new; `child` is whom a draft of it is already about."""
        options = [Option(one.id, one.title()) for one in met]
        self.box.set_options([*options, Option(_NOBODY, NO_CHILD)])
        if child and self.box.value() is None:
            self.box.set_value(child)
        self.field.show()
        self.told.hide()
        self.setVisible(bool(met))

    def show_child(self, name: str) -> None:
        """Tell whom something saved is about; nothing where it is about no one child."""
        self.told.set_rows([SummaryRow("The child", name)] if name else [])
        self.field.hide()
        self.told.show()
        self.setVisible(bool(name))

    def problems(self) -> list[Problem]:
        """What still has to be said; nothing once it is, or where nobody is asked."""
        asks = not self.isHidden() and not self.field.isHidden()
        return [Problem(MISSING, self.field)] if asks and self.box.value() is None else []

    def _chosen(self) -> None:
        self.field.set_problem(None)
        value = self.box.value() or _NOBODY
        self.chosen.emit("" if value == _NOBODY else value)
