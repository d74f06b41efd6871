"""Walks the whole journal and says whatever does not fit: nothing is changed, nothing repaired.

Proved is for every change of a laptop that it stands, word for word and in its place, in a body
that this laptop's key signed; that no number of a laptop or of the counter is missing; and that
every record says what the journal makes of it; one that a single change began says nothing that its
change does not; that each file's digest is that of its records; and that the file of the embedded
database is whole. Not proved is what the office alone states: when something came, who was given
what, and why a change was set aside. Nor is it noticed here when the last batches of a laptop were
taken out everywhere at once: the laptop itself notices.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select, text
from sqlalchemy.orm import InstrumentedAttribute

from hah_central.database.faults import ODD
from hah_central.database.rows import OFFICE, Batch, Change, Clock, Laptop, Record
from hah_central.journal import items
from hah_central.journal.items import Item
from hah_central.proof import proof, replay
from hah_central.proof.proof import Claim, NotProved
from hah_desktop.domain.changes import FIRST_PREVIOUS
from hah_desktop.domain.exchange import Reached

_AT_ONCE = 2000
_START = Reached(0, FIRST_PREVIOUS)


@dataclass(slots=True)
class Report:
    """What was walked, and each thing that does not fit.

    `unproved` counts changes of the first versions of the office: signed for, but what was signed
    was not kept.
    """

    changes: int = 0
    batches: int = 0
    laptops: int = 0
    records: int = 0
    unproved: int = 0
    faults: list[str] = field(default_factory=list)


def verify(connection: Connection) -> Report:
    """Walk the journal and every record. The connection has to see one state throughout."""
    walk = _Walk(connection)
    walk.file()
    walk.along()
    walk.ends()
    report = walk.report
    report.records = connection.execute(select(func.count()).select_from(Record)).scalar_one()
    report.faults += replay.faults(connection)
    return report


class _Walk:
    """Along the counter, batch by batch, with the end of each laptop's chain in hand."""

    def __init__(self, connection: Connection) -> None:
        self.report = Report()
        self._connection = connection
        self._keys = dict(connection.execute(select(Laptop.id, Laptop.public_key)).all())
        self._last = dict.fromkeys(self._keys, _START)
        self._before = 0
        self._counts = False

    def file(self) -> None:
        """Whether the file of the embedded database is whole: rows may be there and not found."""
        if self._connection.dialect.name != "sqlite":
            return
        # Its words about what is wrong may hold what stands there, and no text at all.
        wrong = text("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'")
        if self._connection.execute(wrong).scalar_one():
            self.report.faults.append(
                "The file of the database is damaged: not all that is in it is found again."
            )

    def along(self) -> None:
        """Every batch with its changes, in the order of the counter."""
        try:
            self._along()
        except ODD:
            self.report.faults.append(
                f"Behind number {self._before} the journal cannot be read: what stands there is "
                "nothing that the office writes."
            )

    def _along(self) -> None:
        changes = _changes(self._connection)
        change = next(changes, None)
        for batch in _batches(self._connection):
            rows = []
            while change is not None and change.seq < batch.seq:
                rows.append(change)
                change = next(changes, None)
            try:
                self._batch(batch, rows)
            except ODD:
                self._say(batch.seq, f"the batch of laptop {batch.laptop} cannot be read")
            self._before = batch.seq
        while change is not None:
            self._say(change.seq, "it belongs to no batch")
            change = next(changes, None)
        seq = self._connection.execute(select(Clock.seq)).scalar_one_or_none()
        if seq != self._before:
            stands = "is missing" if seq is None else f"stands at {seq}"
            self.report.faults.append(
                f"The counter {stands}, but the journal ends with {self._before}."
            )

    def ends(self) -> None:
        """Whether each laptop's chain ends where the office says."""
        asked = select(Laptop.id, Laptop.last_number, Laptop.last_hash)
        for id_, number, hash_ in self._connection.execute(asked):
            if self._last[id_] != Reached(number, hash_):
                self.report.faults.append(
                    f"Laptop {id_}: the office noted that it has {number} changes of it, "
                    f"but in the journal the last one is number {self._last[id_].number}."
                )
        self.report.laptops = len(self._last) - 1

    def _batch(self, batch: Row[Any], rows: Sequence[Row[Any]]) -> None:
        self.report.batches += 1
        if batch.numbers is None and self._counts:
            self._say(batch.seq, "how many numbers its batch took is missing")
        self._counts = batch.numbers is not None
        if batch.numbers is not None and batch.seq - batch.numbers != self._before:
            self.report.faults.append(
                f"Between the numbers {self._before} and {batch.seq} of the journal, "
                f"{batch.numbers} were taken; the others are unexplained."
            )
        found = [self._row(batch, row) for row in rows]
        if batch.laptop not in self._keys:
            self._say(batch.seq, f"no laptop {batch.laptop} was ever enrolled")
        elif batch.laptop != OFFICE:
            self._signature(batch, rows, found)

    def _row(self, batch: Row[Any], row: Row[Any]) -> str:
        """Look at one change by itself and in its chain. Returns the hash of its words."""
        self.report.changes += 1
        item = _read(row.body)
        found = _hash(row.body, item)
        if found != row.hash:
            self._say(row.seq, "its words are not those that were received")
        if (row.batch, row.laptop) != (batch.seq, batch.laptop):
            self._say(row.seq, "it is noted under another batch than the one it lies in")
        last = self._last.get(row.laptop, _START)
        for name in _beside(row, item):
            self._say(row.seq, f"its {name} beside the words is not the one in them")
        if row.number < 0:
            return found  # It came by hand, beside the chain.
        if row.number != last.number + 1:
            self._say(
                row.seq,
                f"after change {last.number} of laptop {row.laptop} comes change {row.number}",
            )
        elif item is not None and item.previous is not None and item.previous != last.hash:
            self._say(row.seq, f"it does not follow from the change before it on {row.laptop}")
        self._last[row.laptop] = Reached(row.number, row.hash)
        return found

    def _signature(self, batch: Row[Any], rows: Sequence[Row[Any]], found: Sequence[str]) -> None:
        """Whether the laptop signed for each of these, and for nothing that is missing."""
        claim = Claim(batch.laptop, batch.digest, batch.signature, self._keys[batch.laptop])
        try:
            signed = proof.signed_items(self._connection, claim, [row.body for row in rows])
        except NotProved as fault:
            self._say(batch.seq, f"the batch of laptop {batch.laptop}: {fault}")
            return
        if signed is None:
            self.report.unproved += len(rows)
            if batch.numbers is not None:
                self._say(batch.seq, f"what laptop {batch.laptop} signed for is missing")
            return
        hashes = {item.hash for item in signed}
        for row, digest in zip(rows, found, strict=True):
            if digest not in hashes:
                self._say(row.seq, f"laptop {row.laptop} did not sign for it")
        if rows and all(row.number < 0 for row in rows):
            return  # What came by hand is taken as far as it is not here: it is in no chain.
        self._missing(batch, [item for item in signed if item.hash not in set(found)])

    def _missing(self, batch: Row[Any], others: Sequence[Item]) -> None:
        """What was signed for and is not in this batch came before, or is missing."""
        hashes = {item.number: item.hash for item in others if item.number is not None}
        if not hashes:
            return
        asked = select(Change.number, Change.hash).where(
            Change.laptop == batch.laptop, Change.number.in_(hashes)
        )
        for number, digest in self._connection.execute(asked):
            if hashes[number] == digest:
                del hashes[number]
        for number in hashes:
            self._say(batch.seq, f"change {number}, which {batch.laptop} signed for, is missing")

    def _say(self, seq: int, what: str) -> None:
        self.report.faults.append(f"Number {seq} of the journal: {what}.")


def _read(body: str) -> Item | None:
    with suppress(ValueError, RecursionError):
        plain = json.loads(body)
        if isinstance(plain, dict):
            return items.item(plain)
    return None


def _hash(body: str, item: Item | None) -> str:
    """The hash of the words: of one that came as its mere bytes, that of the bytes."""
    if item is not None and item.text == body:
        return item.hash
    return hashlib.sha256(body.encode()).hexdigest()


def _beside(row: Row[Any], item: Item | None) -> Iterator[str]:
    """The columns that do not say what the words say; of what could not be read they are empty."""
    if item is None:
        return
    if row.id != item.id and not row.id.startswith(("reused-", "again-")):
        yield "id"
    if row.number > 0 and item.number not in (None, row.number):
        yield "number"
    change = item.change
    if change is None or not row.record:
        return
    said = {
        "laptop": change.laptop,
        "previous": change.previous,
        "record": change.record,
        "kind": change.kind,
        "author": change.author,
        "made_at": change.made_at,
        "clock_trusted": change.clock_trusted,
    }
    yield from (name for name, value in said.items() if getattr(row, name) != value)


def _batches(connection: Connection) -> Iterator[Row[Any]]:
    needed = {"seq", "laptop", "digest", "signature", "numbers"}
    asked = select(*(column for column in Batch.__table__.c if column.key in needed))
    yield from _along(connection, asked, Batch.seq)


def _changes(connection: Connection) -> Iterator[Row[Any]]:
    # Nothing that the office alone states: of that nothing is proved.
    there = Change.__table__.c
    stated = (there.received, there.verdict, there.problem)
    asked = select(*(column for column in there if column not in stated))
    yield from _along(connection, asked, Change.seq)


def _along(
    connection: Connection, asked: Select[Any], seq: InstrumentedAttribute[int]
) -> Iterator[Row[Any]]:
    """The rows in the order of their numbers, so many at once: the journal may be large."""
    last = 0
    while rows := connection.execute(asked.where(seq > last).order_by(seq).limit(_AT_ONCE)).all():
        yield from rows
        last = rows[-1].seq
