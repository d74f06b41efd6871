"""What is of use only as a whole goes in pieces, and a cut costs no more than one of them."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from hah_desktop.domain.capacity import Capacity
from hah_desktop.domain.exchange import OwnChange, Witness
from hah_desktop.domain.ids import ChangeId
from hah_desktop.sync.errors import BrokeOff, Cancelled, broke_off
from hah_desktop.sync.piecewise import TRIES, ask_for, in_pieces
from hah_desktop.sync.steps import exchange
from hah_desktop.sync.wire.form import MAX_CHANGES
from tests.sync.forgetting import forgets, pair
from tests.sync.laptops import Laptop, Laptops
from tests.sync.losing import Losing, wrong_at
from tests.sync.office import Line, MemoryOffice

CARRIED = 3
MANY = 40


class Narrow(Line):
    """A line that is cut in whatever is more than it carries; it counts what came through."""

    def __init__(self, office: MemoryOffice, laptop: str) -> None:
        super().__init__(office, laptop)
        self.through = 0

    def own(self, after: int, most: int = MAX_CHANGES) -> list[OwnChange]:
        self._carry(most)
        return super().own(after, most)

    def unknown(self, changes: Sequence[ChangeId]) -> list[ChangeId]:
        self._carry(len(changes))
        return super().unknown(changes)

    def witness(self, items: Sequence[Witness]) -> int:
        self._carry(len(items))
        return super().witness(items)

    def _carry(self, count: int) -> None:
        if count > CARRIED:
            raise broke_off()
        self.through += count


def never() -> bool:
    return False


def cuts_until_through(laptop: Laptop, line: Line) -> int:
    sync = partial(exchange, line, laptop.box, lambda _: None, never, agreed=lambda _: True)
    capacity = Capacity()
    for cuts in range(MAX_CHANGES.bit_length()):
        try:
            sync(capacity=capacity)
        except BrokeOff:
            continue
        return cuts
    pytest.fail("however often it is tried, it is cut")


def test_what_a_put_back_copy_lacks_comes_through_a_line_that_is_cut(
    laptops: Laptops, tmp_path: Path
) -> None:
    office = MemoryOffice(page=1000)
    losing = Losing(laptops.make(office), tmp_path, laptops)
    losing.laptop.edit("visit-0", met_by="the manager")
    losing.laptop.sync()
    losing.snapshot()
    for number in range(MANY):
        losing.laptop.edit(f"visit-{number}", met_by="the deputy")
    losing.laptop.sync()
    losing.lose()
    line = Narrow(office, losing.laptop.name)
    assert 0 < cuts_until_through(losing.laptop, line) <= TRIES
    assert line.through == MANY
    assert wrong_at(office, [losing.laptop]) == []


def forgetful(laptops: Laptops) -> tuple[MemoryOffice, Laptop]:
    """A restored office, and a laptop that holds much of a colleague's that it lost."""
    office, author, holder = pair(laptops)
    author.sync()
    holder.sync()
    with forgets(office):
        for number in range(MANY):
            author.edit(f"visit-{number}", met_by="the deputy")
        author.sync()
        holder.sync()
    office.restore(office.journal)
    return office, holder


def test_what_an_office_lost_is_told_through_a_line_that_is_cut(laptops: Laptops) -> None:
    office, holder = forgetful(laptops)
    assert cuts_until_through(holder, Narrow(office, holder.name)) <= TRIES
    assert len(office.witnessed) == MANY
    assert holder.shown() == {}


def test_telling_what_an_office_lost_stops_between_two_pieces(laptops: Laptops) -> None:
    office, holder = forgetful(laptops)
    line = Narrow(office, holder.name)
    capacity = Capacity()
    while capacity.size > CARRIED:
        capacity.cut(capacity.size)
    with pytest.raises(Cancelled):
        exchange(line, holder.box, lambda _: None, lambda: line.through > 0, capacity=capacity)
    assert line.through <= CARRIED
    assert not office.witnessed


def test_a_smaller_piece_is_tried_at_once_and_more_again_once_it_is_through() -> None:
    capacity, sizes = Capacity(), []

    def ask(part: Sequence[int]) -> int:
        sizes.append(len(part))
        if len(part) > 600:
            raise broke_off()
        return sum(part)

    whole = range(2000)
    assert sum(in_pieces(capacity, whole, ask, lambda: None)) == sum(whole)
    assert sizes[:4] == [2000, 1000, 500, 500]
    assert max(sizes[3:]) > 500


def test_a_line_that_carries_nothing_ends_the_sync_soon() -> None:
    tried: list[int] = []

    def ask(count: int) -> None:
        tried.append(count)
        raise broke_off()

    with pytest.raises(BrokeOff):
        ask_for(Capacity(), 2000, ask)
    assert tried == [2000, 1000, 500, 250]
    tried.clear()
    with pytest.raises(BrokeOff):
        ask_for(Capacity(), 2, ask)
    assert tried == [2]
