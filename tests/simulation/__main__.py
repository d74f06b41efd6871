"""Plays random histories of laptops and an office, and counts what went wrong in them."""

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from tests.simulation.hands import keep_all_in
from tests.simulation.history import Past, judged, play
from tests.simulation.mutants import LOOKED_AT, MUTANTS, finders
from tests.simulation.truth import KINDS

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

EVERY = 100
"""So often it says how far it is."""

SEEDS_NAMED = 20
"""So many seeds of one kind of fault are named."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="dev.py simulate",
        description="The shipped code of laptops and office on databases in memory: lost, cut, "
        "repeated and late requests, power cuts at any statement, restored backups, safety copies "
        "put back, lost laptops, sticks, words that nobody can read, wrong clocks, people who "
        "write the same things at the same time.",
    )
    parser.add_argument("--histories", type=int, default=500, metavar="N", help="how many (500)")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="the first seed (0)")
    cores = os.cpu_count() or 1
    parser.add_argument(
        "--jobs", type=int, default=cores, metavar="J", help="processes at once (one for each core)"
    )
    parser.add_argument("--tell", type=int, metavar="SEED", help="tell one history step by step")
    parser.add_argument(
        "--planted", action="store_true", help="name the seeds that find each planted fault soonest"
    )
    return parser.parse_args()


def answers(
    work: Callable[[Asked], Answer], asked: Iterable[Asked], jobs: int, *, at_once: int
) -> Iterator[Answer]:
    """What comes of each that is asked, in any order, of so many processes."""
    if jobs == 1:
        yield from map(work, asked)
        return
    # What ends with all that was asked ends no process in peace: it tidies nothing up by itself.
    with (
        tempfile.TemporaryDirectory(prefix="simulate-") as folder,
        multiprocessing.get_context("spawn").Pool(jobs, keep_all_in, (folder,)) as pool,
    ):
        yield from pool.imap_unordered(work, asked, chunksize=at_once)


def _tell(past: Past) -> int:
    sys.stdout.writelines(f"{line}\n" for line in past.told)
    sys.stdout.writelines(f"{wrong.kind}: {wrong.words}\n" for wrong in past.wrong)
    return 1 if past.wrong else 0


def _planted(jobs: int) -> int:
    missed = 0
    for name, seeds in answers(finders, list(MUTANTS), jobs, at_once=1):
        named = ", ".join(map(str, seeds)) or f"none up to {LOOKED_AT}"
        sys.stdout.write(f"{name}: found by seeds {named}\n")
        sys.stdout.flush()
        missed += not seeds
    return 1 if missed else 0


def main() -> int:
    """Play them. Returns 1 if anything was wrong in any."""
    asked = _arguments()
    if asked.tell is not None:
        return _tell(play(asked.tell))
    if asked.planted:
        return _planted(asked.jobs)
    seeds = range(asked.seed, asked.seed + asked.histories)
    began = time.monotonic()
    found: dict[str, set[int]] = defaultdict(set)
    found_in = answers(judged, seeds, asked.jobs, at_once=5)
    for number, (seed, wrong) in enumerate(found_in, start=1):
        for kind, words in wrong:
            if seed not in found[kind]:
                sys.stdout.write(f"seed {seed}: {kind}: {words}\n")
            found[kind].add(seed)
        if number % EVERY == 0:
            sys.stdout.write(f"{number} of {len(seeds)} histories\n")
        sys.stdout.flush()
    for kind in KINDS:
        named = ", ".join(map(str, sorted(found[kind])[:SEEDS_NAMED]))
        sys.stdout.write(f"{kind}: {len(found[kind])}{f' (seeds {named})' if named else ''}\n")
    took = f"{time.monotonic() - began:.0f} s, {asked.jobs} at once"
    sys.stdout.write(f"in {len(seeds)} histories from seed {asked.seed}, {took}\n")
    return 1 if any(found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
