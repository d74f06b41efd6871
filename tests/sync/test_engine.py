"""A sync carried out: what is noted of it, and that a known fault is returned, not thrown."""

import datetime as dt
from collections.abc import Sequence

import pytest

from hah_desktop.domain.changes import Spelled
from hah_desktop.domain.exchange import Accepted, Receipt
from hah_desktop.store.errors import StoreFull
from hah_desktop.store.exchange import outbox
from hah_desktop.store.exchange.outbox import SyncRun
from hah_desktop.sync.engine import Synced, sync
from hah_desktop.sync.errors import Unreachable
from hah_desktop.sync.steps import Doing, OfficePort, Progress
from tests.sync.laptops import BadLine, Cut, Laptop, Laptops
from tests.sync.office import NOON, Line, MemoryOffice


@pytest.fixture
def laptop(laptops: Laptops, office: MemoryOffice) -> Laptop:
    made = laptops.make(office)
    made.edit("visit-a", met_by="the manager")
    return made


def synced(laptop: Laptop, line: OfficePort | None = None) -> Synced:
    return sync(laptop.store, line or laptop.line, lambda _: None, lambda: False)


def runs(laptop: Laptop) -> list[SyncRun]:
    with laptop.store.reading() as connection:
        return outbox.runs(connection)


def test_a_sync_is_noted_with_what_went_each_way(laptop: Laptop) -> None:
    done = synced(laptop)
    run = SyncRun(NOON.isoformat(), NOON.isoformat(), 1, 1, "", 1, 1, agrees=True)
    assert done == Synced(run, None, "")
    assert runs(laptop) == [done.run]


def test_the_office_is_told_how_much_waits(laptop: Laptop) -> None:
    laptop.edit("visit-b", met_by="nobody")
    line = laptop.line
    synced(laptop, line)
    assert isinstance(line, Line)
    assert line.told_waiting == 2


def test_a_sync_that_stops_is_noted_with_what_was_done_and_why(laptop: Laptop) -> None:
    done = synced(laptop, BadLine(laptop.line, Cut(5, after=False)))
    assert isinstance(done.problem, Unreachable)
    assert (done.run.sent, done.run.received) == (1, 0)
    assert runs(laptop)[0].problem == str(done.problem) != ""


def test_progress_is_passed_on(laptop: Laptop) -> None:
    told: list[Progress] = []
    sync(laptop.store, laptop.line, told.append, lambda: False)
    assert told == [
        Progress(0, 0, Doing.SENDING, to_send=1),
        Progress(1, 0, Doing.SENDING, to_send=1),
        Progress(1, 0, Doing.FETCHING, to_send=1),
        Progress(1, 1, Doing.FETCHING, to_send=1),
        Progress(1, 1, Doing.COMPARING, to_send=1),
    ]


def test_stopping_is_no_fault_of_the_program(laptop: Laptop) -> None:
    done = sync(laptop.store, laptop.line, lambda _: None, lambda: True)
    assert str(done.problem).startswith("The sync was stopped.")
    assert laptop.unsent() == 1


def test_a_wrong_clock_is_told(laptops: Laptops, office: MemoryOffice) -> None:
    late = laptops.make(office, clock=lambda: NOON - dt.timedelta(hours=3))
    assert "3 hours slow" in synced(late).clock


class _Filling(Line):
    """Sends receipts to a laptop whose disk has just become full."""

    laptop_here: Laptop

    def push(self, epoch: str, changes: Sequence[Spelled]) -> tuple[Accepted, list[Receipt]]:
        with self.laptop_here.store.reading() as connection:
            connection.exec_driver_sql("PRAGMA query_only = ON")
        return super().push(epoch, changes)


def test_a_disk_that_takes_nothing_more_is_told_even_if_the_sync_cannot_be_noted(
    laptop: Laptop, office: MemoryOffice
) -> None:
    line = _Filling(office, laptop.name)
    line.laptop_here = laptop
    done = synced(laptop, line)
    assert isinstance(done.problem, StoreFull)
    assert laptop.unsent() == 1
