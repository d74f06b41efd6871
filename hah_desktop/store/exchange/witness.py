"""What this laptop holds of others' changes that a restored office does not know any more.

It is handed to the office, where a person looks at it, and then leaves the heads here: both sides
hold the same again, and nothing was applied by a machine. The author's own laptop may still have
the change, and gives it back by itself.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, or_, select, update
from sqlalchemy.dialects import sqlite

from hah_desktop.domain.exchange import PulledChange, PulledRow, Receipt, Verdict, Witness
from hah_desktop.domain.ids import ChangeId, FileId, RecordId
from hah_desktop.domain.removals import Removals
from hah_desktop.domain.spelling import read
from hah_desktop.store.journal import searching
from hah_desktop.store.journal.leading import LEADING
from hah_desktop.store.journal.settling import settle
from hah_desktop.store.journal.standing import OFFICE_HEADS, ONLY_HERE, UNSENT
from hah_desktop.store.tables import meta
from hah_desktop.store.tables.asking import rows as rows_of
from hah_desktop.store.tables.many import among, in_chunks, spelled
from hah_desktop.store.tables.rows import CHANGE, LOST_CHANGE, META, RECORD

_DUE = "witness_due"
_NO_MORE = "no_more"
"""Of what is due: only what is named there is to be asked for, not every head as well."""

_UNSENT = exists().where(CHANGE.c.record == RECORD.c.id, ONLY_HERE)
_NEEDED = or_(_UNSENT, RECORD.c.id.in_(LEADING))
"""Whether something of a record is only here: a change, or what is being typed, or what leads
there."""

_AT_ONCE = 500
_MOST_BYTES = 2_000_000
"""Of what goes in one request; well below what the office takes."""


def owe(connection: Connection) -> None:
    """The office was restored: it has to be asked what it lost.

    What others said is noted now: once this laptop's own older words are sent again, their
    receipts name them as the heads, and what had replaced them would be forgotten.
    """
    noted = _noted(connection) | _told(connection)
    own = connection.execute(select(CHANGE.c.id).where(CHANGE.c.number.is_not(None))).scalars()
    meta.write(connection, _DUE, {"heads": sorted(noted.difference(own))})


def note_gone(connection: Connection, rows: Sequence[PulledRow]) -> None:
    """Note the heads that a page leaves out although nothing in it replaces them.

    Mostly they were replaced twice since. But an office that was restored, and that nobody told,
    goes on without them; once they have left the heads here nothing else would ever ask for them.
    To be called before the page is taken.
    """
    asked = (json.dumps([row.record for row in rows]),)
    before: dict[str, str] = dict(rows_of(connection, _HELD, asked))
    if not before:
        return
    told = {row.record: row.heads() for row in rows if row.record in before}
    left = {
        change
        for record, heads in told.items()
        for change in _left_out(read(before[record]), {n: _ids(cs) for n, cs in heads.items()})
    }
    changes = (change for row in rows for change in row.changes)
    replaced = {id_ for change in changes for ids in change.replaces.values() for id_ in ids}
    _owe_these(connection, left - replaced)


def note_gone_with(
    connection: Connection, told: Iterable[tuple[Receipt, Mapping[str, Any], str]]
) -> None:
    """The same of receipts, before their heads are kept.

    With each come the fields of its change, and the heads that the office named before as they are
    kept. Of a record that is as it began here, it named no heads but this laptop's own.
    """
    left: set[ChangeId] = set()
    replaced: set[ChangeId] = set()
    for receipt, fields, held in told:
        if held != "{}":
            heads = {name: receipt.heads.get(name, (receipt.id,)) for name in fields}
            left.update(_left_out(read(held), heads))
            if receipt.verdict is not Verdict.SET_ASIDE:
                replaced.update(id_ for e in fields.values() for id_ in e.get("replaces", ()))
    _owe_these(connection, left - replaced)


# Of a record that is as it began here the office told this laptop's own changes only.
_HELD = (
    "SELECT id, CASE WHEN begun <= (SELECT coalesce(max(last), 0) FROM received)"
    " THEN heads ELSE office_heads END"
    " FROM record WHERE (begun = 0 OR office_heads <> '{}')"
    " AND id IN (SELECT value FROM json_each(?))"
)


def _left_out(
    before: Mapping[str, Sequence[ChangeId]], told: Mapping[str, Collection[ChangeId]]
) -> Iterator[ChangeId]:
    for name, heads in told.items():
        yield from (change for change in before.get(name, ()) if change not in heads)


def _ids(changes: Iterable[PulledChange]) -> set[ChangeId]:
    return {change.id for change in changes}


def _owe_these(connection: Connection, changes: Collection[ChangeId]) -> None:
    """Ask for these, and for no more unless more was owed before. Its own a laptop sends again."""
    if not changes:
        return
    theirs = select(CHANGE.c.id).where(among(CHANGE.c.id, changes), CHANGE.c.number.is_(None))
    noted = _noted(connection).union(connection.execute(theirs).scalars()) - _lost(connection)
    due = meta.read(connection, _DUE) or {_NO_MORE: True}
    if noted:
        meta.write(connection, _DUE, {**due, "heads": sorted(noted)})


def _noted(connection: Connection) -> set[ChangeId]:
    due = meta.read(connection, _DUE)
    return set(due.get("heads", ())) if due else set()


def _told(connection: Connection) -> set[ChangeId]:
    """Every change that the office named as a head, as far as it is known here."""
    told = connection.execute(select(OFFICE_HEADS)).scalars()
    return {change for heads in told for ids in json.loads(heads).values() for change in ids}


def is_due(connection: Connection, *, anew: bool = False) -> bool:
    """Whether a restored office was not asked yet, or not to the end.

    Also while something is still here that it was told in an earlier sync: it may have been
    restored once more since, and what it says may be another. Not where it was asked just now, and
    only what is `anew` is due.
    """
    return meta.read(connection, _DUE) is not None or (not anew and has_lost(connection))


def given(connection: Connection) -> None:
    """The office has all that it did not know."""
    connection.execute(delete(META).where(META.c.key == _DUE))


def heads(connection: Connection, after: int, *, every: bool) -> tuple[int, list[ChangeId]]:
    """Where to go on, and the changes that the next records name; at the end, no further.

    Without `every` only what was noted, where no more is due.
    """
    if not every and (meta.read(connection, _DUE) or {_NO_MORE: True}).get(_NO_MORE):
        return (after, []) if after else (1, sorted(_noted(connection) | _lost(connection)))
    rows = select(RECORD.c.rid, OFFICE_HEADS).where(RECORD.c.rid > after)
    # With the first of them what was noted, and is in no record any more.
    noted = set() if after else _noted(connection)
    found: set[ChangeId] = noted - _told(connection) if noted else set()
    for rid, told in connection.execute(rows.order_by(RECORD.c.rid).limit(_AT_ONCE)):
        after = rid
        found.update(change for ids in json.loads(told).values() for change in ids)
    # Its own this laptop sends again, whatever else becomes of them.
    own = select(CHANGE.c.id).where(among(CHANGE.c.id, found), UNSENT)
    return after, sorted(found.difference(connection.execute(own).scalars()))


def heads_of(connection: Connection, records: Sequence[RecordId]) -> list[ChangeId]:
    """The changes that the office named as heads of these records."""
    told = connection.execute(select(OFFICE_HEADS).where(among(RECORD.c.id, records))).scalars()
    return sorted({id_ for heads in told for ids in json.loads(heads).values() for id_ in ids})


def words(connection: Connection, changes: Sequence[ChangeId]) -> Iterator[list[Witness]]:
    """What these changes say, as far as it is known here, in parts that can be sent at once."""
    return parted(_words(connection, changes))


def parted(said: Iterable[tuple[int, Witness]]) -> Iterator[list[Witness]]:
    """What is said, each with how long it is, in parts that can be sent at once."""
    part: list[Witness] = []
    size = 0
    for length, item in said:
        if part and size + length > _MOST_BYTES:
            yield part
            part, size = [], 0
        part.append(item)
        size += length
    if part:
        yield part


def _words(connection: Connection, changes: Sequence[ChangeId]) -> Iterator[tuple[int, Witness]]:
    for ids in in_chunks(changes):
        rows = select(CHANGE.c.id, CHANGE.c.record, CHANGE.c.content, RECORD.c.kind, RECORD.c.files)
        rows = rows.join(RECORD, RECORD.c.id == CHANGE.c.record)
        for row in connection.execute(rows.where(CHANGE.c.id.in_(ids))):
            yield len(row.content), _witness(row.id, row.record, row.kind, row.files, row.content)


def _witness(change: str, record: str, kind: str, files: str, content: str) -> Witness:
    said = json.loads(content)
    return Witness(
        ChangeId(change),
        RecordId(record),
        kind,
        tuple(FileId(file) for file in json.loads(files)),
        said.get("laptop", ""),
        said["author"],
        said["made_at"],
        {name: edit["value"] for name, edit in said["fields"].items()},
        clock_trusted=said.get("clock_trusted", True),
        clock_off=said.get("clock_off", 0),
    )


def lose(connection: Connection, changes: Sequence[ChangeId]) -> None:
    """Remember that the office does not know these, and has been told what they say."""
    if changes:
        put = sqlite.insert(LOST_CHANGE).on_conflict_do_nothing()
        connection.execute(put, [{"id": change} for change in changes])


def has_lost(connection: Connection) -> bool:
    """Whether there is anything to be dropped."""
    return bool(rows_of(connection, "SELECT id FROM lost_change LIMIT 1"))


def _lost(connection: Connection) -> set[ChangeId]:
    return set(map(ChangeId, connection.execute(select(LOST_CHANGE.c.id)).scalars()))


def known_again(connection: Connection, changes: Iterable[ChangeId]) -> None:
    """The office names these: their authors' own laptops gave them back."""
    if not has_lost(connection):
        return
    for ids in in_chunks(changes):
        connection.execute(delete(LOST_CHANGE).where(LOST_CHANGE.c.id.in_(ids)))


def removals(connection: Connection) -> Removals | None:
    """What would go with the lost changes: the records that say nothing without them.

    None where nothing was lost.
    """
    if not has_lost(connection):
        return None
    lost = _lost(connection)
    told = OFFICE_HEADS.label("office_heads")
    asked = select(told, RECORD.c.files, _NEEDED.label("needed"))
    rows = connection.execute(asked).all()
    going = [row.files for row in rows if not row.needed and _says_only(row.office_heads, lost)]
    counted = Counter(FileId(file) for files in going for file in json.loads(files))
    return Removals(len(going), len(rows), counted)


def _says_only(told: str, lost: AbstractSet[str]) -> bool:
    heads = [change for ids in json.loads(told).values() for change in ids]
    return bool(heads) and lost >= set(heads)


def drop(connection: Connection) -> int:
    """Take the lost changes out of the heads. Returns how many records say nothing then, and went.

    A record of which something is only here stays, and so does every change of this laptop.
    """
    lost = _lost(connection)
    touched = dict(_without(connection, lost))
    settle(connection, touched)
    connection.execute(delete(LOST_CHANGE))
    return _remove_empty(connection, list(touched))


def _without(connection: Connection, lost: AbstractSet[str]) -> Iterator[tuple[str, list[str]]]:
    """Write the heads that are left; yields each record with the fields that had a lost one."""
    put = update(RECORD).where(RECORD.c.id == bindparam("key"))
    for record, told in connection.execute(select(RECORD.c.id, OFFICE_HEADS)).all():
        fields = json.loads(told)
        if lost.isdisjoint(change for ids in fields.values() for change in ids):
            continue
        left = {name: [c for c in ids if c not in lost] for name, ids in fields.items()}
        rows = [{"key": record, "said": spelled({n: ids for n, ids in left.items() if ids})}]
        connection.execute(put.values(office_heads=bindparam("said"), begun=None), rows)
        yield record, [name for name, ids in fields.items() if left[name] != ids]


def _remove_empty(connection: Connection, records: Sequence[str]) -> int:
    went = 0
    for ids in in_chunks(records):
        empty = select(RECORD.c.rid, RECORD.c.id).where(RECORD.c.id.in_(ids), ~_NEEDED)
        rows = connection.execute(empty.where(OFFICE_HEADS == "{}")).all()
        gone, rids = [row.id for row in rows], [row.rid for row in rows]
        searching.drop(connection, rids)
        theirs = delete(CHANGE).where(CHANGE.c.record.in_(gone), CHANGE.c.number.is_(None))
        connection.execute(theirs)
        connection.execute(delete(RECORD).where(RECORD.c.rid.in_(rids)))
        went += len(rows)
    return went
