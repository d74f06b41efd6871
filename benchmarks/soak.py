"""Many laptops at once, for a while: every push is answered, in time, and nothing is left behind.

Each push has a moment at which it is due, and its time is counted from then: an office that falls
behind cannot hide it by being asked less.
"""

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from threading import Event, Lock
from time import perf_counter

import httpx
from sqlalchemy import text

from benchmarks.measure import Fact, Results
from benchmarks.stores import clock
from hah_central.database.database import Database
from hah_central.office import office as desk
from hah_central.office.enrolment import new_code
from hah_central.office.keys import required
from hah_desktop.sync.wire.signed import write_code
from tests.central.laptop import Laptop, enrol, new_id
from tests.central.office import Office
from tests.house import postgres

PART = "soak"
CHANGES = 3
AT_ONCE = 16
PULL_EVERY = 5


@dataclass(frozen=True)
class Sizes:
    """How many laptops push how often, and for how long."""

    laptops: int = 200
    pushes_a_second: int = 50
    seconds: int = 30


@dataclass
class Soaked:
    """What became of it: the records that were sent, the seconds of each push, and what failed."""

    records: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class Crowd:
    """Laptops that all push; each of them one thing after the other, as it is."""

    def __init__(self, laptops: Sequence[Laptop]) -> None:
        self._laptops = [(laptop, Lock()) for laptop in laptops]
        self._noting = Lock()
        self.done = Soaked()

    def push_for(self, sizes: Sizes) -> Soaked:
        """Push at this pace, and wait until everything was answered."""
        started = perf_counter()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for number in range(sizes.pushes_a_second * sizes.seconds):
                pool.submit(self._turn, number, started + number / sizes.pushes_a_second)
        return self.done

    def _turn(self, number: int, due: float) -> None:
        Event().wait(max(0.0, due - perf_counter()))
        laptop, alone = self._laptops[number % len(self._laptops)]
        with alone:
            changes = [laptop.place(new_id(), name="Invented House") for _ in range(CHANGES)]
            try:
                laptop.push(*changes)
                took = perf_counter() - due
                if number % PULL_EVERY == 0:
                    laptop.pull()
            except (httpx.HTTPError, AssertionError) as fault:
                with self._noting:
                    self.done.faults.append(f"{type(fault).__name__}: {fault}")
                return
        with self._noting:
            self.done.records += [change.record for change in changes]
            self.done.seconds.append(took)


def enrolled(database: Database, client: httpx.Client, count: int) -> list[Laptop]:
    """So many laptops of as many advisers."""
    with database.writing() as connection:
        public = required(connection)
        codes = [
            new_code(
                connection,
                desk.add_adviser(connection, f"Adviser {n}", "adviser", clock()),
                clock(),
            )
            for n in range(count)
        ]
    return [enrol(client, write_code(code.letters, public.fingerprint())) for code in codes]


@contextmanager
def crowd(programs: Path, count: int) -> Iterator[tuple[Database, list[Laptop]]]:
    """So many laptops that one real office on a real PostgreSQL has let in, and its database."""
    with (
        postgres.server(programs) as server,
        postgres.database(server, "crowd") as url,
        Office.running(database=url) as office,
        closing(Database(url)) as database,
    ):
        office.make_keys()
        with httpx.Client(base_url=office.url, timeout=60, trust_env=False) as client:
            yield database, enrolled(database, client, count)


def run(_folder: Path, sizes: Sizes, _chance: random.Random) -> Results:
    """Measure; without PostgreSQL there is only a note that says so."""
    programs = postgres.programs()
    if programs is None:
        return Results(notes=["PostgreSQL is not installed, so nothing was soaked."])
    with crowd(programs, sizes.laptops) as (database, laptops):
        done = Crowd(laptops).push_for(sizes)
        with database.reading() as connection:
            asked = text("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%'")
            hanging = connection.execute(asked).scalar_one()
    *_, p95 = quantiles(done.seconds, n=20)
    pushes = sizes.pushes_a_second * sizes.seconds
    told = f"{sizes.laptops} laptops, {sizes.pushes_a_second} pushes a second: "
    return Results(
        facts=[
            Fact(PART, f"{told}answered", 100 * len(done.seconds) / pushes, "%"),
            Fact(PART, f"{told}not answered", len(done.faults), "", most=0),
            Fact(PART, f"{told}95 of 100 within", 1000 * p95, "ms", most=500),
            Fact(PART, "transactions left open", float(hanging), "", most=0),
        ]
    )
