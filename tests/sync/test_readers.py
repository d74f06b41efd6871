"""What was opened is told after a sync, and learnt of others; a fault hurts nothing."""

import datetime as dt
import json
from collections.abc import Sequence

import pytest

from hah_desktop.domain.exchange import Opened, Seen, SeenPage
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.exchange import seen
from hah_desktop.sync import readers
from hah_desktop.sync.errors import unreachable
from hah_desktop.sync.wire.form import NotOurs
from hah_desktop.sync.wire.seen import read_opened, read_seen, write_opened, write_seen
from tests.store.others import arrives
from tests.sync.laptops import Laptop, Laptops
from tests.sync.office import MemoryOffice

AT = "2026-11-26T12:00:00+00:00"
OPENED = [Opened(RecordId("v"), 9, AT), Opened(RecordId("w"), 11, AT)]
SEEN = [Seen(RecordId("v"), RecordId("ruth"), 9, AT)]


class Desk:
    """An office with what others opened, two to a page; an older one does not say its epoch."""

    def __init__(self, *others: Seen, epoch: str = "") -> None:
        self.others = others
        self.epoch = epoch
        self.epochs: set[str] = set()
        self.told: list[Opened] = []
        self.asked: list[int] = []

    def seen(self, after: int, opened: Sequence[Opened], epoch: str) -> SeenPage:
        self.told += opened
        self.asked.append(after)
        self.epochs.add(epoch)
        page = list(self.others[after : after + 2])
        upto = after + len(page)
        return SeenPage(upto, upto < len(self.others), page, self.epoch)


class Deaf(Desk):
    """An office whose answer is lost on the way."""

    def seen(self, after: int, opened: Sequence[Opened], epoch: str) -> SeenPage:
        super().seen(after, opened, epoch)
        raise unreachable()


@pytest.fixture
def laptop(laptops: Laptops, office: MemoryOffice) -> Laptop:
    """A laptop on which a visit of somebody else's was opened."""
    made = laptops.make(office)
    made.store.add(Visit(id=RecordId("v"), met_by="T. Lark"))
    arrives(made.store, "v", 9)
    with made.store.writing() as connection:
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
    for epoch in ("", "e1"):
        page = SeenPage(4, True, SEEN, epoch)
        assert read_opened(write_opened(3, OPENED, epoch)) == (3, OPENED, epoch)
        assert read_seen(write_seen(page)) == page


def test_an_older_program_that_does_not_know_of_epochs_is_understood() -> None:
    assert json.loads(write_opened(3, []).splitlines()[0]) == {"after": 3}
    asked = b'{"after":3}\n{"end":true,"count":0}'
    answer = b'{"after":4,"more":false}\n{"end":true,"count":0}'
    assert read_opened(asked) == (3, [], "")
    assert read_seen(answer) == SeenPage(4, False, [])


ODD = ("soon", "2026-11-26", "2026-11-26T12:00:00", "2026-11-26\x0012:00:00+00:00", "")


@pytest.mark.parametrize("at", ODD)
def test_what_is_no_moment_is_not_said_to_be_one(at: str) -> None:
    with pytest.raises(NotOurs):
        read_opened(write_opened(3, [*OPENED, Opened(RecordId("v"), 9, at)]))
    told = SeenPage(4, False, [*SEEN, Seen(RecordId("v"), RecordId("ruth"), 9, at)])
    assert read_seen(write_seen(told)).seen == SEEN, "an older office passed it on"


@pytest.mark.parametrize("record", ["a\x00b", "half \ud83d", "two\nlines"])
def test_what_no_database_takes_is_not_ours(record: str) -> None:
    # As whoever escapes it may spell it.
    line = json.dumps({"record": record, "upto": 9, "at": AT})
    with pytest.raises(NotOurs):
        read_opened(f'{{"after":3}}\n{line}\n{{"end":true,"count":1}}'.encode())


@pytest.mark.parametrize("upto", [-1, 2**63])
def test_no_place_is_beyond_what_a_database_counts(upto: int) -> None:
    told = SeenPage(4, False, [Seen(RecordId("v"), RecordId("ruth"), upto, AT)])
    with pytest.raises(NotOurs):
        read_seen(write_seen(told))


def test_of_an_office_that_was_restored_meanwhile_nothing_is_learnt(laptop: Laptop) -> None:
    restored = Desk(*SEEN, epoch="another")
    assert readers.tell(laptop.store, restored) is None
    with laptop.store.reading() as connection:
        assert seen.cursor(connection) == 0
        assert len(seen.untold(connection, 9)) == 1
    known = Desk(*SEEN, epoch=restored.epochs.pop())
    readers.tell(laptop.store, known)
    with laptop.store.reading() as connection:
        assert (seen.cursor(connection), seen.untold(connection, 9)) == (1, [])


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
