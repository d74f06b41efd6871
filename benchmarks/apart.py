"""Variants in processes of their own, which take turns one small step at a time.

A step of one is next to the same step of the others in time, so whatever else the machine does
hits all alike; and no variant finds the memory as another one has left it.
"""

import gc
import multiprocessing
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from time import perf_counter, process_time
from typing import Any

Make = Callable[[], Any]
"""Makes a variant, in its own process. It has a method for each step."""


@dataclass(frozen=True)
class Took:
    """One step: by the clock on the wall, and of the processor."""

    wall: float
    cpu: float


class Apart:
    """One variant in its process."""

    def __init__(self, make: Make) -> None:
        # A fork would carry the other variants' open files along.
        context = multiprocessing.get_context("spawn")
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(make, theirs))
        self._process.start()
        theirs.close()

    def do(self, step: str) -> Took:
        """Let it do one step; it times that itself."""
        self._line.send(step)
        took: Took = self._line.recv()
        return took

    def end(self) -> None:
        """Let the process go."""
        self._line.close()
        self._process.join()


def _serve(make: Make, line: Connection) -> None:
    variant = make()
    gc.disable()
    while True:
        try:
            step: str = line.recv()
        except EOFError:
            return
        act: Callable[[], object] = getattr(variant, step)
        gc.collect(0)
        wall, cpu = perf_counter(), process_time()
        act()
        line.send(Took(perf_counter() - wall, process_time() - cpu))


@contextmanager
def running(variants: Mapping[str, Make]) -> Iterator[dict[str, Apart]]:
    """Every variant, each in its process."""
    with ExitStack() as ending:
        made = {}
        for name, make in variants.items():
            made[name] = Apart(make)
            ending.callback(made[name].end)
        yield made


def in_step(variants: Mapping[str, Apart], step: str, chance: random.Random) -> dict[str, Took]:
    """Let all do a step, one after the other, in an order that chance decides."""
    order = chance.sample(sorted(variants), len(variants))
    return {name: variants[name].do(step) for name in order}
