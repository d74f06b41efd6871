"""A record that was changed in two places: every side of each field, and a person's decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut

from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.fields import Choices, Link, Moment
from hah_desktop.domain.history import Entry
from hah_desktop.domain.records.base import Record
from hah_desktop.store.journal import drafts, history, reading
from hah_desktop.store.journal.drafts import Draft
from hah_desktop.store.journal.reading import Held, Transaction
from hah_desktop.ui.forms.editors import Editor, editor_for
from hah_desktop.ui.kit.blocks import FormColumn, Notice
from hah_desktop.ui.kit.buttons import PrimaryButton, SecondaryButton
from hah_desktop.ui.kit.fields import ErrorSummary, Problem
from hah_desktop.ui.kit.labels import Label, Tag, TagKind, TextKind
from hah_desktop.ui.kit.page import Page, Room
from hah_desktop.ui.parts.decision import Decision
from hah_desktop.ui.parts.halfway import half_made, has_more, name_of, taken_up
from hah_desktop.ui.parts.overtaken import still_begun
from hah_desktop.ui.parts.sides import Tongue, Torn, decided, linked, torn_fields
from hah_desktop.ui.parts.telling import tell
from hah_desktop.ui.parts.words import called_by, counted, record_name
from hah_desktop.ui.session import Session

KEEP_AFTER_MS = 400
"""What is begun is kept this long after the first choice or key that is not kept yet."""

MORE_SIDES = (
    "Another version has come since you began to decide. What you wrote is kept; look again and "
    "choose."
)
WHAT_HAPPENED = (
    "This was changed in two places before either knew of the other. Nothing is lost: every "
    "version is kept in the history. Choose what to keep for each field."
)


@dataclass(frozen=True, slots=True)
class _Found:
    """The record with its past, what it links to, what waits, and what was begun before."""

    held: Held | None
    names: Mapping[str, str]
    waiting: tuple[str, ...]
    past: Sequence[Entry] = ()
    begun: Draft | None = None


class ConflictPage(Page):
    """Decides one record; the decision is a change like any other and replaces every side."""

    done = Signal()
    """There is nothing more to decide, or the person wants to decide later."""
    history_requested = Signal(str)
    """The id of a record of which the person wants to see the past."""

    def __init__(self, session: Session) -> None:
        super().__init__("Changed in two places")
        self._session = session
        self._held: Held | None = None
        self._wanted = ""
        self._waiting: tuple[str, ...] = ()
        self._left: Draft | None = None
        self._room_now = Room.WIDE
        self.choices: dict[str, Decision] = {}
        self.later = SecondaryButton("Decide later")
        self.decide = PrimaryButton("Save decision")
        self.summary = ErrorSummary()
        self.problem, self.news = Notice("", "bad"), Notice("", "warn")
        self.history = SecondaryButton("History", "history")
        self._dirty = False
        self._timer = QTimer(self, singleShot=True, interval=KEEP_AFTER_MS)
        self._timer.timeout.connect(self.flush)
        self.later.clicked.connect(self._later)
        self.decide.clicked.connect(self._save)
        self.history.clicked.connect(lambda: self.history_requested.emit(self._wanted))
        self.add_header_action(self.history)
        self.set_footer(self.later, self.decide)
        QShortcut(QKeySequence.StandardKey.Save, self).activated.connect(self._save)
        session.changed.connect(self._changed)

    def set_room(self, room: Room) -> None:
        """Put the sides where they fit."""
        super().set_room(room)
        self._room_now = room
        for choice in self.choices.values():
            choice.set_room(room)

    def show_record(self, record: str) -> None:
        """Show every side of the record's undecided fields."""
        self.flush()
        self._wanted = record
        self._held = None
        self._session.read(lambda connection: _read(connection, record), self._show)

    def refresh(self) -> None:
        """Read the record again, unless the person has begun to decide."""
        if self._wanted and not any(choice.is_begun() for choice in self.choices.values()):
            self.show_record(self._wanted)

    def _changed(self, _records: frozenset[str]) -> None:
        if self.isVisible() and self._held is not None:
            self.refresh()

    def flush(self) -> None:
        """Keep what is chosen and typed so far, now."""
        self._timer.stop()
        # Not asked of the timer: in what it calls, it has already run out.
        if not self._dirty or self._held is None:
            return
        self._dirty = False
        halves = {key: choice.half() for key, choice in self.choices.items()}
        at = self._session.store.now().isoformat()
        self._session.keep_draft(half_made(self._held, halves, at, self._left), self._not_kept)

    def _not_kept(self, fault: KnownError) -> None:
        # The next choice, key or lock tries again.
        self._dirty = True
        self._session.trouble.emit(fault)

    def _later(self) -> None:
        self.flush()
        self.done.emit()

    def is_shown(self) -> bool:
        """Whether the sides are on the screen."""
        return self._held is not None

    def _show(self, found: _Found) -> None:
        held = found.held
        if held is not None and held.record.id != self._wanted:
            return
        self._waiting = found.waiting
        if held is None or not held.open:
            self._wanted = ""
            self.done.emit()
            return
        self._held = held
        self._show_title(held.record, found.names)
        self._show_fields(torn_fields(held, self._tongue(found.names), found.past))
        begun = self._session.unkept.get(name_of(held.record.id), found.begun)
        self._left = still_begun(begun, held, found.past)
        self._go_on(held, begun)

    def _go_on(self, held: Held, begun: Draft | None) -> None:
        """Take up a decision that was begun before."""
        for key, half in taken_up(begun, held).items():
            self.choices[key].take_up(half)
        tell(self.news, MORE_SIDES if has_more(begun, held) else "")
        self._count()

    def _tongue(self, names: Mapping[str, str]) -> Tongue:
        return Tongue(
            codes=self._session.code_list,
            names=names,
            reader=self._session.who.adviser,
            now=self._session.store.now().astimezone(),
        )

    def _show_title(self, record: Record, names: Mapping[str, str]) -> None:
        name = record_name(record, self._session.code_list, names.get(called_by(record), ""))
        waiting = len(self._waiting)
        where = self._waiting.index(record.id) + 1 if record.id in self._waiting else 1
        tags = [Tag(f"{where} of {waiting}", TagKind.INFO)] if waiting > 1 else []
        needs = "needs" if waiting == 1 else "need"
        crumbs = ("Sync", f"{counted(waiting, 'record')} {needs} a decision")
        self.set_title(f"{name} was changed in two places", breadcrumbs=crumbs, tags=tags)
        self.decide.set_words("Save decision and go to next" if waiting > 1 else "Save decision")

    def _show_fields(self, fields: tuple[Torn, ...]) -> None:
        self.summary = ErrorSummary()
        self.problem, self.news = Notice("", "bad"), Notice("", "warn")
        for notice in (self.problem, self.news):
            notice.hide()
        self.choices = {torn.key: Decision(torn, self._editor(torn)) for torn in fields}
        about = Label(WHAT_HAPPENED, TextKind.MUTED)
        column = _WholeWidth()
        for part in (about, self.summary, self.problem, self.news, *self.choices.values()):
            column.add(part)
        for choice in self.choices.values():
            choice.chosen.connect(self._chosen)
            choice.set_room(self._room_now)
        self.set_form(column)
        self._count()
        self.decide.setEnabled(True)
        if self.isVisible():
            next(iter(self.choices.values())).setFocus(Qt.FocusReason.OtherFocusReason)

    def _editor(self, torn: Torn) -> Editor | None:
        if torn.field is None or isinstance(torn.field, Choices | Link | Moment):
            return None
        if not torn.field.shown:
            # What the program itself keeps, such as how far a visit is: the sides are all there is.
            return None
        now = self._session.store.now()
        return editor_for(torn.field, self._session.code_list, now.date())

    def _chosen(self) -> None:
        self._count()
        self._dirty = True
        # Not restarted by the next key: whoever types on and on is kept just as often.
        if not self._timer.isActive():
            self._timer.start()

    def _count(self) -> None:
        done = sum(choice.is_decided() for choice in self.choices.values())
        self.note = f"{done} of {counted(len(self.choices), 'field')} decided"

    def _save(self) -> None:
        held = self._held
        if held is None or not self.decide.isEnabled():
            return
        missing = {key: choice.missing() for key, choice in self.choices.items()}
        for key, choice in self.choices.items():
            choice.show_problem(missing[key][:1].upper() + missing[key][1:])
        self.summary.show_problems(
            [
                Problem(f"{self.choices[key].accessibleName()}: {words}", self.choices[key])
                for key, words in missing.items()
                if words
            ]
        )
        if any(missing.values()):
            return
        self.decide.setEnabled(False)
        self._timer.stop()
        self._dirty = False
        record, left = held.record.id, self._left
        edit = decided(held, {key: choice.value() for key, choice in self.choices.items()})

        def forget(connection: Transaction) -> None:
            if left is None:
                drafts.discard(connection, name_of(record))
            else:
                drafts.keep(connection, left)

        self._session.save([edit], lambda _saved: self._next(record), self._refused, forget)

    def _refused(self, fault: KnownError) -> None:
        self.decide.setEnabled(True)
        self._chosen()
        tell(self.problem, str(fault))

    def _next(self, settled: str) -> None:
        self._held = None
        self._wanted = ""
        self.choices = {}
        rest = [record for record in self._waiting if record != settled]
        if rest:
            self.show_record(rest[0])
        else:
            self.done.emit()


class _WholeWidth(FormColumn):
    """As wide as there is room: two texts beside each other need it."""

    def _limit(self) -> None:
        """Set no limit, whatever the size of text."""


def _read(connection: Transaction, record: str) -> _Found:
    held = reading.get(connection, record)
    waiting = tuple(str(one.record.id) for one in reading.undecided(connection))
    named = {*linked(held), called_by(held.record)} - {""} if held else set()
    found = {name: reading.get(connection, name) for name in named}
    names = {name: one.record.title() for name, one in found.items() if one}
    begun = drafts.get(connection, name_of(record))
    return _Found(held, names, waiting, history.of_record(connection, record), begun)
