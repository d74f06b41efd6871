"""The office's records as rows: read before a batch is worked in, written after it."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, select

from hah_central import digests
from hah_central.bulk import insert_many, update_many
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


def store(connection: Connection, moved: Sequence[RecordState]) -> None:
    """Write the records that moved, and in which files they lie."""
    parts = {r.id: digests.part_of(r) for r in moved}
    new, known = [r for r in moved if r.new], [r for r in moved if not r.new]
    joined = [
        {"record": r.id, "file": file, "joined": r.seq, **_moved(r, parts[r.id])}
        for r in moved
        for file in sorted(r.joined)
    ]
    insert_many(connection, Record, [{"id": r.id, "kind": r.kind, **_says(r)} for r in new])
    update_many(connection, Record, [{"id": r.id, **_says(r)} for r in known])
    there = [{"record": r.id, **_moved(r, parts[r.id])} for r in known]
    update_many(connection, RecordFile, there)
    insert_many(connection, RecordFile, joined)
    digests.follow(connection, moved, parts)


def _moved(record: RecordState, part: Part) -> dict[str, Any]:
    return {"seq": record.seq, "low": part.low, "high": part.high}


def _says(record: RecordState) -> dict[str, Any]:
    return {
        "seq": record.seq,
        "body": dict(sorted(record.body.items())),
        "heads": heads_plain(record.heads),
        "moved": record.moved,
    }
