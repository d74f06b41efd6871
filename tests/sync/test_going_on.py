"""Who met the office a moment ago goes on with one question, unless anything changed since."""

import dataclasses as dc
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from hah_desktop.domain.changes import Spelled, from_spelled
from hah_desktop.domain.exchange import Accepted, Hello, Page, PulledRow, Reached, Receipt
from hah_desktop.domain.ids import FileId, RecordId
from hah_desktop.store.errors import AnotherHistory
from hah_desktop.sync.errors import Refused
from hah_desktop.sync.steps import Progress, exchange
from tests.sync.laptops import Laptop, Laptops
from tests.sync.office import Line, MemoryOffice, unnamed

VISIT = "visit-1"


class Familiar(Line):
    """Says with each page how far it has the laptop's changes, and counts how often they meet."""

    def __init__(self, office: MemoryOffice, laptop: str) -> None:
        super().__init__(office, laptop)
        self.met = 0
        self.refusing = ""
        self.reached: Reached | None = None
        self.silent = False

    def hello(self) -> Hello:
        self.met += 1
        self.refusing = ""
        return super().hello()

    def push(self, epoch: str, changes: Sequence[Spelled]) -> tuple[Accepted, list[Receipt]]:
        self._ask(epoch)
        return self.office.push(self.laptop, list(map(from_spelled, changes)))

    def pull(
        self,
        epoch: str,
        cursors: Mapping[FileId, int],
        want: Sequence[RecordId],
        *,
        brief: bool = False,
    ) -> tuple[Page, list[PulledRow]]:
        self._ask(epoch)
        if brief:
            self.check_names(cursors)
        self.pulled.append(want)
        page, rows = self.office.pull(self.laptop, cursors, want)
        page = unnamed(page) if brief else page
        reached = self.reached or self.sign_in(self.office.id)
        return dc.replace(page, reached=None if self.silent else reached), rows

    def _ask(self, epoch: str) -> None:
        assert epoch
        if self.refusing:
            raise Refused(self.refusing, "No.", status=401)


@pytest.fixture
def office() -> MemoryOffice:
    return MemoryOffice()


@pytest.fixture
def laptop(tmp_path: Path, office: MemoryOffice) -> Laptop:
    made = Laptops(tmp_path).make(office)
    made.edit(VISIT, met_by="the manager")
    return made


@pytest.fixture
def line(office: MemoryOffice, laptop: Laptop) -> Familiar:
    """A line on which they have met once."""
    line = Familiar(office, laptop.name)
    laptop.sync(line)
    assert line.met == 1
    line.pulled.clear()
    return line


def go_on(laptop: Laptop, line: Familiar) -> Progress:
    return exchange(line, laptop.box, lambda _: None, lambda: False, met=True)


def test_nothing_new_is_one_question(laptop: Laptop, line: Familiar) -> None:
    go_on(laptop, line)
    assert (line.met, len(line.pulled)) == (1, 1)


def test_what_was_saved_since_is_sent_at_once(laptop: Laptop, line: Familiar) -> None:
    laptop.edit(VISIT, met_by="the deputy")
    assert go_on(laptop, line).sent == 1
    assert line.met == 1
    assert laptop.unsent() == 0


def test_a_token_that_no_longer_holds_makes_them_meet(laptop: Laptop, line: Familiar) -> None:
    laptop.edit(VISIT, met_by="the deputy")
    line.refusing = "urn:hah:sign-in"
    assert go_on(laptop, line).sent == 1
    assert line.met == 2


def test_an_office_that_does_not_say_how_far_it_is_is_met(laptop: Laptop, line: Familiar) -> None:
    line.silent = True
    go_on(laptop, line)
    assert line.met == 2


def test_a_restored_office_is_met(laptop: Laptop, office: MemoryOffice, line: Familiar) -> None:
    office.restore(office.backup())
    go_on(laptop, line)
    assert line.met == 2
    assert laptop.box.office() == (office.id, office.epoch)


def test_an_office_that_lost_changes_gets_them_back_by_meeting(
    laptop: Laptop, office: MemoryOffice, line: Familiar
) -> None:
    backup = office.backup()
    laptop.edit(VISIT, met_by="the deputy")
    go_on(laptop, line)
    office.restore(backup)
    laptop.edit(VISIT, met_by="nobody")
    go_on(laptop, line)
    assert line.met == 2
    assert [c.number for _, c in office.journal.changes.values()] == [1, 2, 3]


def test_an_office_with_another_history_is_noticed(laptop: Laptop, line: Familiar) -> None:
    line.reached = Reached(1, "00" * 32)
    with pytest.raises(AnotherHistory):
        go_on(laptop, line)
