"""Who opened which record: here, to be told to the office, and elsewhere, as the office told.

Opening is noted once a day for each newest change of somebody else's: what one wrote oneself, one
has not read. It is no change: it has no number, and nothing waits for it.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, insert, literal, or_, select, true, tuple_, update

from hah_desktop.domain import days
from hah_desktop.domain.exchange import Opened, Seen
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.reference import Adviser
from hah_desktop.store.exchange import reached
from hah_desktop.store.journal.standing import ASIDE, ONLY_HERE, PLACE
from hah_desktop.store.tables import meta
from hah_desktop.store.tables.many import among, in_chunks
from hah_desktop.store.tables.rows import CHANGE, OPENED, RECORD, SEEN_BY

_CURSOR = "seen"

_FIELDS = func.json_each(RECORD.c.heads).table_valued("value", name="field")
_IDS = func.json_each(_FIELDS.c.value).table_valued("value", name="head")
_AUTHOR = func.json_extract(CHANGE.c.content, "$.author")

_HEADS = (
    select(RECORD.c.id, CHANGE.c.number, _AUTHOR, PLACE)
    .select_from(RECORD)
    .join(_FIELDS, true())
    .join(_IDS, true())
    .outerjoin(CHANGE, CHANGE.c.id == _IDS.c.value)
)
"""Of what a record shows: whose number it has here, by whom it is, and its place at the office."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who has opened a record with everything that others wrote in it, as it shows."""

    name: str
    at: str


class _Head(NamedTuple):
    """A change that a record shows; its place is None where that is not known here."""

    author: str
    place: int | None


def note(connection: Connection, record: str, now: dt.datetime) -> None:
    """Note that a record was opened here, if there is something of somebody else's in it.

    It is told up to the newest of that, and never beyond what the office has sent of the record:
    a receipt, and a place from before a restore, may lie behind words that are not here.
    """
    heads = connection.execute(_HEADS.where(RECORD.c.id == record))
    theirs = [place for _, number, _, place in heads if number is None and place is not None]
    upto = min(max(theirs, default=0), reached.of_record(connection, record))
    if not upto:
        return
    this = {"record": record, "upto": upto, "day": f"{now:%Y-%m-%d}"}
    if connection.execute(select(OPENED.c.record).filter_by(**this)).first() is None:
        connection.execute(insert(OPENED).values(**this, at=now.isoformat()))


def note_all(connection: Connection, records: Iterable[str], now: dt.datetime) -> None:
    """Note that these were opened together, such as a conversation with what was said in it."""
    for record in records:
        note(connection, record, now)


def untold(connection: Connection, most: int) -> list[Opened]:
    """What was opened here and the office has not been told of."""
    asked = select(OPENED).where(OPENED.c.told.is_(False)).order_by(OPENED.c.at).limit(most)
    return [Opened(RecordId(r.record), r.upto, r.at) for r in connection.execute(asked)]


def cursor(connection: Connection) -> int:
    """How far this laptop knows what others opened."""
    known = meta.read(connection, _CURSOR)
    return int(known["after"]) if known else 0


def start_again(connection: Connection) -> None:
    """The office was restored: places of before mean nothing, and it may have lost all it knew.

    What was opened here is told again, each day once, without a place. What others opened is for
    the office to tell again.
    """
    connection.execute(delete(SEEN_BY))
    meta.write(connection, _CURSOR, {"after": 0})
    placed = select(OPENED.c.record, OPENED.c.day, func.min(OPENED.c.at), literal(0))
    once = placed.where(OPENED.c.upto != 0).group_by(OPENED.c.record, OPENED.c.day)
    names = ["record", "day", "at", "upto"]
    connection.execute(insert(OPENED).prefix_with("OR IGNORE").from_select(names, once))
    connection.execute(delete(OPENED).where(OPENED.c.upto != 0))
    connection.execute(update(OPENED).values(told=False))


def take(connection: Connection, told: Sequence[Opened], after: int, seen: Sequence[Seen]) -> None:
    """Take the office's answer: it knows what was told, and others opened this."""
    if told:
        key = tuple_(OPENED.c.record, OPENED.c.at)
        these = key.in_([(each.record, each.at) for each in told])
        connection.execute(update(OPENED).where(these).values(told=True))
    for each in seen:
        this = (SEEN_BY.c.record == each.record) & (SEEN_BY.c.adviser == each.adviser)
        known = connection.execute(select(SEEN_BY.c.upto).where(this)).scalar()
        if known is None or known <= each.upto:
            connection.execute(delete(SEEN_BY).where(this))
            row = {"record": each.record, "adviser": each.adviser, "upto": each.upto}
            connection.execute(insert(SEEN_BY).values(**row, at=each.at))
    meta.write(connection, _CURSOR, {"after": after})


def readers(connection: Connection, record: str) -> list[Reader]:
    """Who has opened a record as it shows: with all in it that somebody else wrote.

    Nobody is named while something of it is only here or was set aside: nobody else has that.
    """
    return _readers(connection, [record]).get(record, [])


def of_records(connection: Connection, records: Iterable[str]) -> dict[str, str]:
    """Who has seen which of these records, in words, where anybody has that is known here."""
    told: dict[str, str] = {}
    for ids in in_chunks(records):
        found = _readers(connection, ids)
        told.update((record, in_words(each)) for record, each in found.items())
    return told


def _readers(connection: Connection, records: Collection[str]) -> dict[str, list[Reader]]:
    name = func.json_extract(RECORD.c.body, "$.name").label("name")
    opened = (
        select(SEEN_BY, name)
        .join(RECORD, (RECORD.c.id == SEEN_BY.c.adviser) & (RECORD.c.kind == Adviser.kind))
        .where(among(SEEN_BY.c.record, records))
    )
    dated = [(at, row) for row in connection.execute(opened) if (at := _moment(row.at))]
    heads = _heads(connection, {row.record for _, row in dated})
    found: dict[str, list[Reader]] = {}
    for _, row in sorted(dated, key=itemgetter(0)):
        theirs = [head.place for head in heads.get(row.record, ()) if head.author != row.adviser]
        if theirs and all(place is not None and place <= row.upto for place in theirs):
            found.setdefault(row.record, []).append(Reader(row.name, row.at))
    return found


def _heads(connection: Connection, records: Collection[str]) -> dict[str, list[_Head]]:
    """What those of the records show of which all is at the office, and in force."""
    if not records:
        return {}
    apart = select(CHANGE.c.record).where(among(CHANGE.c.record, records), or_(ONLY_HERE, ASIDE))
    due = set(connection.execute(apart).scalars())
    found: dict[str, list[_Head]] = {}
    for record, _, author, place in connection.execute(_HEADS.where(among(RECORD.c.id, records))):
        if record not in due:
            found.setdefault(record, []).append(_Head(author, place))
    return found


def in_words(readers: Sequence[Reader]) -> str:
    """Who has seen it last, and how many others; empty if nobody has that is known here."""
    if not readers:
        return ""
    *others, last = readers
    at = _moment(last.at)
    day = f" on {days.in_words(at.date())}" if at else ""
    more = {0: "", 1: " and by one more"}.get(len(others), f" and by {len(others)} more")
    return f"Seen by {last.name}{day}{more}"


def _moment(at: str) -> dt.datetime | None:
    """The moment on the wall clock of this place; None for what is none, which may be kept here."""
    try:
        return dt.datetime.fromisoformat(at).astimezone()
    except (ValueError, OverflowError):
        return None
