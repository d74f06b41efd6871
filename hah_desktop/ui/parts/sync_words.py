"""What is said about syncs and about what the office has: saved, received, seen. Pure words."""

import datetime as dt
from collections.abc import Sequence

from hah_desktop.store.exchange.outbox import SyncRun
from hah_desktop.store.exchange.waiting import Due
from hah_desktop.sync.steps import Doing, Progress
from hah_desktop.ui.parts.words import counted, read_moment, when

SAVED = "Saved on this laptop"
RECEIVED = "Received by the office"
NOT_RECEIVED = "not yet received by the office"
FROM_STICK = "From a colleague’s stick; not yet received by the office"

Rows = list[tuple[str, str]]


def state_of(due: Due, seen_by: Sequence[str] = ()) -> str:
    """How far one record has come; `seen_by` are the words about who has seen it."""
    if due.own:
        return SAVED
    if due.by_hand:
        return FROM_STICK
    if due.aside:
        return _aside(due.aside)
    return " \N{MIDDLE DOT} ".join((RECEIVED, *seen_by))


def whole(due: Due, files: int, last_well: str, now: dt.datetime) -> str:
    """How far everything together has come: of a visit, or of all that is on this laptop.

    `files` letters or pictures are only here: a change that says that there is a letter is received
    long before the letter.
    """
    only_here = [counted(n, name) for n, name in ((due.own, "change"), (files, "file")) if n]
    parts = [f"{' and '.join(only_here)} only on this laptop"] if only_here else []
    if due.by_hand:
        parts.append(f"{counted(due.by_hand, 'change')} from a colleague’s stick {NOT_RECEIVED}")
    if due.aside:
        parts.append(_aside(due.aside))
    if parts:
        return "; ".join(parts)
    moment = read_moment(last_well)
    if moment is None:
        return "Nothing is only on this laptop"
    said = when(last_well, now).removeprefix("today ")
    return f"All received by the office {said}"


def in_few(due: Due, files: int) -> str:
    """The same where there is little room."""
    if only_here := due.own + files:
        return f"{only_here:,} only here"
    if due.by_hand:
        return f"{due.by_hand:,} not received"
    return f"{due.aside:,} set aside" if due.aside else "All received"


def _aside(number: int) -> str:
    return f"{counted(number, 'change')} set aside by the office"


def progress_of(now: Progress) -> tuple[int, int, str]:
    """How far a sync is: so many of so many, where that is known, and in words."""
    if now.doing is Doing.SENDING and now.to_send:
        return now.sent, now.to_send, f"Sending {now.sent:,} of {counted(now.to_send, 'change')}"
    words = {
        Doing.ASKING: "Asking whether the office is there",
        Doing.SENDING: "Sending",
        Doing.FETCHING: f"Fetching what is new: {counted(now.received, 'record')} so far",
        Doing.COMPARING: "Comparing what both sides hold",
    }
    return 0, 0, words[now.doing]


def in_short(run: SyncRun) -> str:
    """How a sync ended, in one sentence."""
    if run.problem:
        # The rest of what is said stands below, once it is asked for.
        return f"{run.problem.partition('. ')[0].removesuffix('.')}."
    if not run.sent and not run.received:
        return "All went well; there was nothing new"
    return "All went well"


def in_full(run: SyncRun, now: dt.datetime) -> Rows:
    """All that is remembered of a sync, each with its name."""
    rows = [("Began", when(run.started, now)), ("Took", _took(run))]
    if run.office:
        rows.append(("With", run.office))
    rows += [
        ("Sent", f"{counted(run.sent, 'change')}{_bytes(run.sent_bytes)}"),
        ("Fetched", f"{counted(run.received, 'record')}{_bytes(run.fetched_bytes)}"),
        ("Both sides hold the same", _agreement(run)),
        ("How it ended", run.problem or "All went well."),
    ]
    return rows


def _took(run: SyncRun) -> str:
    began, ended = read_moment(run.started), read_moment(run.finished)
    if began is None or ended is None:
        return "Not known"
    seconds = max(0, round((ended - began).total_seconds()))
    if not seconds:
        return "Less than a second"
    minutes, rest = divmod(seconds, 60)
    parts = (counted(minutes, "minute") if minutes else "", counted(rest, "second") if rest else "")
    return " ".join(filter(None, parts))


def _bytes(number: int) -> str:
    if not number:
        return ""
    for unit, size in (("MB", 1_000_000), ("kB", 1000)):
        if number >= size:
            return f", {number / size:,.1f} {unit}"
    return f", {counted(number, 'byte')}"


def _agreement(run: SyncRun) -> str:
    if run.agrees is None:
        return "Not compared"
    compared = f"{counted(run.compared_records, 'record')} in {counted(run.compared_files, 'file')}"
    return f"Yes: {compared}" if run.agrees else f"No. Compared were {compared}"
