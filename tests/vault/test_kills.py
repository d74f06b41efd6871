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
CUT = 60
"""So many kills must come in the middle of a write, or they show nothing; on a busy machine that
takes more rounds."""

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="only POSIX forks")


def _campaign(folder: Path, cut: int, way: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.vault.writer", str(folder), str(ROUNDS), str(cut), way],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )
    told: dict[str, object] = json.loads(done.stdout)
    return told


def test_every_killed_write_leaves_a_whole_header_and_keeps_every_promise(tmp_path: Path) -> None:
    assert _campaign(tmp_path, CUT, "careful")["lost"] == []


def test_the_campaign_finds_a_header_that_is_written_carelessly(tmp_path: Path) -> None:
    assert _campaign(tmp_path, 0, "careless")["lost"]
