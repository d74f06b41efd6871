"""A record that was changed in two places: every side of each field, and a person's decision."""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal

from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.fields import Choices, Link, Moment
from hah_desktop.domain.records.base import Record
from hah_desktop.store import reading
from hah_desktop.store.reading import Held, Transaction
from hah_desktop.ui.forms.editors import Editor, editor_for
from hah_desktop.ui.kit.blocks import FormColumn, Notice
from hah_desktop.ui.kit.buttons import PrimaryButton, SecondaryButton
from hah_desktop.ui.kit.fields import ErrorSummary, Problem
from hah_desktop.ui.kit.labels import Label, Tag, TagKind, TextKind
from hah_desktop.ui.kit.page import Page, Room
from hah_desktop.ui.parts.decision import Decision
from hah_desktop.ui.parts.sides import Tongue, Torn, decided, linked, torn_fields
from hah_desktop.ui.parts.telling import tell
from hah_desktop.ui.parts.words import counted, record_name
from hah_desktop.ui.session import Session

WHAT_HAPPENED = (
    "This was changed in two places before either knew of the other. Nothing is lost: every "
    "version is kept in the history. Choose what to keep for each field."
)


@dataclass(frozen=True, slots=True)
class _Found:
    """The record, the names of what it links to, and all records that wait for a decision."""

    held: Held | None
    names: Mapping[str, str]
    waiting: tuple[str, ...]


class ConflictPage(Page):
    """Decides one record; the decision is a change like any other and replaces every side."""

    done = Signal()
    """There is nothing more to decide, or the person wants to decide later."""

    def __init__(self, session: Session) -> None:
        super().__init__("Changed in two places")
        self._session = session
        self._held: Held | None = None
        self._wanted = ""
        self._waiting: tuple[str, ...] = ()
        self._room_now = Room.WIDE
        self.choices: dict[str, Decision] = {}
        self.later = SecondaryButton("Decide later")
        self.decide = PrimaryButton("Save decision")
        self.summary = ErrorSummary()
        self.problem = Notice("", "bad")
        self.later.clicked.connect(self.done)
        self.decide.clicked.connect(self._save)
        self.set_footer(self.later, self.decide)
        session.changed.connect(self._changed)

    def set_room(self, room: Room) -> None:
        """Put the sides where they fit."""
        super().set_room(room)
        self._room_now = room
        for choice in self.choices.values():
            choice.set_room(room)

    def show_record(self, record: str) -> None:
        """Show every side of the record's undecided fields."""
        self._wanted = record
        self._held = None
        self._session.read(lambda connection: _read(connection, record), self._show)

    def refresh(self) -> None:
        """Read the record again, unless the person has begun to decide."""
        if self._wanted and not any(choice.is_decided() for choice in self.choices.values()):
            self.show_record(self._wanted)

    def _changed(self, _records: frozenset[str]) -> None:
        if self.isVisible() and self._held is not None:
            self.refresh()

    def is_shown(self) -> bool:
        """Whether the sides are on the screen."""
        return self._held is not None

    def choose_first(self) -> None:
        """Keep the first side of every field and save that."""
        for choice in self.choices.values():
            choice.buttons[0].click()
        self.decide.click()

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
        self._show_fields(torn_fields(held, self._tongue(found.names)))

    def _tongue(self, names: Mapping[str, str]) -> Tongue:
        return Tongue(
            codes=self._session.code_list,
            names=names,
            reader=self._session.who.adviser,
            now=self._session.store.now().astimezone(),
        )

    def _show_title(self, record: Record, names: Mapping[str, str]) -> None:
        name = record_name(record, self._session.code_list, names.get(_place_of(record), ""))
        waiting = len(self._waiting)
        where = self._waiting.index(record.id) + 1 if record.id in self._waiting else 1
        tags = [Tag(f"{where} of {waiting}", TagKind.INFO)] if waiting > 1 else []
        needs = "needs" if waiting == 1 else "need"
        crumbs = ("Sync", f"{counted(waiting, 'record')} {needs} a decision")
        self.set_title(f"{name} was changed in two places", breadcrumbs=crumbs, tags=tags)
        self.decide.set_words("Save decision and go to next" if waiting > 1 else "Save decision")

    def _show_fields(self, fields: tuple[Torn, ...]) -> None:
        self.summary = ErrorSummary()
        self.problem = Notice("", "bad")
        self.problem.hide()
        self.choices = {torn.key: Decision(torn, self._editor(torn)) for torn in fields}
        about = Label(WHAT_HAPPENED, TextKind.MUTED)
        column = FormColumn()
        for part in (about, self.summary, self.problem, *self.choices.values()):
            column.add(part)
        # Two texts beside each other need the whole width.
        column.setMaximumWidth(16_777_215)
        for choice in self.choices.values():
            choice.chosen.connect(self._count)
            choice.set_room(self._room_now)
        self.set_form(column)
        self._count()
        self.decide.setEnabled(True)
        if self.isVisible():
            next(iter(self.choices.values())).setFocus(Qt.FocusReason.OtherFocusReason)

    def _editor(self, torn: Torn) -> Editor | None:
        if torn.field is None or isinstance(torn.field, Choices | Link | Moment):
            return None
        now = self._session.store.now()
        return editor_for(torn.field, self._session.code_list, now.date())

    def _count(self) -> None:
        done = sum(choice.is_decided() for choice in self.choices.values())
        self.note = f"{done} of {counted(len(self.choices), 'field')} decided"

    def _save(self) -> None:
        held = self._held
        if held is None:
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
        edit = decided(held, {key: choice.value() for key, choice in self.choices.items()})
        self._session.save([edit], lambda _saved: self._next(held.record.id), self._refused)

    def _refused(self, fault: KnownError) -> None:
        self.decide.setEnabled(True)
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


def _read(connection: Transaction, record: str) -> _Found:
    held = reading.get(connection, record)
    waiting = tuple(str(one.record.id) for one in reading.undecided(connection))
    named = {*linked(held), _place_of(held.record)} - {""} if held else set()
    found = {name: reading.get(connection, name) for name in named}
    return _Found(held, {name: one.record.title() for name, one in found.items() if one}, waiting)


def _place_of(record: Record) -> str:
    return str(getattr(record, "place", ""))
