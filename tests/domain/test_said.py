"""What may stand in the place of words that were said: all of them, whole, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.domain.merge import one_after_the_other
from hah_desktop.domain.said import are_held, may_stand_for, said_fields

said = st.text("ab c", min_size=1).filter(lambda words: words.strip() == words and words)


def test_what_a_child_said_is_such_a_field_and_what_was_seen_is_not() -> None:
    assert said_fields("statement") == {"text"}
    assert said_fields("area") == frozenset()
    assert said_fields("a kind of a later version") == frozenset()


@given(said, said)
def test_other_words_never_stand_for_one_version(one: str, other: str) -> None:
    assert not may_stand_for(one, [other], others=False)
    assert may_stand_for(one, [other], others=True) == (one == other)


@given(st.lists(said, min_size=2, max_size=4, unique=True), st.randoms())
def test_versions_of_several_people_stand_in_one_another_whole_and_in_any_order(
    versions: list[str], chance: object
) -> None:
    turned = sorted(versions, key=lambda _: chance.random())  # type: ignore[attr-defined]  # of random
    joined = one_after_the_other(turned)
    assert may_stand_for(joined, versions, others=False)
    assert may_stand_for(joined, versions[:1], others=True)
    assert not may_stand_for(f"{joined}\n\nand more", versions, others=False)
    assert are_held(f"{joined}\n\nand more", versions)
    assert not may_stand_for(one_after_the_other(turned[1:]), versions, others=False)
    assert not are_held(one_after_the_other(turned[1:]), versions)


@pytest.mark.parametrize("others", [True, False])
def test_where_nothing_was_said_anything_may_be(*, others: bool) -> None:
    assert may_stand_for("Nobody asked me.", ["", None], others=others)
    assert may_stand_for(None, [], others=others)
