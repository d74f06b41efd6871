"""Wrong tries slow down."""

import errno
import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.vault.errors import TooSoon
from hah_desktop.vault.throttle import TORN, Throttle, Tries, delay_after, wait_left
from tests.vault.planted import NOW, Clockwork, full_disk


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vault.tries"


def _fail(throttle: Throttle, clockwork: Clockwork, times: int) -> None:
    for _ in range(times):
        clockwork.pass_time(throttle.seconds_left())
        throttle.begin_try()


def test_the_first_tries_are_free_and_then_the_wait_doubles() -> None:
    seconds = [delay_after(failures).total_seconds() for failures in range(14)]
    assert seconds == [0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


@given(st.integers(0, 10**9))
def test_one_failure_more_never_makes_the_wait_shorter(failures: int) -> None:
    assert delay_after(failures) <= delay_after(failures + 1) <= timedelta(minutes=15)


@given(
    st.integers(0, 10**6),
    st.none() | st.datetimes(timezones=st.just(UTC)),
    st.datetimes(timezones=st.just(UTC)),
)
def test_whatever_the_clock_shows_the_wait_is_bounded(
    failures: int, last: datetime | None, now: datetime
) -> None:
    left = wait_left(Tries(failures, last), now)
    assert timedelta(0) <= left <= delay_after(failures)


def test_time_that_passed_is_taken_off_the_wait() -> None:
    assert wait_left(Tries(6, NOW), NOW + timedelta(seconds=10)) == timedelta(seconds=6)


def test_a_clock_turned_back_starts_the_wait_again() -> None:
    assert wait_left(Tries(6, NOW), NOW - timedelta(days=365)) == timedelta(seconds=16)


def test_tries_are_refused_while_the_wait_lasts(path: Path, clockwork: Clockwork) -> None:
    throttle = Throttle(path, clockwork.clocks)
    _fail(throttle, clockwork, 4)
    clockwork.pass_time(3.5)
    with pytest.raises(TooSoon, match="1 second") as refusal:
        throttle.begin_try()
    assert refusal.value.seconds_left == 1
    assert throttle.failures() == 4
    clockwork.pass_time(0.5)
    throttle.begin_try()
    assert throttle.failures() == 5


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 second."), (2, "2 seconds."), (90, "90 seconds."), (91, "2 minutes."), (900, "15 m")],
)
def test_the_wait_is_told_in_plain_words(seconds: float, words: str) -> None:
    assert f"Try again in {words}" in TooSoon(seconds).do


def test_a_right_try_clears_the_count(path: Path, clockwork: Clockwork) -> None:
    throttle = Throttle(path, clockwork.clocks)
    _fail(throttle, clockwork, 5)
    throttle.reset()
    assert (throttle.failures(), throttle.seconds_left()) == (0, 0)
    assert Throttle(path, clockwork.clocks).failures() == 0


def test_the_wait_goes_on_after_a_restart(path: Path, clockwork: Clockwork) -> None:
    _fail(Throttle(path, clockwork.clocks), clockwork, 6)
    clockwork.pass_time(6)
    restarted = Throttle(path, clockwork.restart())
    assert restarted.failures() == 6
    assert restarted.seconds_left() == 10


def test_turning_the_clock_forward_while_the_program_runs_wins_nothing(
    path: Path, clockwork: Clockwork
) -> None:
    throttle = Throttle(path, clockwork.clocks)
    _fail(throttle, clockwork, 6)
    clockwork.wall += timedelta(days=365)
    assert throttle.seconds_left() == 16


def test_a_clock_turned_back_over_a_restart_costs_one_wait_and_no_more(
    path: Path, clockwork: Clockwork
) -> None:
    _fail(Throttle(path, clockwork.clocks), clockwork, 6)
    clockwork.wall -= timedelta(days=365)
    restarted = Throttle(path, clockwork.restart())
    assert restarted.seconds_left() == 16
    clockwork.pass_time(16)
    restarted.begin_try()


@pytest.mark.parametrize("torn", [b"", b"000012", b"\0" * 98, b"a" * 4096])
def test_a_torn_record_waits_a_minute_and_no_more(
    path: Path, clockwork: Clockwork, torn: bytes
) -> None:
    path.write_bytes(torn)
    throttle = Throttle(path, clockwork.clocks)
    assert throttle.failures() == TORN.failures
    assert throttle.seconds_left() == 64
    clockwork.pass_time(64)
    throttle.begin_try()
    assert Throttle(path, clockwork.restart()).failures() == TORN.failures + 1


def test_every_tear_of_the_record_is_seen() -> None:
    data = Tries(12, NOW).to_bytes()
    for length in range(len(data)):
        assert Tries.from_bytes(data[:length]) is None
        assert Tries.from_bytes(data[:length] + bytes(len(data) - length)) is None


def test_a_moment_that_is_none_counts_as_torn() -> None:
    words = b"000003 2026-13-45T09:30:00+00:00"
    digest = hashlib.sha256(words).hexdigest().encode()
    assert Tries.from_bytes(words + b" " + digest + b"\n") is None


@given(st.integers(0, 10**9), st.datetimes(timezones=st.just(UTC)))
def test_the_record_comes_back_and_has_always_one_length(failures: int, last: datetime) -> None:
    data = Tries(failures, last).to_bytes()
    whole_seconds = last.replace(microsecond=0)
    assert Tries.from_bytes(data) == Tries(min(failures, 999_999), whole_seconds)
    assert len(data) == 98


def test_a_record_that_cannot_be_read_counts_as_torn(path: Path, clockwork: Clockwork) -> None:
    path.mkdir()
    assert Throttle(path, clockwork.clocks).failures() == TORN.failures


def test_the_running_program_knows_more_than_a_record_torn_or_deleted(
    path: Path, clockwork: Clockwork
) -> None:
    throttle = Throttle(path, clockwork.clocks)
    _fail(throttle, clockwork, 10)
    path.write_bytes(b"torn")
    assert (throttle.failures(), throttle.seconds_left()) == (10, 256)
    path.unlink()
    assert (throttle.failures(), throttle.seconds_left()) == (10, 256)


def test_a_full_disk_keeps_nobody_out_and_the_count_goes_on(
    path: Path, clockwork: Clockwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    throttle = Throttle(path, clockwork.clocks)
    monkeypatch.setattr(os, "fsync", full_disk)
    _fail(throttle, clockwork, 4)
    with pytest.raises(TooSoon):
        throttle.begin_try()


def test_a_read_only_folder_keeps_nobody_out(
    path: Path, clockwork: Clockwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(*_args: object, **_more: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "touch", read_only)
    throttle = Throttle(path, clockwork.clocks)
    throttle.begin_try()
    assert throttle.failures() == 1
    assert not path.exists()


def test_a_laptop_that_was_never_unlocked_waits_for_nothing(
    path: Path, clockwork: Clockwork
) -> None:
    throttle = Throttle(path, clockwork.clocks)
    assert (throttle.failures(), throttle.seconds_left()) == (0, 0)
    assert not path.exists()
