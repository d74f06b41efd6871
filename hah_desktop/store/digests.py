"""What this laptop holds of each file, in one number, to be compared with the office's.

It is made of the heads that the office last told, so what is unsent is no difference. Whatever
is written to a record, by anybody, makes its part stale, and a stale part is worked out anew from
the record itself: so a record that was altered behind the program's back is noticed.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from sqlalchemy import Connection, exists, select, update

from hah_desktop.domain.digest import (
    EMPTY,
    NOTHING,
    Digest,
    Part,
    digest,
    part,
    spelled_part,
    whole,
)
from hah_desktop.domain.exchange import Compared
from hah_desktop.domain.ids import ChangeId, FileId
from hah_desktop.domain.spelling import read
from hah_desktop.store.asking import Question, do, do_each
from hah_desktop.store.asking import rows as rows_of
from hah_desktop.store.rows import CHANGE, CURSOR, RECORD
from hah_desktop.store.settling import LISTED, Heads, files_spelled, in_chunks, spelled
from hah_desktop.store.standing import OFFICE_HEADS, ONLY_HERE

# As the index of what is stale has it: a comparison with 1 would look at every record.
_SOME_STALE = "SELECT record FROM digest_part WHERE stale LIMIT ?"
_RENEW = "UPDATE digest_part SET low = ?, high = ?, stale = 0 WHERE record = ?"
_UNSENT = exists().where(CHANGE.c.record == RECORD.c.id, ONLY_HERE)
_HEADS = Question(
    select(RECORD.c.id, OFFICE_HEADS, RECORD.c.heads, _UNSENT).where(RECORD.c.id.in_(LISTED))
)


def keep_new(connection: Connection, records: Iterable[tuple[str, Sequence[str], str]]) -> None:
    """Note what records add that were not here: where each lies, and its heads as spelled."""
    _keep(connection, [(id_, files, _spelled(id_, heads)) for id_, files, heads in records])


def keep_heard(
    connection: Connection,
    records: Iterable[tuple[str, str, str, bool]],
    lies_in: Mapping[str, Sequence[str]],
) -> None:
    """Note what records add of which a page told, in its transaction, and where they lie."""
    _keep(connection, [(heard[0], lies_in[heard[0]], _part(*heard)) for heard in records])


def _keep(connection: Connection, parts: Iterable[tuple[str, Sequence[str], Part]]) -> None:
    rows = [(id_, files_spelled(tuple(sorted(files))), *each) for id_, files, each in parts]
    do_each(connection, _PUT_PART, rows)


def keep_begun(connection: Connection, records: Sequence[tuple[str, str, str]]) -> None:
    """Note what records add that began here, as they are kept: where each lies, and its heads."""
    lie_in = {files: json.dumps(sorted(read(files))) for files in {f for _, f, _ in records}}
    rows = [(id_, lie_in[files], *spelled_part(id_, heads)) for id_, files, heads in records]
    do_each(connection, _PUT_PART, rows)


def _spelled(record: str, heads: str) -> Part:
    return NOTHING if heads == "{}" else spelled_part(record, heads)


_PUT_PART = (
    "INSERT INTO digest_part (record, files, low, high, stale) VALUES (?, ?, ?, ?, 0)"
    " ON CONFLICT (record) DO UPDATE SET files = excluded.files, low = excluded.low,"
    " high = excluded.high, stale = 0"
)


def keep_own(connection: Connection, changes: Sequence[ChangeId]) -> None:
    """Note where the records of this laptop's own changes lie, of which no page will tell."""
    do(connection, _PUT_OWN, (spelled(list(changes)),))


_PUT_OWN = (
    "INSERT INTO digest_part (record, files) SELECT id, files FROM record WHERE id IN"
    " (SELECT record FROM change WHERE id IN (SELECT value FROM json_each(?)))"
    " ON CONFLICT DO NOTHING"
)


def is_stale(connection: Connection) -> bool:
    """Whether something was written since the parts were last worked out."""
    return bool(rows_of(connection, _SOME_STALE, (1,)))


def renew(connection: Connection, most: int | None = None) -> None:
    """Work out the parts of the records that were written; of no more than `most` of them."""
    stale = [id_ for (id_,) in rows_of(connection, _SOME_STALE, (most or -1,))]
    for ids in in_chunks(stale):
        found = dict(_parts(connection, ids))
        do_each(connection, _RENEW, [(*found.get(id_, NOTHING), id_) for id_ in ids])


def _parts(connection: Connection, ids: Sequence[str]) -> Iterator[tuple[str, Part]]:
    for id_, office, shown, unsent in _HEADS.rows(connection, ids=spelled(ids)):
        yield id_, _part(id_, office, shown, bool(unsent))


def _part(record: str, told: str, shown: str, unsent: bool) -> Part:  # noqa: FBT001 - a column
    if told == shown and _is_plain(told):
        return spelled_part(record, told)
    office, here = _read(told), _read(shown)
    if unsent or office == here:
        return part(record, office)
    # With nothing unsent, what is shown is what the office told: this has to differ from both.
    return spelled_part(record, f"{told}\n{shown}")


def _is_plain(heads: str) -> bool:
    """Whether no field has several heads, or none: then there is nothing to sort.

    Looking is a tenth of the work of reading. A name that looks like two heads only costs time.
    """
    return heads != "{}" and '","' not in heads and "[]" not in heads


def _read(heads: str) -> Heads:
    found: Heads = read(heads)
    return {name: sorted(ids) for name, ids in found.items() if ids}


def compare(connection: Connection, office: Mapping[FileId, Digest]) -> Compared:
    """Hold what is here against what the office says that each file holds."""
    mine, records = _held(connection, office.keys())
    differing = sorted(file for file, said in office.items() if mine[file] != said)
    return Compared(len(office), records, tuple(differing))


def compare_whole(
    connection: Connection, files: Collection[FileId], office: str
) -> Compared | None:
    """Hold all that is here of these files against one word of the office's. None: it differs."""
    mine, records = _held(connection, files)
    return Compared(len(files), records) if whole(mine) == office else None


# Built once, since every sync asks; the index alone answers it.
_SUMS = (
    "SELECT files, sum(CASE WHEN low = 0 AND high = 0 THEN 0 ELSE 1 END), sum(low), sum(high)"
    " FROM digest_part GROUP BY files"
)


def _held(connection: Connection, files: Collection[FileId]) -> tuple[dict[FileId, Digest], int]:
    """What is here of each of these files, and how many records that is."""
    counts: defaultdict[FileId, list[int]] = defaultdict(lambda: [0, 0, 0])
    records = 0
    for lie_in, count, low, high in rows_of(connection, _SUMS):
        held = [file for file in read(lie_in) if file in files]
        records += count if held else 0
        for file in held:
            sums = counts[file]
            sums[0] += count
            sums[1] += low
            sums[2] += high
    return {file: digest(*counts[file]) if file in counts else EMPTY for file in files}, records


def read_again(connection: Connection, files: Sequence[FileId]) -> None:
    """Ask for all of these files with the next pull. They stay among those that are held here."""
    for names in in_chunks(files):
        connection.execute(update(CURSOR).where(CURSOR.c.file.in_(names)).values(seq=0))
