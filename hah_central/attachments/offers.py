"""Which attachments an adviser's records name, and who has shown to have their content.

Knowing a hash opens nothing. Content is given out only for a record that the asker may see, and
only once a laptop that may see it too has shown that it has all of it.
"""

import datetime as dt
import re
from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, insert, or_, select, update
from sqlalchemy.orm import aliased

from hah_central.database.lookups import rows_for
from hah_central.database.rows import Blob, BlobOffer, Change, Grant, Record, RecordFile
from hah_central.journal import records
from hah_central.journal.journal import take_numbers
from hah_central.journal.state import RecordState
from hah_central.people.people import Asker
from hah_desktop.domain.chunks import is_size
from hah_desktop.domain.exchange import Verdict
from hah_desktop.domain.ids import LaptopId, RecordId
from hah_desktop.domain.moving import MOVED
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.removing import REMOVED

_HASH = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Offer:
    """What one record names: a laptop that has it may send it."""

    sha256: str
    record: str
    size: int


def named(connection: Connection, asker: Asker, hashes: AbstractSet[str]) -> list[Offer]:
    """What the records in the asker's files, or written on this laptop, name of these."""
    # One of its changes names the hash, whatever the record says now: that is worked out of few.
    found = connection.execute(
        select(Record.id, Change.body)
        .join(Change, Change.record == Record.id)
        .where(
            Record.kind == Attachment.kind,
            or_(Record.id.in_(_visible(asker)), _written_by(asker)),
        )
    )
    maybe = {RecordId(id_) for id_, words in found if not hashes.isdisjoint(_HASH.findall(words))}
    return [
        Offer(str(record.body["hash"]), id_, size)
        for id_, record in records.shown(connection, maybe).items()
        if record.body.get("hash") in hashes and is_size(size := record.body.get("size"))
    ]


def _written_by(asker: Asker) -> ColumnElement[bool]:
    """Records that the laptop itself wrote: once withdrawn, it may still send what they name."""
    own = aliased(Change)
    mine = select(own.id).where(
        own.record == Record.id,
        own.laptop == asker.laptop,
        own.verdict != Verdict.SET_ASIDE.value,
    )
    return mine.exists()


def _visible(asker: Asker) -> Select[str]:
    had = select(Grant.file).where(Grant.adviser == asker.adviser)
    return select(RecordFile.record).where(RecordFile.file.in_(had))


def shown_to(connection: Connection, asker: Asker, hashes: Collection[str]) -> dict[str, int]:
    """Which of these the asker may be given, and their sizes."""
    offered = (
        select(BlobOffer.sha256, BlobOffer.record, BlobOffer.size)
        .distinct()
        .where(BlobOffer.received.is_not(None))
    )
    rows = list(rows_for(connection, offered, BlobOffer.sha256, hashes))
    now = _standing(connection, {RecordId(row.record) for row in rows})
    see = select(RecordFile.record).where(RecordFile.record.in_(_visible(asker))).distinct()
    ids = {record.id for record in now.values()}
    seen = {id_ for (id_,) in rows_for(connection, see, RecordFile.record, ids)}
    # What the record says now: a name that was taken back opens nothing.
    return {
        row.sha256: row.size
        for row in rows
        if (record := now.get(RecordId(row.record))) is not None
        and record.id in seen
        and record.body.get("hash") == row.sha256
    }


def _standing(connection: Connection, ids: AbstractSet[RecordId]) -> dict[RecordId, RecordState]:
    """These records as they stand now: one that was moved as the one that it names itself.

    Only who had the file of a record can have written in it where it went, so what was shown of it
    is good there too.
    """
    said: dict[RecordId, RecordState] = {}
    asked = set(ids)
    while asked:
        said |= records.shown(connection, asked)
        asked = {to for record in said.values() if (to := _went_to(record))} - said.keys() - asked
    return {id_: _end(said, said[id_]) for id_ in ids if id_ in said}


def _went_to(record: RecordState) -> RecordId | None:
    is_moved = record.body.get(REMOVED) is True and record.body.get(MOVED)
    return RecordId(str(record.body[MOVED])) if is_moved else None


def _end(said: dict[RecordId, RecordState], record: RecordState) -> RecordState:
    # Laptops can make a ring of records that name each other.
    for _ in said:
        to = _went_to(record)
        if to not in said:
            break
        record = said[to]
    return record


def offered_by(
    connection: Connection, laptop: LaptopId, hashes: Collection[str]
) -> dict[tuple[str, str], bool]:
    """What a laptop has offered of these, by hash and record, and whether it showed to have it."""
    rows = rows_for(
        connection,
        select(BlobOffer.sha256, BlobOffer.record, BlobOffer.received).where(
            BlobOffer.laptop == laptop
        ),
        BlobOffer.sha256,
        hashes,
    )
    return {(sha256, record): received is not None for sha256, record, received in rows}


def expected(connection: Connection, laptop: LaptopId, sha256: str) -> int:
    """How large the content is that a laptop offered; 0 where it offered nothing of this hash."""
    size = select(BlobOffer.size).where(BlobOffer.laptop == laptop, BlobOffer.sha256 == sha256)
    return connection.execute(size.limit(1)).scalar_one_or_none() or 0


def note(
    connection: Connection,
    laptop: LaptopId,
    offers: Iterable[Offer],
    had: Collection[str],
    now: dt.datetime,
) -> None:
    """Write offers down. Of what is in `had` the laptop has shown already that it has it."""
    take_numbers(connection, 0)
    listed = list(offers)
    known = offered_by(connection, laptop, {offer.sha256 for offer in listed})
    new = [
        {
            "sha256": offer.sha256,
            "record": RecordId(offer.record),
            "laptop": laptop,
            "size": offer.size,
            "received": now if offer.sha256 in had else None,
        }
        for offer in listed
        if (offer.sha256, offer.record) not in known
    ]
    if new:
        connection.execute(insert(BlobOffer), new)
    _mark(connection, laptop, had, now)


def note_whole(
    connection: Connection, laptop: LaptopId, sha256: str, size: int, now: dt.datetime
) -> None:
    """Write down that content is here whole, and that this laptop sent all of it."""
    take_numbers(connection, 0)
    if connection.execute(select(Blob.size).where(Blob.sha256 == sha256)).first() is None:
        row = {"sha256": sha256, "size": size, "received": now, "first_by": laptop}
        connection.execute(insert(Blob).values(row))
    _mark(connection, laptop, [sha256], now)


def _mark(
    connection: Connection, laptop: LaptopId, hashes: Collection[str], now: dt.datetime
) -> None:
    waiting = update(BlobOffer).where(
        BlobOffer.laptop == laptop, BlobOffer.sha256.in_(hashes), BlobOffer.received.is_(None)
    )
    connection.execute(waiting.values(received=now))


def whole(connection: Connection) -> dict[str, int]:
    """Every content that is noted as being here, and its size."""
    return {row.sha256: row.size for row in connection.execute(select(Blob.sha256, Blob.size))}
