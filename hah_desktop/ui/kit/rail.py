"""The rail at the left: the program's name, the places to go, and who is at work."""

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QSizePolicy,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from hah_desktop.ui.kit.blocks import Scroller
from hah_desktop.ui.kit.buttons import IconButton
from hah_desktop.ui.kit.icons import paint_icon
from hah_desktop.ui.kit.labels import Label, Panel, TextKind
from hah_desktop.ui.kit.look import Look, current_look

PRODUCT = "Help at Hand"


class BrandMark(QWidget):
    """The program's sign; the name stands beside it."""

    def __init__(self) -> None:
        super().__init__()
        self._size()
        current_look().changed.connect(self._size)

    def _size(self) -> None:
        side = current_look().px(30)
        self.setFixedSize(side, side)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw it in the colours in force."""
        look = current_look()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("brand"))
        painter.drawRoundedRect(self.rect(), look.px(7), look.px(7))
        inset = look.px(6)
        mark = self.rect().adjusted(inset, inset, -inset, -inset)
        paint_icon(painter, mark, "message-circle", look.colour("brand_mark"))


class NavItem(QAbstractButton):
    """One place to go, with how much waits there."""

    def __init__(self, key: str, icon_name: str, label: str) -> None:
        super().__init__()
        self.key = key
        self._icon = icon_name
        self._label = label
        self._count = 0
        self._here = False
        self._narrow = False
        self._hovered = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._name()
        current_look().changed.connect(self.updateGeometry)

    def _name(self) -> None:
        parts = [self._label]
        if self._count:
            parts.append(f"{self._count} waiting")
        if self._here:
            parts.append("this page")
        self.setAccessibleName(", ".join(parts))

    def set_count(self, count: int) -> None:
        """Show how much waits there; 0 shows nothing."""
        self._count = count
        self._name()
        self.update()

    def set_here(self, here: bool) -> None:  # noqa: FBT001 - a setter in Qt's manner
        """Mark the place one is at."""
        self._here = here
        self._name()
        self.update()

    def set_narrow(self, narrow: bool) -> None:  # noqa: FBT001 - a setter in Qt's manner
        """Show only the icon."""
        self._narrow = narrow
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Give the size it would like."""
        look = current_look()
        if self._narrow:
            return QSize(look.px(48), look.px(34))
        metrics = QFontMetrics(look.font("body", QFont.Weight.Medium))
        return QSize(metrics.horizontalAdvance(self._label) + look.px(76), look.px(38))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Give the least size that clips nothing."""
        return self.sizeHint()

    def event(self, event: QEvent) -> bool:
        """Show the words under the pointer where only the icon is seen."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self._label if self._narrow else "", self)
            return True
        return super().event(event)

    def enterEvent(self, _event: QEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Light up under the pointer."""
        self._hovered = True
        self.update()

    def leaveEvent(self, _event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Stop being lit."""
        self._hovered = False
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Go there on Enter too; arrows walk the rail."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.click()
        elif event.key() == Qt.Key.Key_Down:
            self.focusNextChild()
        elif event.key() == Qt.Key.Key_Up:
            self.focusPreviousChild()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw it in the colours in force."""
        look = current_look()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        front = "rail_selected_text" if self._here else "rail_text"
        if self._here or self._hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("rail_selected" if self._here else "rail_hover"))
            painter.drawRoundedRect(self.rect(), 6, 6)
        side = look.px(20)
        left = (self.width() - side) // 2 if self._narrow else look.px(12)
        box = QRect(left, (self.height() - side) // 2, side, side)
        paint_icon(painter, box, self._icon, look.colour(front))
        if self._narrow:
            self._paint_dot(painter, look, box)
            return
        self._paint_words(painter, look, front)

    def _paint_words(self, painter: QPainter, look: Look, front: str) -> None:
        weight = QFont.Weight.DemiBold if self._here else QFont.Weight.Medium
        painter.setFont(look.font("body", weight))
        painter.setPen(look.colour(front))
        area = self.rect().adjusted(look.px(44), 0, -look.px(8), 0)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, self._label)
        if self._count:
            self._paint_count(painter, look)

    def _paint_count(self, painter: QPainter, look: Look) -> None:
        text = str(self._count)
        font = look.font("caption", QFont.Weight.DemiBold)
        width = max(QFontMetrics(font).horizontalAdvance(text) + look.px(14), look.px(24))
        height = look.px(20)
        pill = QRect(
            self.width() - width - look.px(8), (self.height() - height) // 2, width, height
        )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("rail_selected_text" if self._here else "rail_hover"))
        painter.drawRoundedRect(pill, height / 2, height / 2)
        painter.setFont(font)
        painter.setPen(look.colour("rail_selected" if self._here else "rail_text"))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_dot(self, painter: QPainter, look: Look, box: QRect) -> None:
        if not self._count:
            return
        side = look.px(10)
        dot = QRect(box.right() - side // 2, box.top() - side // 3, side, side)
        ground = "rail_selected_text" if self._here else "rail"
        painter.setPen(QPen(look.colour(ground), 2))
        painter.setBrush(look.colour("warn_bg" if look.line == 1 else "warn_fg"))
        painter.drawEllipse(dot)


class Initials(QWidget):
    """The initials of who is at work, in a circle."""

    def __init__(self) -> None:
        super().__init__()
        self._initials = ""
        self._size()
        current_look().changed.connect(self._size)

    def _size(self) -> None:
        side = current_look().px(32)
        self.setFixedSize(side, side)

    def show_initials(self, initials: str) -> None:
        """Show other initials."""
        self._initials = initials
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw it in the colours in force."""
        look = current_look()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.colour("rail_muted"), 1))
        painter.setBrush(look.colour("rail_hover"))
        painter.drawEllipse(self.rect().adjusted(1, 1, -1, -1))
        painter.setFont(look.font("caption", QFont.Weight.DemiBold))
        painter.setPen(look.colour("rail_text"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._initials)


class Rail(Panel):
    """Brand, places to go, and the person with the lock."""

    went = Signal(str)
    lock_requested = Signal()
    cover_requested = Signal()
    help_requested = Signal()

    def __init__(self) -> None:
        super().__init__("rail")
        self.setAccessibleName("Main menu")
        self._items: dict[str, NavItem] = {}
        self._narrow = False
        self._low = False
        self._sign = BrandMark()
        self._name = Label(PRODUCT, TextKind.BRAND, wrap=False)
        self._person = Label("", TextKind.RAIL, wrap=False)
        self._state = Label("", TextKind.RAIL_CAPTION, wrap=False)
        self._initials = Initials()
        self.lock = IconButton("lock", "Lock now", tone="rail")
        self.lock.clicked.connect(self.lock_requested)
        self.help = NavItem("help", "circle-question-mark", "Help (F1)")
        self.help.clicked.connect(self.help_requested)
        self.cover = NavItem("cover", "eye-off", "Cover (F12)")
        self.cover.clicked.connect(self.cover_requested)
        for item in (self.help, self.cover):
            # A click leaves the focus where it is, and so it is still there afterwards.
            item.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._places = QVBoxLayout()
        self._places.setContentsMargins(8, 8, 8, 8)
        self._places.setSpacing(4)
        self._lay_out()
        self._fit()
        current_look().changed.connect(self._fit)

    def _lay_out(self) -> None:
        brand = QHBoxLayout()
        brand.setContentsMargins(18, 14, 8, 8)
        brand.setSpacing(10)
        brand.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignLeft)
        brand.addWidget(self._name, 1)
        self._brand = brand
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._places)
        column.addStretch(1)
        # Here it scrolls with the places: on a low screen they need the room.
        beside = QVBoxLayout()
        beside.setContentsMargins(8, 0, 8, 4)
        beside.addWidget(self.help)
        column.addLayout(beside)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._person)
        words.addWidget(self._state)
        self._foot = QHBoxLayout()
        self._foot.setContentsMargins(16, 8, 14, 14)
        self._foot.setSpacing(10)
        self._foot.addWidget(self._initials)
        self._foot.addLayout(words, 1)
        self._foot.addWidget(self.lock)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(brand)
        layout.addWidget(Scroller(inside), 1)
        above_foot = QVBoxLayout()
        above_foot.setContentsMargins(8, 0, 8, 0)
        above_foot.addWidget(self.cover)
        layout.addLayout(above_foot)
        layout.addLayout(self._foot)

    def add(self, key: str, icon_name: str, label: str) -> None:
        """Add a place to go."""
        item = NavItem(key, icon_name, label)
        item.set_narrow(self._narrow)
        item.clicked.connect(lambda: self.went.emit(key))
        self._items[key] = item
        self._places.addWidget(item)

    def item(self, key: str) -> NavItem:
        """Give a place to go; KeyError if there is none."""
        return self._items[key]

    def set_here(self, key: str) -> None:
        """Mark the place one is at; no place for a page that is not on the rail."""
        for name, item in self._items.items():
            item.set_here(name == key)

    def set_person(self, name: str, initials: str) -> None:
        """Show who is at work."""
        self._person.setText(name)
        self._initials.show_initials(initials)

    def set_state(self, text: str) -> None:
        """Show when the program locks by itself."""
        self._state.setText(text)
        self._state.setVisible(bool(text) and not self._narrow)

    def set_narrow(self, narrow: bool) -> None:  # noqa: FBT001 - a setter in Qt's manner
        """Show only icons."""
        self._narrow = narrow
        self._fit()

    def set_low(self, low: bool) -> None:  # noqa: FBT001 - a setter in Qt's manner
        """Leave the room of the program's sign to the places."""
        self._low = low
        self._fit()

    def _fit(self) -> None:
        look = current_look()
        self._sign.setVisible(not (self._low and self._narrow))
        self.setFixedWidth(look.px(64 if self._narrow else 216))
        for words in (self._name, self._person, self._initials):
            words.setVisible(not self._narrow)
        # With nothing to say it leaves the name in the middle.
        self._state.setVisible(bool(self._state.text()) and not self._narrow)
        side = (look.px(64) - look.px(30)) // 2 if self._narrow else 18
        over, under = (0, 0) if self._sign.isHidden() else (14, 8)
        self._brand.setContentsMargins(side, over, 8, under)
        edge = (look.px(64) - look.px(34) - 2) // 2 if self._narrow else 14
        self._foot.setContentsMargins(edge if self._narrow else 16, 8, edge, 14)
        self._foot.setSpacing(0 if self._narrow else 10)
        for item in (*self._items.values(), self.help, self.cover):
            item.set_narrow(self._narrow)
