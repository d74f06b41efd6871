"""What the middle of the workspace may hold: a part that keeps, saves and finds its place."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from hah_desktop.documents.editions import UNKNOWN_CHILD
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.moving import Movable
from hah_desktop.domain.records.base import Record, Section
from hah_desktop.store.journal.reading import Held
from hah_desktop.store.journal.saving import NOTHING
from hah_desktop.ui.forms.record_form import RecordForm
from hah_desktop.ui.kit.blocks import FormColumn
from hah_desktop.ui.kit.fields import ErrorSummary
from hah_desktop.ui.kit.labels import Heading
from hah_desktop.ui.parts.state_line import StateLine
from hah_desktop.ui.screens.visit.bundle import Bundle
from hah_desktop.ui.screens.visit.moving import Mover, answers_about
from hah_desktop.ui.screens.visit.permissions import PermissionCard
from hah_desktop.ui.screens.visit.whose import MOVED_AWAY, MOVED_HERE, WhoseCard
from hah_desktop.ui.session import Session


class Part(FormColumn):
    """One entry of the workspace, open in the middle."""

    saved = Signal()
    go_to = Signal(str, str)
    """Asks the workspace for a record and a field of it."""
    decide = Signal(str)
    """Asks for the decision about a record that has two versions."""
    became = Signal(str)
    """What was open here stands as another record now, of this id."""
    removed = Signal()
    """What was open here is gone: its step shows what is left."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.heading = Heading(title, 2)
        self.add(self.heading)
        self.state = StateLine()
        self.add(self.state)
        self.forms: list[RecordForm] = []

    def show_bundle(self, bundle: Bundle) -> None:
        """Show what is held now. What is being typed stays."""
        raise NotImplementedError

    def show_state(self, bundle: Bundle) -> None:
        """Show how far what is open here has come."""
        own = [form.record_id for form in self.forms]
        # Of the visit itself the heading of the page says so.
        seen = bundle.seen_by.get(own[0], "") if own and own[0] != bundle.visit.id else ""
        self.state.show_state(bundle.waiting(*own), (seen,) if seen else ())

    def reads(self, bundle: Bundle) -> list[str]:
        """The ids of the saved records that whoever opens this reads, beside the visit itself."""
        own = [form.record_id for form in self.forms]
        return [record for record in own if record in bundle.held and record != bundle.visit.id]

    def flush(self) -> None:
        """Keep what is typed, now."""
        for form in self.forms:
            form.flush()

    def save(self) -> bool:
        """Save every form of the part; False, with the problem shown, where one cannot be."""
        # Every form is tried, so that every problem is shown at once.
        tried = [form.save() for form in self.forms if form.has_draft]
        return all(tried)

    def is_saved(self) -> bool:
        """Whether nothing is left to save: a save that failed leaves something."""
        return not any(form.has_draft for form in self.forms)

    def goes_on(self) -> bool:
        """Whether it is saved and left by “Save and continue”; else it has a button of its own."""
        return True

    def place(self) -> dict[str, str | int]:
        """Where the author is: record, field, cursor."""
        for form in self.forms:
            found = form.place()
            if found:
                return {**found, "record": form.record_id}
        return {}

    def go_back_to(self, place: Mapping[str, str | int]) -> None:
        """Put the focus where `place` says it was, if it says so."""
        if "field" in place:
            cursor = int(place.get("cursor", 0))
            self.go_to_place(str(place.get("record", "")), str(place["field"]), cursor)

    def go_to_place(self, record: str, field: str, cursor: int = 0) -> bool:
        """Put the focus where it was; False if this part does not ask for that field."""
        for form in self.forms:
            if form.record_id == record and form.holds(field):
                form.go_to_place(field, cursor)
                return True
        return False

    def problems_of(self) -> list[QWidget]:
        """The lists of problems, for the workspace to bring into view."""
        return [form.problems for form in self.forms if form.problems.isVisible()]


class RecordPart(Part):
    """A part with one form over one record, and who may see it where a child decides that."""

    def __init__(
        self,
        session: Session,
        record: Record,
        sections: tuple[Section, ...] | None = None,
        title: str = "",
    ) -> None:
        super().__init__(title or record.noun.capitalize())
        self._session = session
        self._record = record
        self.problems = ErrorSummary()
        self._bundle: Bundle | None = None
        self._move_to: str | None = None
        self._was_put = False
        self.whose = WhoseCard() if isinstance(record, Movable) else None
        self._mover = Mover(session, self)
        self.form = RecordForm(session, type(record), sections or record.sections)
        self.form.saved.connect(self.saved)
        self.forms = [self.form]
        self.add(self.problems)
        if self.whose:
            self.whose.chosen.connect(self._know_child)
            self.whose.offer.wanted.connect(self._move)
            self.whose.offer.unwanted.connect(self._undo_move)
            self.form.edited.connect(self._withdraw_undo)
            self.add(self.whose)
        self.add(self.form)
        self._permissions = PermissionCard(session) if record.by_permission else None
        if self._permissions:
            self.add(self._permissions)

    def show_bundle(self, bundle: Bundle) -> None:
        """Show what is held now. What is being typed stays."""
        held = bundle.holding(self._record.id) or new_held(self._record)
        self._bundle = bundle
        saved = held.seen is not NOTHING
        if self._was_put:
            self._was_put = False
            self.form.load(held, bundle.drafts.get(self._record.id))
        self.form.show_held(held, bundle.drafts.get(self._record.id))
        self.form.set_signed_off(bundle.is_signed_off)
        if self.whose:
            self._show_whose(self.whose, held.record, bundle, saved=saved)
        if self._permissions:
            self._permissions.show_item(held.record, bundle, saved=saved)
        if self._move_to is not None:
            self._move(self._move_to)

    def _know_child(self, child: str) -> None:
        self.problems.clear()
        self.form.know(child=child)

    def _show_whose(self, card: WhoseCard, record: Record, bundle: Bundle, *, saved: bool) -> None:
        if not isinstance(record, Movable):
            return
        if not saved:
            card.show_children(bundle.met(), record.child)
            return
        card.offer.show_record(record, bundle, answers_about(bundle, record.id))
        if not card.offer.undo.isHidden() and not self._mover.may_undo(bundle):
            card.offer.show_done("", may_undo=False)
        name = bundle.child_of(record.child) or (UNKNOWN_CHILD if record.child else "")
        was_moved = MOVED_AWAY if record.removed else MOVED_HERE
        card.show_child(name, was_moved if record.moved else None)

    # Moving it to another child

    def _move(self, child: str) -> None:
        """Move it, as it is typed; once a save that is under way is on show."""
        self._move_to = child if self.form.is_saving else None
        if self.whose is None or self._bundle is None or self.form.is_saving:
            return
        edited = self.form.typed()
        if edited is None:
            for problems in self.problems_of():
                problems.setFocus()
            return
        # What is typed goes with it, and is there still if it cannot be saved.
        self.form.flush()
        self._set_busy(busy=True)
        self._mover.move(edited, child, self._bundle, self._was_moved, self._not_moved)

    def _was_moved(self, stands: Movable) -> None:
        if isValid(self) and self._bundle is not None:
            whom = self._bundle.child_of(stands.child)
            self._stands(
                stands, f"It is about {whom} now." if whom else "It is about no one child."
            )

    def _undo_move(self) -> None:
        self._set_busy(busy=True)
        self._mover.undo(self._was_moved_back, self._not_moved)

    def _was_moved_back(self, stands: Movable) -> None:
        if isValid(self):
            self._stands(stands, "The move is undone: it is as it was before.")

    def _stands(self, record: Movable, words: str) -> None:
        self._set_busy(busy=False)
        # What was typed went with it.
        self._record, self._was_put = record, True
        self.became.emit(record.id)
        if self.whose:
            self.whose.offer.show_done(words, may_undo=self._mover.has_back)

    def _not_moved(self, fault: KnownError) -> None:
        if isValid(self):
            self._set_busy(busy=False)
            if self.whose:
                self.whose.offer.show_refused()
        self._session.trouble.emit(fault)

    def _withdraw_undo(self) -> None:
        if self.whose and not self.whose.offer.undo.isHidden():
            self.whose.offer.show_done("", may_undo=False)

    def _set_busy(self, *, busy: bool) -> None:
        for part in (self.form, self.whose, self._permissions):
            if part:
                part.setEnabled(not busy)

    def save(self) -> bool:
        """Save it; False, with the problem shown, where it cannot be or nobody said whose it is."""
        asks = self.whose is not None and self.form.has_draft
        missing = self.whose.problems() if self.whose and asks else []
        self.problems.show_problems(missing)
        return not missing and super().save()

    def problems_of(self) -> list[QWidget]:
        """The lists of problems, for the workspace to bring into view."""
        own: list[QWidget] = [self.problems] if self.problems.isVisible() else []
        return own + super().problems_of()


def new_held(record: Record) -> Held:
    """A record that is not saved yet."""
    return Held(record, NOTHING, {})
