"""Opens the help at the screen that one is on, and gives the focus back when it is closed."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QDialog, QStackedWidget, QWidget
from shiboken6 import isValid

from hah_desktop.ui.help.parts import Place, nearest
from hah_desktop.ui.help.window import HelpWindow
from hah_desktop.ui.parts.doorstep import Doorstep
from hah_desktop.ui.parts.sticks_card import SticksCard
from hah_desktop.ui.workplace import Workplace

_HAVE_HELP = Doorstep | Workplace
"""The cover has none: it says nothing of what lies below."""


class Helping(QObject):
    """Listens to the screens of a window, whichever it has; the key is heard everywhere."""

    def __init__(self, stack: QStackedWidget) -> None:
        super().__init__(stack)
        self._stack = stack
        self.window: HelpWindow | None = None
        stack.widgetAdded.connect(lambda number: self._listen(stack.widget(number)))
        for number in range(stack.count()):
            self._listen(stack.widget(number))

    def _listen(self, screen: QWidget | None) -> None:
        if isinstance(screen, _HAVE_HELP):
            screen.help_requested.connect(self.open)

    def open(self) -> None:
        """Open the help, or what is open of it, at the screen or the dialog on show."""
        screen = self._stack.currentWidget()
        if not isinstance(screen, _HAVE_HELP):
            return
        # Before a dialog that waits for an answer: whatever is not its own it keeps from the keys.
        front = _asking() or self._stack
        if self.window is not None and not isValid(self.window):
            # It went with its dialog, and that with its page.
            self.window = None
        if self.window is not None and self.window.parentWidget() is not front:
            self.window.reject()
        window = self.window or self._made(front)
        window.show()
        window.raise_()
        window.activateWindow()
        window.open_at(nearest(_about(front) or Place(*screen.help_place())))

    def _made(self, front: QWidget) -> HelpWindow:
        window = self.window = HelpWindow(front, self._stack.size())
        window.finished.connect(self._closed)
        if isinstance(front, QDialog):
            front.finished.connect(window.reject)
        return window

    def _closed(self) -> None:
        self.window = None
        # The focus there is where it was; Qt gives it back with the window.
        (_asking() or self._stack).activateWindow()


def _asking() -> QDialog | None:
    """The dialog that has to be answered before anything else, if there is one."""
    front = QApplication.activeModalWidget()
    return front if isinstance(front, QDialog) else None


def _about(front: QWidget) -> Place | None:
    """The part of the help about a dialog, where the page that it belongs to has another."""
    return Place("sticks") if isinstance(front.parentWidget(), SticksCard) else None
