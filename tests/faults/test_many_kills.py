"""A thousand kills of a laptop at work: nothing that was promised is lost, nothing is unreadable.

Half of the time goes into looking: after each kill every promise of that database, every body
against its journal, the chain of changes, the search, and every page.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.killing import Toll
from tests.faults.recorder import Fault

ROOT = Path(__file__).resolve().parents[2]
KILLS = 1_000
AT_ONCE = 2

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="only POSIX can fork a laptop")


def killing(folder: Path, seed: int, kills: int, fault: Fault) -> "subprocess.Popen[str]":
    folder.mkdir()
    words = [str(folder), str(seed), str(kills), fault]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.killing", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def toll(process: "subprocess.Popen[str]") -> Toll:
    said, _ = process.communicate()
    assert process.returncode == 0
    return Toll(**json.loads(said))


def test_a_thousand_kills_take_nothing_that_was_promised(tmp_path: Path) -> None:
    each = KILLS // AT_ONCE
    at_work = [killing(tmp_path / f"{n}", n, each, Fault.NONE) for n in range(AT_ONCE)]
    tolls = [toll(process) for process in at_work]
    assert [found.lost for found in tolls] == [[]] * AT_ONCE
    assert [found.unreadable for found in tolls] == [[]] * AT_ONCE
    assert sum(found.kills for found in tolls) >= KILLS
    assert sum(found.promises for found in tolls) >= KILLS


def test_a_program_that_promises_too_early_is_found_out(tmp_path: Path) -> None:
    found = toll(killing(tmp_path / "early", 1, KILLS, Fault.TOO_EARLY))
    assert found.lost
    assert not found.unreadable
