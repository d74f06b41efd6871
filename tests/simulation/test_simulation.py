"""The simulation finds nothing in the shipped code, and finds every fault that is planted."""

import pytest

from tests.simulation.history import play
from tests.simulation.mutants import MUTANTS, Mutant

CHUNK = 50
MOST_SEEDS = 100


@pytest.mark.parametrize("first", range(0, 500, CHUNK))
def test_nothing_is_lost_overwritten_resurrected_diverged_or_given_away(first: int) -> None:
    wrong = {seed: found for seed in range(first, first + CHUNK) if (found := play(seed).wrong)}
    assert wrong == {}


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=list(MUTANTS))
def test_a_planted_fault_is_found(mutant: Mutant) -> None:
    with mutant.plant():
        assert any(play(seed, mutant.often).wrong for seed in range(MOST_SEEDS))


def test_a_seed_makes_the_same_history_again() -> None:
    assert play(5).told == play(5).told
