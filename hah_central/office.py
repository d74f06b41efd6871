"""What the office itself does: advisers, assignments, published lists. Same journal, same rules.

The office's changes are numbered and chained on a virtual laptop of its own.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection, func, insert, select

from hah_central import items, placing, records
from hah_central.access import How
from hah_central.database import Database
from hah_central.journal import Sender, mark, receive, take_numbers
from hah_central.people import new_id
from hah_central.rows import Adviser, Grant, Record
from hah_central.state import OFFICE, RecordState
from hah_desktop.domain.changes import Change as DomainChange
from hah_desktop.domain.changes import Edit, to_plain
from hah_desktop.domain.codec import Body, difference, to_body
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.ids import ChangeId, FileId, RecordId, child_file, visit_file
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.records.base import Record as DomainRecord
from hah_desktop.domain.records.reference import Adviser as AdviserRecord
from hah_desktop.domain.records.reference import Inspection, Place
from hah_desktop.domain.records.visit import Visit
from hah_desktop.sync.wire.form import MAX_CHANGES

AUTHOR = "office"
_SENDER = Sender(OFFICE, None)


class NotKnown(KnownError):
    """The office was asked about somebody or something that it does not have."""


@dataclass(frozen=True, slots=True)
class Intended:
    """What the office wants a record to say."""

    record: RecordId
    kind: str
    files: tuple[FileId, ...]
    fields: Mapping[str, Json]


def make(connection: Connection, intended: Sequence[Intended], now: dt.datetime) -> None:
    """Write changes of the office into the journal; they replace all that is there."""
    take_numbers(connection, 0)
    last = placing.last_of(connection, OFFICE)
    known = records.load(connection, {each.record for each in intended})
    made = []
    for each in intended:
        change = _change(each, known.get(each.record), last, now)
        made.append(items.item(to_plain(change)))
        last = placing.Last(change.number, made[-1].hash)
    receive(connection, _SENDER, made, now)


def _change(
    each: Intended, known: RecordState | None, last: placing.Last, now: dt.datetime
) -> DomainChange:
    heads = known.heads if known else {}
    return DomainChange(
        id=ChangeId(new_id(now)),
        laptop=OFFICE,
        number=last.number + 1,
        previous=last.hash,
        record=each.record,
        kind=each.kind,
        files=each.files,
        author=AUTHOR,
        made_at=now.isoformat(),
        edits={
            name: Edit(value, tuple(sorted(heads[name].heads)) if name in heads else ())
            for name, value in each.fields.items()
        },
    )


def find_adviser(connection: Connection, name: str) -> RecordId | None:
    """The adviser of that name, however it is capitalised."""
    named = connection.execute(select(Adviser.id, Adviser.name))
    wanted = name.strip().casefold()
    return next((RecordId(id_) for id_, known in named if known.casefold() == wanted), None)


def adviser_named(connection: Connection, name: str) -> RecordId:
    """The adviser of that name. Raises NotKnown."""
    found = find_adviser(connection, name)
    if found is None:
        raise NotKnown(
            f"There is no adviser called “{name}”.",
            "Nothing was changed.",
            "See who there is with the command “advisers”, or enrol the adviser first.",
        )
    return found


def add_adviser(connection: Connection, name: str, role: str, now: dt.datetime) -> RecordId:
    """The adviser of that name, new if need be, with this role."""
    found = find_adviser(connection, name)
    adviser = AdviserRecord(id=found or RecordId(new_id(now)), name=name.strip(), role=role)
    if found is None:
        connection.execute(insert(Adviser).values(id=adviser.id, name=adviser.name))
    edits = difference(_bodies(connection, [adviser.id]).get(adviser.id, {}), to_body(adviser))
    if edits:
        make(connection, [Intended(adviser.id, adviser.kind, adviser.files(), edits)], now)
    return adviser.id


def assign(connection: Connection, adviser: RecordId, file: FileId, now: dt.datetime) -> None:
    """Give an adviser a visit or a child. Raises NotKnown when the office has no such file."""
    kind, _, id_ = file.partition(":")
    record = RecordId(id_)
    if file not in (visit_file(id_), child_file(id_)) or not _bodies(connection, [record]):
        raise NotKnown(f"The office has no {file}.", "Nothing was changed.")
    if kind == Visit.kind:
        # The visit names its advisers, and access follows from the record.
        make(connection, [Intended(record, kind, (file,), {f"advisers:{adviser}": True})], now)
        return
    seq = mark(connection, now)
    had = select(Grant.file).where(Grant.adviser == adviser, Grant.file == file)
    if connection.execute(had).first() is None:
        row = {"adviser": adviser, "file": file, "seq": seq, "how": How.OFFICE.value}
        connection.execute(insert(Grant).values(row))


def known_places(connection: Connection) -> dict[RecordId, Body]:
    """The places and inspections that the office has."""
    kinds = (Place.kind, Inspection.kind)
    found = connection.execute(select(Record.id, Record.body).where(Record.kind.in_(kinds)))
    return {RecordId(id_): body for id_, body in found}


def take_in(database: Database, new: Sequence[DomainRecord], now: dt.datetime) -> int:
    """Write records of a published list into the journal. Returns how many changed.

    A large list takes several transactions. If it is interrupted, taking it in again finishes it.
    """
    changed = 0
    left = iter({record.id: record for record in new}.values())
    while chunk := list(islice(left, MAX_CHANGES)):
        with database.writing() as connection:
            take_numbers(connection, 0)
            intended = list(_differing(connection, chunk))
            if intended:
                make(connection, intended, now)
            changed += len(intended)
    return changed


def _differing(connection: Connection, new: Sequence[DomainRecord]) -> Iterator[Intended]:
    known = _bodies(connection, [record.id for record in new])
    for record in new:
        edits = difference(known.get(record.id, {}), to_body(record))
        if edits:
            yield Intended(record.id, record.kind, record.files(), edits)


def _bodies(connection: Connection, ids: Sequence[RecordId]) -> dict[RecordId, Body]:
    return {id_: state.body for id_, state in records.load(connection, ids).items()}


def advisers(connection: Connection) -> list[tuple[str, str, int]]:
    """Each adviser's id and name, and how many files they have."""
    count = func.count(Grant.file)
    listed = (
        select(Adviser.id, Adviser.name, count)
        .outerjoin(Grant, Grant.adviser == Adviser.id)
        .group_by(Adviser.id, Adviser.name)
        .order_by(Adviser.name)
    )
    return [(id_, name, files) for id_, name, files in connection.execute(listed)]
