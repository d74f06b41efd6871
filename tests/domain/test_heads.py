"""Heads: any order, repetition and batching of the same changes gives the heads of the definition.

The definition, in one line of this file, is `_defined`; everything else is held against it.
"""

import random
from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from hah_desktop.domain.heads import FieldHeads, overlay, take
from hah_desktop.domain.ids import ChangeId


class Made(NamedTuple):
    id: ChangeId
    replaces: frozenset[ChangeId]


@st.composite
def histories(draw: st.DrawFn) -> list[Made]:
    """Changes of one field, each replacing any of those before it, seen by its author or not."""
    made: list[Made] = []
    for number in range(draw(st.integers(1, 12))):
        before = st.sampled_from([change.id for change in made]) if made else st.nothing()
        seen = draw(st.frozensets(before, max_size=4)) if made else frozenset()
        made.append(Made(ChangeId(f"c{number}"), seen))
    return made


def _defined(known: Sequence[Made]) -> frozenset[ChangeId]:
    return frozenset(c.id for c in known) - frozenset(r for c in known for r in c.replaces)


def _taken(arriving: Sequence[Made]) -> FieldHeads:
    state, known = FieldHeads(), set[ChangeId]()
    for change in arriving:
        if change.id not in known:
            state = take(state, change.id, change.replaces, known & change.replaces)
            known.add(change.id)
    return state


chance = st.randoms(use_true_random=False)


@settings(max_examples=60)
@given(histories(), chance)
def test_any_order_and_repetition_gives_the_same_heads(
    made: list[Made], chance: random.Random
) -> None:
    arriving = [*made, *chance.choices(made, k=len(made))]
    chance.shuffle(arriving)
    assert _taken(arriving).heads == _defined(made)


@settings(max_examples=60)
@given(histories(), chance)
def test_the_heads_are_right_after_every_single_change(
    made: list[Made], chance: random.Random
) -> None:
    arriving = chance.sample(made, len(made))
    for count in range(1, len(arriving) + 1):
        assert _taken(arriving[:count]).heads == _defined(arriving[:count])


@settings(max_examples=60)
@given(histories(), chance)
def test_only_what_has_not_arrived_is_remembered_ahead(
    made: list[Made], chance: random.Random
) -> None:
    arriving = chance.sample(made, chance.randint(1, len(made)))
    named = {r for change in arriving for r in change.replaces}
    assert _taken(arriving).ahead == named - {change.id for change in arriving}


def test_a_change_that_names_itself_is_still_a_head() -> None:
    me = ChangeId("c1")
    assert take(FieldHeads(), me, [me], frozenset()) == FieldHeads(frozenset({me}))
    assert overlay(frozenset(), [(me, [me])]) == {me}


@settings(max_examples=60)
@given(histories(), chance)
def test_unsent_changes_over_the_offices_heads_are_the_heads_of_all(
    made: list[Made], chance: random.Random
) -> None:
    sent = chance.randint(0, len(made))
    unsent = [(change.id, change.replaces) for change in made[sent:]]
    assert overlay(_defined(made[:sent]), unsent) == _defined(made)


@settings(max_examples=60)
@given(histories(), chance)
def test_an_unsent_change_that_the_office_already_has_counts_once(
    made: list[Made], chance: random.Random
) -> None:
    unsent = [(change.id, change.replaces) for change in made[chance.randint(0, len(made)) :]]
    assert overlay(_defined(made), unsent) == _defined(made)
