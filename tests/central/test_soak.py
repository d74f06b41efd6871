"""A crowd of laptops for three seconds: every push is answered and kept, and nothing is left."""

import sys
from functools import partial

import httpx
import pytest
from sqlalchemy import select

from benchmarks.soak import Crowd, Sizes, enrolled, left_open
from hah_central.database.rows import Change
from hah_central.proof.verify import verify
from tests.central.conftest import Desk

SIZES = Sizes(laptops=20, pushes_a_second=20, seconds=3)


def test_every_push_of_a_crowd_is_answered_and_kept(desk: Desk) -> None:
    address = desk.client.base_url
    connect = partial(httpx.Client, base_url=address, timeout=60, trust_env=False)
    laptops = enrolled(desk.database, desk.client, SIZES.laptops)
    done = Crowd(laptops, connect).push_for(SIZES)

    assert done.faults == []
    assert len(done.seconds) == SIZES.pushes_a_second * SIZES.seconds
    with desk.database.reading() as connection:
        kept = connection.execute(select(Change.record).where(Change.kind == "statement")).scalars()
        assert sorted(kept) == sorted(done.records)
        assert verify(connection).faults == []
    # Nothing but the connection that asks is in use.
    assert desk.database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # of the pools that count


@pytest.mark.skipif(sys.platform != "linux", reason="the system tells of its connections on Linux")
def test_a_connection_that_is_left_open_is_counted(desk: Desk) -> None:
    address = desk.client.base_url
    assert address.port is not None
    with httpx.Client(base_url=address, trust_env=False) as client:
        client.get("/v1/hello")
        assert left_open(address.port, 0) == 1
    assert left_open(address.port) == 0
