"""What is done with a database as a whole: kept for one alone, brought into one file, copied.

It asks nothing of what the records say.
"""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

from hah_desktop.store.disk.engine import KeySpec, connect, opening
from hah_desktop.store.errors import busy

_PAGES = 500
"""How many pages are copied at a time."""

_WHILE_MAKING = ("temp_store=MEMORY", "journal_mode=MEMORY", "synchronous=OFF")
"""A copy that is cut while it is made is thrown away; when it is whole, the disk is waited for."""


def keep_others_out(connection: Any) -> None:
    """Keep everybody else out until the connection is closed; raises that it is busy.

    Whoever unlocked meanwhile would find the old key, and drop the new one from the header.
    """
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    connection.execute("BEGIN EXCLUSIVE")
    connection.execute("COMMIT")


def into_one_file(connection: Any) -> None:
    """Bring the newest entries into the database itself; raises StoreBusy."""
    if connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        raise busy()


def facts(connection: Any) -> tuple[int, int]:
    """This laptop's newest change, and how many changes there are in all."""
    found = connection.execute("SELECT coalesce(max(number), 0), count(*) FROM change").fetchone()
    return int(found[0]), int(found[1])


def copy(source: Any, path: Path, key: KeySpec, about: dict[str, str | int] | None = None) -> None:
    """Copy an open database to a new file with a key of its own, all in one file.

    A page has as much room in the earlier form as in today's, which is the one that is written.
    """
    path.touch(mode=0o600, exist_ok=False)
    with closing(connect(path, key, _WHILE_MAKING)) as target, opening():
        source.backup(target, pages=_PAGES)
        if about is not None:
            put = "INSERT OR REPLACE INTO meta (key, value) VALUES ('snapshot', ?)"
            target.execute(put, (json.dumps(about),))
        # The copied header asks for a second file for the newest entries; this one has no need.
        target.execute("PRAGMA journal_mode=DELETE")
