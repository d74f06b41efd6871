"""Real laptops, a real office and PostgreSQL, killed again and again: nothing saved is lost.

The kills are spread over the stages in which each side can be, so what is covered hangs on no
chance; a seed draws the same plan again, though not the same interleaving.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.house import postgres
from tests.killed.plan import Plan, plan
from tests.killed.planted import WHERE, Planted

ROOT = Path(__file__).resolve().parents[2]
SEED = 4
KILLS = int(os.environ.get("HAH_KILLS_OF_EACH_SIDE", "200"))
OF_POSTGRESQL = 6
MOST_SECONDS = 1_800
"""Ten times what the longest takes: where a fault lets nothing go on, people sync for ever."""

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no forks"),
]


def campaign(folder: Path, *words: object) -> dict[str, Any]:
    """One campaign in a process of its own, and what it tells."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.killed", str(folder), str(SEED), *map(str, words)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=MOST_SECONDS,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def planned(made: Plan) -> Counter[str]:
    """How many kills of each side in each stage."""
    return Counter(f"{k.side}: {k.moment.stage.value}" for k in (*made.office, *made.laptop))


def test_kills_of_every_side_in_every_stage_lose_nothing(tmp_path: Path) -> None:
    if postgres.programs() is None:
        pytest.skip("PostgreSQL is not installed")
    found = campaign(tmp_path / "campaign", KILLS, OF_POSTGRESQL)
    assert found["wrong"] == []
    assert found["kills"] == planned(plan(SEED, KILLS, OF_POSTGRESQL))
    # Nobody proves something about nothing.
    assert found["promises"] >= KILLS
    assert found["met"]
    assert found["letters"]


@pytest.mark.parametrize("fault", WHERE)
def test_a_fault_that_only_a_kill_shows_is_found(
    fault: Planted, tmp_path: Path, postgres_database: str
) -> None:
    assert campaign(tmp_path / "campaign", fault.value, postgres_database)["wrong"]
