"""The past of a record on a laptop: its own changes, what others sent, and a decision undone."""

import dataclasses as dc
from collections.abc import Iterator

import pytest

from hah_desktop.domain.errors import NotAllowed
from hah_desktop.domain.history import Entry
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.journal import drafts, history
from hah_desktop.store.journal.drafts import Draft
from hah_desktop.store.journal.saving import Edited
from hah_desktop.ui.parts.past import Back, undone
from hah_desktop.ui.parts.sides import decided
from tests.sync.laptops import Laptop, Laptops
from tests.sync.office import MemoryOffice

VISIT = RecordId("visit")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Laptops:
    return Laptops(tmp_path_factory.mktemp("laptops"))


@pytest.fixture
def two(made: Laptops) -> Iterator[tuple[Laptop, Laptop]]:
    """Two laptops with one visit, of which both changed one answer unseen."""
    office = MemoryOffice()
    one, other = made.make(office, "laptop-one"), made.make(office, "laptop-two")
    one.edit(VISIT, met_by="nobody yet", status="started")
    synced(one, other)
    one.edit(VISIT, met_by="the manager")
    other.edit(VISIT, met_by="the deputy")
    synced(one, other)
    yield one, other
    made.close()


def synced(*laptops: Laptop) -> None:
    for laptop in (*laptops, *laptops):
        laptop.sync()


def past(laptop: Laptop, name: str = "met_by") -> list[Entry]:
    with laptop.store.reading() as connection:
        return [e for e in history.of_record(connection, VISIT) if e.name == name]


def decide(laptop: Laptop, value: str) -> None:
    laptop.store.save(decided(laptop.held(VISIT), {"met_by": value}))


def test_a_decision_is_one_on_every_laptop(two: tuple[Laptop, Laptop]) -> None:
    one, other = two
    decide(one, "the manager")
    synced(one, other)
    for laptop in two:
        last = past(laptop)[-1]
        assert last.chose
        assert last.stands
        assert {head.value for head in last.saw} == {"the manager", "the deputy"}
        assert last.head.author == "of-laptop-one"


def test_a_decision_that_is_undone_is_undone_on_every_laptop(two: tuple[Laptop, Laptop]) -> None:
    one, other = two
    decide(one, "the manager")
    synced(one, other)
    other.store.save(undone(other.held(VISIT), Back("met_by", "", "the deputy")))
    synced(other, one)
    for laptop in two:
        held = laptop.held(VISIT)
        assert (held.seen.body["met_by"], held.open) == ("the deputy", {})
        told = past(laptop)
        assert [e.head.value for e in told[-2:]] == ["the manager", "the deputy"]
        assert [head.value for head in told[-1].saw] == ["the manager"]
        assert not told[-2].stands
    assert one.shown() == other.shown()


def test_undoing_while_somebody_edits_makes_a_conflict_and_overwrites_nothing(
    two: tuple[Laptop, Laptop],
) -> None:
    one, other = two
    decide(one, "the manager")
    synced(one, other)
    one.edit(VISIT, met_by="the manager, Ms Lark")
    other.store.save(undone(other.held(VISIT), Back("met_by", "", "the deputy")))
    synced(other, one)
    sides = {side.value for side in one.held(VISIT).open["met_by"]}
    assert sides == {"the deputy", "the manager, Ms Lark"}


def test_a_decision_can_be_undone_after_sign_off_but_nothing_new_be_said(
    two: tuple[Laptop, Laptop],
) -> None:
    one, other = two
    decide(one, "the manager")
    one.edit(VISIT, status="signed_off")
    synced(one, other)
    with pytest.raises(NotAllowed, match="signed off"):
        other.store.save(undone(other.held(VISIT), Back("met_by", "", "somebody else")))
    with pytest.raises(NotAllowed, match="signed off"):
        other.store.save(undone(other.held(VISIT), Back("impression", "", "Loud")))
    other.store.save(undone(other.held(VISIT), Back("met_by", "", "the deputy")))
    assert other.held(VISIT).seen.body["met_by"] == "the deputy"


def test_a_laptop_that_came_late_says_that_earlier_changes_are_at_the_office(
    two: tuple[Laptop, Laptop], made: Laptops
) -> None:
    one, _ = two
    decide(one, "the manager")
    one.sync()
    late = made.make(one.line.office, "laptop-three")
    late.sync()
    (only,) = past(late)
    assert (only.saw, only.beyond, only.chose) == ((), 2, True)


def test_what_is_not_held_has_no_past(two: tuple[Laptop, Laptop]) -> None:
    with two[0].store.reading() as connection:
        assert history.of_record(connection, "unknown") == []


def test_a_decision_leaves_the_draft_of_the_record_alone(two: tuple[Laptop, Laptop]) -> None:
    one, _ = two
    held = one.held(VISIT)
    body = {**held.seen.body, "impression": "half a"}
    with one.store.writing() as connection:
        drafts.keep(connection, Draft(VISIT, "visit", "", body, held.seen))
    decide(one, "the manager")
    with one.store.reading() as connection:
        assert drafts.get(connection, VISIT) is not None
    now = one.held(VISIT)
    assert isinstance(now.record, Visit)
    one.store.save(Edited(dc.replace(now.record, impression="half a sentence"), now.seen))
    with one.store.reading() as connection:
        assert drafts.get(connection, VISIT) is None
