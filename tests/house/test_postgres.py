"""The throw-away PostgreSQL server that other tests stand on."""

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from tests.house import postgres
from tests.house.in_turn import InTurn

pytestmark = pytest.mark.postgres


def ask(url: str, question: str) -> object:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        row = connection.execute(question).fetchone()
    assert row is not None
    return row[0]


def test_a_test_gets_an_empty_database_of_its_own(postgres_database: str) -> None:
    tables = ask(postgres_database, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    assert tables == 0
    assert ask(postgres_database, "SHOW fsync") == "off"


@pytest.mark.usefixtures("postgres_url")
def test_a_server_that_is_not_hurried_writes_to_disk_as_the_real_one_does() -> None:
    bin_folder = postgres.programs()
    assert bin_folder is not None
    with postgres.server(bin_folder) as url, postgres.database(url, "slow") as slow:
        assert ask(slow, "SHOW fsync") == ask(slow, "SHOW synchronous_commit") == "on"


def test_the_server_listens_on_this_machine_only(postgres_database: str) -> None:
    assert ask(postgres_database, "SHOW listen_addresses") == "127.0.0.1"


TABLES = (
    "CREATE TABLE said (number bigserial PRIMARY KEY, words text)",
    "INSERT INTO said (words) VALUES ('before')",
    "CREATE TABLE heard (said bigint REFERENCES said)",
)
MUCH = """
    INSERT INTO said (words) SELECT repeat('x', 1024) FROM generate_series(0, 4 * 1024)
"""
SAID = "SELECT string_agg(number || ' ' || words, ', ' ORDER BY number) FROM said"


def do(url: str, *statements: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


@pytest.fixture
def in_turn(postgres_url: str, postgres_database: str) -> Iterator[InTurn]:
    do(postgres_database, *TABLES)
    with closing(InTurn(postgres_url, postgres_database.rpartition("/")[2])) as made:
        yield made


def test_a_database_that_tests_use_in_turn_is_as_new_each_time(in_turn: InTurn) -> None:
    first = in_turn.fresh()
    do(first, "INSERT INTO said (words) VALUES ('mine')", "INSERT INTO heard VALUES (2)")
    assert ask(first, SAID) == "1 before, 2 mine"
    again = in_turn.fresh()
    assert again == first
    assert (ask(again, SAID), ask(again, "SELECT count(*) FROM heard")) == ("1 before", 0)
    do(again, "INSERT INTO said (words) VALUES ('mine')")
    assert ask(again, SAID) == "1 before, 2 mine"


def test_what_another_still_does_in_it_is_thrown_out(in_turn: InTurn) -> None:
    with psycopg.connect(in_turn.fresh().replace("+psycopg", "")) as left:
        left.execute("LOCK TABLE said")
        assert ask(in_turn.fresh(), SAID) == "1 before"
        with pytest.raises(psycopg.OperationalError):
            left.execute("SELECT 1")


@pytest.mark.parametrize(
    "altered",
    [
        "DROP TABLE heard",
        "ALTER TABLE said ADD more text",
        "ALTER TABLE said DISABLE TRIGGER ALL",
        "ALTER TABLE said ALTER words SET DEFAULT ''",
        "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE INDEX words ON said (words)",
        MUCH,
    ],
)
def test_after_one_that_altered_it_or_wrote_much_a_new_one_is_made(
    in_turn: InTurn, altered: str
) -> None:
    first = in_turn.fresh()
    do(first, altered)
    again = in_turn.fresh()
    assert again != first
    assert ask(again, SAID) == "1 before"
    assert ask(again, "SELECT count(*) FROM heard") == 0
