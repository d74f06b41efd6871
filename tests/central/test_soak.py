"""A crowd of laptops for three seconds: every push is answered and kept, and nothing is left."""

from contextlib import closing

import httpx
from sqlalchemy import select

from benchmarks.soak import Crowd, Sizes, enrolled
from hah_central.database.rows import Change
from hah_central.proof.verify import verify
from tests.central.conftest import Desk

SIZES = Sizes(laptops=20, pushes_a_second=20, seconds=3)


def test_every_push_of_a_crowd_is_answered_and_kept(desk: Desk) -> None:
    address = desk.client.base_url
    with closing(httpx.Client(base_url=address, timeout=60, trust_env=False)) as client:
        done = Crowd(enrolled(desk.database, client, SIZES.laptops)).push_for(SIZES)

    assert done.faults == []
    assert len(done.seconds) == SIZES.pushes_a_second * SIZES.seconds
    with desk.database.reading() as connection:
        kept = connection.execute(select(Change.record).where(Change.kind == "place")).scalars()
        assert sorted(kept) == sorted(done.records)
        assert verify(connection).faults == []
    # Nothing but the connection that asks is in use.
    assert desk.database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # of the pools that count
