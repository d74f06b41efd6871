"""The power goes at any moment: flushed as the program does it, nothing promised is lost."""

import random
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hah_desktop.domain.errors import KnownError
from hah_desktop.store.store import Store
from tests.faults.plain import RUTH, raw_key, real_now
from tests.faults.power import Disk, Event, watched
from tests.faults.recorder import broken
from tests.store.sound import faults

CUTS = 300
CUTS_TO_SEE = 60
PROMISES = 120


@dataclass
class Toll:
    """What a number of power cuts has cost."""

    cuts: int = 0
    losing: int = 0
    unreadable: list[str] = field(default_factory=list)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """The database of an enrolled laptop, closed."""
    if not sys.platform.startswith("linux") or shutil.which("strace") is None:
        pytest.skip("only strace, on Linux, shows what a program asks of the system")
    if subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], check=False).returncode:
        pytest.skip("this system does not let strace watch a program")
    path = tmp_path / "work" / "records.db"
    path.parent.mkdir()
    made = Store.create(path, raw_key, real_now)
    made.keep_identity(RUTH)
    made.close()
    return path


def toll_of(database: Path, events: list[Event | str], before: bytes, cuts: int) -> Toll:
    """Cut the power at so many moments, and look each time what is left."""
    chance = random.Random(7)  # noqa: S311 - moments to cut at
    moments = sorted(chance.randrange(len(events)) for _ in range(cuts))
    disk = Disk({database: bytearray(before)})
    promises: list[str] = []
    toll = Toll()
    for number, event in enumerate(events):
        if isinstance(event, str):
            promises.append(event)
        else:
            disk.take(event)
        for _ in range(moments.count(number)):
            _look(
                disk.after_a_cut(chance), database.parents[1] / f"cut-{toll.cuts}", promises, toll
            )
            toll.cuts += 1
    return toll


def _look(found: dict[Path, bytes], folder: Path, promises: list[str], toll: Toll) -> None:
    folder.mkdir()
    for path, content in found.items():
        (folder / path.name).write_bytes(content)
    try:
        store = Store.open(folder / "records.db", raw_key, real_now)
        with store.reading() as connection:
            # Before: pages that the newest entries are about to mend would look broken.
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        toll.losing += bool(broken(store, promises))
        toll.unreadable += faults(store)
        store.close()
    except KnownError as fault:
        toll.unreadable.append(str(fault))
    shutil.rmtree(folder)


def test_flushed_in_full_no_cut_takes_what_was_promised(database: Path) -> None:
    before = database.read_bytes()
    toll = toll_of(database, watched(database, PROMISES, "FULL"), before, CUTS)
    assert (toll.cuts, toll.losing, toll.unreadable) == (CUTS, 0, [])


@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
def test_flushed_less_the_same_cuts_are_seen_to_lose(database: Path, synchronous: str) -> None:
    before = database.read_bytes()
    toll = toll_of(database, watched(database, PROMISES, synchronous), before, CUTS_TO_SEE)
    assert toll.losing + len(toll.unreadable) > CUTS_TO_SEE // 4
