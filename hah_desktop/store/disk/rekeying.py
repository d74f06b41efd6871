"""Encrypts a whole database anew with another key: one transaction, so it is all or nothing."""

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from hah_desktop.store.disk.engine import (
    SPEC_LENGTH,
    KeySpec,
    connect,
    connect_to_look,
    faults,
    opening,
)
from hah_desktop.store.disk.whole import into_one_file, keep_others_out
from hah_desktop.store.errors import StoreDamaged, StoreFull, StoreUnsafe, damaged

Tell = Callable[[str], None]

SPARE_BYTES = 20_000_000


Begin = Callable[[], KeySpec]
"""Called when the database is whole and nobody else can open it: gives the new key."""


def rekey(path: Path, old: KeySpec, begin: Begin, tell: Tell) -> KeySpec:
    """Encrypt the database at `path` with the new key and salt, and give that key.

    Raises StoreFull, StoreBusy or StoreDamaged, and what `begin` raises: then the old key still
    opens it.
    """
    # All of it is written twice: beside the database, and then into it.
    if shutil.disk_usage(path.parent).free < path.stat().st_size + SPARE_BYTES:
        raise _no_room()
    try:
        with closing(connect(path, old)) as connection, opening():
            keep_others_out(connection)
            tell("Checking the database")
            into_one_file(connection)
            if faults(connection):
                raise damaged()
            new = begin()
            tell("Encrypting the database with the new keys")
            _reset(connection, new)
            into_one_file(connection)
    except StoreFull as fault:
        raise _no_room() from fault
    return new


def check(path: Path, new: KeySpec, tell: Tell) -> None:
    """Read back all that was encrypted; raises StoreDamaged where the disk did not take it."""
    tell("Checking what was encrypted")
    with closing(connect(path, new)) as connection, opening():
        if faults(connection):
            raise damaged()


def opens(path: Path, key: KeySpec) -> bool:
    """Whether this is the key of the database, for when a power cut came between two keys."""
    try:
        connect_to_look(path, key).close()
    except StoreDamaged:
        return False
    return True


def _reset(connection: Any, new: KeySpec) -> None:
    spec = new()
    try:
        if len(spec) != SPEC_LENGTH:
            raise StoreUnsafe("The new database key has the wrong length; nothing was changed.")
        connection.reset_key(spec)
    finally:
        spec[:] = bytes(len(spec))


def _no_room() -> StoreFull:
    return StoreFull(
        "The disk of this laptop is too full to renew the keys.",
        "Everything is kept, under the keys from before.",
        "Make room on the disk, then renew the keys again.",
    )
