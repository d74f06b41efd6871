"""The list of visits, and the planning of a new one."""

import datetime as dt
from dataclasses import dataclass

from PySide6.QtCore import Signal

from hah_desktop.domain.days import in_words
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.visit import Visit
from hah_desktop.domain.signoff import PLANNED, SIGNED_OFF
from hah_desktop.store.exchange import waiting
from hah_desktop.store.exchange.waiting import NOTHING_DUE, Due
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.reading import Transaction
from hah_desktop.store.journal.saving import NOTHING, Edited
from hah_desktop.ui.kit.blocks import EmptyState
from hah_desktop.ui.kit.buttons import PrimaryButton
from hah_desktop.ui.kit.labels import TagKind
from hah_desktop.ui.kit.lists import Row, RowList, RowRole, RowsModel
from hah_desktop.ui.kit.page import Page
from hah_desktop.ui.parts.sync_words import state_of
from hah_desktop.ui.session import Session

_TAGS = {PLANNED: TagKind.INFO, "started": TagKind.WARN, SIGNED_OFF: TagKind.OK}


@dataclass(frozen=True)
class Listed:
    """A visit as the list shows it."""

    visit: Visit
    place: str
    due: Due


def listed(connection: Transaction) -> list[Listed]:
    """Every visit on this laptop, the newest first."""
    visits = [h.record for h in reading.of_kind(connection, Visit.kind)]
    here = waiting.of_records(connection, (visit.id for visit in visits))
    found = []
    for visit in visits:
        if isinstance(visit, Visit):
            place = reading.get(connection, visit.place) if visit.place else None
            name = place.record.title() if place else "A place"
            found.append(Listed(visit, name, here.get(visit.id, NOTHING_DUE)))
    return sorted(found, key=lambda one: _day(one.visit), reverse=True)


def _day(visit: Visit) -> dt.date:
    return visit.visited_on or visit.planned_for or dt.date.min


class VisitsPage(Page):
    """The visits on this laptop."""

    visit_requested = Signal(str)
    places_requested = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__("Visits")
        self._session = session
        self._rows = RowsModel()
        self.rows = RowList("Visits")
        self.rows.setModel(self._rows)
        self.rows.opened.connect(lambda i: self.visit_requested.emit(str(i.data(RowRole.KEY))))
        self.rows.clicked.connect(lambda i: self.visit_requested.emit(str(i.data(RowRole.KEY))))
        self.empty: EmptyState | None = None
        self.set_form(self.rows, scroll=False)
        self.plan_button = PrimaryButton("Plan a visit", "calendar-days")
        self.plan_button.clicked.connect(self.places_requested)
        session.changed.connect(lambda _records: self.refresh())

    def refresh(self) -> None:
        """Read the list anew."""
        self._session.read(listed, self._show)

    def _show(self, found: list[Listed]) -> None:
        here = str(self.rows.currentIndex().data(RowRole.KEY) or "")
        self._rows.set_rows([self._row(one) for one in found])
        self.rows.choose_row(self._rows.row_of(here))
        if not found and self.empty is None:
            self.empty = EmptyState(
                "No visits yet", "Choose a place and plan a visit to it.", act="Choose a place"
            )
            self.empty.act_requested.connect(self.places_requested)
            self.layout_empty(self.empty)
        # With nothing in the list the words in its place have a button of their own.
        self.set_footer(*([self.plan_button] if found else []))
        if self.empty is not None:
            self.empty.setVisible(not found)
            self.rows.setVisible(bool(found))

    def layout_empty(self, empty: EmptyState) -> None:
        """Put the words for an empty list where the list stands."""
        parent = self.rows.parentWidget()
        if parent and (layout := parent.layout()):
            layout.addWidget(empty)

    def _row(self, one: Listed) -> Row:
        visit = one.visit
        label = self._session.code_list("visit_status").label(visit.status)
        day = visit.visited_on or visit.planned_for
        announced = self._session.code_list("announced").label(visit.announced)
        kept = state_of(one.due)
        return Row(
            visit.id,
            one.place,
            " · ".join(part for part in (announced, kept) if part),
            in_words(day) if day else "No date yet",
            label,
            _TAGS.get(visit.status, TagKind.NEUTRAL),
        )

    def plan(self, place: str) -> None:
        """Make a visit to a place, for the adviser at work, and open it."""
        visit = Visit(
            id=RecordId(self._session.store.new_id()),
            place=place,
            status=PLANNED,
            advisers=frozenset({self._session.who.adviser}),
        )
        self._session.save(
            [Edited(visit, NOTHING)], lambda _saved: self.visit_requested.emit(visit.id)
        )
