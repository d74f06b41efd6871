"""What a field with several heads shows: the same in any order, and nothing thrown away."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.domain.fields import Choices, Merge, Number, Text
from hah_desktop.domain.ids import ChangeId
from hah_desktop.domain.merge import UNSENT, Head, Shown, rule_of, shown
from tests.domain.made import change_ids, json_values

rules = st.sampled_from(Merge)
OPEN = {Merge.ASK, Merge.KEEP_BOTH}


@st.composite
def several_heads(draw: st.DrawFn) -> list[Head]:
    """Heads as one field can have them: the office gives each place in its order once."""
    ids = draw(st.lists(change_ids, min_size=1, max_size=5, unique=True))
    orders = draw(st.permutations(range(1, len(ids) + 1)))
    return [
        Head(
            change,
            draw(json_values),
            author="ruth",
            made_at="2026-03-02T12:00:00+00:00",
            order=draw(st.sampled_from((order, order, UNSENT))),
            by_office=draw(st.booleans()),
        )
        for change, order in zip(ids, orders, strict=True)
    ]


def head(change: str, value: str | bool | int | None, order: int, *, office: bool = False) -> Head:  # noqa: FBT001 - a value of any kind
    return Head(ChangeId(change), value, "ruth", "2026-03-02", order, office)


@given(rules, several_heads(), st.randoms(use_true_random=False))
def test_the_same_heads_in_any_order_show_the_same(
    rule: Merge, heads: list[Head], chance: random.Random
) -> None:
    assert shown(rule, chance.sample(heads, len(heads))) == shown(rule, heads)


@given(rules, several_heads())
def test_no_side_is_lost_unless_a_rule_says_that_it_chose(rule: Merge, heads: list[Head]) -> None:
    found = shown(rule, heads)
    visible = {(type(v), v) for v in (found.value, *(side.value for side in found.open))}
    lost = {(type(h.value), h.value) for h in heads} - visible
    assert not lost or found.merged


@given(rules, several_heads())
def test_what_is_shown_was_said_by_somebody(rule: Merge, heads: list[Head]) -> None:
    assert any(h.value is shown(rule, heads).value for h in heads)


@given(rules, several_heads())
def test_only_what_a_person_must_decide_is_left_open(rule: Merge, heads: list[Head]) -> None:
    torn = len({(type(h.value), h.value) for h in heads}) > 1
    found = shown(rule, heads)
    assert set(found.open) == (set(heads) if torn and rule in OPEN else set())
    assert found.merged == (torn and rule not in OPEN)


@given(rules, several_heads(), json_values)
def test_equal_values_are_never_a_conflict(rule: Merge, heads: list[Head], value: str) -> None:
    equal = [head(h.change, value, h.order, office=h.by_office) for h in heads]
    assert shown(rule, equal) == Shown(value)


@pytest.mark.parametrize("rule", Merge)
def test_a_field_without_heads_is_empty(rule: Merge) -> None:
    assert shown(rule, []) == Shown(None)


EARLY = head("z", "early", 1)
LATE = head("y", "late", 2)
HERE = head("x", "not sent yet", UNSENT)


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        (Merge.LAST_RECEIVED, "not sent yet"),
        (Merge.EACH, "not sent yet"),
        (Merge.FIRST, "early"),
        (Merge.OFFICE, "not sent yet"),
    ],
)
def test_a_rule_chooses_by_the_offices_order_and_says_so(rule: Merge, value: str) -> None:
    assert shown(rule, [HERE, LATE, EARLY]) == Shown(value, merged=True)


def test_where_only_the_office_decides_its_last_word_counts() -> None:
    heads = [head("a", "first", 1, office=True), head("b", "last", 2, office=True), HERE]
    assert shown(Merge.OFFICE, heads) == Shown("last", merged=True)


@pytest.mark.parametrize("rule", [Merge.ASK, Merge.KEEP_BOTH])
def test_a_text_is_shown_before_an_emptied_field_and_both_stay_open(rule: Merge) -> None:
    emptied, text = head("a", None, 1), head("b", "What I saw", 2)
    assert shown(rule, [text, emptied]) == Shown("What I saw", open=(emptied, text))


def test_what_a_laptops_clock_put_into_an_id_does_not_decide_what_is_shown() -> None:
    wrong_by_years, right = head("00000000", "later", 2), head("019c0000", "sooner", 1)
    assert shown(Merge.ASK, [wrong_by_years, right]) == Shown(
        "sooner", open=(right, wrong_by_years)
    )


def test_a_yes_and_the_number_one_are_two_answers() -> None:
    assert len(shown(Merge.ASK, [head("a", True, 1), head("b", 1, 2)]).open) == 2


def test_a_field_that_this_version_does_not_know_is_left_to_a_person() -> None:
    assert rule_of(None) is Merge.ASK


def test_the_words_of_a_child_are_never_chosen_by_a_rule() -> None:
    assert rule_of(Text("Words", verbatim=True, merge=Merge.LAST_RECEIVED)) is Merge.KEEP_BOTH


def test_every_member_of_a_set_is_its_own_yes_or_no() -> None:
    assert rule_of(Choices("Any of these", codes="explained")) is Merge.EACH


def test_a_fields_own_rule_counts_otherwise() -> None:
    assert rule_of(Number("How many", merge=Merge.FIRST)) is Merge.FIRST
