"""Notices that nobody is there: no key and no mouse for a while, or the laptop slept."""

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

TICK_MS = 1000
SLEPT_S = 30.0
"""A gap between two ticks longer than this means that the laptop slept in between."""

_SIGNS_OF_LIFE = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
    }
)

Seconds = Callable[[], float]


class Idle(QObject):
    """Counts down while nobody is there. `left` tells each second how much is left."""

    gone = Signal()
    left = Signal(int)

    def __init__(self, app: QApplication, after_s: float, *, wall: Seconds = time.time) -> None:
        super().__init__(app)
        self._after = after_s
        # The wall clock goes on while the laptop sleeps; a monotonic one may stand still.
        self._wall = wall
        self._last = self._ticked = wall()
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self.tick)
        app.installEventFilter(self)

    def start(self) -> None:
        """Begin to count."""
        self._last = self._ticked = self._wall()
        self._timer.start()

    def stop(self) -> None:
        """Stop counting: the program is locked."""
        self._timer.stop()

    def set_after(self, after_s: float) -> None:
        """Count from another length of time."""
        self._after = after_s

    def tick(self) -> None:
        """Look whether anybody is still there."""
        now = self._wall()
        slept = now - self._ticked > SLEPT_S
        # A clock that was turned back must not keep the program open.
        turned_back = now < self._ticked
        self._ticked = now
        if turned_back:
            self._last = now
        remaining = self._after - (now - self._last)
        if slept or remaining <= 0:
            self.gone.emit()
        else:
            self.left.emit(int(remaining))

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """See a key or the mouse; let it through."""
        if event.type() in _SIGNS_OF_LIFE:
            self._last = self._wall()
        return False
