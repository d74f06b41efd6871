"""A decision that was begun here and made elsewhere meanwhile: what was begun is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt, Signal

from hah_desktop.domain.codec import from_body, patched
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.history import Entry
from hah_desktop.store.journal import drafts, history, reading
from hah_desktop.store.journal.drafts import Draft
from hah_desktop.store.journal.reading import Held, Transaction
from hah_desktop.store.journal.saving import Edited
from hah_desktop.ui.kit.blocks import Card, FormColumn, Notice
from hah_desktop.ui.kit.buttons import SecondaryButton
from hah_desktop.ui.kit.fields import LabelledField
from hah_desktop.ui.kit.inputs import TextArea
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.kit.page import Page
from hah_desktop.ui.parts.halfway import kind_of, name_of, only
from hah_desktop.ui.parts.overtaken import Begun, begun_fields, record_in
from hah_desktop.ui.parts.past import linked
from hah_desktop.ui.parts.sides import Tongue
from hah_desktop.ui.parts.sure import PressedTwice
from hah_desktop.ui.parts.telling import tell
from hah_desktop.ui.parts.words import called_by, record_name
from hah_desktop.ui.session import Session

WHAT_HAPPENED = (
    "You had begun to decide this, and somebody else has decided. What you had chosen and written "
    "is kept here: put it in the place of what stands, copy from it, or discard it."
)
NOW = "What stands now"
YOURS = "What you had begun"
USE = "Let this stand instead"
DISCARD = "Discard what you had begun"
SURE = "What you had chosen and written here will be gone from this laptop. What stands now stays."
_LINES = 2


@dataclass(frozen=True, slots=True)
class _Found:
    """What was begun, and the record with its past, as far as it is here."""

    begun: Draft | None
    kind: str
    held: Held | None
    past: Sequence[Entry]
    names: Mapping[str, str]


class OvertakenPage(Page):
    """Shows what was begun beside what stands now, until the person has done with it."""

    done = Signal()
    """Nothing is left of it, or the person wants to come back later."""
    history_requested = Signal(str)
    """The id of a record of which the person wants to see the past."""

    def __init__(self, session: Session) -> None:
        super().__init__("Decided meanwhile")
        self._session = session
        self._record = ""
        self._found: _Found | None = None
        self.cards: dict[str, _BegunCard] = {}
        self.problem = Notice("", "bad")
        self.sure = PressedTwice(DISCARD, "Yes, discard it", beside=True)
        self.later = SecondaryButton("Keep it for later")
        self.history = SecondaryButton("History", "history")
        self.history.clicked.connect(lambda: self.history_requested.emit(self._record))
        self.later.clicked.connect(self.done)
        self.add_header_action(self.history)
        self.set_footer(self.later)

    def show_record(self, record: str) -> None:
        """Show what was begun of the decision about a record."""
        self._record = record
        self._found = None
        self.refresh()

    def refresh(self) -> None:
        """Read it anew: what stands may be something else by now."""
        if record := self._record:
            self._session.read(lambda connection: _read(connection, record), self._show)

    def _show(self, found: _Found) -> None:
        if found.begun is None:
            self._record = ""
            self.done.emit()
            return
        if found.begun.record != name_of(self._record):
            return
        self._found = found
        session = self._session
        record = found.held.record if found.held else record_in(found.begun, found.kind)
        name = "A record"
        if record is not None:
            by = found.names.get(called_by(record), "")
            name = record_name(record, session.code_list, by)
        self.set_title(f"{name} was decided meanwhile", breadcrumbs=("Sync", "Decided meanwhile"))
        tongue = Tongue(
            codes=session.code_list,
            names=found.names,
            reader=session.who.adviser,
            now=session.store.now().astimezone(),
        )
        self._lay_out(begun_fields(found.begun, found.kind, found.held, found.past, tongue))

    def _lay_out(self, fields: Sequence[Begun]) -> None:
        self.problem = Notice("", "bad")
        self.problem.hide()
        self.sure = PressedTwice(DISCARD, "Yes, discard it", beside=True)
        self.sure.asked.connect(lambda: self.sure.warn(SURE))
        self.sure.sure.connect(self._discard)
        self.cards = {one.key: _BegunCard(one) for one in fields}
        column = FormColumn()
        parts = (Label(WHAT_HAPPENED, TextKind.MUTED), self.problem, *self.cards.values())
        for part in (*parts, self.sure):
            column.add(part)
        for one in fields:
            self.cards[one.key].use.clicked.connect(partial(self._use, one))
        self.set_form(column)
        if self.isVisible():
            first = next(iter(self.cards.values()), self.sure)
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _use(self, one: Begun) -> None:
        found = self._found
        if found is None or found.held is None or found.begun is None:
            return
        held, begun = found.held, found.begun
        body = patched(held.seen.body, {one.key: one.value})
        edit = Edited(
            from_body(held.record.kind, held.record.id, body), held.seen, keeps_draft=True
        )
        left = only(begun, begun.body.keys() - {one.key})

        def forget(connection: Transaction) -> None:
            if left is None:
                drafts.discard(connection, begun.record)
            else:
                drafts.keep(connection, left)

        self._session.save([edit], lambda _saved: self.refresh(), self._refused, forget)

    def _refused(self, fault: KnownError) -> None:
        tell(self.problem, str(fault))

    def _discard(self) -> None:
        record = self._record
        self._session.discard_draft(name_of(record), lambda _none: self._gone(record))

    def _gone(self, record: str) -> None:
        self._session.changed.emit(frozenset({record}))
        self.refresh()


class _BegunCard(Card):
    """One field: what stands, and what was begun, which can be marked and copied."""

    def __init__(self, one: Begun) -> None:
        super().__init__(one.label)
        self.add(Label(NOW, TextKind.STRONG))
        self.add(Label(one.now))
        if one.said:
            self.add(Label(one.said, TextKind.CAPTION))
        self.words = TextArea(_LINES)
        self.words.set_value(one.words)
        self.words.setReadOnly(True)
        self.add(LabelledField(YOURS, self.words))
        self.words.setAccessibleName(f"{one.label}: {YOURS}")
        self.use = SecondaryButton(USE)
        self.use.setAccessibleName(f"{one.label}: {USE}")
        self.body.addWidget(self.use, 0, Qt.AlignmentFlag.AlignLeft)
        if not one.may_stand:
            self.use.hide()
        self.setFocusProxy(self.words)


def _read(connection: Transaction, record: str) -> _Found:
    begun = drafts.get(connection, name_of(record))
    held, past = reading.get(connection, record), history.of_record(connection, record)
    kind = kind_of(begun) if begun else ""
    kind = kind or reading.kind_of(connection, record)
    known = held.record if held else record_in(begun, kind) if begun else None
    named = {*linked(kind, past), called_by(known) if known else ""} - {""}
    found = {name: reading.get(connection, name) for name in named}
    names = {name: one.record.title() for name, one in found.items() if one}
    return _Found(begun, kind, held, past, names)
