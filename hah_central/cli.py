"""The office's command line: run the service, let laptops in and out, help, take in lists."""

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from hah_central.commands import bundles, journal, laptops, operations, recovered, serving
from hah_central.commands.common import (
    attachments_option,
    bundles_option,
    database,
    database_options,
    keys_option,
    say,
    who_option,
)
from hah_central.commands.ending import check_readable, plainly
from hah_central.office import office
from hah_central.service.routes import system_clock

Add = Callable[[str, Callable[[argparse.Namespace], None], str], argparse.ArgumentParser]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0, or another number after saying in plain English what happened."""
    with plainly() as ended:
        options = _parser().parse_args(argv)
        check_readable(options)
        command: Callable[[argparse.Namespace], None] = options.command
        command(options)
    return ended.status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hah-central", description="The central service of Help at Hand, and its office desk."
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    where = argparse.ArgumentParser(add_help=False)
    database_options(where)

    def add(
        name: str, does: Callable[[argparse.Namespace], None], words: str
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=words, description=words, parents=[where])
        added.set_defaults(command=does)
        return added

    serving.options(add("serve", serving.serve, "Run the service that the laptops talk to."))
    _add_laptops(add)
    _add_files(add)
    _add_trust(add)
    _add_restored(add)
    places = add("import-places", _import_places, "Take in a published list of places.")
    places.add_argument("file", metavar="FILE", type=Path, help="the list as it was published")
    places.add_argument("--preview", action="store_true", help="only say what would change")
    places.add_argument("--json", action="store_true", help="say it as JSON")
    return parser


def _add_laptops(add: Add) -> None:
    enrol = add("enrol", laptops.enrol, "Print a one-time code with which one laptop is let in.")
    enrol.add_argument("name", metavar="ADVISER_NAME", help="whose laptop it is; new or known")
    enrol.add_argument(
        "--role", help="adviser or manager (without this: as it was, or adviser for somebody new)"
    )
    keys_option(enrol, required=False)
    who_option(enrol)
    add("advisers", laptops.advisers, "List the advisers, and how many files each of them has.")
    listing = add(
        "laptops", laptops.list_laptops, "List the laptops: whose they are and how they stand."
    )
    listing.add_argument(
        "--holds", metavar="LAPTOP", help="list what this one holds: what is lost with it"
    )
    exporting = add(
        "export", journal.write_out, "Write down all about a visit, a child or a place."
    )
    exporting.add_argument(
        "file",
        metavar="WHAT",
        help="visit:ID, child:ID or the id; a place, an inspection or an adviser by id or name",
    )
    exporting.add_argument(
        "--out", metavar="FOLDER", type=Path, required=True, help="a new or an empty folder"
    )
    who_option(exporting)
    let_read = add(
        "operations-token", operations.token, "Print a token for the page of operations."
    )
    who_option(let_read)
    backup = add(
        "backup-made",
        operations.backup_made,
        "Say that a backup of the office was made, and read back to see that it is whole.",
    )
    backup.add_argument(
        "--file", metavar="FILE", type=Path, help="a file of it, whose date is taken (now)"
    )
    who_option(backup)
    walk = add(
        "verify",
        journal.check,
        "Walk the journal, read the attachments, and say whatever is not as it was received.",
    )
    bundles_option(walk)
    attachments_option(walk)
    add("log", laptops.show_log, "Print who did what at this office.")


def _add_files(add: Add) -> None:
    assign = add("assign", laptops.assign, "Give an adviser a visit or a child.")
    assign.add_argument("name", metavar="ADVISER_NAME", help="who gets it")
    assign.add_argument("file", metavar="FILE", help="visit:ID or child:ID")
    withdraw = add("withdraw", laptops.withdraw, "Take a visit or a child back from an adviser.")
    withdraw.add_argument("name", metavar="ADVISER_NAME", help="who loses it")
    withdraw.add_argument("file", metavar="FILE", help="visit:ID or child:ID")
    reassign = add("reassign", laptops.reassign, "Give a file to one adviser instead of another.")
    reassign.add_argument("file", metavar="FILE", help="visit:ID or child:ID")
    reassign.add_argument("leaver", metavar="FROM", help="the adviser who loses it")
    reassign.add_argument("heir", metavar="TO", help="the adviser who gets it")
    for command in (withdraw, reassign):
        visits = command.add_mutually_exclusive_group()
        visits.add_argument(
            "--with-visits",
            action="store_true",
            help="of a child: take also each visit of theirs on which the child was met",
        )
        visits.add_argument(
            "--keep-visits",
            action="store_true",
            help="of a child: they keep these visits, and go on reading there what was said. "
            "Without either it is asked",
        )
    for command in (assign, withdraw, reassign):
        who_option(command)


def _add_trust(add: Add) -> None:
    make = add("keys", laptops.make_keys, "Make the office’s keys, before any laptop is let in.")
    make.add_argument("folder", metavar="FOLDER", type=Path, help="where the key files are made")
    who_option(make)
    revoke = add("revoke", laptops.revoke, "End a laptop’s access for good: it destroys its keys.")
    revoke.add_argument(
        "laptop", metavar="LAPTOP", help="its id or its name, as “laptops” lists it"
    )
    rules = add("rules", laptops.set_rules, "Set how long laptops work alone, and when they lock.")
    rules.add_argument(
        "--lease-days", type=int, metavar="N", help="days a laptop may work without contact"
    )
    rules.add_argument(
        "--lock-minutes",
        type=int,
        metavar="N",
        help="minutes without a key pressed until it locks, at most",
    )
    recover = add(
        "recovery", laptops.help_caller, "Make the one-use code for an adviser who telephones."
    )
    letters = "the letters that the caller reads out, with or without spaces"
    recover.add_argument("request", metavar="LETTERS", nargs="+", help=letters)
    _add_bundle(add)
    for command in (revoke, rules, recover):
        keys_option(command)
        who_option(command)


def _add_restored(add: Add) -> None:
    words = "Say that the office’s database was put back from a backup: once, before it serves."
    who_option(add("restored", recovered.restored, words))
    back = add(
        "readmit",
        laptops.readmit,
        "Print a one-time code with which a laptop that this office lost, as it was put back from "
        "a backup, comes back with all that it holds.",
    )
    back.add_argument("name", metavar="ADVISER_NAME", help="whose laptop it is")
    back.add_argument("--role", help="adviser or manager, where the adviser is lost too (adviser)")
    who_option(back)
    words = "List what laptops hold of others’ changes that the office does not have."
    listed = add("recovered", recovered.recovered, words)
    listed.add_argument("--words", action="store_true", help="also print what was written")
    one = listed.add_mutually_exclusive_group()
    one.add_argument("--close", metavar="ID", help="close one that you have dealt with")
    one.add_argument(
        "--take",
        metavar="ID",
        help="take one in that its author’s laptop signed for, with all of its stick",
    )
    who_option(listed)
    words = "List what was set aside, why, and what the office can do about it."
    aside = add("set-aside", recovered.show_set_aside, words)
    aside.add_argument("--words", action="store_true", help="also print what was written")


def _add_bundle(add: Add) -> None:
    words = (
        "Take in what a laptop sealed: a stick for the office, or what a revoked one handed over."
    )
    opening = add("bundle", bundles.bundle, words)
    opening.add_argument(
        "bundle",
        metavar="FILE_OR_ID",
        nargs="?",
        help="the file on the stick, or the beginning of the id of what a revoked laptop handed "
        "over; without it those are listed",
    )
    opening.add_argument(
        "--out",
        metavar="FOLDER",
        type=Path,
        help="where drafts are written, and files that no record here names, if there are any",
    )
    bundles_option(opening)
    attachments_option(opening)
    keys_option(opening, required=False)
    who_option(opening)


def _import_places(options: argparse.Namespace) -> None:
    # Only here: the service need not hold for as long as it serves what reads lists.
    from hah_desktop.intake.places import preview  # noqa: PLC0415 - see above

    with database(options, may_be_new=True) as opened:
        with opened.reading() as connection:
            known = office.known_places(connection)
        found = preview(options.file, known)
        plain = found.to_plain()
        if not options.preview:
            plain["saved"] = office.take_in(opened, found.records, system_clock())
    if options.json:
        # Nothing but ASCII: what a terminal cannot show must not be rewritten in it.
        say(json.dumps(plain, indent=2))
    elif options.preview:
        say(found.to_text().rstrip())
    else:
        say(f"{plain['saved']} records were saved. Each laptop gets them with its next sync.")
