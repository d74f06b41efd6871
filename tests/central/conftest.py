"""An office on SQLite and on PostgreSQL, with laptops that talk to it over a real socket."""

import asyncio
import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from socket import AF_INET, IPPROTO_TCP, SOCK_STREAM, socket
from threading import Thread

import httpx
import pytest
import uvicorn
from starlette.types import ASGIApp

from hah_central.database.database import FILE_NAME, Database, in_folder
from hah_central.office import keyfiles, office
from hah_central.office.enrolment import new_code, new_return_code
from hah_central.office.keyfiles import FLOOR, Kind
from hah_central.service.app import create_app
from hah_desktop.store.store import Store
from hah_desktop.sync.line import public_trust
from hah_desktop.sync.wire.signed import write_code
from tests.central.laptop import Laptop, enrol, new_id
from tests.central.syncing import Yard
from tests.central.trust import PASSPHRASE, SECRETS, publish
from tests.house import deriving, forking, postgres
from tests.house.in_turn import InTurn
from tests.sync.laptops import raw_key

derive_once = deriving.derive_once
load_once = forking.load_once

START = dt.datetime(2026, 11, 22, 10, 0, tzinfo=dt.UTC)


class HandClock:
    """A clock that a test sets by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> dt.datetime:
        return self.now

    def pass_by(self, time: dt.timedelta) -> None:
        self.now += time


class Desk:
    """The office of a test: its database, its clock, and a client of its service."""

    def __init__(self, database: Database, clock: HandClock, client: httpx.Client) -> None:
        self.database = database
        self.clock = clock
        self.client = client

    def code(self, adviser: str, role: str = "adviser") -> str:
        """What the office reads out to enrol a laptop."""
        with self.database.writing() as connection:
            added = office.add_adviser(connection, adviser, role, self.clock())
            letters = new_code(connection, added, self.clock()).letters
        return write_code(letters, SECRETS.public.fingerprint())

    def return_code(self, adviser: str, role: str | None = None) -> str:
        """What the office reads out to a laptop that it lost."""
        with self.database.writing() as connection:
            letters = new_return_code(connection, adviser, role, self.clock())
        return write_code(letters, SECRETS.public.fingerprint())

    def laptop(self, adviser: str) -> Laptop:
        """A new laptop of an adviser, signed in."""
        return enrol(self.client, self.code(adviser))


class Service(uvicorn.Server):
    """The real server sleeps before it looks whether it is to end, and again; this one is woken."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._ended = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), 0.1)

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listening in sockets or []:
            listening.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await self._wait_tasks_to_complete()
        await self.lifespan.shutdown()

    def end(self) -> None:
        """End at once. For any thread."""
        self.should_exit = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._ended.set)


def served(database: Database, clock: HandClock) -> AbstractContextManager[httpx.Client]:
    """Yield a client of the real service, which runs in a thread so that a test has its clock."""
    return reached(create_app(database, clock=clock))


@contextmanager
def reached(app: ASGIApp) -> Iterator[httpx.Client]:
    """Yield a client of whatever runs, on a port of its own."""
    server = Service(uvicorn.Config(app, log_config=None, access_log=False))
    # Named TCP: only then does asyncio turn off the 40 ms that a small answer would wait.
    with socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) as listening:
        # Already listening: whoever is early waits in the queue until the service is there.
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        host, port = listening.getsockname()
        thread = Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            url, trust = f"http://{host}:{port}", public_trust()
            with httpx.Client(base_url=url, trust_env=False, verify=trust) as client:
                yield client
        finally:
            server.end()
            thread.join()


KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=KINDS)
def empty_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database of each kind, without any table."""
    if request.param == "sqlite":
        return in_folder(tmp_path / "office").render_as_string()
    url: str = request.getfixturevalue("postgres_database")
    return url


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with our tables and nothing in them, to copy: migrating takes its time."""
    folder = tmp_path_factory.mktemp("migrated")
    Database(in_folder(folder)).close()
    return folder / FILE_NAME


@pytest.fixture(scope="session")
def migrated_name(postgres_url: str) -> Iterator[str]:
    """The name of the same on PostgreSQL."""
    with postgres.database(postgres_url, "migrated") as url:
        Database(url).close()
        yield "migrated"


@pytest.fixture(scope="session")
def migrated_in_turn(postgres_url: str, migrated_name: str) -> Iterator[InTurn]:
    """The same for one test after another."""
    with closing(InTurn(postgres_url, migrated_name)) as made:
        yield made


@pytest.fixture
def sqlite_address(migrated_file: Path, tmp_path: Path) -> str:
    """The address of an embedded database with our tables and nothing in them."""
    url = in_folder(tmp_path / "office")
    shutil.copy(migrated_file, tmp_path / "office")
    return url.render_as_string()


@pytest.fixture(params=KINDS)
def address(request: pytest.FixtureRequest) -> str:
    """The address of such a database of each kind."""
    if request.param == "sqlite":
        embedded: str = request.getfixturevalue("sqlite_address")
        return embedded
    in_turn: InTurn = request.getfixturevalue("migrated_in_turn")
    return in_turn.fresh()


@pytest.fixture
def database(address: str) -> Iterator[Database]:
    opened = Database(address)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def desk(database: Database, clock: HandClock) -> Iterator[Desk]:
    publish(database, clock())
    with served(database, clock) as client:
        yield Desk(database, clock, client)


@pytest.fixture
def laptop(desk: Desk) -> Callable[[str], Laptop]:
    """Make laptops by the name of their adviser."""
    return desk.laptop


@pytest.fixture
def ada(desk: Desk) -> Laptop:
    return desk.laptop("Ada Example")


@pytest.fixture
def ben(desk: Desk) -> Laptop:
    return desk.laptop("Ben Example")


@pytest.fixture
def visit(ada: Laptop, ben: Laptop) -> str:
    """A visit that Ada began, that names Ben, and that both have fetched."""
    id_ = new_id()
    ada.push(ada.visit(id_, advisers=[ben.adviser], impression="Quiet."))
    for laptop in (ada, ben):
        laptop.pull_all()
    return id_


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A laptop's store with nothing in it, to copy: making one takes its time too."""
    path = tmp_path_factory.mktemp("laptops") / "empty.db"
    Store.create(path, raw_key, HandClock()).close()
    return path


@pytest.fixture
def yard(desk: Desk, empty_store: Path, tmp_path: Path) -> Iterator[Yard]:
    """Laptops as they ship at this office, closed at the end."""
    folder = tmp_path / "laptops"
    folder.mkdir()
    made = Yard(desk, folder, empty_store)
    yield made
    for laptop in made.made:
        laptop.line.close()
        laptop.store.close()


@pytest.fixture(scope="session")
def key_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the office's key for opening: locking it takes its time, so it is done once."""
    folder = tmp_path_factory.mktemp("stick") / "keys"
    locked = keyfiles.lock(Kind.RECOVERY, SECRETS.recovery_seed, PASSPHRASE, FLOOR)
    with keyfiles.written(folder, {Kind.RECOVERY: locked}):
        return folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the office keep its files here, and not in the home of whoever runs the test."""
    folder = tmp_path / "home"
    monkeypatch.setenv("HOME", str(folder))
    return folder
