"""The same store on three engines: encrypted, the same library without a key, Python's sqlite3.

The program itself can open nothing but the first: the other two exist here alone.
"""

import datetime as dt
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2

from hah_desktop.store.disk.engine import _PRAGMAS, open_engine
from hah_desktop.store.store import Store
from hah_desktop.store.tables import schema
from hah_desktop.store.tables.meta import Identity

ENCRYPTED = "encrypted"
NO_KEY = "the same library without a key"
STDLIB = f"Python's sqlite3 ({sqlite3.sqlite_version})"

WITHOUT_WORDS = (3, 43)
"""Since then a search index can do without the words themselves."""

MakeEngine = Callable[[Path], Engine]


def clock() -> dt.datetime:
    """Now."""
    return dt.datetime.now(dt.UTC)


def raw_key() -> bytearray:
    """A key in the form that the vault gives it in."""
    return bytearray(b"x'" + b"5a" * 32 + b"c3" * 16 + b"'")


def encrypted(path: Path) -> Engine:
    """What the program uses."""
    return open_engine(path, raw_key)


def without_key(path: Path) -> Engine:
    """What encryption itself costs is the difference to this one."""
    return _plain(path, dbapi2, _PRAGMAS)


def stdlib(path: Path) -> Engine:
    """What a program without encryption would use."""
    # Older ones do not trust their own JSON functions in a generated column.
    return _plain(path, sqlite3, [p for p in _PRAGMAS if not p.startswith("trusted_schema")])


ENGINES: dict[str, MakeEngine] = {ENCRYPTED: encrypted, NO_KEY: without_key, STDLIB: stdlib}


def _plain(path: Path, library: Any, pragmas: Iterable[str]) -> Engine:
    def connect() -> Any:
        made = library.connect(str(path), timeout=5, isolation_level=None, check_same_thread=False)
        for pragma in pragmas:
            made.execute(f"PRAGMA {pragma}")
        return made

    engine = create_engine(
        "sqlite+pysqlite:///",
        module=library,
        creator=connect,
        poolclass=QueuePool,
        pool_size=2,
        pool_use_lifo=True,
        hide_parameters=True,
    )
    event.listen(engine, "begin", _begin)
    if library.sqlite_version_info < WITHOUT_WORDS:
        event.listen(engine, "before_cursor_execute", _with_words, retval=True)
    return engine


def _with_words(*asked: Any) -> tuple[str, Any]:
    """An older library's index keeps the words a second time: it takes nothing out otherwise."""
    _, _, statement, parameters, *_ = asked
    return statement.replace(", content='', contentless_delete=1", ""), parameters


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("sqlite_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def new_store(path: Path, engine: MakeEngine) -> Store:
    """An empty store of an enrolled laptop."""
    store = Store(engine(path), clock)
    with store.writing() as connection:
        schema.upgrade(connection)
    store.keep_identity(Identity("00" * 32, laptop="laptop-one", adviser="adviser-one"))
    return store


def opened(path: Path, engine: MakeEngine) -> Store:
    """A store that is there, ready for its first question."""
    store = Store(engine(path), clock)
    with store.reading() as connection:
        schema.check_version(connection)
    with store.writing() as connection:
        schema.upgrade(connection)
    return store
