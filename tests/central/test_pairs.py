"""What three people do to one visit unseen, at the real office, which may give it to somebody else.

Whoever loses the visit has written in it meanwhile, and has not sent it. What was written goes on
with the visit: it is current, or waits for a person, on the laptop of whoever has it now too.
"""

import dataclasses as dc
import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from hah_central.office import office
from hah_central.people.audit import Deed
from hah_desktop.domain.ids import RecordId, visit_file
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.exchange import outbox
from tests.central.conftest import Desk
from tests.central.travelling import Traveller, travel
from tests.sync.acts import ACTS, Entered, State, entered, state, unsent, unsettled

REASSIGN = "reassign"
Acts = Sequence[str]


class Team:
    """Three advisers who were on every visit, and one who takes over from whoever leaves."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk = desk
        names = ("Ada Example", "Ben Example", "Cai Example", "Dee Example")
        *self.there, self.heir = (travel(desk, folder, name, desk.clock) for name in names)
        self.visits: dict[RecordId, Acts] = {}

    @property
    def all(self) -> list[Traveller]:
        return [*self.there, self.heir]

    def begins(self, combinations: Sequence[Acts]) -> None:
        """A visit for each, on the laptops of the three."""
        first = self.there[0]
        people = frozenset(laptop.who.adviser for laptop in self.there)
        for acts in combinations:
            visit = first.store.new_id()
            made = Visit(id=visit, met_by="nobody yet", impression="none yet", advisers=people)
            gone = "bring back" in acts or None
            first.store.add(dc.replace(made, status="started", removed=gone))
            self.visits[visit] = acts
        self.sync(self.there)

    def acts(self) -> None:
        """Everybody does something, and nobody has seen what the others did."""
        for visit, acts in self.visits.items():
            for laptop, act in zip(self.there, acts, strict=True):
                ACTS["edit" if act == REASSIGN else act](laptop, visit)
                if act == REASSIGN:
                    self.reassign(laptop, visit)

    def reassign(self, leaver: Traveller, visit: RecordId) -> None:
        with self.desk.database.writing() as connection:
            deed = Deed("Grace Example", self.desk.clock())
            people = RecordId(leaver.who.adviser), RecordId(self.heir.who.adviser)
            office.reassign(connection, visit_file(visit), *people, deed)

    def sync(self, laptops: Sequence[Traveller]) -> None:
        for laptop in laptops:
            done = laptop.sync()
            assert done.problem is None, done.problem


def of_visit(visit: RecordId, kept: Mapping[str, object]) -> set[str]:
    """The visit, and what was added to it."""
    return {record for record in kept if record.startswith(visit)}


def faults(team: Team) -> list[str]:
    """What is wrong once everybody has everything."""
    wrong = [f"{laptop.name} has not sent all" for laptop in team.all if unsent(laptop)]
    for laptop in team.all:
        with laptop.store.reading() as connection:
            wrong += [f"{each.record}: {each.problem}" for each in outbox.set_aside(connection)]
    shown = {laptop.name: state(laptop) for laptop in team.all}
    said = entered(team.all)
    for visit, acts in team.visits.items():
        wrong += _faults(team, visit, acts, shown, said)
    return wrong


def _faults(
    team: Team,
    visit: RecordId,
    acts: Acts,
    shown: Mapping[str, State],
    said: Mapping[tuple[str, str], Entered],
) -> list[str]:
    left = [laptop for laptop, act in zip(team.there, acts, strict=True) if act == REASSIGN]
    have = [laptop for laptop in team.there if laptop not in left]
    have += [team.heir] if left else []
    here = {laptop.name: of_visit(visit, shown[laptop.name]) for laptop in team.all}
    wrong = [f"{acts}: {each.name} still has it" for each in left if here[each.name]]
    first = have[0].name
    now = {record: shown[first][record] for record in here[first]}
    for laptop in have[1:]:
        theirs = {record: shown[laptop.name][record] for record in here[laptop.name]}
        wrong += [f"{acts}: {laptop.name} shows {theirs}, not {now}"] if theirs != now else []
    # Who goes on the visit the office has said meanwhile.
    about = {
        (record, name): one
        for (record, name), one in said.items()
        if record.startswith(visit) and not name.startswith("advisers")
    }
    return wrong + [f"{acts}: {each}" for each in unsettled(now, about)]


@pytest.fixture
def team(desk: Desk, tmp_path: Path) -> Iterator[Team]:
    made = Team(desk, tmp_path)
    yield made
    for laptop in made.all:
        laptop.store.close()


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0)], ids=["heir last", "heir first"])
def test_whatever_they_do_unseen_they_agree_and_nothing_vanishes(
    team: Team, order: Sequence[int]
) -> None:
    every = [*ACTS, REASSIGN]
    acts = itertools.product(range(len(every)), repeat=2)
    # All pairs, with another act of the third one each time.
    team.begins([(every[a], every[b], every[(a + b) % len(every)]) for a, b in acts])
    team.acts()
    for _round in (1, 2):
        team.sync([team.all[turn] for turn in order])
    assert faults(team) == []
