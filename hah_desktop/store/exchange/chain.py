"""This laptop's own chain of changes: whether it is whole, and whether the office has the same.

Pages of an encrypted file vouch for themselves, not for being the newest: an old one that is put
back is accepted. So each change names the hash of the one before it, and the office has the end.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update
from sqlalchemy.dialects import sqlite

from hah_desktop.domain import unread
from hah_desktop.domain.changes import Change, canonical, content_hash, from_plain
from hah_desktop.domain.exchange import OwnChange, Reached, Verdict
from hah_desktop.domain.heads import FieldHeads, take
from hah_desktop.domain.ids import ChangeId
from hah_desktop.domain.spelling import spell_plain
from hah_desktop.store.errors import AnotherHistory, StoreDamaged
from hah_desktop.store.exchange import withdrawing
from hah_desktop.store.journal.saving import put_records
from hah_desktop.store.journal.settling import settle
from hah_desktop.store.journal.standing import LAST, OFFICE_HEADS, UNSENT, UP_TO
from hah_desktop.store.tables import asking, events, meta
from hah_desktop.store.tables.events import Happened
from hah_desktop.store.tables.many import CHUNK, in_chunks, spelled
from hah_desktop.store.tables.meta import ChainEnd
from hah_desktop.store.tables.rows import CHANGE, CURSOR, META, RECORD

PUT_BACK = "snapshot"
"""What a safety copy says of itself: a database that has it was put back. It stays until nothing
can come any more that was sent before: its `number` is how far the office's end proves nothing."""

_START = ChainEnd()
_MINE = CHANGE.c.number.is_not(None)
_NONE: frozenset[ChangeId] = frozenset()


# Read some at a time: to hand them out one by one takes as long as to compute the chain.
_BEHIND = "SELECT id, number, record, content, hash FROM change WHERE number > ? ORDER BY number"


def check_chain(connection: Connection, since: ChainEnd = _START) -> ChainEnd:
    """Compute the chain again, up to its end. Raises StoreDamaged where it was altered or cut.

    `since` is how far it was computed before, while the database was open all the time.
    """
    number, last = since.number, since.hash
    rows = connection.exec_driver_sql(_BEHIND, (since.number,)).partitions(CHUNK)
    for change, place, record, content, kept in chain.from_iterable(rows):
        number += 1
        named = _names(content, change, record, number, last) if record else True
        if place != number or not named or kept != _hash(content, record):
            raise _altered()
        last = kept
    end = ChainEnd(number, last)
    if meta.chain_end(connection) != end:
        raise _altered()
    return end


def _hash(content: str, record: str) -> str:
    """What the change behind it names. One of no record came back as bytes that nobody can read."""
    if record:
        return hashlib.sha256(content.encode()).hexdigest()
    return unread.hash_of(json.loads(content), content)


def _names(content: str, change: str, record: str, number: int, last: str) -> bool:
    """Whether a canonical change names its id and record, its number, and the one before it.

    Parsing it takes five times as long, and every sync looks at all of them. The names of a
    change stand in the order of the alphabet, and no text of a field can hold a bare quote.
    """
    end = f'"number":{number},"previous":"{last}","record":{_text(record)}}}'
    return content.endswith(end) and f'"id":{_text(change)},"kind":' in content


_HASH_OF = "SELECT hash FROM change WHERE number = ?"
_RECEIVED = asking.Question(
    select(func.max(CHANGE.c.number)).where(
        _MINE, CHANGE.c.received.is_not(None), CHANGE.c.number > LAST
    )
)


def missing_after(connection: Connection, reached: Reached) -> int | None:
    """None when the office's end lies on this chain; else the number after which they may differ.

    Raises AnotherHistory where that cannot come from a safety copy that was put back.
    """
    if not reached.number:
        return None
    if asking.value(connection, _HASH_OF, (reached.number,)) == reached.hash:
        return None
    received = _received(connection)
    lost = reached.number > meta.chain_end(connection).number or was_put_back(connection)
    if received >= reached.number or not lost:
        raise AnotherHistory(meta.enrolled(connection).laptop)
    return received


def is_behind(connection: Connection, reached: Reached) -> bool:
    """Whether the office has lost changes that it once gave receipts for: it was restored."""
    return _received(connection) > reached.number


def _received(connection: Connection) -> int:
    return int(_RECEIVED.value(connection) or UP_TO.value(connection))


def was_put_back(connection: Connection) -> bool:
    """Whether this is a safety copy, and what was sent before may still reach the office."""
    return meta.read(connection, PUT_BACK) is not None


def is_past(connection: Connection, reached: Reached) -> bool:
    """Whether a safety copy was put back, and the office has something that was saved since.

    From there on it takes no request any more that was on its way when the database was lost.
    """
    about = meta.read(connection, PUT_BACK)
    return about is not None and reached.number > int(about["number"])


def forget_put_back(connection: Connection) -> None:
    """From here on a chain that differs is no consequence of a safety copy."""
    connection.execute(delete(META).where(META.c.key == PUT_BACK))


def take_own(
    connection: Connection, own: Sequence[OwnChange], reached: Reached, now: dt.datetime
) -> None:
    """Take back this laptop's changes that the office has; what was saved since comes behind them.

    Those that were saved since keep their ids and get other numbers and hashes. The cursors go
    to nothing: all is fetched once more. Raises AnotherHistory, and then the caller takes it back.
    """
    own = _in_place(own, reached)
    _check_theirs(connection, own, reached)
    lost = _not_here(connection, own)
    if not lost:
        return  # Taken before.
    waiting = _waiting(connection, lost[0].change.number)
    theirs = {each.change.id for each in lost}
    # Their numbers become others.
    begun = RECORD.c.begun >= lost[0].change.number
    connection.execute(update(RECORD).where(begun).values(begun=None))
    moving = [change for change in waiting if change.id not in theirs]
    connection.execute(
        update(CHANGE)
        .where(CHANGE.c.number >= lost[0].change.number)
        .values(number=-CHANGE.c.number)
    )
    _put(connection, lost)
    meta.keep_chain_end(connection, _renumber(connection, moving, reached))
    _show(connection, lost)
    connection.execute(update(CURSOR).values(seq=0))
    withdrawing.note_told_of(connection, [each.change.id for each in lost])
    # A second late request may still come: until the office has something newer from here.
    meta.write(connection, PUT_BACK, {"number": reached.number})
    detail = f"{len(lost)} fetched, {len(moving)} renumbered"
    events.note(connection, Happened.HISTORY_RENUMBERED, now, detail)


def _in_place(own: Sequence[OwnChange], reached: Reached) -> list[OwnChange]:
    """Give what could not be read the number of its place: they end where the office's chain does.

    Where its number could be read it has to be that one.
    """
    found = []
    for number, each in enumerate(own, reached.number - len(own) + 1):
        if each.bytes_hash and each.change.number not in {0, number}:
            raise AnotherHistory
        placed = replace(each.change, number=number) if each.bytes_hash else each.change
        found.append(replace(each, change=placed))
    return found


def _check_theirs(connection: Connection, own: Sequence[OwnChange], reached: Reached) -> None:
    """What the office gave has to be this laptop's, and follow on from what is here."""
    laptop = meta.enrolled(connection).laptop
    number = own[0].change.number - 1 if own else -1
    before = select(CHANGE.c.hash).where(CHANGE.c.number == number)
    last = "" if not number else connection.execute(before).scalar()
    for each in own:
        number += 1
        change = each.change
        # What could not be read names nothing; the change behind it names its hash.
        if each.bytes_hash and change.number == number:
            last = each.hash
            continue
        if (change.laptop, change.number, change.previous) != (laptop, number, last):
            raise AnotherHistory
        # As it will be looked at from now on: what is written here must not look altered then.
        if not _names(each.text, change.id, change.record, number, change.previous):
            raise AnotherHistory
        last = each.hash
    if (number, last) != (reached.number, reached.hash):
        raise AnotherHistory


def _not_here(connection: Connection, own: Sequence[OwnChange]) -> list[OwnChange]:
    """Those from the first on that is not the same here."""
    first = own[0].change.number
    rows = connection.execute(
        select(CHANGE.c.number, CHANGE.c.hash).where(CHANGE.c.number >= first)
    )
    mine = {row.number: row.hash for row in rows}
    here = 0
    while here < len(own) and mine.get(first + here) == own[here].hash:
        here += 1
    return list(own[here:])


def _waiting(connection: Connection, first: int) -> list[Change]:
    """What was saved here instead. Raises AnotherHistory if the office ever received any of it."""
    rows = connection.execute(
        select(CHANGE.c.content, CHANGE.c.record, UNSENT.label("unsent"))
        .where(CHANGE.c.number >= first)
        .order_by(CHANGE.c.number)
    ).all()
    # What nobody can read cannot be chained anew either.
    if not all(row.unsent and row.record for row in rows):
        raise AnotherHistory
    return [from_plain(json.loads(row.content)) for row in rows]


def _put(connection: Connection, lost: Sequence[OwnChange]) -> None:
    """Write them down as own and received; some may be here under another number, or in part."""
    put = sqlite.insert(CHANGE)
    rows = [
        {
            "id": each.change.id,
            "record": each.change.record,
            "number": each.change.number,
            "content": each.text,
            "hash": each.hash,
            "received": each.order,
            "verdict": each.verdict.value,
            "problem": each.problem,
        }
        for each in lost
    ]
    columns = {name: put.excluded[name] for name in rows[0] if name != "id"}
    for chunk in in_chunks(rows):
        connection.execute(put.on_conflict_do_update(index_elements=["id"], set_=columns), chunk)


def _renumber(connection: Connection, moving: Sequence[Change], reached: Reached) -> ChainEnd:
    """Chain the changes behind the office's end, in the order in which they were written."""
    end = ChainEnd(reached.number, reached.hash)
    rows: list[dict[str, Any]] = []
    for change in moving:
        moved = replace(change, number=end.number + 1, previous=end.hash)
        end = ChainEnd(moved.number, content_hash(moved))
        row = {"key": moved.id, "place": moved.number, "says": canonical(moved).decode()}
        rows.append({**row, "end": end.hash})
    if rows:
        put = update(CHANGE).where(CHANGE.c.id == bindparam("key"))
        named = {"number": "place", "content": "says", "hash": "end"}
        values: dict[str, Any] = {column: bindparam(name) for column, name in named.items()}
        connection.execute(put.values(values), rows)
    return end


def _show(connection: Connection, lost: Sequence[OwnChange]) -> None:
    """Let the records follow, as far as these changes tell; the next pull tells the rest."""
    lost = [each for each in lost if not each.bytes_hash]
    in_force = [each.change for each in lost if each.verdict is not Verdict.SET_ASIDE]
    put_records(connection, [(c.record, c.kind, c.files) for c in in_force])
    touched: dict[str, set[str]] = {}
    for each in lost:
        touched.setdefault(each.change.record, set()).update(each.change.edits)
    for ids in in_chunks(touched):
        told = OFFICE_HEADS.label("office_heads")
        found = select(RECORD.c.id, told).where(RECORD.c.id.in_(ids))
        heads = {row.id: json.loads(row.office_heads) for row in connection.execute(found)}
        for change in in_force:
            if change.record in heads:
                heads[change.record] = _after(heads[change.record], change)
        put = update(RECORD).where(RECORD.c.id == bindparam("key"))
        said = [{"key": record, "said": spelled(fields)} for record, fields in heads.items()]
        if said:
            connection.execute(put.values(office_heads=bindparam("said"), begun=None), said)
    settle(connection, touched)


def _after(heads: Mapping[str, list[ChangeId]], change: Change) -> dict[str, list[ChangeId]]:
    moved = {
        name: sorted(
            take(FieldHeads(frozenset(heads.get(name, ()))), change.id, edit.replaces, _NONE).heads
        )
        for name, edit in change.edits.items()
    }
    return {**heads, **moved}


def _text(name: str) -> str:
    return spell_plain(name).decode()


def _altered() -> StoreDamaged:
    return StoreDamaged(
        "The history that this laptop keeps of its own changes is not whole.",
        "Nothing was sent, and nothing was changed.",
        "Do not delete anything. Call the office before you go on.",
    )
