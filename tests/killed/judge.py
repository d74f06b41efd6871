"""What must hold once everybody has synced in peace. It believes neither side: only the promises.

A change that was saved but not yet said to be may be there or not; what was said may not be lost.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Row, select

from hah_central.database.database import Database
from hah_central.database.rows import OFFICE, Batch, Change, Clock, Grant, Record, RecordFile
from hah_central.journal import records
from hah_central.journal.state import RecordState
from hah_central.proof.verify import verify
from hah_desktop.domain.changes import Change as Made
from hah_desktop.domain.changes import from_plain
from hah_desktop.domain.ids import REFERENCE_FILE, ChangeId, RecordId
from hah_desktop.domain.merge import Head
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.removing import REMOVED
from hah_desktop.store.attachments import travelling
from hah_desktop.store.attachments.attachments import Attachments, find
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.standing import PLACE
from hah_desktop.store.store import Store
from hah_desktop.store.tables.rows import CHANGE, RECORD
from tests.killed.campaign import Campaign
from tests.killed.founding import Desk
from tests.killed.person import OWN, opened, says
from tests.simulation.truth import heads
from tests.store.sound import faults


@dataclass
class Journal:
    """What the office has."""

    changes: Sequence[Row[Any]]
    batches: Sequence[Row[Any]]
    seq: int
    records: Mapping[str, RecordState]
    files: Mapping[str, Collection[str]]
    given: Mapping[str, Collection[str]]
    faults: Sequence[str]

    @cached_property
    def in_force(self) -> dict[ChangeId, Made]:
        """Every change that counts, by its id."""
        made = [from_plain(json.loads(row.body)) for row in self.changes]
        return {change.id: change for change in made}


@dataclass(frozen=True)
class Sum:
    """What there was at the end, so that nobody proves something about nothing."""

    changes: int
    met: int
    letters: int


def judge(campaign: Campaign) -> Sum:
    """Accuse whatever is not as it must be; what it is, stands in the campaign's toll."""
    with closing(Database(campaign.address)) as database:
        journal = _journal(database)
    wrong = campaign.toll.wrong
    wrong += journal.faults
    wrong += _numbers(journal)
    wrong += _promises(campaign, journal)
    told = heads(journal.in_force)
    wrong += _heads(journal, told)
    wrong += _alone(journal, told)
    letters: set[str] = set()
    seats = [one.seat for one in campaign.desks]
    for one, store in zip(campaign.desks, opened(seats), strict=True):
        named = f"laptop {one.seat.place}"
        wrong += [f"{named}: {fault}" for fault in faults(store)]
        wrong += [f"{named}: {fault}" for fault in _chain(one, store, journal)]
        wrong += [f"{named}: {fault}" for fault in _shows(one, store, journal)]
        found = list(_letters(store, campaign.attachments))
        wrong += [f"{named}: {fault}" for _, fault in found if fault]
        letters |= {hash_ for hash_, _ in found}
    wrong += _log(campaign.log)
    wrong += _open_ends(campaign.address)
    met = sum(len(ids) > 1 for ids in told.values())
    return Sum(len(journal.changes), met, len(letters))


def _journal(database: Database) -> Journal:
    with database.reading() as connection:
        mine = select(Change).where(Change.laptop != OFFICE).order_by(Change.seq)
        lies_in, given = defaultdict(set), defaultdict(set)
        for record, file in connection.execute(select(RecordFile.record, RecordFile.file)):
            lies_in[record].add(file)
        for adviser, file in connection.execute(select(Grant.adviser, Grant.file)):
            given[adviser].add(file)
        ids = [RecordId(id_) for id_ in connection.execute(select(Record.id)).scalars()]
        return Journal(
            connection.execute(mine).all(),
            connection.execute(select(Batch).order_by(Batch.seq)).all(),
            connection.execute(select(Clock.seq)).scalar_one(),
            {str(id_): record for id_, record in records.shown(connection, ids).items()},
            lies_in,
            given,
            verify(connection).faults,
        )


def _numbers(journal: Journal) -> Iterator[str]:
    """No number of the counter is missing, no change stands there twice, none was refused."""
    before = 0
    for batch in journal.batches:
        if batch.seq - (batch.numbers or 0) != before:
            yield f"the counter has a gap before {batch.seq}"
        before = batch.seq
    if before != journal.seq:
        yield f"the counter says {journal.seq}, the journal {before}"
    for what in ("id", "hash", "seq"):
        twice = [k for k, n in Counter(getattr(c, what) for c in journal.changes).items() if n > 1]
        yield from (f"{what} {each} is in the journal twice" for each in twice)
    yield from (f"{c.id} was set aside" for c in journal.changes if c.verdict == "set_aside")


def _promises(campaign: Campaign, journal: Journal) -> Iterator[str]:
    """What was said to be saved is in the journal, word for word."""
    names = {one.laptop: one.seat.place for one in campaign.desks}
    held = {(names[c.laptop], c.number): c for c in journal.changes}
    for (place, number), line in campaign.toll.promises.items():
        change = held.get((place, number))
        if change is None:
            yield f"change {number} of laptop {place} is lost"
        elif (change.record, says(change.body)) != (line["record"], line["says"]):
            yield f"change {number} of laptop {place} says something else"


def _heads(journal: Journal, told: Mapping[tuple[str, str], set[ChangeId]]) -> Iterator[str]:
    """The office's heads are those that follow from the changes alone."""
    found = {
        (id_, name): set(state.heads)
        for id_, row in journal.records.items()
        for name, state in row.heads.items()
        if row.kind in ("visit", "attachment")
    }
    for place in sorted(told.keys() | found.keys()):
        if told.get(place) != found.get(place):
            yield f"the office has other heads of {place}"


def _alone(journal: Journal, told: Mapping[tuple[str, str], set[ChangeId]]) -> Iterator[str]:
    """What one person did alone has one head: nobody is asked about it."""
    authors: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for change in journal.in_force.values():
        for name in change.edits:
            authors[change.record, name].add(change.author)
    for (record, name), ids in told.items():
        if len(authors[record, name]) == 1 and len(ids) > 1:
            yield f"one person alone is in conflict over {name} of {record}"
    removed = {record for record, name in authors if name == REMOVED}
    for row in journal.changes:
        names = journal.in_force[ChangeId(row.id)].edits.keys()
        alone = all(authors[row.record, name] == {row.author} for name in names)
        # A removal is about every field, whoever wrote there.
        if alone and row.record not in removed and row.verdict == "conflict":
            yield f"change {row.number} of one person alone counts as a conflict"
    for record, name in authors:
        if name in OWN[1:] and len(authors[record, name]) > 1:
            yield f"{name} of {record} has the words of two"


def _chain(one: Desk, store: Store, journal: Journal) -> Iterator[str]:
    """The laptop's own changes are those that the office has of it, all received."""
    mine = select(CHANGE.c.number, CHANGE.c.hash, PLACE.label("received"))
    with store.reading() as connection:
        rows = connection.execute(mine.where(CHANGE.c.number.is_not(None))).all()
    here = {(row.number, row.hash) for row in rows}
    there = {(c.number, c.hash) for c in journal.changes if c.laptop == one.laptop}
    if here != there:
        yield f"its changes are not the office’s: {sorted(here ^ there)}"
    yield from (f"{row.number} waits still" for row in rows if row.received is None)


def _shows(one: Desk, store: Store, journal: Journal) -> Iterator[str]:
    """It shows what the office does of each record it is given, and both texts where two stand."""
    in_force = journal.in_force
    with store.reading() as connection:
        rows = {row.id: row for row in connection.execute(select(RECORD))}
        undecided: dict[str, Mapping[str, Sequence[Head]]] = {
            held.record.id: held.open for held in reading.undecided(connection)
        }
    given = {*journal.given.get(one.seat.adviser, ()), REFERENCE_FILE}
    due = {id_ for id_ in journal.records if given & set(journal.files[id_])}
    if due != rows.keys():
        yield f"it does not hold what it is given: {sorted(due ^ rows.keys())}"
    for id_ in due & rows.keys():
        held, office = rows[id_], journal.records[id_]
        own = {name: set(ids) for name, ids in json.loads(held.heads).items()}
        if json.loads(held.body) != office.body:
            yield f"{id_} shows something else than at the office"
        if own != {name: set(state.heads) for name, state in office.heads.items()}:
            yield f"{id_} has other heads than at the office"
        removed = json.loads(held.body).get(REMOVED) and REMOVED not in undecided.get(id_, {})
        for name, ids in own.items():
            values = {in_force[ChangeId(i)].edits[name].value for i in ids if i in in_force}
            asks = name in ("impression", "met_by", *OWN)
            sides = {head.value for head in undecided.get(id_, {}).get(name, ())}
            if asks and not removed and len(values) > 1 and sides != values:
                yield f"{id_}: of {name} {sides} is shown, not {values}"


def _letters(store: Store, folder: Path) -> Iterator[tuple[str, str]]:
    """Each letter is at the office whole, and here, and counts as received."""
    kept = Attachments(store.folder)
    lost = kept.sweep(store).lost
    yield from (("", f"the letter {file} is lost") for file in lost)
    with store.reading() as connection:
        held = [each.record for each in reading.of_kind(connection, Attachment.kind)]
    for letter in held:
        assert isinstance(letter, Attachment)
        there = folder / letter.hash
        fault = ""
        if not there.is_file() or _hash(there.read_bytes()) != letter.hash:
            fault = f"the letter {letter.id} is not at the office"
        with store.reading() as connection:
            file = find(connection, letter.content)
            way = travelling.way(connection, letter)
        if file is None or _hash(kept.read(file)) != letter.hash:
            fault = f"the letter {letter.id} is not here"
        elif not way.received:
            fault = f"the letter {letter.id} does not count as received"
        yield letter.hash, fault


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


OF_A_KILLED_POSTGRESQL = (
    "does not answer any more, or lets nobody in.",
    "takes nobody in at the moment: PostgreSQL starts, stops, or has too many at once.",
    "cannot be opened: no PostgreSQL answers at that address.",
)
"""What the office says of it. Of a full or damaged one, or one that is held, it may say nothing."""

OF_THE_DATABASE = frozenset({"OperationalError", "TimeoutError"})
"""What the office says when its database has gone; anything else would be a fault of its own."""


def _log(log: Path) -> Iterator[str]:
    """The office has met no fault of its own, and no laptop that holds something else."""
    for line in log.read_text(errors="replace").splitlines():
        words = line.split(" ")
        told = line.endswith(OF_A_KILLED_POSTGRESQL)
        if "ERROR" in words[:4] and words[-1] not in OF_THE_DATABASE and not told:
            yield f"the office’s log: {line}"
        if "differs" in words:
            yield f"the office’s log: {line}"


def _open_ends(address: str) -> Iterator[str]:
    """Whatever was killed, no transaction of it is left open in PostgreSQL."""
    asked = (
        "SELECT state, query FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
    )
    with psycopg.connect(address.replace("+psycopg", "")) as connection:
        for state, query in connection.execute(asked):
            yield f"a transaction is left {state} in PostgreSQL: {query}"
