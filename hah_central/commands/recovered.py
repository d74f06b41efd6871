"""The commands about what waits for a person: after a restore, and what was set aside."""

import argparse

from hah_central import set_aside, witness
from hah_central.commands.common import database, deed, say


def restored(options: argparse.Namespace) -> None:
    """Say that the office's database was put back from a backup."""
    with database(options) as opened, opened.writing() as connection:
        witness.restored(connection, deed(options))
    say("Every laptop notices at its next sync, and gives back what it once sent.")
    say("What was written on a laptop that is gone comes from the laptops of others, for you to")
    say("look at: the command “recovered” lists it. Nothing of it is taken in by itself.")
    say("What was done here since the backup is lost: end access again where it was ended, give")
    say("again what was given, and let laptops in again that were let in. The log says how far.")


def recovered(options: argparse.Namespace) -> None:
    """List what laptops gave of changes that are lost, or close one."""
    with database(options) as opened:
        if options.close:
            with opened.writing() as connection:
                witness.close(connection, deed(options), options.close)
            say(f"{options.close} is closed.")
            return
        with opened.reading() as connection:
            found = witness.waiting(connection)
    for each in found:
        _show(each, words=options.words)
    if not found:
        say("Nothing waits to be looked at.")


def _show(each: witness.Waiting, *, words: bool) -> None:
    parts = (
        each.change,
        f"{each.kind} {each.record}",
        f"by {each.author}, {each.made_at}",
        f"from {each.given_by}, {each.received:%Y-%m-%d %H:%M} UTC",
    )
    say("  ".join(parts))
    if words:
        for name, value in sorted(each.fields.items()):
            say(f"    {name}: {value}")


def show_set_aside(options: argparse.Namespace) -> None:
    """List what was set aside, why, and what the office can do about each."""
    with database(options) as opened, opened.reading() as connection:
        found = set_aside.lines(connection)
    for each in found:
        about = f"{each.kind} {each.record}" if each.record else "not readable"
        who = f"{each.laptop} of {each.adviser}"
        say(f"{each.seq}  {about}  {who}  {each.received:%Y-%m-%d %H:%M} UTC")
        say(f"    {each.why.what}")
        say(f"    {each.why.office}")
        if options.words:
            for name, value in sorted(each.fields.items()):
                say(f"    {name}: {value}")
    if not found:
        say("Nothing is set aside.")
