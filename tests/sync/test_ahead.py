"""A sync that packs a batch while the one before is judged: in which order, and cut anywhere."""

from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

import pytest

from hah_desktop.domain.changes import Spelled
from hah_desktop.domain.exchange import Accepted, Receipt, Told
from hah_desktop.sync import batches
from hah_desktop.sync.ahead import Push
from hah_desktop.sync.errors import Cancelled, Refused, Unreachable
from hah_desktop.sync.foretold import Cursors
from hah_desktop.sync.steps import GAP, OfficePort, exchange
from hah_desktop.sync.wire.form import BEARABLE
from tests.sync.laptops import BadBox, BadLine, Cut, Laptop, Laptops
from tests.sync.office import MemoryOffice
from tests.sync.questions import AtOnce

CHANGES = 7


class Quick:
    """An office that has judged a push by the time that it was sent."""

    def __init__(self, line: OfficePort, laptop: Laptop) -> None:
        self._line = line
        self._laptop = laptop
        self.told: list[str] = []
        self.asked_behind: list[bool] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._line, name)

    def pack(
        self,
        epoch: str,
        changes: Sequence[Spelled],
        behind: Cursors | None = None,
        knows: Cursors | None = None,
    ) -> "Sent":
        self.told.append(f"packed {len(changes)}, {self._laptop.unsent()} unsent")
        self.asked_behind.append(behind is not None)
        return Sent(self.told, self._line.pack(epoch, changes, behind, knows))


class Sent(AtOnce[tuple[Accepted, Told]]):
    """One push, and what was done with it."""

    def __init__(self, told: list[str], push: Push) -> None:
        def send() -> tuple[Accepted, Told]:
            told.append("sent")
            return push.answer()

        super().__init__(send)
        self._told = told

    def answer(self) -> tuple[Accepted, Told]:
        answer = super().answer()
        self._told.append("answered")
        return answer

    def give_up(self) -> None:
        self._told.append("given up")


@pytest.fixture(autouse=True)
def _small() -> Any:
    with patch.object(batches, "FIRST_BATCH", 3):
        yield


def worked(laptops: Laptops) -> tuple[MemoryOffice, Laptop]:
    office = MemoryOffice(page=2)
    laptop = laptops.make(office)
    for number in range(CHANGES):
        laptop.edit(f"visit-{number}", met_by="the manager")
    return office, laptop


def test_a_batch_is_packed_while_one_is_judged_and_sent_before_receipts_are_taken(
    laptops: Laptops,
) -> None:
    _, laptop = worked(laptops)
    office = Quick(laptop.line, laptop)

    assert laptop.sync(office).sent == CHANGES

    assert office.told == [
        "packed 3, 7 unsent",
        "sent",
        "packed 3, 7 unsent",
        "answered",
        "sent",
        "packed 1, 4 unsent",
        "answered",
        "sent",
        "answered",
    ]
    assert laptop.line.pushed == [3, 3, 1]
    assert laptop.unsent() == 0


def test_how_far_the_laptop_has_read_goes_with_the_first_batch_alone(
    laptops: Laptops,
) -> None:
    _, laptop = worked(laptops)
    laptop.sync()
    for number in range(CHANGES):
        laptop.edit(f"visit-{number}", met_by="the deputy")
    office = Quick(laptop.line, laptop)

    laptop.sync(office)

    assert office.asked_behind == [True, False, False]


def _calls(laptops: Laptops) -> int:
    _, laptop = worked(laptops)
    counting = Cut(0, after=False)
    laptop.sync(Quick(BadLine(laptop.line, counting), laptop), BadBox(laptop.box, counting))
    return counting.calls


@pytest.mark.parametrize("after", [False, True], ids=["before its effect", "after its effect"])
def test_wherever_it_is_cut_the_next_sync_makes_it_good(laptops: Laptops, *, after: bool) -> None:
    for at in range(1, _calls(laptops) + 1):
        office, laptop = worked(laptops)
        cut = Cut(at, after=after)
        with pytest.raises(Unreachable):
            laptop.sync(Quick(BadLine(laptop.line, cut), laptop), BadBox(laptop.box, cut))
        laptop.sync(Quick(laptop.line, laptop))
        assert laptop.unsent() == 0, f"cut at call {at}"
        assert [c.number for _, c in office.journal.changes.values()] == list(range(1, CHANGES + 1))


@pytest.mark.parametrize(("asked", "arrived", "received"), [(1, 3, 3), (2, 6, 3), (3, 6, 6)])
def test_a_person_can_stop_it_and_what_was_answered_is_taken(
    laptops: Laptops, asked: int, arrived: int, received: int
) -> None:
    office, laptop = worked(laptops)
    line = Quick(laptop.line, laptop)
    answers = iter([False] * asked)
    with pytest.raises(Cancelled):
        exchange(line, laptop.box, lambda _: None, lambda: next(answers, True))
    assert len(office.journal.changes) == arrived
    assert laptop.unsent() == CHANGES - received
    assert line.told[-1] == "given up"


def test_what_is_under_way_is_given_up_when_receipts_cannot_be_taken(laptops: Laptops) -> None:
    office, laptop = worked(laptops)
    line = Quick(laptop.line, laptop)
    with (
        patch.object(laptop.box, "take_receipts", side_effect=OSError("the disk is full")),
        pytest.raises(OSError, match="full"),
    ):
        laptop.sync(line)
    assert line.told[-1] == "given up"
    assert len(office.journal.changes) == 6
    assert laptop.sync().sent == CHANGES


def test_nothing_is_packed_ahead_once_a_batch_was_refused(laptops: Laptops) -> None:
    office, laptop = worked(laptops)
    office.largest = 2
    line = Quick(laptop.line, laptop)
    assert laptop.sync(line).sent == CHANGES
    packed = [told for told in line.told if told.startswith("packed")]
    assert len(packed) == 1 + len(laptop.line.pushed)


def test_a_gap_is_closed_though_a_batch_was_packed_behind_it(laptops: Laptops) -> None:
    office, laptop = worked(laptops)
    line = Quick(laptop.line, laptop)
    refused = iter([Refused(GAP, "No.", status=409)])
    right = laptop.line.push

    def push(epoch: str, changes: Sequence[Spelled]) -> tuple[Accepted, list[Receipt]]:
        for fault in refused:
            raise fault
        return right(epoch, changes)

    with patch.object(laptop.line, "push", push):
        assert laptop.sync(line).sent == CHANGES
    assert [c.number for _, c in office.journal.changes.values()] == list(range(1, CHANGES + 1))


def test_very_long_words_go_in_batches_of_a_bearable_size(laptops: Laptops) -> None:
    laptop = laptops.make(MemoryOffice())
    long = "x" * (BEARABLE * 2 // 5)
    for number in range(5):
        laptop.edit(f"visit-{number}", impression=long)
    laptop.edit("visit-5", impression=long, met_by=long, exit_said=long)
    laptop.sync()
    assert laptop.line.pushed == [2, 2, 1, 1]
    assert laptop.unsent() == 0
