"""The office's command line: run the service, let laptops in, give files, take in lists."""

import argparse
import gc
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from sqlalchemy import URL
from sqlalchemy.exc import ArgumentError, OperationalError

from hah_central import office, people
from hah_central.app import OFFICE_NAME, create_app
from hah_central.database import Database, in_folder
from hah_central.routes import system_clock
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.ids import FileId
from hah_desktop.intake.places import preview

DATABASE_VARIABLE = "HAH_CENTRAL_DATABASE"
"""Where the database's address may stand instead: a command line can be seen by others."""

FOLDER_NAME = "help-at-hand-office"

_SECONDS_TO_FINISH = 10


class NoDatabase(KnownError):
    """The office's database cannot be opened."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0, or 1 after saying in plain English what went wrong."""
    options = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], None] = options.command
    try:
        command(options)
    except KnownError as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hah-central", description="The central service of Help at Hand, and its office desk."
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    where = _where()

    def command(
        name: str, does: Callable[[argparse.Namespace], None], words: str
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=words, description=words, parents=[where])
        added.set_defaults(command=does)
        return added

    _serve_options(command("serve", _serve, "Run the service that the laptops talk to."))
    enrol = command("enrol", _enrol, "Print a one-time code with which one laptop is let in.")
    enrol.add_argument("name", metavar="ADVISER_NAME", help="whose laptop it is; new or known")
    enrol.add_argument("--role", default="adviser", help="adviser (the default) or manager")
    command("advisers", _advisers, "List the advisers, and how many files each of them has.")
    assign = command("assign", _assign, "Give an adviser a visit or a child.")
    assign.add_argument("name", metavar="ADVISER_NAME", help="who gets it")
    assign.add_argument("file", metavar="FILE", help="visit:ID or child:ID")
    command("laptops", _laptops, "List the laptops: whose, last contact, changes received.")
    places = command(
        "import-places", _import_places, "Take in a published list of places and inspections."
    )
    places.add_argument("file", metavar="FILE", type=Path, help="the list as it was published")
    places.add_argument("--preview", action="store_true", help="only say what would change")
    places.add_argument("--json", action="store_true", help="say it as JSON")
    return parser


def _where() -> argparse.ArgumentParser:
    where = argparse.ArgumentParser(add_help=False)
    one = where.add_mutually_exclusive_group()
    one.add_argument(
        "--data",
        type=Path,
        metavar="FOLDER",
        help="the folder with the embedded database; made if it is missing "
        f"(without this: {FOLDER_NAME} in your home folder)",
    )
    one.add_argument(
        "--database",
        metavar="URL",
        help=f"a PostgreSQL database instead: postgresql://user@host/name; "
        f"better given in the environment variable {DATABASE_VARIABLE}",
    )
    return where


def _serve_options(serve: argparse.ArgumentParser) -> None:
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    serve.add_argument("--port", type=int, default=8470, help="the port (%(default)s)")
    serve.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate chain, PEM")
    serve.add_argument("--tls-key", type=Path, metavar="FILE", help="its private key, PEM")
    serve.add_argument("--name", default=OFFICE_NAME, help="what laptops show (%(default)s)")


def _address(folder: Path | None, address: str | None) -> URL | str:
    if folder is None and (named := address or os.environ.get(DATABASE_VARIABLE)):
        return named
    return in_folder(folder or Path.home() / FOLDER_NAME)


@contextmanager
def _database(options: argparse.Namespace) -> Iterator[Database]:
    try:
        database = Database(_address(options.data, options.database))
    except (ArgumentError, OperationalError, OSError) as fault:
        # The driver's own words may hold the password in the database's address.
        raise NoDatabase(
            f"The office’s database cannot be opened ({type(fault).__name__}).",
            "",
            "Check the folder or the address of the database, and that it is running.",
        ) from fault
    try:
        yield database
    finally:
        database.close()


def _serve(options: argparse.Namespace) -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    with _database(options) as database:
        _collect_seldom()
        uvicorn.run(
            create_app(database, name=options.name),
            host=options.host,
            port=options.port,
            ssl_certfile=options.tls_cert,
            ssl_keyfile=options.tls_key,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_SECONDS_TO_FINISH,
        )


def _collect_seldom() -> None:
    """Look for cyclic garbage seldom: a push makes many objects and hardly any cycle.

    At Python's own thresholds this costs a third of the time of a push.
    """
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def _enrol(options: argparse.Namespace) -> None:
    now = system_clock()
    with _database(options) as database, database.writing() as connection:
        adviser = office.add_adviser(connection, options.name, options.role, now)
        code = people.new_code(connection, adviser, now)
    _say(code)


def _advisers(options: argparse.Namespace) -> None:
    with _database(options) as database, database.reading() as connection:
        for id_, name, files in office.advisers(connection):
            _say(f"{id_}  {name}  files: {files}")


def _assign(options: argparse.Namespace) -> None:
    with _database(options) as database, database.writing() as connection:
        adviser = office.adviser_named(connection, options.name)
        office.assign(connection, adviser, FileId(options.file), system_clock())
    _say(f"{options.name} has {options.file}; it comes with the next sync.")


def _laptops(options: argparse.Namespace) -> None:
    with _database(options) as database, database.reading() as connection:
        for laptop in office.laptops(connection):
            contact = laptop.last_contact
            when = f"{contact:%Y-%m-%d %H:%M} UTC" if contact else "never"
            _say(
                f"{laptop.id}  {laptop.name} of {laptop.adviser}  "
                f"last contact: {when}  changes: {laptop.changes}"
            )


def _import_places(options: argparse.Namespace) -> None:
    with _database(options) as database:
        with database.reading() as connection:
            known = office.known_places(connection)
        found = preview(options.file, known)
        plain = found.to_plain()
        if not options.preview:
            plain["saved"] = office.take_in(database, found.records, system_clock())
    if options.json:
        _say(json.dumps(plain, ensure_ascii=False, indent=2))
    elif options.preview:
        _say(found.to_text().rstrip())
    else:
        _say(f"{plain['saved']} records were saved. Each laptop gets them with its next sync.")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
