"""Killed at any moment, with no chance to tidy up: what was promised is there."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from hah_desktop.domain.records.visit import Visit
from hah_desktop.store import drafts, reading
from hah_desktop.store.meta import Identity
from hah_desktop.store.store import Store
from tests.store.hand import HandClock, raw_key
from tests.store.journal import faults
from tests.store.typist import words

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 5
AT_ONCE = 3


def typist(database: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.store.typist", str(database)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )


def killed(at_work: subprocess.Popen[str], after: int) -> list[str]:
    """Kill it while it works on, and return every promise that it made."""
    assert at_work.stdout is not None
    promises = [at_work.stdout.readline() for _ in range(after)]
    at_work.kill()
    rest, _ = at_work.communicate()
    return "".join([*promises, rest]).splitlines()


def broken(store: Store, promises: list[str]) -> list[str]:
    """The promises that are not kept."""
    with store.reading() as connection:
        saved = {
            f"saved {held.record.id.removeprefix('visit-')}": held.record.impression
            for held in reading.of_kind(connection, "visit")
            if isinstance(held.record, Visit)
        }
        kept = {}
        for promise in promises:
            number = promise.split()[1]
            draft = drafts.get(connection, f"visit-{number}")
            if draft is not None:
                kept[f"draft {number}"] = draft.body["impression"]
    kept |= saved
    # A draft is gone for one reason only: its record was saved.
    kept |= {name.replace("saved", "draft"): text for name, text in saved.items()}
    return [line for line in promises if kept.get(line) != words(int(line.split()[1]))]


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_nothing_that_was_promised_is_lost_by_a_kill(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - moments to kill at
    files = [tmp_path / f"{number}.db" for number in range(AT_ONCE)]
    for file in files:
        made = Store.create(file, raw_key, HandClock())
        made.keep_identity(Identity("00", laptop="laptop-one", adviser="ruth"))
        made.close()
    at_work = [(file, typist(file)) for file in files]
    for file, process in at_work:
        promises = killed(process, chance.randint(1, 40))
        store = Store.open(file, raw_key, HandClock())
        assert broken(store, promises) == []
        assert faults(store) == []
        store.close()
