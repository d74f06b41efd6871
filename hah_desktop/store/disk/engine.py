"""Opens the encrypted file: SQLCipher by raw key, proven to encrypt, one guarded BEGIN.

Never opens a file without a key, never makes a new database where one is missing.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlcipher3
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2

from hah_desktop.store.disk.door import check_open
from hah_desktop.store.errors import StoreDamaged, StoreUnsafe, busy, not_opened
from hah_desktop.store.tables.asking import begin

PLAIN_HEADER = b"SQLite format 3\0"
OLDEST_SQLITE = (3, 53, 4)
"""SQLite before this carries the WAL-reset fault (3.51.1 is what older wheels ship)."""

_PAGE_BYTES = 4096

SALT_BYTES = 16

SPEC_LENGTH = 99

_KEY_LENGTHS = (SPEC_LENGTH, 67)
"""x'…' around 64 hex digits of key, with or without 32 of salt. One digit short and the library
would silently take the key for a passphrase."""

TODAY, EARLIER = "HMAC_SHA256", "HMAC_SHA512"
"""What proves that a page is as it was written: here, and in databases of earlier versions. Nobody
forges either; the first takes half the time. Which one a file has, only the key can tell."""

_PRAGMAS = (
    "foreign_keys=ON",
    "journal_mode=WAL",
    "synchronous=FULL",
    "temp_store=MEMORY",
    "cache_size=-64000",
    "trusted_schema=OFF",
    "secure_delete=ON",
)

KeySpec = Callable[[], bytearray]
"""Gives a fresh buffer `x'<hex key><hex salt>'`; it is wiped here after use."""


def check_library() -> None:
    """Refuse to start with a library that does not encrypt or that loses committed pages."""
    if dbapi2.sqlite_version_info < OLDEST_SQLITE:
        raise StoreUnsafe(
            f"The database library is too old (SQLite {dbapi2.sqlite_version}).",
            "Nothing was opened.",
            "Install this program again, or tell the office.",
        )


def open_engine(path: Path, key: KeySpec) -> Engine:
    """An engine on the encrypted file at `path`. The file is made on first use if it is absent.

    Raises StoreUnsafe when the library does not encrypt, StoreDamaged when the key does not fit
    or the file is not a database of ours.
    """
    check_library()

    def make() -> sqlcipher3.Connection:
        return connect(path, key)

    engine = create_engine(
        "sqlite+pysqlite:///",
        module=dbapi2,
        creator=make,
        poolclass=QueuePool,
        pool_size=2,
        # The connection that was used last: what another one wrote empties a connection's memory.
        pool_use_lifo=True,
        hide_parameters=True,
    )
    event.listen(engine, "begin", _begin)
    return engine


def writer(engine: Engine) -> Engine:
    """The same engine for transactions that write: they take the write lock at once."""
    return engine.execution_options(sqlite_write=True)


def connect(
    path: Path, key: KeySpec, pragmas: Sequence[str] | None = None, *, how: str = ""
) -> Any:
    """A connection of its own, outside every pool; raises the KnownError that says why not.

    `how` is a query of SQLite's file addresses, such as `mode=ro`.
    """
    before = _lies_at(path)
    try:
        connection = _unlocked(path, key, form_of(path, key) if before else TODAY, how)
    except StoreDamaged:
        _check_it_stands(path, before)
        raise
    try:
        _check_it_stands(path, before)
        _set(connection, _PRAGMAS if pragmas is None else pragmas)
        # It is held from here on: whoever shuts the door later finds that it is.
        check_open(path)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_to_look(path: Path, key: KeySpec) -> Any:
    """A connection that changes nothing, and tidies nothing away when it is closed."""
    newest = Path(f"{path}-wal").is_file()
    # Where there is no second file, SQLite would have to make one even to read.
    how = "mode=ro" if newest else "mode=ro&immutable=1"
    try:
        return _unlocked(path, key, TODAY, how)
    except StoreDamaged:
        return _unlocked(path, key, EARLIER, how)


def form_of(path: Path, key: KeySpec) -> str:
    """How the pages of a database are proved, found out without changing anything.

    Whoever opened it to write, and in vain, would tidy away what lies beside it. Damage is said
    only when two looks find it: the first may fall in the moment in which somebody writes.
    """
    try:
        looking = connect_to_look(path, key)
    except StoreDamaged:
        looking = connect_to_look(path, key)
    with closing(looking) as connection:
        return form(connection)


def form(connection: Any) -> str:
    """How the pages are proved that an open connection reads and writes."""
    return str(connection.execute("PRAGMA cipher_hmac_algorithm").fetchone()[0])


def _lies_at(path: Path) -> tuple[int, int] | None:
    """Which file stands there; None while nothing is in it."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found.st_size else None


def _check_it_stands(path: Path, before: tuple[int, int] | None) -> None:
    """Another program may have written it anew just now: what was opened is gone then."""
    if _lies_at(path) != before:
        raise busy()


def _unlocked(path: Path, key: KeySpec, proved_by: str, how: str) -> Any:
    with opening():
        connection = dbapi2.connect(
            f"{path.absolute().as_uri()}?{how}" if how else str(path),
            timeout=5,
            isolation_level=None,
            check_same_thread=False,
            uri=bool(how),
        )
    try:
        _unlock(connection, key, proved_by)
    except BaseException:
        connection.close()
        raise
    return connection


def _set(connection: Any, pragmas: Sequence[str]) -> None:
    with opening():
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")


@contextmanager
def opening() -> Iterator[None]:
    """Say in plain words why a database does not open or cannot be read."""
    try:
        yield
    except dbapi2.DatabaseError as fault:
        raise not_opened(str(fault).lower()) from fault


def _unlock(connection: Any, key: KeySpec, proved_by: str) -> None:
    if not connection.execute("PRAGMA cipher_version").fetchone():
        raise StoreUnsafe(
            "The database library on this laptop does not encrypt.",
            "Nothing was opened or written.",
            "Install this program again, or tell the office.",
        )
    connection.execute("PRAGMA cipher_log_level=NONE")
    spec = key()
    try:
        if len(spec) not in _KEY_LENGTHS:
            raise StoreUnsafe("The database key has the wrong length; nothing was opened.")
        connection.set_key(spec)
    finally:
        spec[:] = bytes(len(spec))
    connection.execute(f"PRAGMA cipher_hmac_algorithm={proved_by}")
    if form(connection) != proved_by:
        raise StoreUnsafe(
            "The database library on this laptop does not prove its pages as it has to.",
            "Nothing was opened or written.",
            "Install this program again, or tell the office.",
        )
    with opening():
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()


def _begin(connection: Connection) -> None:
    # Without isolation_level=None and this hook, DDL and savepoints survive a rollback; with an
    # unguarded hook, AUTOCOMMIT loses rows (tests hold both).
    options = connection.get_execution_options()
    if options.get("isolation_level") == "AUTOCOMMIT":
        return
    begin(connection, "BEGIN IMMEDIATE" if options.get("sqlite_write") else "BEGIN")


def faults(connection: Any) -> list[str]:
    """What is wrong with an open database: pages that were changed, and how they hang together."""
    pages = connection.execute("PRAGMA cipher_integrity_check").fetchall()
    # After one broken page a connection reads nothing any more.
    tree = [] if pages else connection.execute("PRAGMA quick_check(1)").fetchall()
    return [str(row[0]) for row in [*pages, *tree] if row[0] != "ok"]


def salt_of(path: Path) -> bytes:
    """The salt of an encrypted file: its first sixteen bytes, which anybody may know."""
    with path.open("rb") as file:
        return file.read(SALT_BYTES)


def is_plain(path: Path) -> bool:
    """Whether the file begins like a database that is not encrypted."""
    with path.open("rb") as file:
        return file.read(len(PLAIN_HEADER)) == PLAIN_HEADER


def is_cut(path: Path) -> bool:
    """Whether the file ends inside a page, and nothing is left beside it that mends it.

    SQLite takes what is shorter than its first page for a new database, and writes to it.
    """
    unfinished = Path(f"{path}-wal")
    mends = unfinished.is_file() and unfinished.stat().st_size > 0
    return not mends and path.stat().st_size % _PAGE_BYTES != 0
