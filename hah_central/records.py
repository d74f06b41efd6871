"""The office's records as rows: read before a batch is worked in, written after it."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from hah_central.bulk import insert_many
from hah_central.lookups import rows_for
from hah_central.rows import Record, RecordFile
from hah_central.state import RecordState, heads_plain, heads_read
from hah_desktop.domain.ids import FileId, RecordId

_RECORD = select(Record.id, Record.kind, Record.heads, Record.body, Record.moved)
_LIES_IN = select(RecordFile.record, RecordFile.file)


def load(connection: Connection, ids: Collection[RecordId]) -> dict[RecordId, RecordState]:
    """Those of the records that the office knows."""
    records = {
        RecordId(id_): RecordState(
            RecordId(id_), kind, new=False, heads=heads_read(heads), body=body, moved=moved
        )
        for id_, kind, heads, body, moved in rows_for(connection, _RECORD, Record.id, ids)
    }
    for record, file in rows_for(connection, _LIES_IN, RecordFile.record, records):
        records[RecordId(record)].files.add(FileId(file))
    return records


def store(connection: Connection, moved: Sequence[RecordState]) -> None:
    """Write the records that moved, and in which files they lie."""
    new = [{"id": r.id, "kind": r.kind, **_says(r)} for r in moved if r.new]
    known = [{"key": r.id, **_says(r)} for r in moved if not r.new]
    joined = [
        {"record": r.id, "file": file, "seq": r.seq, "joined": r.seq}
        for r in moved
        for file in sorted(r.joined)
    ]
    insert_many(connection, Record, new)
    if known:
        connection.execute(update(Record).where(Record.id == bindparam("key")), known)
        connection.execute(
            update(RecordFile)
            .where(RecordFile.record == bindparam("key"))
            .values(seq=bindparam("moved_to")),
            [{"key": r["key"], "moved_to": r["seq"]} for r in known],
        )
    insert_many(connection, RecordFile, joined)


def _says(record: RecordState) -> dict[str, Any]:
    return {
        "seq": record.seq,
        "body": dict(sorted(record.body.items())),
        "heads": heads_plain(record.heads),
        "moved": record.moved,
    }
