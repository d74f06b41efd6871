"""One visit with everything recorded on it, as one state of the database held it."""

import dataclasses as dc
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from hah_desktop.domain.codec import from_body
from hah_desktop.domain.ids import RecordId, visit_file
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.records.base import Record
from hah_desktop.domain.records.child import (
    Child,
    Conversation,
    Permission,
    Statement,
    permission_id,
)
from hah_desktop.domain.records.reference import Place
from hah_desktop.domain.records.visit import Visit
from hah_desktop.domain.signoff import SIGNED_OFF, STARTED
from hah_desktop.store.attachments import travelling
from hah_desktop.store.attachments.attachments import Attachments, Where
from hah_desktop.store.attachments.travelling import NO_FILES, Count, Way
from hah_desktop.store.exchange import seen, waiting
from hah_desktop.store.exchange.waiting import NOTHING_DUE, Due
from hah_desktop.store.journal import drafts, reading, removed
from hah_desktop.store.journal.drafts import Draft
from hah_desktop.store.journal.reading import Held, Transaction
from hah_desktop.store.journal.removed import Gone
from hah_desktop.store.journal.saving import NOTHING, Edited
from hah_desktop.ui.parts.on_its_way import Told, told

R = TypeVar("R", bound=Record)

_LONG_AGO = dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass(frozen=True)
class Bundle:
    """The visit, what belongs to it, what is being typed on it, and every child known here."""

    visit: Visit
    place: Place | None
    held: Mapping[str, Held]
    drafts: Mapping[str, Draft]
    children: Mapping[str, Child]
    where: Mapping[str, Where] = field(default_factory=dict)
    """For each attachment, whether its content is on this laptop."""
    due: Mapping[str, Due] = field(default_factory=dict)
    """For each record that the office does not wholly have, or use, what is due of it."""
    due_together: Due = NOTHING_DUE
    """What is due of all that lies in the visit, also of what is not shown, or was removed."""
    last_well: str = ""
    """When the last sync ended in which everything went well."""
    ways: Mapping[str, Way] = field(default_factory=dict)
    """For each attachment, how far its content has travelled."""
    files: Count = NO_FILES
    """How many of the files that were added here the office has."""
    moved: Mapping[str, str] = field(default_factory=dict)
    """What was moved away from the wrong child, and as which record each stands now."""
    seen_by: Mapping[str, str] = field(default_factory=dict)
    """For each record that somebody else has seen as it was last sent from here, who, in words."""
    removed: tuple[Gone, ...] = ()
    """What was removed of the visit, the latest first."""

    @property
    def is_signed_off(self) -> bool:
        """Whether nothing but addenda may be written any more."""
        return self.visit.status == SIGNED_OFF

    @property
    def seen(self) -> str:
        """Who else has seen the visit itself, in words."""
        return self.seen_by.get(self.visit.id, "")

    def waiting(self, *records: str) -> Due | None:
        """What is due of these records together; None where none of them is saved."""
        saved = [record for record in records if record in self.held]
        each = (self.due.get(record, NOTHING_DUE) for record in saved)
        return sum(each, NOTHING_DUE) if saved else None

    def with_drafts(self, unkept: Mapping[str, Draft]) -> "Bundle":
        """The same, with drafts that are not in the database yet."""
        visit = self.visit.id
        newer = {r: d for r, d in unkept.items() if visit in (r, d.visit)}
        return dc.replace(self, drafts={**self.drafts, **newer}) if newer else self

    def of(self, record: type[R]) -> list[R]:
        """The records of one type that are saved, in the order in which they were made."""
        return [one.record for one in self.held.values() if isinstance(one.record, record)]

    def started(self, record: type[R]) -> list[R]:
        """As `of`, and those that are only drafts so far."""
        typed = (self.holding(d.record) for d in self.drafts.values() if d.kind == record.kind)
        new = [one.record for one in typed if one and one.record.id not in self.held]
        return self.of(record) + [one for one in new if isinstance(one, record)]

    def holding(self, record: str) -> Held | None:
        """A record as it is held; a draft that was never saved counts as a new record."""
        if record in self.held:
            return self.held[record]
        draft = self.drafts.get(record)
        if draft is None:
            return None
        return Held(from_body(draft.kind, record, draft.body), NOTHING, {})

    def stands_as(self, record: str) -> str:
        """The record as which one stands now, if it was moved: itself, if it was not."""
        # Two who move one thing to and fro at once may leave a ring of moves.
        for _ in self.moved:
            record = self.moved.get(record, record)
        return record

    def told(self, attachment: Attachment) -> Told:
        """How far the content of an attachment has travelled, in words."""
        way = self.ways.get(attachment.id, Way(attachment.size or 0))
        return told(self.where.get(attachment.id, Where.HERE), way)

    def can_fetch(self, attachment: Attachment) -> bool:
        """Whether the office can be asked for the content of an attachment."""
        way = self.ways.get(attachment.id)
        return way is not None and way.can_fetch

    def child_of(self, child: str) -> str:
        """What a child likes to be called; empty where there is no child."""
        known = self.children.get(child)
        return known.title() if known else ""

    def permission(self, item: str, reader: str) -> Permission | None:
        """The child's answer for one item and one reader."""
        held = self.held.get(permission_id(item, reader))
        return held.record if held and isinstance(held.record, Permission) else None

    def start(self, now: dt.datetime) -> Edited:
        """The visit as begun today, on the wall clock of the place."""
        started = dc.replace(self.visit, status=STARTED, visited_on=now.astimezone().date())
        return Edited(started, self.held[self.visit.id].seen)

    def met(self) -> list[Child]:
        """The children who were spoken to on this visit, by name."""
        return sorted(self.of(Child), key=lambda child: child.title().casefold())

    def said_in(self, conversation: str) -> list[Statement]:
        """The statements of one conversation, as they were written down."""
        said = [one for one in self.of(Statement) if one.conversation == conversation]
        return sorted(said, key=lambda one: (one.written_at or _LONG_AGO, one.id))

    def talks(self) -> list[Conversation]:
        """The conversations, the latest first; one without a time is yet to come."""
        later = dt.time.max
        return sorted(
            self.started(Conversation), key=lambda one: (one.started or later, one.id), reverse=True
        )


def load(connection: Transaction, visit: str, files: Attachments) -> Bundle | None:
    """Read a visit whole; None when it is not held here."""
    held = {one.record.id: one for one in reading.of_visit(connection, visit)}
    own = held.get(RecordId(visit))
    if own is None or not isinstance(own.record, Visit):
        return None
    place = reading.get(connection, own.record.place) if own.record.place else None
    return Bundle(
        visit=own.record,
        place=place.record if place and isinstance(place.record, Place) else None,
        held={str(key): value for key, value in held.items()},
        drafts={draft.record: draft for draft in drafts.of_visit(connection, visit)},
        children=_children(reading.of_kind(connection, Child.kind)),
        where={
            key: files.where(connection, one.record.content)
            for key, one in held.items()
            if isinstance(one.record, Attachment)
        },
        due=waiting.of_records(connection, held),
        due_together=waiting.of_file(connection, visit_file(visit)),
        last_well=waiting.last_well(connection),
        ways={
            key: travelling.way(connection, one.record)
            for key, one in held.items()
            if isinstance(one.record, Attachment)
        },
        files=travelling.count(connection, visit),
        moved=reading.moved_on(connection, visit),
        seen_by=seen.of_records(connection, held),
        removed=tuple(removed.of_visit(connection, visit)),
    )


def _children(held: Iterable[Held]) -> dict[str, Child]:
    return {one.record.id: one.record for one in held if isinstance(one.record, Child)}


def offered(bundle: Bundle) -> str:
    """How many children were offered a conversation, in words."""
    talks = len(bundle.of(Conversation))
    there = bundle.visit.children_present
    children = "child" if there == 1 else "children"
    return f"{talks} of {there} {children} offered a conversation" if there else ""
