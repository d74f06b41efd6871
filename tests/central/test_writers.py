"""Many laptops push at once: no cursor passes over a row, and no number is given twice."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from functools import partial

import httpx
import pytest
from sqlalchemy import Connection, create_engine, func, select, text, update
from sqlalchemy.exc import OperationalError

from hah_central.database.database import Database
from hah_central.database.questions import Question
from hah_central.database.rows import Change, Clock
from hah_central.journal import items, journal
from hah_central.journal.journal import Sender, receive, take_numbers
from hah_desktop.sync.wire.changes import write_push
from tests.central.conftest import KINDS, START, Desk
from tests.central.laptop import Laptop, new_id

WRITERS = 8
PUSHES = 12
CHANGES = 3
NUMBERS = CHANGES + 1
"""Of the counter, that one batch takes."""

ROUNDS = 10


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


class FromASequence:
    """The classic fault: numbers are taken without waiting, so whoever is late is below others."""

    def __init__(self, database: Database) -> None:
        with database.writing() as connection:
            first = connection.execute(select(Clock.seq)).scalar_one() + NUMBERS
            connection.execute(text("DROP SEQUENCE IF EXISTS planted"))
            step = f"INCREMENT BY {NUMBERS} START WITH {first}"
            connection.execute(text(f"CREATE SEQUENCE planted {step}"))
        self._real = journal._TAKE
        self._next = Question(select(func.nextval("planted"), Clock.epoch))

    def ask(self, connection: Connection, count: int) -> Iterator[tuple[int, str]]:
        """The last of the numbers of a batch, and the epoch; all else takes real ones."""
        if count != NUMBERS:
            return self._real.ask(connection, count=count)
        return self._next.ask(connection)


def plant(spoiled: pytest.MonkeyPatch, database: Database) -> None:
    """Let whatever writes take its numbers from the sequence."""
    spoiled.setattr(journal, "_TAKE", FromASequence(database))


def is_planted() -> bool:
    taking: object = journal._TAKE
    return isinstance(taking, FromASequence)


def received(laptop: Laptop, database: Database) -> list[str]:
    """Take small batches in on a connection of their own, as fast as it goes.

    Nobody waits here for a turn: the journal alone keeps writers apart, as between two services.
    With the fault planted its counter is raised at the end.
    """
    made: list[str] = []
    for _ in range(PUSHES):
        changes = [laptop.place(new_id(), name="Invented House") for _ in range(CHANGES)]
        batch = items.read(write_push(laptop.enrolled.epoch, changes))
        sender = Sender(changes[0].laptop, laptop.adviser, digest=new_id())
        with database.writing() as connection:
            accepted, _ = receive(connection, sender, batch, START)
            if is_planted():
                upto = func.greatest(Clock.seq, accepted.seq)
                connection.execute(update(Clock).values(seq=upto))
        made += [change.record for change in changes]
    return made


def missed(desk: Desk, begin: Callable[[], None] = lambda: None) -> set[str]:
    """What a reader is never told of that eight connections wrote beside it."""
    laptops = [desk.laptop(f"Adviser {n}") for n in range(WRITERS)]
    reader = desk.laptop("Reader Example")
    reader.pull_all()
    begin()
    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(received, laptop, desk.database) for laptop in laptops]
        seen = read_while(reader, writers)
    made = [record for writer in writers for record in writer.result()]
    assert len(made) == WRITERS * PUSHES * CHANGES
    return set(made).difference(seen)


def test_a_reader_beside_eight_connections_misses_nothing(desk: Desk) -> None:
    assert not missed(desk)


@pytest.mark.parametrize("address", KINDS[1:], indirect=True)
def test_with_numbers_from_a_sequence_the_same_hammer_finds_what_is_missed(desk: Desk) -> None:
    for _ in range(ROUNDS):
        with pytest.MonkeyPatch.context() as spoiled:
            if missed(desk, partial(plant, spoiled, desk.database)):
                return
    pytest.fail(f"eight connections wrote {ROUNDS} times, and nothing was missed")


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
