"""Safety copies: whole or not at all, three of them, and putting one back loses no file."""

import datetime as dt
import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path
from threading import Event, Thread

import pytest

from hah_desktop.domain.changes import content_hash
from hah_desktop.domain.exchange import Receipt, Verdict
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.disk import whole
from hah_desktop.store.disk.mark import Mark
from hah_desktop.store.errors import NewestMissing, StoreDamaged, StoreFull, StoreUnsafe
from hah_desktop.store.exchange import outbox
from hah_desktop.store.safety import backups as backups_module
from hah_desktop.store.safety.backups import Backups, Missing
from hah_desktop.store.store import Store
from hah_desktop.store.tables import events
from hah_desktop.store.tables.events import Happened
from tests.store.hand import NOON, HandClock, copy_key, raw_key
from tests.store.older import as_the_first_version_left_it
from tests.store.sound import faults
from tests.store.spoiling import KILLS, flip, killed, visits

PAGE = 4096
PLANTED = "the pantry where Zuzanna hides"


@pytest.fixture
def backups(tmp_path: Path) -> Backups:
    return Backups(tmp_path / "backups", copy_key)


def names(tmp_path: Path) -> list[str]:
    return sorted(file.name for file in (tmp_path / "backups").iterdir())


def visit(number: int) -> Visit:
    return Visit(id=RecordId(f"visit-{number}"), impression=f"{PLANTED} {number}. " * 200)


def give_receipts(store: Store, most: int) -> None:
    with store.writing() as connection:
        sent = outbox.unsent(connection, most)
        receipts = [
            Receipt(change.id, content_hash(change), Verdict.APPLIED, order)
            for order, change in enumerate(sent, 1)
        ]
        outbox.take_receipts(connection, receipts)


def opened(path: Path) -> Store:
    return Store.open(path, raw_key, HandClock())


def test_a_safety_copy_holds_what_was_saved(store: Store, backups: Backups, tmp_path: Path) -> None:
    store.add(visit(1), visit(2))
    made = backups.make(store)
    assert (made.made_at, made.number, made.changes) == (NOON, 2, 2)
    assert made.path == tmp_path / "backups" / "records-000001.db"
    assert names(tmp_path) == ["records-000001.db"]
    assert backups.newest() == made
    assert backups.good() == [made]
    with store.reading() as connection:
        assert events.events(connection)[0].what == Happened.SNAPSHOT_MADE


def test_it_has_a_key_and_a_salt_of_its_own_and_holds_no_readable_word(
    store: Store, backups: Backups
) -> None:
    store.add(visit(1))
    first, second = (backups.make(store).path.read_bytes() for _ in range(2))
    assert first[:16] != second[:16]
    assert first[:16] != store.place.path.read_bytes()[:16]
    assert PLANTED.encode() not in first
    assert b"SQLite format 3" not in first
    with pytest.raises(StoreDamaged):
        Store.open(backups.good()[0].path, raw_key, HandClock())


def test_three_are_kept_the_newest(store: Store, backups: Backups, tmp_path: Path) -> None:
    for number in range(5):
        store.add(visit(number))
        backups.make(store)
    assert names(tmp_path) == [f"records-00000{n}.db" for n in (3, 4, 5)]
    assert [snapshot.number for snapshot in backups.good()] == [5, 4, 3]


def test_one_is_due_once_a_day_and_when_the_clock_was_turned_back(
    store: Store, backups: Backups
) -> None:
    assert backups.due(NOON)
    backups.make(store)
    hours = {hours: backups.due(NOON + dt.timedelta(hours=hours)) for hours in (-24, 0, 23, 24)}
    assert hours == {-24: True, 0: False, 23: False, 24: True}


def test_a_copy_is_made_while_somebody_saves(store: Store, backups: Backups) -> None:
    store.add(*(visit(number) for number in range(20)))
    stop, saved = Event(), 0

    def work() -> None:
        nonlocal saved
        while not stop.is_set():
            store.add(Visit(id=store.new_id(), impression="Calm"))
            saved += 1

    worker = Thread(target=work)
    worker.start()
    made = [backups.make(store) for _ in range(2)]
    stop.set()
    worker.join()
    assert saved
    assert backups.good() == made[::-1]
    assert made[0].number < made[1].number
    assert faults(store) == []


@pytest.mark.parametrize("place", [3, 20, 5 * PAGE + 7, -1])
def test_a_copy_that_was_changed_is_no_longer_good(
    store: Store, backups: Backups, place: int
) -> None:
    store.add(visit(1))
    older, newer = backups.make(store), backups.make(store)
    flip(newer.path, place)
    assert backups.good() == [older]


@pytest.mark.parametrize("length", [0, 10, PAGE, -PAGE, -1])
def test_a_copy_that_lost_its_end_is_no_longer_good(
    store: Store, backups: Backups, length: int
) -> None:
    store.add(visit(1))
    older, newer = backups.make(store), backups.make(store)
    newer.path.write_bytes(newer.path.read_bytes()[:length])
    assert backups.good() == [older]


def test_no_copy_is_made_of_a_damaged_database(store: Store, backups: Backups) -> None:
    store.add(visit(1))
    good = backups.make(store)
    path = store.place.path
    store.close()
    flip(path, path.stat().st_size - 9)
    damaged = opened(path)
    with pytest.raises(StoreDamaged):
        backups.make(damaged)
    damaged.close()
    assert backups.good() == [good]


def test_what_a_kill_left_unfinished_goes_with_the_next(
    store: Store, backups: Backups, tmp_path: Path
) -> None:
    backups.make(store)
    for name in ("records-000002.db.new", "records-000002.db.new-journal"):
        (tmp_path / "backups" / name).write_bytes(b"half")
    assert [snapshot.number for snapshot in backups.good()] == [0]
    backups.make(store)
    assert names(tmp_path) == ["records-000001.db", "records-000002.db"]


def test_a_full_disk_is_told_before_anything_is_written(
    store: Store, backups: Backups, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = backups.make(store)
    full = shutil.disk_usage(tmp_path)._replace(free=1_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    with pytest.raises(StoreFull, match="too full for a safety copy"):
        backups.make(store)
    with pytest.raises(StoreFull):
        backups.put_back(good, store.place.path, raw_key)
    assert backups.good() == [good]
    assert names(tmp_path) == [good.path.name]


def test_a_disk_that_fills_up_meanwhile_leaves_the_older_ones(
    store: Store, backups: Backups, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add(visit(1))
    good = backups.make(store)
    fewer = (*whole._WHILE_MAKING, "max_page_count=5")
    monkeypatch.setattr(whole, "_WHILE_MAKING", fewer)
    with pytest.raises(StoreFull, match="too full for a safety copy"):
        backups.make(store)
    assert backups.good() == [good]
    assert names(tmp_path) == [good.path.name]


def test_a_copy_that_turns_out_readable_is_not_used(
    store: Store, backups: Backups, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups_module, "is_plain", lambda _: True)
    with pytest.raises(StoreUnsafe, match="not encrypted"):
        backups.make(store)
    assert names(tmp_path) == []


def test_all_of_them_can_be_taken_away(store: Store, backups: Backups, tmp_path: Path) -> None:
    backups.remove_all()
    backups.make(store)
    backups.remove_all()
    assert backups.newest() is None
    assert names(tmp_path) == []


# Putting one back


@pytest.fixture
def worked(store: Store, backups: Backups) -> Store:
    """A store with a safety copy, and work after it of which the office has had a part."""
    store.add(visit(1), visit(2))
    backups.make(store)
    store.add(visit(3), visit(4), visit(5))
    give_receipts(store, 4)
    return store


def test_a_copy_takes_the_place_of_the_database(worked: Store, backups: Backups) -> None:
    path = worked.place.path
    worked.close()
    flip(path, 5 * PAGE + 9)
    spoilt = path.read_bytes()
    newest = backups.newest()
    assert newest is not None
    backups.put_back(newest, path, raw_key)
    again = opened(path)
    assert visits(again) == ["visit-1", "visit-2"]
    assert faults(again) == []
    again.close()
    assert path.with_name("records.db.damaged-1").read_bytes() == spoilt
    assert backups.good() == [newest]
    backups.put_back(newest, path, raw_key)
    kept = sorted(file.name for file in path.parent.iterdir() if file.is_file())
    assert kept == ["records.db", "records.db.damaged-1", "records.db.damaged-2"]


def test_the_newest_entries_of_before_never_reach_the_copy(
    worked: Store, backups: Backups, tmp_path: Path
) -> None:
    left = tmp_path / "cut"
    left.mkdir()
    for file in tmp_path.glob("records.*"):
        shutil.copy(file, left)
    newest = backups.newest()
    assert newest is not None
    backups.put_back(newest, left / "records.db", raw_key)
    again = opened(left / "records.db")
    assert visits(again) == ["visit-1", "visit-2"]
    again.close()
    assert (left / "records.db.damaged-1-wal").stat().st_size > 0
    # The two that were moved aside still belong together.
    (left / "aside").mkdir()
    for suffix in ("", "-wal"):
        shutil.copy(left / f"records.db.damaged-1{suffix}", left / "aside" / f"records.db{suffix}")
    aside = opened(left / "aside" / "records.db")
    assert len(visits(aside)) == 5
    aside.close()
    worked.close()


def test_a_copy_that_is_not_whole_is_not_put_back(worked: Store, backups: Backups) -> None:
    path = worked.place.path
    worked.close()
    before = path.read_bytes()
    newest = backups.newest()
    assert newest is not None
    flip(newest.path, 5 * PAGE + 9)
    with pytest.raises(StoreDamaged):
        backups.put_back(newest, path, raw_key)
    assert path.read_bytes() == before
    assert not Mark(path).path.exists()


class _Killed(BaseException):
    """The power goes."""


class _Steps:
    """Counts the renames and removals of files, and stops dead before the one after `most`."""

    def __init__(self, most: int, patch: pytest.MonkeyPatch) -> None:
        self._left = most
        for name in ("replace", "unlink"):
            patch.setattr(Path, name, self._counted(getattr(Path, name)))

    def _counted(self, act: Callable[..., object]) -> Callable[..., object]:
        def step(*given: object, **named: object) -> object:
            if not self._left:
                raise _Killed
            self._left -= 1
            return act(*given, **named)

        return step


def cut_while_putting_back(open_folder: Path, folder: Path, after: int) -> bool:
    """Leave in `folder` what a power cut after so many steps leaves; False when there was none."""
    folder.mkdir()
    for file in open_folder.glob("records.*"):
        shutil.copy(file, folder)
    shutil.copytree(open_folder / "backups", folder / "backups")
    backups = Backups(folder / "backups", copy_key)
    newest = backups.newest()
    assert newest is not None
    with pytest.MonkeyPatch.context() as patch:
        _Steps(after, patch)
        try:
            backups.put_back(newest, folder / "records.db", raw_key)
        except _Killed:
            return True
    return False


def test_killed_at_any_step_it_is_the_old_one_or_the_new_one_or_says_so(
    worked: Store, tmp_path: Path
) -> None:
    old, new = [f"visit-{n}" for n in range(1, 6)], ["visit-1", "visit-2"]
    found = []
    for steps in count():
        folder = tmp_path / f"cut-{steps}"
        if not cut_while_putting_back(tmp_path, folder, steps):
            break
        path = folder / "records.db"
        try:
            store = opened(path)
        except StoreDamaged as fault:
            assert fault.do == "Put the safety copy back again."  # noqa: PT017 - one of three ends
            found.append("cut")
            backups = Backups(folder / "backups", copy_key)
            backups.put_back(backups.good()[0], path, raw_key)
            store = opened(path)
        shown = visits(store)
        store.close()
        assert shown in (old, new)
        if shown == new:
            asides = [file.name for file in folder.glob("records.db.damaged-*")]
            assert "records.db.damaged-1" in asides
            assert "records.db.damaged-1-wal" in asides
        found.append("old" if shown == old else "new")
    assert {"cut", "old", "new"} == set(found)
    worked.close()


# What would be missing


def test_what_would_be_missing_is_counted(worked: Store, backups: Backups) -> None:
    path = worked.place.path
    newest = backups.newest()
    assert newest is not None
    assert backups.missing(newest, path, raw_key) == Missing(3, 2)
    worked.close()
    assert backups.missing(newest, path, raw_key) == Missing(3, 2)
    assert Missing(3, 2).words() == (
        "After this copy 3 changes were saved on this laptop: 2 reached the office and come back"
        " with the next sync, 1 would be lost."
    )


def test_nothing_is_missing_when_nothing_was_saved_since(store: Store, backups: Backups) -> None:
    store.add(visit(1))
    made = backups.make(store)
    assert backups.missing(made, store.place.path, raw_key) == Missing(0, 0)
    assert Missing(0, 0).words().startswith("Nothing was saved")


def test_without_the_newest_entries_it_is_said_that_there_may_be_more(
    worked: Store, backups: Backups, tmp_path: Path
) -> None:
    newest = backups.newest()
    assert newest is not None
    with worked.alone() as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    (tmp_path / "cut").mkdir()
    for name in ("records.db", "records.open"):
        shutil.copy(tmp_path / name, tmp_path / "cut")
    left = tmp_path / "cut" / "records.db"
    with pytest.raises(NewestMissing):
        opened(left)
    before = left.read_bytes()
    missing = backups.missing(newest, left, raw_key)
    assert missing == Missing(3, 2, exact=False)
    assert "at least 3 changes" in missing.words()
    assert left.read_bytes() == before


@pytest.mark.parametrize("spoil", [20, None], ids=["not readable", "not there"])
def test_what_cannot_be_read_any_more_is_said_to_be_unknown(
    worked: Store, backups: Backups, spoil: int | None
) -> None:
    path = worked.place.path
    worked.close()
    newest = backups.newest()
    assert newest is not None
    if spoil is None:
        path.unlink()
    else:
        flip(path, spoil)
    missing = backups.missing(newest, path, raw_key)
    assert missing == Missing(None, None)
    assert "cannot be counted" in missing.words()


# Before a migration


def test_a_safety_copy_is_made_before_a_migration(
    store: Store, backups: Backups, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add(visit(1))
    store.close()
    path = tmp_path / "records.db"
    as_the_first_version_left_it(path, monkeypatch)
    upgraded = Store.open(path, raw_key, HandClock(), before_upgrade=backups.make)
    upgraded.close()
    (made,) = backups.good()
    assert made.number == 1
    again = Store.open(path, raw_key, HandClock(), before_upgrade=backups.make)
    again.close()
    assert backups.good() == [made]
    backups.put_back(made, path, raw_key)
    older = Store.open(path, raw_key, HandClock(), before_upgrade=backups.make)
    assert visits(older) == ["visit-1"]
    older.close()


def test_nothing_is_migrated_without_a_safety_copy(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.close()
    path = tmp_path / "records.db"
    as_the_first_version_left_it(path, monkeypatch)

    def full(_store: Store) -> None:
        raise StoreFull("There is no room for a safety copy.")

    with pytest.raises(StoreFull):
        Store.open(path, raw_key, HandClock(), before_upgrade=full)
    asked: list[Store] = []
    Store.open(path, raw_key, HandClock(), before_upgrade=asked.append).close()
    assert len(asked) == 1


# Killed at any moment


def test_killed_at_any_moment_no_broken_copy_counts_as_good(tmp_path: Path) -> None:
    found = killed("backups", tmp_path)
    assert {name for name, count in found.items() if count} <= {"made", "not made", "unfinished"}
    assert found["made"] + found["not made"] == KILLS
    assert found["unfinished"]
