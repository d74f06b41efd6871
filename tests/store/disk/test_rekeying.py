"""Renewing the key of the database: all of it has the new one, or all of it the old one."""

import shutil
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import pytest

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.disk import engine, hold, rekeying
from hah_desktop.store.disk.mark import Mark
from hah_desktop.store.disk.rekeying import opens
from hah_desktop.store.errors import StoreBusy, StoreDamaged, StoreFull, StoreUnsafe
from hah_desktop.store.store import Store
from tests.store.hand import HandClock, new_key, raw_key
from tests.store.sound import faults
from tests.store.spoiling import KILLS, flip, killed, visits

PATIENT_S = 60


def quiet(_words: str) -> None:
    """Nobody is told."""


@pytest.fixture
def at_work(closed: Path) -> Store:
    return Store.open(closed, raw_key, HandClock())


def test_the_new_key_opens_it_and_the_old_one_does_not(at_work: Store) -> None:
    told: list[str] = []
    at_work.rekey(lambda: new_key, told.append)
    at_work.add(Visit(id=RecordId("v2"), met_by="Bo"))
    assert visits(at_work) == ["v1", "v2"]
    at_work.close()
    path = at_work.place.path
    assert (opens(path, raw_key), opens(path, new_key)) == (False, True)
    assert engine.salt_of(path) == b"\xd4" * 16
    again = Store.open(path, new_key, HandClock())
    assert visits(again) == ["v1", "v2"]
    assert faults(again) == []
    again.close()
    assert told[0] == "Checking the database"
    assert len(told) == 3


def test_it_stays_marked_while_it_is_open(at_work: Store) -> None:
    at_work.rekey(lambda: new_key, quiet)
    assert Mark(at_work.place.path).path.exists()
    assert Mark(at_work.place.path).newest.exists()
    at_work.close()


def test_nothing_is_renewed_under_somebody_who_saves(
    at_work: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hold, "PATIENCE_S", 0.1)
    inside, done = Barrier(2), Barrier(2)

    def slow() -> None:
        with at_work.writing():
            inside.wait()
            done.wait()

    worker = Thread(target=slow)
    worker.start()
    inside.wait()
    with pytest.raises(StoreBusy):
        at_work.rekey(lambda: new_key, quiet)
    done.wait()
    worker.join()
    at_work.close()
    assert opens(at_work.place.path, raw_key)


def test_whoever_still_reads_in_the_program_itself_is_waited_for(
    at_work: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits, idle = Event(), at_work._hold._counting
    right = idle.wait_for

    def told(*given: Any, **limits: Any) -> bool:
        waits.set()
        return bool(right(*given, **limits))

    monkeypatch.setattr(idle, "wait_for", told)
    with at_work.reading():
        worker = Thread(target=at_work.rekey, args=(lambda: new_key, quiet))
        worker.start()
        assert waits.wait(PATIENT_S)
    worker.join()
    assert visits(at_work) == ["v1"]
    at_work.close()
    assert opens(at_work.place.path, new_key)


def test_nothing_is_renewed_while_a_second_program_has_it_open(at_work: Store) -> None:
    second = Store.open(at_work.place.path, raw_key, HandClock())
    with second.reading() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM record").scalar()
        at_work.add(Visit(id=RecordId("v2"), met_by="Bo"))
        with pytest.raises(StoreBusy):
            at_work.rekey(lambda: new_key, quiet)
    second.close()
    assert visits(at_work) == ["v1", "v2"]
    at_work.close()


def test_a_damaged_database_is_not_encrypted_anew(closed: Path) -> None:
    flip(closed, closed.stat().st_size - 9)
    store = Store.open(closed, raw_key, HandClock())
    with pytest.raises(StoreDamaged):
        store.rekey(lambda: new_key, quiet)
    store.close()
    assert opens(closed, raw_key)


def test_a_full_disk_is_told_before_anything_is_written(
    at_work: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil.disk_usage(tmp_path)._replace(free=1_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    with pytest.raises(StoreFull, match="too full to renew the keys"):
        at_work.rekey(lambda: new_key, quiet)
    assert visits(at_work) == ["v1"]
    at_work.close()


def test_a_disk_that_fills_up_meanwhile_leaves_the_old_key(
    at_work: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_connection: object, _new: engine.KeySpec) -> None:
        raise StoreFull("The disk of this laptop is full.")

    monkeypatch.setattr(rekeying, "_reset", full)
    with pytest.raises(StoreFull, match="too full to renew the keys"):
        at_work.rekey(lambda: new_key, quiet)
    assert visits(at_work) == ["v1"]
    at_work.close()


@pytest.mark.parametrize("wrong", [b"x'5a'", b"x'" + b"5a" * 32 + b"'", b""])
def test_a_new_key_of_another_length_is_never_taken_for_a_passphrase(
    at_work: Store, wrong: bytes
) -> None:
    with pytest.raises(StoreUnsafe, match="wrong length"):
        at_work.rekey(lambda: lambda: bytearray(wrong), quiet)
    assert visits(at_work) == ["v1"]
    at_work.close()


# Killed at any moment


def test_killed_at_any_moment_it_opens_with_exactly_one_of_the_keys(tmp_path: Path) -> None:
    found = killed("rekeys", tmp_path)
    assert set(found) == {"as before", "changed"}
    assert sum(found.values()) == KILLS


def test_without_a_journal_the_kills_would_have_broken_it(tmp_path: Path) -> None:
    found = killed("careless_rekeys", tmp_path)
    assert found.get("damaged") or found.get("both or neither key opens it")
