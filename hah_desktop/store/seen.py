"""Who opened which record: here, to be told to the office, and elsewhere, as the office told.

Opening is noted once a day for each newest change of somebody else's: what one wrote oneself, one
has not read. It is no change: it has no number, and nothing waits for it.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, tuple_, update

from hah_desktop.domain import days
from hah_desktop.domain.exchange import Opened, Seen
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.reference import Adviser
from hah_desktop.store import meta
from hah_desktop.store.rows import CHANGE, OPENED, RECORD, SEEN_BY
from hah_desktop.store.settling import among, in_chunks
from hah_desktop.store.standing import PLACE

_CURSOR = "seen"


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who has opened a record with everything that was written here in it."""

    name: str
    at: str


def note(connection: Connection, record: str, now: dt.datetime) -> None:
    """Note that a record was opened here, if there is something of somebody else's in it."""
    newest = select(func.max(CHANGE.c.received)).where(CHANGE.c.record == record)
    upto = connection.execute(newest.where(CHANGE.c.number.is_(None))).scalar()
    if upto is None:
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
    """Who has opened a record since the office received the newest of this laptop's changes."""
    mine = select(func.coalesce(func.max(PLACE), 0)).where(
        CHANGE.c.record == record, CHANGE.c.number.is_not(None)
    )
    name = func.json_extract(RECORD.c.body, "$.name")
    asked = (
        select(name.label("name"), SEEN_BY.c.at)
        .join(RECORD, (RECORD.c.id == SEEN_BY.c.adviser) & (RECORD.c.kind == Adviser.kind))
        .where(SEEN_BY.c.record == record, SEEN_BY.c.upto >= mine.scalar_subquery())
        .order_by(SEEN_BY.c.at)
    )
    return [Reader(row.name, row.at) for row in connection.execute(asked)]


def of_records(connection: Connection, records: Iterable[str]) -> dict[str, str]:
    """Who has seen which of these records, in words, where anybody has that is known here."""
    told: dict[str, str] = {}
    for ids in in_chunks(records):
        asked = select(SEEN_BY.c.record).where(among(SEEN_BY.c.record, ids)).distinct()
        for record in connection.execute(asked).scalars().all():
            if words := in_words(readers(connection, record)):
                told[record] = words
    return told


def in_words(readers: Sequence[Reader]) -> str:
    """Who has seen it last, and how many others; empty if nobody has that is known here."""
    if not readers:
        return ""
    *others, last = readers
    day = days.in_words(dt.datetime.fromisoformat(last.at).date())
    more = {0: "", 1: " and by one more"}.get(len(others), f" and by {len(others)} more")
    return f"Seen by {last.name} on {day}{more}"
