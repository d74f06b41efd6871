"""The clock: when it is believed, and what a person is told when it is wrong."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.domain.clock import TOLERATED, doubt, trusted

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
A_LITTLE_MORE = TOLERATED + dt.timedelta(seconds=1)
spans = st.timedeltas(-dt.timedelta(days=9999), dt.timedelta(days=9999))


def test_a_laptop_that_knows_nothing_else_believes_its_clock() -> None:
    assert trusted(NOON, None, None)


@given(spans)
def test_a_clock_is_believed_while_the_office_found_it_right(offset: dt.timedelta) -> None:
    assert trusted(NOON, None, offset) == (abs(offset) <= TOLERATED)


@pytest.mark.parametrize(
    ("newest", "believed"),
    [
        (NOON - dt.timedelta(days=9), True),
        (NOON + TOLERATED, True),
        (NOON + A_LITTLE_MORE, False),
    ],
)
def test_a_clock_before_a_moment_that_has_passed_is_not_believed(
    newest: dt.datetime, *, believed: bool
) -> None:
    assert trusted(NOON, newest, dt.timedelta()) is believed


@given(spans)
def test_a_person_is_told_of_a_clock_exactly_when_it_is_not_believed(offset: dt.timedelta) -> None:
    assert bool(doubt(offset)) == (abs(offset) > TOLERATED)


@pytest.mark.parametrize(
    ("offset", "words"),
    [
        (dt.timedelta(minutes=3), "3 minutes fast"),
        (dt.timedelta(minutes=-31), "31 minutes slow"),
        (dt.timedelta(minutes=59, seconds=50), "60 minutes fast"),
        (dt.timedelta(minutes=60), "1 hour fast"),
        (dt.timedelta(hours=-13), "13 hours slow"),
        (dt.timedelta(days=1), "1 day fast"),
        (dt.timedelta(days=200), "200 days fast"),
        (dt.timedelta(days=-366), "1 year slow"),
        (dt.timedelta(days=3650), "10 years fast"),
    ],
)
def test_how_wrong_a_clock_is_is_said_in_the_unit_that_fits(
    offset: dt.timedelta, words: str
) -> None:
    assert f"This laptop’s clock is {words}." in doubt(offset)
