"""Collects circles of garbage in the interface's own thread, and in no other.

A widget without a parent dies with the last that refers to it. Python's collector runs in
whatever thread makes an object at the wrong moment, also in the middle of a walk of Qt's over all
widgets; a widget that dies there takes the program with it.
"""

import gc

from PySide6.QtCore import QObject, QTimer

LOOK_EVERY_MS = 1000


class Garbage(QObject):
    """Collects about as often as Python would, but from the event loop."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, interval=LOOK_EVERY_MS)
        self._timer.timeout.connect(collect_what_is_due)

    def start(self) -> None:
        """Take over from Python's own collector."""
        gc.disable()
        self._timer.start()

    def stop(self) -> None:
        """Give back to Python's own collector."""
        self._timer.stop()
        gc.enable()

    def collect(self) -> None:
        """Collect everything now, such as what is left of the screens when the program locks."""
        gc.collect()


def collect_what_is_due() -> None:
    """Collect what Python's own collector would have collected by now."""
    counts = zip(gc.get_count(), gc.get_threshold(), strict=True)
    full = [generation for generation, (count, most) in enumerate(counts) if count > most]
    if full:
        gc.collect(full[-1])
