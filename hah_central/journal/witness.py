"""What laptops hold of others' changes that this office does not have: it waits for a person.

Nothing of it is applied by itself. What a laptop tells of what a restored office lost is never
applied at all; what its author's laptop signed for can be taken (`by_hand`). Once the author's own
laptop sends a change, or the office says once more what it had said itself, what waits about it is
closed by itself.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from hah_central.database.lookups import name_of, rows_for, with_names
from hah_central.database.questions import Question
from hah_central.database.rows import OFFICE, Barred, Change, Clock, Grant, Laptop, RecordFile
from hah_central.database.rows import Witness as Row
from hah_central.journal import records
from hah_central.people import audit
from hah_central.people.audit import Deed, Did
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.exchange import Witness
from hah_desktop.domain.ids import ChangeId, FileId, LaptopId, RecordId, visit_file
from hah_desktop.domain.records.base import Json

MAX_NAME = 200
_ANY = Question(select(Row.change).where(Row.closed.is_(None)).limit(1))


class NotWaiting(KnownError):
    """Nothing of this id waits to be looked at."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One change that waits, as the office lists it: by whom, about what, and what it said.

    `signed`: its author's own laptop vouches for it, so that it can be taken as it is. What the
    laptop's clock was worth stands beside its time, as in the change itself.
    """

    change: str
    record: str
    kind: str
    author: str
    made_at: str
    given_by: str
    received: dt.datetime
    fields: Mapping[str, Json]
    signed: bool
    clock_trusted: bool
    clock_off: int


def restored(connection: Connection, deed: Deed) -> str:
    """Begin a new epoch, so that every laptop gives back what it has. Returns the epoch."""
    epoch = str(uuid.uuid4())
    connection.execute(update(Clock).values(epoch=epoch))
    audit.note(connection, deed, Did.RESTORED)
    return epoch


def keep(
    connection: Connection, giver: LaptopId, items: Sequence[Witness], now: dt.datetime
) -> set[ChangeId]:
    """Keep what the journal does not have, and say which these are.

    Two laptops may have different fields of one change: what both say is kept, and as who gave it
    the last whose adviser has all its files, or where nobody has them yet, the last: it may be
    about to begin them anew. To what its author's laptop signed for nothing is added.
    """
    lost = missing(connection, {item.change for item in items})
    asked = select(Row.change, Row.fields, Row.digest, Row.files, Row.given_by)
    there = rows_for(connection, asked, Row.change, lost)
    kept = {change: (dict(fields), *rest) for change, fields, *rest in there}
    tellers = {giver, *(before for *_, before in kept.values())} if kept else ()
    have = {teller: _files_of(connection, teller) for teller in tellers}
    new: dict[ChangeId, dict[str, Any]] = {}
    from_here = set()
    for item in items:
        if item.change in kept:
            fields, digest, files, before = kept[item.change]
            if not digest:
                _add(connection, item, fields)
                if have[giver].issuperset(files) or not have[before].issuperset(files):
                    from_here.add(item.change)
        elif item.change in lost and item.change not in new:
            new[item.change] = _row(item, giver, now)
    if from_here:
        put = update(Row).where(Row.change == bindparam("told")).values(given_by=giver)
        connection.execute(put, [{"told": change} for change in sorted(from_here)])
    if new:
        connection.execute(insert(Row), list(new.values()))
        said_again(connection, {item.record for item in items if item.laptop == OFFICE}, now)
    return lost


def note_here(
    connection: Connection, giver: LaptopId, items: Sequence[Witness], now: dt.datetime
) -> None:
    """Nobody has to look at these, which are in the journal: the laptop need not tell them again.

    Their words are not kept a second time.
    """
    ids = [item.change for item in items]
    noted = {change for (change,) in rows_for(connection, select(Row.change), Row.change, ids)}
    new = {item.change: item for item in items if item.change not in noted}
    rows = [{**_row(item, giver, now), "fields": {}, "closed": now} for item in new.values()]
    if rows:
        connection.execute(insert(Row), rows)


def _files_of(connection: Connection, laptop: LaptopId) -> set[str]:
    """What the adviser of a laptop has now."""
    given = select(Grant.file).join(Laptop, Laptop.adviser == Grant.adviser)
    return set(connection.execute(given.where(Laptop.id == laptop)).scalars())


def said_again(connection: Connection, changed: Collection[RecordId], now: dt.datetime) -> None:
    """Close what the office itself had written of these records, and has written once more.

    It does not give a change back as a laptop does: it makes another one that says the same.
    """
    waiting = select(Row.change, Row.record, Row.fields)
    waiting = waiting.where(Row.closed.is_(None), Row.laptop == OFFICE)
    due = list(rows_for(connection, waiting, Row.record, changed))
    now_says = records.shown(connection, {RecordId(record) for _, record, _ in due}) if due else {}
    done = [
        change
        for change, record, fields in due
        if (shown := now_says.get(RecordId(record))) is not None
        and all(shown.body.get(name) == value for name, value in fields.items())
    ]
    if done:
        connection.execute(update(Row).where(Row.change.in_(done)).values(closed=now))


def prove(connection: Connection, items: Sequence[Witness], digest: str, signature: str) -> None:
    """Say of what waits that its author's laptop signed for it: its words, and no hearsay."""
    hearsay = update(Row).where(Row.change == bindparam("proved"), Row.digest == "")
    for item in items:
        words = {**_words(item), "digest": digest, "signature": signature}
        connection.execute(hearsay.values(**words), {"proved": item.change})


def missing(connection: Connection, changes: set[ChangeId]) -> set[ChangeId]:
    """Those of the changes that the journal does not have."""
    known = rows_for(connection, select(Change.id), Change.id, changes)
    return changes.difference(ChangeId(id_) for (id_,) in known)


def _add(connection: Connection, item: Witness, there: dict[str, Any]) -> None:
    if item.fields.keys() - there.keys():
        there.update({**item.fields, **there})
        put = update(Row).where(Row.change == item.change)
        connection.execute(put.values(fields=there))


def _words(item: Witness) -> dict[str, Any]:
    return {
        "change": item.change,
        "record": item.record,
        "kind": item.kind,
        "laptop": item.laptop,
        "author": item.author,
        "made_at": item.made_at,
        "files": list(item.files),
        "clock_trusted": item.clock_trusted,
        "clock_off": item.clock_off,
        "fields": dict(item.fields),
    }


def _row(item: Witness, giver: LaptopId, now: dt.datetime) -> dict[str, Any]:
    return {
        **_words(item),
        "given_by": giver,
        "received": now,
        "closed": None,
        "closed_by": "",
        "digest": "",
        "signature": "",
    }


def ask_whether_any(connection: Connection) -> Iterator[tuple[str]]:
    """Ask for one that waits, if any does, and read the answer later."""
    return _ANY.ask(connection)


def vouched(connection: Connection, laptop: LaptopId, adviser: RecordId) -> frozenset[FileId]:
    """The files in which an adviser wrote on this laptop before the office lost it.

    So says a laptop of somebody who has them now, and could give them by a visit of their own.
    After a restore whoever comes first begins a visit or a child anew, and its author may come
    second. Of a child nobody says so but with a visit, which shows whether it was taken back.
    What came by hand says nothing of it: its author may have written it where nothing was given.
    """
    hearsay = (Row.closed.is_(None), Row.digest == "")
    lost = (
        select(Row.files, Laptop.adviser)
        .join(Laptop, Laptop.id == Row.given_by)
        .where(*hearsay, Row.laptop == laptop, Row.author == adviser)
    )
    said = [(frozenset(map(FileId, files)), giver) for files, giver in connection.execute(lost)]
    named = {file for files, _ in said for file in files}
    holders: dict[str, set[str]] = {file: set() for file in named}
    for file, person in rows_for(connection, select(Grant.file, Grant.adviser), Grant.file, named):
        holders[file].add(person)
    barred = set(connection.execute(select(Barred.file).where(Barred.adviser == adviser)).scalars())
    lies_in = select(RecordFile.file).distinct()
    used = {file for (file,) in rows_for(connection, lies_in, RecordFile.file, named)}

    def vouches(files: frozenset[FileId], giver: str | None) -> bool:
        visits = {file for file in files if file.startswith(visit_file(""))}
        # A visit that is new to the office anybody may begin.
        new = {file for file in visits - used if not holders[file]}
        had = all(giver in holders[file] for file in files - new)
        return bool(visits) and had and barred.isdisjoint(files)

    return frozenset().union(*(files for files, giver in said if vouches(files, giver)))


def came_back(connection: Connection, changes: Collection[str], now: dt.datetime) -> None:
    """The authors' own laptops gave these back: nobody has to look at them any more."""
    waiting = select(Row.change).where(Row.closed.is_(None))
    found = [id_ for (id_,) in rows_for(connection, waiting, Row.change, changes)]
    if found:
        connection.execute(update(Row).where(Row.change.in_(found)).values(closed=now))


def waiting(connection: Connection) -> list[Waiting]:
    """What a person has to look at, the oldest first."""
    listed = select(
        Row.change,
        Row.record,
        Row.kind,
        name_of(Row.author),
        Row.made_at,
        Laptop.name,
        Row.received,
        Row.fields,
        Row.digest != "",
        Row.clock_trusted,
        Row.clock_off,
    )
    listed = with_names(listed, Row.given_by, Row.author).where(Row.closed.is_(None))
    found = connection.execute(listed.order_by(Row.received, Row.change))
    return [Waiting(*row) for row in found]


def close(connection: Connection, deed: Deed, change: str) -> None:
    """A person has looked at it and done what was to be done. Raises NotWaiting."""
    put = update(Row).where(Row.change == change, Row.closed.is_(None))
    done = connection.execute(put.values(closed=deed.now, closed_by=deed.who[:MAX_NAME]))
    if not done.rowcount:
        raise not_waiting(change)
    audit.note(connection, deed, Did.CLOSED_RECOVERED, detail=change)


def not_waiting(change: str) -> NotWaiting:
    """The words for an id that nothing waits under."""
    return NotWaiting(
        f"Nothing of the id “{change}” waits to be looked at.",
        "Nothing was changed.",
        "The command “recovered” lists what does.",
    )
