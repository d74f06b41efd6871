"""What was removed of a step of a visit: each line leads to its history, and from there back."""

from PySide6.QtCore import Signal

from hah_desktop.ui.parts.removed import listed
from hah_desktop.ui.parts.sides import Tongue
from hah_desktop.ui.parts.waiting import Decisions
from hah_desktop.ui.screens.visit.bundle import Bundle
from hah_desktop.ui.screens.visit.part import Part
from hah_desktop.ui.session import Session

WHAT_IT_IS = (
    "Hidden on every laptop and left out of every summary. Choose one to read what it said, and to "
    "bring it back."
)


class RemovedPart(Part):
    """The list of those that are of some kinds, the latest first."""

    chosen = Signal(str)
    """Asks for the history of a record."""

    def __init__(self, session: Session, kinds: frozenset[str]) -> None:
        super().__init__("Removed")
        self._session = session
        self._kinds = kinds
        self.list = Decisions("", WHAT_IT_IS)
        self.list.chosen.connect(self.chosen)
        self.add(self.list)

    def goes_on(self) -> bool:
        """There is nothing to save here."""
        return False

    def show_bundle(self, bundle: Bundle) -> None:
        """Show what is removed now."""
        session = self._session
        reader, now = session.who.adviser, session.store.now().astimezone()
        names = {child: bundle.child_of(child) for child in bundle.children}
        tongue = Tongue(codes=session.code_list, names=names, reader=reader, now=now)
        gone = [one for one in bundle.removed if one.held.record.kind in self._kinds]
        self.list.show_waiting([listed(one, tongue) for one in gone])
