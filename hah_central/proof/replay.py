"""What each record should say, worked out again from the journal and compared with what is stored.

It runs the very rules that the journal runs, batch by batch, and changes nothing.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, exists, select

from hah_central.database.faults import ODD
from hah_central.database.lookups import rows_for
from hah_central.database.rows import IN_FORCE, Change, Record, RecordFile
from hah_central.journal import begun, digests
from hah_central.journal.state import Known, RecordState, heads_plain
from hah_desktop.domain.changes import MalformedChange, from_plain
from hah_desktop.domain.digest import Part
from hah_desktop.domain.ids import ChangeId, RecordId

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Row:
    """A change in force, as the journal has it."""

    known: Known
    batch: int
    verdict: str


@dataclass(slots=True)
class Again:
    """A record as the journal makes it, and the verdicts that come out otherwise."""

    state: RecordState
    joined: int = 0
    faults: list[str] = field(default_factory=list)


def faults(connection: Connection) -> Iterator[str]:
    """Whatever a record says that the journal does not, in plain words."""
    last = ""
    asked = select(Record.id).order_by(Record.id).limit(_AT_ONCE)
    while ids := list(connection.execute(asked.where(Record.id > last)).scalars()):
        yield from _each_compared(connection, ids)
        last = ids[-1]
    missing = (
        select(Change.record)
        .distinct()
        .where(IN_FORCE)
        .where(~exists().where(Record.id == Change.record))
    )
    for id_ in connection.execute(missing).scalars():
        yield f"Record {id_}: the journal has changes of it, but the record is not there."
    try:
        for file in digests.wrong(connection):
            yield f"File {file}: its digest is not that of the records in it."
    except ODD:
        yield "A digest of a file is nothing that the office writes."


def _each_compared(connection: Connection, ids: Sequence[str]) -> Iterator[str]:
    """As `_compared`; one that cannot be read is told, and keeps no other from being looked at."""
    try:
        yield from list(_compared(connection, ids))
    except ODD:
        if len(ids) == 1:
            yield f"Record {ids[0]}: what is kept of it cannot be read."
            return
        for id_ in ids:
            yield from _each_compared(connection, [id_])


def _compared(connection: Connection, ids: Sequence[str]) -> Iterator[str]:
    rows = _rows(connection, ids)
    seen = _seen(connection, rows)
    files: defaultdict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    parts: defaultdict[str, set[Part]] = defaultdict(set)
    lies_in = select(
        RecordFile.record,
        RecordFile.file,
        RecordFile.seq,
        RecordFile.joined,
        RecordFile.low,
        RecordFile.high,
    )
    there = rows_for(connection, lies_in, RecordFile.record, ids)
    for record, file, seq, joined, low, high in there:
        files[record][file] = (seq, joined)
        if low is not None and high is not None:
            parts[record].add(Part(low, high))
    stored = select(
        Record.id, Record.kind, Record.seq, *begun.KEPT, begun.WORDS.label("words")
    ).order_by(Record.id)
    for id_, kind, seq, *kept in rows_for(connection, stored, Record.id, ids):
        again = replayed(RecordId(id_), kind, rows[id_], seen)
        yield from again.faults
        yield from _differences(again, (seq, *begun.fields(seq, *kept)), files[id_])
        if {row.known.change.kind for row in rows[id_][:1]} != {kind}:
            yield f"Record {id_}: its kind is not what the journal makes of it."
        if parts[id_] - {digests.part_of(again.state)}:
            yield f"Record {id_}: what it adds to the digests of its files is not what it says."


def _rows(connection: Connection, ids: Sequence[str]) -> defaultdict[str, list[Row]]:
    """The changes in force of each record, in the order of the journal."""
    asked = (
        select(Change.record, Change.seq, Change.batch, Change.verdict, Change.body)
        .where(IN_FORCE)
        .order_by(Change.seq)
    )
    found = defaultdict(list)
    for record, seq, batch, verdict, body in rows_for(connection, asked, Change.record, ids):
        try:
            change = from_plain(json.loads(body))
        except (ValueError, RecursionError, MalformedChange):
            continue  # The walk along the journal tells of it.
        found[record].append(Row(Known(change, seq), batch, verdict))
    return found


def _seen(connection: Connection, rows: Mapping[str, list[Row]]) -> dict[str, int]:
    """Where the changes stand that these ones replace, if they are in force."""
    changes = [row.known.change for found in rows.values() for row in found]
    named = {r for change in changes for edit in change.edits.values() for r in edit.replaces}
    asked = select(Change.id, Change.seq).where(IN_FORCE)
    found = rows_for(connection, asked, Change.id, named)
    return {row.id: row.seq for row in found}


def replayed(record: RecordId, kind: str, rows: Sequence[Row], seen: Mapping[str, int]) -> Again:
    """A record made of its changes alone. `seen`: where those stand that they replace."""
    again = Again(RecordState(record, kind, new=True))
    state = again.state
    known: dict[ChangeId, Known] = {}
    for _, batch in groupby(rows, lambda row: row.batch):
        taken = list(batch)
        for change, seq in ((row.known.change, row.known.seq) for row in taken):
            replaced = {r for edit in change.edits.values() for r in edit.replaces}
            state.take(change, seq, {r for r in replaced if seen.get(r, seq) < seq}, known)
            known[change.id] = Known(change, seq)
        state.settle(known)
        if state.joined:
            again.joined = state.seq
            state.joined.clear()
        again.faults += [
            f"Number {row.known.seq} of the journal: it is noted as “{row.verdict}”, "
            f"but by the rules it is “{found.value}”."
            for row in taken
            if (found := state.verdict(row.known.change)).value != row.verdict
        ]
        state.touched.clear()
        state.unsettled.clear()
    return again


def _differences(
    again: Again, says: Sequence[Any], files: Mapping[str, tuple[int, int]]
) -> Iterator[str]:
    state = again.state
    made = (state.seq, heads_plain(state.heads), state.moved)
    names = ("its place in the journal", "its heads", "where its fields moved")
    for name, stored, own in zip(names, says, made, strict=True):
        if stored != own:
            yield f"Record {state.id}: {name} are not what the journal makes of it."
    if files != dict.fromkeys(state.files, (state.seq, again.joined)):
        yield f"Record {state.id}: the files it lies in are not those that the journal names."
