"""What a page brings of records that are not here yet: written down whole, once.

Nothing is settled here that `settling` would settle otherwise: where anything of a record is here
already, its row is given back and takes the long way.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from hah_desktop.domain.exchange import PulledChange, PulledRow
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.removing import REMOVED
from hah_desktop.store import digests
from hah_desktop.store.rows import CHANGE, RECORD
from hah_desktop.store.settling import First, Said, among, put_first, shown_of, spelled, unseen_of

_PUT_CHANGE = "INSERT INTO change (id, record, content, received, by_office) VALUES (?, ?, ?, ?, ?)"


def take_new(connection: Connection, rows: Sequence[PulledRow]) -> list[PulledRow]:
    """Write down the records of which nothing is here at all; returns the rows of the others."""
    left = _known(connection, rows)
    first: dict[RecordId, First] = {}
    changes: dict[str, tuple[Any, ...]] = {}
    others = []
    for row in rows:
        named = {change.id for change in row.changes}
        if row.record in first or not left.isdisjoint((row.record, *named)) or _has_own(row):
            others.append(row)
            left.add(row.record)
            continue
        said: dict[str, Said] = {change.id: _said(change) for change in row.changes}
        first[row.record] = _first(row, said)
        for change in row.changes:
            content = spelled(content_of(change, said[change.id].fields))
            changes[change.id] = (change.id, row.record, content, change.order, change.by_office)
        left |= named
    if changes:
        connection.exec_driver_sql(_PUT_CHANGE, list(changes.values()))
    put_first(connection, first)
    new = [(id_, one.files, spelled(one.heads)) for id_, one in first.items()]
    digests.keep_new(connection, new)
    return others


def content_of(change: PulledChange, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a change that was received."""
    off = {"clock_off": change.clock_off} if change.clock_off else {}
    return {
        "author": change.author,
        "made_at": change.made_at,
        "laptop": change.laptop,
        "clock_trusted": change.clock_trusted,
        **off,
        "fields": fields,
    }


def edit_of(change: PulledChange, name: str) -> dict[str, Any]:
    """What the change says of a field, spelled as in a change of this laptop's own."""
    edit: dict[str, Any] = {"value": change.fields[name]}
    replaces = change.replaces.get(name)
    return {**edit, "replaces": list(replaces)} if replaces else edit


def _known(connection: Connection, rows: Sequence[PulledRow]) -> set[str]:
    """The records and changes among these that are here, also records of which only changes are."""
    records = {row.record for row in rows}
    changes = {change.id for row in rows for change in row.changes}
    here = select(RECORD.c.id).where(among(RECORD.c.id, records))
    about = select(CHANGE.c.record).where(among(CHANGE.c.record, records))
    said = select(CHANGE.c.id).where(among(CHANGE.c.id, changes))
    return {id_ for asked in (here, about, said) for id_ in connection.execute(asked).scalars()}


def _has_own(row: PulledRow) -> bool:
    return any(change.own for change in row.changes)


def _said(change: PulledChange) -> Said:
    fields = {name: edit_of(change, name) for name in change.fields}
    return Said(
        change.author,
        change.made_at,
        change.order,
        change.by_office,
        fields,
        change.clock_trusted,
        change.clock_off,
    )


def _first(row: PulledRow, said: Mapping[str, Said]) -> First:
    office = {name: _ids(changes) for name, changes in row.heads().items()}
    heads = {name: sorted(ids) for name, ids in office.items()}
    shown = {name: shown_of(row.kind, name, ids, said) for name, ids in heads.items()}
    body = {name: value for name, (value, _) in shown.items() if value is not None}
    sides = {name: sides for name, (_, sides) in shown.items() if sides}
    if REMOVED not in sides and (torn := unseen_of(heads, said)):
        sides[REMOVED] = torn
    return First(row.kind, row.files, body, heads, office, sides)


def _ids(changes: Iterable[PulledChange]) -> list[Any]:
    return [change.id for change in changes]
