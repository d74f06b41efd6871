"""What the office itself does: advisers, assignments, published lists. Same journal, same rules.

The office's changes are numbered and chained on a virtual laptop of its own.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection, func, insert, select, update

from hah_central.database.database import Database
from hah_central.database.rows import OFFICE, Adviser, Grant, Record
from hah_central.journal import access, items, placing, records, witness
from hah_central.journal.access import How
from hah_central.journal.journal import Sender, mark, receive, take_numbers
from hah_central.journal.state import RecordState
from hah_central.people import audit, naming
from hah_central.people.audit import Deed, Did
from hah_central.people.people import new_id
from hah_desktop.domain.changes import Change as DomainChange
from hah_desktop.domain.changes import Edit, to_plain
from hah_desktop.domain.codec import MEMBER, Body, difference, to_body
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.exchange import Reached
from hah_desktop.domain.ids import ChangeId, FileId, RecordId, child_file, visit_file
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.records.base import Record as DomainRecord
from hah_desktop.domain.records.reference import Adviser as AdviserRecord
from hah_desktop.domain.records.reference import Inspection, Place
from hah_desktop.domain.records.visit import Visit
from hah_desktop.sync.wire.form import MAX_CHANGES

AUTHOR = "office"
_ADVISERS = f"advisers{MEMBER}"
_SENDER = Sender(OFFICE, None)


class NotKnown(KnownError):
    """The office was asked about somebody or something that it does not have."""


class SamePerson(KnownError):
    """A file was to go from somebody to the very same."""


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
        last = Reached(change.number, made[-1].hash)
    receive(connection, _SENDER, made, now)
    witness.said_again(connection, {each.record for each in intended}, now)


def _change(
    each: Intended, known: RecordState | None, last: Reached, now: dt.datetime
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
    """The adviser of that name, however it is spelled; before all others who is spelled so."""
    named = connection.execute(select(Adviser.id, Adviser.name)).all()
    wanted = naming.alike(name)
    found = [(known != name, id_) for id_, known in named if naming.alike(known) == wanted]
    return RecordId(min(found)[1]) if found else None


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


def name_of(connection: Connection, adviser: RecordId) -> str:
    """What the adviser is called, as the office writes it."""
    return connection.execute(select(Adviser.name).where(Adviser.id == adviser)).scalar_one()


def role_of(connection: Connection, adviser: RecordId) -> str:
    """As what the adviser works here; empty where nobody said so yet."""
    return str(_bodies(connection, [adviser]).get(adviser, {}).get("role") or "")


def add_adviser(
    connection: Connection,
    name: str,
    role: str | None,
    now: dt.datetime,
    *,
    brought: RecordId | None = None,
) -> RecordId:
    """The adviser of that name, new if need be, with this role; None leaves it as it is.

    Whoever is known stays spelled as before. Somebody new has the id that a laptop `brought`, or
    one of their own. Raises NoName.
    """
    name = naming.checked_name(name)
    found = find_adviser(connection, name)
    if role is None:
        role = (found and role_of(connection, found)) or naming.USUAL
    else:
        naming.checked_role(role)
    if found is not None:
        name = name_of(connection, found)
    adviser = AdviserRecord(id=found or brought or RecordId(new_id(now)), name=name, role=role)
    if found is None:
        connection.execute(insert(Adviser).values(id=adviser.id, name=adviser.name))
    edits = difference(_bodies(connection, [adviser.id]).get(adviser.id, {}), to_body(adviser))
    if edits:
        make(connection, [Intended(adviser.id, adviser.kind, adviser.files(), edits)], now)
    return adviser.id


def assign(connection: Connection, adviser: RecordId, file: FileId, now: dt.datetime) -> None:
    """Give an adviser a visit or a child, also one that was taken back. Raises NotKnown."""
    record = _record_of(file)
    _check_kind(connection, record, file)
    seq = mark(connection, now)
    access.give_again(connection, adviser, file)
    if file == visit_file(record):
        # The visit names its advisers, and access follows from the record.
        make(connection, [_naming(record, adviser, named=True)], now)
        return
    # Also of a child who came with a visit: what the office gave outlasts the visit.
    had = update(Grant).where(Grant.adviser == adviser, Grant.file == file)
    if not connection.execute(had.values(how=How.OFFICE.value).returning(Grant.file)).all():
        row = {"adviser": adviser, "file": file, "seq": seq, "how": How.OFFICE.value}
        connection.execute(insert(Grant).values(row))


def withdraw(
    connection: Connection, adviser: RecordId, file: FileId, deed: Deed
) -> tuple[FileId, ...]:
    """Take a visit or a child back from an adviser; with a visit, whoever was met only there.

    Returns the files that the adviser has no more. No rule gives the file again until it is
    assigned. Raises NotKnown when the adviser does not have it.
    """
    take_numbers(connection, 0)
    name = name_of(connection, adviser)
    record = _record_of(file)
    body = _bodies(connection, [record]).get(record, {})
    if file == visit_file(record) and body.get(f"{_ADVISERS}{adviser}") is not None:
        make(connection, [_naming(record, adviser, named=False)], deed.now)
    taken = access.take(connection, adviser, file)
    if not taken:
        raise NotKnown(f"{name} does not have {file}.", "Nothing was changed.")
    detail = f"{', '.join(taken)} from {name}"
    audit.note(connection, deed, Did.WITHDREW, detail=detail)
    return tuple(taken)


def withdraw_with_visits(
    connection: Connection, adviser: RecordId, child: FileId, deed: Deed
) -> tuple[FileId, ...]:
    """Take a child back, and each visit on which the adviser would go on reading of the child.

    Returns the files that the adviser has no more. Raises NotKnown where there is nothing of it.
    """
    take_numbers(connection, 0)
    visits = access.read_through(connection, adviser, [child])
    had = child in access.files_of(connection, adviser)
    taken = [] if visits and not had else list(withdraw(connection, adviser, child, deed))
    for visit in visits:
        taken += withdraw(connection, adviser, visit, deed)
    return tuple(taken)


def reassign(
    connection: Connection,
    file: FileId,
    leaver: RecordId,
    heir: RecordId,
    deed: Deed,
    *,
    with_visits: bool = False,
) -> tuple[FileId, ...]:
    """Give a file to one adviser and take it back from another. Raises NotKnown.

    Returns the files that the second has no more, of a child also those `with_visits`. All that was
    recorded stays as it is. Raises SamePerson where the two are one, however the name is spelled.
    """
    if leaver == heir:
        raise SamePerson(
            f"Both names are those of {name_of(connection, heir)}: it is the same person.",
            "Nothing was changed.",
            "Name whoever is to have it instead, as the command “advisers” lists them.",
        )
    assign(connection, heir, file, deed.now)
    audit.note(connection, deed, Did.ASSIGNED, detail=f"{file} to {name_of(connection, heir)}")
    take = withdraw_with_visits if with_visits else withdraw
    return take(connection, leaver, file, deed)


def _record_of(file: FileId) -> RecordId:
    """The visit or child whose file it is. Raises NotKnown for a file that nobody is given."""
    _, _, id_ = file.partition(":")
    if not id_ or file not in (visit_file(id_), child_file(id_)):
        raise _no_such(file)
    return RecordId(id_)


def _check_kind(connection: Connection, record: RecordId, file: FileId) -> None:
    """Whether the office has it, and it is what the file's name says. Raises NotKnown."""
    found = records.shown(connection, [record]).get(record)
    if found is None or not found.body:
        raise _no_such(file)
    named = file.partition(":")[0]
    if found.kind != named:
        raise NotKnown(
            f"{record} is the id of another kind of record ({found.kind}), not of a {named}.",
            "Nothing was changed.",
            "Look up the id of the visit or child: it stands in its file’s name.",
        )


def _no_such(file: FileId) -> NotKnown:
    return NotKnown(f"The office has no {file}.", "Nothing was changed.")


def _naming(visit: RecordId, adviser: RecordId, *, named: bool) -> Intended:
    fields = {f"{_ADVISERS}{adviser}": True if named else None}
    return Intended(visit, Visit.kind, (visit_file(visit),), fields)


def known_places(connection: Connection) -> dict[RecordId, Body]:
    """The places and inspections that the office has."""
    kinds = (Place.kind, Inspection.kind)
    ids = connection.execute(select(Record.id).where(Record.kind.in_(kinds))).scalars()
    return _bodies(connection, [RecordId(id_) for id_ in ids])


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
    return {id_: record.body for id_, record in records.shown(connection, ids).items()}


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
