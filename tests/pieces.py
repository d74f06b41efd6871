"""Runs every test: in pieces, some at a time, each in a process of its own with its own files.

`python -m tests.pieces`, which `dev.py test` does once everything is installed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from dev import ROOT, WORKING, say

PIECES = {
    "simulation": 2,
    "killed": 1,
    "central": 3,
    "ui/work": 2,
    "sync": 1,
    "laptop": 1,
    "vault": 1,
    "faults": 2,
    "store": 2,
    "ui/screens": 2,
    "documents": 1,
    "domain": 1,
    "planted": 1,
    "intake": 1,
    "house": 1,
    "journey": 1,
    "ui/kit": 1,
}
"""The parts of the tests that take longest, the longest first, and into how many pieces each falls
so that none is left over at the end; all others follow in any order. Each piece has its own servers
and files."""

AT_ONCE = (os.cpu_count() or 1) + 1
"""Pieces that run at a time: each waits now and then, for a kill, a clock or another process."""

TRACED = ("domain", "seals", "vault", "sync", "docs")
"""The parts whose tests must reach all that is in dev.PERFECT. The others run without noting what
they reach, which costs a third of their time again."""

SAME_EACH_TIME = "--hypothesis-profile=gate"
"""A change is to fail by what it changes, not by the examples that this run happened to draw."""

MEMORY = Path("/dev/shm")  # noqa: S108 - what is made there has a name that nobody can guess
ROOM = 8 * 1024**3
"""Bytes: the files of all pieces that run at a time take a tenth of it."""


@dataclass(frozen=True)
class Piece:
    """What one process tests: a part of the tests, or every so many-th file of it."""

    part: str
    number: int
    files: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.part} {self.number}" if PIECES.get(self.part, 1) > 1 else self.part

    def command(self, own: Path) -> list[str]:
        """What runs it, with its files in a folder of its own.

        In the folder that all share, each pytest clears up after the others, and two that do so at
        once end with a warning, which is an error here.
        """
        traced = ("-m", "coverage", "run") if self.part in TRACED else ()
        options = (SAME_EACH_TIME, f"--basetemp={own / 'files'}")
        return [str(WORKING.python), *traced, "-m", "pytest", *options, *self.files]

    def environment(self, own: Path) -> dict[str, str]:
        """What it finds set."""
        return os.environ | {
            "QT_QPA_PLATFORM": "offscreen",
            "COVERAGE_FILE": str(ROOT / f".coverage.{self.part.replace('/', '-')}-{self.number}"),
            "TMPDIR": str(own),
        }


def pieces() -> list[Piece]:
    """All tests, the longest first."""
    found: dict[str, list[str]] = {part: [] for part in PIECES}
    for path in sorted(ROOT.glob("tests/*/**/test_*.py")):
        names = path.relative_to(ROOT / "tests").parts
        part = "/".join(names[:2] if names[0] == "ui" else names[:1])
        found.setdefault(part, []).append(path.relative_to(ROOT).as_posix())
    return [
        Piece(part, number + 1, tuple(files[number :: PIECES.get(part, 1)]))
        for part, files in found.items()
        for number in range(PIECES.get(part, 1))
        if files[number :: PIECES.get(part, 1)]
    ]


def quick_place() -> Path | None:
    """Where a file waits for no disk: in memory, where there is room; None: where others lie.

    Tests kill programs and never this machine, and what a killed one wrote stays in either place.
    """
    has_room = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    return MEMORY if has_room else None


def run(piece: Piece) -> bool:
    """Run one piece and tell how it went once it is over. Return whether it failed."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(
        prefix="hah-", dir=quick_place(), ignore_cleanup_errors=True
    ) as own:
        # PostgreSQL is run by another user, who has to come to its files by their name.
        Path(own).chmod(0o711)
        ran = subprocess.run(
            piece.command(Path(own)),
            cwd=ROOT,
            env=piece.environment(Path(own)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    say(f"{piece} took {time.monotonic() - started:.0f} s")
    sys.stdout.write(ran.stdout.decode(errors="replace"))
    sys.stdout.flush()
    return ran.returncode != 0


def main() -> int:
    """Run all tests, and put together what they reached. Return an exit code."""
    made = pieces()
    say(f"in {len(made)} pieces, {AT_ONCE} at a time: {', '.join(map(str, made))}")
    started = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as several:
        failed = sum(several.map(run, made))
    used = os.times()
    computed = used.children_user + used.children_system
    say(f"all pieces took {time.monotonic() - started:.0f} s, and {computed:.0f} s of processors")
    return WORKING.module("coverage", "combine", "--quiet") or int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
