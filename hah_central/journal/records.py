"""The office's records as rows: read before a batch is worked in, written after it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from hah_central.database.bulk import Listed, Rows, add_new, insert_many, update_many
from hah_central.database.lookups import Lookup
from hah_central.database.rows import Change, FileSet, Record, RecordFile
from hah_central.journal import begun, digests, file_sets
from hah_central.journal.begun import Fields
from hah_central.journal.state import Known, RecordState, heads_plain, heads_read
from hah_desktop.domain.changes import from_spelled
from hah_desktop.domain.digest import Part
from hah_desktop.domain.ids import ChangeId, FileId, RecordId

_RECORD = Lookup(
    select(Record.id, Record.kind, Record.seq, Record.low, Record.high).add_columns(
        *begun.KEPT, begun.WORDS.label("words")
    ),
    Record.id,
)
_SAYS = Lookup(select(Change.seq, Change.body), Change.id)
_LIES_IN = Lookup(select(RecordFile.record, RecordFile.file), RecordFile.record)
Asked = tuple[Iterator[tuple[Any, ...]], Iterator[tuple[str, str]]]


class Stored(NamedTuple):
    """A record as its row has it, spelled, and the files in which it lies.

    `part` is what it adds to the digests of its files, if that is known; `words` the change that
    says all there is of it, none where its row says it.
    """

    id: RecordId
    kind: str
    seq: int
    part: Part | None
    heads: str | None
    moved: str | None
    words: str | None
    files: set[FileId]

    def fields(self) -> Fields:
        """Its heads, and where they moved."""
        return begun.fields(self.seq, self.heads, self.moved, self.words)

    def state(self) -> RecordState:
        """The same, to take changes into."""
        heads, moved = self.fields()
        return RecordState(
            self.id,
            self.kind,
            new=False,
            files=set(self.files),
            heads=heads_read(heads),
            moved=moved,
            part=self.part,
        )


def load(connection: Connection, ids: Collection[RecordId]) -> dict[RecordId, RecordState]:
    """Those of the records that the office knows."""
    return states(read(ask(connection, ids)))


def ask(connection: Connection, ids: Collection[RecordId]) -> Asked:
    """Ask for records, and read the answer later."""
    return _RECORD.rows(connection, ids), _LIES_IN.rows(connection, ids)


def read(asked: Asked) -> dict[RecordId, Stored]:
    """Those of the records that were asked for which the office knows."""
    says, lies_in = asked
    records = {
        RecordId(id_): Stored(
            RecordId(id_), kind, seq, _part(low, high), heads, moved, words, set()
        )
        for id_, kind, seq, low, high, heads, moved, words in says
    }
    for id_, file in lies_in:
        records[RecordId(id_)].files.add(FileId(file))
    return records


def _part(low: int | None, high: int | None) -> Part | None:
    return None if low is None or high is None else Part(low, high)


def states(stored: Mapping[RecordId, Stored]) -> dict[RecordId, RecordState]:
    """The same records, to take changes into."""
    return {id_: each.state() for id_, each in stored.items()}


def settle(
    connection: Connection, moved: Sequence[RecordState], taken: Mapping[ChangeId, Known]
) -> None:
    """Work out what the touched fields say now, of changes that were taken and of the journal's."""
    needed = {head for record in moved for head in record.needed()} - taken.keys()
    known = {**taken, **words(connection, needed)}
    for record in moved:
        record.settle(known)


def words(connection: Connection, ids: Collection[ChangeId]) -> dict[ChangeId, Known]:
    """What these changes say; nothing is asked where there are none."""
    found = [(from_spelled(spelled), seq) for seq, spelled in _SAYS.rows(connection, ids)]
    return {change.id: Known(change, seq) for change, seq in found}


def shown(connection: Connection, ids: Collection[RecordId]) -> dict[RecordId, RecordState]:
    """Those of the records that the office knows, with what they show now in which field.

    No row keeps that: it is worked out of the journal's words.
    """
    known = load(connection, ids)
    for record in known.values():
        record.touched.update(record.heads)
    settle(connection, list(known.values()), {})
    for record in known.values():
        record.body = dict(sorted(record.body.items()))
    return known


class Says(NamedTuple):
    """The rows of records that moved: of new ones, of known ones, of those that came into a file.

    `sets` are the files that some lie in together, by their names, where these may be new;
    `sums` are what is added to the digests of the files.
    """

    sets: Rows
    new: Rows | Listed
    known: Rows | Listed
    joined: Rows
    sums: Rows


def says(moved: Sequence[RecordState]) -> Says:
    """What is to be written of the records that moved. Pure."""
    parts = {r.id: digests.part_of(r) for r in moved}
    known = [r for r in moved if not r.new]
    return Says(
        file_sets.rows({frozenset(r.files) for r in moved if r.joined}),
        [
            {"id": r.id, "kind": r.kind, **_says(r, parts[r.id]), **_joined(r)}
            for r in moved
            if r.new
        ],
        [{"id": r.id, **_says(r, parts[r.id])} for r in known if not r.joined],
        [{"id": r.id, **_says(r, parts[r.id]), **_joined(r)} for r in known if r.joined],
        digests.more(moved, parts),
    )


def store(connection: Connection, said: Says) -> None:
    """Write the records that moved, and in which files they lie."""
    add_new(connection, FileSet, said.sets)
    insert_many(connection, Record, said.new)
    update_many(connection, Record, said.known)
    update_many(connection, Record, said.joined)
    digests.add(connection, said.sums)


def _says(record: RecordState, part: Part) -> dict[str, Any]:
    kept = {"seq": record.seq, "low": part.low, "high": part.high}
    if record.only is not None:
        return {**kept, "heads": None, "moved": None}
    return {**kept, "heads": heads_plain(record.heads), "moved": record.moved}


def _joined(record: RecordState) -> dict[str, Any]:
    return {"lies_in": file_sets.name_of(record.files), "joined": record.seq}
