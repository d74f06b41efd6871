"""Takes off this laptop what it is no longer given: the records that lie in no file that it has.

It works in the transaction of the page that says so, and never on what would be lost: a record
stays while a change of it is only here, while somebody is writing on it, and while the office does
not have the letter or picture that was added here. This laptop's own changes stay, since its chain
is made of them.
"""

import datetime as dt
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select, update

from hah_desktop.domain.ids import REFERENCE_FILE, ChangeId, FileId, RecordId
from hah_desktop.domain.removals import Removals
from hah_desktop.domain.spelling import read
from hah_desktop.store.attachments import travelling
from hah_desktop.store.exchange import digests
from hah_desktop.store.exchange.receipts import Taken
from hah_desktop.store.journal import searching
from hah_desktop.store.journal.leading import LEADING
from hah_desktop.store.journal.standing import ONLY_HERE, UNSENT
from hah_desktop.store.tables import asking, events, meta
from hah_desktop.store.tables.events import Happened
from hah_desktop.store.tables.many import in_chunks, spelled
from hah_desktop.store.tables.rows import CHANGE, CURSOR, RECORD

_DOUBTED = "doubted"
"""The files that the office has not named again since it was restored."""

_HELD_BACK = "held_back"
"""The records that are no longer given and had to stay."""

_KNOWN = "known_taken_back"
"""The files that are here and known to be no longer given, each with the number of the last change
that was made here before: the office takes that and what is older, and nothing newer."""

# As one value: to hand out a row for each file takes three times as long.
_HAD = "SELECT json_group_array(file) FROM cursor"

_REFERENCE_ONLY = json.dumps([REFERENCE_FILE])


@dataclass(frozen=True, slots=True)
class _Leaving:
    """A record that lies in no file that is given: its row, and the files that it lay in."""

    rid: int
    id: RecordId
    files: frozenset[FileId]


@dataclass(frozen=True, slots=True)
class _Going:
    """The files that were taken back, what goes with them now, and what has to stay for now."""

    files: frozenset[FileId]
    now: Sequence[_Leaving] = ()
    later: Sequence[_Leaving] = ()


def removals(connection: Connection, named: Collection[FileId]) -> Removals:
    """What would go if the office gave these files and no others."""
    going = _going(connection, named)
    if not going.now:
        return Removals()
    counted = Counter(file for record in going.now for file in record.files & going.files)
    doubted = not _kept(connection, _DOUBTED).isdisjoint(counted)
    return Removals(len(going.now), held(connection), counted, doubted=doubted)


def held(connection: Connection) -> int:
    """How many records of visits and children are here.

    The lists that every laptop has are left out: with thousands of places many would seem few.
    """
    counted = select(func.count()).select_from(RECORD).where(RECORD.c.files != _REFERENCE_ONLY)
    return int(connection.execute(counted).scalar_one())


def going(connection: Connection, named: Collection[FileId]) -> list[RecordId]:
    """The records of which that is true."""
    return [record.id for record in _going(connection, named).now]


def remove(connection: Connection, named: Collection[FileId], now: dt.datetime) -> int:
    """Take off this laptop what lies in none of these files. Returns how many records went.

    A file of which something has to stay keeps its cursor at nothing: the office is told that it
    is still here, and everything of it comes if it is given again.
    """
    going = _going(connection, named)
    _keep(connection, _DOUBTED, _kept(connection, _DOUBTED).difference(named))
    _keep(connection, _HELD_BACK, {record.id for record in going.later})
    staying = going.files & {file for record in going.later for file in record.files}
    _know(connection, staying)
    if not going.files:
        return 0
    _delete(connection, going.now)
    gone = going.files - staying
    connection.execute(delete(CURSOR).where(CURSOR.c.file.in_(gone)))
    connection.execute(update(CURSOR).where(CURSOR.c.file.in_(going.files)).values(seq=0))
    if gone or going.now:
        detail = f"files: {len(gone)}, records: {len(going.now)}"
        events.note(connection, Happened.FILES_WITHDRAWN, now, detail)
    return len(going.now)


def held_back(connection: Connection) -> list[RecordId]:
    """The records that are no longer given, and stay because something of them is only here."""
    return [RecordId(record) for record in sorted(_kept(connection, _HELD_BACK))]


def note_known(connection: Connection, named: Collection[FileId]) -> None:
    """The office names only these, and nothing goes yet: what is written in others comes too late.

    Nothing follows from what a restored office does not name: it may have lost that it gave it.
    """
    files = _going(connection, named).files
    if _kept(connection, _DOUBTED).isdisjoint(files):
        _know(connection, files)


def known(connection: Connection) -> Mapping[FileId, int]:
    """The files that are here and known to be no longer given.

    With each the number of the last change that was made here before that was known.
    """
    found = meta.read(connection, _KNOWN) or {}
    return {FileId(file): number for file, number in found.items()}


def _know(connection: Connection, files: Collection[FileId]) -> None:
    before = known(connection)
    if not files and not before:
        return
    last = meta.chain_end(connection).number
    now: dict[str, int] = {file: before.get(file, last) for file in sorted(files)}
    if now != before:
        meta.write(connection, _KNOWN, now)


def note_told(connection: Connection, taken: Taken) -> None:
    """The office has heard of the files in which these changes lie: what it does not name goes."""
    _begin(connection, _files((files,) for files in {files for _, files, _ in taken.begun}))
    note_told_of(connection, [receipt.id for receipt in taken.others])


def note_told_of(connection: Connection, changes: Iterable[ChangeId]) -> None:
    """The same of changes that are not looked at for anything else."""
    for ids in in_chunks(changes):
        _begin(connection, _files(asking.rows(connection, _LIE_IN, (spelled(ids),))))


def _begin(connection: Connection, files: Iterable[FileId]) -> None:
    asking.do_each(connection, _BEGIN, [(file,) for file in sorted(files)])


def unsent_in(connection: Connection) -> set[FileId]:
    """The files of which the office hears with what is unsent."""
    return _files(_UNSENT_IN.rows(connection))


def _files(lie_in: Iterable[tuple[str]]) -> set[FileId]:
    return {FileId(file) for (files,) in lie_in for file in json.loads(files)}


_LIE_IN = (
    "SELECT DISTINCT files FROM record WHERE id IN"
    " (SELECT record FROM change WHERE id IN (SELECT value FROM json_each(?)))"
)
_UNSENT_IN = asking.Question(
    select(RECORD.c.files).where(RECORD.c.id.in_(select(CHANGE.c.record).where(UNSENT)))
)
_BEGIN = "INSERT INTO cursor (file, seq) VALUES (?, 0) ON CONFLICT DO NOTHING"


def doubt(connection: Connection) -> None:
    """The office was restored: read everything from the start, and ask before anything goes.

    It may have lost that it gave a file, so that it does not name it proves little.
    """
    had = connection.execute(select(CURSOR.c.file)).scalars()
    _keep(connection, _DOUBTED, _kept(connection, _DOUBTED).union(had))
    connection.execute(update(CURSOR).values(seq=0))


def _kept(connection: Connection, key: str) -> set[str]:
    found = meta.read(connection, key)
    return set(found["ids"]) if found else set()


def _keep(connection: Connection, key: str, ids: set[str]) -> None:
    if ids != _kept(connection, key):
        meta.write(connection, key, {"ids": sorted(ids)})


def _going(connection: Connection, named: Collection[FileId]) -> _Going:
    """Nearly always nothing, and then it costs nothing."""
    had: list[FileId] = read(asking.value(connection, _HAD))
    files = frozenset(file for file in had if file not in named) - {REFERENCE_FILE}
    if not files:
        return _Going(files)
    needed = _needed(connection)
    leaving = [record for record in _private(connection) if record.files.isdisjoint(named)]
    leaving = [record for record in leaving if not record.files.isdisjoint(files)]
    return _Going(
        files,
        [record for record in leaving if record.id not in needed],
        [record for record in leaving if record.id in needed],
    )


def _private(connection: Connection) -> list[_Leaving]:
    found = select(RECORD.c.rid, RECORD.c.id, RECORD.c.files)
    rows = connection.execute(found.where(RECORD.c.files != _REFERENCE_ONLY))
    return [_Leaving(rid, id_, frozenset(json.loads(files))) for rid, id_, files in rows]


def _needed(connection: Connection) -> set[str]:
    """The records of which something is only here, and what leads to what is being typed."""
    # The laptop's own, and what came from a colleague's hand.
    unsent = select(CHANGE.c.record).where(ONLY_HERE)
    needed = set(connection.execute(unsent).scalars())
    needed.update(connection.execute(LEADING).scalars())
    needed.update(travelling.added_and_only_here(connection))
    return needed


def _delete(connection: Connection, records: Sequence[_Leaving]) -> None:
    for chunk in in_chunks(records):
        ids, rids = [record.id for record in chunk], [record.rid for record in chunk]
        searching.drop(connection, rids)
        theirs = delete(CHANGE).where(CHANGE.c.record.in_(ids), CHANGE.c.number.is_(None))
        connection.execute(theirs)
        # The office has them, or gets them from whoever added them; the next sweep does the rest.
        contents = travelling.named_by(connection, ids)
        connection.execute(delete(RECORD).where(RECORD.c.rid.in_(rids)))
        travelling.drop(connection, contents)
        digests.drop(connection, ids)
