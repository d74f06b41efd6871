"""Times things against each other in one run, in turn: a busy machine hits all alike."""

import gc
import random
import statistics
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from types import MappingProxyType

Sitting = Callable[[], Mapping[str, float]]
"""Does one variant's work once. Returns seconds by the name of what was done."""


@dataclass(frozen=True)
class Samples:
    """Seconds of the same work by the same variant, one a round, in the order of the rounds."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one, in seconds."""
        return statistics.median(self.seconds)

    @property
    def least(self) -> float:
        """The shortest, in seconds."""
        return min(self.seconds)

    @property
    def most(self) -> float:
        """The longest, in seconds."""
        return max(self.seconds)


@dataclass(frozen=True)
class Line:
    """One row of the table: our time, and the time of what it is compared to, if anything.

    `items` is how many records, searches or rows the work was about; 0 where that says nothing.
    `most` is the ratio that is required, where one is.
    """

    part: str
    what: str
    ours: Samples
    against: str = ""
    theirs: Samples | None = None
    items: int = 0
    most: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times theirs we take: the median of the rounds, each against its own round."""
        if self.theirs is None:
            return None
        pairs = zip(self.ours.seconds, self.theirs.seconds, strict=True)
        return statistics.median(ours / theirs for ours, theirs in pairs)


@dataclass(frozen=True)
class Fact:
    """A single figure, such as bytes on the wire; `most` is what it may be, where that is set."""

    part: str
    what: str
    value: float
    unit: str
    most: float | None = None


@dataclass
class Results:
    """All that a run has found."""

    lines: list[Line] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, other: "Results") -> None:
        """Take in what another part found."""
        self.lines += other.lines
        self.facts += other.facts
        self.notes += other.notes


@contextmanager
def stopwatch(kept: dict[str, float], name: str) -> Iterator[None]:
    """Keep under `name` how many seconds the block took."""
    started = perf_counter()
    yield
    kept[name] = perf_counter() - started


def in_turn(
    sittings: Mapping[str, Sitting], rounds: int, chance: random.Random
) -> dict[str, dict[str, Samples]]:
    """Let each variant sit once a round, in another order each time.

    Returns the samples by what was done, then by variant.
    """
    found: dict[str, dict[str, list[float]]] = {}
    for _ in range(rounds):
        for variant in chance.sample(sorted(sittings), len(sittings)):
            gc.collect()
            for what, seconds in sittings[variant]().items():
                found.setdefault(what, {}).setdefault(variant, []).append(seconds)
    return {
        what: {name: Samples(tuple(times[name])) for name in sittings if name in times}
        for what, times in found.items()
    }


def compared(
    part: str,
    found: Mapping[str, Mapping[str, Samples]],
    ours: str,
    items: Mapping[str, int],
    required: Mapping[str, float] = MappingProxyType({}),
) -> list[Line]:
    """A line for each thing that `ours` did and each other variant that did it too."""
    lines = []
    for what, variants in found.items():
        mine = variants.get(ours)
        if mine is None:
            continue
        others = [(name, theirs) for name, theirs in variants.items() if name != ours]
        lines += [
            Line(part, what, mine, name, theirs, items.get(what, 0), required.get(what))
            for name, theirs in others
        ] or [Line(part, what, mine, items=items.get(what, 0))]
    return lines
