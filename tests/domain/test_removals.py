"""When a person is asked before records are removed."""

import pytest

from hah_desktop.domain.removals import Removals


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
