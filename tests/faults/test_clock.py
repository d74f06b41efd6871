"""A laptop whose clock is wrong works on; its times are marked, and the person is told."""

import datetime as dt
from pathlib import Path

import pytest

from hah_desktop.laptop.errors import LeaseEnded
from hah_desktop.store.exchange import outbox
from tests.faults.made import Machine, Post, in_plain_english, laptop_in, set_up
from tests.faults.plain import PASSPHRASE, real_now

WRONG = {
    "ten years behind": (dt.timedelta(days=-3653), "10 years slow"),
    "a day ahead": (dt.timedelta(days=1), "1 day fast"),
}


class OffClock:
    """The real time, and how far this laptop is off."""

    def __init__(self, off: dt.timedelta) -> None:
        self.off = off

    def __call__(self) -> dt.datetime:
        return real_now() + self.off


def trusted(machine: Machine) -> list[bool]:
    """Whether the times of the changes that are only here are to be believed."""
    with machine.unlocked.store.reading() as connection:
        return [change.clock_trusted for change in outbox.unsent(connection, 100)]


@pytest.mark.parametrize(("off", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_clock_keeps_nobody_from_working_and_is_told(
    post: Post, tmp_path: Path, off: dt.timedelta, words: str
) -> None:
    clock = OffClock(off)
    laptop = laptop_in(tmp_path / "laptop", clock)
    machine = Machine(laptop, set_up(laptop, post.url, post.code()))
    machine.save()
    done = machine.sync()
    assert done.problem is None
    assert machine.unsent() == 0
    assert words in done.clock
    assert "not to be trusted" in done.clock
    machine.save()
    assert trusted(machine) == [False]
    clock.off = dt.timedelta()
    assert machine.sync().clock == ""
    machine.save()
    assert trusted(machine) == [True]
    machine.unlocked.lock()


def test_a_clock_that_goes_wrong_after_a_sync_is_noticed_without_another(
    post: Post, tmp_path: Path
) -> None:
    clock = OffClock(dt.timedelta())
    laptop = laptop_in(tmp_path / "laptop", clock)
    machine = Machine(laptop, set_up(laptop, post.url, post.code()))
    machine.sync()
    clock.off = dt.timedelta(days=-30)
    machine.save()
    assert trusted(machine) == [False]
    machine.unlocked.lock()


def test_a_laptop_whose_clock_fell_back_by_years_unlocks(post: Post, tmp_path: Path) -> None:
    clock = OffClock(dt.timedelta(days=3653))
    laptop = laptop_in(tmp_path / "laptop", clock)
    set_up(laptop, post.url, post.code()).lock()
    clock.off = dt.timedelta(days=-3653)
    laptop.unlock(PASSPHRASE).lock()


def test_a_laptop_whose_clock_jumped_ahead_asks_for_the_office_and_works_after_contact(
    post: Post, tmp_path: Path
) -> None:
    clock = OffClock(dt.timedelta())
    laptop = laptop_in(tmp_path / "laptop", clock)
    set_up(laptop, post.url, post.code()).lock()
    clock.off = dt.timedelta(days=3653)
    with pytest.raises(LeaseEnded) as told:
        laptop.unlock(PASSPHRASE)
    assert in_plain_english(told.value)
    laptop.connect(PASSPHRASE, lambda _progress: None, lambda: False).lock()
    laptop.unlock(PASSPHRASE).lock()
    clock.off = dt.timedelta()
    laptop.unlock(PASSPHRASE).lock()


def test_a_laptop_whose_slow_clock_is_put_right_after_a_sync_opens_without_the_office(
    post: Post, tmp_path: Path
) -> None:
    clock = OffClock(dt.timedelta())
    laptop = laptop_in(tmp_path / "laptop", clock)
    machine = Machine(laptop, set_up(laptop, post.url, post.code()))
    clock.off = dt.timedelta(days=-3653)
    assert "Set the clock" in machine.sync().clock
    machine.unlocked.lock()
    clock.off = dt.timedelta()
    laptop.unlock(PASSPHRASE).lock()
    clock.off = dt.timedelta(days=31)
    with pytest.raises(LeaseEnded):
        laptop.unlock(PASSPHRASE)


def test_after_400_days_it_asks_for_the_office_and_then_sends_what_it_had(
    post: Post, tmp_path: Path
) -> None:
    clock = OffClock(dt.timedelta())
    laptop = laptop_in(tmp_path / "laptop", clock)
    machine = Machine(laptop, set_up(laptop, post.url, post.code()))
    kept = machine.save(met_by="The manager")
    machine.unlocked.lock()
    clock.off = dt.timedelta(days=400)
    with pytest.raises(LeaseEnded):
        laptop.unlock(PASSPHRASE)
    machine.unlocked = laptop.connect(PASSPHRASE, lambda _progress: None, lambda: False)
    assert machine.unsent() == 0
    assert kept in machine.visits()
    machine.unlocked.lock()
