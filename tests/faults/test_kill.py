"""The program is killed while somebody types: at most the last second is missing.

A second is counted in keys, which come by the same clock as the drafts: on a machine that has no
time for them, neither has the other.
"""

import os
import random
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.journal import drafts, reading
from hah_desktop.store.store import Store
from tests.faults.plain import RUTH, raw_key, real_now
from tests.faults.typist import EVERY_MS, written

ROOT = Path(__file__).resolve().parents[2]
KILLS = 10
KEYS = (250, 350)
"""Of which one draft is kept after a hundred, and one save is in the middle."""
A_SECOND_OF_KEYS = 1000 // EVERY_MS
ENOUGH = 2_000
"""Of lines without a promise: there will be none."""
AT_ONCE = 2
"""More at once would wait for each other on a small machine."""


@dataclass(frozen=True)
class Promises:
    """What the typist said before it was killed, each with so many characters, in this order."""

    said: tuple[tuple[str, int], ...]

    def last(self, what: str) -> int:
        """With how many characters it was last said."""
        return max((count for said, count in self.said if said == what), default=0)

    def longest_unasked(self) -> int:
        """How many keys were typed at most before the form asked to keep them."""
        asked = most = 0
        for said, count in self.said:
            asked = count if said in {"asked", "saved"} else asked
            most = max(most, count - asked)
        return most


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


def kill(process: "subprocess.Popen[str]", after_keys: int) -> Promises:
    """Listen for so many keys, and until one draft is kept, then kill without warning."""
    assert process.stdout is not None
    lines: list[str] = []
    typed = f"typed {after_keys}\n"
    while len(lines) < ENOUGH and not (
        typed in lines and any(line.startswith("kept") for line in lines)
    ):
        lines.append(process.stdout.readline())
        assert lines[-1], "the typist ended by itself"
    process.kill()
    lines += process.stdout.readlines()
    process.stdout.close()
    process.wait()
    whole = [line.split() for line in lines if line.endswith("\n")]
    return Promises(tuple((what, int(count)) for what, count in whole))


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
    promised = [kill(process, chance.randint(*KEYS)) for _, process in at_work]
    for number, ((visit, _), promises) in enumerate(zip(at_work, promised, strict=True)):
        saved, shown, undecided = kept(tmp_path / str(number), visit)
        assert shown == written(len(shown))
        assert len(shown) >= promises.last("kept") > 0
        assert promises.longest_unasked() <= A_SECOND_OF_KEYS
        assert saved == written(len(saved))
        assert len(saved) >= promises.last("saved")
        assert not undecided
