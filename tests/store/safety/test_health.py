"""Damage anywhere in the file is found, and only where there is some."""

import random
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.errors import StoreDamaged
from hah_desktop.store.safety import health
from hah_desktop.store.store import Store
from tests.store.hand import HandClock, raw_key

PAGE = 4096


def opened(path: Path) -> Store:
    return Store.open(path, raw_key, HandClock())


def found(path: Path) -> KnownError | None:
    """What opening it and looking at all of it says."""
    try:
        store = opened(path)
    except StoreDamaged as fault:
        return fault
    try:
        health.check(store)
    except StoreDamaged as fault:
        return fault
    finally:
        store.close()
    return None


def places(size: int) -> list[int]:
    """A place in every page, and all of the first bytes, which are nobody's secret."""
    chance = random.Random(5)  # noqa: S311 - where to change a bit
    return [*range(0, 16, 5), *(page + chance.randrange(PAGE) for page in range(0, size, PAGE))]


def test_a_bit_that_is_changed_anywhere_is_found(closed: Path) -> None:
    whole = closed.read_bytes()
    assert found(closed) is None
    whole = closed.read_bytes()
    missed = []
    for place in places(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1 << place % 8
        closed.write_bytes(changed)
        if found(closed) is None:
            missed.append(place)
    assert missed == []


@pytest.mark.parametrize("pages", [1, 2, 10])
def test_a_file_that_lost_its_end_is_found(closed: Path, pages: int) -> None:
    whole = closed.read_bytes()
    closed.write_bytes(whole[: -pages * PAGE])
    assert found(closed) is not None


def test_two_pages_that_changed_places_are_found(closed: Path) -> None:
    whole = bytearray(closed.read_bytes())
    a, b = slice(5 * PAGE, 6 * PAGE), slice(6 * PAGE, 7 * PAGE)
    whole[a], whole[b] = whole[b], whole[a]
    closed.write_bytes(whole)
    assert found(closed) is not None


@pytest.fixture
def busy(closed: Path) -> Iterator[Store]:
    """A store in which somebody saves without end."""
    store = opened(closed)
    stop = Event()

    def work() -> None:
        while not stop.is_set():
            store.add(Visit(id=store.new_id(), impression="Calm. " * 400))

    worker = Thread(target=work)
    worker.start()
    yield store
    stop.set()
    worker.join()
    store.close()


def test_what_is_saved_meanwhile_is_no_damage(busy: Store) -> None:
    for _ in range(5):
        health.check(busy)


def test_a_reader_that_holds_the_newest_entries_back_is_no_damage(closed: Path) -> None:
    store = opened(closed)
    with store.reading() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM record").scalar()
        store.add(Visit(id=RecordId("v2"), met_by="Bo"))
        health.check(store)
    store.close()
