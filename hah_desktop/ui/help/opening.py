"""Opens the help at the screen that one is on, and gives the focus back when it is closed."""

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QWidget

from hah_desktop.ui.help.parts import Place, nearest
from hah_desktop.ui.help.window import HelpWindow
from hah_desktop.ui.parts.doorstep import Doorstep
from hah_desktop.ui.workplace import Workplace

HELP_KEY = "F1"

_HAVE_HELP = Doorstep | Workplace
"""The cover has none: it says nothing of what lies below."""


class Helping(QObject):
    """Listens to the key and to the screens of a window, whichever it has."""

    def __init__(self, stack: QStackedWidget) -> None:
        super().__init__(stack)
        self._stack = stack
        self.window: HelpWindow | None = None
        QShortcut(QKeySequence(HELP_KEY), stack).activated.connect(self.open)
        stack.widgetAdded.connect(lambda number: self._listen(stack.widget(number)))
        for number in range(stack.count()):
            self._listen(stack.widget(number))

    def _listen(self, screen: QWidget | None) -> None:
        if isinstance(screen, _HAVE_HELP):
            screen.help_requested.connect(self.open)

    def open(self) -> None:
        """Open the help, or what is open of it, at the screen on show."""
        screen = self._stack.currentWidget()
        if not isinstance(screen, _HAVE_HELP):
            return
        if self.window is None:
            self.window = HelpWindow(self._stack)
            self.window.finished.connect(self._closed)
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()
        self.window.open_at(nearest(Place(*screen.help_place())))

    def _closed(self) -> None:
        self.window = None
        # The focus of the main window is where it was; Qt gives it back with the window.
        self._stack.activateWindow()
