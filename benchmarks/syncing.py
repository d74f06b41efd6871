"""Sync as it ships: encrypted stores, the real client, a real office on a real PostgreSQL."""

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from benchmarks import nothing, raw
from benchmarks.invented import Invention
from benchmarks.line import CountingLine, Traffic
from benchmarks.machine import peak_mb
from benchmarks.measure import Fact, Results, Sitting, compared, in_turn
from benchmarks.starting import PASSPHRASE
from benchmarks.stores import clock
from hah_desktop.domain.changes import canonical
from hah_desktop.domain.records.child import Statement
from hah_desktop.laptop.folder import Laptop
from hah_desktop.laptop.unlocked import Unlocked
from hah_desktop.store.exchange import outbox
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.saving import Edited
from hah_desktop.sync.asking import Laptop as Signed
from hah_desktop.sync.client import Office as Client
from hah_desktop.sync.engine import sync
from hah_desktop.sync.steps import Progress
from hah_desktop.vault import signing
from hah_desktop.vault.kdf import FLOOR
from tests.central.office import Office
from tests.house import postgres

PART = "sync"
OURS = "the program"
PUSH, ECHO = "push everything", "hear that everything is there"
PULL = "pull everything to a new laptop"
NOTHING = "sync when nothing has changed"
PUSH_SOME, PULL_SOME = "push the changes of a day", "pull the changes of a day"
COPY, EXECUTEMANY = "COPY of the same rows", "executemany of the same rows"
SELECT, POST = "SELECT of the same rows", "the same bytes to a service that does nothing"
BARE = "bare insert of the same rows, encrypted"
MEMORY, MOST_MB = "the service, from its first start to the last of these: most memory", 100
ADVISER = "Invented Adviser"


@dataclass(frozen=True)
class Sizes:
    """How many changes there are at first, on a later day, and how often all is repeated."""

    changes: int = 10_000
    characters: int = 700
    day: int = 100
    rounds: int = 3


class Visitor:
    """One enrolled laptop, with its line to the office."""

    def __init__(self, folder: Path, office: Office) -> None:
        laptop = Laptop(folder, clock, cost=FLOOR)
        code = office.enrol(ADVISER)
        self.unlocked: Unlocked = laptop.set_up(office.url, code, PASSPHRASE, lambda _: None)
        self.store = self.unlocked.store

    def sync(self) -> tuple[float, float, Traffic]:
        """Sync. Returns the seconds until all was sent, those after that, and the traffic."""
        who, line = self.unlocked.who, CountingLine()
        signed = Signed(who.laptop, lambda message: signing.sign(who.signing_key, message))
        client = Client(who.office_url, signed, transport=line)
        started = all_sent = perf_counter()

        def tell(progress: Progress) -> None:
            nonlocal all_sent
            if not progress.received:
                all_sent = perf_counter()

        try:
            done = sync(self.store, client, tell, lambda: False)
        finally:
            client.close()
        if done.problem:
            raise done.problem
        return all_sent - started, perf_counter() - all_sent, line.traffic

    def edit(self, count: int) -> None:
        """Change one field each of so many records."""
        with self.store.reading() as connection:
            held = reading.of_kind(connection, Statement.kind)[:count]
        edited = [
            Edited(replace(one.record, by="The key worker"), one.seen)
            for one in held
            if isinstance(one.record, Statement)
        ]
        self.store.save_all(edited)

    def unsent_rows(self) -> list[raw.Row]:
        """The changes that wait to be sent, as rows of a bare table."""
        with self.store.reading() as connection:
            waiting = outbox.unsent(connection, 1_000_000)
        return [raw.Row(c.id, c.number, c.record, canonical(c).decode()) for c in waiting]


@dataclass
class Season:
    """An office, a laptop that fills it, and one that is filled from it. New in every round."""

    folder: Path
    server: str
    records: Sequence[Statement]
    sizes: Sizes
    rows: list[raw.Row]
    pushed: list[bytes]
    facts: list[Fact]
    number: int = 0

    def sit(self) -> Mapping[str, float]:
        """One round."""
        self.number += 1
        folder = self.folder / str(self.number)
        with (
            postgres.database(self.server, f"bench_{self.number}") as url,
            Office.running(database=url) as office,
        ):
            first, second = (Visitor(folder / name, office) for name in ("first", "second"))
            try:
                took = self._sync(first, second)
            finally:
                first.unlocked.lock()
                second.unlocked.lock()
            if held := peak_mb(office.pid):
                self.facts.append(Fact(PART, MEMORY, held, "MB", MOST_MB))
            return took

    def _sync(self, first: Visitor, second: Visitor) -> Mapping[str, float]:
        first.store.add(*self.records)
        self.rows = self.rows or first.unsent_rows()
        took: dict[str, float] = {}
        took[PUSH], took[ECHO], pushed = first.sync()
        self.pushed = pushed.pushed
        none, took[PULL], pulled = second.sync()
        took[PULL] += none
        before, after, idle = second.sync()
        took[NOTHING] = before + after
        first.edit(self.sizes.day)
        took[PUSH_SOME], _, day = first.sync()
        before, after, fetched = second.sync()
        took[PULL_SOME] = before + after
        self.facts = [
            *_facts(PUSH, pushed),
            *_facts(PULL, pulled),
            *_facts(NOTHING, idle),
            *_facts(PUSH_SOME, day),
            *_facts(PULL_SOME, fetched),
        ]
        return took


def _facts(what: str, traffic: Traffic) -> Iterator[Fact]:
    yield Fact(PART, f"{what}: requests", traffic.requests, "")
    yield Fact(PART, f"{what}: sent", traffic.sent / 1000, "kB")
    yield Fact(PART, f"{what}: received", traffic.received / 1000, "kB")


def run(folder: Path, sizes: Sizes, chance: random.Random) -> Results:
    """Measure; without PostgreSQL there is only a note that says so."""
    programs = postgres.programs()
    if programs is None:
        return Results(notes=["PostgreSQL is not installed, so sync was not measured."])
    with ExitStack() as stack:
        server = stack.enter_context(postgres.server(programs))
        address = stack.enter_context(nothing.running())
        url = stack.enter_context(postgres.database(server, "bare"))
        return _run(folder, sizes, chance, server=server, bare=url, nowhere=address)


def _run(
    folder: Path, sizes: Sizes, chance: random.Random, *, server: str, bare: str, nowhere: str
) -> Results:
    records = Invention(1).statements(sizes.changes, sizes.characters)
    season = Season(folder, server, records, sizes, [], [], [])
    season.sit()  # once for everything to be warm, and for what the raw limits work on
    rows, pushed = season.rows, season.pushed
    sittings: dict[str, Sitting] = {
        OURS: season.sit,
        COPY: lambda: {PUSH: raw.copy(bare, rows)},
        EXECUTEMANY: lambda: {PUSH: raw.executemany(bare, rows)},
        POST: lambda: {PUSH: nothing.post(nowhere, pushed), NOTHING: nothing.post(nowhere, [b""])},
        SELECT: lambda: {PULL: raw.select(bare, rows)},
        BARE: lambda: {PULL: raw.insert_encrypted(folder / "bare.db", rows)},
    }
    found = in_turn(sittings, sizes.rounds, chance)
    day = {PUSH_SOME: sizes.day, PULL_SOME: sizes.day}
    items = dict.fromkeys((PUSH, ECHO, PULL), sizes.changes) | day
    spelled = sum(len(row.body.encode()) for row in rows) / 1000
    facts = [*season.facts, Fact(PART, "the changes themselves, as JSON", spelled, "kB")]
    return Results(compared(PART, found, OURS, items), facts)
