"""The unlocked window: which pages there are, and how one leads to another."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from hah_desktop.domain.fields import Reader
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.store.exchange import seen
from hah_desktop.store.journal.reading import Transaction
from hah_desktop.store.tables import meta
from hah_desktop.sync.engine import Synced
from hah_desktop.ui.bulletin import Bulletin
from hah_desktop.ui.papers import make_paper
from hah_desktop.ui.preferences import LONGEST_MINUTES, Preferences, from_plain
from hah_desktop.ui.screens.conflict import ConflictPage
from hah_desktop.ui.screens.history import HistoryPage
from hah_desktop.ui.screens.import_places import ImportPage
from hah_desktop.ui.screens.office import OfficePage
from hah_desktop.ui.screens.overtaken import OvertakenPage
from hah_desktop.ui.screens.paper import PaperPage
from hah_desktop.ui.screens.places import PlacesPage
from hah_desktop.ui.screens.preferences import PreferencesPage
from hah_desktop.ui.screens.security import SecurityPage
from hah_desktop.ui.screens.viewer import ViewerPage
from hah_desktop.ui.screens.visit.heading import add_history_button
from hah_desktop.ui.screens.visit.page import VisitPage
from hah_desktop.ui.screens.visit.steps import TITLES
from hah_desktop.ui.screens.visits import VisitsPage
from hah_desktop.ui.session import Session
from hah_desktop.ui.shell import Shell

Choose = Callable[[Preferences], None]

VISITS, VISIT, PLACES, IMPORT = "visits", "visit", "places", "import"
OFFICE, CONFLICT, OVERTAKEN = "office", "conflict", "overtaken"
PAPER, PREFERENCES = "paper", "preferences"
VIEWER = "viewer"
SECURITY = "security"
HISTORY = "history"
DECIDE_KEY = "F8"
_RAIL = {
    **dict.fromkeys((VISIT, PAPER, VIEWER), VISITS),
    **dict.fromkeys((CONFLICT, OVERTAKEN, OFFICE), OFFICE),
    PLACES: PLACES,
}
"""Where the rail says that one is, on a page that is not on it and on the history behind it."""
GONE = "This visit is no longer given to you, so it is not on this laptop any more."


class Workplace(QWidget):
    """Everything an unlocked adviser works with."""

    lock_requested = Signal()
    cover_requested = Signal()
    help_requested = Signal()
    ready = Signal()

    def __init__(self, session: Session, choose: Choose, parent: QWidget | None = None) -> None:
        # In its place from the start: whatever moves into another widget is styled anew, with all
        # that is in it, and here that is all there is.
        super().__init__(parent)
        self._session = session
        self._choose = choose
        self.shell = Shell(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.shell, 1)
        self.bulletin = Bulletin(session, self.shell, OFFICE)
        self.visits = VisitsPage(session)
        self.visit = VisitPage(session)
        self.places = PlacesPage(session)
        self.import_places = ImportPage(session)
        self.office = OfficePage(session)
        self.conflict = ConflictPage(session)
        self.overtaken = OvertakenPage(session)
        self.history = HistoryPage(session)
        self._before_history = VISIT
        self.paper = PaperPage(session)
        self.viewer = ViewerPage(session)
        self.preferences = PreferencesPage(Preferences())
        self._add_pages()
        self._connect_pages()
        self._connect_session()

    def _add_pages(self) -> None:
        for key, icon, label, page in (
            (VISITS, "calendar-days", "Visits", self.visits),
            (PLACES, "building-2", "Places", self.places),
            (OFFICE, "refresh-cw", "Sync", self.office),
            (PREFERENCES, "settings", "Preferences", self.preferences),
            (VISIT, "", "", self.visit),
            (IMPORT, "", "", self.import_places),
            (CONFLICT, "", "", self.conflict),
            (OVERTAKEN, "", "", self.overtaken),
            (HISTORY, "", "", self.history),
            (PAPER, "", "", self.paper),
            (VIEWER, "", "", self.viewer),
        ):
            self.shell.add_page(key, icon, label, page)

    def _connect_pages(self) -> None:
        self.shell.lock_requested.connect(self.lock_requested)
        self.shell.cover_requested.connect(self.cover_requested)
        self.shell.help_requested.connect(self.help_requested)
        self.visits.visit_requested.connect(self.open_visit)
        self.visits.places_requested.connect(self._choose_place)
        self.visit.paper_requested.connect(self._show_paper)
        self.visit.letter_requested.connect(self._show_letter)
        self.visit.decision_requested.connect(partial(self._decide, CONFLICT, self.conflict))
        self.visit.history_requested.connect(partial(self._show_history, VISIT))
        self.visit.gone.connect(self._leave_visit)
        self.visit.read.connect(self._note_read)
        self.places.visit_requested.connect(self.visits.plan)
        self.places.visit_opened.connect(self.open_visit)
        self.places.history_requested.connect(partial(self._show_history, PLACES))
        self.places.import_requested.connect(lambda: self.shell.show_page(IMPORT))
        self.import_places.places_requested.connect(lambda: self.shell.show_page(PLACES))
        for key, deciding in ((CONFLICT, self.conflict), (OVERTAKEN, self.overtaken)):
            deciding.done.connect(self.show_decisions)
            deciding.history_requested.connect(partial(self._show_history, key))
        self.office.conflict_requested.connect(partial(self._decide, CONFLICT, self.conflict))
        self.office.overtaken_requested.connect(partial(self._decide, OVERTAKEN, self.overtaken))
        self.office.record_requested.connect(self._show_record)
        self.office.history_requested.connect(partial(self._show_history, OFFICE))
        self.shell.only_here_requested.connect(self._show_only_here)
        asks = add_history_button(self.visit)
        asks.clicked.connect(lambda: self._show_history(VISIT, self._on_show()))
        self.history.back_requested.connect(self._leave_history)
        QShortcut(QKeySequence(DECIDE_KEY), self).activated.connect(self.show_decisions)
        self.preferences.chosen.connect(self._chosen)
        for page in (self.paper, self.viewer):
            page.back_requested.connect(lambda: self.shell.show_page(VISIT))

    def _connect_session(self) -> None:
        session = self._session
        session.synced.connect(self._synced)
        session.synced.connect(session.carrying.after)
        # Not a lambda with the session in it: the session would hold itself once locked.
        session.carrying.ended.connect(self._carried)

    def _carried(self, _carried: object) -> None:
        self._session.count_unsent()
        self._session.changed.emit(frozenset())

    def add_security(self, page: SecurityPage) -> None:
        """Add the page about the lock; it belongs to the open laptop, not to the records."""
        self.shell.add_page(SECURITY, "lock", "Security", page)

    def help_place(self) -> tuple[str, str]:
        """Where the help is about the page on show: of a visit, about its step."""
        here = self.shell.here
        return here, TITLES[str(self.visit.place()["step"])] if here == VISIT else ""

    def start(self, warning: str) -> None:
        """Show who is at work, what is held, and the place where the work stopped."""
        who = self._session.who
        initials = "".join(part[0] for part in who.adviser_name.split()[:2]).upper()
        self.shell.set_person(who.adviser_name, initials)
        self.bulletin.say_of_laptop([warning] if warning else [])
        self._session.start()
        self._session.read(_preferences, self._know_preferences)
        for page in (self.visits, self.places, self.office):
            page.refresh()
        self.bulletin.count_decisions()
        self._session.read_place(self._go_back)

    def _go_back(self, place: Mapping[str, str | int] | None) -> None:
        visit = str(place.get("visit", "")) if place else ""
        if visit and place and place.get("page") == VISIT:
            self.visit.open_visit(visit, place)
            self._enter(VISIT)
        else:
            self.shell.enter_page()
        self.ready.emit()

    def keep(self) -> None:
        """Keep what is typed and where the author is: the program is about to lock."""
        self.visit.flush()
        self.conflict.flush()
        here = VISIT if self.shell.current_page() in (self.visit, self.viewer) else ""
        self._session.keep_place({"page": here, **self.visit.place()})

    def _enter(self, key: str) -> None:
        self.shell.show_page(key)
        self.shell.rail.set_here(_RAIL[key])

    def open_visit(self, visit: str) -> None:
        """Open the workspace of a visit."""
        self.visit.open_visit(visit)
        self._enter(VISIT)

    def _note_read(self, records: Sequence[str]) -> None:
        now = self._session.store.now()
        self._session.keep(lambda connection: seen.note_all(connection, records, now))

    def _leave_visit(self) -> None:
        if self.shell.current_page() in (self.visit, self.paper, self.viewer):
            self.shell.show_page(VISITS)
        self.bulletin.say(GONE)

    def _choose_place(self) -> None:
        self.shell.show_page(PLACES)
        # The button that led here is gone with its page, and Qt would go to the rail.
        self.places.filters.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_paper(self, visit: str, reader: Reader) -> None:
        self.visit.flush()
        make_paper(
            self._session, visit, reader, self.paper.show_document, self.bulletin.say_trouble
        )
        self._enter(PAPER)

    def _show_letter(self, record: Attachment) -> None:
        self.visit.flush()
        self._enter(VIEWER)
        self.viewer.show_attachment(record)

    def _show_only_here(self) -> None:
        self.shell.show_page(OFFICE)
        self.office.show_only_here()

    def _show_record(self, visit: str, record: str) -> None:
        self.open_visit(visit)
        if record != visit:
            self.visit.go_to(record, "")

    def show_decisions(self) -> None:
        """Show what waits for a decision, from wherever the person is."""
        self.visit.flush()
        self.conflict.flush()
        self.shell.show_page(OFFICE)
        self.office.go_to_decisions()

    def _decide(self, key: str, page: ConflictPage | OvertakenPage, record: str) -> None:
        page.show_record(record)
        self._note_read([record])
        self._enter(key)

    def _on_show(self) -> str:
        """The record that is open in the workspace: the visit, or one that was recorded on it."""
        place, bundle = self.visit.place(), self.visit.bundle
        key = str(place["key"])
        return key if bundle and bundle.holding(key) else str(place["visit"])

    def _show_history(self, coming_from: str, record: str) -> None:
        self.visit.flush()
        self.conflict.flush()
        self._before_history = coming_from
        self.history.show_record(record)
        self.shell.show_page(HISTORY)
        self.shell.rail.set_here(_RAIL[coming_from])

    def _leave_history(self) -> None:
        self._enter(self._before_history)
        page = self.shell.current_page()
        if isinstance(page, ConflictPage | OvertakenPage):
            # A decision may have been undone meanwhile, or another side may have come.
            page.refresh()

    def _chosen(self, preferences: Preferences) -> None:
        self._choose(preferences)
        self._session.keep_preferences(preferences.to_plain())

    def _know_preferences(self, found: tuple[Preferences, int]) -> None:
        kept, most = found
        in_force = kept.within(most)
        self.preferences.show_preferences(in_force, most)
        self._choose(in_force)

    def _synced(self, _result: Synced) -> None:
        # The office may have set other rules.
        self._session.read(_preferences, self._know_preferences)


def _preferences(connection: Transaction) -> tuple[Preferences, int]:
    """The settings that are kept, and the longest time without a key that the office allows."""
    agreed = meta.trust(connection)
    most = agreed.lock_minutes if agreed else LONGEST_MINUTES
    return from_plain(meta.read(connection, "preferences")), most
