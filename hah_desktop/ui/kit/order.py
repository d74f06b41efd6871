"""Reading order: as laid out on screen, whatever order the widgets were made in."""

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QApplication,
    QLayout,
    QScrollArea,
    QStackedWidget,
    QWidget,
)


def reading_order(root: QWidget) -> list[QWidget]:
    """Give all widgets below root that Tab may stop at now, in the order they are read."""
    return list(_stops(root))


def _stops(widget: QWidget) -> Iterator[QWidget]:
    if widget.isHidden():
        return
    if _is_stop(widget):
        yield widget
    for child in _children(widget):
        yield from _stops(child)


def _is_stop(widget: QWidget) -> bool:
    return (
        bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        and widget.isEnabled()
        and widget.focusProxy() is None
    )


def _children(widget: QWidget) -> Iterator[QWidget]:
    if isinstance(widget, QScrollArea):
        content = widget.widget()
        if content is not None:
            yield content
        return
    if isinstance(widget, QAbstractScrollArea):
        return
    if isinstance(widget, QStackedWidget):
        current = widget.currentWidget()
        if current is not None:
            yield current
        return
    layout = widget.layout()
    if layout is not None:
        yield from _in_layout(layout)


def _in_layout(layout: QLayout) -> Iterator[QWidget]:
    for number in range(layout.count()):
        item = layout.itemAt(number)
        if item is None:
            continue
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            yield widget
        elif inner is not None:
            yield from _in_layout(inner)


def go_on(root: QWidget, *, forward: bool) -> bool:
    """Move the focus to the next stop below root, from the last round to the first."""
    stops = reading_order(root)
    if not stops:
        return False
    step = 1 if forward else -1
    here = _position(stops, QApplication.focusWidget())
    target = (0 if forward else -1) if here is None else (here + step) % len(stops)
    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    stops[target].setFocus(reason)
    return True


def _position(stops: list[QWidget], widget: QWidget | None) -> int | None:
    while widget is not None:
        if widget in stops:
            return stops.index(widget)
        widget = widget.parentWidget()
    return None
