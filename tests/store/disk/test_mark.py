"""The newest entries, in a file of their own, cannot go missing without being missed."""

import gc
import os
import shutil
import subprocess
import sys
from pathlib import Path
from threading import Barrier, Thread

import pytest

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.disk.mark import Mark
from hah_desktop.store.errors import NewestMissing, StoreDamaged, StoreFull
from hah_desktop.store.journal import reading
from hah_desktop.store.store import Store
from tests.store.hand import HandClock, raw_key

ROOT = Path(__file__).resolve().parents[3]


def opened(path: Path) -> Store:
    return Store.open(path, raw_key, HandClock())


def saved(path: Path) -> list[str]:
    store = opened(path)
    with store.reading() as connection:
        found = [str(held.record.id) for held in reading.of_kind(connection, "visit")]
    store.close()
    return found


def a_copy_while_open(store: Store, tmp_path: Path, *without: str) -> Path:
    """What a power cut leaves at this moment, less the files whose names end so."""
    folder = tmp_path / "cut"
    folder.mkdir()
    for file in store.place.path.parent.glob("records.*"):
        if not file.name.endswith(tuple(without)):
            shutil.copy(file, folder)
    return folder / "records.db"


@pytest.fixture
def at_work(closed: Path) -> Store:
    return opened(closed)


def test_newest_entries_that_are_missing_are_missed(at_work: Store, tmp_path: Path) -> None:
    at_work.add(Visit(id=RecordId("v2"), met_by="Bo"))
    left = a_copy_while_open(at_work, tmp_path, "-wal", "-shm")
    before = left.read_bytes()
    with pytest.raises(NewestMissing) as told:
        opened(left)
    assert "newest entries" in told.value.what
    assert left.read_bytes() == before
    with pytest.raises(StoreDamaged):
        opened(left)


def test_without_the_mark_they_would_have_been_lost_in_silence(
    at_work: Store, tmp_path: Path
) -> None:
    at_work.add(Visit(id=RecordId("v2"), met_by="Bo"))
    left = a_copy_while_open(at_work, tmp_path, "-wal", "-shm", ".open")
    assert saved(left) == ["v1"]


def test_after_a_power_cut_everything_is_there(at_work: Store, tmp_path: Path) -> None:
    at_work.add(Visit(id=RecordId("v2"), met_by="Bo"))
    left = a_copy_while_open(at_work, tmp_path)
    assert Mark(left).path.exists()
    assert saved(left) == ["v1", "v2"]


def test_a_power_cut_right_after_opening_is_no_damage(at_work: Store, tmp_path: Path) -> None:
    assert saved(a_copy_while_open(at_work, tmp_path)) == ["v1"]


def test_a_closed_database_is_one_file(at_work: Store) -> None:
    path = at_work.place.path
    at_work.add(Visit(id=RecordId("v2"), met_by="Bo"))
    at_work.close()
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert saved(path) == ["v1", "v2"]


def test_a_new_database_is_marked_while_it_is_open(store: Store, tmp_path: Path) -> None:
    assert Mark(tmp_path / "records.db").path.exists()
    store.close()
    assert [file.name for file in tmp_path.iterdir()] == ["records.db"]


def test_a_copy_of_the_file_alone_is_a_database(at_work: Store, tmp_path: Path) -> None:
    left = a_copy_while_open(at_work, tmp_path, "-wal", "-shm", ".open")
    assert saved(left) == ["v1"]


def test_two_that_have_it_open_do_not_take_each_others_mark(at_work: Store, tmp_path: Path) -> None:
    second = opened(at_work.place.path)
    second.close()
    assert Mark(at_work.place.path).path.exists()
    at_work.add(Visit(id=RecordId("v2"), met_by="Bo"))
    with pytest.raises(NewestMissing):
        opened(a_copy_while_open(at_work, tmp_path, "-wal", "-shm"))
    at_work.close()
    assert saved(at_work.place.path) == ["v1", "v2"]


def test_a_transaction_that_outlasts_the_closing_tidies_up_when_it_ends(at_work: Store) -> None:
    path = at_work.place.path
    inside, closed = Barrier(2), Barrier(2)

    def slow() -> None:
        with at_work.writing():
            inside.wait()
            closed.wait()

    worker = Thread(target=slow)
    worker.start()
    inside.wait()
    at_work.close()
    assert Mark(path).newest.exists()
    closed.wait()
    worker.join()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_store_that_nobody_closed_is_closed_when_it_is_forgotten(closed: Path) -> None:
    store = opened(closed)
    store.add(Visit(id=RecordId("v2"), met_by="Bo"))
    del store
    gc.collect()
    assert saved(closed) == ["v1", "v2"]


def test_a_program_that_ends_without_closing_leaves_no_damage(closed: Path) -> None:
    words = (
        "import sys; from pathlib import Path; from tests.store.disk import test_mark as t;"
        "kept = t.opened(Path(sys.argv[1])); kept.add(t.Visit(id=t.RecordId('v2'), met_by='Bo'))"
    )
    subprocess.run(
        [sys.executable, "-c", words, str(closed)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=True,
    )
    assert saved(closed) == ["v1", "v2"]


def test_a_disk_without_room_for_the_mark_opens_all_the_same(
    closed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_mark: Mark, _content: bytes) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(Mark, "_write", full)
    assert saved(closed) == ["v1"]


def test_a_folder_that_takes_no_file_is_not_called_damage(closed: Path) -> None:
    # What a folder that may only be read does to the file that SQLite has to make beside it.
    Mark(closed).newest.mkdir()
    with pytest.raises(StoreFull, match="does not let the program write") as told:
        opened(closed)
    assert told.value.do.startswith("Check that the folder")
