"""Measures the program against raw limits, in one run: `python -m benchmarks` or `dev.py bench`."""

import argparse
import json
import random
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import (
    feeling,
    importing,
    keeping,
    machine,
    peers,
    rush,
    soak,
    starting,
    storing,
    syncing,
    unlocking,
)
from benchmarks.measure import Results
from benchmarks.report import Report
from benchmarks.stores import clock
from hah_desktop.vault.kdf import FLOOR

Part = Callable[[Path, random.Random], Results]

PARTS: Mapping[str, Part] = {
    "store": lambda folder, chance: storing.run(folder, storing.Sizes(), chance),
    "attachment": lambda folder, chance: keeping.run(folder, keeping.Sizes(), chance),
    "unlock": lambda folder, chance: unlocking.run(folder, unlocking.Sizes(), chance),
    "start": lambda folder, chance: starting.run(folder, starting.Sizes(), chance),
    "import": lambda folder, chance: importing.run(folder, importing.Sizes(), chance),
    "sync": lambda folder, chance: syncing.run(folder, syncing.Sizes(), chance),
    "feeling": lambda folder, chance: feeling.run(folder, feeling.Sizes(), chance),
    "peers": lambda folder, chance: peers.run(folder, peers.Sizes(), chance),
    "soak": lambda folder, chance: soak.run(folder, soak.Sizes(), chance),
    "rush": lambda folder, chance: rush.run(folder, rush.Sizes(), chance),
}

QUICK: Mapping[str, Part] = {
    "store": lambda folder, chance: storing.run(
        folder, storing.Sizes(records=200, saves=5, searches=6, rounds=2), chance
    ),
    "attachment": lambda folder, chance: keeping.run(
        folder, keeping.Sizes(bytes=3_000_000, rounds=2), chance
    ),
    "unlock": lambda folder, chance: unlocking.run(
        folder, unlocking.Sizes(records=50, cost=FLOOR, rounds=2), chance
    ),
    "start": lambda folder, chance: starting.run(folder, starting.Sizes(rounds=1), chance),
    "import": lambda folder, chance: importing.run(
        folder, importing.Sizes(rows=60, rounds=2), chance
    ),
    "sync": lambda folder, chance: syncing.run(
        folder, syncing.Sizes(changes=200, day=10, rounds=1), chance
    ),
    "feeling": lambda folder, chance: feeling.run(
        folder, feeling.Sizes(changes=200, alone_ms=300), chance
    ),
    "peers": lambda folder, chance: peers.run(
        folder, peers.Sizes(records=200, slow=20, notes=20, day=10), chance
    ),
    "soak": lambda folder, chance: soak.run(
        folder, soak.Sizes(laptops=5, pushes_a_second=10, seconds=2), chance
    ),
    "rush": lambda folder, chance: rush.run(
        folder, rush.Sizes(laptops=4, batches=2, changes=5), chance
    ),
}


def measure(names: Iterable[str], *, quick: bool, seed: int = 1) -> Report:
    """Measure the parts of these names, one after the other."""
    chance = random.Random(seed)
    results = Results()
    with TemporaryDirectory(prefix="hah-bench-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        started, described = clock(), machine.described(folder)
        for name in names:
            place = folder / name
            place.mkdir()
            results.add((QUICK if quick else PARTS)[name](place, chance))
    when = started.isoformat(timespec="seconds")
    return Report(when, quick, described, machine.load(), results)


def arguments(given: Sequence[str]) -> argparse.Namespace:
    """What may be said on the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure the program against raw limits, some minutes long.",
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: does it run at all?")
    said = parser.parse_args(given)
    unknown = set(said.parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    return said


def main(given: Sequence[str]) -> int:
    """Measure and print."""
    said = arguments(given)
    report = measure(said.parts or PARTS, quick=said.quick)
    if said.json:
        print(json.dumps(report.to_plain(), indent=2, ensure_ascii=False))
    else:
        print(report.to_text(), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
