"""Plays random histories of three laptops and an office, and counts what went wrong in them."""

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.sync.laptops import Laptops
from tests.sync.test_histories import history

EVERY = 25
"""So often it says how far it is."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="dev.py simulate",
        description="Laptops with real encrypted stores and an office in memory: cut lines, lost "
        "and repeated answers, stopped laptops, an office restored from a backup.",
    )
    parser.add_argument(
        "--histories", type=int, default=100, metavar="N", help="how many (default: %(default)s)"
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="S",
        help="the first; a history is made again by its seed (default: %(default)s)",
    )
    return parser.parse_args()


def main() -> int:
    """Play them. Returns 1 if anything was lost, came back, differed or stayed unsent."""
    said = _arguments()
    wrong: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="hah-simulation-") as folder:
        laptops = Laptops(Path(folder))
        for number, seed in enumerate(range(said.seed, said.seed + said.histories), start=1):
            past = history(laptops, seed)
            past.run()
            for fault in past.settled():
                wrong[fault.partition(":")[0]] += 1
                sys.stdout.write(f"seed {seed}: {fault}\n")
            laptops.close()
            if number % EVERY == 0:
                sys.stdout.write(f"{number} of {said.histories} histories\n")
                sys.stdout.flush()
    told = ", ".join(f"{what} {count}" for what, count in sorted(wrong.items())) or "nothing wrong"
    sys.stdout.write(f"{said.histories} histories from seed {said.seed}: {told}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
