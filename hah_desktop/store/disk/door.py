"""The door of a database: shut while another file takes its name, so that nobody writes meanwhile.

It is a lock of the system on an empty file, and goes with the program that holds it, killed or not.
It knows no key and holds no word.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

from hah_desktop.store.disk.files import take_away
from hah_desktop.store.errors import StoreDamaged, StoreFull, not_opened

DOOR = ".door"
"""What is added to the name of the database while its door is shut."""


@contextmanager
def shut(database: Path) -> Iterator[None]:
    """Nobody else comes to write in `database` until this ends; raises StoreBusy.

    Whoever opened it before has to be kept out otherwise.
    """
    door = _door(database)
    held = _asked(door, "BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        held.close()
        _tidy(door)


def check_open(database: Path) -> None:
    """Raises StoreBusy while the door is shut. To be asked once the database is open."""
    door = _door(database)
    if not door.exists():
        return
    # What is no door shuts nothing.
    with suppress(StoreDamaged, StoreFull):
        _asked(door, "SELECT count(*) FROM sqlite_master").close()
    # A kill has left it.
    _tidy(door)


def _asked(door: Path, statement: str) -> Any:
    connection = dbapi2.connect(str(door), timeout=0, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=MEMORY")
        connection.execute(statement).fetchone()
    except dbapi2.DatabaseError as fault:
        connection.close()
        raise not_opened(str(fault).lower()) from fault
    return connection


def _tidy(door: Path) -> None:
    # Where somebody asks at this moment Windows keeps it, and whoever asks next takes it away.
    with suppress(OSError):
        take_away(door)


def _door(database: Path) -> Path:
    return Path(f"{database}{DOOR}")
