"""Hears on Linux that the person leaves: from logind, and from the desktop's screen saver.

Nothing here waits for an answer, and a system without a bus is one where nothing is heard.
"""

from typing import Any

from PySide6.QtCore import SLOT, QObject, Slot
from PySide6.QtDBus import (
    QDBusConnection,
    QDBusMessage,
    QDBusObjectPath,
    QDBusUnixFileDescriptor,
    QDBusVariant,
)

from hah_desktop.ui.kit.rail import PRODUCT
from hah_desktop.ui.leaving import Leaving

_LOGIN = "org.freedesktop.login1"
_LOGIN_PATH = "/org/freedesktop/login1"
_MANAGER = f"{_LOGIN}.Manager"
_SESSION = f"{_LOGIN}.Session"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_PATIENCE_MS = 10_000
_SCREENS = (
    ("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver"),
    ("org.freedesktop.ScreenSaver", "/ScreenSaver", "org.freedesktop.ScreenSaver"),
    ("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver", "org.gnome.ScreenSaver"),
)


class LinuxLeaving(Leaving):
    """Listens to logind and to the desktop's screen saver; asks for a moment before sleep."""

    def __init__(
        self, system: QDBusConnection, session: QDBusConnection, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._system = system
        self._is_open = False
        self.session_path = ""
        self.delay: QDBusUnixFileDescriptor | None = None
        self.unanswered = 0
        if system.isConnected():
            slot = _slot("sleeps(QDBusMessage)")
            system.connect(_LOGIN, _LOGIN_PATH, _MANAGER, "PrepareForSleep", self, slot)
            # “auto” is the session that we run in, or else the one our user looks at.
            self._ask(_LOGIN_PATH, _MANAGER, "GetSession", ["auto"], "finds_session")
        if session.isConnected():
            slot = _slot("saves(QDBusMessage)")
            for service, path, interface in _SCREENS:
                session.connect(service, path, interface, "ActiveChanged", self, slot)

    def _ask(self, path: str, interface: str, what: str, given: list[str], answered: str) -> None:
        """Ask logind; nobody waits for the answer, and no answer is none."""
        call = QDBusMessage.createMethodCall(_LOGIN, path, interface, what)
        call.setArguments(given)
        answer, fault = _slot(f"{answered}(QDBusMessage)"), _slot("fails()")
        if self._system.callWithCallback(call, self, answer, fault, _PATIENCE_MS):
            self.unanswered += 1

    def _first(self, answer: QDBusMessage) -> object:
        self.unanswered -= 1
        given = answer.arguments()
        return given[0] if given else None

    @Slot()
    def fails(self) -> None:
        """There is no logind here, or it does not know what it was asked."""
        self.unanswered -= 1

    @Slot(QDBusMessage)
    def finds_session(self, answer: QDBusMessage) -> None:
        """The session that we run in is known now."""
        found = self._first(answer)
        if not isinstance(found, QDBusObjectPath):
            return
        self.session_path = path = found.path()
        self._system.connect(_LOGIN, path, _SESSION, "Lock", self, _slot("locks()"))
        changed = _slot("changes()")
        self._system.connect(_LOGIN, path, _PROPERTIES, "PropertiesChanged", self, changed)

    @Slot(QDBusMessage)
    def holds(self, answer: QDBusMessage) -> None:
        """Sleep waits as long as this is open."""
        found = self._first(answer)
        if isinstance(found, QDBusUnixFileDescriptor) and self._is_open:
            self.delay = found

    @Slot(QDBusMessage)
    def sleeps(self, message: QDBusMessage) -> None:
        """The laptop is about to sleep, or has just woken."""
        if _says_yes(message):
            self.left.emit()

    @Slot(QDBusMessage)
    def saves(self, message: QDBusMessage) -> None:
        """The desktop's screen is locked or blanked, or open again."""
        if _says_yes(message):
            self.left.emit()

    @Slot()
    def locks(self) -> None:
        """The system asks this session to lock."""
        self.left.emit()

    @Slot()
    def changes(self) -> None:
        """Something about the session changed: perhaps another session is in front now."""
        # What changed is asked for and not read out of the message: it could be of any form.
        self._ask(self.session_path, _PROPERTIES, "Get", [_SESSION, "Active"], "tells_active")

    @Slot(QDBusMessage)
    def tells_active(self, answer: QDBusMessage) -> None:
        """Whether the session is still the one in front."""
        found = self._first(answer)
        if isinstance(found, QDBusVariant) and found.variant() is False:
            self.left.emit()

    def unlocked(self) -> None:
        """Have sleep wait from now on."""
        self._is_open = True
        if self._system.isConnected():
            why = "Keeps what was typed before the laptop sleeps"
            given = ["sleep", PRODUCT, why, "delay"]
            self._ask(_LOGIN_PATH, _MANAGER, "Inhibit", given, "holds")

    def locked(self) -> None:
        """Let sleep go on: whoever holds this last closes it."""
        self._is_open = False
        self.delay = None


def _says_yes(message: QDBusMessage) -> bool:
    given = message.arguments()
    return bool(given) and given[0] is True


def _slot(signature: str) -> Any:
    # Qt's types ask for bytes here, and Qt itself for words.
    return SLOT(signature)
