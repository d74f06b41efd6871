"""Plays random histories of laptops and an office, and counts what went wrong in them."""

import argparse
import multiprocessing
import sys
from collections import defaultdict
from collections.abc import Iterator

from tests.simulation.history import Past, judged, play
from tests.simulation.truth import KINDS, Wrong

EVERY = 100
"""So often it says how far it is."""

SEEDS_NAMED = 20
"""So many seeds of one kind of fault are named."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="dev.py simulate",
        description="The shipped code of laptops and office on databases in memory: lost, cut, "
        "repeated and late requests, power cuts at any statement, restored backups, safety copies "
        "put back, wrong clocks, people who write the same things at the same time.",
    )
    parser.add_argument("--histories", type=int, default=500, metavar="N", help="how many (500)")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="the first seed (0)")
    parser.add_argument("--jobs", type=int, default=1, metavar="J", help="processes at once (1)")
    parser.add_argument("--tell", type=int, metavar="SEED", help="tell one history step by step")
    return parser.parse_args()


def _all(seeds: range, jobs: int) -> Iterator[tuple[int, list[Wrong]]]:
    if jobs == 1:
        yield from map(judged, seeds)
        return
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap_unordered(judged, seeds, chunksize=5)


def _tell(past: Past) -> int:
    sys.stdout.writelines(f"{line}\n" for line in past.told)
    sys.stdout.writelines(f"{wrong.kind}: {wrong.words}\n" for wrong in past.wrong)
    return 1 if past.wrong else 0


def main() -> int:
    """Play them. Returns 1 if anything was wrong in any."""
    asked = _arguments()
    if asked.tell is not None:
        return _tell(play(asked.tell))
    seeds = range(asked.seed, asked.seed + asked.histories)
    found: dict[str, set[int]] = defaultdict(set)
    for number, (seed, wrong) in enumerate(_all(seeds, asked.jobs), start=1):
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
    sys.stdout.write(f"in {len(seeds)} histories from seed {asked.seed}\n")
    return 1 if any(found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
