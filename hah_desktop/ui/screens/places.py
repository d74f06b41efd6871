"""Places: the list of those that may be visited, the worklist among them, one at a glance."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QHeaderView, QStackedWidget, QVBoxLayout, QWidget

from hah_desktop.domain.days import in_words
from hah_desktop.domain.records.reference import Inspection, Place
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.reading import Transaction
from hah_desktop.ui.kit.access import announce
from hah_desktop.ui.kit.blocks import EmptyState, Scroller
from hah_desktop.ui.kit.buttons import PrimaryButton, SecondaryButton
from hah_desktop.ui.kit.lists import RecordTable
from hah_desktop.ui.kit.look import current_look
from hah_desktop.ui.kit.page import Page, Room
from hah_desktop.ui.parts.place_filters import PlaceFilters
from hah_desktop.ui.parts.place_glance import PlaceGlance
from hah_desktop.ui.parts.place_rows import (
    INADEQUATE_NOW,
    PlaceList,
    PlaceRow,
    by_type,
    chosen,
    place_list,
)
from hah_desktop.ui.parts.place_table import Column, PlacesModel
from hah_desktop.ui.parts.words import counted
from hah_desktop.ui.session import Session

_WIDTHS = {
    Column.URN: 112,
    Column.NAME: 200,
    Column.TYPE: 170,
    Column.LOCAL_AUTHORITY: 150,
    Column.INSPECTED: 156,
    Column.GRADE: 176,
}


@dataclass(frozen=True, slots=True)
class _About:
    """What is read of one place for the side panel."""

    place: str
    inspections: Sequence[Inspection]
    visits: Sequence[Visit]


class PlacesPage(Page):
    """The list of places with search, filters and the place that is chosen."""

    visit_requested = Signal(str)
    """The id of a place that the person wants to visit."""
    visit_opened = Signal(str)
    """The id of a visit that the person wants to see."""
    history_requested = Signal(str)
    """The id of a place of which the person wants to see the past."""
    import_requested = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__("Places")
        self._session = session
        self._places = PlaceList()
        self._loading = False
        self._stale = True
        self._first = True
        self._chosen = ""
        self._reading = ""
        self._room_now = Room.WIDE
        self.filters = PlaceFilters(session.code_list)
        self.model = PlacesModel(session.code_list, self)
        self.table = RecordTable("Places")
        self.glance = PlaceGlance(session.code_list)
        self._lay_out()
        self._connect()
        self._size()

    def _lay_out(self) -> None:
        self.import_button = SecondaryButton("Import a published list", "file-up")
        self.visit_button = PrimaryButton("Plan a visit", "calendar-days")
        self.history_button = SecondaryButton("History", "history")
        self.history_button.setAccessibleName("History of this place")
        self._acts = (self.history_button, self.visit_button)
        for act in self._acts:
            act.setEnabled(False)
        self.add_header_action(self.import_button)
        self.add_header_row(self.filters)
        self.none = EmptyState(
            "No places yet",
            "Ofsted publishes a list of the places it inspects. "
            "Import it, and each place with its latest grade is here, also without a network.",
            icon_name="building-2",
            act="Import Ofsted’s list",
        )
        self.no_match = EmptyState(
            "No place fits",
            "Try fewer words, or fewer filters.",
            icon_name="search",
            act="Show all places",
        )
        self.waiting = EmptyState("Reading the list of places", "", icon_name="clock")
        self.table.setModel(self.model)
        header = self.table.horizontalHeader()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(Column.NAME, QHeaderView.ResizeMode.Stretch)
        self._stack = QStackedWidget()
        self._questions = QVBoxLayout()
        self._folded = _scrolled(self._questions)
        for widget in (self.waiting, self.none, self.no_match, self.table, self._folded):
            self._stack.addWidget(widget)
        self.set_form(self._stack, scroll=False)
        self.set_side(self.glance)
        self.set_footer(*self._acts)

    def _connect(self) -> None:
        self.filters.changed.connect(self._show)
        self.filters.search.returnPressed.connect(self._go_to_table)
        self.filters.more.toggled.connect(lambda _folded_out: self._show())
        self.side_shown.connect(lambda _shown: self._show_columns())
        self.table.chosen.connect(self._choose)
        self.table.opened.connect(lambda _index: self.side_button.setChecked(True))
        self.glance.visit_opened.connect(self.visit_opened)
        self.visit_button.clicked.connect(lambda: self.visit_requested.emit(self._chosen))
        self.history_button.clicked.connect(lambda: self.history_requested.emit(self._chosen))
        self.import_button.clicked.connect(self.import_requested)
        self.none.act_requested.connect(self.import_requested)
        self.no_match.act_requested.connect(self.filters.clear)
        self._session.changed.connect(self._changed)
        self._session.trouble.connect(self._stop_waiting)
        current_look().changed.connect(self._size)
        self.add_shortcut(QKeySequence.StandardKey.Find, self.filters.search.setFocus)

    def _size(self) -> None:
        self.table.set_widths([_WIDTHS[column] for column in Column])

    def set_room(self, room: Room) -> None:
        """Show what fits; the side panel says what the columns left out said."""
        super().set_room(room)
        self._room_now = room
        self.filters.set_room(room)
        if room is Room.NARROW:
            self._questions.addWidget(self.filters.choices)
        self._show_columns()
        self._show()

    def _show_columns(self) -> None:
        narrow = self._room_now is Room.NARROW
        beside = self.side_button.isChecked()
        self.table.setColumnHidden(Column.TYPE, narrow or beside)
        self.table.setColumnHidden(Column.LOCAL_AUTHORITY, narrow)

    def refresh(self) -> None:
        """Read the list again; what is on show stays until it is here."""
        self._stale = True
        if self._loading:
            return
        self._loading, self._stale = True, False
        self._session.read(_read_places, self._loaded)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Read what has changed since the page was last seen."""
        super().showEvent(event)
        if self._stale:
            self.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Go from the search box into the list."""
        if event.key() == Qt.Key.Key_Down and self.filters.search.hasFocus():
            self._go_to_table()
            return
        super().keyPressEvent(event)

    def _changed(self, _records: frozenset[str]) -> None:
        self._stale = True
        if self.isVisible():
            self.refresh()

    def _stop_waiting(self, _problem: object) -> None:
        # No answer comes to a question that failed; the next one must not wait for it.
        self._loading, self._reading = False, ""

    def _loaded(self, places: PlaceList) -> None:
        self._loading = self._first = False
        self._places = places
        newest = places.newest_list
        self.note = f"Ofsted’s list of {in_words(newest)}" if newest else ""
        listed = [row for row in places.rows if row.listed]
        grades = Counter(row.grade for row in listed if row.inspected_on)
        rated = sum(row.rank >= 0 for row in listed)
        self.filters.offer(dict(by_type(listed)), {**grades, INADEQUATE_NOW: rated})
        self.filters.offer_where(places.rows)
        self._show()
        self._read_chosen()
        if self._stale:
            self.refresh()

    def _show(self) -> None:
        rows = chosen(self._places.rows, self.filters.wanted())
        self.model.set_rows(rows)
        self._stack.setCurrentWidget(self._what_to_show(rows))
        self.filters.setVisible(bool(self._places.rows))
        self.filters.summary.setText(self._summary(rows))
        announce(self, counted(len(rows), "place"))
        # The chosen place stays chosen while it is on the list, wherever it has moved.
        self.table.choose_row(max(self.model.row_of(self._chosen), 0))
        if not rows:
            self._forget_choice()

    def _what_to_show(self, rows: Sequence[PlaceRow]) -> QWidget:
        if self._first:
            return self.waiting
        if self.filters.more.isChecked():
            return self._folded
        return self.table if rows else self.no_match if self._places.rows else self.none

    def _summary(self, rows: Sequence[PlaceRow]) -> str:
        count = counted(len(rows), "place")
        if self._room_now is Room.NARROW:
            return count
        types = self._session.code_list("place_type")
        parts = [f"{types.label(code)} {number:,}" for code, number in by_type(rows)]
        return " \N{MIDDLE DOT} ".join([count, *parts])

    def _go_to_table(self) -> None:
        if self.model.rowCount():
            self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _choose(self, index: QModelIndex) -> None:
        row = self.model.row(index.row())
        if row is None or row.place.id == self._chosen:
            return
        self._chosen = row.place.id
        for act in self._acts:
            act.setEnabled(True)
        self._read_chosen()

    def _forget_choice(self) -> None:
        self._chosen = ""
        for act in self._acts:
            act.setEnabled(False)
        self.glance.clear()

    def _read_chosen(self) -> None:
        # One question at a time: held arrow keys must not queue a question for every line.
        if self._reading or not self._chosen:
            return
        place = self._reading = self._chosen
        self._session.read(lambda connection: _read_about(connection, place), self._show_about)

    def _show_about(self, about: _About) -> None:
        self._reading = ""
        if about.place != self._chosen:
            self._read_chosen()
            return
        row = self.model.row(self.model.row_of(about.place))
        if row is not None:
            self.glance.show_place(row.place, about.inspections, about.visits)


def _scrolled(questions: QVBoxLayout) -> Scroller:
    column = QWidget()
    around = QVBoxLayout(column)
    around.setContentsMargins(24, 16, 24, 16)
    around.addLayout(questions)
    around.addStretch(1)
    return Scroller(column)


def _read_places(connection: Transaction) -> PlaceList:
    places = [held.record for held in reading.of_kind(connection, Place.kind)]
    inspections = [held.record for held in reading.of_kind(connection, Inspection.kind)]
    return place_list(
        [place for place in places if isinstance(place, Place)],
        [one for one in inspections if isinstance(one, Inspection)],
    )


def _read_about(connection: Transaction, place: str) -> _About:
    records = [held.record for held in reading.of_place(connection, place)]
    return _About(
        place,
        [record for record in records if isinstance(record, Inspection)],
        [record for record in records if isinstance(record, Visit)],
    )
