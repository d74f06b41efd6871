"""The commands about advisers and laptops: letting in, listing, helping, and shutting out."""

import argparse
import datetime as dt
import sys
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from hah_central.commands.common import (
    database,
    deed,
    new_passphrase,
    passphrase,
    say,
)
from hah_central.journal import access
from hah_central.office import enrolment, keys, laptops, office, orders, recovery
from hah_central.office.enrolment import CODE_LASTS
from hah_central.office.orders import Rules, Signer
from hah_central.office.recovery import PURPOSES, Caller
from hah_central.people import audit
from hah_central.people.audit import Did
from hah_central.service.routes import system_clock
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.ids import FileId, RecordId, child_file, visit_file
from hah_desktop.sync.wire.signed import write_code

RING_BACK = "Make sure that this adviser is calling: ring back on the number that you have."


class NotSure(KnownError):
    """The person at the desk did not say what had to be said."""


class NotAllRead(KnownError):
    """Something in a list cannot be read; the list is whole all the same."""


def make_keys(options: argparse.Namespace) -> None:
    """Make the office's keys."""
    with database(options, may_be_new=True) as opened:
        public = keys.make(opened, options.folder, new_passphrase(), deed(options))
    say(f"The office’s keys are in {options.folder}; their fingerprint is {public.fingerprint()}.")
    say("Keep two copies where the database is not. Without them no laptop can be helped.")


def enrol(options: argparse.Namespace) -> None:
    """Print a code that lets one laptop in."""
    doing = deed(options)
    with database(options) as opened:
        key = keys.orders_key(opened, options.keys, passphrase()) if options.keys else None
        with opened.writing() as connection:
            public = keys.required(connection)
            before = _role_before(connection, options.name)
            adviser = office.add_adviser(connection, options.name, options.role, doing.now)
            name, role = office.name_of(connection, adviser), office.role_of(connection, adviser)
            code = enrolment.new_code(connection, adviser, doing.now)
            if key is not None:
                orders.sign_for_newcomer(connection, Signer(doing, key), code.laptop)
            ruled = orders.rules(connection) != Rules()
            audit.note(connection, doing, Did.MADE_CODE, detail=f"for {name}")
    if ruled and key is None:
        sys.stderr.write("Without --keys this laptop does not get the rules that you set.\n")
    say(write_code(code.letters, public.fingerprint()))
    # Beside the code and not on its line: a script takes the code alone.
    if name != options.name.strip(" "):
        sys.stderr.write(f"“{options.name}” was taken for {name}, who is known here so spelled.\n")
    sys.stderr.write(
        f"The code lets one laptop of {name} in, once, within {CODE_LASTS.days} days.\n"
    )
    if before and before != role:
        sys.stderr.write(f"{name} is now {role}, and no longer {before}.\n")


def readmit(options: argparse.Namespace) -> None:
    """Print a code with which a laptop that this office lost comes back."""
    doing = deed(options)
    with database(options) as opened, opened.writing() as connection:
        public = keys.required(connection)
        letters = enrolment.new_return_code(connection, options.name, options.role, doing.now)
        known = office.find_adviser(connection, options.name)
        name = office.name_of(connection, known) if known else options.name
        audit.note(connection, doing, Did.MADE_CODE, detail=f"for {name}, to come back")
    say(write_code(letters, public.fingerprint()))
    sys.stderr.write(
        f"The code lets one lost laptop of {name} in again, once, within {CODE_LASTS.days} days. "
        "It is typed on the laptop’s page Sync.\n"
    )
    if known is None:
        sys.stderr.write(
            f"Nobody here is called {name}: an adviser of this name comes back with the laptop.\n"
        )


def _role_before(connection: Connection, name: str) -> str:
    known = office.find_adviser(connection, name)
    return office.role_of(connection, known) if known else ""


def advisers(options: argparse.Namespace) -> None:
    """List the advisers."""
    with database(options) as opened, opened.reading() as connection:
        found = office.advisers(connection)
    for id_, name, files in found:
        say(f"{id_}  {name}  files: {files}")


def assign(options: argparse.Namespace) -> None:
    """Give an adviser a file."""
    doing = deed(options)
    with database(options) as opened, opened.writing() as connection:
        adviser = office.adviser_named(connection, options.name)
        office.assign(connection, adviser, FileId(options.file), doing.now)
        name = office.name_of(connection, adviser)
        audit.note(connection, doing, Did.ASSIGNED, detail=f"{options.file} to {name}")
    say(f"{name} has {options.file}; it comes with the next sync.")


def withdraw(options: argparse.Namespace) -> None:
    """Take a file back from an adviser."""
    file, doing = FileId(options.file), deed(options)
    with database(options) as opened:
        with opened.reading() as connection:
            adviser = office.adviser_named(connection, options.name)
            name = office.name_of(connection, adviser)
            visits = _visits_through(connection, adviser, file)
        # Nobody may wait for a person at the terminal.
        with_visits = _with_visits(options, name, visits)
        take = office.withdraw_with_visits if with_visits else office.withdraw
        with opened.writing() as connection:
            taken = take(connection, adviser, file, doing)
            still = _read_through(connection, adviser, taken)
    _say_taken(name, taken, still)


def _visits_through(
    connection: Connection, adviser: RecordId, file: FileId
) -> Mapping[FileId, str]:
    """The visits on which the adviser would go on reading of a child whom they have."""
    if not file.startswith(child_file("")) or file not in access.files_of(connection, adviser):
        return {}
    found = _read_through(connection, adviser, [file])
    return {each: title for each, title in found.items() if each.startswith(visit_file(""))}


def _with_visits(options: argparse.Namespace, name: str, visits: Mapping[FileId, str]) -> bool:
    """Whether the visits go with the child. Raises NotSure where nobody says."""
    if options.with_visits or options.keep_visits or not visits:
        return bool(options.with_visits)
    file = options.file
    if not sys.stdin.isatty():
        raise NotSure(
            f"{name} would go on reading of {file} on visits that they have: {', '.join(visits)}.",
            "Nothing was changed.",
            "Say --with-visits to take these too, or --keep-visits to leave them.",
        )
    say(f"{name} goes on reading of {file} on visits that they have:")
    for visit, title in visits.items():
        say(f"    {visit}  {title}")
    say("Type yes to take these visits back too, or no to leave them:")
    answer = sys.stdin.readline().strip().casefold()
    if answer not in {"yes", "no"}:
        raise NotSure("This was answered with neither yes nor no.", "Nothing was changed.")
    return answer == "yes"


def reassign(options: argparse.Namespace) -> None:
    """Give a file to one adviser and take it back from another."""
    file, doing = FileId(options.file), deed(options)
    with database(options) as opened:
        with opened.reading() as connection:
            leaver = office.adviser_named(connection, options.leaver)
            heir = office.adviser_named(connection, options.heir)
            left, has = (office.name_of(connection, each) for each in (leaver, heir))
            visits = {} if leaver == heir else _visits_through(connection, leaver, file)
        with_visits = _with_visits(options, left, visits)
        with opened.writing() as connection:
            taken = office.reassign(connection, file, leaver, heir, doing, with_visits=with_visits)
            still = _read_through(connection, leaver, taken)
    say(f"{has} has {file}; it comes with the next sync.")
    _say_taken(left, taken, still)


def _read_through(
    connection: Connection, adviser: RecordId, taken: Sequence[FileId]
) -> dict[FileId, str]:
    """Where the adviser goes on reading of it, and what each is called."""
    found = access.read_through(connection, adviser, taken)
    named = laptops.titles(connection, [file.partition(":")[2] for file in found])
    return {file: named.get(file.partition(":")[2]) or "cannot be read" for file in found}


def _say_taken(name: str, taken: Sequence[FileId], still: Mapping[FileId, str]) -> None:
    say(f"{name} no longer has {', '.join(taken)}.")
    say("Each laptop of theirs sends what it has not sent, then removes it, at its next sync.")
    if not still:
        return
    say(f"What was said on a visit lies in the visit and with the child. {name} goes on reading")
    say("what lies here as well, and gets what is new there:")
    for file, title in still.items():
        say(f"    {file}  {title}")
    children = [file for file in taken if file.startswith(child_file(""))]
    if children and any(file.startswith(visit_file("")) for file in still):
        say(f"To take these visits too: withdraw “{name}” {children[0]} --with-visits")
    else:
        say("To take that too, withdraw these as well.")


def list_laptops(options: argparse.Namespace) -> None:
    """List the laptops and how each stands, or what one of them holds."""
    if options.holds is not None:
        _list_holdings(options)
        return
    with database(options) as opened, opened.reading() as connection:
        rules = orders.rules(connection)
        found = laptops.lines(connection)
    for line in found:
        say(_laptop_line(line, rules, system_clock()))
    if not found:
        say("No laptop is enrolled yet.")


def _laptop_line(line: laptops.Line, rules: Rules, now: dt.datetime) -> str:
    contact = _moment(line.last_contact) if line.last_contact else "never"
    left = line.lease_left(rules.lease_days, now)
    alone = f"works {left} more days" if left >= 0 else f"over for {-left} days"
    parts = [
        line.id,
        f"{line.name} of {line.adviser}",
        f"enrolled: {_moment(line.enrolled)}",
        f"last contact: {contact}",
        f"revoked: {_moment(line.revoked)}" if line.revoked else f"without contact: {alone}",
        f"can be helped by telephone: {'yes' if line.can_recover else 'no'}",
        f"files: {line.files}",
        f"program: {line.program or 'not told'}",
        f"waiting: {'not told' if line.waiting is None else line.waiting}",
        *([f"attachments waiting: {line.attachments}"] if line.attachments else []),
        *([f"clock: {line.clock}"] if line.clock else []),
        *(f"OVERDUE: {why}" for why in line.overdue(rules.lease_days, now)),
        f"changes received: {line.changes}",
    ]
    return "  ".join(parts)


def _list_holdings(options: argparse.Namespace) -> None:
    """What is lost with a laptop: by file, with names, since when, and until when."""
    with database(options) as opened, opened.reading() as connection:
        line = laptops.line(connection, options.holds)
        held = laptops.holds(connection, line.id)
        claims = laptops.claims(connection, line.id)
        restored = laptops.restored_since(connection, line.last_contact)
    there = [each for each in held if each.dropped is None]
    say(f"{line.name} of {line.adviser} ({line.id}) holds {len(there)} files:")
    for each in there:
        say(f"{each.file}  {_title(each)}  since: {_moment(each.since)}")
    for each in held:
        if each.dropped is not None:
            was = f"{_moment(each.since)} to {_moment(each.dropped)}"
            say(f"no longer there: {each.file}  {_title(each)}  {was}")
    if len(there) < len(held):
        say("What is no longer there may still lie in one of the three safety copies on it.")
    if claims:
        say("After a restore of the office, or with a safety copy, it said itself that it held:")
    for claim in claims:
        say(f"said by itself: {claim.file}  {_title(claim)}  {_moment(claim.at)}")
    if restored is not None:
        say(
            f"The office was put back on {_moment(restored)}, and this laptop has not synced since:"
        )
        say("it may hold more, of what it was given after the backup was made.")
    _say_what_is_not_here(line)
    say("It also has what every laptop has: places, inspections and advisers.")
    titles = [*(each.title for each in held), *(each.title for each in claims)]
    odd = titles.count(None)
    if odd:
        raise NotAllRead(
            f"{odd} of these cannot be read by this version of the program.",
            "They are listed by their ids, and kept as they are.",
            "Update the program here, or use “export”, which writes them as they came.",
        )


def _say_what_is_not_here(line: laptops.Line) -> None:
    if line.waiting:
        say(f"When it last signed in, {line.waiting} of its changes were not here yet.")
    if line.attachments:
        say(f"Of the attachments that it wrote of, the content of {line.attachments} has not come.")


def _title(held: laptops.Held | laptops.Claimed) -> str:
    return "cannot be read" if held.title is None else held.title


def revoke(options: argparse.Namespace) -> None:
    """End a laptop's access for good."""
    with database(options) as opened:
        with opened.reading() as connection:
            line = laptops.line(connection, options.laptop)
        if line.revoked is None:
            say(f"{line.name} of {line.adviser} ({line.id}) will never open again.")
            _make_sure("This cannot be taken back.", "Nothing was changed.")
        key = keys.orders_key(opened, options.keys, passphrase())
        with opened.writing() as connection:
            laptop = orders.revoke(connection, Signer(deed(options), key), options.laptop)
    say(f"{laptop} is revoked. At its next contact it seals what it has not sent for the office,")
    say("destroys its keys, and hands that over. The command “bundle” lists what has come.")


def set_rules(options: argparse.Namespace) -> None:
    """Order every laptop to work by these rules."""
    with database(options) as opened:
        key = keys.orders_key(opened, options.keys, passphrase())
        with opened.writing() as connection:
            signer = Signer(deed(options), key)
            new, count = orders.set_rules(
                connection, signer, options.lease_days, options.lock_minutes
            )
    say(
        f"Laptops work {new.lease_days} days without contact, and lock after {new.lock_minutes} "
        f"minutes at the latest. Each laptop gets this at its next contact: {count} in all."
    )


def help_caller(options: argparse.Namespace) -> None:
    """From what a caller reads out to the code to read back."""
    with database(options) as opened:
        with opened.reading() as connection:
            found = recovery.caller(connection, " ".join(options.request))
        _show(found)
        _make_sure(RING_BACK, "No code was made.")
        secrets = keys.recovery_key(opened, options.keys, passphrase())
        with opened.writing() as connection:
            code = recovery.give(connection, found, secrets, deed(options))
    say("Read this out. It is good once, and only on that laptop:")
    say(code)


def _show(found: Caller) -> None:
    contact = _moment(found.last_contact) if found.last_contact else "never"
    say(f"Laptop:        {found.name} ({found.laptop})")
    say(f"Adviser:       {found.adviser}")
    say(f"Enrolled:      {_moment(found.enrolled)}")
    say(f"Last contact:  {contact}")
    say(f"Asks for:      code {found.request.count} {PURPOSES[found.request.purpose]}")


def _make_sure(words: str, kept: str) -> None:
    # Only where somebody sits: a script has asked before.
    if not sys.stdin.isatty():
        return
    say(words)
    say("Type yes to go on:")
    if sys.stdin.readline().strip().casefold() != "yes":
        raise NotSure("This was not answered with yes.", kept)


def show_log(options: argparse.Namespace) -> None:
    """Print who did what."""
    with database(options) as opened, opened.reading() as connection:
        found = audit.entries(connection)
    # Only now: whoever reads it page by page may take longer than the database waits.
    for entry in found:
        parts = (f"{entry.at:%Y-%m-%d %H:%M:%S} UTC", entry.who, entry.what, entry.laptop)
        say("  ".join(part for part in (*parts, entry.detail) if part))


def _moment(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
