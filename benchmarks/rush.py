"""Forty laptops that come back at the same hour, each with some days of work: how long each waits.

Each has a line of its own and sends one batch after the other, as fast as it is answered. What it
sends is written, signed for and packed beforehand: the office is measured, and not the laptops.
"""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import quantiles
from threading import Barrier
from time import perf_counter

import httpx

from benchmarks.invented import Invention
from benchmarks.measure import Fact, Results
from benchmarks.soak import Gathered, crowd
from hah_desktop.domain.codec import to_body
from hah_desktop.sync.wire import packing
from hah_desktop.sync.wire.changes import write_push
from tests.central.laptop import Laptop, good
from tests.house import postgres

PART = "rush"


@dataclass(frozen=True)
class Sizes:
    """How many laptops there are, and what each brings."""

    laptops: int = 40
    batches: int = 5
    changes: int = 100
    characters: int = 700


class Caller:
    """One laptop with all that it will send."""

    def __init__(self, laptop: Laptop, sizes: Sizes, seed: int) -> None:
        self.laptop = laptop
        invention = Invention(seed)
        bodies = [self._body(invention, sizes) for _ in range(sizes.batches)]
        self._sent = [(body, packing.pack(body, packing.ZSTD)) for body in bodies]

    def _body(self, invention: Invention, sizes: Sizes) -> bytes:
        said = invention.visit(sizes.changes, sizes.characters)
        changes = [self.laptop.change(s.id, s.kind, s.files(), to_body(s)) for s in said]
        return write_push(self.laptop.enrolled.epoch, changes)

    def send(
        self, connect: Callable[[], httpx.Client], start: Barrier
    ) -> tuple[list[float], float]:
        """Send it all. Returns the seconds of each batch, and the moment when all was answered."""
        took = []
        with connect() as own:
            laptop = replace(self.laptop, client=own)
            start.wait()
            for body, packed in self._sent:
                began = perf_counter()
                good(laptop.push_body(body, packed=packed, how=packing.ZSTD))
                took.append(perf_counter() - began)
        return took, perf_counter()


def rushed(gathered: Gathered, sizes: Sizes) -> tuple[list[float], float]:
    """All at once. Returns the seconds of each batch, and those until the last was answered."""
    callers = [Caller(laptop, sizes, seed) for seed, laptop in enumerate(gathered.laptops)]
    start = Barrier(len(callers) + 1)
    with ThreadPoolExecutor(len(callers)) as pool:
        going = [pool.submit(caller.send, gathered.connect, start) for caller in callers]
        start.wait()
        began = perf_counter()
        ended = [each.result() for each in going]
    return [one for took, _ in ended for one in took], max(end for _, end in ended) - began


def run(folder: Path, sizes: Sizes, _chance: random.Random) -> Results:
    """Measure; without PostgreSQL there is only a note that says so."""
    programs = postgres.programs()
    if programs is None:
        return Results(notes=["PostgreSQL is not installed, so nobody rushed."])
    with crowd(programs, folder, sizes.laptops) as gathered:
        took, seconds = rushed(gathered, sizes)
    *_, p95 = quantiles(took, n=20)
    told = f"{sizes.laptops} laptops at once, {sizes.changes} changes a time: "
    sent = sizes.laptops * sizes.batches * sizes.changes
    return Results(
        facts=[
            Fact(PART, f"{told}changes a second", sent / seconds, ""),
            Fact(PART, f"{told}95 of 100 within", 1000 * p95, "ms", most=500),
        ]
    )
