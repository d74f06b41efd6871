"""What is seen wherever the focus is, also in a dialog: keys to cover, lock and help, new windows.

Shortcuts will not do: Qt gives none to a window behind a dialog.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QKeyCombination, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

_CTRL = Qt.KeyboardModifier.ControlModifier

# F12 for the hand that finds the corner; Ctrl+B where function keys need another key.
COVER_KEYS = (QKeyCombination(Qt.Key.Key_F12), QKeyCombination(_CTRL, Qt.Key.Key_B))
LOCK_KEYS = (QKeyCombination(_CTRL, Qt.Key.Key_L),)
HELP_KEYS = (QKeyCombination(Qt.Key.Key_F1),)

Copies = Callable[[QObject, QKeyEvent], bool]
"""Copies what is selected in a widget, if the key asks for that, and says whether it did."""


@contextmanager
def unwatched(app: QApplication, *watching: QObject) -> Iterator[None]:
    """Make many widgets while these filters of all events see none of theirs.

    Making the pages is thousands of events, and asking Python about each takes longer than all the
    rest. Nobody presses a key meanwhile: keys wait until the program listens again.
    """
    for each in watching:
        app.removeEventFilter(each)
    try:
        yield
    finally:
        # In the same order: the one that comes last sees an event first.
        for each in watching:
            app.installEventFilter(each)


class Everywhere(QObject):
    """Sees every event of the program before anybody else; lets all but a few keys through."""

    cover_pressed = Signal()
    lock_pressed = Signal()
    help_pressed = Signal()
    appeared = Signal(QWidget)
    """A window of ours has come up, the main one too."""

    def __init__(self, app: QApplication, copies: Copies) -> None:
        super().__init__(app)
        self._copies = copies
        self._signals = {
            **dict.fromkeys(COVER_KEYS, self.cover_pressed),
            **dict.fromkeys(LOCK_KEYS, self.lock_pressed),
            **dict.fromkeys(HELP_KEYS, self.help_pressed),
        }
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """See a key or a window."""
        kind = event.type()
        if kind is QEvent.Type.KeyPress or kind is QEvent.Type.ShortcutOverride:
            return isinstance(event, QKeyEvent) and (
                self._is_ours(event) or self._copies(watched, event)
            )
        if kind is QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.appeared.emit(watched)
        return False

    def _is_ours(self, event: QKeyEvent) -> bool:
        pressed = self._signals.get(event.keyCombination())
        if pressed is None:
            return False
        event.accept()
        # First Qt asks whether anybody wants the key for itself; then it presses it. A key that
        # is held down must not cover and uncover in turn.
        if event.type() is QEvent.Type.KeyPress and not event.isAutoRepeat():
            pressed.emit()
        return True
