"""Somebody at the real window over a real folder."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from hah_desktop.app import now
from hah_desktop.store.disk.files import DATABASE
from hah_desktop.store.store import Store
from hah_desktop.store.tables.meta import Identity
from hah_desktop.ui.screens.visit import steps
from hah_desktop.ui.window import Window
from hah_desktop.vault.kdf import FLOOR
from hah_desktop.vault.vault import Vault
from tests.ui.kit.hands import press, type_words
from tests.ui.work.made import Work, question

PASSPHRASE = "violet kettle orbit marsh"


class HandSeconds:
    """Seconds that a test lets pass."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def make_folder(folder: Path, who: Identity) -> None:
    _, keys = Vault.create(folder, PASSPHRASE, cost=FLOOR, now=now())
    store = Store.create(folder / DATABASE, keys.database_spec, now)
    store.keep_identity(who)
    store.close()
    keys.wipe()


class User:
    """Somebody at the window."""

    def __init__(self, window: Window, qtbot: QtBot) -> None:
        self.window = window
        self.qtbot = qtbot

    def show(self) -> None:
        self.window.resize(1366, 768)
        with self.qtbot.waitExposed(self.window):
            self.window.show()
        self.window.activateWindow()

    def unlock(self) -> Work:
        screen = self.window.unlock_screen
        screen.passphrase.setFocus()
        type_words(screen.passphrase, PASSPHRASE)
        with self.qtbot.waitSignal(self.window.unlocked, timeout=20_000):
            press(screen.passphrase, Qt.Key.Key_Return)
        return self.work()

    def work(self) -> Work:
        assert self.window.session is not None
        work = Work(self.window.session, self.qtbot)
        work.settle()
        return work

    def lock(self) -> None:
        with self.qtbot.waitSignal(self.window.locked, timeout=20_000):
            self.window.lock()

    def close(self) -> None:
        self.window.close()
        self.qtbot.waitUntil(lambda: not self.window.isVisible(), timeout=20_000)

    def begin(self, work: Work, key: str = "impression") -> str:
        """Open a new visit at a row of its record."""
        visit = work.visit()
        assert self.window.workplace is not None
        self.window.workplace.open_visit(visit.id)
        page = self.window.workplace.visit
        page.show_step(steps.RECORD)
        work.settle()
        page.open_entry(key)
        work.settle()
        return visit.id

    def area(self, words: str = "General impression") -> QPlainTextEdit:
        control = question(self.window, words).control
        assert isinstance(control, QPlainTextEdit)
        return control


def here() -> QWidget:
    """Where a key goes now."""
    focused = QApplication.focusWidget() or QApplication.activeWindow()
    assert focused is not None, "the focus is lost"
    return focused


def words_on(root: QWidget) -> str:
    """Every word on the screen."""
    return " ".join(label.text() for label in root.findChildren(QLabel) if label.isVisible())
