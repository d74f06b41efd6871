"""Keeps each record equal to its changes: heads, shown values, open conflicts, search words.

The one place where a body is written, but for the first of a record (`first`). Whatever brings a
change (a save, a receipt, a pull) puts the change down first and then settles the fields that it
touched; so a body can always be made again from the journal, and is never the only copy of a word.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, case, select

from hah_desktop.domain.heads import overlay
from hah_desktop.domain.ids import ChangeId
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.removing import REMOVED
from hah_desktop.domain.said import are_held, said_fields
from hah_desktop.domain.spelling import read
from hah_desktop.store.journal import searching
from hah_desktop.store.journal.saying import Said, said_by, said_in, shown_of, unseen_of
from hah_desktop.store.journal.searching import words_of
from hah_desktop.store.journal.standing import IN_FORCE, LAST, OFFICE_HEADS, ONLY_HERE
from hah_desktop.store.tables import asking
from hah_desktop.store.tables.asking import Question
from hah_desktop.store.tables.many import LISTED, in_chunks, spelled
from hah_desktop.store.tables.rows import CHANGE, RECORD

CAME = 0
"""What a record that came whole began with. It was received before any change of this laptop."""

NOTHING = "{}"
"""How an empty body or set of heads is spelled."""

Touched = Mapping[str, Iterable[str]]
"""The fields to settle, by record id."""

Heads = dict[str, list[ChangeId]]


class Told(NamedTuple):
    """What the office says of a record that is here: where it lies, and the heads that moved.

    A receipt does not say where it lies: None.
    """

    files: str | None
    heads: Mapping[str, list[ChangeId]]


class _Kept(NamedTuple):
    """A record as it is written down."""

    rid: int
    id: str
    kind: str
    body: str
    heads: str
    open: str | None
    office: str
    files: str
    begun: int | None


@dataclass(slots=True)
class _Row:
    kept: _Kept
    files: str
    told: str
    office: Heads
    heads: Heads
    open: Heads
    body: dict[str, Json] = field(default_factory=dict)
    unsent: list[tuple[ChangeId, Said]] = field(default_factory=list)
    replaces: dict[ChangeId, Mapping[str, Any]] = field(default_factory=dict)
    """Where something came by hand only: what all changes here say of their fields."""
    own: int | None = None
    """The number of the newest change of this laptop that is unsent."""

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever settled here, so that the search does not know it."""
        return self.kept.body == NOTHING

    def hear(self, told: Told) -> bool:
        """Keep what the office says. Returns whether that leaves what is shown as it is.

        So it is where it names what is shown already, with nothing unsent over it and nothing open:
        after nearly every receipt, and in nearly every echo of this laptop's own changes.
        """
        named = told.heads.items()
        self.files = self.files if told.files is None else told.files
        if any(self.office.get(name) != ids for name, ids in named):
            self.office.update(named)
            self.told = spelled(self.office)
        if self.open or self.unsent:
            return False
        return all(len(ids) == 1 and self.heads.get(name) == ids for name, ids in named)

    def follows(self, heads: str) -> int | None:
        """The change with which what the office told follows from these heads, as for `begun`."""
        if self.told == heads:
            return None if self.unsent else CAME
        if len(self.unsent) != 1 or self.open or REMOVED in self.heads:
            return None
        change, said = self.unsent[0]
        after = {**self.office, **{name: [change] for name in said.fields}}
        return self.own if self.heads == after else None


def settle(connection: Connection, touched: Touched) -> None:
    """Bring the touched fields of the records in line with the changes that are written down."""
    for ids in in_chunks(touched):
        rows = _rows(connection, ids)
        _settle(connection, rows, touched, {})
        _write(connection, rows)


def hear(
    connection: Connection, told: Mapping[str, Told], known: Mapping[str, Said]
) -> list[tuple[str, str, str, bool]]:
    """Take what the office says of records that are here, and settle what it moves.

    `known` are changes of which the caller knows all that is written down. Returns for each record
    the heads that the office named and those that are shown, as they are spelled, and whether
    anything of it is unsent.
    """
    heard = []
    for ids in in_chunks(told):
        rows = _rows(connection, ids)
        heard_by = {True: list[_Row](), False: list[_Row]()}
        for row in rows:
            heard_by[row.hear(told[row.kept.id])].append(row)
        resting, moving = heard_by[True], heard_by[False]
        _settle(connection, moving, {row.kept.id: told[row.kept.id].heads for row in moving}, known)
        written = [*_write(connection, moving), *_write_told(connection, resting)]
        heard += [(now.id, now.office, now.heads, bool(row.unsent)) for row, now in written]
    return heard


def would_hide(
    connection: Connection, told: Mapping[str, Told], known: Mapping[str, Said]
) -> set[str]:
    """Those of the records that are shown here and would not be once that was heard.

    Nothing is written. `known` are changes as they would be written down.
    """
    hidden = set()
    for ids in in_chunks(told):
        shown = [row for row in _rows(connection, ids) if _is_shown(_read(row.kept.body), row.open)]
        moving = [row for row in shown if not row.hear(told[row.kept.id])]
        _settle(connection, moving, {row.kept.id: told[row.kept.id].heads for row in moving}, known)
        hidden |= {row.kept.id for row in moving if not _is_shown(row.body, row.open)}
    return hidden


def _is_shown(body: Mapping[str, Json], sides: Heads) -> bool:
    """Whether it was not removed, or a person has to decide whether it stays removed."""
    return not body.get(REMOVED) or REMOVED in sides


def _settle(
    connection: Connection, rows: Sequence[_Row], touched: Touched, known: Mapping[str, Said]
) -> None:
    wanted = {row.kept.id: _new_heads(row, _to_settle(row, touched[row.kept.id])) for row in rows}
    said: dict[str, Said] = {**known}
    said.update(mine for row in rows for mine in row.unsent)
    _learn(connection, wanted, said)
    for row in rows:
        _stay_where_unknown(row, wanted[row.kept.id], said)
    _learn(connection, wanted, said)
    for row in rows:
        row.body = _read(row.kept.body)
        _show(row, wanted[row.kept.id], said)


def _learn(connection: Connection, wanted: Mapping[str, Heads], said: dict[str, Said]) -> None:
    """Read what the wanted heads say, where nobody has read it yet."""
    named = {change for heads in wanted.values() for ids in heads.values() for change in ids}
    said |= said_by(connection, named - said.keys())


@lru_cache(256)
def _spelled_files(files: tuple[str, ...]) -> str:
    return json.dumps(files)


def files_spelled(files: Iterable[str]) -> str:
    """Where a record lies, as it is kept. Many lie in the same files."""
    return _spelled_files(tuple(files))


_ROWS = Question(
    select(
        *(RECORD.c[name] for name in ("rid", "id", "kind", "body", "heads", "open")),
        OFFICE_HEADS,
        RECORD.c.files,
        case((RECORD.c.begun <= LAST, CAME), else_=RECORD.c.begun),
    ).where(RECORD.c.id.in_(LISTED))
)
# Of a record that was taken off this laptop only its own changes are left. What is only here is
# the laptop's own, or came from a colleague's hand.
_UNSENT = Question(
    select(CHANGE.c.id, CHANGE.c.record, CHANGE.c.content, CHANGE.c.number)
    .where(CHANGE.c.record.in_(LISTED), ONLY_HERE)
    .order_by(CHANGE.c.number)
)
_ALL_IN_FORCE = Question(
    select(CHANGE.c.id, CHANGE.c.record, CHANGE.c.content).where(
        CHANGE.c.record.in_(LISTED), IN_FORCE
    )
)


def _rows(connection: Connection, ids: Sequence[str]) -> list[_Row]:
    rows: dict[str, _Row] = {}
    for found in _ROWS.rows(connection, ids=spelled(ids)):
        kept = _Kept(*found)
        office, heads, sides = _read(kept.office), _read(kept.heads), _read(kept.open or NOTHING)
        rows[kept.id] = _Row(kept, kept.files, kept.office, office, heads, sides)
    carried: set[str] = set()
    for id_, record, content, number in _UNSENT.rows(connection, ids=spelled(list(rows))):
        rows[record].unsent.append((id_, said_in(content, None, by_office=False)))
        rows[record].own = number
        if number is None:
            carried.add(record)
    if carried:
        for id_, record, content in _ALL_IN_FORCE.rows(connection, ids=spelled(list(carried))):
            rows[record].replaces[id_] = read(content)["fields"]
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
            mine.setdefault(name, []).append((change, _replaces(row, name, edit)))
    return {name: _over(row, name, row.office.get(name, ()), mine.get(name, ())) for name in fields}


def _over(
    row: _Row,
    name: str,
    office: Sequence[ChangeId],
    mine: Sequence[tuple[ChangeId, Sequence[ChangeId]]],
) -> list[ChangeId]:
    heads = _laid_over(office, mine)
    replaced = _replaced(row, name, {*office, *heads}) if row.replaces else set()
    return [change for change in heads if change not in replaced]


def _replaced(row: _Row, name: str, heads: Iterable[ChangeId]) -> set[ChangeId]:
    """What came by hand, and the office’s heads or those before them have replaced already.

    The office has not seen it, so it cannot leave it out. What no head leads to replaces nothing
    any more: a restored office lost it, or has set it aside.
    """
    found: set[ChangeId] = set()
    following = list(heads)
    while following:
        change = following.pop()
        edit = row.replaces.get(change, {}).get(name, {})
        before = set(_replaces(row, name, edit)) - found - {change}
        found |= before
        following += before
    return found


def _replaces(row: _Row, name: str, edit: Mapping[str, Any]) -> Sequence[ChangeId]:
    """What an edit replaces.

    Of what came by hand the office has not looked yet whether it keeps the words that were said;
    those that it does not keep stand beside it.
    """
    replaces: Sequence[ChangeId] = edit.get("replaces", ())
    if not row.replaces or name not in said_fields(row.kept.kind):
        return replaces
    known = {id_: row.replaces.get(id_, {}).get(name, {}).get("value") for id_ in replaces}
    return [id_ for id_ in replaces if are_held(edit["value"], [known[id_]])]


def _laid_over(
    office: Sequence[ChangeId], mine: Sequence[tuple[ChangeId, Sequence[ChangeId]]]
) -> list[ChangeId]:
    if len(mine) == 1 and all(head in mine[0][1] for head in office):
        # Nearly every save: one change that replaces all there was.
        return [mine[0][0]]
    return sorted(overlay(frozenset(office), mine))


def _stay_where_unknown(row: _Row, wanted: Heads, said: Mapping[str, Said]) -> None:
    """Keep the heads there are where the office named a change that only the next pull brings.

    They are shown anew all the same: a receipt may have changed their place in the office's order.
    What was saved here meanwhile lies over them: nobody's words vanish until the next pull.
    """
    for name, changes in wanted.items():
        if any(change not in said or name not in said[change].fields for change in changes):
            mine = [
                (change, _replaces(row, name, own.fields[name]))
                for change, own in row.unsent
                if name in own.fields
            ]
            wanted[name] = _over(row, name, row.heads.get(name, ()), mine)


def _show(row: _Row, wanted: Heads, said: Mapping[str, Said]) -> None:
    for name, changes in wanted.items():
        row.heads[name] = changes
        row.body[name], row.open[name] = shown_of(row.kept.kind, name, changes, said)
    if REMOVED in wanted:
        row.open[REMOVED] = row.open[REMOVED] or unseen_of(row.heads, said)
    row.body = {k: v for k, v in row.body.items() if v is not None}
    row.heads = {k: v for k, v in row.heads.items() if v}
    row.open = {k: v for k, v in row.open.items() if v}


_PUT_SETTLED = (
    "UPDATE record SET body = ?, heads = ?, open = ?, office_heads = ?, files = ?, begun = ?"
    " WHERE rid = ?"
)
_PUT_TOLD = "UPDATE record SET office_heads = ?, files = ?, begun = ? WHERE rid = ?"


def _write(connection: Connection, rows: Sequence[_Row]) -> list[tuple[_Row, _Kept]]:
    """Write what is not stored like this already: after a receipt, next to nothing."""
    now = [(row, _spell(row)) for row in rows]
    moved = [
        (one.body, one.heads, one.open, _apart(one), one.files, one.begun, one.rid)
        for row, one in now
        if one != row.kept
    ]
    asking.do_each(connection, _PUT_SETTLED, moved)
    _index(connection, [row for row, one in now if one.body != row.kept.body or row.is_new])
    return now


def _write_told(connection: Connection, rows: Sequence[_Row]) -> list[tuple[_Row, _Kept]]:
    """Write what the office says of records that show it already."""
    now = [
        (row, kept._replace(office=row.told, files=row.files, begun=row.follows(kept.heads)))
        for row in rows
        for kept in (row.kept,)
    ]
    moved = [(_apart(one), one.files, one.begun, one.rid) for row, one in now if one != row.kept]
    asking.do_each(connection, _PUT_TOLD, moved)
    return now


def _apart(one: _Kept) -> str:
    """What the office told, where that does not follow from the heads that are shown."""
    return NOTHING if one.begun == CAME else one.office


def _spell(row: _Row) -> _Kept:
    rid, id_, kind, *_ = row.kept
    sides = spelled(row.open) if row.open else None
    body, heads = spelled(row.body), spelled(row.heads)
    begun = row.follows(heads)
    return _Kept(rid, id_, kind, body, heads, sides, row.told, row.files, begun)


def _index(connection: Connection, rows: Sequence[_Row]) -> None:
    """Bring the search index in line where a record is new or has other words now."""
    words = [
        (row.kept.rid, now)
        for row in rows
        if (now := words_of(row.kept.kind, row.body))
        != words_of(row.kept.kind, _read(row.kept.body))
        or row.is_new
    ]
    searching.put_again(connection, words)
