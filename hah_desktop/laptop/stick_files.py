"""Letters and pictures on a stick for a colleague: which go, what fits, and how they are taken in.

They are sealed with the text in one file. What does not fit stays for the next sync, and is said.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from hah_desktop.domain.ids import RecordId
from hah_desktop.laptop import handing
from hah_desktop.seals.bundle import Bundle, Kind
from hah_desktop.seals.errors import SealBroken
from hah_desktop.store import attachments, coming, travelling
from hah_desktop.store.attachments import Attachments, KeptFile, NotKept
from hah_desktop.store.coming import NotFetched
from hah_desktop.store.reading import Transaction
from hah_desktop.store.store import Store
from hah_desktop.store.travelling import Wanted

MOST_BYTES = 3 << 30
"""Sticks are often of a kind that takes no file of 4 GiB."""

SPARE = 64 << 20
"""So much of a stick stays free: for the text, and for what makes a sealed file longer."""


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


def take(store: Store, kept: Attachments, opened: Bundle) -> tuple[int, int]:
    """Keep what records here name and is elsewhere. Returns how many came, and how many not.

    Only what a record names comes, by its size and hash. Whatever stops one, what is not here then
    comes with a sync, or from the same stick again.
    """
    with store.reading() as connection:
        wanted = {each.id: each for each in travelling.wanted(connection)}
    due = {
        listed.name: what
        for listed in opened.manifest.parts
        if listed.kind is Kind.FILE
        and (what := wanted.get(listed.name)) is not None
        and (listed.size, listed.sha256) == (what.size, what.sha256)
    }
    came = 0
    # A stick that was pulled out, or altered since it was opened.
    with suppress(OSError, SealBroken):
        for listed, pieces in opened.parts():
            if listed.name in due:
                came += _keep(store, kept, due[listed.name], pieces)
    return came, len(due) - came


def _keep(store: Store, kept: Attachments, what: Wanted, pieces: Iterator[bytes]) -> bool:
    try:
        with coming.alone(kept.path_of_coming(what.id)):
            if not _is_elsewhere(store, what):
                return True  # A sync has brought it meanwhile.
            kept.check_room(what.size)
            sealed = kept.seal_as(what.id, pieces)
            with store.writing() as connection:
                travelling.note_by_hand(connection, sealed, store.now().isoformat())
    except (NotKept, NotFetched):
        return False
    return True


def _is_elsewhere(store: Store, what: Wanted) -> bool:
    with store.reading() as connection:
        return attachments.find(connection, what.id) is None
