"""The throw-away PostgreSQL server that other tests stand on."""

import psycopg
import pytest

from tests.house import postgres

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
