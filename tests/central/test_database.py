"""The tables: made by the migrations, described by the rows, and both the same."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError

from hah_central.database import Database, in_folder
from hah_central.rows import Base, Clock, Laptop


def epoch(database: Database) -> str:
    with database.reading() as connection:
        return connection.execute(select(Clock.epoch)).scalar_one()


def test_the_migrations_make_what_the_rows_describe(database: Database) -> None:
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_a_new_office_has_a_counter_an_epoch_and_its_own_laptop(database: Database) -> None:
    with database.reading() as connection:
        seq, epoch, office = connection.execute(select(Clock.seq, Clock.epoch, Clock.office)).one()
        laptops = connection.execute(select(Laptop.id, Laptop.adviser)).all()
    assert seq == 0
    assert epoch != office
    assert [tuple(row) for row in laptops] == [("office", None)]


def test_opening_again_changes_nothing(database: Database, address: str) -> None:
    again = Database(address)
    assert epoch(again) == epoch(database)
    again.close()


def test_two_services_that_start_at_once_make_one_office(empty_address: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        opened = list(pool.map(Database, [empty_address, empty_address]))
    assert len({epoch(database) for database in opened}) == 1
    for database in opened:
        database.close()


def test_a_reader_sees_one_state_to_the_end(database: Database) -> None:
    with database.reading() as reader:
        before = reader.execute(select(Clock.seq)).scalar_one()
        with database.writing() as writer:
            writer.execute(text("UPDATE clock SET seq = seq + 7"))
        assert reader.execute(select(Clock.seq)).scalar_one() == before


@pytest.mark.postgres
def test_on_postgresql_a_reader_cannot_write(postgres_database: str) -> None:
    database = Database(postgres_database)
    with database.reading() as reader, pytest.raises(InternalError, match="read-only"):
        reader.execute(text("UPDATE clock SET seq = seq + 7"))
    database.close()


def test_a_fault_names_the_statement_but_no_value(database: Database) -> None:
    with database.reading() as connection, pytest.raises(DBAPIError, match="nowhere") as fault:
        connection.execute(text("SELECT * FROM nowhere WHERE a = :a"), {"a": "a secret word"})
    assert "secret" not in str(fault.value)


def test_what_breaks_off_leaves_nothing(database: Database) -> None:
    def broken() -> None:
        with database.writing() as connection:
            connection.execute(text("UPDATE clock SET seq = seq + 7"))
            raise OSError("the power went")

    with pytest.raises(OSError, match="power"):
        broken()
    with database.reading() as connection:
        assert connection.execute(select(Clock.seq)).scalar_one() == 0


def test_on_sqlite_what_was_confirmed_survives_a_power_cut(tmp_path: Path) -> None:
    database = Database(in_folder(tmp_path))
    with database.reading() as connection:
        pragmas = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert pragmas == ["wal", 2, 1]
    database.close()


def test_a_database_that_is_not_there_is_said_at_once() -> None:
    with pytest.raises(OperationalError):
        Database("postgresql://nobody@127.0.0.1:1/nothing")
