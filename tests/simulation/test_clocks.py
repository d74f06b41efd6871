"""The same history with wrong clocks and with right ones: people see the same, and so it is kept.

Ids are made from the office's time in both, and keys are asked for at every sync: a laptop's clock
says when that is, so chance would go another way with another clock.
"""

import datetime as dt
from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any, NamedTuple
from unittest.mock import patch

from hah_desktop.domain import merge
from hah_desktop.domain.ids import LaptopId, RecordId, uuid7
from hah_desktop.domain.merge import Head
from hah_desktop.store.store import Store
from hah_desktop.sync import colleagues
from tests.simulation import history, judging
from tests.simulation.history import play
from tests.simulation.laptop import Laptop, Row
from tests.simulation.truth import Wrong
from tests.simulation.worlds import World

SEEDS = range(12)
"""Of every shape of a world; in many of them a clock is set while somebody writes."""

MOST_SEEDS = 60
"""In so many the planted fault has to be found."""

VERDICTS = "SELECT seq, id, verdict FROM change ORDER BY seq"


class Seen(NamedTuple):
    """What happened, what each laptop shows and was told was set aside, and the verdicts."""

    told: list[str]
    laptops: dict[LaptopId, tuple[dict[str, Row], set[str]]]
    verdicts: list[Any]
    wrong: list[Wrong]
    times: set[str]
    """When everything was saved by the laptops' clocks."""


def by_the_offices_time(store: Store) -> RecordId:
    laptop: Laptop = store._clock.__self__  # type: ignore[attr-defined]  # of the simulation
    now = laptop.line.office.now
    return RecordId(uuid7(int(now.timestamp() * 1000), store._chance(10)))


def seen(seed: int, *, right: bool) -> Seen:
    ended: list[World] = []
    judges, clock = judging.judge, Laptop._clock

    def judge(world: World) -> None:
        ended.append(world)
        judges(world)

    def office_time(laptop: Laptop) -> dt.datetime:
        return laptop.line.office.now if right else clock(laptop)

    with ExitStack() as stack:
        stack.enter_context(patch.object(history, "judge", judge))
        stack.enter_context(patch.object(Laptop, "_clock", office_time))
        stack.enter_context(patch.object(Store, "new_id", by_the_offices_time))
        stack.enter_context(patch.object(colleagues, "ASK_AGAIN", dt.timedelta()))
        past = play(seed, ["clock_jumps"])
    (world,) = ended
    laptops = {each.name: (each.rows(), each.set_aside()) for each in world.laptops}
    times = {change.made_at for change in world.truth.saves.values()}
    return Seen(past.told, laptops, world.office.disk.ask(VERDICTS), past.wrong, times)


def are_equal(wrong: Seen, right: Seen) -> bool:
    return wrong._replace(times=set()) == right._replace(times=set())


def test_wrong_clocks_change_nothing_that_people_see() -> None:
    differed = 0
    for seed in SEEDS:
        wrong, right = seen(seed, right=False), seen(seed, right=True)
        differed += wrong.times != right.times
        assert are_equal(wrong, right), seed
        assert not right.wrong
    assert differed > len(SEEDS) / 4


def test_it_would_be_found_if_the_latest_by_the_clocks_were_shown() -> None:
    def by_their_clocks(heads: Iterable[Head]) -> list[Head]:
        return sorted(heads, key=lambda head: (head.made_at, head.change))

    with patch.object(merge, "in_order", by_their_clocks):
        assert not all(
            are_equal(seen(s, right=False), seen(s, right=True)) for s in range(MOST_SEEDS)
        )
