"""Heads and merging together: what a record shows follows from its changes, and nothing vanishes.

Histories of several fields by several people, who have seen any part of what the others wrote.
`Copy` is the rule as laptops and office run it: changes arrive in batches, out of order and again.
"""

import dataclasses as dc
import random
from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from hah_desktop.domain.fields import Merge
from hah_desktop.domain.heads import FieldHeads, take
from hah_desktop.domain.ids import ChangeId
from hah_desktop.domain.merge import Head, Shown, shown
from hah_desktop.domain.records.base import Json

FIELDS = {rule.name.lower(): rule for rule in Merge}
"""One field under each rule."""

VALUES: st.SearchStrategy[Json] = st.sampled_from([None, True, 1, "One", "Two"])
PEOPLE = ("ruth", "sam", "dana")


class Made(NamedTuple):
    """A change of one field: what it says, and what it replaces."""

    head: Head
    field: str
    replaces: frozenset[ChangeId]


def heads_among(known: Sequence[Made], field: str) -> frozenset[ChangeId]:
    """The definition."""
    said = [made for made in known if made.field == field]
    return frozenset(m.head.change for m in said) - frozenset(r for m in said for r in m.replaces)


@st.composite
def histories(draw: st.DrawFn, people: Sequence[str] = PEOPLE) -> list[Made]:
    """Each author has seen some of the changes, and replaces the heads among those."""
    made: list[Made] = []
    knows: dict[str, list[Made]] = {person: [] for person in people}
    for number in range(draw(st.integers(1, 14))):
        author = draw(st.sampled_from(people))
        if len(people) > 1 and made:
            seen = draw(st.sets(st.sampled_from(range(len(made))), max_size=4))
            knows[author] += [made[n] for n in sorted(seen) if made[n] not in knows[author]]
        field = draw(st.sampled_from(sorted(FIELDS)))
        change = ChangeId(f"c{number}")
        by_office = draw(st.booleans()) if author == PEOPLE[-1] else False
        head = Head(change, draw(VALUES), author, "2026-03-02", by_office=by_office)
        made.append(Made(head, field, heads_among(knows[author], field)))
        knows[author].append(made[-1])
    # The office's order: any, since laptops send when they can.
    orders = draw(st.permutations(range(1, len(made) + 1)))
    return [
        m._replace(head=dc.replace(m.head, order=order))
        for m, order in zip(made, orders, strict=True)
    ]


class Copy:
    """What one machine makes of the changes that reach it."""

    def __init__(self) -> None:
        self.known: dict[ChangeId, Made] = {}
        self.heads: dict[str, FieldHeads] = {}

    def arrive(self, batch: Sequence[Made]) -> None:
        for made in batch:
            if made.head.change not in self.known:
                before = self.heads.get(made.field, FieldHeads())
                known = made.replaces & self.known.keys()
                self.heads[made.field] = take(before, made.head.change, made.replaces, known)
                self.known[made.head.change] = made

    def shown(self) -> dict[str, Shown]:
        return {
            field: shown(FIELDS[field], [self.known[change].head for change in state.heads])
            for field, state in self.heads.items()
        }


def copied(made: Sequence[Made]) -> Copy:
    copy = Copy()
    copy.arrive(made)
    return copy


chance = st.randoms(use_true_random=False)


@settings(max_examples=80)
@given(histories(), chance)
def test_any_order_repetition_and_batching_shows_the_same(
    made: list[Made], chance: random.Random
) -> None:
    other = Copy()
    arriving = [*made, *chance.choices(made, k=len(made))]
    chance.shuffle(arriving)
    while arriving:
        count = chance.randint(1, len(arriving))
        other.arrive(arriving[:count])
        del arriving[:count]
    first = copied(made)
    assert other.shown() == first.shown()
    assert {f: s.heads for f, s in other.heads.items()} == {
        f: s.heads for f, s in first.heads.items()
    }


@settings(max_examples=80)
@given(histories())
def test_what_was_entered_is_current_or_undecided_or_merged_or_in_the_history(
    made: list[Made],
) -> None:
    copy = copied(made)
    for field, now in copy.shown().items():
        entered = {m.head.change for m in made if m.field == field}
        history = {r for m in made if m.field == field for r in m.replaces}
        heads = copy.heads[field].heads
        assert heads | history == entered
        assert not heads & history
        undecided = {side.change for side in now.open}
        current = {c for c in heads if _is(copy.known[c].head.value, now.value)}
        merged_away = heads if now.merged else frozenset()
        assert current | undecided | merged_away == heads
        assert current


def _is(one: Json, other: Json) -> bool:
    return type(one) is type(other) and one == other


@settings(max_examples=80)
@given(histories(people=("ruth",)), chance)
def test_one_person_with_one_laptop_never_meets_a_conflict(
    made: list[Made], chance: random.Random
) -> None:
    copy = copied(chance.sample(made, len(made)))
    assert all(not now.open and not now.merged for now in copy.shown().values())
    last = {m.field: m.head.value for m in made}
    assert all(_is(now.value, last[field]) for field, now in copy.shown().items())


@settings(max_examples=80)
@given(histories(), VALUES)
def test_equal_values_are_never_a_conflict_whoever_wrote_them(
    made: list[Made], value: Json
) -> None:
    equal = [m._replace(head=dc.replace(m.head, value=value)) for m in made]
    assert set(copied(equal).shown().values()) == {Shown(value)}


@settings(max_examples=80)
@given(histories(), VALUES, chance)
def test_a_decision_that_saw_every_side_ends_every_conflict(
    made: list[Made], value: Json, chance: random.Random
) -> None:
    before = copied(made)
    decisions = [
        Made(Head(ChangeId(f"decided {field}"), value, "ruth", "2026-03-03"), field, state.heads)
        for field, state in before.heads.items()
    ]
    arriving = [*made, *decisions]
    after = copied(chance.sample(arriving, len(arriving)))
    assert set(after.shown().values()) == {Shown(value)}
