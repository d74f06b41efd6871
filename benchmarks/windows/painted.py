"""Says on standard output when a widget was first painted, and what that took of the processor."""

import sys
from time import process_time

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget


class FirstPaint(QObject):
    """Watches one widget."""

    def __init__(self, watched: QWidget) -> None:
        super().__init__(watched)
        self._seen = False
        watched.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Wait for the first paint; the filter comes before it, so speak after it."""
        if event.type() == QEvent.Type.Paint and not self._seen:
            self._seen = True
            QTimer.singleShot(0, _say)
        return False


def _say() -> None:
    sys.stdout.buffer.write(f"painted {process_time():.4f}\n".encode())
    sys.stdout.buffer.flush()
    QApplication.quit()
