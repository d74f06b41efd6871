"""How far the content of each attachment has travelled, to the office and from it.

A file counts as received only by the office's word that it has the whole hash. That word is good
for one epoch: an office that was restored is asked again.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update
from sqlalchemy.dialects import sqlite

from hah_desktop.domain.chunks import is_digest, is_size
from hah_desktop.domain.moving import MOVED
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.seals import stream
from hah_desktop.store.attachments.attachments import KeptFile
from hah_desktop.store.tables import meta
from hah_desktop.store.tables.rows import CHANGE, FETCHING, RECORD, SEALED_FILE

_NAME = re.compile(r"[0-9a-f]{32}")
"""A sealed file's name. It comes from another laptop, and becomes part of a path here."""


@dataclass(frozen=True, slots=True)
class Going:
    """A file that is kept here and that the office does not have whole yet."""

    file: KeptFile
    sent: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Content that a record here names and that is elsewhere."""

    id: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Coming:
    """Content that is being fetched: what it is to be, and the key of its pieces."""

    wanted: Wanted
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Way:
    """How far one attachment is. Of what is here `sent` bytes are received, `received` all.

    Of what is elsewhere `fetched` bytes are here; `can_fetch` says whether it can be asked for.
    """

    size: int
    sent: int = 0
    received: bool = False
    fetched: int = 0
    can_fetch: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """How many of the files that are named and kept here the office has."""

    received: int
    of: int

    @property
    def only_here(self) -> int:
        """How many it does not have."""
        return self.of - self.received


NO_FILES = Count(0, 0)


def _said(name: str) -> ColumnElement[Any]:
    return func.json_extract(RECORD.c.body, f"$.{name}")


_STANDING = (
    RECORD.c.kind == Attachment.kind,
    func.coalesce(_said("removed"), 0) == 0,
)
"""Records about attachments that nobody removed."""

_ABOUT = (*_STANDING, _said("content") == SEALED_FILE.c.id)


def _received(connection: Connection) -> ColumnElement[bool]:
    who = meta.identity(connection)
    return func.coalesce(SEALED_FILE.c.received_in == (who.epoch if who else None), False)


def going(connection: Connection) -> list[Going]:
    """What a record names and the office does not have whole, the smallest first."""
    found = connection.execute(
        select(SEALED_FILE)
        .where(select(RECORD.c.id).where(*_ABOUT).exists(), ~_received(connection))
        .order_by(SEALED_FILE.c.size, SEALED_FILE.c.id)
    )
    return [
        Going(KeptFile(row.id, bytes(row.key), row.size, row.sha256), row.sent) for row in found
    ]


def note_sent(connection: Connection, sha256: str, sent: int) -> None:
    """The office has so many bytes of it."""
    same = update(SEALED_FILE).where(SEALED_FILE.c.sha256 == sha256)
    connection.execute(same.values(sent=sent))


def note_received(connection: Connection, sha256: str) -> None:
    """The office has said that it has all of it."""
    epoch = meta.enrolled(connection).epoch
    same = update(SEALED_FILE).where(SEALED_FILE.c.sha256 == sha256)
    connection.execute(same.values(sent=SEALED_FILE.c.size, received_in=epoch))


def note_lacking(connection: Connection, hashes: Collection[str]) -> None:
    """The office had all of these, and has lost them."""
    same = update(SEALED_FILE).where(SEALED_FILE.c.sha256.in_(hashes))
    connection.execute(same.values(sent=0, received_in=None))


def only_here(connection: Connection) -> frozenset[str]:
    """The sealed files that the office does not have, whether or not a record names them."""
    found = select(SEALED_FILE.c.id).where(~_received(connection))
    return frozenset(connection.execute(found).scalars())


def added_and_only_here(connection: Connection) -> set[str]:
    """The records of what was attached on this laptop and the office does not have.

    What came from a colleague's hand, that colleague's own laptop brings to the office.
    """
    # Somebody else may have moved it to another child: then the record that it was is one's own.
    mine = and_(CHANGE.c.record.in_([RECORD.c.id, _said(MOVED)]), CHANGE.c.number.is_not(None))
    names_it = func.json_extract(CHANGE.c.content, "$.fields.content").is_not(None)
    found = select(RECORD.c.id).where(
        select(SEALED_FILE.c.id).where(*_ABOUT, ~_received(connection)).exists(),
        select(CHANGE.c.id).where(mine, names_it).exists(),
    )
    return set(connection.execute(found).scalars())


def only_here_count(connection: Connection) -> int:
    """How many of them a record names."""
    here = only_here(connection)
    named = select(func.count(_said("content").distinct()))
    found = named.where(*_STANDING, _said("content").in_(here))
    return int(connection.execute(found).scalar_one()) if here else 0


def only_here_records(connection: Connection) -> list[str]:
    """The records that name them, each file's first, the smallest file first."""
    here = select(func.min(RECORD.c.id)).join(SEALED_FILE, _said("content") == SEALED_FILE.c.id)
    found = here.where(*_STANDING, ~_received(connection)).group_by(SEALED_FILE.c.id)
    return list(connection.execute(found.order_by(SEALED_FILE.c.size, SEALED_FILE.c.id)).scalars())


def only_here_of(connection: Connection, visit: str) -> list[KeptFile]:
    """Those of them that are attached to one visit, the smallest first."""
    about = select(RECORD.c.id).where(*_ABOUT, RECORD.c.visit == visit).exists()
    found = select(SEALED_FILE).where(about, ~_received(connection))
    rows = connection.execute(found.order_by(SEALED_FILE.c.size, SEALED_FILE.c.id))
    return [KeptFile(row.id, bytes(row.key), row.size, row.sha256) for row in rows]


def visits_of_files(connection: Connection) -> list[str]:
    """The visits to which something is attached that is only here."""
    about = select(RECORD.c.visit).join(SEALED_FILE, _said("content") == SEALED_FILE.c.id)
    found = about.where(*_STANDING, RECORD.c.visit.is_not(None), ~_received(connection))
    return list(connection.execute(found.distinct().order_by(RECORD.c.visit)).scalars())


def wanted(connection: Connection) -> list[Wanted]:
    """What records name and is not here, the smallest first."""
    here = select(SEALED_FILE.c.id)
    found = connection.execute(
        select(_said("content"), _said("size"), _said("hash"))
        .where(*_STANDING, _said("content").is_not(None), _said("content").not_in(here))
        .distinct()
    )
    able = [Wanted(*row) for row in found if _can_fetch(*row)]
    return sorted(able, key=lambda each: (each.size, each.id))


def called(connection: Connection, names: Collection[str]) -> dict[str, str]:
    """What records call these contents; of several that name one, any."""
    found = select(_said("content"), _said("what")).where(*_STANDING, _said("content").in_(names))
    said = {row[0]: row[1] or "" for row in connection.execute(found)}
    return {name: said.get(name, "") for name in names}


def _can_fetch(name: object, size: object, sha256: object) -> bool:
    spelled = isinstance(name, str) and _NAME.fullmatch(name) is not None
    return spelled and is_size(size) and isinstance(sha256, str) and is_digest(sha256)


def find_wanted(connection: Connection, record: str) -> Wanted | None:
    """What one record names and is not here."""
    found = connection.execute(
        select(_said("content"), _said("size"), _said("hash")).where(
            RECORD.c.id == record, *_STANDING
        )
    ).first()
    if found is None or not _can_fetch(*found):
        return None
    kept = connection.execute(select(SEALED_FILE.c.id).where(SEALED_FILE.c.id == found[0]))
    return Wanted(*found) if kept.first() is None else None


def begin(connection: Connection, what: Wanted) -> Coming:
    """What is known of fetching it; begun anew where something else was to come before."""
    row = connection.execute(select(FETCHING).where(FETCHING.c.id == what.id)).first()
    if row is not None and (row.size, row.sha256) == (what.size, what.sha256):
        return Coming(what, bytes(row.key))
    key = stream.new_key()
    values = {"key": key, "size": what.size, "sha256": what.sha256, "fetched": 0, "problem": ""}
    put = sqlite.insert(FETCHING).values(id=what.id, **values)
    connection.execute(put.on_conflict_do_update(index_elements=["id"], set_=values))
    return Coming(what, key)


def note_fetched(connection: Connection, name: str, fetched: int) -> None:
    """So many bytes of it are here."""
    same = update(FETCHING).where(FETCHING.c.id == name)
    connection.execute(same.values(fetched=fetched, problem=""))


def note_not_fetched(connection: Connection, name: str, problem: str) -> None:
    """What came was something else: it is not tried again by itself."""
    same = update(FETCHING).where(FETCHING.c.id == name)
    connection.execute(same.values(fetched=0, problem=problem))


def note_here(connection: Connection, file: KeptFile, at: str) -> None:
    """All of it is here, from the office. Its unfinished file may go."""
    epoch = meta.enrolled(connection).epoch
    _note(connection, file, at, sent=file.size, received_in=epoch)


def note_by_hand(connection: Connection, file: KeptFile, at: str) -> None:
    """All of it is here, from a colleague's hand: the office may not have it."""
    _note(connection, file, at, sent=0, received_in=None)


def _note(
    connection: Connection, file: KeptFile, at: str, *, sent: int, received_in: str | None
) -> None:
    what = {"id": file.id, "key": file.key, "size": file.size, "sha256": file.sha256}
    values = {**what, "kept_at": at, "sent": sent, "received_in": received_in}
    connection.execute(insert(SEALED_FILE).values(values))
    forget(connection, file.id)


def forget(connection: Connection, name: str) -> None:
    """It is not being fetched any more."""
    connection.execute(delete(FETCHING).where(FETCHING.c.id == name))


def given_up(connection: Connection) -> frozenset[str]:
    """What is not tried again by itself."""
    found = select(FETCHING.c.id).where(FETCHING.c.problem != "")
    return frozenset(connection.execute(found).scalars())


def way(connection: Connection, record: Attachment) -> Way:
    """How far the content of one attachment is."""
    size = record.size or 0
    here = connection.execute(
        select(SEALED_FILE.c.sent, _received(connection).label("received")).where(
            SEALED_FILE.c.id == record.content
        )
    ).first()
    if here is not None:
        return Way(size, here.sent, bool(here.received))
    fetched = select(FETCHING.c.fetched).where(FETCHING.c.id == record.content)
    return Way(
        size,
        fetched=connection.execute(fetched).scalar() or 0,
        can_fetch=_can_fetch(record.content, record.size, record.hash),
    )


def count(connection: Connection, visit: str = "") -> Count:
    """How many of the files kept here, of one visit or of all, the office has."""
    about = (*_ABOUT, RECORD.c.visit == visit) if visit else _ABOUT
    received = connection.execute(
        select(_received(connection)).where(select(RECORD.c.id).where(*about).exists())
    ).scalars()
    found = [bool(each) for each in received]
    return Count(sum(found), len(found))


def named_by(connection: Connection, records: Collection[str]) -> list[str]:
    """The sealed files that these records name."""
    found = select(_said("content")).where(
        RECORD.c.id.in_(records), RECORD.c.kind == Attachment.kind, _said("content").is_not(None)
    )
    return list(connection.execute(found).scalars())


def drop(connection: Connection, names: Collection[str]) -> None:
    """Forget the keys of sealed files that no record names any more: nobody can read them then."""
    named = select(_said("content")).where(
        RECORD.c.kind == Attachment.kind, _said("content").is_not(None)
    )
    for table in (SEALED_FILE, FETCHING):
        gone = delete(table).where(table.c.id.in_(names), table.c.id.not_in(named))
        connection.execute(gone)


def is_named(connection: Connection, content: str) -> bool:
    """Whether a record that nobody removed names it."""
    about = select(RECORD.c.id).where(*_STANDING, _said("content") == content)
    return connection.execute(about.limit(1)).first() is not None


def let_come_again(connection: Connection, damaged: Collection[str]) -> int:
    """Forget copies of what the office has whole, so that it is fetched from there again.

    Returns how many. What the office does not have stays, however damaged it is.
    """
    gone = delete(SEALED_FILE).where(SEALED_FILE.c.id.in_(damaged), _received(connection))
    return connection.execute(gone).rowcount


def tidy(connection: Connection) -> None:
    """Forget what is being fetched for no record any more."""
    named = select(_said("content")).where(*_STANDING, _said("content").is_not(None))
    connection.execute(delete(FETCHING).where(FETCHING.c.id.not_in(named)))


def is_fetching(connection: Connection) -> bool:
    """Whether anything is fetched in part."""
    return connection.execute(select(FETCHING.c.id)).first() is not None
