"""Attachments that records name and whose content the office was never sent.

A record comes at once and its content when the line allows it, or never: then a person has to know.
What came costs a look into an index; only what is left over is worked out.
"""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, exists, select

from hah_central.database.faults import ODD
from hah_central.database.lookups import rows_for
from hah_central.database.rows import Blob, BlobOffer, Change, Record
from hah_central.journal import records
from hah_desktop.domain.changes import MalformedChange
from hah_desktop.domain.chunks import is_digest, is_size
from hah_desktop.domain.ids import ChangeId, RecordId
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.removing import REMOVED

_HASH = "hash"


@dataclass(frozen=True, slots=True)
class Awaited:
    """A content that has not come, and which laptop wrote of it; `since` the office knows of it."""

    record: RecordId
    sha256: str
    laptop: str
    since: dt.datetime


def awaited(connection: Connection) -> list[Awaited]:
    """All that has not come, the oldest first; none where a record of it is damaged.

    Who lists laptops is not to be kept from it: what is damaged is said by `verify`.
    """
    try:
        return _awaited(connection)
    except (*ODD, MalformedChange):
        return []


def _awaited(connection: Connection) -> list[Awaited]:
    came = exists().where(BlobOffer.record == Record.id, BlobOffer.received.is_not(None))
    asked = select(Record.id).where(Record.kind == Attachment.kind, ~came)
    maybe = {RecordId(id_) for id_ in connection.execute(asked).scalars()}
    named: dict[ChangeId, tuple[RecordId, str]] = {}
    for id_, record in records.shown(connection, maybe).items():
        sha256 = record.body.get(_HASH)
        if (
            isinstance(sha256, str)
            and is_digest(sha256)
            and is_size(record.body.get("size"))
            and record.body.get(REMOVED) is not True
        ):
            # Where two wrote of it, what each wrote is there: the first is shown.
            named |= dict.fromkeys(record.heads[_HASH].heads, (id_, sha256))
    hashes = {sha256 for _, sha256 in named.values()}
    here = {id_ for (id_,) in rows_for(connection, select(Blob.sha256), Blob.sha256, hashes)}
    wrote = select(Change.id, Change.laptop, Change.received).order_by(Change.seq)
    found: dict[RecordId, Awaited] = {}
    for change, laptop, received in rows_for(connection, wrote, Change.id, named):
        id_, sha256 = named[ChangeId(change)]
        if sha256 not in here:
            found.setdefault(id_, Awaited(id_, sha256, laptop, received))
    return sorted(found.values(), key=lambda each: (each.since, each.record))
