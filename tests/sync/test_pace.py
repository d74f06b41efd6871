"""When the next sync is tried: whatever happens in whatever order, never too often, never never."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.domain.errors import KnownError
from hah_desktop.sync import pace
from hah_desktop.sync.errors import Differs, OtherOffice, Refused, cancelled, not_ours, unreachable
from hah_desktop.sync.pace import Ending, Pace, ending_of, wait_of

UNLOCKED = Pace().unlocked(0.0)
CHANCES = st.floats(0, 1)


def failed(state: Pace, now: float, chance: float = 1.0, wait_s: float = 0.0) -> Pace:
    return state.began().has_ended(now, Ending.PASSING, wait_s, chance)


def went_well(state: Pace, now: float) -> Pace:
    return state.began().has_ended(now, Ending.WELL, 0.0, 0.5)


def test_nothing_is_ever_due_while_locked() -> None:
    assert not Pace().is_due(1e12)
    assert UNLOCKED.locked() == Pace()
    later = Pace().saved(1.0).network_changed(2.0).asked()
    assert not later.is_due(1e12)
    assert Pace().began().has_ended(3.0, Ending.WELL, 0.0, 0.5).due is None


def test_the_first_sync_comes_a_few_seconds_after_unlocking() -> None:
    assert not UNLOCKED.is_due(1.0)
    assert UNLOCKED.is_due(pace.AFTER_UNLOCKING_S)


def test_after_a_sync_that_went_well_the_next_comes_in_five_minutes() -> None:
    assert went_well(UNLOCKED, 100.0).due == 100.0 + pace.EVERY_S


def test_nothing_is_due_while_a_try_is_under_way() -> None:
    assert not UNLOCKED.began().is_due(1e9)


def test_a_save_is_sent_once_nothing_more_was_saved_for_a_moment() -> None:
    state = went_well(UNLOCKED, 0.0).saved(10.0)
    assert state.due == 10.0 + pace.QUIET_S
    assert state.saved(15.0).due == state.due


def test_saving_again_and_again_does_not_put_it_off_for_ever() -> None:
    state = went_well(UNLOCKED, 0.0)
    for moment in range(10, 300, 5):
        state = state.saved(float(moment))
    assert state.due is not None
    assert state.due <= 10.0 + pace.LONGEST_S


def test_what_is_saved_during_a_sync_is_sent_right_after_it() -> None:
    state = UNLOCKED.began().saved(20.0).has_ended(21.0, Ending.WELL, 0.0, 0.5)
    assert state.due == 21.0 + pace.QUIET_S


def test_what_was_saved_before_a_sync_hastens_nothing_after_it() -> None:
    assert went_well(UNLOCKED.saved(1.0), 20.0).due == 20.0 + pace.EVERY_S


def test_a_save_in_a_row_of_failures_hastens_nothing() -> None:
    state = failed(UNLOCKED, 10.0)
    assert state.saved(10.1).due == state.due


def test_each_failure_doubles_the_longest_pause_up_to_five_minutes() -> None:
    state, pauses = UNLOCKED, []
    for _ in range(12):
        state = failed(state, 0.0)
        assert state.due is not None
        pauses.append(state.due)
    assert pauses[:4] == [2.0, 4.0, 8.0, 16.0]
    assert pauses[-1] == pace.LONGEST_PAUSE_S


def test_a_try_that_failed_looks_first_whether_the_office_is_there() -> None:
    state = failed(UNLOCKED, 1.0)
    assert state.looks_first
    assert not UNLOCKED.looks_first
    assert not went_well(state, 2.0).looks_first


def test_another_network_and_a_person_begin_the_pauses_anew() -> None:
    state = UNLOCKED
    for _ in range(9):
        state = failed(state, 0.0)
    other = state.network_changed(1.0)
    assert (other.due, other.failures) == (1.0 + pace.FIRST_PAUSE_S, 0)
    assert state.asked().failures == 0


def test_another_network_changes_nothing_where_the_line_was_not_at_fault() -> None:
    state = UNLOCKED.began().has_ended(0.0, Ending.ASKS_A_PERSON, 0.0, 0.5)
    assert state.network_changed(1.0) == state
    assert went_well(UNLOCKED, 0.0).network_changed(1.0) == went_well(UNLOCKED, 0.0)


def test_what_a_person_has_to_mend_is_tried_seldom() -> None:
    state = UNLOCKED.began().has_ended(0.0, Ending.ASKS_A_PERSON, 0.0, 0.5)
    assert state.due == pace.SELDOM_S
    assert state.saved(1.0).due == pace.SELDOM_S


def test_a_sync_that_a_person_stopped_is_not_begun_again_by_the_next_save() -> None:
    state = UNLOCKED.began().has_ended(0.0, Ending.STOPPED, 0.0, 0.5)
    assert state.saved(1.0).due == pace.EVERY_S


@given(wait_s=st.floats(0.1, 3600), chance=CHANCES, moment=st.floats(0, 3600))
def test_an_office_that_asks_to_wait_is_left_alone_so_long(
    wait_s: float, chance: float, moment: float
) -> None:
    state = failed(UNLOCKED, 10.0, chance, wait_s)
    for later in (state, state.network_changed(10.0 + moment), state.saved(10.0 + moment)):
        assert not later.is_due(10.0 + wait_s - 0.01)


ROUNDING = 1e-6
"""Moments are added up in another order here."""

EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["saved", "network", "asked", *Ending]),
        st.floats(0, 600),
        st.sampled_from([0.0, 0.0, 40.0]),
        CHANCES,
    ),
    max_size=60,
)


@given(EVENTS)
def test_whatever_happens_there_is_always_a_next_try_and_never_at_once(
    events: list[tuple[str | Ending, float, float, float]],
) -> None:
    state, now = UNLOCKED, 0.0
    for event, later, wait_s, chance in events:
        now += later
        if event == "saved":
            state = state.saved(now)
        elif event == "network":
            state = state.network_changed(now)
        elif event == "asked":
            state = state.asked()
        elif isinstance(event, Ending):
            state = state.began().has_ended(now, event, wait_s, chance)
            assert not state.is_busy
            assert state.due is not None
            assert now + wait_s - ROUNDING <= state.due <= now + wait_s + pace.SELDOM_S + ROUNDING
            if event is not Ending.PASSING:
                assert state.due >= now + pace.QUIET_S - ROUNDING
        assert state.due is not None


@pytest.mark.parametrize(
    ("problem", "ending"),
    [
        (None, Ending.WELL),
        (Differs(1), Ending.WELL),
        (cancelled(), Ending.STOPPED),
        (unreachable(), Ending.PASSING),
        (not_ours(), Ending.PASSING),
        (Refused("busy", "Busy", status=503), Ending.PASSING),
        (Refused("many", "Many", status=429, retry_after=40.0), Ending.PASSING),
        (OtherOffice(), Ending.ASKS_A_PERSON),
        (Refused("protocol", "Update", status=426), Ending.ASKS_A_PERSON),
        (KnownError("Forked", "", ""), Ending.ASKS_A_PERSON),
    ],
)
def test_what_may_pass_is_told_apart_from_what_a_person_has_to_mend(
    problem: KnownError | None, ending: Ending
) -> None:
    assert ending_of(problem) is ending


def test_only_the_office_or_who_stands_before_it_asks_to_wait() -> None:
    proxy = unreachable()
    proxy.retry_after = 20.0
    assert wait_of(proxy) == 20.0
    assert wait_of(Refused("many", "Many", status=429, retry_after=40.0)) == 40.0
    assert wait_of(unreachable()) == wait_of(None) == 0.0
