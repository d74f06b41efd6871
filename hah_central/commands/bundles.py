"""The command about what laptops sealed for the office: listing it, and taking it in."""

import argparse
from contextlib import suppress
from pathlib import Path

from hah_central.attachments import bundles
from hah_central.attachments.blobs import Blobs, folder_beside
from hah_central.attachments.bundles import Bundles, folder_of
from hah_central.commands.common import database, deed, passphrase, say
from hah_central.database.database import Database
from hah_central.office import keys
from hah_central.sticks import handed
from hah_central.sticks.handed import Handed, Places
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.exchange import Verdict
from hah_desktop.domain.media import size_in_words
from hah_desktop.seals.bundle import Kind
from hah_desktop.sync.wire.hand import is_by_hand

_WORDS = {
    Verdict.APPLIED: "applied",
    Verdict.MERGED: "merged",
    Verdict.CONFLICT: "for a person to decide",
    Verdict.DUPLICATE: "known before",
    Verdict.SET_ASIDE: "set aside",
}


class NotAsked(KnownError):
    """Something is missing on the command line."""


class Left(KnownError):
    """Something of a bundle has no place yet."""


def bundle(options: argparse.Namespace) -> None:
    """List the bundles, or take one in."""
    with database(options) as opened:
        if options.bundle is None:
            _list(opened)
        else:
            _take_in(opened, options)


def _list(opened: Database) -> None:
    with opened.reading() as connection:
        listed = bundles.lines(connection)
    if not listed:
        say("No laptop has handed anything over. A file from a stick is taken in by its name.")
    for line in listed:
        when = f"{line.opened:%Y-%m-%d %H:%M} UTC" if line.opened else "not yet"
        say(
            f"{line.sha256[:16]}  from {line.laptop}  {size_in_words(line.size)}  "
            f"received: {line.received:%Y-%m-%d %H:%M} UTC  opened: {when}"
        )


def _take_in(opened: Database, options: argparse.Namespace) -> None:
    if options.keys is None:
        raise NotAsked(
            "To open what a laptop sealed, the office’s keys are needed.",
            "Nothing was changed.",
            "Add --keys FOLDER.",
        )
    path = _path(opened, options)
    secrets = keys.recovery_key(opened, options.keys, passphrase())
    contents = Blobs(opened, folder_beside(opened, options.bundles, options.attachments))
    places = Places(contents, options.out)
    try:
        with path.open("rb") as source:
            found = handed.take_in(opened, source, secrets, places, deed(options))
    except OSError as fault:
        raise bundles.NoBundle(
            f"{path} cannot be read: {fault.strerror or fault}.", "Nothing was taken in."
        ) from fault
    for words in told(found, options.out):
        say(words)
    if found.left:
        raise Left(
            f"{len(found.left)} parts of it have no place here: drafts, or files that no record "
            "here names.",
            "All else was taken in, and these are still in the sealed bundle.",
            "Run this again with --out FOLDER, and they are written there.",
        )


def _path(opened: Database, options: argparse.Namespace) -> Path:
    # What the system takes for no name of a file may be the beginning of an id.
    with suppress(OSError):
        if Path(options.bundle).is_file():
            return Path(options.bundle)
    with opened.reading() as connection:
        line = bundles.named(connection, options.bundle)
    return Bundles(opened, folder_of(opened, options.bundles)).path(line.sha256)


def told(found: Handed, out: Path | None) -> list[str]:
    """What it held and what became of it, in plain words."""
    manifest = found.manifest
    whose = f"{found.name} of {found.adviser} ({manifest.laptop})"
    when = f"by its own clock at {manifest.made_at}"
    words = [f"Number {manifest.number}, sealed by the laptop {whose}, {when}."]
    if found.before is not None and found.before.opened is not None:
        words.append(f"It was opened before: {found.before.opened:%Y-%m-%d %H:%M} UTC.")
    words.append(_changes(found))
    if found.by_hand:
        words.append(
            f"Changes from colleagues’ sticks: {found.by_hand}. What of them is new waits for "
            "somebody: “recovered” lists it."
        )
    if found.kept:
        words.append(f"Files kept with the records that name them: {found.kept}.")
    loose = found.loose
    if found.written:
        words.append(f"Drafts: {found.count(Kind.DRAFT)}. Files: {len(loose)}. Written to {out}:")
    elif found.left:
        words.append(f"Drafts: {found.count(Kind.DRAFT)}. Files: {len(loose)}. Not written out.")
    elif not (found.kept or found.by_hand):
        words.append("It held no drafts and no files.")
    words += [f"  {path.name}  {size_in_words(path.stat().st_size)}" for path in found.written]
    if found.written:
        words.append("They are readable now. Take them where they belong, then delete them there.")
    if any(map(is_by_hand, loose)):
        words.append("What begins with “by-hand-” says that it is a colleague’s, and is not.")
    if not all(map(is_by_hand, loose)):
        words.append(
            "No record here names these files. Once what does is taken in, run this again: it "
            "keeps them with it."
        )
    words.append("The sealed bundle was left where it is.")
    return words


def _changes(found: Handed) -> str:
    if found.refused:
        return (
            f"Its changes were not taken into the records: {found.refused} "
            "They go where the drafts go."
        )
    many = sum(found.verdicts.values())
    if not many:
        return "It held no changes."
    each = [f"{found.verdicts[v]} {words}" for v, words in _WORDS.items() if found.verdicts[v]]
    return f"Changes: {many}. Taken into the records: {', '.join(each)}."
