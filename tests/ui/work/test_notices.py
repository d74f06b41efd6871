"""Notices across the window: told once, read out, and gone when they are dismissed."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hah_desktop.domain.errors import KnownError
from hah_desktop.laptop.machine import HIBERNATES, NOT_ENCRYPTED
from hah_desktop.ui.parts.notices import NoticeStrip
from tests.ui.kit.hands import click, press
from tests.ui.work.at_window import User, words_on


def strip(user: User) -> NoticeStrip:
    assert user.window.workplace is not None
    return user.window.workplace.shell.notices


def found(_folder: Path) -> list[str]:
    return [NOT_ENCRYPTED, HIBERNATES]


def test_what_is_to_be_known_about_the_computer_is_said_once(user: User) -> None:
    asked: list[Path] = []

    def look(folder: Path) -> list[str]:
        asked.append(folder)
        return found(folder)

    user.window.look_at_machine = look
    user.unlock()
    user.qtbot.waitUntil(lambda: "hibernate" in words_on(user.window))
    assert NOT_ENCRYPTED in words_on(user.window)
    assert len(asked) == 1
    user.lock()
    user.unlock()
    user.work()
    assert NOT_ENCRYPTED not in words_on(user.window)
    assert len(asked) == 1


def test_nothing_is_said_where_nothing_was_found(user: User) -> None:
    user.unlock()
    before = words_on(strip(user))
    user.lock()
    user.window.look_at_machine = lambda _folder: []
    user.unlock()
    user.qtbot.waitUntil(lambda: user.window.look_at_machine is None)
    assert words_on(strip(user)) == before


def test_a_notice_is_dismissed_by_the_mouse(user: User) -> None:
    user.window.look_at_machine = found
    user.unlock()
    user.qtbot.waitUntil(lambda: strip(user).isVisible())
    click(strip(user).laptop.dismiss)
    assert not strip(user).isVisible()


def test_a_notice_is_reached_and_dismissed_by_the_keyboard(user: User) -> None:
    user.unlock()
    assert user.window.workplace is not None
    shell = user.window.workplace.shell
    user.window.workplace.bulletin.say_trouble(KnownError("The disk of this laptop is full."))
    shell.rail.lock.setFocus()
    for _ in range(6):
        focused = QApplication.focusWidget()
        assert focused is not None
        if focused is strip(user).trouble.dismiss:
            break
        press(focused, Qt.Key.Key_F6)
    assert QApplication.focusWidget() is strip(user).trouble.dismiss
    press(strip(user).trouble.dismiss, Qt.Key.Key_Space)
    assert not strip(user).trouble.isVisible()
    assert QApplication.focusWidget() is not None


def test_one_notice_does_not_take_away_the_other(user: User, qtbot: QtBot) -> None:
    user.window.look_at_machine = found
    user.unlock()
    qtbot.waitUntil(lambda: strip(user).isVisible())
    assert user.window.workplace is not None
    user.window.workplace.bulletin.say_trouble(KnownError("The office did not answer."))
    assert "The office did not answer." in words_on(user.window)
    assert NOT_ENCRYPTED in words_on(user.window)
    user.window.workplace.bulletin.say("")
    assert "The office did not answer." not in words_on(user.window)
    assert NOT_ENCRYPTED in words_on(user.window)


def test_what_unlocking_says_stays_beside_what_is_found_out_later(user: User) -> None:
    user.unlock()
    assert user.window.workplace is not None
    user.window.workplace.start("The disk is almost full: 12 MB are left. Make room soon.")
    user.window.workplace.bulletin.say_of_laptop([NOT_ENCRYPTED])
    assert "12 MB" in words_on(user.window)
    assert NOT_ENCRYPTED in words_on(user.window)


def test_a_bug_is_said_in_plain_words_without_its_own(user: User, qtbot: QtBot) -> None:
    user.unlock()
    user.window.stumbled.emit()
    qtbot.waitUntil(lambda: "went wrong" in words_on(user.window))
    assert "What you saved is kept." in words_on(user.window)
