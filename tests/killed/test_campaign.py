"""An office that is asked to end while people work takes no sync from them."""

import os
from contextlib import closing
from pathlib import Path

import pytest

from tests.killed.campaign import Campaign
from tests.killed.person import Part
from tests.killed.planted import Planted
from tests.killed.test_killed import SEED

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no forks"),
]


def test_whoever_calls_while_the_office_is_about_to_end_waits_for_the_next_one(
    tmp_path: Path, postgres_database: str
) -> None:
    with closing(Campaign(tmp_path, postgres_database, None, SEED, Planted.NOTHING)) as campaign:
        campaign._start_office()
        campaign._watch.until(lambda: campaign._is_up)
        for one in campaign.desks * 3:
            # As after a kill of PostgreSQL: the office ends behind this sync.
            campaign._serves_on = 1
            campaign._in_turn(Part.PEACE, [one])
        assert campaign.toll.wrong == []
