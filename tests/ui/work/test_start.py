"""The start: the lock screen is seen at once, and what is behind it comes while somebody types."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hah_desktop.app import behind, locked_window, open_at
from hah_desktop.laptop.folder import Laptop
from hah_desktop.ui.early import READYING
from hah_desktop.ui.window import Window
from tests.ui.kit.hands import click, press, type_words
from tests.ui.work.at_window import PASSPHRASE, User, words_on

PAINTS = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from hah_desktop.app import open_at

def painted():
    print(*sorted(sys.modules), flush=True)
    window._early.end()
    window.close()

app = QApplication([])
window = open_at(app, Path(sys.argv[1]), None)
# Before the program's own: that starts loading the rest.
window._early.painted.disconnect()
window._early.painted.connect(painted)
window.show()
sys.exit(app.exec())
"""
NOT_NEEDED = {
    "alembic",
    "cryptography",
    "httpx",
    "msgspec",
    "PIL",
    "pypdfium2",
    "reportlab",
    "sqlalchemy",
    "sqlcipher3",
}


class Slow:
    """Loads what is behind the lock screen once a test says so."""

    def __init__(self, laptop: Laptop) -> None:
        self._laptop = laptop
        self.may_end = Event()

    def __call__(self) -> Callable[..., object]:
        self.may_end.wait()
        return behind(self._laptop)


@pytest.fixture
def slow(laptop: Laptop) -> Iterator[Slow]:
    made = Slow(laptop)
    yield made
    made.may_end.set()


@pytest.fixture
def locked(qapp: QApplication, qtbot: QtBot, slow: Slow) -> Iterator[User]:
    """Somebody before a window that has painted its lock screen, and nothing behind it yet."""
    window = locked_window(qapp)
    user = User(window, qtbot)
    with qtbot.waitSignal(window._early.painted):
        window.furnish_once_painted(slow)  # type: ignore[arg-type]  # any callable makes it
        user.show()
    yield user
    slow.may_end.set()
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=20_000)
    window.deleteLater()


def furnished(window: Window, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window._inside is not None, timeout=20_000)


def test_whoever_types_at_once_types_a_passphrase(locked: User) -> None:
    locked.qtbot.waitUntil(locked.window.unlock_screen.passphrase.hasFocus)


def test_the_lock_screen_is_painted_without_what_unlocking_takes(laptop: Laptop) -> None:
    command = [sys.executable, "-c", PAINTS, str(laptop.folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "hah_desktop.ui.screens.unlock" in loaded
    assert not {name.partition(".")[0] for name in loaded} & NOT_NEEDED
    assert not {name for name in loaded if name.startswith("hah_desktop.store")}


def test_what_is_typed_meanwhile_stays_with_the_keyboard_where_it_was(
    locked: User, slow: Slow, qtbot: QtBot
) -> None:
    screen = locked.window.unlock_screen
    type_words(screen.passphrase, PASSPHRASE[:5])
    screen.shown.setFocus()
    slow.may_end.set()
    furnished(locked.window, qtbot)
    assert locked.window.currentWidget() is screen
    assert QApplication.focusWidget() is screen.shown
    type_words(screen.passphrase, PASSPHRASE[5:])
    with qtbot.waitSignal(locked.window.unlocked, timeout=20_000):
        press(screen.passphrase, Qt.Key.Key_Return)
    locked.work()


def test_whoever_is_quicker_than_the_program_is_let_in_once_it_is_there(
    locked: User, slow: Slow, qtbot: QtBot
) -> None:
    screen = locked.window.unlock_screen
    type_words(screen.passphrase, PASSPHRASE)
    press(screen.passphrase, Qt.Key.Key_Return)
    assert READYING in words_on(locked.window)
    assert not screen.passphrase.text()
    with qtbot.waitSignal(locked.window.unlocked, timeout=20_000):
        slow.may_end.set()
    locked.work()


def test_a_forgotten_passphrase_is_answered_once_the_program_is_there(
    locked: User, slow: Slow, qtbot: QtBot
) -> None:
    click(locked.window.unlock_screen.forgotten)
    slow.may_end.set()
    furnished(locked.window, qtbot)
    qtbot.waitUntil(lambda: not locked.window._background._running, timeout=20_000)
    assert "The records on this laptop were not touched." in words_on(locked.window)


def test_locking_and_covering_do_nothing_while_there_is_nothing_behind(locked: User) -> None:
    locked.window.lock()
    locked.window._cover()
    assert locked.window.currentWidget() is locked.window.unlock_screen


def test_a_laptop_that_is_not_set_up_begins_with_that(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_at(qapp, tmp_path / "laptop", None)
    qtbot.addWidget(window)
    assert window.currentWidget() is window.door.enrol_screen
    window.close()
