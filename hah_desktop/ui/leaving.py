"""Hears from the system that the person leaves: sleep, a locked screen, somebody else's session.

One signal, and one implementation for each system: here that of Windows, in `logind` that of
Linux. Elsewhere nothing is heard: then the gap between two ticks of `idle` is all there is.
"""

import ctypes
import struct
import sys
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QAbstractNativeEventFilter, QByteArray, QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget


class Leaving(QObject):
    """Tells `left` when the person is, or may be, no longer there."""

    left = Signal()

    def unlocked(self) -> None:
        """There is something to lose: the system should wait a moment before it sleeps."""

    def locked(self) -> None:
        """Everything is kept and the keys are gone: a system that waits may go on."""


WM_POWERBROADCAST = 0x0218
WM_WTSSESSION_CHANGE = 0x02B1
_LEAVES = {
    (WM_POWERBROADCAST, 0x4),  # sleeps
    (WM_WTSSESSION_CHANGE, 0x2),  # another session has the screen
    (WM_WTSSESSION_CHANGE, 0x4),  # or whoever looked on from afar is gone
    (WM_WTSSESSION_CHANGE, 0x6),  # signed off
    (WM_WTSSESSION_CHANGE, 0x7),  # locked
}
_THIS_SESSION = 0
# The beginning of a MSG: window, message, and its two words.
_MSG = struct.Struct("@PIPP")
MSG_BYTES = _MSG.size


def says_leaving(message: bytes) -> bool:
    """Whether the bytes of a MSG say that the person leaves."""
    _, number, word, _ = _MSG.unpack(message[:MSG_BYTES])
    return (number, word) in _LEAVES


class _Addressed(Protocol):
    """Where in memory something lies."""

    def __int__(self) -> int: ...


class _Messages(QAbstractNativeEventFilter):
    """Sees every message of Windows to this program."""

    def __init__(self, leaving: Callable[[], None]) -> None:
        super().__init__()
        self._leaving = leaving

    def nativeEventFilter(  # noqa: N802 - Qt's name
        self, kind: QByteArray | bytes | bytearray | memoryview, message: _Addressed
    ) -> tuple[bool, int]:
        """See a message; let it through."""
        if QByteArray(kind).data() == b"windows_generic_MSG" and says_leaving(
            ctypes.string_at(int(message), MSG_BYTES)
        ):
            self._leaving()
        return False, 0


class WindowsLeaving(Leaving):
    """Listens to the messages about power and sessions that Windows sends to a window."""

    def __init__(self, app: QApplication, window: QWidget) -> None:
        super().__init__(window)
        self._messages = _Messages(self.left.emit)
        app.installNativeEventFilter(self._messages)
        if sys.platform == "win32":
            # Sleep is told to every window, a change of session only to those that ask.
            ctypes.windll.wtsapi32.WTSRegisterSessionNotification(
                ctypes.c_void_p(int(window.winId())), _THIS_SESSION
            )
