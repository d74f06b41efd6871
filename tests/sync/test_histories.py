"""Random histories of several laptops and an office: they agree in the end, and lose nothing.

Laptops edit without a network; lines break before and after an effect, answers are lost, requests
arrive twice, laptops stop dead around a transaction, forms stay open while a pull arrives, and
the office is restored from a backup. Then the network heals. What must hold is said in `settled`.
"""

import dataclasses as dc
import datetime as dt
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from hah_desktop.domain.changes import Change, Edit
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.exchange import Page, PulledRow, Verdict
from hah_desktop.domain.heads import FieldHeads
from hah_desktop.domain.ids import ChangeId, FileId, LaptopId, RecordId
from hah_desktop.domain.records.base import Json
from hah_desktop.store.reading import Held
from hah_desktop.sync.errors import Differs
from tests.sync.laptops import BadBox, BadLine, Chance, Laptop, Laptops
from tests.sync.office import NOON, Journal, MemoryOffice

RECORDS = ("visit-a", "visit-b")
TORN = ("met_by", "impression")
"""Fields of which no side may be lost: a person decides, or joins them."""
STEPS = 45
SEEDS = range(10)


@dataclass
class History:
    """What happened, by chance alone, and what people had before their eyes when they wrote."""

    chance: random.Random
    office: MemoryOffice
    laptops: list[Laptop]
    faults: float = 0.3
    forms_stay_open: bool = True
    written: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    replaced: set[Json] = field(default_factory=set)
    forms: dict[str, Held] = field(default_factory=dict)
    backup: Journal = field(default_factory=Journal)
    number: int = 0

    def run(self, steps: int = STEPS, check: Callable[[], None] = lambda: None) -> None:
        """Take steps, then heal the network and sync until everybody has everything."""
        for _ in range(steps):
            self._step(self.chance.choice(self.laptops))
            check()
        for laptop in [*self.laptops, *self.laptops, *self.laptops]:
            laptop.sync()
            check()

    def _step(self, laptop: Laptop) -> None:
        what = self.chance.random()
        if what < 0.36:
            self._write(laptop, laptop.held(self.chance.choice(RECORDS)))
        elif what < 0.44 and self.forms_stay_open:
            self.forms[laptop.name] = laptop.held(self.chance.choice(RECORDS))
        elif what < 0.52 and laptop.name in self.forms:
            self._write(laptop, self.forms.pop(laptop.name))
        elif what < 0.86:
            self._sync(laptop)
        elif what < 0.92:
            self.backup = self.office.backup()
        else:
            self.office.restore(self.backup)

    def _write(self, laptop: Laptop, held: Held) -> None:
        self.number += 1
        torn = self.chance.choice(TORN)
        seen = {held.seen.body.get(torn)} | {side.value for side in held.open.get(torn, ())}
        words = f"{self.number} by {laptop.name}"
        self.replaced |= seen
        self.written.setdefault((held.record.id, torn), []).append(words)
        member = self.chance.choice(("ruth", "sam"))
        laptop.save(
            held,
            **{torn: words},
            children_present=self.number,
            advisers=self.chance.choice((frozenset({member}), frozenset[str]())),
        )

    def _sync(self, laptop: Laptop) -> None:
        fault = Chance(self.chance, self.faults)
        try:
            laptop.sync(BadLine(laptop.line, fault), BadBox(laptop.box, fault))
        except KnownError:
            self.chance.random()

    def settled(self) -> list[str]:
        """What is wrong after everything was sent and fetched; nothing, if all is well."""
        first = self.laptops[0].shown()
        wrong = [f"{x.name} differs" for x in self.laptops if x.shown() != first]
        wrong += [f"{x.name} has not sent all" for x in self.laptops if x.unsent()]
        for (record, name), written in self.written.items():
            body, sides = first.get(record, ({}, {}))
            visible = {body.get(name), *sides.get(name, [])}
            standing = set(written) - self.replaced
            wrong += [f"lost: {words}" for words in standing - visible]
            wrong += [f"came back: {words}" for words in visible - standing - {None}]
        return wrong


def history(
    laptops: Laptops,
    seed: int,
    *,
    names: tuple[str, ...] = ("laptop-one", "laptop-two", "laptop-three"),
    office: MemoryOffice | None = None,
    clock: Callable[[], dt.datetime] = lambda: NOON,
) -> History:
    chance = random.Random(seed)  # noqa: S311 - a history to run again
    office = office or MemoryOffice()
    made = [laptops.make(office, name, clock=clock, seed=seed) for name in names]
    return History(chance, office, made)


@pytest.mark.parametrize("seed", SEEDS)
def test_laptops_agree_and_nothing_is_lost_or_overwritten_in_silence(
    laptops: Laptops, seed: int
) -> None:
    past = history(laptops, seed)
    past.run()
    assert past.settled() == []


@pytest.mark.parametrize("seed", range(5))
def test_one_person_with_one_laptop_never_meets_a_conflict(laptops: Laptops, seed: int) -> None:
    past = history(laptops, seed, names=("laptop-one",))
    past.forms_stay_open = False
    (laptop,) = past.laptops

    def no_conflict() -> None:
        assert all(not sides for _, sides in laptop.shown().values())

    past.run(check=no_conflict)
    assert past.settled() == []


class _Jumping:
    """A clock that is wrong by years and jumps in the middle of the work."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - a history to run again

    def __call__(self) -> dt.datetime:
        return NOON + dt.timedelta(days=self._chance.uniform(-3650, 3650))


@pytest.mark.parametrize("seed", range(3))
def test_a_wrong_clock_changes_nothing_in_what_is_decided(laptops: Laptops, seed: int) -> None:
    right, wrong = (history(laptops, seed, clock=clock) for clock in (lambda: NOON, _Jumping(seed)))
    right.run()
    wrong.run()
    assert wrong.laptops[0].shown() == right.laptops[0].shown()


# Faults of an office, each of which the histories above must find


class LoneHeads(Journal):
    """Tells of one head where there are several."""

    def heads_of(self, record: RecordId, name: str) -> tuple[ChangeId, ...]:
        return super().heads_of(record, name)[-1:]


class LastOneWins(Journal):
    """Takes every change for one that replaces all the others."""

    def keep(self, change: Change) -> Verdict:
        edits = {
            name: Edit(edit.value, self.heads_of(change.record, name))
            for name, edit in change.edits.items()
            if (change.record, name) in self.heads
        }
        known = change.id in self.changes
        verdict = super().keep(dc.replace(change, edits={**change.edits, **edits}))
        if not known:
            # What it stored is what it was sent: only what it made of it is wrong.
            self.changes[change.id] = (self.changes[change.id][0], change)
        return verdict


class OlderFirst(Journal):
    """Forgets which changes were replaced before they arrived."""

    def keep(self, change: Change) -> Verdict:
        verdict = super().keep(change)
        self.heads = {field: FieldHeads(heads.heads) for field, heads in self.heads.items()}
        return verdict


class Hasty(MemoryOffice):
    """Moves the cursors past rows that it has not sent."""

    def pull(
        self, laptop: LaptopId, cursors: Mapping[FileId, int], want: Sequence[RecordId]
    ) -> tuple[Page, list[PulledRow]]:
        page, rows = super().pull(laptop, cursors, want)
        ahead = dict.fromkeys(page.files, len(self.journal.changes))
        return dc.replace(page, files=ahead), rows


def planted(journal: type[Journal]) -> MemoryOffice:
    office = MemoryOffice()
    office.journal = journal()
    return office


FAULTY: dict[str, Callable[[], MemoryOffice]] = {
    "a lone head": lambda: planted(LoneHeads),
    "the last one wins": lambda: planted(LastOneWins),
    "no memory of what was replaced": lambda: planted(OlderFirst),
    "cursors before rows": Hasty,
}


@pytest.mark.parametrize("faulty", FAULTY.values(), ids=list(FAULTY))
def test_a_fault_planted_in_the_office_is_found(
    laptops: Laptops, faulty: Callable[[], MemoryOffice]
) -> None:
    def found(seed: int) -> bool:
        past = history(laptops, seed, office=faulty())
        past.backup = past.office.backup()
        try:
            past.run()
        except Differs:
            return True
        return past.settled() != []

    assert any(found(seed) for seed in range(40))
