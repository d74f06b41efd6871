"""What the office's commands share: the database, who acts, the passphrase, and speaking."""

import argparse
import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from hah_central.commands.ending import CONTROLS
from hah_central.database import faults
from hah_central.database.database import FILE_NAME, HOME_FOLDER, Database, in_folder, no_office
from hah_central.people.audit import Deed
from hah_central.people.naming import checked_name
from hah_central.service.routes import system_clock
from hah_desktop.domain.errors import KnownError

DATABASE_VARIABLE = "HAH_CENTRAL_DATABASE"
"""Where the database's address may stand instead: a command line can be seen by others."""

PASSPHRASE_VARIABLE = "HAH_OFFICE_KEYS_PASSPHRASE"  # noqa: S105 - the name of a variable
"""Where the passphrase of the office's keys may stand, for whoever cannot type it."""


class NoPassphrase(KnownError):
    """Nobody typed the passphrase of the office's keys."""


class NotSaid(KnownError):
    """There is no room for what a command says."""


def database_options(parser: argparse.ArgumentParser) -> None:
    """Where the office's database is."""
    one = parser.add_mutually_exclusive_group()
    one.add_argument(
        "--data",
        type=_folder,
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


def _folder(word: str) -> Path:
    # As a variable that nobody set would have it: it would be the folder where one happens to be.
    if not word:
        raise argparse.ArgumentTypeError("no folder is named")
    return Path(word)


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
    """Who acts, and that it is now. Raises NoName."""
    return Deed(checked_name(options.who or _login()), system_clock())


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"


@contextmanager
def database(
    options: argparse.Namespace, *, may_be_new: bool = False, apart: bool = False
) -> Iterator[Database]:
    """The office's database, made where none is if it `may_be_new`; `apart` as Database has it.

    Raises NoDatabase or NotOurs, also for what is done with it.
    """
    begun = False
    try:
        address = _address(options.data, options.database, may_be_new=may_be_new)
        with closing(Database(address, may_be_new=may_be_new, apart=apart)) as opened:
            begun = True
            yield opened
    except UnicodeDecodeError as fault:
        if begun:
            raise
        # So says Python of an embedded database whose first page is damaged.
        raise faults.torn() from fault
    except (DBAPIError, PoolTimeout) as fault:
        known = faults.in_words(fault, begun=begun)
        if known is None:
            raise
        raise known from fault


def _address(folder: Path | None, address: str | None, *, may_be_new: bool) -> URL:
    if address is None and folder is None:
        address = os.environ.get(DATABASE_VARIABLE) or None
    if address is None:
        return _in_folder(folder or Path.home() / HOME_FOLDER, may_be_new=may_be_new)
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as fault:
        raise faults.no_address("its address cannot be read") from fault
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        raise faults.no_address("its address names no file, so nothing would be kept")
    return url


def _in_folder(folder: Path, *, may_be_new: bool) -> URL:
    if not may_be_new and not (folder / FILE_NAME).exists():
        # Made for nothing but to say that all is well in it, it would hide the right one.
        raise no_office(f"in the folder {folder}")
    try:
        return in_folder(folder)
    except OSError as fault:
        words = fault.strerror or fault
        raise faults.no_address(f"the folder {folder} cannot be made ({words})") from fault


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
    typed = typed_unseen(words)
    if not typed:
        raise NoPassphrase(
            "No passphrase was typed.",
            "Nothing was done.",
            f"Type it, or give it in the environment variable {PASSPHRASE_VARIABLE}.",
        )
    return typed


def typed_unseen(words: str) -> str:
    """What somebody types without its being shown; nothing where nobody can type."""
    try:
        return getpass.getpass(words)
    except EOFError:
        return ""


def say(line: str) -> None:
    """One line for whoever asked. Raises NotSaid, or BrokenPipeError where nobody reads on."""
    try:
        sys.stdout.write(f"{line.translate(CONTROLS)}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as fault:
        raise NotSaid(
            f"What this command says cannot be written: {fault.strerror or fault}.",
            "What it did is kept; the command “log” says what that was.",
            "Make room, or have it said elsewhere, and run it again.",
        ) from fault
