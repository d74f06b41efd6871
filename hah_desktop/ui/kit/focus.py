"""Shows where the keyboard is: one two-tone ring over every window, and scrolls to it."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid

from hah_desktop.ui.kit.look import Look

_MOVING = {
    QEvent.Type.Move,
    QEvent.Type.Resize,
    QEvent.Type.Show,
    QEvent.Type.Hide,
    QEvent.Type.LayoutRequest,
    QEvent.Type.Paint,
}
MARGIN = 5
"""How far the ring goes beyond what it surrounds."""
# Room kept clear when scrolling to a control: its label stands above it.
_ABOVE = 56
_BELOW = 24


@runtime_checkable
class HasFocusRect(Protocol):
    """A widget whose ring goes round a part of it."""

    def focus_rect(self) -> QRect:
        """Give the part that has the focus, in the widget's own pixels."""
        ...


class _Overlay(QWidget):
    """The ring itself: lies over a window, lets every click through, is no control."""

    def __init__(self, window: QWidget, look: Look) -> None:
        super().__init__(window)
        self._look = look
        self._ring = QRect()
        self.setObjectName("focus-ring")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def surround(self, ring: QRect, clip: QRect) -> None:
        """Draw the ring there, in the window's pixels; only its part inside clip is seen."""
        seen = ring & clip
        local = ring.translated(-seen.topLeft())
        if seen != self.geometry() or local != self._ring:
            self._ring = local
            self.setGeometry(seen)
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw it in the colours in force."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = self._look.colours
        # Outer 3 px, then 2 px in the other tone next to the control: seen on any ground.
        for inset, width, colour in (
            (1.5, 3.0, colours.focus_outer),
            (4.0, 2.0, colours.focus_inner),
        ):
            painter.setPen(QPen(QColor(colour), width))
            rect = self._ring.toRectF().adjusted(inset, inset, -inset, -inset)
            painter.drawRoundedRect(rect, 10 - inset, 10 - inset)


@dataclass(frozen=True, slots=True)
class _Scrolled:
    """How far an area was scrolled before it was scrolled to what has the focus, and after."""

    before: int
    after: int

    @staticmethod
    def to(target: QWidget) -> "_Scrolled":
        """Bring the target into view."""
        before = _scrolled_by(target)
        scroll_to(target)
        return _Scrolled(before, _scrolled_by(target))

    def anew(self, target: QWidget) -> "_Scrolled":
        """Do it once more for where the target lies now; not where somebody has scrolled since."""
        area = _area_of(target)
        if area is None or area.verticalScrollBar().value() != self.after:
            return self
        area.verticalScrollBar().setValue(self.before)
        scroll_to(target)
        return _Scrolled(self.before, _scrolled_by(target))


class FocusRing(QObject):
    """Follows the focus of the application; shown for the keyboard and for text inputs."""

    def __init__(self, app: QApplication, look: Look) -> None:
        super().__init__(look)
        self._look = look
        self._target: QWidget | None = None
        self._watched: list[QWidget] = []
        self._overlay: _Overlay | None = None
        self._lies_at: QPoint | None = None
        self._scrolled: _Scrolled | None = None
        self._settle = QTimer(self, singleShot=True, interval=0)
        self._settle.timeout.connect(self._place)
        app.focusChanged.connect(self._follow)

    @property
    def overlay(self) -> QWidget | None:
        """Give the ring, if a window has one now."""
        return self._overlay

    def _follow(self, _old: QWidget | None, new: QWidget | None) -> None:
        self._forget()
        if new is None or new.window().windowType() is Qt.WindowType.Popup:
            return
        self._scrolled = _Scrolled.to(new)
        by_mouse = QApplication.mouseButtons() is not Qt.MouseButton.NoButton
        if by_mouse and not isinstance(new, QLineEdit | QPlainTextEdit | QTextEdit):
            return
        self._watch(new)
        self._lies_at = None
        self._settle.start()

    def _watch(self, target: QWidget) -> None:
        self._target = target
        target.destroyed.connect(self._lost)
        widget: QWidget | None = target
        while widget is not None:
            widget.installEventFilter(self)
            self._watched.append(widget)
            widget = None if widget.isWindow() else widget.parentWidget()
        if isinstance(target, QAbstractItemView):
            target.viewport().installEventFilter(self)
            self._watched.append(target.viewport())

    def _forget(self) -> None:
        # A window may be gone before the focus is: its widgets are then only names.
        for widget in filter(isValid, self._watched):
            widget.removeEventFilter(self)
        self._watched.clear()
        if self._target is not None and isValid(self._target):
            self._target.destroyed.disconnect(self._lost)
        self._target = None
        self._drop_overlay()

    def _lost(self) -> None:
        self._watched.clear()
        self._target = None
        self._drop_overlay()

    def _drop_overlay(self) -> None:
        if self._overlay is not None and isValid(self._overlay):
            self._overlay.hide()
            self._overlay.deleteLater()
        self._overlay = None

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Follow what moves the focused widget."""
        if event.type() in _MOVING:
            self._settle.start()
        return False

    def _place(self) -> None:
        target = self._target
        if target is None:
            return
        lies_at = _place_in_area(target)
        if lies_at != self._lies_at:
            # The layout has only now settled, or something above it came or grew since. Whoever
            # scrolls away from it does not move it in its page.
            self._lies_at = lies_at
            if self._scrolled is not None:
                self._scrolled = self._scrolled.anew(target)
        ring, clip = _ring_and_clip(target)
        if (ring & clip).isEmpty() or not target.isVisible():
            self._drop_overlay()
            return
        if self._overlay is None:
            self._overlay = _Overlay(target.window(), self._look)
            self._overlay.destroyed.connect(self._overlay_gone)
        overlay = self._overlay
        overlay.surround(ring, clip)
        if not overlay.isVisible():
            overlay.show()
        if target.window().children()[-1] is not overlay:
            overlay.raise_()

    def _overlay_gone(self, gone: QObject) -> None:
        if gone is self._overlay:
            self._overlay = None


def _ring_and_clip(target: QWidget) -> tuple[QRect, QRect]:
    """Give the ring's place in the window and the part of the window it may show in."""
    rect = target.focus_rect() if isinstance(target, HasFocusRect) else target.rect()
    source = target
    if isinstance(target, QAbstractItemView) and target.currentIndex().isValid():
        source = target.viewport()
        rect = target.visualRect(target.currentIndex())
        if target.selectionBehavior() is QAbstractItemView.SelectionBehavior.SelectRows:
            rect = QRect(0, rect.top(), source.width(), rect.height())
        rect = rect.intersected(source.rect())
    if rect.isEmpty():
        return QRect(), QRect()
    window = target.window()
    placed = QRect(source.mapTo(window, rect.topLeft()), rect.size())
    seen = _visible_part(target, window)
    if not placed.intersects(seen):
        return QRect(), QRect()
    ring = placed.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN) & window.rect()
    # A control at the edge of a scrolling area keeps its whole ring.
    return ring, seen.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)


def _area_of(target: QWidget) -> QScrollArea | None:
    """Give the area that scrolls the widget."""
    parent = target.parentWidget()
    while parent is not None and not isinstance(parent, QScrollArea):
        parent = parent.parentWidget()
    return parent


def _scrolled_by(target: QWidget) -> int:
    area = _area_of(target)
    return area.verticalScrollBar().value() if area is not None else 0


def _place_in_area(target: QWidget) -> QPoint:
    """Give where the widget lies in what its area scrolls, or else in its window."""
    area = _area_of(target)
    content = area.widget() if area is not None else None
    return target.mapTo(content or target.window(), QPoint(0, 0))


def _visible_part(target: QWidget, window: QWidget) -> QRect:
    seen = window.rect()
    parent = target.parentWidget()
    while parent is not None and parent is not window:
        if isinstance(parent.parentWidget(), QScrollArea):
            seen &= QRect(parent.mapTo(window, QPoint(0, 0)), parent.size())
        parent = parent.parentWidget()
    return seen


def has_focus(within: QWidget | None) -> bool:
    """Say whether the keyboard is on something inside."""
    focused = QApplication.focusWidget()
    return within is not None and focused is not None and within.isAncestorOf(focused)


def hand_on_focus(going: QWidget, to: QWidget) -> None:
    """Move the focus before what has it goes: Qt would give it to the first stop of the window."""
    if has_focus(going):
        to.setFocus(Qt.FocusReason.OtherFocusReason)


def scroll_to(widget: QWidget) -> None:
    """Bring the widget into view in every scrolling area around it (setFocus does not)."""
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QScrollArea):
            _scroll(parent, widget)
        parent = parent.parentWidget()


def _scroll(area: QScrollArea, widget: QWidget) -> None:
    content = area.widget()
    if content is None:
        return
    if widget.height() > area.viewport().height() - _ABOVE:
        # Too tall to be seen whole: Qt then shows the text cursor.
        area.ensureWidgetVisible(widget, 0, _BELOW)
        return
    left = widget.mapTo(content, QPoint(0, 0)).x()
    bottom = widget.mapTo(content, QPoint(0, widget.height())).y()
    top = widget.mapTo(content, QPoint(0, 0)).y()
    area.ensureVisible(left, bottom, 0, _BELOW)
    area.ensureVisible(left, top, 0, _ABOVE)
