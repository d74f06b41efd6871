"""Letters and pictures on a stick for a colleague: which go, what fits, and how they are taken in.

They are sealed with the text in one file. What does not fit stays for the next sync, and is said.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from hah_desktop.domain.ids import RecordId
from hah_desktop.laptop import handing
from hah_desktop.seals.bundle import Bundle, Kind
from hah_desktop.seals.errors import SealBroken
from hah_desktop.store.attachments import attachments, coming, travelling
from hah_desktop.store.attachments.attachments import Attachments, KeptFile, NotKept
from hah_desktop.store.attachments.coming import NotFetched
from hah_desktop.store.attachments.travelling import Wanted
from hah_desktop.store.journal.reading import Transaction
from hah_desktop.store.store import Store

MOST_BYTES = 3 << 30
"""Sticks are often of a kind that takes no file of 4 GiB."""

SPARE = 64 << 20
"""So much of a stick stays free: for the text, and for what makes a sealed file longer."""

NOT_READ = "The file could not be read to its end, as when the stick is taken out."

T = TypeVar("T")


def of_visit(connection: Transaction, visit: RecordId) -> list[KeptFile]:
    """What is attached to a visit and only here, the smallest first."""
    return travelling.only_here_of(connection, visit)


def fitting(kept: Attachments, files: Sequence[KeptFile], folder: Path) -> list[KeptFile]:
    """Those of the files that can be read and fit into a folder. Raises OSError."""
    room = min(MOST_BYTES, shutil.disk_usage(folder).free - SPARE)
    found = []
    for file in files:
        room -= file.size
        if room < 0:
            break
        if handing.is_readable(kept, file):
            found.append(file)
    return found


@dataclass(frozen=True, slots=True)
class Missing:
    """A letter or picture that did not come: what its record calls it, and why."""

    what: str
    why: str


class _NotRead(Exception):
    """The stick was taken out meanwhile, or the file on it altered since it was opened."""


def take(store: Store, kept: Attachments, opened: Bundle) -> tuple[int, tuple[Missing, ...]]:
    """Keep what records here name and is elsewhere. Returns how many came, and which did not.

    Only what a record names comes, by its size and hash. Whatever stops one, what is not here then
    comes with a sync, or from the same stick again.
    """
    with store.reading() as connection:
        wanted = {each.id: each for each in travelling.wanted(connection)}
        called = travelling.called(connection, wanted)
    due = {
        listed.name: what
        for listed in opened.manifest.parts
        if listed.kind is Kind.FILE
        and (what := wanted.get(listed.name)) is not None
        and (listed.size, listed.sha256) == (what.size, what.sha256)
    }
    why = dict.fromkeys(due, NOT_READ)
    with suppress(_NotRead):
        for listed, pieces in _as_read(opened.parts()):
            if listed.name in due:
                why[listed.name] = _keep(store, kept, due[listed.name], _as_read(pieces))
    missing = [Missing(called[name], reason) for name, reason in why.items() if reason]
    return len(due) - len(missing), tuple(missing)


def _as_read(source: Iterator[T]) -> Iterator[T]:
    """What comes from the stick; a fault of it is not taken for one of the laptop's disk."""
    try:
        yield from source
    except (OSError, SealBroken) as fault:
        raise _NotRead from fault


def _keep(store: Store, kept: Attachments, what: Wanted, pieces: Iterator[bytes]) -> str:
    """Keep one. Returns why that did not work, and nothing where it did. Raises _NotRead."""
    try:
        with coming.alone(kept.path_of_coming(what.id)):
            if not _is_elsewhere(store, what):
                return ""  # A sync has brought it meanwhile.
            kept.check_room(what.size)
            sealed = kept.seal_as(what.id, pieces)
            with store.writing() as connection:
                travelling.note_by_hand(connection, sealed, store.now().isoformat())
    except (NotKept, NotFetched) as fault:
        return fault.what
    return ""


def _is_elsewhere(store: Store, what: Wanted) -> bool:
    with store.reading() as connection:
        return attachments.find(connection, what.id) is None
