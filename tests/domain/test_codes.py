"""Code lists: what may be chosen on which day, and what an unknown code looks like."""

import datetime as dt

import pytest

from hah_desktop.domain.codes import Code, CodeList

OLD = Code("OLD", "Old way", valid_to=dt.date(2025, 3, 31))
NEW = Code("NEW", "New way", valid_from=dt.date(2025, 4, 1))
ALWAYS = Code("ALWAYS", "Always")
LIST = CodeList("ways", (NEW, OLD, ALWAYS))


@pytest.mark.parametrize(
    ("day", "offered"),
    [(dt.date(2025, 3, 31), (OLD, ALWAYS)), (dt.date(2025, 4, 1), (NEW, ALWAYS))],
)
def test_a_code_is_offered_from_its_first_to_its_last_day(
    day: dt.date, offered: tuple[Code, ...]
) -> None:
    assert LIST.valid_on(day) == offered


def test_a_list_keeps_the_order_in_which_people_see_it() -> None:
    assert [code.code for code in LIST] == ["NEW", "OLD", "ALWAYS"]


def test_a_code_that_is_no_longer_offered_keeps_its_words() -> None:
    assert LIST.label("OLD") == "Old way"


def test_an_unknown_code_is_shown_as_it_stands() -> None:
    assert LIST.label("LATER") == "LATER"
