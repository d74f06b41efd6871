"""When a person is asked before records are removed."""

import pytest

from hah_desktop.domain.ids import FileId
from hah_desktop.domain.removals import Removals

A, B, C = FileId("visit:a"), FileId("visit:b"), FileId("visit:c")


@pytest.mark.parametrize(
    ("records", "here", "before", "asks"),
    [
        (0, 1000, 0, False),
        (5, 10, 0, False),
        (6, 10, 0, True),
        (1, 10, 5, True),
        (20, 1000, 0, False),
        (21, 1000, 0, True),
        (11, 1000, 10, True),
        (10, 1000, 10, False),
    ],
)
def test_few_records_go_unasked_and_many_do_not(
    records: int, here: int, before: int, *, asks: bool
) -> None:
    assert Removals(records, here).ask_first(before) is asks


def test_where_the_office_was_restored_a_person_is_asked_about_a_single_record() -> None:
    assert Removals(1, 1000, doubted=True).ask_first(0)
    assert not Removals(0, 1000, doubted=True).ask_first(0)


@pytest.mark.parametrize(
    ("others", "covered"),
    [
        (Removals(6, 10, {A: 6}), True),
        (Removals(9, 10, {A: 9}), True),
        (Removals(7, 10, {A: 6, B: 1}), True),
        (Removals(7, 10, {A: 6, C: 1}), False),
        (Removals(6, 10, {A: 6}, doubted=True), False),
    ],
)
def test_an_answer_is_about_what_was_shown(others: Removals, *, covered: bool) -> None:
    assert Removals(8, 10, {A: 6, B: 2}).covers(others) is covered


def test_whoever_was_told_of_a_doubt_has_answered_it() -> None:
    shown = Removals(6, 10, {A: 6}, doubted=True)
    assert shown.covers(shown)
    assert shown.covers(Removals(6, 10, {A: 6}))
