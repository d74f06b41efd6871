"""Reads records back: one, those of a visit, those of a kind; and finds them by their words."""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, Row, Select, func, or_, select

from hah_desktop.domain.codec import UnreadableRecord, field_of, from_body
from hah_desktop.domain.ids import ChangeId
from hah_desktop.domain.merge import Head, agree, in_order, rule_of, shown
from hah_desktop.domain.moving import MOVED
from hah_desktop.domain.records.base import Json, Record
from hah_desktop.domain.removing import REMOVED
from hah_desktop.store.journal.saving import Seen
from hah_desktop.store.journal.saying import heads_of, said_by, sides_of
from hah_desktop.store.tables.rows import RECORD, SEARCH

_COLUMNS = (RECORD.c.id, RECORD.c.kind, RECORD.c.body, RECORD.c.heads, RECORD.c.open)

SEARCH_LIMIT = 200

_WORD = re.compile("[^\\W_\u19b0-\u19c0\u19c8\u19c9\u1cf2\u1cf3]+")
"""What the search index takes for one word, or for the beginning of it: it knows no phrases, and
where Python sees a letter in these few signs it sees the end of a word."""

_BESIDE = '","'
"""How a list of several heads is spelled, and nothing else in that column."""

IS_SHOWN = or_(
    func.coalesce(func.json_extract(RECORD.c.body, f"$.{REMOVED}"), 0) == 0,
    func.json_extract(RECORD.c.open, f"$.{REMOVED}").is_not(None),
)
"""Whether a record was not removed, or somebody went on with it and a person has to decide."""

Transaction = Connection
"""What a query runs in, by a name that asks no SQL of its users."""


@dataclass(frozen=True, slots=True)
class Held:
    """A record as it is held here: what it says, what an edit of it replaces, what is undecided.

    `open` holds, for each field that two people changed without seeing each other, every side;
    `merged` those of the fields where a rule chose by itself, in the office's order.
    """

    record: Record
    seen: Seen
    open: Mapping[str, tuple[Head, ...]]
    merged: Mapping[str, tuple[Head, ...]] = field(default_factory=dict)


def get(connection: Connection, record: str) -> Held | None:
    """One record; None when it is not held here or was written by a newer version."""
    found = _held(connection, select(*_COLUMNS).where(RECORD.c.id == record))
    return found[0] if found else None


def get_removed(connection: Connection, record: str) -> Held | None:
    """One record, also where it was removed; None when it is not here or cannot be read."""
    query = select(*_COLUMNS).where(RECORD.c.id == record)
    return next(iter(_held(connection, query, removed=True)), None)


def removed(connection: Connection, *which: ColumnElement[bool]) -> list[Held]:
    """Those of these records that were removed, and of which nothing is left to decide."""
    query = select(*_COLUMNS).where(*which, ~IS_SHOWN).order_by(RECORD.c.id)
    return _held(connection, query, removed=True)


def kind_of(connection: Connection, record: str) -> str:
    """Of what kind a record is that is here, removed or not; empty where nothing of it is."""
    found = connection.execute(select(RECORD.c.kind).where(RECORD.c.id == record)).scalar()
    return str(found or "")


def some(connection: Connection, records: Iterable[str]) -> list[Held]:
    """These records, as far as they are held here, in the order of their ids."""
    found = select(*_COLUMNS).where(RECORD.c.id.in_(list(records)))
    return _held(connection, found.order_by(RECORD.c.id))


def seen(connection: Connection, records: Iterable[str]) -> dict[str, Seen]:
    """What is to be seen of these records at this moment, also of those that were removed."""
    asked = select(RECORD.c.id, RECORD.c.body, RECORD.c.heads).where(RECORD.c.id.in_(list(records)))
    return {row.id: _seen(row.body, row.heads) for row in connection.execute(asked)}


def of_visit(connection: Connection, visit: str) -> list[Held]:
    """The visit itself, everything recorded on it, and the children who were spoken to.

    Whom something was about that was removed, or moved to another, was not spoken to for that.
    """
    theirs = select(RECORD.c.child).where(
        RECORD.c.visit == visit, RECORD.c.child.is_not(None), IS_SHOWN
    )
    wanted = (RECORD.c.id == visit) | (RECORD.c.visit == visit) | RECORD.c.id.in_(theirs)
    return _held(connection, select(*_COLUMNS).where(wanted).order_by(RECORD.c.id))


def moved_on(connection: Connection, visit: str) -> dict[str, str]:
    """What was moved away on a visit, and as which record each stands now."""
    body = RECORD.c.body
    to = func.json_extract(body, f"$.{MOVED}")
    gone = func.json_extract(body, f"$.{REMOVED}").is_(True)
    found = select(RECORD.c.id, to).where(RECORD.c.visit == visit, gone, to.is_not(None))
    return dict(iter(connection.execute(found)))


def of_kind(connection: Connection, kind: str) -> list[Held]:
    """Every record of one kind, oldest id first, without the removed ones."""
    return _held(connection, select(*_COLUMNS).where(RECORD.c.kind == kind).order_by(RECORD.c.id))


def of_place(connection: Connection, place: str) -> list[Held]:
    """What names one place: its inspections and the visits to it."""
    return _held(connection, select(*_COLUMNS).where(RECORD.c.place == place))


def bodies(connection: Connection, kinds: Iterable[str]) -> dict[str, dict[str, Json]]:
    """The bodies of whole kinds by record id: for comparing a published list with what is here."""
    found = select(RECORD.c.id, RECORD.c.body).where(RECORD.c.kind.in_(list(kinds)))
    return {row.id: json.loads(row.body) for row in connection.execute(found)}


def undecided(connection: Connection) -> list[Held]:
    """The records in which a person has to decide something."""
    return _held(connection, select(*_COLUMNS).where(RECORD.c.open.is_not(None)))


def undecided_count(connection: Connection) -> int:
    """How many these are: what was removed with all that was undecided in it is none of them."""
    counted = select(func.count()).select_from(RECORD).where(RECORD.c.open.is_not(None), IS_SHOWN)
    return int(connection.execute(counted).scalar_one())


def find(connection: Connection, words: str, limit: int = SEARCH_LIMIT) -> list[Held]:
    """The records in which every word begins a word; accents and case do not matter."""
    parts = _WORD.findall(unicodedata.normalize("NFC", words))
    if not parts:
        return []
    wanted = " AND ".join(f'"{part}"*' for part in parts)
    hits = select(SEARCH.c.rowid).where(SEARCH.c.search.op("MATCH")(wanted)).limit(limit)
    return _held(connection, select(*_COLUMNS).where(RECORD.c.rid.in_(hits)))


def count(connection: Connection, kind: str) -> int:
    """How many records of a kind are held here."""
    found = select(func.count()).select_from(RECORD).where(RECORD.c.kind == kind)
    return int(connection.execute(found).scalar_one())


def replayed(connection: Connection, record: str) -> dict[str, Json]:
    """The body made again from the changes alone: equal to the kept one, or something is wrong."""
    row = connection.execute(
        select(RECORD.c.heads, RECORD.c.kind).where(RECORD.c.id == record)
    ).one()
    heads: dict[str, list[ChangeId]] = json.loads(row.heads)
    said = said_by(connection, {change for changes in heads.values() for change in changes})
    body = {
        name: shown(rule_of(field_of(row.kind, name)), heads_of(said, ids, name) or ()).value
        for name, ids in heads.items()
    }
    return {name: value for name, value in body.items() if value is not None}


def _held(
    connection: Connection, query: Select[tuple[str, ...]], *, removed: bool = False
) -> list[Held]:
    rows = connection.execute(query).all()
    sides, merged = _sides(connection, rows), _merged(connection, rows)
    found = (_one(row, sides.get(row.id, {}), merged.get(row.id, {})) for row in rows)
    return [held for held in found if held is not None and (removed or not is_removed(held))]


def is_removed(held: Held) -> bool:
    """Whether a record was removed, and nobody has to decide about that."""
    return bool(held.record.removed) and REMOVED not in held.open


Sides = Mapping[str, tuple[Head, ...]]


def _one(row: Row[tuple[str, ...]], sides: Sides, merged: Sides) -> Held | None:
    seen = _seen(row.body, row.heads)
    try:
        record = from_body(row.kind, row.id, seen.body)
    except UnreadableRecord:
        # Written by a newer version: it stays in the file and is shown after an update.
        return None
    return Held(record, seen, sides, merged)


def _seen(body: str, heads: str) -> Seen:
    return Seen(json.loads(body), {name: tuple(ids) for name, ids in json.loads(heads).items()})


def _merged(connection: Connection, rows: Sequence[Row[tuple[str, ...]]]) -> dict[str, Sides]:
    """Of fields with several heads that nobody has to decide about: all that was said there."""
    # Two ids beside each other; nearly no record has them, and parsing each would take long.
    several = {row.id: _several(row) for row in rows if _BESIDE in row.heads}
    said = said_by(connection, {i for f in several.values() for ids in f.values() for i in ids})
    found: dict[str, Sides] = {}
    for record, fields in several.items():
        heads = {name: in_order(heads_of(said, ids, name) or ()) for name, ids in fields.items()}
        found[record] = {name: tuple(said) for name, said in heads.items() if _differ(said)}
    return found


def _several(row: Row[tuple[str, ...]]) -> dict[str, list[ChangeId]]:
    undecided = json.loads(row.open) if row.open else {}
    heads = json.loads(row.heads).items()
    return {name: ids for name, ids in heads if len(ids) > 1 and name not in undecided}


def _differ(heads: Sequence[Head]) -> bool:
    return bool(heads) and not agree(heads)


def _sides(
    connection: Connection, rows: Sequence[Row[tuple[str, ...]]]
) -> dict[str, dict[str, tuple[Head, ...]]]:
    undecided_rows = {row.id: json.loads(row.open) for row in rows if row.open}
    named = {i for fields in undecided_rows.values() for ids in fields.values() for i in ids}
    said = said_by(connection, named)
    return {
        record: {name: sides_of(said, ids, name) for name, ids in fields.items()}
        for record, fields in undecided_rows.items()
    }
