"""What whoever looks after the office needs: the page of operations, and the token for it."""

import argparse
import datetime as dt
import logging
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from hah_central import backups, people
from hah_central.bundles import folder_of
from hah_central.commands.common import database, deed, say
from hah_central.database import Database
from hah_central.metrics import Metrics
from hah_central.operations import HERE, Operations
from hah_central.routes import system_clock
from hah_desktop.domain.clock import TOLERATED
from hah_desktop.domain.errors import KnownError

_log = logging.getLogger("hah_central")


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


@contextmanager
def beside(options: argparse.Namespace, opened: Database, metrics: Metrics) -> Iterator[None]:
    """Serve the page of operations, on this machine alone, while the office serves the laptops."""
    if options.operations_port is None:
        yield
        return
    folder = folder_of(opened, options.bundles).parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    app = Operations(opened, system_clock, metrics, folder).app()
    config = uvicorn.Config(
        app,
        host=HERE,
        port=options.operations_port,
        log_config=None,
        access_log=False,
        server_header=False,
    )
    server = uvicorn.Server(config)
    # Not the main thread: that one belongs to the laptops' service and its signals.
    thread = threading.Thread(target=server.run, name="operations")
    thread.start()
    _log.info("operations: http://%s:%d/operations", HERE, options.operations_port)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
