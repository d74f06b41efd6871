"""Files of the database that must survive a cut: what is on the disk, and under which name.

It writes no content of its own.
"""

import os
from pathlib import Path

DATABASE = "records.db"
"""The name of the database in a laptop's folder."""

MOVED_ASIDE = ".damaged-"
"""What is added to that name, with a number, when a safety copy takes the place."""

BESIDE = ("", "-wal", "-shm", "-journal")
"""What the names of the files of one database end in."""


def take_away(database: Path) -> None:
    """Take a database away that nobody needs, with all that lies beside it."""
    for suffix in BESIDE:
        Path(f"{database}{suffix}").unlink(missing_ok=True)


def sync_file(path: Path) -> None:
    """Wait until the content of a file is on the disk; raises OSError."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())
