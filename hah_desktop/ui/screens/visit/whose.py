"""Which child something new is about: asked before it is first saved, then told and put right."""

from collections.abc import Sequence

from PySide6.QtCore import Signal

from hah_desktop.domain.records.child import Child
from hah_desktop.ui.kit.blocks import Card, SummaryList, SummaryRow
from hah_desktop.ui.kit.fields import LabelledField, Problem
from hah_desktop.ui.kit.inputs import ChoiceBox, Option
from hah_desktop.ui.screens.visit.move_offer import NO_CHILD, NOBODY, MoveOffer

ASKED = "Which child is it about?"
MOVED_HERE = SummaryRow("Before that", "It stood elsewhere, and was moved here")
MOVED_AWAY = SummaryRow("Since then", "It was moved, while somebody wrote here: decide under Sync")
MISSING = "Say which child it is about, or that it is about no one child"


class WhoseCard(Card):
    """The question, among the children of the visit; with none of them there is none to ask."""

    chosen = Signal(str)
    """The id of the child whom the person chose; empty for no one child."""

    def __init__(self) -> None:
        super().__init__("Who it is about")
        self.box = ChoiceBox()
        self.field = LabelledField(ASKED, self.box)
        self.field.set_hint("It then stands with the child too.")
        self.told = SummaryList()
        self.offer = MoveOffer()
        for widget in (self.field, self.told, self.offer):
            self.add(widget)
        self.box.edited.connect(self._chosen)

    def show_children(self, met: Sequence[Child], child: str) -> None:
        """Ask about something new; `child` is whom a draft of it is already about."""
        options = [Option(one.id, one.title()) for one in met]
        self.box.set_options([*options, Option(NOBODY, NO_CHILD)])
        if child and self.box.value() is None:
            self.box.set_value(child)
        self.field.show()
        self.told.hide()
        self.offer.hide()
        self.setVisible(bool(met))

    def show_child(self, name: str, moved: SummaryRow | None) -> None:
        """Tell whom something saved is about; what may be done about it stands in the offer."""
        rows = [SummaryRow("The child", name or NO_CHILD)]
        self.told.set_rows([*rows, moved] if moved else rows)
        self.field.hide()
        self.told.show()
        self.setVisible(bool(name or moved) or self.offer.is_open())

    def problems(self) -> list[Problem]:
        """What still has to be said; nothing once it is, or where nobody is asked."""
        asks = not self.isHidden() and not self.field.isHidden()
        return [Problem(MISSING, self.field)] if asks and self.box.value() is None else []

    def _chosen(self) -> None:
        self.field.set_problem(None)
        value = self.box.value() or NOBODY
        self.chosen.emit("" if value == NOBODY else value)
