"""Keeps each record equal to its changes: heads, shown values, open conflicts, search words.

The one place where a body is written. Whatever brings a change (a save, a receipt, a pull) puts
the change down first and then settles the fields it touched; so a body can always be made again
from the journal, and is never the only copy of a word.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from hah_desktop.domain.codec import field_of
from hah_desktop.domain.fields import Text
from hah_desktop.domain.heads import overlay
from hah_desktop.domain.ids import ChangeId
from hah_desktop.domain.merge import UNSENT, Head, rule_of, shown
from hah_desktop.domain.records.base import Json
from hah_desktop.store.rows import CHANGE, RECORD, SEARCH

CHUNK = 400
"""How many ids go into one IN (…): well below SQLite's limit."""

T = TypeVar("T")

Touched = Mapping[str, Iterable[str]]
"""The fields to settle, by record id."""

Heads = dict[str, list[ChangeId]]


def in_chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The items in lists of at most `size`."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


@dataclass(slots=True)
class _Row:
    rid: int
    id: str
    kind: str
    body: dict[str, Json]
    office: Heads
    heads: Heads
    open: Heads
    unsent: list[tuple[ChangeId, dict[str, Any]]] = field(default_factory=list)


def settle(connection: Connection, touched: Touched) -> None:
    """Bring the touched fields of the records in line with the changes that are written down."""
    for ids in in_chunks(touched):
        rows = _rows(connection, ids)
        wanted = {row.id: _new_heads(row, touched[row.id]) for row in rows}
        named = {change for heads in wanted.values() for c in heads.values() for change in c}
        said = said_by(connection, named)
        for row in rows:
            _show(row, wanted[row.id], said)
        _write(connection, rows)


def _rows(connection: Connection, ids: Sequence[str]) -> list[_Row]:
    found = connection.execute(
        select(
            RECORD.c.rid,
            RECORD.c.id,
            RECORD.c.kind,
            RECORD.c.body,
            RECORD.c.office_heads,
            RECORD.c.heads,
            RECORD.c.open,
        ).where(RECORD.c.id.in_(ids))
    )
    rows = {
        r.id: _Row(
            r.rid,
            r.id,
            r.kind,
            json.loads(r.body),
            json.loads(r.office_heads),
            json.loads(r.heads),
            json.loads(r.open) if r.open else {},
        )
        for r in found
    }
    unsent = (
        select(CHANGE.c.id, CHANGE.c.record, CHANGE.c.content)
        .where(CHANGE.c.record.in_(ids))
        .where(CHANGE.c.number.is_not(None), CHANGE.c.received.is_(None))
        .order_by(CHANGE.c.number)
    )
    for change in connection.execute(unsent):
        rows[change.record].unsent.append((change.id, json.loads(change.content)["fields"]))
    return list(rows.values())


def _new_heads(row: _Row, fields: Iterable[str]) -> Heads:
    return {
        name: sorted(
            overlay(
                frozenset(row.office.get(name, ())),
                [
                    (change, edits[name].get("replaces", ()))
                    for change, edits in row.unsent
                    if name in edits
                ],
            )
        )
        for name in fields
    }


@dataclass(frozen=True, slots=True)
class Said:
    """What one known change says, and where it stands in the office's order."""

    author: str
    made_at: str
    order: int
    by_office: bool
    fields: Mapping[str, Any]

    def head(self, change: ChangeId, name: str) -> Head:
        """The change as a head of one field."""
        value = self.fields[name]["value"]
        return Head(change, value, self.author, self.made_at, self.order, self.by_office)


def said_by(connection: Connection, changes: Iterable[str]) -> dict[str, Said]:
    """What the changes say, of those that are known here."""
    said: dict[str, Said] = {}
    columns = select(CHANGE.c.id, CHANGE.c.content, CHANGE.c.received, CHANGE.c.by_office)
    for ids in in_chunks(changes):
        for row in connection.execute(columns.where(CHANGE.c.id.in_(ids))):
            content = json.loads(row.content)
            order = UNSENT if row.received is None else row.received
            said[row.id] = Said(
                content["author"], content["made_at"], order, row.by_office, content["fields"]
            )
    return said


def heads_of(said: Mapping[str, Said], changes: Iterable[ChangeId], name: str) -> list[Head] | None:
    """The heads of one field; None while one of them is not known here yet."""
    heads = [
        said[change].head(change, name)
        for change in changes
        if change in said and name in said[change].fields
    ]
    return heads if len(heads) == len(list(changes)) else None


def _show(row: _Row, wanted: Heads, said: Mapping[str, Said]) -> None:
    for name, changes in wanted.items():
        heads = heads_of(said, changes, name)
        if heads is None:
            # The receipt named a change of somebody else's that the next pull brings.
            continue
        found = shown(rule_of(field_of(row.kind, name)), heads)
        row.heads[name] = changes
        row.body[name] = found.value
        row.open[name] = [head.change for head in found.open]
    row.body = {k: v for k, v in row.body.items() if v is not None}
    row.heads = {k: v for k, v in row.heads.items() if v}
    row.open = {k: v for k, v in row.open.items() if v}


def _write(connection: Connection, rows: Sequence[_Row]) -> None:
    if not rows:
        return
    connection.execute(
        update(RECORD).where(RECORD.c.rid == bindparam("key")),
        [
            {
                "key": row.rid,
                "body": spelled(row.body),
                "heads": spelled(row.heads),
                "open": spelled(row.open) if row.open else None,
            }
            for row in rows
        ],
    )
    connection.execute(delete(SEARCH).where(SEARCH.c.rowid.in_([row.rid for row in rows])))
    connection.execute(insert(SEARCH), [{"rowid": row.rid, "words": _words(row)} for row in rows])


def _words(row: _Row) -> str:
    texts = (v for k, v in row.body.items() if isinstance(field_of(row.kind, k), Text))
    return "\n".join(str(value) for value in texts)


def spelled(value: Mapping[str, Any]) -> str:
    """The one spelling of a body or of heads, so that equal ones are equal byte for byte."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
