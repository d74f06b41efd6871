"""What this laptop holds of each file, in one number, to be compared with the office's.

It is made of the heads that the office last told, so what is unsent is no difference. Whatever
is written to a record, by anybody, makes its part stale, and a stale part is worked out anew from
the record itself: so a record that was altered behind the program's back is noticed. The sums of
the parts move with them, so that a sync looks at as many rows as there are files, not records.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, exists, select, update

from hah_desktop.domain.digest import (
    EMPTY,
    NOTHING,
    Digest,
    Part,
    digest,
    part,
    spelled_part,
    whole_of_sums,
)
from hah_desktop.domain.exchange import Compared
from hah_desktop.domain.ids import ChangeId, FileId, RecordId
from hah_desktop.domain.spelling import read
from hah_desktop.store.journal.settling import Heads, files_spelled
from hah_desktop.store.journal.standing import OFFICE_HEADS, ONLY_HERE
from hah_desktop.store.tables.asking import Found, Question, do, do_each
from hah_desktop.store.tables.asking import rows as rows_of
from hah_desktop.store.tables.many import LISTED, in_chunks, spelled
from hah_desktop.store.tables.rows import CHANGE, CURSOR, RECORD

# As the index of what is stale has it: a comparison with 1 would look at every record.
_IS_STALE = "SELECT 1 FROM digest_part WHERE stale LIMIT 1"
_SOME_STALE = "SELECT record, files, low, high FROM digest_part WHERE stale LIMIT ?"
_RENEW = "UPDATE digest_part SET low = ?, high = ?, stale = 0 WHERE record = ?"
_UNSENT = exists().where(CHANGE.c.record == RECORD.c.id, ONLY_HERE)
_Kept = tuple[str, str, Any, Any]
"""A part as it is kept: its record, where that lies, and two sums, which are none before the first.
"""

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
    _put(connection, [(id_, _in_order(tuple(files)), *each) for id_, files, each in parts])


@lru_cache(256)
def _in_order(files: tuple[str, ...]) -> str:
    return files_spelled(sorted(files))


def keep_begun(connection: Connection, records: Sequence[tuple[str, str, str]]) -> None:
    """Note what records add of which the office has what is shown: as kept, id, files and heads."""
    lie_in = {files: json.dumps(sorted(read(files))) for files in {f for _, f, _ in records}}
    before = _before(connection, [id_ for id_, *_ in records])
    # No page has told where a record lies that was not here before; of others it stands.
    lie_there = {id_: files for id_, files, *_ in before}
    now = {
        id_: (id_, lie_there.get(id_) or lie_in[files], *spelled_part(id_, heads))
        for id_, files, heads in records
    }
    _put_parts(connection, before, list(now.values()))


def _put(connection: Connection, parts: Sequence[_Kept]) -> None:
    now = {each[0]: each for each in parts}
    _put_parts(connection, _before(connection, list(now)), list(now.values()))


def _before(connection: Connection, records: Sequence[str]) -> Found:
    return rows_of(connection, _OF_RECORDS, (spelled(records),))


def _put_parts(connection: Connection, before: Found, now: Sequence[_Kept]) -> None:
    """These parts in place of what they were before."""
    do_each(connection, _PUT_PART, now)
    _move_sums(connection, before, now)


def _move_sums(connection: Connection, before: Iterable[_Kept], now: Iterable[_Kept]) -> None:
    """Let the sums follow: these parts were what they were before, and are what they are now."""
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for _, files, low, high in now:
        if low or high:
            moved = sums[files]
            moved[0] += 1
            moved[1] += low
            moved[2] += high
    for _, files, low, high in before:
        # One that was never worked out added nothing.
        if low or high:
            moved = sums[files]
            moved[0] -= 1
            moved[1] -= low
            moved[2] -= high
    do_each(connection, _MOVE_SUM, [(files, *moved) for files, moved in sums.items()])


def _spelled(record: str, heads: str) -> Part:
    return NOTHING if heads == "{}" else spelled_part(record, heads)


_PUT_PART = (
    "INSERT INTO digest_part (record, files, low, high, stale) VALUES (?, ?, ?, ?, 0)"
    " ON CONFLICT (record) DO UPDATE SET files = excluded.files, low = excluded.low,"
    " high = excluded.high, stale = 0"
)
_OF_RECORDS = (
    "SELECT record, files, low, high FROM digest_part"
    " WHERE record IN (SELECT value FROM json_each(?))"
)
_MOVE_SUM = (
    "INSERT INTO digest_sum (files, records, low, high) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (files) DO UPDATE SET records = records + excluded.records,"
    " low = low + excluded.low, high = high + excluded.high"
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
    return bool(rows_of(connection, _IS_STALE))


def renew(connection: Connection, most: int | None = None) -> None:
    """Work out the parts of the records that were written; of no more than `most` of them."""
    for before in in_chunks(rows_of(connection, _SOME_STALE, (most or -1,))):
        found = dict(_parts(connection, [id_ for id_, *_ in before]))
        now = [(id_, files, *found.get(id_, NOTHING)) for id_, files, *_ in before]
        do_each(connection, _RENEW, [(low, high, id_) for id_, _, low, high in now])
        _move_sums(connection, before, now)


def drop(connection: Connection, records: Sequence[RecordId]) -> None:
    """These records lie in no file that is given, and are here no more."""
    _move_sums(connection, _before(connection, records), ())
    do(connection, _DROP, (spelled(records),))


_DROP = "DELETE FROM digest_part WHERE record IN (SELECT value FROM json_each(?))"


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
    sums, records = _held(connection, office.keys())
    mine = {file: digest(*each) for file, each in sums.items()}
    differing = sorted(file for file, said in office.items() if mine.get(file, EMPTY) != said)
    return Compared(len(office), records, tuple(differing))


def compare_whole(
    connection: Connection, files: Collection[FileId], office: str
) -> Compared | None:
    """Hold all that is here of these files against one word of the office's. None: it differs."""
    sums, records = _held(connection, files)
    mine = {file: sums.get(file, _NO_SUMS) for file in files}
    return Compared(len(files), records) if whole_of_sums(mine) == office else None


_NO_SUMS = (0, 0, 0)
_SUMS = "SELECT files, records, low, high FROM digest_sum"


def _held(
    connection: Connection, files: Collection[FileId]
) -> tuple[dict[FileId, Sequence[int]], int]:
    """The sums of those of these files in which anything lies, and how many records that is."""
    found: dict[FileId, Sequence[int]] = {}
    records = 0
    for lie_in, count, low, high in rows_of(connection, _SUMS):
        held = [file for file in read(lie_in) if file in files]
        records += count if held else 0
        for file in held:
            others, others_low, others_high = found.get(file, _NO_SUMS)
            found[file] = count + others, low + others_low, high + others_high
    return found, records


def read_again(connection: Connection, files: Sequence[FileId]) -> None:
    """Ask for all of these files with the next pull. They stay among those that are held here.

    The sums are added up anew as well: so they, too, are what they have to be after it.
    """
    for names in in_chunks(files):
        connection.execute(update(CURSOR).where(CURSOR.c.file.in_(names)).values(seq=0))
    do(connection, "DELETE FROM digest_sum")
    do(connection, _ADD_UP)


_ADD_UP = (
    "INSERT INTO digest_sum (files, records, low, high)"
    " SELECT files, count(*), sum(low), sum(high) FROM digest_part"
    " WHERE low <> 0 OR high <> 0 GROUP BY files"
)
