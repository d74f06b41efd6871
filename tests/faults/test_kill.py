"""The program is killed while somebody types: at most the last second is missing."""

import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store import drafts, reading
from hah_desktop.store.store import Store
from tests.faults.plain import RUTH, raw_key, real_now
from tests.faults.typist import written

ROOT = Path(__file__).resolve().parents[2]
KILLS = 10
AT_ONCE = 2
"""More at once would wait for each other on a small machine."""


@dataclass(frozen=True)
class Promises:
    """What the typist said before it was killed."""

    killed_at: float
    typed: tuple[tuple[float, int], ...]
    saved: int

    def surely_kept(self) -> int:
        """How many characters were typed more than a second before the kill."""
        return max((count for when, count in self.typed if when < self.killed_at - 1), default=0)


def begin(folder: Path) -> tuple[str, "subprocess.Popen[str]"]:
    """A visit in a store of its own, and somebody typing into it."""
    folder.mkdir()
    store = Store.create(folder / "records.db", raw_key, real_now)
    store.keep_identity(RUTH)
    visit = RecordId(store.new_id())
    store.add(Visit(id=visit, status="started"))
    store.close()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.typist", str(folder), visit],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    return visit, process


def kill(process: "subprocess.Popen[str]", after_s: float) -> Promises:
    """Listen for so long from the first key, then kill without warning."""
    assert process.stdout is not None
    lines = [process.stdout.readline()]
    first = float(lines[0].split()[1])
    while time.monotonic() - first < after_s:
        lines.append(process.stdout.readline())
    killed_at = time.monotonic()
    process.kill()
    lines += process.stdout.readlines()
    process.stdout.close()
    process.wait()
    whole = [line.split() for line in lines if line.endswith("\n")]
    typed = tuple((float(one[1]), int(one[2])) for one in whole if one[0] == "typed")
    saved = max((int(one[1]) for one in whole if one[0] == "saved"), default=0)
    return Promises(killed_at, typed, saved)


def kept(folder: Path, visit: str) -> tuple[str, str, bool]:
    """What is saved, what stands with the draft over it, and whether anything is undecided."""
    store = Store.open(folder / "records.db", raw_key, real_now)
    with store.reading() as connection:
        held = reading.get(connection, visit)
        draft = drafts.get(connection, visit)
    store.close()
    assert held is not None
    saved = str(held.seen.body.get("impression", ""))
    return saved, str(draft.body.get("impression", "")) if draft else saved, bool(held.open)


@pytest.mark.parametrize("first", range(0, KILLS, AT_ONCE))
def test_a_kill_takes_at_most_the_last_second(tmp_path: Path, first: int) -> None:
    chance = random.Random(first)  # noqa: S311 - moments to kill at
    at_work = [begin(tmp_path / str(number)) for number in range(AT_ONCE)]
    promised = [kill(process, chance.uniform(1.15, 1.6)) for _, process in at_work]
    for number, ((visit, _), promises) in enumerate(zip(at_work, promised, strict=True)):
        saved, shown, undecided = kept(tmp_path / str(number), visit)
        assert shown == written(len(shown))
        assert len(shown) >= promises.surely_kept() > 0
        assert saved == written(len(saved))
        assert len(saved) >= promises.saved
        assert not undecided
