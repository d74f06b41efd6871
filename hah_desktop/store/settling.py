"""Keeps each record equal to its changes: heads, shown values, open conflicts, search words.

The one place where a body is written. Whatever brings a change (a save, a receipt, a pull) puts
the change down first and then settles the fields it touched; so a body can always be made again
from the journal, and is never the only copy of a word.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, insert, select, update

from hah_desktop.domain.codec import field_of
from hah_desktop.domain.fields import Text
from hah_desktop.domain.heads import overlay
from hah_desktop.domain.ids import ChangeId, FileId, RecordId
from hah_desktop.domain.merge import UNSENT, Head, rule_of, shown
from hah_desktop.domain.records.base import Json, described
from hah_desktop.domain.records.catalogue import BY_KIND
from hah_desktop.domain.removing import REMOVED, Removal, unseen
from hah_desktop.domain.spelling import read, spell_plain
from hah_desktop.store.rows import CHANGE, RECORD, SEARCH
from hah_desktop.store.standing import OFFICE_HEADS, ONLY_HERE, PLACE

CHUNK = 400
"""How many ids go into one IN (…): well below SQLite's limit."""

NOTHING = "{}"
"""How an empty body or set of heads is spelled."""

T = TypeVar("T")

Touched = Mapping[str, Iterable[str]]
"""The fields to settle, by record id."""

Heads = dict[str, list[ChangeId]]


def in_chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The items in lists of at most `size`."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def among(column: ColumnElement[Any], ids: Iterable[str]) -> ColumnElement[bool]:
    """Whether the column holds one of the ids. A place of its own for each costs ten times this."""
    listed = func.json_each(spelled(list(ids))).table_valued("value")
    return column.in_(select(listed.c.value))


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


@dataclass(slots=True)
class _Row:
    rid: int
    id: str
    kind: str
    stored: tuple[str, str, str | None]
    told: str
    body: dict[str, Json]
    office: Heads
    heads: Heads
    open: Heads
    unsent: list[tuple[ChangeId, "Said"]] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever settled here, so that the search does not know it."""
        return self.stored[0] == NOTHING


def settle(connection: Connection, touched: Touched) -> None:
    """Bring the touched fields of the records in line with the changes that are written down."""
    for ids in in_chunks(touched):
        rows = _rows(connection, ids)
        wanted = {row.id: _new_heads(row, _to_settle(row, touched[row.id])) for row in rows}
        said: dict[str, Said] = dict(mine for row in rows for mine in row.unsent)
        named = {change for heads in wanted.values() for c in heads.values() for change in c}
        said |= said_by(connection, named - said.keys())
        for row in rows:
            _stay_where_unknown(row, wanted[row.id], said)
        kept = {change for heads in wanted.values() for c in heads.values() for change in c}
        said |= said_by(connection, kept - said.keys())
        for row in rows:
            _show(row, wanted[row.id], said)
        _write(connection, rows)


def put_first(connection: Connection, first: Mapping[RecordId, First]) -> None:
    """Write down records that are not here yet, as their first changes have them.

    An empty record and `settle` come to the same in three times the time, and this is nearly all
    of a large import and of a first load.
    """
    if not first:
        return
    # As SQLite would number them. Whoever writes is alone, so nobody else takes these numbers.
    last = connection.execute(select(func.max(RECORD.c.rid))).scalar() or 0
    numbered = list(enumerate(first.items(), last + 1))
    texts = {kind: _text_fields(kind) for kind in {one.kind for one in first.values()}}
    records = [(rid, id_, *_first_row(one)) for rid, (id_, one) in numbered]
    connection.exec_driver_sql(_PUT_RECORD, records)
    words = [(rid, _words(one.body, texts[one.kind])) for rid, (_, one) in numbered]
    connection.exec_driver_sql(_PUT_WORDS, words)


_PUT_RECORD = (
    "INSERT INTO record (rid, id, kind, body, heads, office_heads, open, files, begun)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_PUT_WORDS = "INSERT INTO search (rowid, words) VALUES (?, ?)"


def _first_row(first: First) -> tuple[str | int | None, ...]:
    heads = spelled(first.heads)
    office = heads if first.office == first.heads else spelled(first.office)
    sides = spelled(first.open) if first.open else None
    files = json.dumps(first.files)
    return first.kind, spelled(first.body), heads, office, sides, files, first.begun


def _rows(connection: Connection, ids: Sequence[str]) -> list[_Row]:
    found = connection.execute(
        select(
            RECORD.c.rid,
            RECORD.c.id,
            RECORD.c.kind,
            RECORD.c.body,
            OFFICE_HEADS.label("office_heads"),
            RECORD.c.heads,
            RECORD.c.open,
        ).where(among(RECORD.c.id, ids))
    )
    rows = {
        r.id: _Row(
            r.rid,
            r.id,
            r.kind,
            (r.body, r.heads, r.open),
            r.office_heads,
            _read(r.body),
            _read(r.office_heads),
            _read(r.heads),
            _read(r.open or NOTHING),
        )
        for r in found
    }
    unsent = (
        select(CHANGE.c.id, CHANGE.c.record, CHANGE.c.content)
        # Of a record that was taken off this laptop only its own changes are left.
        .where(among(CHANGE.c.record, list(rows)))
        # The laptop's own, and what came from a colleague's hand.
        .where(ONLY_HERE)
        .order_by(CHANGE.c.number)
    )
    for change in connection.execute(unsent):
        mine = _said(change.content, None, by_office=False)
        rows[change.record].unsent.append((change.id, mine))
    return list(rows.values())


def _read(text: str) -> dict[str, Any]:
    # Of a new record three in four are empty, and a parser takes longer to say so.
    return {} if text == NOTHING else dict(read(text))


def _to_settle(row: _Row, touched: Iterable[str]) -> set[str]:
    """The touched fields; whether a removal was of all there is hangs on every one of them."""
    is_removed = REMOVED in row.heads or REMOVED in row.office
    return {*touched, REMOVED} if is_removed else set(touched)


def _new_heads(row: _Row, fields: Iterable[str]) -> Heads:
    mine: dict[str, list[tuple[ChangeId, Sequence[ChangeId]]]] = {}
    for change, said in row.unsent:
        for name, edit in said.fields.items():
            mine.setdefault(name, []).append((change, edit.get("replaces", ())))
    return {name: _laid_over(row.office.get(name, ()), mine.get(name, ())) for name in fields}


def _laid_over(
    office: Sequence[ChangeId], mine: Sequence[tuple[ChangeId, Sequence[ChangeId]]]
) -> list[ChangeId]:
    if len(mine) == 1 and all(head in mine[0][1] for head in office):
        # Nearly every save: one change that replaces all there was.
        return [mine[0][0]]
    return sorted(overlay(frozenset(office), mine))


@dataclass(frozen=True, slots=True)
class Said:
    """What one known change says, and where it stands in the office's order."""

    author: str
    made_at: str
    order: int
    by_office: bool
    fields: Mapping[str, Any]
    clock_trusted: bool = True
    clock_off: int = 0

    def head(self, change: ChangeId, name: str) -> Head:
        """The change as a head of one field."""
        return Head(
            change,
            self.fields[name]["value"] if name in self.fields else None,
            self.author,
            self.made_at,
            self.order,
            self.by_office,
            self.clock_trusted,
            self.clock_off,
        )


def said_by(connection: Connection, changes: Iterable[str]) -> dict[str, Said]:
    """What the changes say, of those that are known here."""
    said: dict[str, Said] = {}
    place = PLACE.label("place")
    columns = select(CHANGE.c.id, CHANGE.c.content, place, CHANGE.c.by_office)
    for ids in in_chunks(changes):
        for row in connection.execute(columns.where(among(CHANGE.c.id, ids))):
            said[row.id] = _said(row.content, row.place, by_office=row.by_office)
    return said


def _said(content: str, received: int | None, *, by_office: bool) -> Said:
    plain = read(content)
    # What the office has not received comes last, in the order in which it was written.
    order = UNSENT + plain["number"] if received is None else received
    trusted, off = plain.get("clock_trusted", True), plain.get("clock_off", 0)
    return Said(plain["author"], plain["made_at"], order, by_office, plain["fields"], trusted, off)


def heads_of(said: Mapping[str, Said], changes: Iterable[ChangeId], name: str) -> list[Head] | None:
    """The heads of one field; None while one of them is not known here yet."""
    heads = [
        said[change].head(change, name)
        for change in changes
        if change in said and name in said[change].fields
    ]
    return heads if len(heads) == len(list(changes)) else None


def sides_of(said: Mapping[str, Said], changes: Iterable[ChangeId], name: str) -> tuple[Head, ...]:
    """The sides of an undecided field. An edit beside a removal says that the record is there."""
    return tuple(
        said[change].head(change, name)
        for change in changes
        if change in said and (name in said[change].fields or name == REMOVED)
    )


def _stay_where_unknown(row: _Row, wanted: Heads, said: Mapping[str, Said]) -> None:
    """Keep the heads there are where the office named a change that only the next pull brings.

    They are shown anew all the same: a receipt may have changed their place in the office's order.
    What was saved here meanwhile lies over them: nobody's words vanish until the next pull.
    """
    for name, changes in wanted.items():
        if any(change not in said or name not in said[change].fields for change in changes):
            mine = [
                (change, own.fields[name].get("replaces", ()))
                for change, own in row.unsent
                if name in own.fields
            ]
            wanted[name] = _laid_over(row.heads.get(name, ()), mine)


def _show(row: _Row, wanted: Heads, said: Mapping[str, Said]) -> None:
    for name, changes in wanted.items():
        row.heads[name] = changes
        row.body[name], row.open[name] = shown_of(row.kind, name, changes, said)
    if REMOVED in wanted:
        row.open[REMOVED] = row.open[REMOVED] or unseen_of(row.heads, said)
    row.body = {k: v for k, v in row.body.items() if v is not None}
    row.heads = {k: v for k, v in row.heads.items() if v}
    row.open = {k: v for k, v in row.open.items() if v}


def shown_of(
    kind: str, name: str, changes: Sequence[ChangeId], said: Mapping[str, Said]
) -> tuple[Json, list[ChangeId]]:
    """What a field shows, and the heads that a person has to decide between."""
    if len(changes) == 1:
        # A lone head is shown under every rule; nearly every field has one.
        return said[changes[0]].fields[name]["value"], []
    found = shown(rule_of(field_of(kind, name)), heads_of(said, changes, name) or ())
    return found.value, [head.change for head in found.open]


def unseen_of(heads: Mapping[str, Sequence[ChangeId]], said: Mapping[str, Said]) -> list[ChangeId]:
    """Of a record that was removed while somebody edited it unseen: the removals, and the edits."""
    removals = [_removal(change, said[change]) for change in heads.get(REMOVED, ())]
    edits = unseen(removals, heads)
    return [*(one.change for one in removals), *edits] if edits else []


def _removal(change: ChangeId, said: Said) -> Removal:
    edit = said.fields[REMOVED]
    return Removal(change, edit["value"], edit.get("replaces", ()))


def _write(connection: Connection, rows: Sequence[_Row]) -> None:
    """Write what is not stored like this already: after a receipt, next to nothing."""
    now = [(row, _spell(row)) for row in rows]
    moved = [
        {"key": row.rid, "body": body, "heads": heads, "open": sides, "told": row.told}
        for row, (body, heads, sides) in now
        if (body, heads, sides) != row.stored
    ]
    if moved:
        # What the office told does not follow from the heads any more: it is written down.
        put = update(RECORD).where(RECORD.c.rid == bindparam("key"))
        connection.execute(put.values(office_heads=bindparam("told"), begun=None), moved)
    _index(connection, [row for row, (body, _, _) in now if body != row.stored[0] or row.is_new])


def _spell(row: _Row) -> tuple[str, str, str | None]:
    return spelled(row.body), spelled(row.heads), spelled(row.open) if row.open else None


def _index(connection: Connection, rows: Sequence[_Row]) -> None:
    """Bring the search index in line where a record is new or has other words now."""
    texts = {kind: _text_fields(kind) for kind in {row.kind for row in rows}}
    words = [
        {"rowid": row.rid, "words": now}
        for row in rows
        if (now := _words(row.body, texts[row.kind]))
        != _words(_read(row.stored[0]), texts[row.kind])
        or row.is_new
    ]
    if words:
        gone = SEARCH.c.rowid.in_([row["rowid"] for row in words])
        connection.execute(delete(SEARCH).where(gone))
        connection.execute(insert(SEARCH), words)


def _text_fields(kind: str) -> frozenset[str]:
    record = BY_KIND.get(kind)
    fields = described(record) if record else {}
    return frozenset(name for name, found in fields.items() if isinstance(found, Text))


def _words(body: Mapping[str, Json], texts: AbstractSet[str]) -> str:
    return "\n".join(str(value) for name, value in body.items() if name in texts)


def spelled(value: Mapping[str, Any] | Sequence[Any]) -> str:
    """The one spelling of a body or of heads, so that equal ones are equal byte for byte."""
    return spell_plain(value).decode()
