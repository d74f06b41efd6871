"""Looks at every page of the database: is it whole? Slow, so never while anybody waits.

It mends nothing and writes nothing but what was saved already.
"""

from typing import Any

from hah_desktop.store.disk.engine import faults, salt_of
from hah_desktop.store.errors import StoreDamaged, damaged
from hah_desktop.store.store import Store

_TRIES = 3
_PATIENCE = 200
"""Thousandths of a second to wait for others: it goes on without, and looks twice."""

_SALT = slice(66, 98)
"""Where the salt stands in x'<64 digits of key><32 digits of salt>'."""


def check(store: Store) -> None:
    """Read all of it. Raises StoreDamaged, or StoreFull and StoreBusy when it cannot be read.

    Damage is said only when two looks find it, each with a connection of its own.
    """
    try:
        _look(store)
    except StoreDamaged:
        _look(store)


def _look(store: Store) -> None:
    with store.alone() as connection:
        _settle(connection, store)
        found = faults(connection)
    if found or _salt_is_wrong(store):
        raise damaged()


def _settle(connection: Any, store: Store) -> None:
    """Bring everything into the one file, and keep anybody from writing to it while it is read.

    The check reads that file past SQLite's locks: a page that is just being written would look
    broken. Whoever reads from an empty `-wal` holds the file still; others save on beside it.
    """
    newest = store.place.path.with_name(f"{store.place.path.name}-wal")
    connection.execute(f"PRAGMA busy_timeout={_PATIENCE}")
    for _ in range(_TRIES):
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if not newest.exists() or not newest.stat().st_size:
            return
        connection.execute("ROLLBACK")
    connection.execute("BEGIN")
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()


def _salt_is_wrong(store: Store) -> bool:
    # The key that is given holds the salt too, so it opens a file whose first bytes were changed.
    spec = store.place.key()
    try:
        salt = bytes.fromhex(spec[_SALT].decode())
    finally:
        spec[:] = bytes(len(spec))
    return bool(salt) and salt_of(store.place.path) != salt
