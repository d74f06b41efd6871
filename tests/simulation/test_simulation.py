"""The simulation finds every fault that is planted, and plays the same history of a seed again."""

from pathlib import Path

import pytest

from tests.simulation import hands, worlds
from tests.simulation.__main__ import answers
from tests.simulation.history import play
from tests.simulation.mutants import MUTANTS, Mutant

MOST_SEEDS = 100


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=list(MUTANTS))
def test_a_planted_fault_is_found(mutant: Mutant) -> None:
    with mutant.plant():
        seeds = mutant.seeds(MOST_SEEDS)
        assert any(play(seed, mutant.often, to_the_end=False).wrong for seed in seeds)


def test_no_history_begins_with_a_fault_that_another_one_plants() -> None:
    worlds._beginning.cache_clear()
    with MUTANTS["a lone head"].plant():
        assert worlds._beginning.cache_info().currsize == len(worlds.SHAPES)


def test_a_seed_makes_the_same_history_again() -> None:
    assert play(5).told == play(5).told


def stick(_: int) -> Path:
    """Where a process that plays histories keeps the stick that somebody holds."""
    path = hands._path()
    path.touch()
    return path


def test_processes_that_play_beside_each_other_leave_no_sticks_behind() -> None:
    sticks = set(answers(stick, range(9), 2, at_once=1))
    assert sticks
    assert not [path for path in sticks if path.parent.exists()]
