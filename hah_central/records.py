"""The office's records as rows: read before a batch is worked in, written after it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from hah_central import digests
from hah_central.bulk import Rows, insert_many, inserting, update_many
from hah_central.lookups import Lookup
from hah_central.rows import Record, RecordFile
from hah_central.state import RecordState, heads_plain, heads_read
from hah_desktop.domain.digest import Part
from hah_desktop.domain.ids import FileId, RecordId

_RECORD = Lookup(select(Record.id, Record.kind, Record.heads, Record.body, Record.moved), Record.id)
_LIES_IN = Lookup(
    select(RecordFile.record, RecordFile.file, RecordFile.low, RecordFile.high), RecordFile.record
)
Asked = tuple[
    Iterator[tuple[str, str, dict[str, Any], dict[str, Any], dict[str, Any]]],
    Iterator[tuple[str, str, int | None, int | None]],
]


def load(connection: Connection, ids: Collection[RecordId]) -> dict[RecordId, RecordState]:
    """Those of the records that the office knows."""
    return read(ask(connection, ids))


def ask(connection: Connection, ids: Collection[RecordId]) -> Asked:
    """Ask for records, and read the answer later."""
    return _RECORD.rows(connection, ids), _LIES_IN.rows(connection, ids)


def read(asked: Asked) -> dict[RecordId, RecordState]:
    """Those of the records that were asked for which the office knows."""
    says, lies_in = asked
    records = {
        RecordId(id_): RecordState(
            RecordId(id_), kind, new=False, heads=heads_read(heads), body=body, moved=moved
        )
        for id_, kind, heads, body, moved in says
    }
    for id_, file, low, high in lies_in:
        record = records[RecordId(id_)]
        record.files.add(FileId(file))
        record.part = None if low is None or high is None else Part(low, high)
    return records


@dataclass(frozen=True, slots=True)
class Says:
    """The rows of records that moved: of new ones, of known ones, and of where they lie.

    `there` are for the files in which a record lay before, `joined` for those that it came into.
    """

    new: Rows
    known: Rows
    there: Rows
    joined: Rows
    parts: Mapping[RecordId, Part]


def says(moved: Sequence[RecordState]) -> Says:
    """What is to be written of the records that moved. Pure."""
    parts = {r.id: digests.part_of(r) for r in moved}
    known = [r for r in moved if not r.new]
    return Says(
        [{"id": r.id, "kind": r.kind, **_says(r)} for r in moved if r.new],
        [{"id": r.id, **_says(r)} for r in known],
        [{"record": r.id, **_moved(r, parts[r.id])} for r in known],
        [
            {"record": r.id, "file": file, "joined": r.seq, **_moved(r, parts[r.id])}
            for r in moved
            for file in sorted(r.joined)
        ],
        parts,
    )


def store(connection: Connection, moved: Sequence[RecordState], said: Says) -> None:
    """Write the records that moved, and in which files they lie."""
    insert_many(connection, Record, said.new)
    update_many(connection, Record, said.known)
    update_many(connection, RecordFile, said.there)
    with inserting(connection, RecordFile, said.joined):
        more = digests.more(moved, said.parts)
    digests.add(connection, more)


def _moved(record: RecordState, part: Part) -> dict[str, Any]:
    return {"seq": record.seq, "low": part.low, "high": part.high}


def _says(record: RecordState) -> dict[str, Any]:
    return {
        "seq": record.seq,
        "body": dict(sorted(record.body.items())),
        "heads": heads_plain(record.heads),
        "moved": record.moved,
    }
