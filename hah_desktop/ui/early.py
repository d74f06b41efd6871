"""What is pressed on the lock screen before there is anybody behind it, and the moment it is seen.

Nothing here knows a laptop: it is what there is while the rest of the program is still coming.
"""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, QTimer, Signal, SignalInstance

from hah_desktop.ui.screens.unlock import UnlockScreen

READYING = "Getting ready"


class Early(QObject):
    """Keeps the one thing that was asked of a lock screen, until it is asked again for real."""

    painted = Signal()
    """The lock screen was painted for the first time."""

    def __init__(self, screen: UnlockScreen) -> None:
        super().__init__(screen)
        self._screen = screen
        self._again: Callable[[], None] | None = None
        self._waits = {
            signal: partial(self._keep, signal)
            for signal in (
                screen.unlock_requested,
                screen.forgotten_requested,
                screen.others_requested,
                screen.help_requested,
            )
        }
        for signal, keep in self._waits.items():
            signal.connect(keep)
        screen.installEventFilter(self)

    def _keep(self, signal: SignalInstance, *said: str) -> None:
        self._again = partial(signal.emit, *said)
        self._screen.set_busy(True, READYING)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Wait for the first paint."""
        if event.type() is QEvent.Type.Paint:
            self._screen.removeEventFilter(self)
            # The filter comes before the paint; what starts at this signal comes after it.
            QTimer.singleShot(0, self, self._was_painted)
        return False

    def _was_painted(self) -> None:
        if self._waits:
            self.painted.emit()

    def end(self) -> Callable[[], None] | None:
        """Stop keeping. Returns what asks again for what was asked meanwhile, if anything was."""
        for signal, keep in self._waits.items():
            signal.disconnect(keep)
        self._waits = {}
        self._screen.removeEventFilter(self)
        again, self._again = self._again, None
        if again is not None:
            self._screen.set_busy(False)
        return again
