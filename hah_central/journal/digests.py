"""What each file holds, in one number: kept with every change, so that asking costs nothing.

A row of `file_digest` is stale where the database was altered behind the journal's back, or was
made before there were digests; then it is worked out anew from the heads themselves.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from operator import add as add_up

from sqlalchemy import Connection, bindparam, select, update

from hah_central.database.bulk import Rows, add_many
from hah_central.database.lookups import Lookup, rows_for
from hah_central.database.rows import FileDigest, Record, RecordFile
from hah_central.journal import begun
from hah_central.journal.state import RecordState
from hah_desktop.domain.digest import EMPTY, NOTHING, Digest, Part, digest, digest_of, part
from hah_desktop.domain.ids import FileId, RecordId

_AT_ONCE = 500
_LANES = ("count", "low", "high")
_LAST = "last"
_KEPT = Lookup(
    select(FileDigest.file, FileDigest.count, FileDigest.low, FileDigest.high, FileDigest.stale),
    FileDigest.file,
)
_FIELDS = select(Record.id, Record.seq, *begun.KEPT, begun.WORDS.label("words"))


def of(connection: Connection, files: Collection[FileId]) -> dict[FileId, Digest]:
    """The digest of each of these files."""
    found: dict[FileId, Digest] = {}
    stale: list[FileId] = []
    for name, *sums, out_of_date in _KEPT.rows(connection, files):
        if out_of_date:
            stale.append(FileId(name))
        else:
            found[FileId(name)] = digest(*sums)
    if stale:
        for file, parts in _worked_out(connection, stale).items():
            found[file] = digest_of(parts.values())
    return {file: found.get(file, EMPTY) for file in files}


def wrong(connection: Connection) -> Iterator[FileId]:
    """The files of which the digest that is kept is not that of the records in them."""
    last = ""
    asked = select(RecordFile.file).distinct().order_by(RecordFile.file).limit(_AT_ONCE)
    while names := list(connection.execute(asked.where(RecordFile.file > last)).scalars()):
        files = [FileId(name) for name in names]
        anew = _worked_out(connection, files)
        kept = of(connection, files)
        yield from (file for file in files if kept[file] != digest_of(anew[file].values()))
        last = names[-1]


def part_of(record: RecordState) -> Part:
    """What a record adds to the digest of each file that it lies in."""
    return part(record.id, {name: state.heads for name, state in record.heads.items()})


def more(moved: Sequence[RecordState], parts: Mapping[RecordId, Part]) -> Rows:
    """What records that moved add to the digests of their files. Pure."""
    return sums_of(
        (
            [file],
            NOTHING if file in record.joined else record.part or NOTHING,
            parts[record.id],
            record.seq,
        )
        for record in moved
        for file in record.files
    )


def sums_of(moves: Iterable[tuple[Sequence[str], Part, Part, int]]) -> Rows:
    """What is added to the digests of files, by what records in them added before and do now.

    Each comes with where it moved to: the last of these is the file’s own place.
    """
    together: defaultdict[Sequence[str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for files, before, now, seq in moves:
        sums = together[tuple(files)]
        sums[0] += (now != NOTHING) - (before != NOTHING)
        sums[1] += now.low - before.low
        sums[2] += now.high - before.high
        sums[3] = max(sums[3], seq)
    by_file: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for files, (*added, last) in together.items():
        for file in files:
            *sums, until = by_file[file]
            by_file[file] = [*map(add_up, sums, added), max(until, last)]
    return [
        {"file": file, "stale": False, **dict(zip((*_LANES, _LAST), added, strict=True))}
        for file, added in sorted(by_file.items())
    ]


def add(connection: Connection, rows: Rows) -> None:
    """Bring the digests in line with records that moved, in the transaction that writes them."""
    add_many(connection, FileDigest, _LANES, _LAST, rows)


def renew(connection: Connection) -> None:
    """Work out what is stale, and keep it. The caller has locked the counter."""
    stale = connection.execute(select(FileDigest.file).where(FileDigest.stale))
    files = [FileId(file) for (file,) in stale]
    if not files:
        return
    worked_out = _worked_out(connection, files)
    parts = {record: found for of_file in worked_out.values() for record, found in of_file.items()}
    if parts:
        put = update(Record).where(Record.id == bindparam("key"))
        put = put.values(low=bindparam("first"), high=bindparam("second"))
        rows = [{"key": id_, "first": p.low, "second": p.high} for id_, p in parts.items()]
        connection.execute(put, rows)
    keep = update(FileDigest).where(FileDigest.file == bindparam("key"))
    keep = keep.values(count=bindparam("n"), low=bindparam("first"), high=bindparam("second"))
    connection.execute(
        keep.values(stale=False),
        [{"key": file, **_sums(worked_out.get(file, {}))} for file in files],
    )


def _sums(parts: Mapping[RecordId, Part]) -> dict[str, int]:
    counted = [each for each in parts.values() if each != NOTHING]
    low, high = sum(each.low for each in counted), sum(each.high for each in counted)
    return {"n": len(counted), "first": low, "second": high}


def _worked_out(
    connection: Connection, files: Collection[FileId]
) -> dict[FileId, dict[RecordId, Part]]:
    """The parts of the records of each file, from their heads where they are not kept."""
    asked = select(RecordFile.file, RecordFile.record, RecordFile.low, RecordFile.high)
    lies_in = list(rows_for(connection, asked, RecordFile.file, files))
    unknown = {id_ for _, id_, low, _ in lies_in if low is None}
    anew = dict(_anew(connection, unknown))
    found: dict[FileId, dict[RecordId, Part]] = {}
    for file, id_, low, high in lies_in:
        # A record of which the row itself is gone says nothing.
        known = anew.get(id_, NOTHING) if low is None or high is None else Part(low, high)
        found.setdefault(FileId(file), {})[RecordId(id_)] = known
    return found


def _anew(connection: Connection, records: Collection[str]) -> Iterator[tuple[str, Part]]:
    for id_, *row in rows_for(connection, _FIELDS, Record.id, records):
        heads = begun.fields(*row).heads
        yield id_, part(id_, {name: state["heads"] for name, state in heads.items()})
