"""What is known of the place, and of the child spoken to, beside the work."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from hah_desktop.domain.records.child import Concern
from hah_desktop.domain.signoff import CLOSED
from hah_desktop.ui.kit.blocks import SummaryList, SummaryRow
from hah_desktop.ui.kit.labels import Heading
from hah_desktop.ui.screens.visit.bundle import Bundle, offered
from hah_desktop.ui.session import Session

PLACE = "The place at a glance"


class Glance(QWidget):
    """The side panel of the workspace."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._title = Heading("At a glance", 3)
        self.rows = SummaryList(stacked=True)
        self._place_title = Heading(PLACE, 3)
        self.place_rows = SummaryList(stacked=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 20, 16, 16)
        column.addWidget(self._title)
        column.addWidget(self.rows)
        column.addSpacing(12)
        column.addWidget(self._place_title)
        column.addWidget(self.place_rows)
        column.addStretch(1)

    def show_record(self, bundle: Bundle, record: str) -> None:
        """Show the place, and the child whom that record is about, if it is about one."""
        held = bundle.holding(record)
        child = str(getattr(held.record, "child", "")) if held else ""
        name = bundle.child_of(child)
        self._title.setText(f"{name} at a glance")
        self.rows.set_rows(_child_rows(self._session, bundle, child) if name else [])
        for part in (self._title, self.rows):
            part.setVisible(bool(name))
        self.place_rows.set_rows(_place_rows(self._session, bundle))


def _place_rows(session: Session, bundle: Bundle) -> list[SummaryRow]:
    rows = []
    if bundle.place:
        kind = session.code_list("place_type").label(bundle.place.place_type)
        rows.append(SummaryRow("Type of place", kind))
        if bundle.place.local_authority:
            rows.append(SummaryRow("Local authority", bundle.place.local_authority))
    told = offered(bundle)
    return [*rows, SummaryRow("This visit", told)] if told else rows


def _child_rows(session: Session, bundle: Bundle, child_id: str) -> list[SummaryRow]:
    child = bundle.children.get(child_id)
    rows = []
    if child and child.age is not None:
        rows.append(SummaryRow("Age", str(child.age)))
    if child and child.communication:
        methods = session.code_list("communication_method")
        rows.append(
            SummaryRow("Communication", ", ".join(sorted(map(methods.label, child.communication))))
        )
    levels = session.code_list("safeguarding_level")
    rows += [
        SummaryRow(
            f"Open concern: {levels.label(concern.level)}" if concern.level else "Open concern",
            concern.about or "Not written down yet",
        )
        for concern in bundle.of(Concern)
        if concern.child == child_id and concern.status != CLOSED
    ]
    return rows
