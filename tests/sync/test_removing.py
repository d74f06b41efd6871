"""A record that one removes while another edits it comes back, and a person decides."""

import dataclasses as dc
from collections.abc import Mapping

import pytest

from hah_desktop.domain.codes import CodeList
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.records.visit import Visit
from hah_desktop.domain.signoff import SIGNED_OFF
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.reading import Held
from hah_desktop.ui.parts.sides import IT_GOES, IT_STAYS, REMOVE, Tongue, decided, torn_fields
from tests.store.sound import faults
from tests.sync.laptops import Laptop, Laptops
from tests.sync.office import NOON, MemoryOffice

VISIT = "visit-a"


@pytest.fixture
def both(laptops: Laptops, office: MemoryOffice) -> tuple[Laptop, Laptop]:
    """Two laptops that hold one visit."""
    one, two = laptops.make(office), laptops.make(office, "laptop-two")
    one.edit(VISIT, met_by="the manager", impression="Quiet")
    sync(one, two)
    return one, two


def sync(*laptops: Laptop) -> None:
    for laptop in (*laptops, *laptops):
        laptop.sync()


def found(laptop: Laptop) -> Held | None:
    with laptop.store.reading() as connection:
        return reading.get(connection, VISIT)


def sides(laptop: Laptop) -> Mapping[str, list[tuple[str, Json]]]:
    held = found(laptop)
    assert held is not None
    return {name: sorted((s.author, s.value) for s in heads) for name, heads in held.open.items()}


def decide(laptop: Laptop, *, removed: bool) -> None:
    held = found(laptop)
    assert held is not None
    laptop.store.save(decided(held, {"removed": True if removed else None}))


def test_what_was_removed_with_everything_seen_is_gone(both: tuple[Laptop, Laptop]) -> None:
    one, two = both
    one.edit(VISIT, removed=True)
    sync(one, two)
    assert found(one) is found(two) is None


@pytest.mark.parametrize("first", [0, 1])
def test_an_unseen_edit_outlives_a_removal_on_every_laptop(
    both: tuple[Laptop, Laptop], first: int
) -> None:
    one, two = both
    one.edit(VISIT, removed=True)
    two.edit(VISIT, impression="Loud")
    both[first].sync()
    sync(one, two)
    expected = {"removed": [(f"of-{one.name}", True), (f"of-{two.name}", None)]}
    assert sides(one) == sides(two) == expected
    assert one.shown() == two.shown()
    assert faults(one.store) == faults(two.store) == []


def test_a_new_laptop_finds_the_same(
    both: tuple[Laptop, Laptop], laptops: Laptops, office: MemoryOffice
) -> None:
    one, two = both
    one.edit(VISIT, removed=True)
    two.edit(VISIT, impression="Loud")
    sync(one, two)
    three = laptops.make(office, "laptop-three")
    three.sync()
    assert sides(three) == sides(one)


def test_a_person_reads_who_removed_it_and_who_did_not_know(
    both: tuple[Laptop, Laptop],
) -> None:
    one, two = both
    one.edit(VISIT, removed=True)
    two.edit(VISIT, impression="Loud")
    sync(one, two)
    held = found(one)
    assert held is not None
    tongue = Tongue(
        codes=lambda name: CodeList(name, ()), names={}, reader=f"of-{one.name}", now=NOON
    )
    (torn,) = torn_fields(held, tongue)
    assert torn.label == REMOVE
    assert [side.words for side in torn.sides] == [IT_GOES, IT_STAYS]


@pytest.mark.parametrize("removed", [True, False])
def test_a_persons_decision_holds_everywhere(both: tuple[Laptop, Laptop], *, removed: bool) -> None:
    one, two = both
    one.edit(VISIT, removed=True)
    two.edit(VISIT, impression="Loud")
    sync(one, two)
    decide(two, removed=removed)
    sync(two, one)
    for laptop in both:
        held = found(laptop)
        assert (held is None) is removed
        if held is not None:
            assert held.open == {}
            assert held.record == Visit(id=RecordId(VISIT), met_by="the manager", impression="Loud")


def test_an_edit_after_a_decision_to_remove_is_unseen_again(both: tuple[Laptop, Laptop]) -> None:
    one, two = both
    two.edit(VISIT, impression="Loud")
    one.edit(VISIT, removed=True)
    sync(one, two)
    open_form = found(two)
    assert open_form is not None
    decide(one, removed=True)
    two.save(open_form, impression="Louder")
    sync(one, two)
    assert sides(one) == sides(two)
    assert sides(one).keys() == {"removed"}


def test_two_who_remove_it_at_once_need_nobody(both: tuple[Laptop, Laptop]) -> None:
    one, two = both
    for laptop in both:
        laptop.edit(VISIT, removed=True)
    sync(one, two)
    assert found(one) is found(two) is None


def test_what_the_same_laptop_edited_after_it_was_removed_elsewhere_is_shown_before_it_is_sent(
    both: tuple[Laptop, Laptop],
) -> None:
    one, two = both
    form = found(two)
    assert form is not None
    one.edit(VISIT, removed=True)
    sync(one, two)
    assert found(two) is None
    two.save(form, impression="Loud")
    assert sides(two).keys() == {"removed"}


def test_a_signed_off_visit_does_not_keep_a_person_from_deciding(
    both: tuple[Laptop, Laptop],
) -> None:
    one, two = both
    one.edit(VISIT, removed=True)
    two.edit(VISIT, status=SIGNED_OFF)
    sync(one, two)
    decide(one, removed=False)
    sync(one, two)
    held = found(two)
    assert held is not None
    assert (held.record, held.open) == (
        dc.replace(held.record, removed=None),
        {},
    )
