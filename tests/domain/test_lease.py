import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.domain.clock import TOLERATED
from hah_desktop.domain.lease import (
    TURNED_BACK_COSTS,
    Lease,
    begun,
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


def test_a_slow_clock_that_is_put_right_costs_the_time_that_passed_and_no_more() -> None:
    lease = begun(MONDAY - 3650 * DAY, -3650 * DAY)
    worked = passed(lease, lease.seen + DAY)
    right = passed(worked, MONDAY + 2 * DAY)
    assert right == Lease(MONDAY + 2 * DAY, 2 * DAY)
    assert passed(right, MONDAY + 40 * DAY).used == 40 * DAY


def test_a_slow_clock_that_fell_behind_once_more_is_put_right_all_the_same() -> None:
    lease = passed(begun(MONDAY - 3650 * DAY, -3650 * DAY), MONDAY - 3740 * DAY)
    assert lease.used == TURNED_BACK_COSTS
    assert passed(lease, MONDAY + DAY).used == TURNED_BACK_COSTS + DAY


def test_a_slow_clock_is_put_right_once_and_turning_it_back_again_costs_as_ever() -> None:
    right = passed(begun(MONDAY - 20 * DAY, -20 * DAY), MONDAY)
    back = passed(right, MONDAY - 20 * DAY)
    assert back.used == TURNED_BACK_COSTS
    assert passed(back, MONDAY).used == TURNED_BACK_COSTS + 20 * DAY


def test_a_clock_that_was_fast_at_a_contact_is_not_slow() -> None:
    assert begun(MONDAY, DAY) == Lease(MONDAY)


@given(st.lists(moments, max_size=20), st.timedeltas(dt.timedelta(), 4000 * DAY))
def test_no_history_of_clocks_ever_gives_time_back(
    looks: list[dt.datetime], slow: dt.timedelta
) -> None:
    lease = Lease(MONDAY, slow=slow)
    for now in looks:
        later = passed(lease, now)
        assert later.used >= lease.used
        assert later.seen == now
        lease = later
