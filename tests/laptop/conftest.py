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
from hah_desktop.store.journal import reading
from hah_desktop.store.tables import meta
from hah_desktop.vault.kdf import FLOOR
from tests.central.office import Office
from tests.house import deriving, forking
from tests.laptop.team import Person, Team

derive_once = deriving.derive_once
load_once = forking.load_once
salt_alike = deriving.salt_alike

PASSPHRASE = "seven herons over a cold canal"
NEW_PASSPHRASE = "a kettle, two maps and the tide"


def silent(_told: object) -> None:
    """Nobody listens."""


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


@pytest.fixture(scope="module")
def people(
    served: Office, numbers: Iterator[int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Person]]:
    """Three laptops, since setting one up is slow."""
    folder = tmp_path_factory.mktemp("people")
    made = []
    for name in ("Ruth", "Sam", "Tom"):
        laptop = Laptop(folder / name, Days(), cost=FLOOR)
        code = served.enrol(f"{name} {next(numbers)}")
        made.append(Person(laptop, laptop.set_up(served.url, code, PASSPHRASE, silent)))
    yield made
    for person in made:
        person.unlocked.lock()


@pytest.fixture
def team(people: list[Person]) -> Team:
    ruth, sam, tom = people
    store = ruth.unlocked.store
    both = frozenset({ruth.card, sam.card})
    shared = Visit(id=RecordId(store.new_id()), advisers=both, purpose="To meet the wing")
    store.add(shared)
    toms = Visit(id=RecordId(store.new_id()), advisers=frozenset({tom.card}))
    tom.unlocked.store.add(toms)
    # Whoever is given another visit asks for cards anew; Ruth asks again, for Sam's first one.
    for person in (ruth, sam, tom):
        person.sync()
    with store.writing() as connection:
        meta.write(connection, "cards", {"at": store.now().isoformat(), "files": []})
    ruth.meet()
    return Team(ruth, sam, tom, shared.id, toms.id)


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    return tmp_path / "stick.sealed"
