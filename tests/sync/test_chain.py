"""The chain of a laptop's changes, and the office's end of it: what was altered, lost, put back."""

import dataclasses as dc
import hashlib
import json
import random
from collections.abc import Sequence
from contextlib import nullcontext
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from hah_desktop.domain.changes import (
    Change,
    Spelled,
    canonical,
    content_hash,
    from_plain,
    to_plain,
)
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.exchange import Accepted, OwnChange, Reached, Receipt
from hah_desktop.domain.spelling import spell
from hah_desktop.store.errors import AnotherHistory, StoreDamaged
from hah_desktop.store.exchange import chain, outbox
from hah_desktop.store.tables import events
from hah_desktop.store.tables.events import Happened
from hah_desktop.store.tables.rows import CHANGE
from hah_desktop.sync.errors import Refused, Unreachable
from hah_desktop.sync.wire.form import MAX_CHANGES, NotOurs
from tests.store.sound import faults
from tests.sync.laptops import BadBox, BadLine, Chance, Cut, Laptop, Laptops
from tests.sync.losing import Losing, OnlyOwn, Strict, visible, wrong_at
from tests.sync.office import Line, MemoryOffice


@pytest.fixture
def laptop(laptops: Laptops, office: MemoryOffice) -> Laptop:
    return laptops.make(office)


@pytest.fixture
def losing(laptop: Laptop, laptops: Laptops, tmp_path: Path) -> Losing:
    """A laptop with a safety copy, that sent more after it."""
    made = Losing(laptop, tmp_path, laptops)
    for number in range(3):
        laptop.edit(f"visit-{number}", met_by=f"manager {number}")
    laptop.sync()
    laptop.edit("visit-2", impression="Not sent when the copy was made")
    made.snapshot()
    for number in range(3, 6):
        laptop.edit(f"visit-{number}", met_by=f"manager {number}")
    laptop.edit("visit-0", met_by="the deputy")
    laptop.sync()
    return made


def check(laptop: Laptop) -> None:
    with laptop.store.reading() as connection:
        chain.check_chain(connection)


def alter(laptop: Laptop, statement: str) -> None:
    with laptop.store.writing() as connection:
        connection.execute(text(statement))


# On the laptop itself


def test_the_chain_of_honest_work_is_whole(losing: Losing) -> None:
    check(losing.laptop)


ALTERED = {
    "a word is changed": "UPDATE change SET content = replace(content, 'manager 1', 'nobody')",
    "a change is taken out": "DELETE FROM change WHERE number = 3",
    "the last one is taken out": "DELETE FROM change WHERE number = 8",
    "the end is set back": "UPDATE meta SET value = json_set(value, '$.number', 7)"
    " WHERE key = 'chain'",
    "two change their names": "UPDATE change SET id = id || 'x' WHERE number = 2",
    "a hash is another": "UPDATE change SET hash = (SELECT hash FROM change WHERE number = 7)"
    " WHERE number = 8",
}


@pytest.mark.parametrize("statement", ALTERED.values(), ids=list(ALTERED))
def test_what_was_altered_is_found_and_nothing_is_sent(
    losing: Losing, office: MemoryOffice, statement: str
) -> None:
    # As somebody who lays hands on the file does it, while the program does not run.
    losing.reopen()
    alter(losing.laptop, statement)
    sent = len(office.journal.changes)
    with pytest.raises(StoreDamaged) as told:
        losing.laptop.sync()
    assert "not whole" in told.value.what
    assert len(office.journal.changes) == sent


def forge(laptop: Laptop, number: int) -> None:
    """Write another history from a change on, with hashes that fit."""
    with laptop.store.writing() as connection:
        last = connection.execute(
            select(CHANGE.c.hash).where(CHANGE.c.number == number - 1)
        ).scalar_one()
        for change in outbox_changes(laptop, number):
            forged = dc.replace(change, previous=last, made_at="2026-01-01T00:00:00+00:00")
            last = content_hash(forged)
            put = update(CHANGE).where(CHANGE.c.number == change.number)
            connection.execute(put.values(content=canonical(forged).decode(), hash=last))
        connection.execute(
            text("UPDATE meta SET value = json_set(value, '$.hash', :end) WHERE key = 'chain'"),
            {"end": last},
        )


def outbox_changes(laptop: Laptop, number: int) -> list[Change]:
    with laptop.store.reading() as connection:
        found = connection.execute(
            select(CHANGE.c.content).where(CHANGE.c.number >= number).order_by(CHANGE.c.number)
        )
        return [from_plain(json.loads(content)) for content in found.scalars()]


def test_a_forged_history_differs_from_the_offices(losing: Losing, office: MemoryOffice) -> None:
    losing.reopen()
    forge(losing.laptop, 6)
    check(losing.laptop)
    losing.laptop.edit("visit-9", met_by="nobody")
    sent = len(office.journal.changes)
    with pytest.raises(AnotherHistory, match="not what the office has"):
        losing.laptop.sync()
    assert len(office.journal.changes) == sent


def test_an_office_that_was_set_back_has_an_end_on_the_chain(
    losing: Losing, office: MemoryOffice
) -> None:
    early = office.backup()
    losing.laptop.edit("visit-9", met_by="the manager")
    losing.laptop.sync()
    office.restore(early)
    losing.laptop.sync()
    assert wrong_at(office, [losing.laptop]) == []
    assert len(office.journal.changes) == 9


def test_when_all_is_well_nothing_is_fetched(losing: Losing) -> None:
    line = _Counting(losing.laptop.line.office, losing.laptop.name)
    losing.laptop.sync(line)
    assert line.asked == []


class _Counting(Line):
    """Remembers what it was asked for."""

    def __init__(self, office: MemoryOffice, laptop: str) -> None:
        super().__init__(office, laptop)
        self.asked: list[int] = []

    def own(self, after: int, most: int = MAX_CHANGES) -> list[OwnChange]:
        self.asked.append(after)
        return super().own(after, most)


def test_what_was_looked_at_is_not_looked_at_again_while_it_is_open(losing: Losing) -> None:
    losing.laptop.sync()
    checked = losing.laptop.store.chain_checked
    assert checked.number == 8
    with losing.laptop.store.reading() as connection:
        assert chain.check_chain(connection, checked) == checked
    losing.laptop.edit("visit-9", met_by="the manager")
    alter(losing.laptop, "UPDATE change SET hash = 'f' WHERE number = 9")
    with pytest.raises(StoreDamaged):
        losing.laptop.sync()


# A safety copy is put back


@pytest.fixture
def colleague(laptops: Laptops, office: MemoryOffice) -> Laptop:
    return laptops.make(office, "laptop-two")


@pytest.mark.parametrize("more", [0, 1, 4, 9], ids="{} saved since".format)
def test_what_the_office_had_comes_back_and_what_was_saved_since_follows(
    losing: Losing, office: MemoryOffice, colleague: Laptop, more: int
) -> None:
    laptop = losing.laptop
    colleague.sync()
    losing.lose()
    for number in range(more):
        laptop.edit(f"after-{number}", met_by=f"new {number}")
    laptop.sync()
    colleague.sync()
    assert wrong_at(office, [laptop, colleague]) == []
    assert visible(laptop)["visit-0", "met_by"] == {"the deputy"}
    assert len(visible(laptop)) == 7 + more
    assert all(not sides for _, sides in laptop.shown().values())
    with laptop.store.reading() as connection:
        (noted,) = (
            event
            for event in events.events(connection)
            if event.what == Happened.HISTORY_RENUMBERED
        )
    assert noted.detail == f"4 fetched, {more} renumbered"
    laptop.edit("visit-0", met_by="the cook")
    for _ in range(2):
        laptop.sync()
    assert wrong_at(office, [laptop]) == []
    with laptop.store.reading() as connection:
        assert not chain.was_put_back(connection)


def test_what_is_written_again_without_seeing_what_was_lost_is_left_to_a_person(
    losing: Losing, office: MemoryOffice
) -> None:
    losing.lose()
    losing.laptop.edit("visit-0", met_by="the cook")
    losing.laptop.sync()
    assert wrong_at(office, [losing.laptop]) == []
    assert visible(losing.laptop)["visit-0", "met_by"] == {"the deputy", "the cook"}


def test_a_safety_copy_with_which_nothing_was_lost_is_compared_and_that_is_all(
    losing: Losing, office: MemoryOffice
) -> None:
    losing.snapshot()
    losing.lose()
    losing.laptop.edit("after", met_by="new")
    line = _Counting(office, losing.laptop.name)
    for _ in range(2):
        losing.laptop.sync(line)
    assert line.asked == []
    assert wrong_at(office, [losing.laptop]) == []
    with losing.laptop.store.reading() as connection:
        assert not chain.was_put_back(connection)


class _Late(Line):
    """What was sent before the database was lost arrives when the next push is on its way."""

    late: Sequence[Spelled] = ()

    def push(self, epoch: str, changes: Sequence[Spelled]) -> tuple[Accepted, list[Receipt]]:
        super().push(epoch, self.late)
        raise Refused("urn:hah:forked", f"{len(changes)} changes are others.", status=409)


def test_what_comes_late_between_comparing_and_sending_comes_back_all_the_same(
    losing: Losing, office: MemoryOffice
) -> None:
    losing.snapshot()
    losing.laptop.edit("visit-0", met_by="the cook")
    line = _Late(office, losing.laptop.name)
    line.late = losing.laptop.box.unsent(9)
    losing.lose()
    losing.laptop.edit("after-0", met_by="new")
    losing.laptop.edit("after-1", met_by="new")
    with pytest.raises(Refused):
        losing.laptop.sync(line)
    losing.laptop.sync()
    assert wrong_at(office, [losing.laptop]) == []
    assert {("after-0", "met_by"), ("after-1", "met_by")} <= visible(losing.laptop).keys()
    assert visible(losing.laptop)["visit-0", "met_by"] == {"the cook"}


def test_the_same_copy_can_be_put_back_twice(losing: Losing, office: MemoryOffice) -> None:
    laptop = losing.laptop
    losing.lose()
    laptop.edit("after-0", met_by="new 0")
    losing.snapshot()
    laptop.sync()
    losing.lose()
    laptop.edit("after-1", met_by="new 1")
    laptop.sync()
    losing.lose(copy=1)
    laptop.sync()
    assert wrong_at(office, [laptop]) == []
    assert {("after-0", "met_by"), ("after-1", "met_by")} <= visible(laptop).keys()


def test_what_the_office_set_aside_comes_back_as_set_aside(
    losing: Losing, office: MemoryOffice
) -> None:
    losing.lose()
    with pytest.raises(Unreachable):
        losing.laptop.sync(
            BadLine(Strict(office, losing.laptop.name), Cut(6, after=False)),
        )
    losing.laptop.sync(Strict(office, losing.laptop.name), OnlyOwn(losing.laptop))
    with losing.laptop.store.reading() as connection:
        assert [aside.problem for aside in outbox.set_aside(connection)] == ["No."] * 4


def test_what_was_set_aside_of_a_record_that_is_not_here_comes_back_too(
    laptop: Laptop, laptops: Laptops, tmp_path: Path
) -> None:
    losing = Losing(laptop, tmp_path, laptops)
    laptop.edit("visit-0", met_by="the manager")
    laptop.sync()
    losing.snapshot()
    laptop.edit("visit-1", met_by="the cook")
    laptop.sync()
    losing.lose()
    laptop.sync(Strict(laptop.line.office, laptop.name), OnlyOwn(laptop))
    with laptop.store.reading() as connection:
        assert [aside.record for aside in outbox.set_aside(connection)] == ["visit-1"]


def put_back_and_worked(laptops: Laptops, folder: Path) -> tuple[MemoryOffice, Losing]:
    office = MemoryOffice(page=2)
    losing = Losing(laptops.make(office), folder, laptops)
    losing.laptop.edit("visit-0", met_by="the manager")
    losing.laptop.sync()
    losing.snapshot()
    losing.laptop.edit("visit-0", met_by="the deputy")
    losing.laptop.edit("visit-1", met_by="the manager")
    losing.laptop.edit("visit-1", met_by="the cook")
    losing.laptop.sync()
    losing.lose()
    losing.laptop.edit("visit-2", met_by="the nurse")
    return office, losing


@pytest.mark.parametrize("after", [False, True], ids=["before its effect", "after its effect"])
def test_a_sync_that_is_cut_at_any_call_is_made_good_by_the_next(
    laptops: Laptops, tmp_path: Path, *, after: bool
) -> None:
    for at in count(1):
        office, losing = put_back_and_worked(laptops, tmp_path)
        cut = Cut(at, after=after)
        try:
            losing.laptop.sync(BadLine(losing.laptop.line, cut), BadBox(losing.laptop.box, cut))
        except Unreachable:
            losing.laptop.sync()
        else:
            break
        assert wrong_at(office, [losing.laptop]) == [], f"cut at call {at}"
    assert at > 8


# An office that does not say what it ought to


class _Answers(Line):
    """Gives back something else than it has."""

    def __init__(self, line: Line, answers: Sequence[OwnChange]) -> None:
        super().__init__(line.office, line.laptop)
        self._answers = answers

    def own(self, after: int, _most: int = MAX_CHANGES) -> list[OwnChange]:
        return [each for each in self._answers if each.change.number > after]


def _made_up(own: OwnChange, **other: object) -> OwnChange:
    return dc.replace(own, change=dc.replace(own.change, **other))  # type: ignore[arg-type]  # fields of a change


def test_what_does_not_fit_this_laptop_is_not_taken(losing: Losing) -> None:
    laptop = losing.laptop
    has = [*laptop.line.own(4), *laptop.line.own(7)]  # All of it, or it is not even looked at.
    losing.lose()
    laptop.edit("after", met_by="new")
    before = hashlib.sha256(repr(outbox_changes(laptop, 1)).encode()).digest()
    answers: dict[str, list[OwnChange]] = {
        "nothing": [],
        "somebody else's": [_made_up(each, laptop="laptop-two") for each in has],
        "other words": [*has[:-1], _made_up(has[-1], author="nobody")],
        "out of order": [has[1], has[0], *has[2:]],
        "another beginning": [_made_up(has[0], previous="0" * 64), *has[1:]],
    }
    for answer in answers.values():
        with pytest.raises((AnotherHistory, NotOurs)):
            laptop.sync(_Answers(laptop.line, answer))
        after = hashlib.sha256(repr(outbox_changes(laptop, 1)).encode()).digest()
        assert after == before
    assert faults(laptop.store) == []


# The second lies behind the names with which every change ends: it would look altered here.
@pytest.mark.parametrize(("name", "taken"), [("mood", True), ("zone", False)])
def test_words_of_a_newer_version_come_back(losing: Losing, name: str, *, taken: bool) -> None:
    line = losing.laptop.line
    has, (end,) = line.own(4), line.own(7)
    end = dc.replace(end, spelled=spell(to_plain(end.change) | {name: "new"}))
    losing.lose()
    store = losing.laptop.store
    with nullcontext() if taken else pytest.raises(AnotherHistory), store.writing() as connection:
        chain.take_own(connection, [*has, end], Reached(8, end.hash), store.now())
    with store.reading() as connection:
        assert (chain.check_chain(connection).hash == end.hash) is taken


def test_a_history_that_was_received_is_never_renumbered(losing: Losing) -> None:
    laptop = losing.laptop
    losing.lose()
    laptop.edit("after", met_by="new")
    own = laptop.line.own(4)
    reached = laptop.line.sign_in(laptop.line.office.id)
    alter(laptop, "UPDATE change SET received = 9 WHERE number = 5")
    with pytest.raises(AnotherHistory), laptop.store.writing() as connection:
        chain.take_own(connection, [*own, *laptop.line.own(7)], reached, laptop.store.now())
    with pytest.raises(AnotherHistory), laptop.store.writing() as connection:
        chain.take_own(connection, [], reached, laptop.store.now())
    with pytest.raises(AnotherHistory), laptop.store.reading() as connection:
        chain.missing_after(connection, Reached(5, "0" * 64))


# Random histories


class Mishaps:
    """Laptops at work that now and then lose their database. With one alone, the office does too.

    What two lost at once, the office and the laptop that wrote it, a third may go on showing.
    """

    def __init__(self, laptops: Laptops, folder: Path, seed: int, *names: str) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - a history to run again
        self.office = MemoryOffice()
        made = [laptops.make(self.office, name) for name in names]
        self.losing = [Losing(laptop, folder, laptops) for laptop in made]
        for losing in self.losing:
            losing.snapshot()
        self.backup = self.office.backup()
        self.lost = self.number = 0

    @property
    def laptops(self) -> list[Laptop]:
        return [losing.laptop for losing in self.losing]

    def run(self, steps: int = 50) -> None:
        for _ in range(steps):
            self._step(self.chance.choice(self.losing))
        for laptop in [*self.laptops, *self.laptops, *self.laptops]:
            laptop.sync()

    def _step(self, losing: Losing) -> None:
        what = self.chance.random()
        if what < 0.45:
            self.number += 1
            name = self.chance.choice(("met_by", "impression"))
            visit = self.chance.choice(("visit-a", "visit-b"))
            losing.laptop.edit(visit, **{name: f"{self.number}"})
        elif what < 0.75:
            self._sync(losing.laptop)
        elif what < 0.84:
            losing.snapshot()
        elif what < 0.93:
            losing.lose(self.chance.randrange(len(losing.backups.good())))
            self.lost += 1
        elif what < 0.97:
            self.backup = self.office.backup()
        elif len(self.losing) == 1:
            self.office.restore(self.backup)

    def _sync(self, laptop: Laptop) -> None:
        fault = Chance(self.chance, 0.2)
        try:
            laptop.sync(BadLine(laptop.line, fault), BadBox(laptop.box, fault))
        except (Unreachable, NotOurs):
            self.chance.random()


@pytest.mark.parametrize("names", [["laptop-one"], ["laptop-one", "laptop-two"]], ids=len)
@pytest.mark.parametrize("seed", range(5))
def test_after_any_mishaps_all_agree_with_all_that_the_office_received(
    laptops: Laptops, tmp_path: Path, seed: int, names: list[str]
) -> None:
    past = Mishaps(laptops, tmp_path, seed, *names)
    past.run()
    assert past.lost
    assert wrong_at(past.office, past.laptops) == []


def test_without_the_comparison_the_histories_would_have_come_apart(
    laptops: Laptops, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "missing_after", lambda *_: None)

    def found(seed: int) -> bool:
        past = Mishaps(laptops, tmp_path / str(seed), seed, "laptop-one")
        past.run()
        return wrong_at(past.office, past.laptops) != []

    assert any(found(seed) for seed in range(10))


def test_known_errors_tell_what_was_kept() -> None:
    told: KnownError = AnotherHistory()
    assert all((told.what, told.kept, told.do))
