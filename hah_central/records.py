"""The office's records as rows: read before a batch is worked in, written after it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Text, cast, select

from hah_central import digests
from hah_central.bulk import Listed, Rows, insert_many, update_many
from hah_central.lookups import Lookup
from hah_central.rows import Record, RecordFile
from hah_central.state import RecordState, heads_plain, heads_read
from hah_desktop.domain import spelling
from hah_desktop.domain.digest import Part
from hah_desktop.domain.ids import FileId, RecordId

# As they are written down: who needs little of a record reads only that.
_RECORD = Lookup(
    select(
        Record.id,
        Record.kind,
        cast(Record.heads, Text),
        cast(Record.body, Text),
        cast(Record.moved, Text),
    ),
    Record.id,
)
_LIES_IN = Lookup(
    select(RecordFile.record, RecordFile.file, RecordFile.low, RecordFile.high), RecordFile.record
)
Asked = tuple[
    Iterator[tuple[str, str, str, str, str]], Iterator[tuple[str, str, int | None, int | None]]
]


class Stored(NamedTuple):
    """A record as its row has it, spelled, and the files in which it lies, with its part."""

    id: RecordId
    kind: str
    heads: str
    body: str
    moved: str
    files: dict[FileId, Part | None]

    def state(self) -> RecordState:
        """The same, to take changes into."""
        heads, body, moved = map(spelling.read, (self.heads, self.body, self.moved))
        return RecordState(
            self.id,
            self.kind,
            new=False,
            files=set(self.files),
            heads=heads_read(heads),
            body=body,
            moved=moved,
            part=self.part,
        )

    @property
    def part(self) -> Part | None:
        """What it adds to the digests of its files, if that is known."""
        return next(iter(self.files.values()), None)


def load(connection: Connection, ids: Collection[RecordId]) -> dict[RecordId, RecordState]:
    """Those of the records that the office knows."""
    return states(read(ask(connection, ids)))


def ask(connection: Connection, ids: Collection[RecordId]) -> Asked:
    """Ask for records, and read the answer later."""
    return _RECORD.rows(connection, ids), _LIES_IN.rows(connection, ids)


def read(asked: Asked) -> dict[RecordId, Stored]:
    """Those of the records that were asked for which the office knows."""
    says, lies_in = asked
    records = {RecordId(row[0]): Stored(RecordId(row[0]), *row[1:], {}) for row in says}
    for id_, file, low, high in lies_in:
        part = None if low is None or high is None else Part(low, high)
        records[RecordId(id_)].files[FileId(file)] = part
    return records


def states(stored: Mapping[RecordId, Stored]) -> dict[RecordId, RecordState]:
    """The same records, to take changes into."""
    return {id_: each.state() for id_, each in stored.items()}


class Says(NamedTuple):
    """The rows of records that moved: of new ones, of known ones, and of where they lie.

    `there` are for the files in which a record lay before, `joined` for those that it came into;
    `sums` are what is added to the digests of the files.
    """

    new: Rows | Listed
    known: Rows | Listed
    there: Rows | Listed
    joined: Rows | Listed
    sums: Rows


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
        digests.more(moved, parts),
    )


def store(connection: Connection, said: Says) -> None:
    """Write the records that moved, and in which files they lie."""
    insert_many(connection, Record, said.new)
    update_many(connection, Record, said.known)
    update_many(connection, RecordFile, said.there)
    insert_many(connection, RecordFile, said.joined)
    digests.add(connection, said.sums)


def _moved(record: RecordState, part: Part) -> dict[str, Any]:
    return {"seq": record.seq, "low": part.low, "high": part.high}


def _says(record: RecordState) -> dict[str, Any]:
    return {
        "seq": record.seq,
        "body": dict(sorted(record.body.items())),
        "heads": heads_plain(record.heads),
        "moved": record.moved,
    }
