"""How much goes in one request over a line that is cut: it becomes less until it is through."""

from collections.abc import Mapping, Sequence
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.domain.capacity import Capacity
from hah_desktop.domain.changes import Spelled
from hah_desktop.domain.exchange import Accepted, Receipt
from hah_desktop.domain.ids import FileId, RecordId
from hah_desktop.sync.errors import BrokeOff, Unreachable, broke_off, unreachable
from hah_desktop.sync.pages import Pulled
from hah_desktop.sync.steps import exchange
from hah_desktop.sync.wire.form import MAX_CHANGES
from tests.sync.laptops import Laptop, Laptops
from tests.sync.office import Line, MemoryOffice
from tests.sync.questions import AtOnce, begun

CHANGES = 23
CARRIED = 3
TRIES = MAX_CHANGES.bit_length()


class Narrow(Line):
    """A line that is cut in whatever is more than it carries."""

    def push(self, epoch: str, changes: Sequence[Spelled]) -> tuple[Accepted, list[Receipt]]:
        if len(changes) > CARRIED:
            raise broke_off()
        return super().push(epoch, changes)

    def begin_pull(
        self,
        epoch: str,
        cursors: Mapping[FileId, int],
        want: Sequence[RecordId],
        *,
        brief: bool = False,
        most: int = MAX_CHANGES,
    ) -> AtOnce[Pulled]:
        page = super().begin_pull(epoch, cursors, want, brief=brief, most=most)

        def arrive() -> Pulled:
            if most > CARRIED:
                raise broke_off()
            return page.answer()

        return begun(arrive)


class Gone(Line):
    """There is no line when something is sent."""

    def push(self, _epoch: str, _changes: Sequence[Spelled]) -> NoReturn:
        raise unreachable()


def cuts_until_through(laptop: Laptop, capacity: Capacity) -> int:
    for cuts in range(2 * TRIES):
        try:
            exchange(laptop.line, laptop.box, lambda _: None, lambda: False, capacity=capacity)
        except BrokeOff:
            continue
        return cuts
    pytest.fail("however often it is tried, it is cut")


@pytest.fixture
def laptop(laptops: Laptops) -> Laptop:
    laptop = laptops.make(MemoryOffice(page=2))
    for number in range(CHANGES):
        laptop.edit(f"visit-{number}", met_by="the manager")
    return laptop


def test_what_a_line_cuts_goes_in_smaller_parts_until_all_is_through(
    laptops: Laptops, laptop: Laptop
) -> None:
    office = laptop.line.office
    laptop.line = Narrow(office, laptop.name)
    assert cuts_until_through(laptop, Capacity()) > 0
    assert laptop.unsent() == 0
    assert max(laptop.line.pushed) <= CARRIED
    newcomer = laptops.make(office, "laptop-two")
    newcomer.line = Narrow(office, newcomer.name)
    assert cuts_until_through(newcomer, Capacity()) > 0
    assert newcomer.shown() == laptop.shown()


def test_an_office_that_is_not_there_says_nothing_of_the_line(laptop: Laptop) -> None:
    line, capacity = laptop.line, Capacity()
    laptop.line = Gone(line.office, laptop.name)
    with pytest.raises(Unreachable):
        exchange(laptop.line, laptop.box, lambda _: None, lambda: False, capacity=capacity)
    assert capacity.size == MAX_CHANGES


def test_without_a_cut_as_much_goes_as_ever(laptop: Laptop) -> None:
    laptop.sync()
    assert set(laptop.line.most) == {MAX_CHANGES}


def test_half_goes_after_a_cut_of_what_was_under_way() -> None:
    capacity = Capacity()
    capacity.cut(600)
    assert capacity.size == 300
    capacity.cut(1000)
    assert capacity.size == 150


def test_a_cut_of_a_few_still_leaves_room_for_some() -> None:
    capacity, sizes = Capacity(), []
    for _ in range(7):
        capacity.cut(2)
        sizes.append(capacity.size)
    assert sizes == [32, 16, 8, 4, 2, 1, 1]


@given(st.integers(1, MAX_CHANGES))
def test_soon_no_more_is_tried_than_a_line_carries(carried: int) -> None:
    capacity, cuts = Capacity(), 0
    while capacity.size > carried:
        capacity.cut(capacity.size)
        cuts += 1
    assert cuts < TRIES
    assert capacity.size >= carried // 2


@given(st.integers(1, 20))
def test_after_each_cut_one_more_success_is_awaited_before_more_is_tried(cuts: int) -> None:
    capacity = Capacity()
    for _ in range(cuts):
        capacity.cut(capacity.size)
    small = capacity.size
    for _ in range(min(cuts, 4)):
        assert capacity.size == small
        capacity.carried(small)
    assert capacity.size == min(2 * small, MAX_CHANGES)


def test_on_a_line_that_got_better_all_goes_at_once_again() -> None:
    capacity = Capacity()
    for _ in range(3):
        capacity.cut(capacity.size)
    for _ in range(9):
        capacity.carried(capacity.size)
    assert capacity.size == MAX_CHANGES
    capacity.cut(capacity.size)
    capacity.carried(capacity.size)
    assert capacity.size == MAX_CHANGES


def test_a_small_request_that_is_through_says_nothing_of_large_ones() -> None:
    capacity = Capacity()
    capacity.cut(MAX_CHANGES)
    for _ in range(50):
        capacity.carried(capacity.size // 2 - 1)
    assert capacity.size == MAX_CHANGES // 2
