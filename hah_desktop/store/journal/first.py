"""Writes down records that are not here yet, as their first changes have them. Settles nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from hah_desktop.domain.ids import ChangeId, FileId, RecordId
from hah_desktop.domain.records.base import Json
from hah_desktop.store.journal import searching
from hah_desktop.store.journal.lone import Lone
from hah_desktop.store.journal.searching import words_of
from hah_desktop.store.journal.settling import CAME, NOTHING, files_spelled
from hah_desktop.store.tables import asking
from hah_desktop.store.tables.asking import do_each
from hah_desktop.store.tables.many import spelled

Put = list[tuple[RecordId, Sequence[FileId], str]]
"""What was written down: where each record lies, and its heads as spelled."""


@dataclass(frozen=True, slots=True)
class First:
    """A record that is not here yet: what its first changes say, and where it lies.

    `office` are the heads that the office named. Of a record that was saved here there are none;
    `begun` is then the number of its change.
    """

    kind: str
    files: Sequence[FileId]
    body: Mapping[str, Json]
    heads: Mapping[str, Sequence[ChangeId]]
    office: Mapping[str, Sequence[ChangeId]] = field(default_factory=dict)
    open: Mapping[str, Sequence[ChangeId]] = field(default_factory=dict)
    begun: int | None = None


def put_first(connection: Connection, first: Mapping[RecordId, First]) -> Put:
    """Write down records that are not here yet, as their first changes have them.

    An empty record and `settle` come to the same in three times the time, and this is nearly all
    of a large import and of a first load. Returns where each lies, and its heads as spelled.
    """
    if not first:
        return []
    last = _last(connection)
    records, words, put = [], [], []
    for rid, (id_, one) in enumerate(first.items(), last + 1):
        heads = spelled(one.heads)
        records.append((rid, id_, *_first_row(one, heads)))
        words.append((rid, words_of(one.kind, one.body)))
        put.append((id_, one.files, heads))
    do_each(connection, _PUT_RECORD, records)
    searching.put(connection, words)
    return put


_PUT_RECORD = (
    "INSERT INTO record (rid, id, kind, body, heads, office_heads, open, files, begun)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def _first_row(first: First, heads: str) -> tuple[str | int | None, ...]:
    same = first.office is first.heads or first.office == first.heads
    office, begun = (NOTHING, CAME) if same else (spelled(first.office), first.begun)
    sides = spelled(first.open) if first.open else None
    files = files_spelled(first.files)
    return first.kind, spelled(first.body), heads, office, sides, files, begun


def put_lone(connection: Connection, lone: Lone) -> Put:
    """Write down records of which one change says all that there is, and that change."""
    rows, changes, contents, bodies, heads, words = lone
    if not rows:
        return []
    ids = [row.record for row in rows]
    said = [
        (change.id, record, content, change.order, change.by_office)
        for change, record, content in zip(changes, ids, contents, strict=True)
    ]
    do_each(connection, PUT_CHANGE, said)
    rids = range(last := _last(connection) + 1, last + len(rows))
    kinds, files = [row.kind for row in rows], [files_spelled(row.files) for row in rows]
    came = [CAME] * len(rows)
    records = list(zip(rids, ids, kinds, bodies, heads, files, came, strict=True))
    do_each(connection, _PUT_LONE, records)
    searching.put(connection, list(zip(rids, words, strict=True)))
    return [(row.record, row.files, head) for row, head in zip(rows, heads, strict=True)]


PUT_CHANGE = "INSERT INTO change (id, record, content, received, by_office) VALUES (?, ?, ?, ?, ?)"
_PUT_LONE = (
    "INSERT INTO record (rid, id, kind, body, heads, files, begun) VALUES (?, ?, ?, ?, ?, ?, ?)"
)


def _last(connection: Connection) -> int:
    """As SQLite would number them. Whoever writes is alone, so nobody else takes these numbers."""
    return asking.value(connection, "SELECT max(rid) FROM record") or 0
