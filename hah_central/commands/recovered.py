"""The commands about what waits for a person: after a restore, and what was set aside."""

import argparse
import datetime as dt

from hah_central.commands.common import database, deed, say
from hah_central.journal import set_aside, witness
from hah_central.sticks import by_hand
from hah_desktop.domain.clock import how_wrong
from hah_desktop.domain.exchange import Verdict


def restored(options: argparse.Namespace) -> None:
    """Say that the office's database was put back from a backup."""
    with database(options) as opened, opened.writing() as connection:
        witness.restored(connection, deed(options))
    say("Every laptop notices at its next sync, and gives back what it once sent.")
    say("What was written on a laptop that is gone comes from the laptops of others, for you to")
    say("look at: the command “recovered” lists it. Nothing of it is taken in by itself.")
    say("What was done here since the backup is lost: end access again where it was ended, and")
    say("give again what was given. The log says how far.")
    say("A laptop that was enrolled since the backup is not known here any more. It says so itself")
    say(
        "as it syncs; the command “readmit” makes a code with which it comes back, with all that it"
    )
    say("holds.")


def recovered(options: argparse.Namespace) -> None:
    """List what laptops gave of changes that are not here, close one, or take one in."""
    with database(options) as opened:
        if options.close is not None:
            with opened.writing() as connection:
                witness.close(connection, deed(options), options.close)
            say(f"{options.close} is closed.")
            return
        if options.take is not None:
            with opened.writing() as connection:
                taken = by_hand.take(connection, deed(options), options.take)
            _tell_taken(taken)
            return
        with opened.reading() as connection:
            found = witness.waiting(connection)
    for each in found:
        _show(each, words=options.words)
    if not found:
        say("Nothing waits to be looked at.")


def _tell_taken(taken: by_hand.Taken) -> None:
    aside = [receipt for receipt in taken.receipts if receipt.verdict is Verdict.SET_ASIDE]
    of = f" of {taken.parts} parts of a long stick" if taken.parts > 1 else ""
    many = len(taken.receipts) - len(aside)
    say(f"{many} changes{of} are in force now. Each laptop gets them at its sync.")
    if aside:
        say(f"{len(aside)} were set aside: the command “set-aside” says why.")


def _show(each: witness.Waiting, *, words: bool) -> None:
    parts = (
        each.change,
        f"{each.kind} {each.record}",
        f"by {each.author}, {each.made_at}{_doubt(each)}",
        f"from {each.given_by}, {each.received:%Y-%m-%d %H:%M} UTC",
    )
    say("  ".join(parts))
    if each.signed:
        say("    The author’s laptop signed for it: --take takes it in, with all of its stick.")
    if words:
        for name, value in sorted(each.fields.items()):
            say(f"    {name}: {value}")


def _doubt(each: witness.Waiting) -> str:
    """What the time is worth that a laptop gave."""
    if each.clock_trusted:
        return ""
    if not each.clock_off:
        return " by a clock that was not to be trusted"
    return f" by a clock that was about {how_wrong(dt.timedelta(seconds=each.clock_off))}"


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
