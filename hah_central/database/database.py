"""The office's database, SQLite or PostgreSQL: how it is opened, written to, read and migrated.

A writing transaction is alone on SQLite (BEGIN IMMEDIATE); on PostgreSQL the journal's counter
row does the same. A reading one sees one state from its first question to its last.
"""

import math
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any, NoReturn

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    String,
    column,
    create_engine,
    event,
    inspect,
    make_url,
    select,
    table,
    text,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry

from hah_central.database.questions import check_may_ask
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.spelling import read, spell_as_it_comes

_MIGRATIONS = Path(__file__).with_name("migrations")
_VERSION = table("alembic_version", column("version_num", String))

FILE_NAME = "office.db"
HOME_FOLDER = "help-at-hand-office"
"""In somebody's home: where the office keeps its files if nobody says otherwise."""

_WRITES = "hah_writes"
_SQLITE_PRAGMAS = (
    "PRAGMA busy_timeout = 10000",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)
_SQLITE_LOG = ("PRAGMA journal_mode = WAL",)
_SQLITE_TRIES = 10
_POSTGRES_LIMITS = (
    "SET lock_timeout = '10s'",
    "SET statement_timeout = '60s'",
    "SET idle_in_transaction_session_timeout = '60s'",
)
_POSTGRES_PLANS = ("SET enable_seqscan = off", "SET jit = off")
"""A plan is kept: one that was made while a table was small would read it whole for ever. What
has to read one whole still does; it only looks dear, and must not be compiled for that."""

OLDEST_POSTGRES = 15

_RESTS_SINCE = "hah_rests_since"
_TRUSTED_SECONDS = 1.0
"""A connection that rested for longer is asked whether it is still there before it is used."""

_TURN_SECONDS = 10.0
"""As long as the database itself lets somebody wait for a lock."""

_MIGRATION_LOCK = 0x4861_4800
"""Any number that every office process agrees on: two that start at once migrate in turn."""


_DRIVERS = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
"""What an address may begin with, and who speaks to that kind of database."""


class NotOurs(KnownError):
    """This is no database that this version of the program can work with."""


def no_office(where: str) -> NotOurs:
    """The words for a command that was pointed at nothing."""
    return NotOurs(
        f"There is no office {where}.",
        "Nothing was made.",
        "Say where it is with --data or --database, or in the variable HAH_CENTRAL_DATABASE. A new "
        "office begins with the command “keys”.",
    )


def spell(value: Any) -> str:
    """How a JSON column is written."""
    return spell_as_it_comes(value).decode()


def in_folder(folder: Path) -> URL:
    """The address of the embedded database in a folder, which is made if it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    return URL.create("sqlite", database=str(folder / FILE_NAME))


class Database:
    """One office's database. Migrated to this version as soon as it is opened.

    `apart`: in a process of its own, where there can be one. What brings tables up takes megabytes,
    which a process that serves would hold from then on. No thread may have been begun.

    Raises NotOurs for a kind that there is no driver for, for what another program made, and for
    none where it may not be new.
    """

    def __init__(self, address: URL | str, *, may_be_new: bool = True, apart: bool = False) -> None:
        url = make_url(address)
        if url.drivername not in _DRIVERS:
            raise NotOurs(
                "This is an address of another kind of database than the office can use.",
                "Nothing was changed.",
                "It is PostgreSQL: postgresql://user@host/name, or else SQLite in a folder: "
                "--data FOLDER.",
            )
        url = url.set(drivername=_DRIVERS[url.drivername])
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.engine = _sqlite(url) if self.is_sqlite else _postgres(url)
        event.listen(self.engine, "before_execute", _check_may_ask)
        self._turn = Lock()
        try:
            if not self._is_up(may_be_new=may_be_new):
                self._bring_up(apart=apart)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the connections."""
        self.engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One writing transaction: all of it is kept, or nothing."""
        with self.engine.connect() as connection:
            connection.execution_options(**{_WRITES: True})
            with connection.begin():
                yield connection

    @contextmanager
    def journalling(self) -> Iterator[Connection]:
        """A writing transaction that locks the counter: those of this process one by one.

        They could only wait for each other at the counter, each with a connection in its hand that
        others might read with.
        """
        if not self._turn.acquire(timeout=_TURN_SECONDS):
            raise PoolTimeout
        try:
            with self.writing() as connection:
                yield connection
        finally:
            self._turn.release()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One state of the database for as long as it lasts."""
        with self.engine.connect() as connection:
            if not self.is_sqlite:
                connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            with connection.begin():
                yield connection

    @contextmanager
    def asking(self) -> Iterator[Connection]:
        """For one question alone, which sees one state by itself: nothing is begun or ended."""
        if self.is_sqlite:
            with self.reading() as connection:
                yield connection
            return
        with self.engine.connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    def _is_up(self, *, may_be_new: bool = True) -> bool:
        """Whether the tables are of this version. Raises NotOurs where they cannot be."""
        with self.reading() as connection:
            if not self.is_sqlite:
                told = connection.execute(text("SHOW server_version_num"))
                check_age(int(told.scalar_one()))
            found = revision(connection)
            if found == head():
                return True
            _check_ours(connection, found)
            if found is None and not may_be_new:
                raise no_office("at that address")
        return False

    def _bring_up(self, *, apart: bool) -> None:
        if apart and sys.platform != "win32":
            # No connection may be there twice.
            self.close()
            child = os.fork()
            if not child:
                self._bring_up_and_end()
            os.waitpid(child, 0)
            # However that one ended: what it left to do is done here, and its fault comes up again.
            if self._is_up():
                return
        with self.writing() as connection:
            if not self.is_sqlite:
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK}
                )
            migrate(connection)

    def _bring_up_and_end(self) -> NoReturn:
        try:
            self._bring_up(apart=False)
            self.close()
        finally:
            # At once: nothing of what the other process is about may be done here too.
            os._exit(0)


def check_age(version: int) -> None:
    """Whether a PostgreSQL of this `server_version_num` can be used. Raises NotOurs."""
    if version >= OLDEST_POSTGRES * 10_000:
        return
    raise NotOurs(
        f"This database is of PostgreSQL {version // 10_000}, which is too old: the office needs "
        f"version {OLDEST_POSTGRES} or newer.",
        "Nothing was changed.",
        "Move the database to a newer PostgreSQL, or name another one.",
    )


def head() -> str:
    """The version of the tables that this program works with: that of the newest migration."""
    return max(_versions())


def _versions() -> set[str]:
    versions = _MIGRATIONS / "versions"
    return {each.name.partition("_")[0] for each in versions.glob("[0-9]*.py")}


def revision(connection: Connection) -> str | None:
    """The version of the tables that are there; None where there are none."""
    if not inspect(connection).has_table(_VERSION.name):
        return None
    return connection.execute(select(_VERSION.c.version_num)).scalar_one_or_none()


def _check_ours(connection: Connection, found: str | None) -> None:
    """Whether these tables may be brought up to this version. Raises NotOurs."""
    if found in _versions():
        return
    if found is not None and found.isdecimal():
        raise NotOurs(
            f"A newer version of the program has worked with this database: its tables are of "
            f"version {found}, and this one knows them up to {head()}.",
            "Nothing was changed.",
            "Update the program here, then run this again.",
        )
    if found is not None or inspect(connection).get_table_names():
        raise NotOurs(
            "This database belongs to another program: the tables in it are not the office’s.",
            "Nothing was changed.",
            "Name another folder or database; the office makes its tables in one that is empty.",
        )


def migrate(connection: Connection, to: str = "head") -> None:
    """Bring the tables up to a version, in the connection's transaction."""
    # Only here: an office that is up to date need not hold all this for as long as it serves.
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.config import Config  # noqa: PLC0415 - see above

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _check_may_ask(connection: Connection, *_: object) -> None:
    check_may_ask(connection)


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, hide_parameters=True, json_serializer=spell, json_deserializer=read)

    @event.listens_for(engine, "connect")
    def opened(connection: DBAPIConnection, _record: object) -> None:
        # Python's driver would begin transactions by its own rules; we say BEGIN ourselves.
        connection.isolation_level = None
        _say(connection, _SQLITE_PRAGMAS)
        _keep_log(connection)

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgres(url: URL) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        json_serializer=spell,
        json_deserializer=read,
        pool_size=20,
        # The one that was used last has our questions prepared, and the others may rest.
        pool_use_lifo=True,
    )

    @event.listens_for(engine, "connect")
    def opened(connection: DBAPIConnection, _record: object) -> None:
        _say(connection, _POSTGRES_LIMITS + _POSTGRES_PLANS)
        connection.commit()

    @event.listens_for(engine, "checkin")
    def rested(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        record.info[_RESTS_SINCE] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def taken(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object) -> None:
        # Asking each time whether it is still there would cost as much as a question.
        rested = time.monotonic() - record.info.get(_RESTS_SINCE, math.inf)
        if _TRUSTED_SECONDS < rested < math.inf and not _is_there(engine, connection):
            raise InvalidatePoolError

    return engine


def _is_there(engine: Engine, connection: DBAPIConnection) -> bool:
    try:
        return engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error:
        return False


def _keep_log(connection: Any) -> None:
    """Let the file have a log of what is written.

    Where several services make one file at once, SQLite refuses that without waiting, whatever it
    was told: so whoever is refused waits until it can lock the file, and asks again.
    """
    # Only here: a service on PostgreSQL need not hold it for as long as it serves.
    import sqlite3  # noqa: PLC0415 - see above

    for _ in range(_SQLITE_TRIES):
        with suppress(sqlite3.OperationalError):
            return _say(connection, _SQLITE_LOG)
        _say(connection, ("BEGIN EXCLUSIVE", "COMMIT"))
    return _say(connection, _SQLITE_LOG)


def _say(connection: Any, statements: tuple[str, ...]) -> None:
    cursor = connection.cursor()
    for statement in statements:
        cursor.execute(statement)
    cursor.close()
