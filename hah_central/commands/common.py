"""What the office's commands share: the database, who acts, the passphrase, and speaking."""

import argparse
import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.exc import ArgumentError, OperationalError

from hah_central.audit import Deed
from hah_central.database import HOME_FOLDER, Database, in_folder
from hah_central.routes import system_clock
from hah_desktop.domain.errors import KnownError

DATABASE_VARIABLE = "HAH_CENTRAL_DATABASE"
"""Where the database's address may stand instead: a command line can be seen by others."""

PASSPHRASE_VARIABLE = "HAH_OFFICE_KEYS_PASSPHRASE"  # noqa: S105 - the name of a variable
"""Where the passphrase of the office's keys may stand, for whoever cannot type it."""


class NoDatabase(KnownError):
    """The office's database cannot be opened."""


class NoPassphrase(KnownError):
    """Nobody typed the passphrase of the office's keys."""


def database_options(parser: argparse.ArgumentParser) -> None:
    """Where the office's database is."""
    one = parser.add_mutually_exclusive_group()
    one.add_argument(
        "--data",
        type=Path,
        metavar="FOLDER",
        help="the folder with the embedded database; made if it is missing "
        f"(without this: {HOME_FOLDER} in your home folder)",
    )
    one.add_argument(
        "--database",
        metavar="URL",
        help=f"a PostgreSQL database instead: postgresql://user@host/name; "
        f"better given in the environment variable {DATABASE_VARIABLE}",
    )


def keys_option(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Where the office's private keys are."""
    parser.add_argument(
        "--keys",
        type=Path,
        metavar="FOLDER",
        required=required,
        help="the folder with the office’s key files; their passphrase is asked for, or stands "
        f"in the environment variable {PASSPHRASE_VARIABLE}",
    )


def bundles_option(parser: argparse.ArgumentParser) -> None:
    """Where sealed bundles are kept."""
    parser.add_argument(
        "--bundles",
        type=Path,
        metavar="FOLDER",
        help="where sealed bundles are kept (without this: beside the embedded database, or in "
        f"{HOME_FOLDER} in your home folder)",
    )


def attachments_option(parser: argparse.ArgumentParser) -> None:
    """Where letters and pictures are kept."""
    parser.add_argument(
        "--attachments",
        type=Path,
        metavar="FOLDER",
        help="where letters and pictures are kept, not encrypted (without this: beside the "
        "bundles)",
    )


def who_option(parser: argparse.ArgumentParser) -> None:
    """Who acts, for the log."""
    parser.add_argument(
        "--who", metavar="NAME", help="who you are, for the log (without this: your login name)"
    )


def deed(options: argparse.Namespace) -> Deed:
    """Who acts, and that it is now."""
    return Deed(options.who or _login(), system_clock())


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"


@contextmanager
def database(options: argparse.Namespace) -> Iterator[Database]:
    """The office's database. Raises NoDatabase."""
    try:
        opened = Database(_address(options.data, options.database))
    except (ArgumentError, OperationalError, OSError) as fault:
        # The driver's own words may hold the password in the database's address.
        raise NoDatabase(
            f"The office’s database cannot be opened ({type(fault).__name__}).",
            "",
            "Check the folder or the address of the database, and that it is running.",
        ) from fault
    try:
        yield opened
    finally:
        opened.close()


def _address(folder: Path | None, address: str | None) -> URL | str:
    if folder is None and (named := address or os.environ.get(DATABASE_VARIABLE)):
        return named
    return in_folder(folder or Path.home() / HOME_FOLDER)


def passphrase() -> str:
    """The passphrase of the office's keys. Raises NoPassphrase."""
    return os.environ.get(PASSPHRASE_VARIABLE) or _asked("Passphrase of the office’s keys: ")


def new_passphrase() -> str:
    """A new passphrase, typed twice alike. Raises NoPassphrase."""
    if given := os.environ.get(PASSPHRASE_VARIABLE):
        return given
    first = _asked("New passphrase for the office’s keys: ")
    if first != _asked("The same once more: "):
        raise NoPassphrase("These were two different passphrases.", "Nothing was made.")
    return first


def _asked(words: str) -> str:
    try:
        typed = getpass.getpass(words)
    except EOFError:
        typed = ""
    if not typed:
        raise NoPassphrase(
            "No passphrase was typed.",
            "Nothing was done.",
            f"Type it, or give it in the environment variable {PASSPHRASE_VARIABLE}.",
        )
    return typed


def say(line: str) -> None:
    """One line for whoever asked."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
