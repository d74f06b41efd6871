"""Dates as lists write them: read where they can mean one day only, else not at all."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.domain.days import in_words
from hah_desktop.intake.dates import date_of_list, read_date

DAYS = st.dates(dt.date(1970, 1, 1), dt.date(2069, 12, 31))


@pytest.mark.parametrize(
    "words",
    [
        "12/03/2024",
        "12/3/24",
        "12/03/2024 00:00",
        "2024-03-12",
        "2024-03-12T00:00:00",
        "12 March 2024",
        "12th March, 2024",
        "12-Mar-24",
        "12 mar. 2024",
        " 12 MARCH 2024 ",
    ],
)
def test_the_usual_forms_of_one_day_are_read(words: str) -> None:
    assert read_date(words) == dt.date(2024, 3, 12)


@pytest.mark.parametrize(
    "words", ["", "March 2024", "30/02/2024", "13/13/2024", "45363", "12/03", "2024-13-01", "soon"]
)
def test_what_is_no_day_is_not_read(words: str) -> None:
    assert read_date(words) is None


def test_a_short_year_of_long_ago_is_of_the_last_century() -> None:
    assert read_date("12-Mar-98") == dt.date(1998, 3, 12)


def test_september_may_be_short_in_two_ways() -> None:
    assert read_date("1 Sep 2024") == read_date("1 Sept 2024") == dt.date(2024, 9, 1)


@given(DAYS)
def test_a_day_in_words_is_read_back(day: dt.date) -> None:
    assert read_date(in_words(day)) == day


@given(DAYS)
def test_a_day_in_any_of_the_forms_is_the_same_day(day: dt.date) -> None:
    forms = (f"{day:%d/%m/%Y}", f"{day:%d/%m/%y}", day.isoformat())
    assert {read_date(form) for form in forms} == {day}


@pytest.mark.parametrize(
    "text",
    [
        "Provider level as at 31 March 2024",
        "Providers as at 31 March 2024, published 4 July 2024",
        "1 April 2023 to 31 March 2024",
        "provider_level_at_31_march_2024",
        "providers 2024-03-31",
        "Data 31/03/2024",
    ],
)
def test_the_date_of_a_list_is_found_in_a_title_or_a_name(text: str) -> None:
    assert date_of_list(text) == dt.date(2024, 3, 31)


@pytest.mark.parametrize(
    "text", ["", "Providers in 2024", "31 March 2024 and 30 September 2024", "131 March 2024"]
)
def test_a_text_without_one_plain_day_has_no_date(text: str) -> None:
    assert date_of_list(text) is None
