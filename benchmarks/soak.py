"""Many laptops at once, for a while: every push is answered, in time, and nothing is left behind.

Each push has a moment at which it is due, and its time is counted from then: an office that falls
behind cannot hide it by being asked less. Each goes over a connection of its own, as a sync does,
with TLS and its handshake, and tells what a child said on a visit of that laptop.
"""

import random
import ssl
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import quantiles
from threading import Event, Lock
from time import perf_counter

import httpx
from sqlalchemy import text

from benchmarks.invented import Invention
from benchmarks.measure import Fact, Results
from benchmarks.stores import clock
from hah_central.database.database import Database
from hah_central.office import office as desk
from hah_central.office.enrolment import new_code
from hah_central.office.keys import required
from hah_desktop.domain.codec import to_body
from hah_desktop.domain.records.child import Statement
from hah_desktop.sync.wire.signed import write_code
from tests.central.certificate import certificate
from tests.central.laptop import Laptop, enrol
from tests.central.office import Office
from tests.house import postgres

PART = "soak"
CHANGES = 3
CHARACTERS = 700
AT_ONCE = 16
PULL_EVERY = 5
SECONDS_TO_END = 5.0
"""So long may what was closed here take to be closed there."""

_ESTABLISHED, _HALF_CLOSED = "01", "08"
"""How the system names a connection that is open, and one of which the other end has gone."""


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


class Member:
    """One laptop, with what a child says on its visit: so many statements for so many pushes."""

    def __init__(self, laptop: Laptop, connect: Callable[[], httpx.Client], seed: int) -> None:
        self.laptop = laptop
        self._connect = connect
        self._invention = Invention(seed)
        self._said: list[Statement] = []
        self.alone = Lock()

    def told(self, most: int) -> None:
        """Make up, before anything is timed, what is said in so many pushes."""
        self._said = self._invention.visit(most * CHANGES, CHARACTERS)

    def push(self, *, pulls: bool) -> list[str]:
        """Push what was said next, and perhaps fetch what is new. Returns the records."""
        said, self._said = self._said[:CHANGES], self._said[CHANGES:]
        with self._connect() as client:
            self.laptop = replace(self.laptop, client=client)
            self.laptop.push(
                *(self.laptop.change(s.id, s.kind, s.files(), to_body(s)) for s in said)
            )
            if pulls:
                self.laptop.pull()
        return [each.id for each in said]


class Crowd:
    """Laptops that all push; each of them one thing after the other, as it is."""

    def __init__(self, laptops: Sequence[Laptop], connect: Callable[[], httpx.Client]) -> None:
        self._members = [Member(each, connect, seed) for seed, each in enumerate(laptops)]
        self._noting = Lock()
        self.done = Soaked()

    def push_for(self, sizes: Sizes) -> Soaked:
        """Push at this pace, and wait until everything was answered."""
        pushes = sizes.pushes_a_second * sizes.seconds
        for member in self._members:
            member.told(pushes // len(self._members) + 1)
        started = perf_counter()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for number in range(pushes):
                pool.submit(self._turn, number, started + number / sizes.pushes_a_second)
        return self.done

    def _turn(self, number: int, due: float) -> None:
        Event().wait(max(0.0, due - perf_counter()))
        member = self._members[number % len(self._members)]
        with member.alone:
            try:
                records = member.push(pulls=number % PULL_EVERY == 0)
            except (httpx.HTTPError, AssertionError) as fault:
                with self._noting:
                    self.done.faults.append(f"{type(fault).__name__}: {fault}")
                return
            took = perf_counter() - due
        with self._noting:
            self.done.records += records
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


@dataclass(frozen=True)
class Gathered:
    """One real office on a real PostgreSQL, its database, and the laptops that it has let in."""

    office: Office
    database: Database
    laptops: list[Laptop]
    trust: ssl.SSLContext

    def connect(self) -> httpx.Client:
        """A connection of one's own."""
        return httpx.Client(
            base_url=self.office.url, timeout=60, trust_env=False, verify=self.trust
        )


@contextmanager
def crowd(programs: Path, folder: Path, count: int) -> Iterator[Gathered]:
    """So many laptops that one office has let in, which speaks TLS by a certificate in a folder."""
    public, private = certificate(folder)
    trust = ssl.create_default_context(cafile=public)
    with (
        postgres.server(programs) as server,
        postgres.database(server, "crowd") as url,
        Office.running(database=url, certificate=public, key=private) as office,
        closing(Database(url)) as database,
    ):
        office.make_keys()
        gathered = Gathered(office, database, [], trust)
        with gathered.connect() as client:
            gathered.laptops.extend(enrolled(database, client, count))
        yield gathered


def left_open(port: int, seconds: float = SECONDS_TO_END) -> int:
    """Connections that a service on this port has not let go of, given so long. Linux alone."""
    until = perf_counter() + seconds
    while (left := _open_at(port)) and perf_counter() < until:
        Event().wait(0.1)
    return left


def _open_at(port: int) -> int:
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    ends = ((there.split()[1].rpartition(":")[2], there.split()[3]) for there in lines)
    return sum(
        int(here, 16) == port and state in (_ESTABLISHED, _HALF_CLOSED) for here, state in ends
    )


def run(folder: Path, sizes: Sizes, _chance: random.Random) -> Results:
    """Measure; without PostgreSQL there is only a note that says so."""
    programs = postgres.programs()
    if programs is None:
        return Results(notes=["PostgreSQL is not installed, so nothing was soaked."])
    with crowd(programs, folder, sizes.laptops) as gathered:
        done = Crowd(gathered.laptops, gathered.connect).push_for(sizes)
        left = left_open(gathered.office.port)
        with gathered.database.reading() as connection:
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
            Fact(PART, "connections left open", float(left), "", most=0),
            Fact(PART, "transactions left open", float(hanging), "", most=0),
        ]
    )
