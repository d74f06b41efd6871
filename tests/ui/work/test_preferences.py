"""How long the program stays open when nobody types: the person's choice, up to the office's."""

import dataclasses as dc

import pytest
from PySide6.QtCore import Qt

from hah_desktop.store.exchange.outbox import SyncRun
from hah_desktop.store.tables import meta
from hah_desktop.store.tables.meta import Trust
from hah_desktop.sync.engine import Synced
from hah_desktop.ui.preferences import MINUTES, Preferences, from_plain, minutes_allowed
from hah_desktop.ui.screens.preferences import PreferencesPage
from tests.ui.kit.hands import click, press
from tests.ui.work.at_window import User, here
from tests.ui.work.made import Work

DONE = Synced(SyncRun("2026-03-02T12:00:00", "2026-03-02T12:00:00", 0, 0, ""), None, "")


def allow(work: Work, minutes: int) -> None:
    """Let the office have set a longest time."""
    with work.store.writing() as connection:
        agreed = meta.trust(connection) or Trust("aa", "bb", "cc", "dd")
        meta.keep_trust(connection, dc.replace(agreed, lock_minutes=minutes))


def choose(work: Work, minutes: int) -> None:
    with work.store.writing() as connection:
        meta.write(connection, "preferences", Preferences(lock_after_minutes=minutes).to_plain())


def page(user: User) -> PreferencesPage:
    assert user.window.workplace is not None
    user.window.workplace.shell.show_page("preferences")
    return user.window.workplace.preferences


def offered(shown: PreferencesPage) -> list[str]:
    return [button.text() for button in shown.lock_after.buttons]


@pytest.mark.parametrize(
    ("bound", "times"),
    [
        (15, (1, 2, 5, 10, 15)),
        (60, (1, 2, 5, 10, 15)),
        (7, (1, 2, 5, 7)),
        (5, (1, 2, 5)),
        (1, (1,)),
        (0, (1,)),
    ],
)
def test_only_what_the_office_allows_can_be_chosen(bound: int, times: tuple[int, ...]) -> None:
    assert minutes_allowed(bound) == times


@pytest.mark.parametrize("kept", [*MINUTES, 7, 60])
@pytest.mark.parametrize("bound", [0, 1, 3, 5, 12, 15, 60])
def test_a_longer_time_than_allowed_is_cut_to_one_that_is(kept: int, bound: int) -> None:
    cut = Preferences(lock_after_minutes=kept).within(bound).lock_after_minutes
    assert cut in minutes_allowed(bound)
    assert cut <= kept
    assert (cut == kept) or kept not in minutes_allowed(bound)


def test_five_minutes_where_nobody_chose() -> None:
    assert from_plain(None).within(15).lock_after_minutes == 5


def test_a_laptop_of_an_older_version_may_choose_up_to_a_quarter_of_an_hour(user: User) -> None:
    user.unlock()
    assert offered(page(user)) == ["1 minute", "2 minutes", "5 minutes", "10 minutes", "15 minutes"]


def test_choosing_is_in_force_at_once_and_after_the_next_unlock(user: User) -> None:
    user.unlock()
    shown = page(user)
    ten = next(b for b in shown.lock_after.buttons if b.text() == "10 minutes")
    click(ten)
    assert user.window.idle._after == 600
    user.work()
    user.lock()
    user.unlock()
    assert user.window.idle._after == 600
    assert page(user).lock_after.value() == "10"


def test_choosing_a_colour_leaves_the_time_as_it_was(user: User) -> None:
    work = user.unlock()
    choose(work, 2)
    user.lock()
    user.unlock()
    shown = page(user)
    click(next(b for b in shown.theme.buttons if b.text() == "Light"))
    assert user.window.idle._after == 120


def test_a_time_that_the_office_no_longer_allows_is_cut_when_unlocking(user: User) -> None:
    work = user.unlock()
    choose(work, 15)
    allow(work, 2)
    user.lock()
    user.unlock()
    assert user.window.idle._after == 120
    assert offered(page(user)) == ["1 minute", "2 minutes"]


def test_new_rules_of_the_office_are_in_force_after_the_sync(user: User) -> None:
    work = user.unlock()
    shown = page(user)
    shown.lock_after.setFocus()
    allow(work, 1)
    work.session.synced.emit(DONE)
    work.settle()
    assert user.window.idle._after == 60
    assert offered(shown) == ["1 minute"]
    assert shown.lock_after.isAncestorOf(here())


def test_the_time_is_chosen_by_the_keyboard_alone(user: User) -> None:
    user.unlock()
    shown = page(user)
    shown.lock_after.setFocus()
    press(here(), Qt.Key.Key_Down)
    assert shown.lock_after.value() == "10"
    assert user.window.idle._after == 600
