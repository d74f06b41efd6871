"""Buttons: each names its act in words, or in its accessible name when it shows only an icon."""

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QHelpEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QToolTip

from hah_desktop.ui.kit.icons import icon
from hah_desktop.ui.kit.look import current_look


class _Button(QPushButton):
    """What all buttons share: plain words, an icon that grows with the text, Enter presses."""

    _icon_colour = "text"

    def __init__(self, text: str, icon_name: str = "") -> None:
        super().__init__()
        self._words = text
        self._compact = False
        # A record's "&" is a letter, not a shortcut.
        self.setText(text.replace("&", "&&"))
        self.setAccessibleName(text)
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        if icon_name:
            self.setIcon(icon(icon_name, self._icon_colour))
            look = current_look()
            look.changed.connect(self._size_icon)
            self._size_icon()

    def _size_icon(self) -> None:
        look = current_look()
        side = look.px(18)
        self.setIconSize(QSize(side if not self.text() else side + look.px(6), side))

    @property
    def words(self) -> str:
        """Give what the button says, also when it shows only its icon."""
        return self._words

    def set_words(self, text: str) -> None:
        """Say something else."""
        self._words = text
        self.setAccessibleName(text)
        self.set_compact(self._compact)

    def set_compact(self, compact: bool) -> None:  # noqa: FBT001 - a setter in Qt's manner
        """Show only the icon where there is little room; without an icon the words stay."""
        self._compact = compact
        hide_words = compact and not self.icon().isNull()
        self.setText("" if hide_words else self._words.replace("&", "&&"))
        self._size_icon()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Be pressed by Enter too, which Qt leaves to dialogs."""
        enter = event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if enter and not held and not event.isAutoRepeat():
            self.click()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Show the words of an icon under the pointer."""
        # As Qt's own tooltip they would be read out twice: it doubles as the description.
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), "" if self.text() else self._words, self)
            return True
        return super().event(event)


class PrimaryButton(_Button):
    """The one act a screen is for."""

    _icon_colour = "accent_text"


class SecondaryButton(_Button):
    """Any other act."""


class LinkButton(_Button):
    """An act that leads elsewhere; tones: link, quiet (no underline), problem."""

    _icon_colour = "link"

    def __init__(self, text: str, icon_name: str = "", *, tone: str = "link") -> None:
        super().__init__(text, icon_name)
        self.setProperty("tone", tone)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)


class WrappingLink(LinkButton):
    """A way to something whose name may be long: it takes the lines that it needs."""

    _ink, _ink_under_mouse = "link", "accent_hover"

    def __init__(self, text: str, *, tone: str = "link") -> None:
        super().__init__(text, tone=tone)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def _lines(self, width: int) -> QRect:
        room = QRect(0, 0, max(width, 1), 10_000)
        return self.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap, self.words)

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """Say that the height follows from the width."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """Give the height at that width."""
        return max(self._lines(width).height() + 4, current_look().px(24))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Give the size it would like: as wide as its longest word, as high as it is wrapped."""
        self.ensurePolished()
        metrics = self.fontMetrics()
        longest = max(metrics.horizontalAdvance(word) for word in self.words.split() or [""])
        return QSize(longest + 2, self.heightForWidth(max(self.width(), longest + 2)))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Give the least size that clips nothing."""
        self.ensurePolished()
        return QSize(self.sizeHint().width(), current_look().px(24))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw it in the colours in force."""
        painter = QPainter(self)
        font = self.font()
        font.setUnderline(True)
        painter.setFont(font)
        ink = self._ink_under_mouse if self.underMouse() else self._ink
        painter.setPen(current_look().colour(ink))
        flags = (
            Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        )
        painter.drawText(self.rect(), flags, self.words)


class ProblemLink(WrappingLink):
    """A problem that leads to where it is mended; wraps, because what is wrong takes its words."""

    _ink, _ink_under_mouse = "bad_fg", "danger"

    def __init__(self, text: str) -> None:
        super().__init__(text, tone="problem")


class IconButton(_Button):
    """A square button that shows only an icon; its name is for screen readers and the tooltip."""

    def __init__(self, icon_name: str, name: str, *, tone: str = "plain") -> None:
        self._icon_colour = "rail_text" if tone == "rail" else "text"
        super().__init__(name, icon_name)
        self.setProperty("tone", tone)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_compact(compact=True)
