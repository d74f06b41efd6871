"""What whoever looks after the office needs: the page of operations, and the token for it."""

import argparse
import datetime as dt
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from hah_central import backups, people
from hah_central.bundles import folder_of
from hah_central.commands.common import database, deed, say
from hah_central.database import Database
from hah_central.metrics import Metrics
from hah_central.operations import HERE, Operations
from hah_central.routes import system_clock
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
        try:
            made = dt.datetime.fromtimestamp(options.file.stat().st_mtime, dt.UTC)
        except OSError as fault:
            raise NoBackup(
                f"{options.file} cannot be looked at: {fault.strerror or fault}.",
                "Nothing was written down.",
                "Name the file that the backup was written to.",
            ) from fault
    with database(options) as opened, opened.writing() as connection:
        backups.told(connection, does, made)
    say(f"Written down: a verified backup from {made:%Y-%m-%d %H:%M} UTC.")


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
