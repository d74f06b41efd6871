"""What whoever looks after the office does: lets its page be read, and notes backups."""

import argparse
import datetime as dt
import stat
from pathlib import Path

from hah_central.commands.common import database, deed, say
from hah_central.office import backups
from hah_central.people import people
from hah_desktop.domain.clock import TOLERATED
from hah_desktop.domain.errors import KnownError


def token(options: argparse.Namespace) -> None:
    """Print a token for the page of operations."""
    with database(options) as opened, opened.writing() as connection:
        made = people.operations_token(connection, deed(options))
    say(made)


class NoBackup(KnownError):
    """There is no such file, or it cannot be looked at."""


def backup_made(options: argparse.Namespace) -> None:
    """Write down that a backup was made and verified: now, or when a file of it was written."""
    does = deed(options)
    made = does.now
    if options.file is not None:
        made = min(_written(options.file, made + TOLERATED), made)
    with database(options) as opened, opened.writing() as connection:
        backups.told(connection, does, made)
    say(f"Written down: a verified backup from {made:%Y-%m-%d %H:%M} UTC.")


def _written(file: Path, latest: dt.datetime) -> dt.datetime:
    """When a backup's file was written. Raises NoBackup."""
    name = "Name the file that the backup was written to."
    try:
        found = file.stat()
        made = dt.datetime.fromtimestamp(found.st_mtime, dt.UTC)
    except (OSError, ValueError, OverflowError) as fault:
        words = getattr(fault, "strerror", None) or fault
        raise NoBackup(
            f"{file} cannot be looked at: {words}.", "Nothing was written down.", name
        ) from fault
    if not stat.S_ISREG(found.st_mode):
        raise NoBackup(f"{file} is not a file.", "Nothing was written down.", name)
    if made > latest:
        raise NoBackup(
            f"{file} has a date in the future: {made:%Y-%m-%d %H:%M} UTC.",
            "Nothing was written down.",
            "Look at the clock of this machine and of the one that wrote the file.",
        )
    return made
