"""Where histories begin: an office, its advisers and laptops, and a few records that all know.

Made once per process by the shipped code, then kept as images. The machines are used again and
again: whoever asks for a world gets it as it was in the beginning.
"""

import random
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from unittest.mock import patch

from hah_central.office import office as offices
from hah_central.pulling import pull
from hah_desktop.domain import capacity, removals
from hah_desktop.domain.ids import LaptopId, RecordId
from hah_desktop.domain.records.base import Record
from hah_desktop.domain.records.child import Child, Concern, Conversation, Statement
from hah_desktop.domain.records.visit import Area, Visit
from hah_desktop.seals import bundle
from hah_desktop.store.journal.saving import Edited
from hah_desktop.sync import batches
from tests.simulation import desk
from tests.simulation.laptop import Laptop
from tests.simulation.line import Line, Weather
from tests.simulation.memory import Image, LaptopDisk, OfficeDisk
from tests.simulation.office import DAY, START, Backup, Office
from tests.simulation.truth import Access, Truth

ADVISERS = ("Ruth Amadi", "Sam Okoro", "Noor Haddad")
SHAPES = {"three people": (0, 1, 2), "one with two": (0, 1, 0), "one person": (0,)}
"""Whose each laptop is."""


@dataclass
class World:
    """An office, its laptops, and what is true of them."""

    chance: random.Random
    office: Office
    laptops: list[Laptop]
    truth: Truth
    access: Access
    weather: Weather

    def people(self) -> list[RecordId]:
        """The advisers who have laptops."""
        return sorted(set(self.office.advisers.values()))

    def left(self) -> list[Laptop]:
        """The laptops that are not lost."""
        return [laptop for laptop in self.laptops if not laptop.lost]

    def records(self) -> set[RecordId]:
        """Every record that anybody ever made."""
        return {change.record for change in self.truth.saves.values()}

    def copy_of_all(self) -> "Beginning":
        """Everything as it is now."""
        images = [laptop.disk.image() for laptop in self.laptops]
        return Beginning(self.office.backup(), dict(self.office.advisers), images, self.truth)


@dataclass(frozen=True)
class Beginning:
    """A world that was written down, to begin from again."""

    office: Backup
    advisers: dict[LaptopId, RecordId]
    laptops: Sequence[Image]
    truth: Truth


@cache
def _office_disk() -> OfficeDisk:
    return OfficeDisk()


@cache
def _laptop_disks() -> tuple[LaptopDisk, ...]:
    return tuple(LaptopDisk() for _ in range(max(map(len, SHAPES.values()))))


@cache
def _empty() -> tuple[Image, Image]:
    return _office_disk().image(), _laptop_disks()[0].image()


def _machines(seed: str, advisers: dict[LaptopId, RecordId]) -> World:
    chance = random.Random(seed)  # noqa: S311 - a history to run again
    office = Office(_office_disk(), chance, advisers)
    truth, access, weather = Truth(), Access(), Weather(chance)
    return World(chance, office, [], truth, access, weather)


def _laptop(world: World, number: int, name: LaptopId) -> Laptop:
    line = Line(world.office, name, world.weather, world.truth, world.access)
    adviser = world.office.advisers[name]
    return Laptop(name, adviser, _laptop_disks()[number], world.chance, line, world.truth)


def begin(shape: str, seed: int) -> World:
    """A world of this shape as it is in the beginning."""
    beginning = _beginning(shape)
    world = _machines(f"{shape} {seed}", dict(beginning.advisers))
    world.office.restore(beginning.office, says_so=False)
    world.truth = beginning.truth.copy()
    for number, (name, image) in enumerate(zip(beginning.advisers, beginning.laptops, strict=True)):
        _laptop_disks()[number].hold(image)
        world.laptops.append(_laptop(world, number, name))
    world.access.follow(world.office)
    return world


def begin_all() -> None:
    """Have the beginning of every shape ready: all histories that are played here share them."""
    for shape in SHAPES:
        _beginning(shape)


@cache
def _beginning(shape: str) -> Beginning:
    empty_office, empty_laptop = _empty()
    world = _machines(shape, {})
    world.office.restore(Backup(empty_office, (), {}), says_so=True)
    with repeatable(world.office):
        people = _advisers(world.office)
        for number, whose in enumerate(SHAPES[shape]):
            name = LaptopId(f"laptop-{'abc'[number]}")
            world.office.enrols(name, people[whose], desk.public_key(name))
            _laptop_disks()[number].hold(empty_laptop)
            world.laptops.append(_laptop(world, number, name))
            world.laptops[-1].joins()
        _first_records(world, people)
    return world.copy_of_all()


def _advisers(office: Office) -> list[RecordId]:
    with office.disk.database.writing() as connection:
        return [offices.add_adviser(connection, name, "adviser", START) for name in ADVISERS]


def _first_records(world: World, people: Sequence[RecordId]) -> None:
    """A visit that everybody has, with a child and a talk; and one visit of the last laptop's.

    Of what was said, some was written down, and some by nobody yet.
    """
    shared, own = RecordId("visit-shared"), RecordId("visit-own")
    child = RecordId("child-shared")
    records: list[Record] = [
        Visit(id=shared, advisers=frozenset(people)),
        Child(id=child, known_as="Kai"),
        Conversation(id=RecordId("talk-shared"), visit=shared, child=child),
        Area(id=RecordId("area-shared"), visit=shared),
        Statement(id=RecordId("said-shared"), visit=shared, child=child, text="It is loud."),
        Statement(id=RecordId("heard-shared"), visit=shared, child=child),
        Child(id=RecordId("child-wrong"), known_as="Ben"),
        _worry(shared, RecordId("child-wrong")),
    ]
    for record in records:
        world.laptops[0].save(Edited(record), {})
    alone = RecordId("child-own")
    for record in (
        Visit(id=own),
        Child(id=alone, known_as="Zoe"),
        Conversation(id=RecordId("talk-own"), visit=own, child=alone),
    ):
        world.laptops[-1].save(Edited(record), {})
    for days in (1, 0):
        # The second time they hear of each other's keys.
        world.office.now = START - days * DAY
        for laptop in world.laptops:
            laptop.sync()


def _worry(visit: RecordId, child: RecordId) -> Concern:
    return Concern(id=RecordId("worry-shared"), visit=visit, child=child, about="0 by laptop-a")


@contextmanager
def repeatable(
    office: Office, *, page: int = 10_000, batch: int = batches.FIRST_BATCH
) -> Iterator[None]:
    """Let the office's ids follow from the seed, and pages and batches be of these sizes.

    A few records are much here, so that a person is asked before the second of them goes.
    """
    with ExitStack() as stack:
        stack.enter_context(patch.object(offices, "new_id", office.new_id))
        stack.enter_context(patch.object(pull, "MAX_CHANGES", page))
        stack.enter_context(patch.object(capacity, "MOST", page))
        stack.enter_context(patch.object(removals, "UNASKED", 1))
        stack.enter_context(patch.object(batches, "FIRST_BATCH", batch))
        random_bytes = SimpleNamespace(urandom=office.chance.randbytes)
        stack.enter_context(patch.object(bundle, "os", random_bytes))
        stack.enter_context(desk.cannot_read(office.unread))
        yield
