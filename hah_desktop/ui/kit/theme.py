"""Puts the look on the application: fonts, palette, style sheet; switches while it runs."""

from string import Template

from PySide6.QtGui import QColor, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from hah_desktop.ui.kit.access import install_roles
from hah_desktop.ui.kit.assets import FONTS, STYLE
from hah_desktop.ui.kit.focus import FocusRing
from hah_desktop.ui.kit.look import Look
from hah_desktop.ui.kit.tokens import ThemeName, Tokens


def apply(app: QApplication, theme: ThemeName, text_scale: float = 1.0) -> Look:
    """Give every window this theme and size of text (1.0 to 2.0), now and from now on."""
    look = app.findChild(Look) or _first_look(app)
    look.choose(theme, text_scale)
    app.setFont(look.font())
    app.setPalette(palette(look))
    app.setStyleSheet(style_sheet(look))
    look.changed.emit()
    return look


def _first_look(app: QApplication) -> Look:
    # On Windows Qt's own choice of style ignores much of the style sheet.
    app.setStyle("Fusion")
    app.setApplicationDisplayName("Help at Hand")
    for path in sorted(FONTS.glob("*.ttf")):
        QFontDatabase.addApplicationFont(str(path))
    look = Look(Tokens.read(STYLE / "tokens.json"), app)
    install_roles()
    FocusRing(app, look)
    return look


def style_sheet(look: Look) -> str:
    """Give the style sheet with the look's colours and lengths put in."""
    template = Template((STYLE / "app.qss").read_text(encoding="utf-8"))
    return template.substitute(_Values(look))


class _Values(dict[str, str]):
    """Values for the style sheet: colours by token, pxN for scaled lengths, type_NAME for text."""

    def __init__(self, look: Look) -> None:
        super().__init__(look.colours.as_dict())
        self._look = look
        self["line"] = f"{look.line}px"
        for name, size in look.tokens.type_px.items():
            self[f"type_{name}"] = f"{look.px(size)}px"

    def __missing__(self, name: str) -> str:
        if name.startswith("px") and name[2:].isdigit():
            return f"{self._look.px(int(name[2:]))}px"
        raise KeyError(name)


_ROLES = {
    QPalette.ColorRole.Window: "app",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "surface",
    QPalette.ColorRole.AlternateBase: "sunken",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.Button: "surface",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.BrightText: "danger",
    QPalette.ColorRole.Highlight: "accent",
    QPalette.ColorRole.HighlightedText: "accent_text",
    QPalette.ColorRole.PlaceholderText: "muted",
    QPalette.ColorRole.ToolTipBase: "text",
    QPalette.ColorRole.ToolTipText: "surface",
    QPalette.ColorRole.Link: "link",
    QPalette.ColorRole.LinkVisited: "link",
    QPalette.ColorRole.Accent: "accent",
}
_FADED = (
    QPalette.ColorRole.WindowText,
    QPalette.ColorRole.Text,
    QPalette.ColorRole.ButtonText,
    QPalette.ColorRole.PlaceholderText,
)


def palette(look: Look) -> QPalette:
    """Give the palette of the theme, for all that the style sheet does not name."""
    result = QPalette()
    for role, token in _ROLES.items():
        result.setColor(role, look.colour(token))
    faded = QColor(look.colours.disabled)
    for role in _FADED:
        result.setColor(QPalette.ColorGroup.Disabled, role, faded)
    return result
