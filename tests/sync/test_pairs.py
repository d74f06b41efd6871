"""Every two things that people may do to one record unseen, in every order of syncing.

Every three things, too, on three laptops, each in one order of syncing. Each combination has a
record of its own, on the same laptops with real stores. What must hold is in `faults`: all laptops
agree, and every value that was entered is current, in an open conflict, merged, or replaced by
somebody who had it before their eyes. Against the real office it is `tests/central/test_pairs.py`.
"""

import dataclasses as dc
import itertools
from collections.abc import Sequence

import pytest

from hah_desktop.domain.errors import NotAllowed
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.records.child import Statement
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.saving import Edited
from tests.sync.acts import ACTS, faults
from tests.sync.laptops import Laptop, Laptops
from tests.sync.office import MemoryOffice

NAMES = ("laptop-one", "laptop-two", "laptop-three")


def met(laptops: Sequence[Laptop], acts: Sequence[Sequence[str]]) -> None:
    """Make a record for each combination, hand it to everybody, and act on it unseen."""
    first = laptops[0]
    for combination in acts:
        record = RecordId(" ".join(combination))
        made = Visit(id=record, met_by="nobody yet", impression="none yet", status="started")
        first.store.add(dc.replace(made, removed="bring back" in combination or None))
    for laptop in laptops:
        laptop.sync()
    for combination in acts:
        for laptop, act in zip(laptops, combination, strict=True):
            ACTS[act](laptop, " ".join(combination))


@pytest.fixture
def office() -> MemoryOffice:
    return MemoryOffice(page=10_000)


@pytest.mark.parametrize("count", [2, 3])
def test_whatever_people_do_unseen_they_agree_and_nothing_vanishes(
    laptops: Laptops, office: MemoryOffice, count: int
) -> None:
    every = list(itertools.product(ACTS, repeat=count))
    for number, order in enumerate(itertools.permutations(range(count))):
        # Two are done in every order; three would take a minute.
        acts = every if count < len(NAMES) else every[number::6]
        made = [laptops.make(office, f"{name}-{number}") for name in NAMES[:count]]
        met(made, acts)
        for _round in (1, 2):
            for turn in order:
                made[turn].sync(allow_removals=True)
        assert faults(made) == [], f"synced in the order {order}"
        laptops.close()
        office = MemoryOffice(page=10_000)


def sides(laptop: Laptop, record: str, name: str) -> list[tuple[Json, str]]:
    with laptop.store.reading() as connection:
        held = reading.get(connection, record)
    assert held is not None
    return [(side.value, side.author) for side in held.open.get(name, ())]


def two_unseen(laptops: Laptops, office: MemoryOffice) -> tuple[Laptop, Laptop]:
    one, two = laptops.make(office, "laptop-one"), laptops.make(office, "laptop-two")
    one.edit("visit", met_by="nobody yet")
    for laptop in (one, two):
        laptop.sync()
    return one, two


def all_synced(*laptops: Laptop) -> None:
    for laptop in (*laptops, *laptops):
        laptop.sync()


def test_two_edits_of_one_field_make_one_conflict_with_both_and_their_authors(
    laptops: Laptops, office: MemoryOffice
) -> None:
    one, two = two_unseen(laptops, office)
    one.edit("visit", met_by="the manager")
    two.edit("visit", met_by="the deputy")
    all_synced(two, one)
    expected = [("the deputy", "of-laptop-two"), ("the manager", "of-laptop-one")]
    assert sides(one, "visit", "met_by") == sides(two, "visit", "met_by") == expected


def test_two_edits_that_say_the_same_make_none(laptops: Laptops, office: MemoryOffice) -> None:
    one, two = two_unseen(laptops, office)
    for laptop in (one, two):
        laptop.edit("visit", met_by="the manager")
    all_synced(one, two)
    assert sides(one, "visit", "met_by") == []
    assert one.shown() == two.shown()


def test_edits_of_two_fields_meet_without_a_conflict(
    laptops: Laptops, office: MemoryOffice
) -> None:
    one, two = two_unseen(laptops, office)
    one.edit("visit", met_by="the manager")
    two.edit("visit", impression="Loud")
    all_synced(one, two)
    body, undecided = two.shown()["visit"]
    assert (body["met_by"], body["impression"], undecided) == ("the manager", "Loud", {})


# Words that were said


def statement(laptop: Laptop) -> reading.Held:
    with laptop.store.reading() as connection:
        held = reading.get(connection, "said")
    assert held is not None
    return held


def say(laptop: Laptop, words: str, held: reading.Held | None = None) -> None:
    seen = held or statement(laptop)
    assert isinstance(seen.record, Statement)
    laptop.store.save(Edited(dc.replace(seen.record, text=words), seen.seen))


@pytest.fixture
def two_who_heard(laptops: Laptops, office: MemoryOffice) -> tuple[Laptop, Laptop]:
    """Two laptops with a statement that has no words yet."""
    one, two = laptops.make(office, "laptop-one"), laptops.make(office, "laptop-two")
    one.store.add(Statement(id=RecordId("said"), visit="visit", child="child", type="own_words"))
    for laptop in (one, two):
        laptop.sync()
    return one, two


def test_words_that_were_said_are_not_overwritten_by_a_form_that_was_open_before(
    two_who_heard: tuple[Laptop, Laptop],
) -> None:
    one, two = two_who_heard
    opened = statement(two)
    say(one, "It is loud.")
    all_synced(one, two)
    with pytest.raises(NotAllowed, match="never changed"):
        say(two, "It is quiet.", opened)
    assert [x.seen.body["text"] for x in map(statement, (one, two))] == ["It is loud."] * 2


def test_two_versions_of_what_was_said_both_stand_until_they_are_joined_whole(
    two_who_heard: tuple[Laptop, Laptop],
) -> None:
    one, two = two_who_heard
    say(one, "It is loud.")
    say(two, "It is loud at night.")
    all_synced(one, two)
    assert len(statement(two).open["text"]) == 2
    for words in ("It is quiet.", "It is loud at night.", "It is loud. It is loud at night."):
        with pytest.raises(NotAllowed, match="never changed"):
            say(two, words)
    say(two, "It is loud.\n\nIt is loud at night.")
    all_synced(two, one)
    assert statement(one).open == {}
    assert statement(one).seen.body["text"] == "It is loud.\n\nIt is loud at night."
