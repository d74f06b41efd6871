"""One real office with keys for all of these tests, and a clock that can be moved by days."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.visit import Visit
from hah_desktop.laptop.folder import Laptop
from hah_desktop.laptop.unlocked import Unlocked
from hah_desktop.store import reading
from hah_desktop.sync.engine import Synced, sync
from hah_desktop.vault.kdf import FLOOR
from tests.central.office import Office
from tests.house import deriving

derive_once = deriving.derive_once

PASSPHRASE = "seven herons over a cold canal"
NEW_PASSPHRASE = "a kettle, two maps and the tide"


def silent(_told: object) -> None:
    """Nobody listens."""


def never() -> bool:
    """Nobody stops it."""
    return False


@dataclass
class Days:
    """The laptop's wall clock, days ahead of or behind the real one."""

    ahead: float = 0.0

    def __call__(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + dt.timedelta(days=self.ahead)


@dataclass
class Desk:
    """One laptop and the office that it belongs to."""

    office: Office
    laptop: Laptop
    days: Days
    unlocked: Unlocked | None = field(default=None)

    def set_up(self, adviser: str) -> Unlocked:
        code = self.office.enrol(adviser)
        self.unlocked = self.laptop.set_up(self.office.url, code, PASSPHRASE, silent)
        return self.unlocked

    def id(self) -> str:
        assert self.unlocked is not None
        return str(self.unlocked.who.laptop)


def save_visit(unlocked: Unlocked, purpose: str) -> str:
    """Save a visit; gives its id."""
    store = unlocked.store
    advisers = frozenset({unlocked.who.adviser})
    visit = Visit(id=RecordId(store.new_id()), advisers=advisers, purpose=purpose)
    store.add(visit)
    return str(visit.id)


def purposes(unlocked: Unlocked) -> set[str]:
    """What every visit here says it is for."""
    with unlocked.store.reading() as connection:
        held = [one.record for one in reading.of_kind(connection, Visit.kind)]
    return {visit.purpose for visit in held if isinstance(visit, Visit)}


def sync_now(laptop: Laptop, unlocked: Unlocked) -> Synced:
    """One sync with the office."""
    office = laptop.office(unlocked.who)
    try:
        return sync(unlocked.store, office, silent, never)
    finally:
        office.close()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with Office.running(data=tmp_path_factory.mktemp("served") / "office") as office:
        office.make_keys()
        yield office


@pytest.fixture(scope="session")
def numbers() -> Iterator[int]:
    return count(1)


@pytest.fixture
def desk(served: Office, tmp_path: Path) -> Desk:
    days = Days()
    return Desk(served, Laptop(tmp_path / "laptop", days, cost=FLOOR), days)


@pytest.fixture
def ready(desk: Desk, numbers: Iterator[int]) -> Iterator[Desk]:
    """A laptop that is set up, unlocked, and holds one visit that was not sent."""
    unlocked = desk.set_up(f"Adviser {next(numbers)}")
    save_visit(unlocked, "What the food is like")
    yield desk
    if desk.unlocked is not None:
        desk.unlocked.lock()


Files = Callable[[Path], dict[str, bytes]]
