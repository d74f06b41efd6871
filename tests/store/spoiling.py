"""What spoils a database, by hand or by kills, and what is left in it."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from hah_desktop.store.journal import reading
from hah_desktop.store.store import Store

ROOT = Path(__file__).resolve().parents[2]
KILLS = 200


def visits(store: Store) -> list[str]:
    with store.reading() as connection:
        return [str(held.record.id) for held in reading.of_kind(connection, "visit")]


def flip(path: Path, place: int) -> None:
    changed = bytearray(path.read_bytes())
    changed[place] ^= 1
    path.write_bytes(changed)


def killed(what: str, folder: Path, rounds: int = KILLS) -> Mapping[str, int]:
    """What was found after so many kills, half of them each in two places at once."""
    if sys.platform == "win32":
        pytest.skip("Windows cannot fork: these programs would take minutes to start")
    at_work = [_killer(what, folder / str(seed), rounds // 2, seed) for seed in (1, 2)]
    found = Counter[str]()
    for process in at_work:
        said, _ = process.communicate()
        assert process.returncode == 0
        found.update(json.loads(said))
    return found


def _killer(what: str, folder: Path, rounds: int, seed: int) -> subprocess.Popen[str]:
    folder.mkdir()
    return subprocess.Popen(
        [sys.executable, "-m", "tests.store.killer", what, str(folder), str(rounds), str(seed)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
