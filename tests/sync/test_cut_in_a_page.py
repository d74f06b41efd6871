"""A page of many records is cut between its parts or within one: it comes once more, and whole."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from sqlalchemy import Connection, func, select

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.visit import Area, Visit
from hah_desktop.store.disk.turns import Turns
from hah_desktop.store.exchange import witness
from hah_desktop.store.journal import reading
from hah_desktop.store.tables.rows import CHANGE, RECORD, SEARCH
from hah_desktop.sync.engine import _MOST, _PART
from tests.sync.laptops import Laptop, Laptops
from tests.sync.office import MemoryOffice

MANY = 1300
VISIT = RecordId("visit")
PARTS = -(-(MANY + 1) // _PART)


class PowerCutError(Exception):
    """The laptop stops dead."""


@pytest.fixture
def office() -> MemoryOffice:
    return MemoryOffice(page=2 * MANY, largest=2 * MANY)


@pytest.fixture
def laptop(laptops: Laptops, office: MemoryOffice) -> Laptop:
    """A laptop that has not synced yet; a colleague's visit with many areas is at the office."""
    author = laptops.make(office, "author")
    areas = (Area(id=RecordId(f"area-{n}"), visit=VISIT, seen=f"Door {n}") for n in range(MANY))
    author.store.add(Visit(id=VISIT, met_by="the manager"), *areas)
    author.sync()
    return laptops.make(office)


@contextmanager
def cut_in(part: int) -> Iterator[None]:
    """Stop dead when a part has been written, before its transaction ends."""
    right = witness.known_again
    parts = 0

    def stops(connection: Connection, *asked: object) -> None:
        nonlocal parts
        right(connection, *asked)  # type: ignore[arg-type]  # as it was asked
        parts += 1
        if parts == part:
            raise PowerCutError

    with patch.object(witness, "known_again", stops):
        yield


@contextmanager
def somebody_waits(*, waits: bool) -> Iterator[None]:
    """Somebody always waits to save, or nobody ever does."""
    with patch.object(Turns, "is_waited_for", waits):
        yield


def held(laptop: Laptop) -> dict[str, tuple[str, str, str]]:
    with laptop.store.reading() as connection:
        columns = (RECORD.c.id, RECORD.c.body, RECORD.c.heads, RECORD.c.files)
        return {
            id_: (body, heads, files)
            for id_, body, heads, files in connection.execute(select(*columns))
        }


def counted(laptop: Laptop) -> tuple[int, ...]:
    """How many changes there are, and how many rows the search has."""
    with laptop.store.reading() as connection:
        asked = (select(func.count()).select_from(table) for table in (CHANGE, SEARCH))
        return tuple(connection.execute(each).scalar_one() for each in asked)


@pytest.mark.parametrize("waits", [False, True], ids=["nobody waits", "somebody waits"])
@pytest.mark.parametrize("part", [1, 5, PARTS])
def test_what_was_cut_comes_once_more_and_nothing_is_lost_or_doubled(
    laptop: Laptop, laptops: Laptops, office: MemoryOffice, part: int, *, waits: bool
) -> None:
    with cut_in(part), somebody_waits(waits=waits), pytest.raises(PowerCutError):
        laptop.sync()
    stood = (part - 1) * _PART
    assert len(held(laptop)) == (stood if waits else stood - stood % _MOST)
    assert not any(laptop.box.cursors().values())
    assert len(laptop.line.pulled) == 1

    laptop.sync()
    assert len(laptop.line.pulled) == 2
    uncut = laptops.make(office, "uncut")
    uncut.sync()
    assert held(laptop) == held(uncut)
    assert len(held(laptop)) == MANY + 1
    assert counted(laptop) == counted(uncut)
    with laptop.store.reading() as connection:
        assert len(reading.find(connection, f"door {MANY - 1}")) == 1
    laptop.sync()
    assert len(laptop.line.pulled) == 3
