"""Writes a database of an earlier form anew, in today's: the old one or the new one stands there.

What it says is not changed by a word, and nobody else can have it open meanwhile.
"""

import os
import shutil
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from hah_desktop.store.disk.door import shut
from hah_desktop.store.disk.engine import KeySpec, connect, faults, opening
from hah_desktop.store.disk.files import sync_file, take_away
from hah_desktop.store.disk.mark import Mark
from hah_desktop.store.disk.whole import copy, facts, into_one_file, keep_others_out
from hah_desktop.store.errors import StoreFull, busy, damaged
from hah_desktop.vault.files import sync_folder

SPARE_BYTES = 20_000_000

UNFINISHED = ".anew"
"""What is added to the name of the database while the new one is made."""

REPLACES_WHAT_IS_OPEN = os.name != "nt"
"""Windows gives no file the name of one that somebody has open, so nobody can be left with the old
one: but it has to be closed first, and only its door keeps others out then. Elsewhere its last
reader keeps everybody else out until the new one stands there."""


def check_room(path: Path) -> None:
    """Raises StoreFull where there is no room for the database a second time."""
    if shutil.disk_usage(path.parent).free < path.stat().st_size + SPARE_BYTES:
        raise _no_room()


def write_anew(path: Path, key: KeySpec) -> None:
    """Write the closed database at `path` anew, with the key that it has.

    Killed at any moment, the old one or the new one stands there, whole. Raises StoreFull,
    StoreBusy or StoreDamaged, and then it is the old one.
    """
    fresh = Path(f"{path}{UNFINISHED}")
    try:
        # What a kill left may be what takes the room.
        take_away(fresh)
        check_room(path)
        with ExitStack() as until_it_stands:
            with closing(connect(path, key, ())) as old, opening():
                keep_others_out(old)
                into_one_file(old)
                if faults(old):
                    raise damaged()
                copy(old, fresh, key)
                sync_file(fresh)
                with closing(connect(fresh, key, ())) as new, opening():
                    keep_others_out(new)
                    if faults(new) or facts(new) != facts(old):
                        raise damaged()
                    until_it_stands.enter_context(shut(path))
                    _leave_nothing_beside(old, path)
                    if REPLACES_WHAT_IS_OPEN:
                        _take_the_place(fresh, path)
            if not REPLACES_WHAT_IS_OPEN:
                _take_the_place(fresh, path)
    except PermissionError as fault:
        raise busy() from fault
    except (OSError, StoreFull) as fault:
        raise _no_room() from fault
    finally:
        take_away(fresh)


def _leave_nothing_beside(old: Any, path: Path) -> None:
    """Nothing that lies beside the old one may ever be read into the new one."""
    # Whoever was killed meanwhile has left the mark, and the second file is about to go.
    Mark(path).lift()
    if old.execute("PRAGMA journal_mode=DELETE").fetchone()[0] != "delete":
        raise busy()
    sync_folder(path.parent)


def _take_the_place(fresh: Path, path: Path) -> None:
    fresh.replace(path)
    sync_folder(path.parent)


def _no_room() -> StoreFull:
    return StoreFull(
        "The disk of this laptop is too full to write the database anew, as this version does.",
        "Everything is kept and can be worked with, as the version before had it.",
        "Make room on the disk; the program tries again at the next unlocking.",
    )
