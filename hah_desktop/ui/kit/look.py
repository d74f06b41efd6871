"""The look in force: theme, text size, and the colours, lengths and fonts that follow from them."""

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QApplication

from hah_desktop.ui.kit.tokens import Colours, ThemeName, Tokens

FAMILY = "Atkinson Hyperlegible Next"


class Look(QObject):
    """What every painted widget asks for; it belongs to the application, one for all windows."""

    changed = Signal()

    def __init__(self, tokens: Tokens, parent: QObject) -> None:
        super().__init__(parent)
        self.tokens = tokens
        self.theme = ThemeName.LIGHT
        self.scale = 1.0

    def choose(self, theme: ThemeName, scale: float) -> None:
        """Set the theme and the size of text (1.0 to 2.0); theme.apply announces it."""
        self.theme = theme
        self.scale = min(max(scale, 1.0), 2.0)

    @property
    def colours(self) -> Colours:
        """Give the colours of the theme in force."""
        return self.tokens.themes[self.theme]

    @property
    def line(self) -> int:
        """Give the width of borders in pixels: thicker in high contrast."""
        return 2 if self.theme is ThemeName.HIGH_CONTRAST else 1

    def px(self, length: float) -> int:
        """Give a length of the design (pixels at 100 %) at the chosen size of text."""
        return round(length * self.scale)

    def colour(self, name: str) -> QColor:
        """Give a colour of the theme by its token."""
        return QColor(self.colours.named(name))

    def font(self, kind: str = "body", weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """Give the font of a kind of text: caption, body, h3, h2 or h1."""
        font = QFont(FAMILY)
        font.setPixelSize(self.px(self.tokens.type_px[kind]))
        font.setWeight(weight)
        return font


def current_look() -> Look:
    """Give the look of the running application; RuntimeError before theme.apply."""
    app = QApplication.instance()
    look = app.findChild(Look, options=Qt.FindChildOption.FindDirectChildrenOnly) if app else None
    if look is None:
        raise RuntimeError("theme.apply must run before the first widget of the kit is made")
    return look
