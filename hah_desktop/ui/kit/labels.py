"""Words on screen: labels, headings, tags, the marking. Never rich text: no record is markup."""

from enum import StrEnum

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from hah_desktop.ui.kit.look import current_look
from hah_desktop.ui.kit.tokens import ThemeName

MARKING = "OFFICIAL-SENSITIVE"


class TextKind(StrEnum):
    """How a label is set; the style sheet knows each by its value."""

    BODY = "body"
    STRONG = "strong"
    MUTED = "muted"
    CAPTION = "caption"
    PROBLEM = "problem"
    RAIL = "rail"
    RAIL_MUTED = "rail_muted"
    RAIL_CAPTION = "rail_caption"
    BRAND = "brand"
    PRODUCT = "product"


class Label(QLabel):
    """Plain words that wrap at the width they are given.

    They ask for one line, or for no more than `ideal` pixels (at 100 %) if that is given.
    """

    def __init__(
        self,
        text: str = "",
        kind: TextKind = TextKind.BODY,
        *,
        wrap: bool = True,
        ideal: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._ideal = ideal
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        self.setProperty("kind", str(kind))
        self.setText(text)
        if wrap:
            policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Give the size it would like: Qt's own guess for wrapping text is a square."""
        if not self.wordWrap():
            return super().sizeHint()
        self.ensurePolished()
        lines = self.text().splitlines() or [""]
        metrics = self.fontMetrics()
        width = max(metrics.horizontalAdvance(line) for line in lines) + 2
        if self._ideal and width > current_look().px(self._ideal):
            width = max(current_look().px(self._ideal), self.minimumSizeHint().width())
            return QSize(width, self.heightForWidth(width))
        return QSize(width, metrics.lineSpacing() * len(lines))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Ask for no less than the longest word."""
        if not self.wordWrap():
            return super().minimumSizeHint()
        self.ensurePolished()
        metrics = self.fontMetrics()
        words = self.text().split() or [""]
        return QSize(
            max(metrics.horizontalAdvance(word) for word in words) + 2, metrics.lineSpacing()
        )


class Heading(Label):
    """A heading of level 1 to 3, heard as one."""

    def __init__(self, text: str = "", level: int = 2, *, parent: QWidget | None = None) -> None:
        super().__init__("", parent=parent)
        self.setProperty("level", str(level))
        self.setText(text)

    def setText(self, text: str) -> None:  # noqa: N802 - Qt's name
        """Show other words and have them read out."""
        super().setText(text)
        self.setAccessibleName(text)


class MarkingBar(QLabel):
    """The protective marking across the top of every window."""

    def __init__(self) -> None:
        super().__init__(MARKING)
        self.setAccessibleName(f"Marked {MARKING}")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)


class TagKind(StrEnum):
    """What a tag's colour says beside its words."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    INFO = "info"
    NEUTRAL = "neutral"
    VIOLET = "violet"


def tag_size(text: str) -> QSize:
    """Give the size of a tag with these words, in pixels."""
    look = current_look()
    metrics = QFontMetrics(look.font("caption", QFont.Weight.DemiBold))
    return QSize(metrics.horizontalAdvance(text) + look.px(14), metrics.height() + look.px(4))


def paint_tag(painter: QPainter, rect: QRect, text: str, kind: TagKind) -> None:
    """Draw a tag into the rectangle, for widgets and list rows alike."""
    look = current_look()
    front = look.colour(f"{kind}_fg")
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    bordered = look.theme is ThemeName.HIGH_CONTRAST
    painter.setPen(QPen(front, 1) if bordered else Qt.PenStyle.NoPen)
    painter.setBrush(look.colour(f"{kind}_bg"))
    painter.drawRoundedRect(rect.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    painter.setPen(front)
    painter.setFont(look.font("caption", QFont.Weight.DemiBold))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)


class Tag(QLabel):
    """A status in words on its colour; in high contrast a border says the same."""

    def __init__(self, text: str, kind: TagKind = TagKind.NEUTRAL) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._kind = kind
        current_look().changed.connect(self.updateGeometry)

    @property
    def kind(self) -> TagKind:
        """Give the kind of the tag."""
        return self._kind

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Give the size it would like."""
        return tag_size(self.text())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Give the least size that clips nothing."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw it in the colours in force."""
        painter = QPainter(self)
        paint_tag(painter, self.rect(), self.text(), self._kind)


class Rule(QFrame):
    """A thin line between two parts."""


class Panel(QFrame):
    """A plain ground for other widgets, with a line along one edge if wanted."""

    def __init__(self, tone: str = "surface", edge: str = "") -> None:
        super().__init__()
        self.setProperty("tone", tone)
        self._edge = edge
        if edge:
            self._clear_edge()
            current_look().changed.connect(self._clear_edge)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the line along the edge."""
        super().paintEvent(event)
        if not self._edge:
            return
        look, line = current_look(), self.rect()
        match self._edge:
            case "left":
                line.setWidth(look.line)
            case "top":
                line.setHeight(look.line)
            case "right":
                line.setLeft(line.right() + 1 - look.line)
            case _:
                line.setTop(line.bottom() + 1 - look.line)
        QPainter(self).fillRect(line, look.colour("border"))

    def _clear_edge(self) -> None:
        # Not a border of the style sheet: a layout does not heed one that is on one side only.
        sides = ("left", "top", "right", "bottom")
        line = current_look().line
        self.setContentsMargins(*(line if side == self._edge else 0 for side in sides))
