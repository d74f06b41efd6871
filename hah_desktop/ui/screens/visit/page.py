"""The workspace of one visit: steps on top, rows at the left, one part open in the middle."""

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut

from hah_desktop.domain.fields import Reader
from hah_desktop.domain.signoff import PLANNED
from hah_desktop.store.journal.reading import Transaction
from hah_desktop.ui.kit.page import Page
from hah_desktop.ui.kit.stepper import Step, Stepper
from hah_desktop.ui.screens.visit import steps
from hah_desktop.ui.screens.visit.bundle import Bundle, load
from hah_desktop.ui.screens.visit.foot import Foot
from hah_desktop.ui.screens.visit.glance import Glance
from hah_desktop.ui.screens.visit.heading import show_heading
from hah_desktop.ui.screens.visit.panes import Middle, RowsPane
from hah_desktop.ui.screens.visit.part import Part
from hah_desktop.ui.screens.visit.talk import TalkPart
from hah_desktop.ui.session import Session

NEW = "new"
"""The row that is open while something new has none of its own yet."""


class VisitPage(Page):
    """One visit, from planning to sign-off. Everything typed is kept while it is typed."""

    paper_requested = Signal(str, Reader)
    """Asks for the summary of this visit for one reader."""
    letter_requested = Signal(object)
    """Asks for the content of an attachment of this visit."""
    decision_requested = Signal(str)
    """Asks for the decision about a record of this visit that has two versions."""
    history_requested = Signal(str)
    """Asks for the past of a record of this visit that was removed."""
    shown = Signal()
    """What was asked for is on the screen."""
    gone = Signal()
    """The visit is not on this laptop any more."""
    read = Signal(object)
    """The ids of records that came on the screen because the person opened them: once each time."""

    def __init__(self, session: Session) -> None:
        super().__init__("Visit")
        self._session = session
        self.bundle: Bundle | None = None
        self._visit = ""
        self._step = steps.PLAN
        self._key = ""
        self._place: Mapping[str, str | int] = {}
        self._target: tuple[str, str] | None = None
        self._stepper = Stepper([Step(key, label) for key, label in steps.STEPS])
        self.pane = RowsPane()
        self._middle = Middle()
        self._glance = Glance(session)
        self.foot = Foot()
        self.set_stepper(self._stepper)
        self.set_list(self.pane)
        self.set_form(self._middle, scroll=False)
        self.set_side(self._glance)
        self._connect()

    def _connect(self) -> None:
        self._stepper.chosen.connect(self.show_step)
        self.pane.opened.connect(self.open_entry)
        self.pane.add_requested.connect(self.add_new)
        middle = self._middle
        middle.add_requested.connect(self.add_new)
        middle.saved.connect(self.refresh)
        middle.go_to.connect(self.go_to)
        middle.decide.connect(self.decision_requested)
        middle.look_requested.connect(self.letter_requested)
        middle.became.connect(self._follow)
        middle.removed.connect(self._show_removed)
        middle.history_requested.connect(self.history_requested)
        self.foot.start.clicked.connect(self._start_visit)
        self.foot.declined.clicked.connect(self._mark_declined)
        self.foot.add_letter.clicked.connect(self.save)
        self.foot.go_on.clicked.connect(self.save_and_continue)
        QShortcut(QKeySequence.StandardKey.Save, self).activated.connect(self.save)
        self._session.changed.connect(lambda _records: self.refresh())

    # What is on show

    def open_visit(self, visit: str, place: Mapping[str, str | int] | None = None) -> None:
        """Show a visit, at the place where the author was if that is known."""
        self.flush()
        self._visit = visit
        self.read.emit([visit])
        self._place = place or {}
        self._step = str(self._place.get("step", ""))
        key = str(self._place.get("key", ""))
        self._key = "" if key == NEW else key
        self._middle.drop()
        self.refresh()

    def refresh(self) -> None:
        """Read the visit anew; what is being typed stays."""
        if self._visit:
            self._session.read(_load(self._session, self._visit), partial(self._show, self._visit))

    def _show(self, visit: str, bundle: Bundle | None) -> None:
        if visit != self._visit:
            return
        if bundle is None:
            # It was taken back: nothing of it stays on the screen, and what was typed is kept.
            self._middle.drop()
            self._middle.go_on(goes_on=False)
            self._visit, self._key, self.bundle = "", "", None
            self.gone.emit()
            return
        bundle = self.bundle = bundle.with_drafts(self._session.unkept)
        if self._target is not None:
            (record, field), self._target = self._target, None
            self._step, self._key = steps.where(bundle, record, field)
            self._place = {"record": record, "field": field} if field else {}
        self._step = self._step or _first_step(bundle)
        show_heading(self, self._session, bundle)
        _show_steps(self._stepper, bundle, self._step)
        self._show_rows(bundle)
        self._open(bundle)
        self.shown.emit()

    def _show_rows(self, bundle: Bundle) -> None:
        ask = partial(self.paper_requested.emit, self._visit)
        self.pane.show_step(self._session, bundle, self._step, ask)
        begun = self._middle.begun()
        if self._key == steps.REMOVED and self._key not in self.pane.entries:
            # All of it was brought back.
            self._middle.drop()
        if self._key != NEW or begun in self.pane.entries:
            # What was begun has a row of its own once it is kept.
            self._key = self.pane.nearest(begun if self._key == NEW else self._key)
        self.pane.choose(self._key)

    def _open(self, bundle: Bundle) -> None:
        middle = self._middle
        entry, begins = self.pane.entries.get(self._key), middle.part is None
        if begins and entry is not None:
            middle.put(entry.make())
        elif begins and self._key != NEW:
            middle.put_empty(steps.how_kept(self._step), self.pane.add)
        self._glance.show_record(bundle, self._key)
        if middle.part is not None:
            middle.part.show_bundle(bundle)
            middle.part.show_state(bundle)
            if begins and (reads := middle.part.reads(bundle)):
                self.read.emit(reads)
        self.set_footer(*self.foot.fitting(bundle, middle.part))
        if middle.part is not None:
            place, self._place = self._place, {}
            middle.go_back_to(place)
        middle.take_keyboard(self.pane.rows)

    def _show_removed(self) -> None:
        """What was just removed can be brought back at once."""
        self.show_step(self._step)
        self._key = steps.REMOVED

    def _follow(self, record: str) -> None:
        self._key = record

    def talk_part(self) -> TalkPart | None:
        """The conversation on show, if one is."""
        part = self._middle.part
        return part if isinstance(part, TalkPart) else None

    # What a person does

    def show_step(self, step: str) -> None:
        """Go to a step; what is typed is kept."""
        self._middle.drop()
        self._step = step
        self._key = ""
        self.refresh()

    def open_entry(self, key: str) -> None:
        """Open one row; what is typed is kept."""
        if key == self._key and self._middle.part is not None:
            return
        self._middle.drop()
        self._key = key
        # Read anew: parts of one record share its draft, and what was just typed is in it.
        self.refresh()
        self.show_form()

    def add_new(self) -> None:
        """Start a new row of this step."""
        adding = steps.adding(self._session, self.bundle, self._step) if self.bundle else None
        if adding is None or self.bundle is None:
            return
        self._middle.drop()
        self._key = NEW
        self._middle.put(adding.make())
        self._open(self.bundle)
        self.pane.choose("")
        self.show_form()
        self._middle.go_on()
        self._middle.take_keyboard(self.pane.rows)

    def go_to(self, record: str, field: str) -> None:
        """Go to a record of this visit, and to a field of it to put something right."""
        self._middle.drop()
        # The record may have been made a moment ago: where it stands is known once it is read.
        self._target = (record, field)
        self.refresh()

    def save(self) -> bool:
        """Save what is open."""
        part = self._middle.part
        if part is None:
            return False
        saved = part.save()
        if not saved:
            for problems in part.problems_of():
                problems.setFocus()
        elif self._key == NEW:
            self._key = self._middle.begun() or NEW
        return saved

    def save_and_continue(self) -> None:
        """Save what is open and go to the next row, or the next step."""
        part = self._middle.part
        if part is None:
            self._go_on()
        elif self.save():
            # Answered after the save, since the store's lane keeps its order.
            self._session.read(_nothing, lambda _none: self._go_on_from(part))

    def _go_on_from(self, part: Part) -> None:
        # A save that failed, or that somebody typed on during, stays on the screen.
        if part is self._middle.part and part.is_saved():
            self._go_on()

    def _go_on(self) -> None:
        self._middle.go_on()
        following = self.pane.after(self._key)
        if following:
            self.open_entry(following)
            self.pane.choose(self._key)
            return
        self.show_step(steps.following(self._step))

    def _start_visit(self) -> None:
        if self.bundle is None or not (self._middle.part is None or self.save()):
            return
        # The save above comes first in the store's lane; read what it left, then start.
        self._session.read(_load(self._session, self._visit), self._mark_started)

    def _mark_started(self, bundle: Bundle | None) -> None:
        if bundle is None or not self._middle.is_saved():
            return
        started = bundle.start(self._session.store.now())
        self._session.save([started], lambda _saved: self.show_step(steps.RECORD))

    def _mark_declined(self) -> None:
        if (talk := self.talk_part()) is not None:
            talk.mark_declined()

    def flush(self) -> None:
        """Keep what is typed, now."""
        self._middle.flush()

    def place(self) -> dict[str, str | int]:
        """Where the author is."""
        # What was begun has a draft by now, and with it a row of its own.
        key = self._middle.begun() or NEW if self._key == NEW else self._key
        here = {"visit": self._visit, "step": self._step, "key": key}
        return {**here, **self._middle.place()}


def _load(session: Session, visit: str) -> Callable[[Transaction], Bundle | None]:
    files = session.attaching.files
    return lambda connection: load(connection, visit, files)


def _first_step(bundle: Bundle) -> str:
    """Where a visit is opened of which nobody says where."""
    return steps.PLAN if bundle.visit.status == PLANNED else steps.RECORD


def _show_steps(stepper: Stepper, bundle: Bundle, current: str) -> None:
    for key, _ in steps.STEPS:
        stepper.set_done(key, steps.is_done(bundle, key))
    stepper.set_current(current)


def _nothing(_connection: Transaction) -> None:
    """Ask the database nothing, to hear that it has answered everything before."""
