"""The one write path: a saved edit becomes a change in the journal, and the record follows."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects import sqlite

from hah_desktop.domain.changes import MAX_BYTES, MAX_TEXT, Change, Edit, canonical
from hah_desktop.domain.codec import Body, difference, to_body
from hah_desktop.domain.errors import NotAllowed
from hah_desktop.domain.ids import ChangeId, FileId, LaptopId, RecordId, visit_file
from hah_desktop.domain.moving import MOVED
from hah_desktop.domain.placement import lies_in
from hah_desktop.domain.records.base import Json, Record
from hah_desktop.domain.records.visit import Visit
from hah_desktop.domain.removing import REMOVED, replaced
from hah_desktop.domain.signoff import SIGNED_OFF, check_edit
from hah_desktop.store.journal import just_met
from hah_desktop.store.journal.first import First, put_first
from hah_desktop.store.journal.saying import heads_of, said_by
from hah_desktop.store.journal.settling import settle
from hah_desktop.store.tables import meta
from hah_desktop.store.tables.many import among, in_chunks
from hah_desktop.store.tables.rows import DRAFT, RECORD


@dataclass(frozen=True, slots=True)
class Seen:
    """What the author saw when the edit began: it decides what the edit replaces.

    A change that arrives while a form is open is not in here, so saving the form does not
    replace it: it becomes a conflict for a person, never a silent overwrite.
    """

    body: Body = field(default_factory=dict)
    heads: Mapping[str, tuple[ChangeId, ...]] = field(default_factory=dict)


NOTHING = Seen()
"""What the author of a new record saw."""


@dataclass(frozen=True, slots=True)
class Edited:
    """A record as its author wants it, and what the author saw.

    A save ends the draft of the record, since what was typed is what is saved; `keeps_draft` where
    it comes from elsewhere, such as a decision, and the draft goes on.
    """

    record: Record
    seen: Seen = NOTHING
    keeps_draft: bool = False


@dataclass(frozen=True, slots=True)
class Stamp:
    """When, by the laptop's clock; whether that clock is to be trusted; where ids come from.

    `clock_off` says how many seconds fast a clock that is not to be trusted was, if that is known.
    """

    made_at: str
    clock_trusted: bool
    new_id: Callable[[], str]
    clock_off: int = 0


@dataclass(frozen=True, slots=True)
class _Written:
    change: Change
    spelling: bytes
    hash: str


def save(connection: Connection, edited: Sequence[Edited], stamp: Stamp) -> tuple[RecordId, ...]:
    """Save edits in the caller's transaction: changes, bodies, search; their drafts are gone.

    Returns the ids of the records that changed. Raises NotAllowed when a record's rules forbid
    it, and then nothing of the transaction stands.
    """
    who = meta.enrolled(connection)
    end = meta.chain_end(connection)
    first: dict[RecordId, First] = {}
    further: list[Change] = []
    for chunk in in_chunks(edited):
        before, lay_in = _before(connection, [item.record.id for item in chunk])
        files = {i.record.id: lies_in(i.record, lay_in.get(i.record.id, ())) for i in chunk}
        just_met.check(connection, files)
        visits = {i.record.id: _visits_of(i.record, before, files[i.record.id]) for i in chunk}
        closed = _signed_off(connection, {visit for named in visits.values() for visit in named})
        written: list[_Written] = []
        for item in chunk:
            edits = _edits(item)
            if not edits:
                continue
            status = SIGNED_OFF if closed & visits[item.record.id] else None
            versions = _versions(connection, item, edits)
            if status == SIGNED_OFF:
                versions = {**_decided(connection, item.seen, edits), **versions}
            check_edit(item.record.kind, before.get(item.record.id, {}), edits, status, versions)
            _check_lengths(edits)
            lies = files[item.record.id]
            written.append(_spell(_change(item, edits, who, end, stamp, files=lies)))
            end = meta.ChainEnd(end.number + 1, written[-1].hash)
            change = written[-1].change
            is_new = change.record not in before and change.record not in first
            if is_new and not item.seen.body:
                heads = dict.fromkeys(edits, (change.id,))
                new = First(change.kind, change.files, edits, heads, begun=change.number)
                first[change.record] = new
            else:
                further.append(change)
            before[item.record.id] = {**before.get(item.record.id, {}), **edits}
        _write(connection, written)
    meta.keep_chain_end(connection, end)
    put_first(connection, first)
    _follow(connection, further)
    for ids in in_chunks([item.record.id for item in edited if not item.keeps_draft]):
        connection.execute(delete(DRAFT).where(among(DRAFT.c.record, ids)))
    return tuple(dict.fromkeys([*first, *(change.record for change in further)]))


def _edits(item: Edited) -> dict[str, Json]:
    """What is to be changed.

    What removes a record also says where it stands, if it does elsewhere: where its words were
    moved to and fro the record named that before, and the office judges each change by itself.
    """
    body = to_body(item.record)
    edits = difference(item.seen.body, body)
    if edits.get(REMOVED) is True and MOVED in body:
        edits[MOVED] = body[MOVED]
    return edits


def _versions(
    connection: Connection, item: Edited, names: Collection[str]
) -> dict[str, tuple[Json, ...]]:
    """The fields of which the author saw several versions, and what those say."""
    if not item.seen.heads and REMOVED not in names:
        return {}  # Nearly all of a large import.
    several = {name: ids for name in names if len(ids := item.seen.heads.get(name, ())) > 1}
    said = said_by(connection, {change for ids in several.values() for change in ids})
    versions = {
        name: tuple(head.value for head in heads_of(said, ids, name) or ())
        for name, ids in several.items()
    }
    if REMOVED in names and _is_torn(connection, item.record.id):
        versions[REMOVED] = (True, None)
    return versions


def _is_torn(connection: Connection, record: str) -> bool:
    """Whether somebody edited a record while it was removed, so that a person has to decide."""
    sides = func.json_extract(RECORD.c.open, f"$.{REMOVED}")
    found = select(RECORD.c.id).where(RECORD.c.id == record, sides.is_not(None))
    return connection.execute(found).first() is not None


def _decided(
    connection: Connection, seen: Seen, edits: Mapping[str, Json]
) -> dict[str, tuple[Json, ...]]:
    """The fields in which a version is put back that somebody had decided against.

    Once a visit is signed off that is no new answer either.
    """
    lone = {name: ids[0] for name in edits if len(ids := seen.heads.get(name, ())) == 1}
    decisions = said_by(connection, lone.values())
    found = {}
    for name, change in lone.items():
        edit = decisions[change].fields.get(name, {}) if change in decisions else {}
        replaced = edit.get("replaces", ())
        known = said_by(connection, replaced) if len(replaced) > 1 else {}
        # A removal replaces other answers too: those say nothing of it, or that somebody went on.
        versions = tuple(
            said.head(ChangeId(id_), name).value
            for id_, said in known.items()
            if name == REMOVED or name in said.fields
        )
        if edits[name] in versions and (name != REMOVED or True in versions):
            found[name] = versions
    return found


def _before(
    connection: Connection, ids: Sequence[str]
) -> tuple[dict[str, Body], dict[str, list[FileId]]]:
    """What the records say that are here, and where they lie."""
    asked = select(RECORD.c.id, RECORD.c.body, RECORD.c.files).where(among(RECORD.c.id, ids))
    found = connection.execute(asked).all()
    bodies = {row.id: json.loads(row.body) for row in found}
    return bodies, {row.id: json.loads(row.files) for row in found}


def _visits_of(
    record: Record, before: Mapping[str, Body], files: Iterable[FileId]
) -> frozenset[str]:
    """The visits whose sign-off closes the record: where it lies, and where it is to lie."""
    if isinstance(record, Visit):
        return frozenset({record.id})
    lay_in = before.get(record.id, {}).get("visit")
    named = {str(getattr(record, "visit", "")), str(lay_in or "")}
    return frozenset(named).union(file.removeprefix(_VISIT) for file in files)


def _signed_off(connection: Connection, visits: Iterable[str]) -> frozenset[str]:
    status = func.json_extract(RECORD.c.body, "$.status")
    found: set[str] = set()
    for ids in in_chunks(visits):
        named = select(RECORD.c.id).where(among(RECORD.c.id, ids), status == SIGNED_OFF)
        found.update(connection.execute(named).scalars())
    return frozenset(found)


def _check_lengths(edits: Mapping[str, Json]) -> None:
    texts = [value for value in edits.values() if isinstance(value, str)]
    if max(map(len, texts), default=0) > MAX_TEXT:
        raise _too_long(f"A text is longer than {MAX_TEXT:,} characters")


def _too_long(what: str) -> NotAllowed:
    return NotAllowed(
        f"{what}, more than can be sent to the office.",
        "Nothing was saved, and your words are still on the screen.",
        "Make two records of it.",
    )


def _change(
    item: Edited,
    edits: Mapping[str, Json],
    who: meta.Identity,
    end: meta.ChainEnd,
    stamp: Stamp,
    *,
    files: tuple[FileId, ...],
) -> Change:
    seen = item.seen.heads
    return Change(
        id=ChangeId(stamp.new_id()),
        laptop=LaptopId(who.laptop),
        number=end.number + 1,
        previous=end.hash,
        record=item.record.id,
        kind=item.record.kind,
        files=files,
        author=who.adviser,
        made_at=stamp.made_at,
        edits={k: Edit(v, replaced(k, v, seen) if seen else ()) for k, v in edits.items()},
        clock_trusted=stamp.clock_trusted,
        clock_off=stamp.clock_off,
    )


def _spell(change: Change) -> _Written:
    spelling = canonical(change)
    if len(spelling) > MAX_BYTES:
        # One that no push could hold would keep all that comes after it from being sent.
        raise _too_long("Together the texts are longer")
    return _Written(change, spelling, hashlib.sha256(spelling).hexdigest())


def _write(connection: Connection, written: Sequence[_Written]) -> None:
    rows = [
        (one.change.id, one.change.record, one.change.number, one.spelling.decode(), one.hash)
        for one in written
    ]
    if rows:
        connection.exec_driver_sql(_PUT_CHANGE, rows)


_VISIT = visit_file("")
_PUT_CHANGE = "INSERT INTO change (id, record, number, content, hash) VALUES (?, ?, ?, ?, ?)"


def _follow(connection: Connection, changes: Sequence[Change]) -> None:
    """Let records that are here follow the changes that were written down about them."""
    touched: dict[str, set[str]] = {}
    for change in changes:
        touched.setdefault(change.record, set()).update(change.edits)
    put_records(connection, [(c.record, c.kind, c.files) for c in changes])
    settle(connection, touched)


def put_records(
    connection: Connection, records: Sequence[tuple[str, str, Sequence[FileId]]]
) -> None:
    """Make the rows of records that are new here, and keep the files of all up to date."""
    rows = [
        {"id": record, "kind": kind, "body": "{}", "files": json.dumps(files)}
        for record, kind, files in records
    ]
    if not rows:
        return
    put = sqlite.insert(RECORD)
    connection.execute(
        put.on_conflict_do_update(index_elements=["id"], set_={"files": put.excluded.files}), rows
    )
