"""Killed at any moment while the header is written: it is readable, and nothing promised is lost.

A kill leaves what the system took; what a power cut leaves is in test_copies, step by step.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 250

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="only POSIX forks")


def _campaign(folder: Path, way: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.vault.writer", str(folder), str(ROUNDS), way],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )
    told: dict[str, object] = json.loads(done.stdout)
    return told


def test_every_killed_write_leaves_a_whole_header_and_keeps_every_promise(tmp_path: Path) -> None:
    told = _campaign(tmp_path, "careful")
    assert told["lost"] == []
    # Kills must have come in the middle of writes, or they showed nothing.
    assert isinstance(told["cut"], int)
    assert told["cut"] > ROUNDS // 4


def test_the_campaign_finds_a_header_that_is_written_carelessly(tmp_path: Path) -> None:
    assert _campaign(tmp_path, "careless")["lost"]
