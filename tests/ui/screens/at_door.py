"""Somebody at the window of a laptop, from its lock screen on."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hah_desktop.app import make_window
from hah_desktop.laptop.folder import Laptop
from hah_desktop.ui.screens.security import SecurityPage
from hah_desktop.ui.window import Window
from hah_desktop.ui.workplace import SECURITY
from hah_desktop.vault.kdf import FLOOR
from tests.faults.plain import real_now
from tests.ui.kit.hands import press, type_words
from tests.ui.screens.made import PASSPHRASE

SLOW_MS = 60_000


class Adviser:
    """Somebody at the window."""

    def __init__(self, app: QApplication, folder: Path, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.window: Window = make_window(app, Laptop(folder, real_now, cost=FLOOR))
        self.window.resize(1366, 768)
        with qtbot.waitExposed(self.window):
            self.window.show()
        self.window.activateWindow()

    def unlock(self, passphrase: str = PASSPHRASE) -> None:
        line = self.window.unlock_screen.passphrase
        type_words(line, passphrase)
        with self.qtbot.waitSignal(self.window.unlocked, timeout=SLOW_MS):
            press(line, Qt.Key.Key_Return)

    def lock(self) -> None:
        with self.qtbot.waitSignal(self.window.locked, timeout=SLOW_MS):
            self.window.lock()

    def security(self) -> SecurityPage:
        assert self.window.workplace is not None
        self.window.workplace.shell.show_page(SECURITY)
        page = self.window.workplace.shell.page(SECURITY)
        assert isinstance(page, SecurityPage)
        return page

    def until(self, said: object) -> None:
        assert callable(said)
        self.qtbot.waitUntil(lambda: bool(said()), timeout=SLOW_MS)

    def close(self) -> None:
        while self.window.isVisible():
            self.window.close()
            QApplication.processEvents()
        self.window.deleteLater()
