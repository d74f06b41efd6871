"""A sync, step by step: cut at every call, refused, misled, stopped; and what then stands."""

import dataclasses as dc
from collections.abc import Mapping, Sequence
from typing import NoReturn

import pytest

from hah_desktop.domain.changes import Spelled, from_spelled
from hah_desktop.domain.digest import EMPTY
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.exchange import PROTOCOL, Accepted, Hello, Page, PulledRow, Reached, Receipt
from hah_desktop.domain.ids import FileId, LaptopId, RecordId, visit_file
from hah_desktop.store.exchange import outbox
from hah_desktop.store.journal import reading
from hah_desktop.sync.errors import Cancelled, Differs, Refused, Unreachable, Unsendable
from hah_desktop.sync.steps import GAP, Progress, exchange
from hah_desktop.sync.wire.form import NotOurs
from tests.sync.laptops import BadBox, BadLine, Cut, Laptop, Laptops
from tests.sync.office import Answer, Line, MemoryOffice

VISIT = "visit-a"
KNOWN = {FileId("visit:taken"): 3}


@pytest.fixture
def laptop(laptops: Laptops, office: MemoryOffice) -> Laptop:
    return laptops.make(office)


@pytest.fixture
def colleague(laptops: Laptops, office: MemoryOffice) -> Laptop:
    return laptops.make(office, "laptop-two")


def worked(laptops: Laptops, *, page: int = 2) -> tuple[MemoryOffice, Laptop]:
    """An office with work of two laptops, of which one has neither sent nor fetched all."""
    office = MemoryOffice(page=page)
    laptop, colleague = laptops.make(office), laptops.make(office, "laptop-two")
    laptop.edit(VISIT, met_by="the manager")
    laptop.sync()
    colleague.edit(VISIT, met_by="the deputy", impression="Loud")
    colleague.edit("visit-b", impression="Quiet")
    colleague.sync()
    laptop.edit(VISIT, met_by="the manager, at last")
    laptop.edit("visit-c", impression="Cold")
    return office, laptop


def test_what_was_saved_arrives_at_the_other_laptop(laptop: Laptop, colleague: Laptop) -> None:
    laptop.edit(VISIT, met_by="the manager", advisers=frozenset({"ruth", "sam"}))
    laptop.sync()
    colleague.sync()
    assert colleague.shown() == laptop.shown() != {}


def test_a_sync_counts_what_was_received_on_either_side(laptops: Laptops) -> None:
    _, laptop = worked(laptops)
    done = laptop.sync()
    assert done == Progress(sent=2, received=4)
    assert laptop.sync() == Progress()


def test_nothing_changed_takes_one_request_each_way(laptop: Laptop) -> None:
    laptop.edit(VISIT, met_by="the manager")
    laptop.sync()
    laptop.line.pushed, laptop.line.pulled = [], []
    laptop.sync()
    assert (laptop.line.pushed, laptop.line.pulled) == ([], [[]])


def _calls(laptops: Laptops) -> int:
    _, laptop = worked(laptops)
    counting = Cut(0, after=False)
    laptop.sync(BadLine(laptop.line, counting), BadBox(laptop.box, counting))
    return counting.calls


@pytest.mark.parametrize("after", [False, True], ids=["before its effect", "after its effect"])
def test_a_sync_that_is_cut_at_any_call_is_made_good_by_the_next(
    laptops: Laptops, *, after: bool
) -> None:
    uncut_office, uncut = worked(laptops)
    uncut.sync()
    for at in range(1, _calls(laptops) + 1):
        office, laptop = worked(laptops)
        cut = Cut(at, after=after)
        with pytest.raises(Unreachable):
            laptop.sync(BadLine(laptop.line, cut), BadBox(laptop.box, cut))
        laptop.sync()
        assert laptop.shown() == uncut.shown(), f"cut at call {at}"
        assert laptop.unsent() == 0
        assert len(office.journal.changes) == len(uncut_office.journal.changes)


def test_a_first_load_goes_on_where_it_was_cut(laptops: Laptops) -> None:
    office, _ = worked(laptops, page=1)
    all_rows = laptops.make(office, "laptop-three").sync().received
    newcomer = laptops.make(office, "laptop-four")
    cut = Cut(4, after=False)
    with pytest.raises(Unreachable):
        newcomer.sync(box=BadBox(newcomer.box, cut))
    fetched = len(newcomer.shown())
    assert 0 < fetched < all_rows
    assert newcomer.sync().received == all_rows - fetched


def test_a_foreign_office_changes_nothing(laptop: Laptop, office: MemoryOffice) -> None:
    laptop.edit(VISIT, met_by="the manager")
    before = laptop.everything()
    office.id = "another-office"
    with pytest.raises(NotOurs, match="not the office that this laptop is enrolled with"):
        laptop.sync()
    assert laptop.everything() == before
    assert office.journal.changes == {}


def test_an_empty_office_with_a_new_epoch_takes_nothing_away(
    laptop: Laptop, office: MemoryOffice
) -> None:
    laptop.edit(VISIT, met_by="the manager")
    laptop.sync()
    shown, empty = laptop.shown(), MemoryOffice().journal
    office.restore(empty)
    laptop.sync()
    assert laptop.shown() == shown
    assert len(office.journal.changes) == 1


def test_an_office_restored_without_saying_so_gets_back_what_it_lost(
    laptop: Laptop, office: MemoryOffice
) -> None:
    backup = office.backup()
    laptop.edit(VISIT, met_by="the manager")
    laptop.sync()
    office.journal = backup
    assert laptop.sync().sent == 1
    assert len(office.journal.changes) == 1
    assert laptop.unsent() == 0


def test_a_gap_is_closed_by_offering_everything_again(laptop: Laptop, office: MemoryOffice) -> None:
    backup = office.backup()
    laptop.edit(VISIT, met_by="the manager")
    laptop.sync()
    office.journal = backup
    laptop.edit(VISIT, met_by="the deputy")
    assert laptop.sync().sent == 2
    assert [c.number for _, c in office.journal.changes.values()] == [1, 2]


class _Refusing(Line):
    """Refuses every push for the same reason."""

    reason = GAP

    def push(self, epoch: str, changes: Sequence[Spelled]) -> NoReturn:
        self.pushed.append(len(changes))
        assert epoch
        raise Refused(self.reason, "No.", status=409)


def test_a_gap_that_stays_is_reported_and_not_tried_for_ever(
    laptop: Laptop, office: MemoryOffice
) -> None:
    laptop.edit(VISIT, met_by="the manager")
    line = _Refusing(office, laptop.name)
    with pytest.raises(Refused):
        laptop.sync(line)
    assert line.pushed == [1, 1]
    assert laptop.unsent() == 1


def test_another_refusal_is_reported_at_once(laptop: Laptop, office: MemoryOffice) -> None:
    laptop.edit(VISIT, met_by="the manager")
    line = _Refusing(office, laptop.name)
    line.reason = "urn:hah:device-revoked"
    with pytest.raises(Refused):
        laptop.sync(line)
    assert line.pushed == [1]


def test_a_batch_that_is_too_large_is_halved_until_it_fits(
    laptop: Laptop, office: MemoryOffice
) -> None:
    office.largest = 3
    for number in range(10):
        laptop.edit(f"visit-{number}", met_by="the manager")
    laptop.sync()
    assert laptop.line.pushed == [10, 5, 2, 2, 4, 2, 2, 2]
    assert laptop.unsent() == 0


class _Picky(Line):
    """Something between cannot read some of the changes, nor any batch with one of them in it.

    Of `healing` changes it cannot read the first time only, as on a line that was at fault.
    """

    unread: frozenset[int] = frozenset()
    status = 422
    takes = True
    as_bytes: tuple[int, ...] = ()
    healing = False

    def hello(self) -> Hello:
        return dc.replace(super().hello(), opaque=self.takes)

    def push(self, epoch: str, changes: Sequence[Spelled]) -> tuple[Accepted, list[Receipt]]:
        numbers = [from_spelled(change).number for change in changes]
        if self.unread.intersection(numbers):
            self.pushed.append(len(changes))
            if self.healing and len(changes) == 1:
                self.unread -= {numbers[0]}
            raise Refused("urn:hah:unreadable", "It cannot be read.", status=self.status)
        return super().push(epoch, changes)

    def push_opaque(self, epoch: str, change: Spelled, _knows: object) -> Answer:
        self.as_bytes += (from_spelled(change).number,)
        return super().push(epoch, [change])


class _Mute(_Picky):
    """Nor as bytes."""

    unread = frozenset({2})

    def push_opaque(self, epoch: str, change: Spelled, _knows: object) -> Answer:
        return self.push(epoch, [change])


def wrote(laptop: Laptop, many: int) -> None:
    for number in range(many):
        laptop.edit(f"visit-{number}", met_by="the manager")


@pytest.mark.parametrize("status", [400, 413, 422])
@pytest.mark.parametrize("unread", [{1}, {4}, {9}, {1, 9}, {4, 5}, set(range(1, 10))])
def test_whichever_change_cannot_be_read_it_goes_as_bytes_and_all_arrive_in_order(
    laptop: Laptop, office: MemoryOffice, unread: set[int], status: int
) -> None:
    wrote(laptop, 9)
    line = _Picky(office, laptop.name)
    line.unread, line.status = frozenset(unread), status
    laptop.box.known = lambda: KNOWN  # type: ignore[method-assign]  # as if it were taken back
    assert laptop.sync(line).sent == 9
    assert all(told == KNOWN for told in line.knows)
    assert line.as_bytes == tuple(sorted(unread))
    assert [c.number for _, c in office.journal.changes.values()] == list(range(1, 10))
    assert laptop.unsent() == 0


def test_what_was_misread_once_goes_as_it_always_does(laptop: Laptop, office: MemoryOffice) -> None:
    wrote(laptop, 4)
    line = _Picky(office, laptop.name)
    line.unread, line.healing = frozenset({2}), True
    assert laptop.sync(line).sent == 4
    assert line.as_bytes == ()
    assert line.pushed == [4, 2, 1, 1, 1, 2]


@pytest.mark.parametrize("takes", [False, True])
def test_one_change_that_can_be_sent_in_no_way_is_reported(
    laptop: Laptop, office: MemoryOffice, *, takes: bool
) -> None:
    wrote(laptop, 3)
    line = _Mute(office, laptop.name)
    line.takes = takes
    with pytest.raises(Unsendable, match="on a stick"):
        laptop.sync(line)
    assert laptop.unsent() == 2


def test_another_refusal_of_the_bytes_is_told_as_it_is(
    laptop: Laptop, office: MemoryOffice
) -> None:
    wrote(laptop, 1)
    line = _Busy(office, laptop.name)
    with pytest.raises(Refused, match="busy"):
        laptop.sync(line)
    assert laptop.unsent() == 1


class _Busy(_Picky):
    unread = frozenset({1})

    def push_opaque(self, epoch: str, change: Spelled, _knows: object) -> Answer:
        assert (epoch, from_spelled(change).number) == (self.office.epoch, 1)
        raise Refused("urn:hah:busy", "The office is busy.", status=503)


class _Misreading(Line):
    """Gives receipts for something else than what was sent."""

    def push(self, epoch: str, changes: Sequence[Spelled]) -> tuple[Accepted, list[Receipt]]:
        accepted, receipts = super().push(epoch, changes)
        return accepted, [dc.replace(receipt, hash="00" * 32) for receipt in receipts]


def test_a_receipt_that_does_not_match_proves_nothing(laptop: Laptop, office: MemoryOffice) -> None:
    laptop.edit(VISIT, met_by="the manager")
    with pytest.raises(NotOurs, match="receipts do not match"):
        laptop.sync(_Misreading(office, laptop.name))
    assert laptop.unsent() == 1


class _Answering(Line):
    """Answers a pull as the test says, page by page; an older office, it knows no brief one."""

    answers: Sequence[tuple[Page, list[PulledRow]]] = ()

    def pull(
        self,
        epoch: str,
        cursors: Mapping[FileId, int],
        want: Sequence[RecordId],
        *,
        brief: bool = False,
    ) -> tuple[Page, list[PulledRow]]:
        if brief:
            raise Refused("urn:hah:unreadable", "“files” is missing.", status=422)
        assert (epoch, cursors) is not None
        self.pulled.append(list(want))
        return self.answers[min(len(self.pulled), len(self.answers)) - 1]


def test_an_office_restored_while_a_laptop_reads_stops_the_sync(
    laptop: Laptop, office: MemoryOffice
) -> None:
    line = _Answering(office, laptop.name)
    line.answers = [(Page("epoch-9", {}, more=False), [])]
    with pytest.raises(NotOurs, match="restored"):
        laptop.sync(line)


@pytest.mark.parametrize("asked", [0, 1, 2])
def test_the_person_can_stop_before_each_request(laptops: Laptops, asked: int) -> None:
    _, laptop = worked(laptops)
    answers = iter([False] * asked)
    with pytest.raises(Cancelled, match="What was sent and fetched until then is kept"):
        exchange(laptop.line, laptop.box, lambda _: None, lambda: next(answers, True))
    assert (laptop.unsent(), len(laptop.shown())) == [(2, 2), (0, 2), (0, 3)][asked]


def test_progress_is_told_after_every_answer(laptops: Laptops) -> None:
    _, laptop = worked(laptops)
    told: list[Progress] = []
    done = exchange(laptop.line, laptop.box, told.append, lambda: False)
    assert [(p.sent, p.received) for p in told] == [(2, 0), (2, 2), (2, 4)]
    assert told[-1] == done


# A laptop that was put back to an older copy of itself asks for its own words


@pytest.fixture
def put_back(laptops: Laptops, office: MemoryOffice) -> Laptop:
    """A laptop that has lost all it ever saved, with an office that has it."""
    lost = laptops.make(office)
    for number in range(5):
        lost.edit(f"visit-{number}", met_by=f"manager {number}")
    lost.sync()
    return laptops.make(office)


def test_what_a_laptop_once_wrote_and_lost_comes_back_whole(
    put_back: Laptop, office: MemoryOffice
) -> None:
    office.page = 2
    put_back.sync()
    bodies = {record: body for record, (body, _) in put_back.shown().items()}
    assert bodies == {f"visit-{n}": {"met_by": f"manager {n}"} for n in range(5)}


def test_a_record_that_stays_unknown_is_not_asked_for_for_ever(
    put_back: Laptop, office: MemoryOffice
) -> None:
    line = _NeverCounting(office, put_back.name)
    line.answers = [office.pull(line.laptop, {}, [])]
    line.answers = [(dc.replace(page, more=False), rows) for page, rows in line.answers]
    put_back.sync(line)
    assert len(line.pulled) == 2


class _NeverCounting(_Answering):
    """Does not say how far it has the laptop's changes."""

    def sign_in(self, office: str) -> Reached:
        super().sign_in(office)
        return Reached()


class _Deaf(MemoryOffice):
    """Never counts one file right, or not until it has been told so often."""

    heard = 0
    right_after = 99

    def pull(
        self, laptop: LaptopId, cursors: Mapping[FileId, int], want: Sequence[RecordId]
    ) -> tuple[Page, list[PulledRow]]:
        page, rows = super().pull(laptop, cursors, want)
        self.heard += 1
        if self.heard > self.right_after:
            return page, rows
        return dc.replace(page, digests=dict.fromkeys(page.digests, EMPTY)), rows


def test_files_that_differ_are_read_again_once_and_the_office_is_told(laptops: Laptops) -> None:
    office = _Deaf()
    office.right_after = 1
    laptop = laptops.make(office)
    laptop.edit(VISIT, met_by="the manager")
    assert laptop.sync() == Progress(sent=1, received=2)
    assert laptop.line.differs == [(visit_file(VISIT),)]
    assert laptop.shown() == {VISIT: ({"met_by": "the manager"}, {})}


def test_files_that_still_differ_stop_the_sync_with_a_word(laptops: Laptops) -> None:
    office = _Deaf()
    laptop = laptops.make(office)
    for visit in (VISIT, "visit-b"):
        laptop.edit(visit, met_by="the manager")
    with pytest.raises(Differs, match="the same of 2 visits or children"):
        laptop.sync()
    assert len(laptop.line.pulled) == 2
    assert laptop.unsent() == 0


class _OfVersion(Line):
    """An office that understands other versions."""

    versions = (1, 1)

    def hello(self) -> Hello:
        oldest, protocol = self.versions
        return dc.replace(super().hello(), protocol=protocol, oldest=oldest)


@pytest.mark.parametrize(
    ("oldest", "protocol", "words"),
    [(PROTOCOL + 1, PROTOCOL + 3, "too old for the office"), (0, 0, "older version than this")],
)
def test_the_side_that_is_too_old_is_named_and_nothing_is_lost(
    laptop: Laptop, office: MemoryOffice, oldest: int, protocol: int, words: str
) -> None:
    laptop.edit(VISIT, met_by="the manager")
    line = _OfVersion(office, laptop.name)
    line.versions = (oldest, protocol)
    before = laptop.everything()
    with pytest.raises(KnownError, match=words) as told:
        laptop.sync(line)
    assert "on a stick" in told.value.do
    assert laptop.everything() == before


def test_a_newer_office_that_still_understands_this_version_is_no_hindrance(
    laptop: Laptop, office: MemoryOffice
) -> None:
    laptop.edit(VISIT, met_by="the manager")
    line = _OfVersion(office, laptop.name)
    line.versions = (PROTOCOL, PROTOCOL + 2)
    assert laptop.sync(line).sent == 1


class _Introducing(Line):
    """Introduces itself by a time that is far off."""

    def hello(self) -> Hello:
        return dc.replace(super().hello(), now="2026-03-02T12:10:00+00:00")


def test_the_laptop_learns_how_far_its_clock_is_off(laptop: Laptop, office: MemoryOffice) -> None:
    laptop.sync(_Introducing(office, laptop.name))
    assert laptop.box.clock_offset.total_seconds() == -600
    laptop.edit(VISIT, met_by="the manager")
    with laptop.store.reading() as connection:
        (change,) = outbox.unsent(connection, 1)
    assert not change.clock_trusted


def test_an_own_change_that_comes_back_is_not_doubled(laptop: Laptop, office: MemoryOffice) -> None:
    laptop.edit(VISIT, met_by="the manager")
    laptop.sync()
    laptop.box.start_again(office.epoch)
    laptop.sync()
    with laptop.store.reading() as connection:
        held = reading.get(connection, VISIT)
    assert held is not None
    assert [len(ids) for ids in held.seen.heads.values()] == [1]
