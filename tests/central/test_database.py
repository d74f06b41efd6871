"""The tables: made by the migrations, described by the rows, and both the same."""

import datetime as dt
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import UpdateBase, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, InternalError, OperationalError

import hah_central.database.database
from hah_central.database.columns import Base
from hah_central.database.database import (
    Database,
    NotOurs,
    check_age,
    head,
    in_folder,
    migrate,
    revision,
)
from hah_central.database.rows import (
    Batch,
    Change,
    Clock,
    FileSet,
    Laptop,
    Record,
    RecordFile,
)

CHECKED_BY_THE_BATCH = {("add_fk", "fk_change_batch")}
"""On PostgreSQL triggers keep it, and do not ask for each row."""


def epoch(database: Database) -> str:
    with database.reading() as connection:
        return connection.execute(select(Clock.epoch)).scalar_one()


@pytest.mark.parametrize("version", [90624, 140000, 149999])
def test_a_postgresql_that_is_too_old_is_refused_in_words(version: int) -> None:
    with pytest.raises(NotOurs, match=f"PostgreSQL {version // 10_000}, which is too old"):
        check_age(version)
    check_age(150000)
    check_age(170004)


@pytest.mark.postgres
def test_how_old_it_is_is_looked_at_before_anything_is_made(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hah_central.database.database, "OLDEST_POSTGRES", 99)
    with pytest.raises(NotOurs, match="needs version 99 or newer"):
        Database(postgres_database)
    monkeypatch.undo()
    with pytest.raises(NotOurs, match="no office"):
        Database(postgres_database, may_be_new=False)


def test_what_a_view_shows_has_the_columns_that_are_described(database: Database) -> None:
    with database.reading() as connection:
        assert set(connection.execute(select(RecordFile)).keys()) == set(
            RecordFile.__table__.c.keys()
        )


def test_the_migrations_make_what_the_rows_describe(database: Database) -> None:
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, Base.metadata)
    by_triggers = set() if database.is_sqlite else CHECKED_BY_THE_BATCH
    assert {(what, key.name) for what, key in found} == by_triggers


def a_row(database: Database, what: str) -> None:
    """Write rows where what they name is not there, or take away what is named."""
    with database.writing() as connection:
        for statement in ROWS[what]:
            connection.execute(statement)


NOW = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)
BATCH = insert(Batch).values(seq=1, laptop="office", received=NOW, digest="", signature="")
FILES = insert(FileSet).values(name="both", file="ref")
RECORD = insert(Record).values(
    id="r", kind="place", seq=1, heads={}, moved={}, lies_in="both", joined=1
)
CHANGE = insert(Change).values(
    **dict.fromkeys(("id", "laptop", "hash", "previous", "record", "kind", "author"), "c"),
    **dict.fromkeys(("made_at", "verdict", "problem", "body"), ""),
    seq=1,
    number=1,
    batch=1,
    clock_trusted=True,
    received=NOW,
)
ROWS: dict[str, tuple[UpdateBase, ...]] = {
    "in a file": (FILES, RECORD),
    "in the journal": (BATCH, CHANGE),
    "in files, that nobody named": (RECORD,),
    "in the journal, of no batch": (CHANGE,),
    "in the journal, of a batch that is gone": (BATCH, delete(Batch), CHANGE),
    "in the journal, of a batch that is called otherwise": (
        BATCH,
        update(Batch).values(seq=7),
        CHANGE,
    ),
    "in another file, that nobody named": (update(Record).values(lies_in="nobody"),),
    "in the journal, of another batch": (update(Change).values(batch=7),),
    "a file in which a record lies is gone": (delete(FileSet),),
    "a batch that has changes is gone": (delete(Batch),),
    "a file in which a record lies is another": (update(FileSet).values(file="another"),),
    "a batch that has changes is another": (update(Batch).values(seq=7),),
}


@pytest.mark.parametrize("what", [what for what in ROWS if "," in what])
def test_a_row_that_names_what_is_not_there_is_refused(database: Database, what: str) -> None:
    if "another" in what:
        a_row(database, "in a file")
        a_row(database, "in the journal")
    with pytest.raises(IntegrityError):
        a_row(database, what)


@pytest.mark.parametrize("what", [what for what in ROWS if what.startswith("a ")])
def test_what_a_row_names_stays_as_it_is(database: Database, what: str) -> None:
    a_row(database, "in a file")
    a_row(database, "in the journal")
    with pytest.raises(IntegrityError):
        a_row(database, what)


def test_the_newest_migration_is_the_last_that_runs(database: Database) -> None:
    folder = Path(hah_central.database.database.__file__).with_name("migrations")
    with database.reading() as connection:
        assert revision(connection) == head() == ScriptDirectory(str(folder)).get_current_head()


def test_a_record_of_before_keeps_its_heads_and_is_still_watched(empty_address: str) -> None:
    heads, moved = '{"name":{"heads":["c"]}}', '{"name":1}'
    with (
        patch.object(hah_central.database.database, "migrate", partial(migrate, to="0018")),
        closing(Database(empty_address)) as before,
        before.writing() as connection,
    ):
        words = (
            "INSERT INTO record (id, kind, seq, body, heads, moved) "
            "VALUES ('r', 'place', 1, '{}', :heads, :moved)"
        )
        connection.execute(text(words), {"heads": heads, "moved": moved})
        rows = "('r', 'ref', 1, 1, 1, 1), ('r', 'visit:v', 1, 3, 1, 1)"
        connection.execute(text(f"INSERT INTO record_file VALUES {rows}"))  # noqa: S608 - our own
    with closing(Database(empty_address)) as now, now.writing() as connection:
        there = connection.execute(select(Record.heads, Record.moved)).one()
        assert there == (json.loads(heads), json.loads(moved))
        lies = select(RecordFile.file, RecordFile.joined, RecordFile.low).order_by(RecordFile.file)
        assert connection.execute(lies).all() == [("ref", 3, 1), ("visit:v", 3, 1)]
        connection.execute(update(Record).values(heads=None))
        assert connection.execute(select(Record.low)).scalar_one() is None
        connection.execute(text("DELETE FROM record"))


def test_an_office_that_is_up_to_date_does_not_hold_what_migrates_it(database: Database) -> None:
    address = database.engine.url.render_as_string(hide_password=False)
    words = (
        "import sys, hah_central.cli; from hah_central.database.database import Database; "
        "Database(sys.argv[1]).close(); sys.exit('alembic' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", words, address], check=False).returncode == 0


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


ALTERING: tuple[UpdateBase, ...] = (
    update(Change).values(body="{}"),
    delete(Change),
    update(Batch).values(digest="00"),
    delete(Batch),
)


@pytest.mark.parametrize("deed", ALTERING, ids=str)
def test_the_journal_is_only_added_to(database: Database, deed: UpdateBase) -> None:
    a_row(database, "in the journal")
    with (
        pytest.raises(IntegrityError, match="only added to"),
        database.writing() as connection,
    ):
        connection.execute(deed)
