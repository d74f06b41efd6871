"""The shipped office without its HTTP: bytes in, bytes out, and what the people there do.

Left out is only what stands between a socket and these functions: signatures, tokens, and the
headers. `tests/central` looks at those over real HTTP.
"""

import datetime as dt
import json
import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from hah_central.database.rows import OFFICE, Clock, Laptop
from hah_central.journal import holding, items, journal, placing, records, witness
from hah_central.journal.access import files_of
from hah_central.journal.journal import Sender, take_numbers
from hah_central.journal.runs import folded
from hah_central.office import office, orders
from hah_central.people import audit
from hah_central.people.people import Asker
from hah_central.pulling import glance, mending, own, pull
from hah_central.service import requests
from hah_central.sticks import known
from hah_desktop.domain.exchange import Hello, Page, PulledRow, Reached, Waits, Witness
from hah_desktop.domain.ids import ChangeId, FileId, LaptopId, RecordId, uuid7
from hah_desktop.domain.records.base import Json
from hah_desktop.seals.orders import SignedOrder
from hah_desktop.sync.wire.changes import (
    asks_rest,
    knows,
    takes_runs,
    write_own,
    write_page,
    write_receipts,
)
from hah_desktop.sync.wire.witness import read_witness
from tests.simulation.memory import Image, OfficeDisk

GIVEN = "given"
TAKEN = "taken"
FIRST_EPOCH = 2
START = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup of the office holds, and what its people had done until then."""

    image: Image
    deeds: tuple["Deed", ...]
    holding: Mapping[LaptopId, frozenset[FileId]]
    told: Mapping["Place", dt.datetime] = field(default_factory=dict)
    known: Mapping["Place", int] = field(default_factory=dict)
    heard: tuple["Heard", ...] = ()


Place = tuple[LaptopId, FileId]
"""What lies on a laptop."""


@dataclass(frozen=True, slots=True)
class Deed:
    """A file that the people at the office gave or took, at a place in the journal."""

    seq: int
    adviser: RecordId
    file: FileId
    what: str


class Heard(NamedTuple):
    """What somebody's laptop told, at a place in the journal, of a change that was lost there."""

    seq: int
    teller: RecordId
    lost: Witness


class Line(NamedTuple):
    """A change in the journal. One that came by hand before is called another id there.

    One that was taken before its author's laptop sent it has a number below nought.
    """

    id: str
    seq: int
    batch: int
    verdict: str
    problem: str
    body: str
    laptop: LaptopId
    number: int


@dataclass(frozen=True, slots=True)
class Held:
    """What the office says of one record, and which changes are the heads of its fields."""

    body: Mapping[str, Json]
    heads: Mapping[str, list[ChangeId]]


@dataclass
class Office:
    """One office. What is `unread` it takes for gibberish (`desk.cannot_read`)."""

    disk: OfficeDisk
    chance: random.Random
    advisers: dict[LaptopId, RecordId] = field(default_factory=dict)
    deeds: list[Deed] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    holding: dict[LaptopId, set[FileId]] = field(default_factory=dict)
    told: dict[Place, dt.datetime] = field(default_factory=dict)
    known: dict[Place, int] = field(default_factory=dict)
    now: dt.datetime = START
    mended: list[RecordId] = field(default_factory=list)
    unread: set[ChangeId] = field(default_factory=set)
    epochs: int = 1

    @property
    def was_restored(self) -> bool:
        """Whether it ever went back to a backup; to begin with one is no going back."""
        return self.epochs > FIRST_EPOCH

    # What a laptop asks

    def hello(self) -> Hello:
        ((id_, epoch),) = self.disk.ask("SELECT office, epoch FROM clock")
        return Hello(id_, epoch, "The office", self.now.isoformat(), opaque=True)

    def orders(self, laptop: LaptopId) -> Sequence[SignedOrder]:
        with self.disk.database.reading() as connection:
            return orders.newest(connection, laptop)

    def reached(self, laptop: LaptopId) -> Reached:
        with self.disk.database.reading() as connection:
            return placing.last_of(connection, laptop)

    def own(self, laptop: LaptopId, after: int, most: int) -> bytes:
        asker = self.asker(laptop)
        with self.disk.database.reading() as connection:
            return write_own(own.own(connection, asker, after, most))

    def push(self, laptop: LaptopId, body: bytes) -> bytes:
        sent = items.read(body)
        since = requests.knows(knows(body))
        for file in since.keys() & self.holding.get(laptop, set()):
            self.known.setdefault((laptop, file), since[file])
        behind = requests.rest(asks_rest(body))
        read = behind.read if behind else None
        sender = Sender(laptop, self.advisers[laptop], knows=since, read=read)
        with self.disk.database.writing() as connection:
            accepted, receipts = journal.receive(connection, sender, sent, self.now)
        told = folded(sent, receipts) if takes_runs(body) else receipts
        if behind:
            with self.disk.database.reading() as connection:
                seen = glance.of_laptop(connection, laptop)
            accepted = replace(accepted, rest=pull.rest(seen, behind, accepted))
        return write_receipts(accepted, told)

    def pull(self, laptop: LaptopId, body: bytes) -> bytes:
        """As `routes.Desk.pull`: what the laptop holds is noted before it gets the answer."""
        asked = json.loads(body)
        ask = requests.ask(asked)
        if differing := requests.differing(asked):
            self._mend(self.asker(laptop), differing)
        with self.disk.database.reading() as connection:
            seen = glance.of_laptop(connection, laptop)
            page, rows = pull.no_news(seen, ask), list[PulledRow]()
            if page is None:
                page, rows = pull.pull(connection, seen, ask)
        if moves := holding.moves(seen.held, page.had, page.files):
            with self.disk.database.writing() as connection:
                holding.note(connection, laptop, moves, self.now)
        self._told(laptop, page)
        return write_page(page, rows, brief=ask.unnamed is not None)

    def _told(self, laptop: LaptopId, page: Page) -> None:
        """What follows from an answer, by rules that are written down anew."""
        there = self.holding.setdefault(laptop, set())
        for file in there - page.files.keys():
            told = self.told.setdefault((laptop, file), self.now)
            if file not in page.had:
                self._forget(laptop, file)
            elif self.now - told >= DAY:
                self.known.setdefault((laptop, file), self.reached(laptop).number)
        there &= page.had.union(page.files)
        there |= set(page.files)

    def _forget(self, laptop: LaptopId, file: FileId) -> None:
        self.told.pop((laptop, file), None)
        self.known.pop((laptop, file), None)

    def _mend(self, asker: Asker, files: Collection[FileId]) -> None:
        with self.disk.database.reading() as connection:
            seen = files_of(connection, asker.adviser).intersection(files)
            altered = mending.altered(connection, seen)
        if altered:
            self.mended += altered
            with self.disk.database.writing() as connection:
                mending.mend(connection, altered)

    def unknown(self, laptop: LaptopId, changes: Sequence[ChangeId]) -> list[ChangeId]:
        asker = self.asker(laptop)
        with self.disk.database.reading() as connection:
            return known.unknown(connection, asker, changes)

    def witness(self, laptop: LaptopId, body: bytes) -> bytes:
        items, asker = read_witness(body), self.asker(laptop)
        here = self.ids_of_changes()
        with self.disk.database.writing() as connection:
            take_numbers(connection, 0)
            told = known.tell(connection, asker, items, self.now)
        ((seq,),) = self.disk.ask("SELECT seq FROM clock")
        teller = self.advisers[laptop]
        self.heard += [Heard(seq, teller, item) for item in items if item.change not in here]
        return b"%d" % told

    def waits(self, laptop: LaptopId, told: Sequence[ChangeId]) -> Waits:
        asker = self.asker(laptop)
        with self.disk.database.reading() as connection:
            return known.waits(connection, asker, told)

    def asker(self, laptop: LaptopId) -> Asker:
        """A laptop as it is known here once it has signed in."""
        asked = "SELECT last_number, last_hash FROM laptop WHERE id = ?"
        (end,) = self.disk.ask(asked, laptop)
        return Asker(laptop, self.advisers[laptop], "", Reached(*end))

    # What its people do

    def enrols(self, laptop: LaptopId, adviser: RecordId, public_key: str) -> None:
        """Take a laptop in, with the key that it signs with."""
        row: dict[str, object] = {
            "id": laptop,
            "adviser": adviser,
            "name": laptop,
            "public_key": public_key,
        }
        row |= {"last_number": 0, "last_hash": "", "enrolled": self.now}
        with self.disk.database.writing() as connection:
            connection.execute(insert(Laptop).values(row))
        self.advisers[laptop] = adviser

    def assigns(self, adviser: RecordId, file: FileId) -> None:
        """Give somebody a file."""
        with self.disk.database.writing() as connection:
            office.assign(connection, adviser, file, self.now)
            self._note(connection, adviser, file, GIVEN)

    def withdraws(self, adviser: RecordId, file: FileId) -> None:
        """Take a file back from somebody."""
        deed = audit.Deed("The office", self.now)
        with self.disk.database.writing() as connection:
            office.withdraw(connection, adviser, file, deed)
            self._note(connection, adviser, file, TAKEN)

    def held(self, laptop: LaptopId, number: int) -> Collection[FileId]:
        """The files that a laptop was given, and did not ask without since.

        Without those of which it knew before its change of this number that they were taken back.
        """
        there = self.holding.get(laptop, set())
        return {file for file in there if number <= self.known.get((laptop, file), number)}

    def taken(self, adviser: RecordId, file: FileId) -> None:
        """It was taken back now, and what was known of it before counts no more."""
        for laptop, whose in self.advisers.items():
            if whose == adviser:
                self._forget(laptop, file)

    def begun(self, laptop: LaptopId, file: FileId) -> None:
        """What a laptop began, it holds."""
        self.holding.setdefault(laptop, set()).add(file)

    def files_of(self, adviser: RecordId) -> set[FileId]:
        """Every file that an adviser may see."""
        with self.disk.database.reading() as connection:
            return files_of(connection, adviser)

    def _note(self, connection: Connection, adviser: RecordId, file: FileId, what: str) -> None:
        seq = connection.execute(select(Clock.seq)).scalar_one()
        self.deeds.append(Deed(seq, adviser, file, what))

    def backup(self) -> Backup:
        """A copy of everything."""
        holding = {laptop: frozenset(files) for laptop, files in self.holding.items()}
        known = dict(self.told), dict(self.known)
        return Backup(self.disk.image(), tuple(self.deeds), holding, *known, tuple(self.heard))

    def goes_back(self, backup: Backup) -> None:
        """What it knows of the laptops is what it knew then."""
        self.holding = {laptop: set(files) for laptop, files in backup.holding.items()}
        self.told, self.known = dict(backup.told), dict(backup.known)

    def restore(self, backup: Backup, *, says_so: bool) -> None:
        """Go back to a copy, and say so by a new epoch, or forget to."""
        self.disk.hold(backup.image)
        self.deeds, self.heard = list(backup.deeds), list(backup.heard)
        self.goes_back(backup)
        self.epochs += 1
        if says_so:
            with self.disk.database.writing() as connection:
                witness.restored(connection, audit.Deed("The office", self.now))

    # What it holds

    def journal(self, after: int = 0) -> list[Line]:
        """The changes behind a place, in their order."""
        asked = "SELECT id, seq, batch, verdict, problem, body, laptop, number FROM change"
        asked += " WHERE seq > ? ORDER BY seq"
        return [Line(*line) for line in self.disk.ask(asked, after)]

    def records(self) -> dict[str, Held]:
        """What each record says, and the heads of its fields."""
        ids = [RecordId(id_) for (id_,) in self.disk.ask("SELECT id FROM record")]
        with self.disk.database.reading() as connection:
            found = records.shown(connection, ids)
        return {
            id_: Held(record.body, {n: sorted(state.heads) for n, state in record.heads.items()})
            for id_, record in found.items()
        }

    def ids(self, kind: str) -> list[str]:
        """The records of a kind."""
        asked = "SELECT id FROM record WHERE kind = ? ORDER BY id"
        return [id_ for (id_,) in self.disk.ask(asked, kind)]

    def ids_of_changes(self) -> set[ChangeId]:
        """Every change that it has."""
        return {ChangeId(id_) for (id_,) in self.disk.ask("SELECT id FROM change")}

    def witnessed(self) -> set[str]:
        """What laptops told of others' changes that it had lost."""
        return {change for (change,) in self.disk.ask("SELECT change FROM witness")}

    def needs_no_more(self) -> set[ChangeId]:
        """What nobody has to tell it: it is here, its people closed it, or it said it anew."""
        asked = (
            "SELECT change FROM witness WHERE closed IS NOT NULL "
            "AND (closed_by <> '' OR laptop = ?) UNION SELECT id FROM change"
        )
        return {ChangeId(change) for (change,) in self.disk.ask(asked, OFFICE)}

    def new_id(self, now: dt.datetime) -> str:
        """In the place of `people.new_id`, so that a seed makes the same history again."""
        return uuid7(int(now.timestamp() * 1000), self.chance.randbytes(10))
