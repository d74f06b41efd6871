"""The simulation finds nothing in the shipped code: in the 500 histories that CI plays."""

import pytest

from tests.simulation.history import play

HISTORIES = 500
AT_ONCE = 50
"""So many in one test, which names each of them that went wrong."""


@pytest.mark.parametrize("first", range(0, HISTORIES, AT_ONCE))
def test_nothing_is_lost_overwritten_resurrected_diverged_or_given_away(first: int) -> None:
    seeds = range(first, first + AT_ONCE)
    assert {seed: found for seed in seeds if (found := play(seed).wrong)} == {}
