"""The engine: transactions are whole, also for tables and savepoints, and nobody loses a row."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.disk import engine
from hah_desktop.store.errors import StoreBusy, StoreDamaged, StoreFull, in_plain_words
from hah_desktop.store.journal import reading
from hah_desktop.store.store import Store
from hah_desktop.store.tables import schema
from hah_desktop.store.tables.rows import METADATA, RECORD
from tests.store.hand import HandClock, raw_key


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Engine]:
    """An engine on an encrypted file with one table."""
    made = engine.open_engine(tmp_path / "bare.db", raw_key)
    with made.begin() as connection:
        connection.execute(text("CREATE TABLE kept (word TEXT)"))
    yield made
    made.dispose()


def words(bare: Engine) -> list[str]:
    with bare.begin() as connection:
        return list(connection.execute(text("SELECT word FROM kept")).scalars())


def put(connection: Connection, word: str) -> None:
    connection.execute(text("INSERT INTO kept VALUES (:word)"), {"word": word})


def test_a_table_made_in_a_transaction_that_is_taken_back_is_gone(bare: Engine) -> None:
    with bare.connect() as connection, connection.begin() as transaction:
        connection.execute(text("CREATE TABLE half_made (id TEXT)"))
        transaction.rollback()
    with bare.begin() as connection:
        names = connection.execute(text("SELECT name FROM sqlite_master")).scalars().all()
    assert names == ["kept"]


def test_a_savepoint_does_not_outlive_its_transaction(bare: Engine) -> None:
    with bare.connect() as connection, connection.begin() as transaction:
        with connection.begin_nested():
            put(connection, "inner")
        transaction.rollback()
    assert words(bare) == []


def test_what_is_written_without_a_transaction_is_kept(bare: Engine) -> None:
    with bare.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        put(connection, "kept")
    assert words(bare) == ["kept"]


def test_transactions_are_whole_again_after_one_without(bare: Engine) -> None:
    with bare.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        put(connection, "kept")
    with bare.connect() as connection, connection.begin() as transaction:
        put(connection, "taken back")
        transaction.rollback()
    assert words(bare) == ["kept"]


def test_a_reader_sees_one_state_while_somebody_writes(bare: Engine) -> None:
    with bare.begin() as reader:
        before = reader.execute(text("SELECT count(*) FROM kept")).scalar()
        with engine.writer(bare).begin() as writer:
            put(writer, "later")
        assert reader.execute(text("SELECT count(*) FROM kept")).scalar() == before == 0
    assert words(bare) == ["later"]


def test_the_connection_that_was_used_last_is_used_next(bare: Engine) -> None:
    # The other one would have to read and decrypt everything anew after each save.
    with bare.connect() as first, bare.connect() as second:
        assert first.connection.dbapi_connection is not second.connection.dbapi_connection
        last = first.connection.dbapi_connection
        second.close()
    for _ in range(3):
        with bare.connect() as again:
            assert again.connection.dbapi_connection is last


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("foreign_keys", 1),
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("temp_store", 2),
        ("trusted_schema", 0),
        ("secure_delete", 1),
    ],
)
def test_every_connection_is_set_up_to_be_safe(bare: Engine, pragma: str, value: int | str) -> None:
    with bare.begin() as connection, bare.begin() as second:
        for one in (connection, second):
            assert one.execute(text(f"PRAGMA {pragma}")).scalar() == value


def test_a_row_that_leads_nowhere_is_refused(bare: Engine) -> None:
    with bare.begin() as connection:
        connection.execute(text("CREATE TABLE parent (id TEXT PRIMARY KEY)"))
        connection.execute(text("CREATE TABLE child (of TEXT REFERENCES parent(id))"))
    with pytest.raises(IntegrityError), bare.begin() as connection:
        connection.execute(text("INSERT INTO child VALUES ('nobody')"))


def test_no_report_of_a_fault_holds_what_was_written(bare: Engine) -> None:
    with pytest.raises(DBAPIError) as fault, bare.begin() as connection:
        connection.execute(text("INSERT INTO missing VALUES (:word)"), {"word": "Zuzanna"})
    assert "Zuzanna" not in str(fault.value)


def test_a_fault_that_is_a_bug_is_not_dressed_up(bare: Engine) -> None:
    with pytest.raises(DBAPIError), in_plain_words(), bare.begin() as connection:
        connection.execute(text("SELECT nothing FROM nowhere"))


def test_a_second_program_at_the_same_database_is_told_so(store: Store, tmp_path: Path) -> None:
    second = Store.open(tmp_path / "records.db", raw_key, HandClock())
    with second.reading() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 1")
    with store.writing(), pytest.raises(StoreBusy), second.writing():
        pass
    second.close()


def test_a_file_damaged_while_it_is_open_is_reported(store: Store, tmp_path: Path) -> None:
    store.add(*(Visit(id=store.new_id(), impression="Calm. " * 900) for _ in range(50)))
    store.close()
    file = tmp_path / "records.db"
    spoiled = bytearray(file.read_bytes())
    pages = len(spoiled) // 4096
    # The tables themselves, which opening reads, lie in the first half.
    for page in range(pages // 2, pages):
        spoiled[page * 4096 + 50] ^= 1
    file.write_bytes(spoiled)
    opened = Store.open(file, raw_key, HandClock())
    with pytest.raises(StoreDamaged), opened.reading() as connection:
        reading.of_kind(connection, "visit")
    opened.close()


def test_a_database_that_may_not_be_written_to_is_reported(store: Store) -> None:
    with store.reading() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    with pytest.raises(StoreFull, match="does not let the program write"):
        store.add(Visit(id=store.new_id()))


# Tables


def test_the_newest_migration_is_the_one_that_the_program_expects() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]


def test_the_migrations_make_the_tables_that_the_program_uses(store: Store) -> None:
    def ours(name: str | None, kind: str, parents: object) -> bool:
        assert parents is not None
        return not (kind == "table" and str(name).startswith("search"))

    with store.reading() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": ours})
        assert compare_metadata(context, METADATA) == []


def test_a_database_that_is_up_to_date_is_left_alone(store: Store, tmp_path: Path) -> None:
    store.close()
    before = (tmp_path / "records.db").read_bytes()
    Store.open(tmp_path / "records.db", raw_key, HandClock()).close()
    assert (tmp_path / "records.db").read_bytes() == before


def test_a_body_is_always_json(store: Store) -> None:
    with pytest.raises(DBAPIError, match="malformed JSON"), store.writing() as connection:
        connection.execute(
            RECORD.insert().values(id="r", kind="visit", body="not JSON", files="[]")
        )
    with store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(RECORD)).scalar() == 0


def test_the_standard_library_alone_would_write_what_everybody_can_read(tmp_path: Path) -> None:
    path = tmp_path / "plain.db"
    plain = sqlite3.connect(path)
    plain.execute("PRAGMA key = \"x'00'\"")
    plain.execute("CREATE TABLE kept (word TEXT)")
    plain.commit()
    plain.close()
    assert engine.is_plain(path)
