"""Blanks the window at once, without locking: for when somebody comes in.

It shows and says nothing of what lies below, and takes no typing.
"""

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QStackedWidget, QWidget
from shiboken6 import isValid

from hah_desktop.ui.fronts import Hidden
from hah_desktop.ui.kit.look import current_look

COVERED = "Covered"
HOW_BACK = "F12 or Esc"


class Cover(QLabel):
    """An empty page. Its words are drawn: a screen reader hears its name and no more."""

    uncover_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("cover")
        self.setAccessibleName(COVERED)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Go on Escape; swallow every other key."""
        if event.key() == Qt.Key.Key_Escape:
            self.uncover_requested.emit()
        event.accept()

    def focusNextPrevChild(self, _forward: bool) -> bool:  # noqa: FBT001, N802 - Qt's name
        """Stay: there is nowhere else to go."""
        return True

    def event(self, event: QEvent) -> bool:
        """Keep the keys that are shortcuts elsewhere."""
        if event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def focus_rect(self) -> QRect:
        """Give a place out of sight for the ring round the focus: the cover shows none."""
        return QRect(-1000, -1000, 0, 0)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the empty ground, and in small letters how to come back."""
        look = current_look()
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.colour("app"))
        painter.setFont(look.font("caption"))
        painter.setPen(look.colour("muted"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, HOW_BACK)


class Covering(QObject):
    """Puts the cover over a window of pages and takes it away; the focus is where it was."""

    def __init__(self, pages: QStackedWidget) -> None:
        super().__init__(pages)
        self._pages = pages
        self._below: QWidget | None = None
        self._focus: QWidget | None = None
        self._hidden = Hidden()
        self.cover = Cover()
        self.cover.uncover_requested.connect(self.take_away)
        pages.addWidget(self.cover)

    @property
    def is_on(self) -> bool:
        """Say whether the window is covered."""
        return self._below is not None

    def put(self) -> None:
        """Cover everything that is on show."""
        if self.is_on:
            return
        below = self._pages.currentWidget()
        # The window's own focus; that of a dialog or a calendar is not it.
        self._focus = self._pages.focusWidget()
        self._below = below
        self._pages.setCurrentWidget(self.cover)
        self._hidden.hide(self._pages)
        self.cover.setFocus(Qt.FocusReason.OtherFocusReason)

    def take_away(self) -> None:
        """Show again what was on show."""
        self._lift()
        self._hidden.bring_back()

    def end(self) -> None:
        """Put everything back where it was, but for the dialogs: the program locks."""
        self._lift()
        self._hidden.give_up()

    def _lift(self) -> None:
        below, self._below = self._below, None
        focus, self._focus = self._focus, None
        if below is not None:
            self._pages.setCurrentWidget(below)
        if focus is not None and isValid(focus):
            focus.setFocus(Qt.FocusReason.OtherFocusReason)

    def keep_below(self, front: QWidget) -> None:
        """Hide a window that comes up while everything is covered."""
        if self.is_on and front is not self._pages:
            # Not at once: Qt would show it after it was told to hide.
            QTimer.singleShot(0, self, lambda: self._hide_late(front))

    def _hide_late(self, front: QWidget) -> None:
        if self.is_on and isValid(front) and front.isVisible():
            self._hidden.hide_one(front)
            self._pages.activateWindow()
            self.cover.setFocus(Qt.FocusReason.OtherFocusReason)
