"""A push that asks what else is new: where nothing is, the pull behind it is saved."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeout

from hah_central.office import office
from hah_central.people import audit
from hah_central.service import routes
from hah_desktop.domain.changes import Change, canonical, content_hash
from hah_desktop.domain.exchange import Accepted, Reached
from hah_desktop.domain.ids import REFERENCE_FILE, FileId, RecordId, visit_file
from hah_desktop.store.exchange import outbox, withdrawing
from hah_desktop.sync.wire.changes import read_told, write_spelled_push
from tests.central.conftest import Desk
from tests.central.laptop import Laptop, good, new_id
from tests.central.syncing import Shipped, Yard


@dataclass
class Asked:
    """How often each laptop asked for a page."""

    pages: list[Mapping[FileId, int]] = field(default_factory=list)

    def times(self, synced: Callable[[], object]) -> int:
        """How often it does so meanwhile."""
        before = len(self.pages)
        synced()
        return len(self.pages) - before


@pytest.fixture
def ada(yard: Yard) -> Shipped:
    """A laptop that has written and met the office."""
    ada = yard.laptop("Ada Example")
    for number in range(3):
        ada.edit(new_id(), met_by=f"Manager {number}")
    for _ in range(2):
        ada.synced()
    return ada


@pytest.fixture
def asked(ada: Shipped, monkeypatch: pytest.MonkeyPatch) -> Asked:
    asked, pull = Asked(), ada.line.begin_pull

    def begin_pull(epoch: str, cursors: Mapping[FileId, int], *more: Any, **how: Any) -> Any:
        asked.pages.append(cursors)
        return pull(epoch, cursors, *more, **how)

    monkeypatch.setattr(ada.line, "begin_pull", begin_pull)
    return asked


def visits(of: Shipped) -> list[str]:
    with of.store.reading() as connection:
        there = outbox.cursors(connection).keys() - {REFERENCE_FILE}
    return sorted(file.removeprefix("visit:") for file in there)


def test_a_days_work_goes_out_with_one_question(ada: Shipped, asked: Asked) -> None:
    for visit in visits(ada):
        ada.edit(visit, met_by="The deputy")
    assert asked.times(lambda: ada.synced().run.agrees is True) == 0
    assert ada.unsent() == 0
    done = ada.synced()
    assert (done.run.received, done.run.agrees, len(asked.pages)) == (0, True, 1)


def test_so_does_a_visit_that_the_office_has_not_heard_of(ada: Shipped, asked: Asked) -> None:
    ada.edit(new_id(), met_by="Nobody yet")
    assert asked.times(ada.synced) == 0
    done = ada.synced()
    assert (done.run.received, done.run.compared_files, done.run.agrees) == (0, 5, True)


def test_what_others_wrote_meanwhile_is_asked_for(yard: Yard, ada: Shipped, asked: Asked) -> None:
    ben, shared = yard.laptop("Ben Example"), visits(ada)[0]
    with yard.desk.database.writing() as connection:
        file = visit_file(RecordId(shared))
        office.assign(connection, ben.name.adviser, file, yard.desk.clock())
    ben.synced()
    ben.edit(shared, impression="Quiet.")
    ben.synced()
    ada.edit(visits(ada)[1], met_by="The deputy")
    done = ada.synced()
    assert (done.run.sent, len(asked.pages)) == (1, 1)
    assert ada.says(shared)["impression"] == "Quiet."
    assert done.run.agrees is True


def test_a_file_that_was_taken_back_is_heard_of(
    yard: Yard, ada: Shipped, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hah_desktop.domain.removals.Removals.ask_first", lambda *_: False)
    gone, kept, *_ = visits(ada)
    deed = audit.Deed("Grace Example", yard.desk.clock())
    with yard.desk.database.writing() as connection:
        office.withdraw(connection, ada.name.adviser, visit_file(RecordId(gone)), deed)
    ada.edit(kept, met_by="The deputy")
    assert asked.times(ada.synced) == 1
    assert gone not in visits(ada)


def test_a_laptop_with_a_file_to_be_read_again_asks_for_a_page(ada: Shipped) -> None:
    ada.edit(visits(ada)[0], met_by="The deputy")
    with ada.store.writing() as connection:
        withdrawing.doubt(connection)
    done = ada.synced()
    assert (done.run.sent, done.run.agrees) == (1, True)


def pushed(
    of: Laptop, changes: Sequence[Change], behind: Mapping[FileId, int] | None, **asked: object
) -> Accepted:
    """What an office answers to whoever asks behind these cursors, or something else."""
    spelled = [canonical(change).decode() for change in changes]
    header, _, rest = write_spelled_push(of.enrolled.epoch, spelled, behind).partition(b"\n")
    changed = json.dumps(json.loads(header) | asked).encode()
    return read_told(good(of.push_body(changed + b"\n" + rest)).content)[0]


@pytest.fixture
def grace(desk: Desk) -> Laptop:
    """A laptop that has read all there is."""
    grace = desk.laptop("Grace Example")
    grace.push(grace.place(new_id(), name="Invented House"))
    grace.pull_all()
    return grace


def test_the_office_says_how_far_it_has_the_changes(grace: Laptop) -> None:
    change = grace.place(new_id(), name="Another Invented House")
    accepted = pushed(grace, [change], grace.cursors)
    assert accepted.rest is not None
    assert accepted.rest.reached == Reached(change.number, content_hash(change))
    assert accepted.rest.upto == accepted.seq


def test_it_says_nothing_to_whoever_does_not_ask_or_means_other_files(grace: Laptop) -> None:
    places = (grace.place(new_id(), name=f"House {number}") for number in range(4))
    assert pushed(grace, [next(places)], None).rest is None
    more = {**grace.cursors, visit_file(RecordId(new_id())): 1}
    assert pushed(grace, [next(places)], more).rest is None
    assert pushed(grace, [next(places)], None, rest={"at": -1, "but": {}, "named": ""}).rest is None
    assert pushed(grace, [next(places)], None, rest={"at": 1, "files": {}}).rest is None


def test_it_says_nothing_where_somebody_else_was_first(desk: Desk, grace: Laptop) -> None:
    ben = desk.laptop("Ben Example")
    ben.push(ben.place(new_id(), name="His Invented House"))
    change = grace.place(new_id(), name="Another Invented House")
    assert pushed(grace, [change], grace.cursors).rest is None


def test_whatever_stops_the_question_the_receipts_are_given(
    grace: Laptop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def busy(*_: object) -> None:
        raise PoolTimeout

    monkeypatch.setattr(routes, "rest", busy)
    change = grace.place(new_id(), name="Another Invented House")
    accepted = pushed(grace, [change], grace.cursors)
    assert (accepted.number, accepted.rest) == (change.number, None)
    assert "rest laptop=" in caplog.text
