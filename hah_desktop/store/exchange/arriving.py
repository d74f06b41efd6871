"""What a page brings: written down, settled, and laid beside what is unsent.

A record of which nothing is here at all is written whole, once. Nothing is settled so that
`settling` would settle otherwise: where anything of a record is here already, it is asked.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, or_, update

from hah_desktop.domain.exchange import PulledChange, PulledRow
from hah_desktop.domain.ids import ChangeId, RecordId
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.removing import REMOVED
from hah_desktop.domain.spelling import read
from hah_desktop.store.exchange import digests
from hah_desktop.store.journal.first import PUT_CHANGE, First, put_first, put_lone
from hah_desktop.store.journal.lone import is_lone, spelled_lone
from hah_desktop.store.journal.saying import Said, shown_of, unseen_of
from hah_desktop.store.journal.settling import Told, files_spelled, hear, would_hide
from hah_desktop.store.journal.standing import ONLY_HERE, PLACE
from hah_desktop.store.tables.asking import Question, do_each
from hah_desktop.store.tables.asking import rows as rows_of
from hah_desktop.store.tables.many import in_chunks, spelled
from hah_desktop.store.tables.rows import CHANGE


def take(connection: Connection, rows: Sequence[PulledRow]) -> list[RecordId]:
    """Take rows of a page. Returns the records that have to be asked for in full."""
    wanted: list[RecordId] = []
    for chunk in in_chunks(rows):
        if others := take_new(connection, chunk):
            wanted += _take_others(connection, others)
    return wanted


def take_new(connection: Connection, rows: Sequence[PulledRow]) -> list[PulledRow]:
    """Write down the records of which nothing is here at all; returns the rows of the others."""
    left = _known(connection, rows)
    first: dict[RecordId, First] = {}
    lone: list[PulledRow] = []
    changes: list[tuple[Any, ...]] = []
    others = []
    for row in rows:
        if is_lone(row) and left.isdisjoint((row.record, row.changes[0].id)):
            lone.append(row)
            left |= {row.record, row.changes[0].id}
            continue
        named = {change.id for change in row.changes}
        here = row.record in left or not left.isdisjoint(named)
        if here or len(named) < len(row.changes) or any(change.own for change in row.changes):
            others.append(row)
        else:
            first[row.record] = _plain(row) or _first(row)
            for change in row.changes:
                content = spelled(_content(change))
                changes.append((change.id, row.record, content, change.order, change.by_office))
            left |= named
        left.add(row.record)
    put = put_lone(connection, spelled_lone(lone))
    do_each(connection, PUT_CHANGE, changes)
    digests.keep_new(connection, put + put_first(connection, first))
    return others


_KNOWN = (
    "SELECT id FROM record WHERE id IN (SELECT value FROM json_each(?1))"
    " UNION ALL SELECT record FROM change WHERE record IN (SELECT value FROM json_each(?1))"
    " UNION ALL SELECT id FROM change WHERE id IN (SELECT value FROM json_each(?2))"
)


def _known(connection: Connection, rows: Sequence[PulledRow]) -> set[str]:
    """The records and changes among these that are here, also records of which only changes are."""
    records = spelled([row.record for row in rows])
    changes = spelled([change.id for row in rows for change in row.changes])
    return {id_ for (id_,) in rows_of(connection, _KNOWN, (records, changes))}


def _plain(row: PulledRow) -> First | None:
    """The record where each field has one head, as nearly all have; None for any other."""
    body: dict[str, Json] = {}
    heads: dict[str, list[ChangeId]] = {}
    for change in row.changes:
        alone = [change.id]
        for name, value in change.fields.items():
            if name in heads or name == REMOVED:
                return None
            heads[name] = alone
            if value is not None:
                body[name] = value
    return First(row.kind, row.files, body, heads, heads)


def _first(row: PulledRow) -> First:
    said: dict[str, Said] = {change.id: _said(change) for change in row.changes}
    office = {name: _ids(changes) for name, changes in row.heads().items()}
    heads = {name: sorted(ids) for name, ids in office.items()}
    shown = {name: shown_of(row.kind, name, ids, said) for name, ids in heads.items()}
    body = {name: value for name, (value, _) in shown.items() if value is not None}
    sides = {name: sides for name, (_, sides) in shown.items() if sides}
    if REMOVED not in sides and (torn := unseen_of(heads, said)):
        sides[REMOVED] = torn
    return First(row.kind, row.files, body, heads, office, sides)


def _ids(changes: Iterable[PulledChange]) -> list[ChangeId]:
    return [change.id for change in changes]


def _content(change: PulledChange, before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What is kept of a change that was received, with the fields that were known before."""
    fields: dict[str, dict[str, Any]] = {n: {"value": v} for n, v in change.fields.items()}
    for name, replaces in change.replaces.items():
        if replaces and name in fields:
            fields[name]["replaces"] = replaces
    content = {
        "author": change.author,
        "made_at": change.made_at,
        "laptop": change.laptop,
        "clock_trusted": change.clock_trusted,
        "fields": {**before, **fields} if before else fields,
    }
    return {**content, "clock_off": change.clock_off} if change.clock_off else content


def _said(change: PulledChange, before: Mapping[str, Any] | None = None) -> Said:
    return Said(
        change.author,
        change.made_at,
        change.order,
        change.by_office,
        _content(change, before)["fields"],
        change.clock_trusted,
        change.clock_off,
    )


# Of a record that is not here; where it lies is kept for one that is when it is heard.
_PUT_ABSENT = (
    "INSERT INTO record (id, kind, body, files) VALUES (?, ?, '{}', ?) ON CONFLICT DO NOTHING"
)


def _take_others(connection: Connection, rows: Sequence[PulledRow]) -> list[RecordId]:
    """Lay what a page says over records that are here, or of which the laptop has the words."""
    stubs = {change.id for row in rows for change in row.changes if change.own}
    mine = stubs & _contents(connection, stubs).keys() if stubs else stubs
    puts = [(row.record, row.kind, files_spelled(row.files)) for row in rows]
    do_each(connection, _PUT_ABSENT, puts)
    known = _keep_changes(connection, rows)
    stubs_here = (c for row in rows for c in row.changes if c.own and c.id in mine)
    for change in stubs_here:
        # The office names a change of ours as a head: that is its word that it has it, and where.
        _MARK_OWN.do(connection, place=change.order, key=change.id)
    lies_in: dict[str, Sequence[str]] = {row.record: row.files for row in rows}
    digests.keep_heard(connection, hear(connection, _told(rows), known), lies_in)
    return [row.record for row in rows if any(c.own and c.id not in mine for c in row.changes)]


def _told(rows: Sequence[PulledRow]) -> dict[str, Told]:
    told: dict[str, Told] = {}
    for row in rows:
        heads = {name: _ids(changes) for name, changes in row.heads().items()}
        before = told[row.record].heads if row.record in told else {}
        told[row.record] = Told(files_spelled(row.files), {**before, **heads})
    return told


def hidden_by(connection: Connection, rows: Sequence[PulledRow]) -> set[str]:
    """The records that are shown here and that taking these rows would hide. Nothing is written."""
    new = [change for row in rows for change in row.changes if not change.own]
    known = _contents(connection, [change.id for change in new])
    said: dict[str, Said] = {}
    for change in new:
        old = known.get(change.id, {"fields": {}})
        if "number" not in old:
            said[change.id] = _said(change, old["fields"])
    return would_hide(connection, _told(rows), said)


_PUT_MORE = (
    f"{PUT_CHANGE} ON CONFLICT (id)"
    " DO UPDATE SET content = excluded.content, received = excluded.received"
)
# A safety copy that was put back may know of a place from before the office was restored.
_MARK_OWN = Question(
    update(CHANGE)
    .where(CHANGE.c.id == bindparam("key"), or_(ONLY_HERE, bindparam("place") != PLACE))
    .values(received=bindparam("place"))
)
# What came from a colleague's hand has come from the office too. One that was restored may have it
# at another place than before, or in force where it had set it aside.
_MARK_CARRIED = (
    "UPDATE change SET received = ?, verdict = NULL, problem = NULL WHERE id = ? AND number IS NULL"
)


def _keep_changes(connection: Connection, rows: Sequence[PulledRow]) -> dict[str, Said]:
    """Write down what others said; a change that is known gains the fields it did not have.

    What is here whole, as its author spelled it, needs no more than its place in the journal.
    Returns what those say of which nothing was known.
    """
    new = [(row.record, change) for row in rows for change in row.changes if not change.own]
    known = _contents(connection, [change.id for _, change in new])
    said: dict[str, Said] = {}
    whole, puts = [], []
    for record, change in new:
        old = known.get(change.id)
        if old is not None and "number" in old:
            whole.append((change.order, change.id))
            continue
        content = known[change.id] = _content(change, old["fields"] if old else None)
        if old is None:
            said[change.id] = _said(change)
        else:
            said.pop(change.id, None)
        puts.append((change.id, record, spelled(content), change.order, change.by_office))
    do_each(connection, _PUT_MORE, puts)
    do_each(connection, _MARK_CARRIED, whole)
    return said


_CONTENTS = "SELECT id, content FROM change WHERE id IN (SELECT value FROM json_each(?))"


def _contents(connection: Connection, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    found = rows_of(connection, _CONTENTS, (spelled(list(ids)),))
    return {id_: read(content) for id_, content in found}
