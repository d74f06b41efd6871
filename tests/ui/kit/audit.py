"""Looks over a window as a person who reads large text, or only hears it, would meet it."""

from collections.abc import Iterator

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QTabBar,
    QWidget,
)

from hah_desktop.ui.kit.focus import MARGIN as RING
from hah_desktop.ui.kit.focus import HasFocusRect
from hah_desktop.ui.kit.order import reading_order
from hah_desktop.ui.kit.ticks import CheckBox, RadioButton

_TEXTUAL = QLabel | QAbstractButton | QLineEdit | QComboBox
# Qt's own inner parts, reached through the control they belong to.
_INNER = "qt_"


def shown(root: QWidget) -> Iterator[QWidget]:
    """Yield every widget of the window that is on show."""
    for widget in root.findChildren(QWidget):
        if widget.isVisible() and not widget.objectName().startswith(_INNER):
            yield widget


def clipped(root: QWidget) -> list[str]:
    """Name each widget whose words do not fit into it, or which sticks out of its parent."""
    return [found for widget in shown(root) for found in _clips(widget)]


def _clips(widget: QWidget) -> Iterator[str]:
    if isinstance(widget, QTabBar):
        return
    if isinstance(widget, _TEXTUAL) and not _fits(widget):
        yield f"{_call(widget)} is {widget.size()}, needs {_needs(widget)}"
    parent = widget.parentWidget()
    if parent is None or isinstance(parent, QTabBar) or _scrolls(parent):
        return
    if not parent.rect().contains(widget.geometry()) and widget.objectName() != "focus-ring":
        yield f"{_call(widget)} {widget.geometry()} sticks out of {_call(parent)}"


def _scrolls(parent: QWidget) -> bool:
    return isinstance(parent.parentWidget(), QAbstractScrollArea)


def _needs(widget: QWidget) -> tuple[int, int]:
    if isinstance(widget, QLabel) and widget.wordWrap():
        return widget.minimumSizeHint().width(), widget.heightForWidth(widget.width())
    if isinstance(widget, QAbstractButton) and widget.hasHeightForWidth():
        return widget.minimumSizeHint().width(), widget.heightForWidth(widget.width())
    if isinstance(widget, CheckBox | RadioButton):
        # Their words wrap, and they take the height for it.
        return widget.minimumSizeHint().width(), widget.minimumHeight()
    if isinstance(widget, QLineEdit | QComboBox):
        return widget.minimumSizeHint().width(), widget.minimumSizeHint().height()
    return widget.sizeHint().width(), widget.sizeHint().height()


def _fits(widget: QWidget) -> bool:
    if isinstance(widget, QLabel) and not widget.text():
        return True
    width, height = _needs(widget)
    return widget.width() >= width and widget.height() >= height


def beyond_reach(root: QWidget) -> list[str]:
    """Name each widget that lies outside the window with no scroll bar to bring it in."""
    found = []
    for widget in shown(root):
        if isinstance(widget, QScrollArea) and _is_cut(widget):
            wide = max(shown(widget), key=lambda inner: inner.minimumSizeHint().width())
            found.append(f"{_call(widget)} of {widget.size()} cannot show all of {_call(wide)}")
        if any(isinstance(parent, QScrollArea) for parent in _parents(widget)):
            continue
        place = QRect(widget.mapTo(root, QPoint(0, 0)), widget.size())
        if not root.rect().contains(place) and not isinstance(widget.parentWidget(), QTabBar):
            found.append(f"{_call(widget)} at {place} outside {root.rect()}")
    return found


def _is_cut(area: QScrollArea) -> bool:
    """Whether the right end of what it holds can be seen in no way."""
    content = area.widget()
    never = area.horizontalScrollBarPolicy() is Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    # Icons in a rail may lie under its own scroll bar by a little.
    room = area.viewport().width() + area.verticalScrollBar().sizeHint().width()
    return never and content is not None and content.width() > room


def nameless(root: QWidget) -> list[str]:
    """Name each stop of the Tab key that a screen reader could not name or place."""
    found = []
    for widget in reading_order(root):
        heard = QAccessible.queryAccessibleInterface(widget)
        name = heard.text(QAccessible.Text.Name)
        if not name.strip():
            found.append(f"{_call(widget)} has no name")
        if heard.role() in {QAccessible.Role.NoRole, QAccessible.Role.Client}:
            found.append(f"{_call(widget)} has no role")
        if heard.text(QAccessible.Text.Description) == name:
            found.append(f"{_call(widget)} says its name twice")
    return found


def under_the_ring(root: QWidget) -> list[str]:
    """Name each stop of the Tab key whose ring would be drawn over words beside it."""
    labels = [w for w in shown(root) if isinstance(w, QLabel) and w.text()]
    found = []
    for stop in reading_order(root):
        if isinstance(stop, QAbstractItemView) or not stop.isVisible():
            continue
        inside = stop.focus_rect() if isinstance(stop, HasFocusRect) else stop.rect()
        place = QRect(stop.mapTo(root, inside.topLeft()), inside.size())
        if stop.visibleRegion().boundingRect() != stop.rect():
            # It is scrolled into view, with room for its ring, before it has one.
            continue
        ring = place.adjusted(-RING, -RING, RING, RING)
        found += [
            f"the ring of {_call(stop)} over {_call(label)}"
            for label in labels
            if not stop.isAncestorOf(label) and ring.intersects(_seen(label, root))
        ]
    return found


def _seen(widget: QWidget, root: QWidget) -> QRect:
    """The part of a widget that no scrolling area hides, in the pixels of the window."""
    part = widget.visibleRegion().boundingRect() & widget.contentsRect()
    return QRect(widget.mapTo(root, part.topLeft()), part.size())


def small_targets(root: QWidget) -> list[str]:
    """Name each control smaller than 24 by 24 pixels."""
    return [
        f"{_call(widget)} is {widget.size()}"
        for widget in shown(root)
        if isinstance(widget, QAbstractButton | QLineEdit | QComboBox | QPlainTextEdit)
        and min(widget.width(), widget.height()) < 24
        and not isinstance(widget.parentWidget(), QTabBar)
    ]


def places_in_order(root: QWidget, stops: list[QWidget]) -> list[tuple[int, int]]:
    """Give the top and left of each stop in the window, rounded to rows of 24 pixels."""
    corners = [stop.mapTo(root, QPoint(0, 0)) for stop in stops]
    return [(corner.y() // 24, corner.x()) for corner in corners]


def _parents(widget: QWidget) -> Iterator[QWidget]:
    parent = widget.parentWidget()
    while parent is not None:
        yield parent
        parent = parent.parentWidget()


def _call(widget: QWidget) -> str:
    words = getattr(widget, "text", None)
    text = words() if callable(words) else ""
    return f"{type(widget).__name__}({text or widget.accessibleName()})"
