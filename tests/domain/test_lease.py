import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.domain.clock import TOLERATED
from hah_desktop.domain.lease import (
    TURNED_BACK_COSTS,
    Lease,
    days_left,
    has_ended,
    passed,
)

MONDAY = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
moments = st.datetimes(timezones=st.just(dt.UTC))


def test_a_laptop_that_meets_nobody_for_its_days_may_work_them_to_the_end() -> None:
    lease = passed(Lease(MONDAY), MONDAY + 30 * DAY)
    assert not has_ended(lease, 30)
    assert has_ended(passed(lease, lease.seen + dt.timedelta(seconds=1)), 30)


@pytest.mark.parametrize(("days", "left"), [(0, 30), (0.5, 29), (29, 1), (29.5, 0), (45, 0)])
def test_days_left_are_whole_days(days: float, left: int) -> None:
    assert days_left(passed(Lease(MONDAY), MONDAY + days * DAY), 30) == left


def test_a_clock_turned_back_costs_a_day_and_counts_on_from_there() -> None:
    turned = passed(Lease(MONDAY, 3 * DAY), MONDAY - 400 * DAY)
    assert turned == Lease(MONDAY - 400 * DAY, 3 * DAY + TURNED_BACK_COSTS)
    assert passed(turned, turned.seen + DAY).used == 5 * DAY


def test_a_clock_that_was_set_right_by_a_little_costs_nothing() -> None:
    assert passed(Lease(MONDAY, DAY), MONDAY - TOLERATED).used == DAY


@given(st.lists(moments, max_size=20))
def test_no_history_of_clocks_ever_gives_time_back(looks: list[dt.datetime]) -> None:
    lease = Lease(MONDAY)
    for now in looks:
        later = passed(lease, now)
        assert later.used >= lease.used
        assert later.seen == now
        lease = later
