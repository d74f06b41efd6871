"""Icons: line drawings tinted with the colours in force, sharp at every scale."""

from functools import cache

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from hah_desktop.ui.kit.assets import ICONS
from hah_desktop.ui.kit.look import current_look


@cache
def _drawing(name: str) -> str:
    return (ICONS / f"{name}.svg").read_text(encoding="utf-8")


def paint_icon(painter: QPainter, rect: QRect | QRectF, name: str, colour: QColor | str) -> None:
    """Draw the icon into the rectangle; OSError if there is no icon of that name."""
    tint = colour if isinstance(colour, str) else colour.name()
    svg = _drawing(name).replace("currentColor", tint)
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(rect))


class _TintedEngine(QIconEngine):
    """Draws an icon with the theme's colour at the moment it is painted: themes switch live."""

    def __init__(self, name: str, colour: str) -> None:
        super().__init__()
        self._name = name
        self._colour = colour

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        """Draw it in the colours in force."""
        colour = "disabled" if mode is QIcon.Mode.Disabled else self._colour
        # A button asks for a wider picture to keep its words off the icon: draw at the left.
        side = min(rect.width(), rect.height())
        box = QRect(rect.left(), rect.center().y() - (side - 1) // 2, side, side)
        paint_icon(painter, box, self._name, current_look().colour(colour))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Give the icon as a picture."""
        picture = QPixmap(size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return picture

    def scaledPixmap(  # noqa: N802 - Qt's name
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        """Give the icon as a picture for a screen of that scale."""
        # Qt asks in logical pixels here; without the factor icons are blurred at 125-200 %.
        picture = self.pixmap(size * scale, mode, state)
        picture.setDevicePixelRatio(scale)
        return picture

    def clone(self) -> QIconEngine:
        """Give a copy."""
        return _TintedEngine(self._name, self._colour)


def icon(name: str, colour: str = "text") -> QIcon:
    """Give an icon by its file name, tinted with a colour token; OSError if there is none."""
    _drawing(name)
    return QIcon(_TintedEngine(name, colour))
