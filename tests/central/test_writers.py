"""Many laptops push at once: no cursor passes over a row, and no number is given twice."""

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing

import httpx
import pytest
from sqlalchemy import Connection, create_engine, select, text
from sqlalchemy.exc import OperationalError

from hah_central.database.database import Database
from hah_central.database.rows import Change, Clock
from hah_central.journal.journal import take_numbers
from tests.central.conftest import Desk
from tests.central.laptop import Laptop, new_id

WRITERS = 8
PUSHES = 12
CHANGES = 3


def write(laptop: Laptop, url: httpx.URL) -> list[str]:
    """Push small batches as fast as it goes. Returns the records that were made."""
    made: list[str] = []
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        laptop.client = client
        for _ in range(PUSHES):
            changes = [laptop.place(new_id(), name="Invented House") for _ in range(CHANGES)]
            laptop.push(*changes)
            made += [change.record for change in changes]
    return made


def read_while(laptop: Laptop, writers: list[Future[list[str]]]) -> list[str]:
    """Pull on until the writers have ended, and once more."""
    seen: list[str] = []
    ended = False
    while not ended:
        ended = all(writer.done() for writer in writers)
        seen += [row.record for row in laptop.pull_all()]
    return seen


def test_a_reader_beside_eight_writers_misses_nothing(desk: Desk) -> None:
    laptops = [desk.laptop(f"Adviser {n}") for n in range(WRITERS)]
    reader = desk.laptop("Reader Example")
    reader.pull_all()

    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(write, laptop, desk.client.base_url) for laptop in laptops]
        seen = read_while(reader, writers)

    made = [record for writer in writers for record in writer.result()]
    assert len(made) == WRITERS * PUSHES * CHANGES
    assert sorted(seen) == sorted(made)


def test_numbers_follow_the_order_in_which_transactions_ended(desk: Desk) -> None:
    laptops = [desk.laptop(f"Adviser {n}") for n in range(WRITERS)]
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda laptop: write(laptop, desk.client.base_url), laptops))

    with desk.database.reading() as connection:
        rows = connection.execute(select(Change.seq, Change.batch).order_by(Change.seq)).all()
        last = connection.execute(select(Clock.seq)).scalar_one()

    # Each batch is one unbroken run of numbers that ends just before its own end mark.
    ends = sorted({batch for _, batch in rows})
    assert ends[-1] == last
    for start, end in zip([0, *ends], ends, strict=False):
        assert [seq for seq, batch in rows if batch == end] == list(range(start + 1, end))


def beyond(connection: Connection, cursor: int) -> list[int]:
    """What a reader with a cursor is told."""
    asked = text("SELECT seq FROM plain WHERE seq > :cursor ORDER BY seq")
    return list(connection.execute(asked, {"cursor": cursor}).scalars())


@pytest.mark.postgres
def test_with_a_plain_sequence_a_reader_would_miss_a_row(postgres_database: str) -> None:
    """The fault that the counter row is there against: without it, this is what happens."""
    engine = create_engine(postgres_database)
    written = text("INSERT INTO plain DEFAULT VALUES")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE plain (seq bigserial PRIMARY KEY)"))
    with engine.connect() as slow:
        slow.execute(written)
        with engine.begin() as quick:
            quick.execute(written)
        with engine.connect() as reader:
            cursor = max(beyond(reader, 0))
        slow.commit()
    with engine.connect() as reader:
        missed = set(beyond(reader, 0)) - {cursor} - set(beyond(reader, cursor))
    engine.dispose()

    assert (cursor, missed) == (2, {1})


@pytest.mark.postgres
def test_with_the_counter_nobody_gets_a_number_before_the_one_below_it_is_there(
    postgres_database: str,
) -> None:
    with closing(Database(postgres_database)) as database:
        with database.writing() as slow:
            first, _ = take_numbers(slow, 1)
            with database.engine.connect() as quick:
                quick.execute(text("SET lock_timeout = '50ms'"))
                with pytest.raises(OperationalError, match="lock timeout"):
                    take_numbers(quick, 1)
                quick.invalidate()
        with database.writing() as quick:
            second, _ = take_numbers(quick, 1)

    assert second == first + 1
