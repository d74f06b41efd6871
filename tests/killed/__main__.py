"""One campaign; says as JSON how it went.

`python -m tests.killed FOLDER SEED KILLS_OF_EACH KILLS_OF_POSTGRESQL` makes a server of its own;
`python -m tests.killed FOLDER SEED FAULT ADDRESS` plants a fault, at a server that is there.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path

import psycopg

from tests.house import postgres
from tests.house.postgres import Cluster
from tests.killed.campaign import Campaign
from tests.killed.judge import judge
from tests.killed.line import steady_port
from tests.killed.plan import Plan, plan
from tests.killed.planted import Planted, plan_for


@contextmanager
def own_database() -> Iterator[tuple[str, Cluster]]:
    """A database on a server of its own; it ends with an error if a connection is left."""
    programs = postgres.programs()
    assert programs is not None
    with postgres.cluster(programs, steady_port()) as cluster:
        admin = cluster.address.replace("+psycopg", "") + "postgres"
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute("CREATE DATABASE killed")
        yield cluster.address + "killed", cluster
        with psycopg.connect(admin, autocommit=True) as connection:
            # Without force: PostgreSQL refuses it while anybody is still connected.
            connection.execute("DROP DATABASE killed")


def run(campaign: Campaign, made: Plan) -> dict[str, object]:
    """Kill as planned, let there be peace, and judge."""
    with closing(campaign):
        campaign.run(made)
        campaign.peace()
        found = judge(campaign)
    return {**campaign.toll.told(), **asdict(found)}


def main(folder: Path, seed: int, words: list[str]) -> dict[str, object]:
    """The campaign that the words describe."""
    folder.mkdir(parents=True, exist_ok=True)
    if words[0].isdecimal():
        with own_database() as (address, cluster):
            campaign = Campaign(folder, address, cluster, seed, Planted.NOTHING)
            return run(campaign, plan(seed, *map(int, words)))
    fault = Planted(words[0])
    return run(Campaign(folder, words[1], None, seed, fault), plan_for(fault))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])))
