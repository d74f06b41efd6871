"""The power goes at any moment, and the disk has lost what nobody waited for."""

import random
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from hah_desktop.store import health, reading
from hah_desktop.store.errors import StoreDamaged
from hah_desktop.store.store import Store
from tests.store import power
from tests.store.committer import words
from tests.store.hand import HandClock, raw_key
from tests.store.journal import faults
from tests.store.power import Act, Disk

SAVED = 60
CUTS = 120


@dataclass
class Lost:
    """What was found after all the cuts."""

    promises: int = 0
    cuts_with_losses: int = 0
    damaged: int = 0
    in_the_middle: int = 0


@pytest.fixture
def database(store: Store, tmp_path: Path) -> Path:
    """A closed database in a folder of its own, which holds nothing else."""
    path = store.place.path
    store.close()
    (tmp_path / "laptop").mkdir()
    return Path(shutil.copy(path, tmp_path / "laptop"))


def after_cuts(database: Path, synchronous: str) -> Lost:
    """Cut the power so often, at moments by chance, and open what is left."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed: nobody can see what is written when")
    before = database.read_bytes()
    acts = power.watched(database, SAVED, synchronous)
    assert sum(act.what == "said" for act in acts) == SAVED
    chance = random.Random(11)  # noqa: S311 - moments to cut at
    lost = Lost()
    for number in range(CUTS):
        cut = chance.randrange(len(acts))
        folder = database.parent.parent / f"{synchronous}-{number}"
        _leave(folder, Disk(chance, {database.name: bytearray(before)}), acts[:cut])
        _open(folder / database.name, sum(act.what == "said" for act in acts[:cut]), lost)
        shutil.rmtree(folder)
    return lost


def _leave(folder: Path, disk: Disk, acts: list[Act]) -> None:
    for act in acts:
        disk.take(act)
    folder.mkdir()
    for name, data in disk.after_a_cut().items():
        (folder / name).write_bytes(data)


def _open(path: Path, promised: int, lost: Lost) -> None:
    try:
        store = Store.open(path, raw_key, HandClock())
    except StoreDamaged:
        lost.damaged += 1
        return
    try:
        # Brings the newest entries into the one file before its pages are looked at.
        health.check(store)
    except StoreDamaged:
        lost.damaged += 1
    with store.reading() as connection:
        found = reading.of_kind(connection, "visit")
    held = {str(held.record.id): held.seen.body for held in found}
    missing = [n for n in range(promised) if held.get(f"v{n}") != {"impression": words(n)}]
    lost.promises += promised
    lost.cuts_with_losses += bool(missing)
    lost.in_the_middle += bool(faults(store))
    store.close()


def test_a_power_cut_takes_nothing_that_was_saved(database: Path) -> None:
    lost = after_cuts(database, "FULL")
    assert lost.promises > CUTS
    assert (lost.cuts_with_losses, lost.damaged, lost.in_the_middle) == (0, 0, 0)


def test_without_waiting_for_the_disk_it_would_have(database: Path) -> None:
    lost = after_cuts(database, "NORMAL")
    assert lost.cuts_with_losses > 0
    assert (lost.damaged, lost.in_the_middle) == (0, 0)
