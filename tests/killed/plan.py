"""Who is killed when: drawn from a seed, spread evenly over all stages. It kills nobody."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, cycle, islice

from tests.killed.stages import OF_LAPTOP, OF_OFFICE, PLACES, THRESHOLD, Moment, Side, Stage

MOST_TIMES = 2
MOST_WORK = 60
"""Pieces of work until the kill: as long as the longest stage takes, or a little longer."""

MOST_BYTES = 4_000
"""On the line until the kill: into a hello, a page or a letter."""

ONLY_ONCE = frozenset({Stage.STARTING, Stage.OPENING, Stage.KEEPING, Stage.JOINING})
"""What happens no second time in one process, or hardly ever."""


@dataclass(frozen=True)
class Kill:
    """Kill that side at that moment."""

    side: Side
    moment: Moment


@dataclass(frozen=True)
class Plan:
    """Kills of the office, with PostgreSQL's among them, and of the laptops, each in its order."""

    office: tuple[Kill, ...]
    laptop: tuple[Kill, ...]


def plan(seed: int, each: int, databases: int) -> Plan:
    """So many kills of each side, and so many of PostgreSQL."""
    chance = random.Random(seed)  # noqa: S311 - moments to kill at
    office = list(_spread(chance, Side.OFFICE, OF_OFFICE, each))
    for statement in range(databases):
        moment = Moment(Stage.TAKING, statement=statement % (PLACES[Stage.TAKING].statements + 1))
        office.insert(chance.randrange(len(office) + 1), Kill(Side.DATABASE, moment))
    return Plan(tuple(office), tuple(_spread(chance, Side.LAPTOP, OF_LAPTOP, each)))


def _spread(
    chance: random.Random, side: Side, stages: Sequence[Stage], each: int
) -> Iterator[Kill]:
    turns = {stage: _moments(chance, stage) for stage in stages}
    drawn = [Kill(side, next(turns[stage])) for stage in islice(cycle(stages), each)]
    chance.shuffle(drawn)
    yield from drawn


def _moments(chance: random.Random, stage: Stage) -> Iterator[Moment]:
    """Of one stage in turn: at its threshold, after some work, at each of its statements."""
    if stage is Stage.LINE:
        while True:
            yield Moment(stage, work=chance.randrange(1, MOST_BYTES))
    most = 1 if stage in ONLY_ONCE or PLACES[stage].needs_letter else MOST_TIMES
    for turn in count():
        nth = chance.randint(1, most)
        if turn % 2:
            yield Moment(stage, nth, work=chance.randrange(MOST_WORK))
        else:
            at = turn // 2 % (PLACES[stage].statements + 1)
            yield Moment(stage, nth, statement=at or THRESHOLD)
