"""How far the office's journal was read here, file by file. Nearly all files are at one place."""

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import Connection

from hah_desktop.domain.ids import FileId
from hah_desktop.domain.spelling import read
from hah_desktop.store.tables import meta
from hah_desktop.store.tables.asking import do_each
from hah_desktop.store.tables.asking import value as value_of

_READ_UP_TO = "read_up_to"
"""The place up to which most files have been read. The others name theirs."""

_THERE = -1
"""The cursor of a file that was read up to that place: so it moves without writing each file."""

# As one value: to hand out a row for each file takes three times as long.
_CURSORS = "SELECT json_group_object(file, CASE seq WHEN ? THEN ? ELSE seq END) FROM cursor"
_OF_RECORD = (
    "SELECT max(CASE c.seq WHEN ? THEN ? ELSE c.seq END) FROM record r"
    " JOIN json_each(r.files) f JOIN cursor c ON c.file = f.value WHERE r.id = ?"
)
_PUT_CURSOR = (
    "INSERT INTO cursor (file, seq) VALUES (?, ?)"
    " ON CONFLICT (file) DO UPDATE SET seq = excluded.seq"
)


def of_files(connection: Connection) -> dict[FileId, int]:
    """How far each file has been read."""
    return _of_files(connection, _most(connection))


def of_record(connection: Connection, record: str) -> int:
    """Up to where all of a record is here; 0 where that is not known, as after a restore."""
    return value_of(connection, _OF_RECORD, (_THERE, _most(connection), record)) or 0


def _of_files(connection: Connection, at: int) -> dict[FileId, int]:
    """How far each file has been read; with `_THERE` as it is kept."""
    found: dict[FileId, int] = read(value_of(connection, _CURSORS, (_THERE, at)))
    return found


def _most(connection: Connection) -> int:
    at = meta.read(connection, _READ_UP_TO)
    return int(at["seq"]) if at else 0


def move(connection: Connection, files: Mapping[FileId, int]) -> None:
    """Move these cursors. Nearly all of them are at one place before and after."""
    if not files:
        return  # Every part of a page but the last.
    here = of_files(connection)
    now = {**here, **files}
    if now == here:
        return
    before = _most(connection)
    at = Counter(now.values()).most_common(1)[0][0]
    if at != before:
        meta.write(connection, _READ_UP_TO, {"seq": at})
    kept = _of_files(connection, _THERE)
    named = {file: _THERE if seq == at else seq for file, seq in now.items()}
    moved = [(file, seq) for file, seq in named.items() if kept.get(file) != seq]
    do_each(connection, _PUT_CURSOR, moved)
