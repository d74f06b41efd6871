"""What was opened is told after a sync, and learnt of others; a fault hurts nothing."""

import datetime as dt
from collections.abc import Sequence

import pytest
from sqlalchemy import insert

from hah_desktop.domain.exchange import Opened, Seen
from hah_desktop.domain.ids import RecordId
from hah_desktop.store import seen
from hah_desktop.store.rows import CHANGE
from hah_desktop.sync import readers
from hah_desktop.sync.errors import unreachable
from hah_desktop.sync.wire.form import NotOurs
from hah_desktop.sync.wire.seen import read_opened, read_seen, write_opened, write_seen
from tests.sync.laptops import Laptop, Laptops
from tests.sync.office import MemoryOffice

AT = "2026-11-26T12:00:00+00:00"
OPENED = [Opened(RecordId("v"), 9, AT), Opened(RecordId("w"), 11, AT)]
SEEN = [Seen(RecordId("v"), RecordId("ruth"), 9, AT)]


class Desk:
    """An office with what others opened, two to a page."""

    def __init__(self, *others: Seen) -> None:
        self.others = others
        self.told: list[Opened] = []
        self.asked: list[int] = []

    def seen(self, after: int, opened: Sequence[Opened]) -> tuple[int, bool, list[Seen]]:
        self.told += opened
        self.asked.append(after)
        page = list(self.others[after : after + 2])
        return after + len(page), after + len(page) < len(self.others), page


class Deaf(Desk):
    """An office whose answer is lost on the way."""

    def seen(self, after: int, opened: Sequence[Opened]) -> tuple[int, bool, list[Seen]]:
        super().seen(after, opened)
        raise unreachable()


@pytest.fixture
def laptop(laptops: Laptops, office: MemoryOffice) -> Laptop:
    """A laptop on which a visit of somebody else's was opened."""
    made = laptops.make(office)
    with made.store.writing() as connection:
        row = {"id": "c9", "record": "v", "content": "{}", "received": 9}
        connection.execute(insert(CHANGE).values(row))
        seen.note(connection, "v", dt.datetime.fromisoformat(AT))
    return made


def test_both_sides_know_all_afterwards(laptop: Laptop) -> None:
    desk = Desk(*(Seen(RecordId("v"), RecordId(f"a{n}"), n, AT) for n in range(5)))

    assert readers.tell(laptop.store, desk) is None
    assert readers.tell(laptop.store, desk) is None

    assert desk.told == OPENED[:1]
    assert desk.asked == [0, 2, 4, 5]


def test_what_was_not_answered_is_told_again_the_next_time(laptop: Laptop) -> None:
    desk = Desk()

    assert readers.tell(laptop.store, Deaf()) is not None
    readers.tell(laptop.store, desk)

    assert desk.told == OPENED[:1]


def test_both_messages_read_back_as_they_were_written() -> None:
    assert read_opened(write_opened(3, OPENED)) == (3, OPENED)
    assert read_seen(write_seen(4, SEEN, more=True)) == (4, True, SEEN)


@pytest.mark.parametrize("read", [read_opened, read_seen])
@pytest.mark.parametrize(
    "body",
    [
        write_opened(3, OPENED)[:-2],
        b'{}\n{"end":true,"count":0}',
        b'{"after":1,"more":true}\n{"record":1}\n{"end":true,"count":1}',
    ],
)
def test_what_is_cut_or_of_another_form_is_not_ours(read: object, body: bytes) -> None:
    assert callable(read)
    with pytest.raises(NotOurs):
        read(body)
