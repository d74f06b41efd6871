"""Lists of records: two-line rows, and tables with tags; what is in them comes from a model."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from hah_desktop.ui.kit.icons import paint_icon
from hah_desktop.ui.kit.labels import TagKind, paint_tag, tag_size
from hah_desktop.ui.kit.look import Look, current_look

Index = QModelIndex | QPersistentModelIndex


class RowRole(IntEnum):
    """What a model is asked for beside DisplayRole (the title) and AccessibleTextRole."""

    SUBTITLE = Qt.ItemDataRole.UserRole + 1
    TIME = Qt.ItemDataRole.UserRole + 2
    TAG = Qt.ItemDataRole.UserRole + 3
    TAG_KIND = Qt.ItemDataRole.UserRole + 4
    KEY = Qt.ItemDataRole.UserRole + 5
    MARK = Qt.ItemDataRole.UserRole + 6


@dataclass(frozen=True, slots=True)
class Row:
    """One two-line row, ready to show.

    `mark` is a small icon that says the same as `mark_words`: these are heard last, and shown
    under the pointer with all that a narrow pane cuts.
    """

    key: str
    title: str
    subtitle: str = ""
    time: str = ""
    tag: str = ""
    tag_kind: TagKind = TagKind.NEUTRAL
    mark: str = ""
    mark_words: str = ""

    def spoken(self) -> str:
        """Give the row as a screen reader says it."""
        told = (self.title, self.subtitle, self.tag, self.time, self.mark_words)
        return ", ".join(part for part in told if part)

    def in_full(self) -> str:
        """Give the row's words one below the other, none of them cut."""
        return "\n".join(part for part in (self.title, self.subtitle, self.mark_words) if part)


def row_data(row: Row, role: int) -> str | None:
    """Give what a view asks about a row; for models that page their rows in."""
    answers = {
        int(Qt.ItemDataRole.DisplayRole): row.title,
        int(Qt.ItemDataRole.AccessibleTextRole): row.spoken(),
        int(Qt.ItemDataRole.ToolTipRole): row.in_full(),
        int(RowRole.SUBTITLE): row.subtitle,
        int(RowRole.TIME): row.time,
        int(RowRole.TAG): row.tag,
        int(RowRole.TAG_KIND): str(row.tag_kind),
        int(RowRole.KEY): row.key,
        int(RowRole.MARK): row.mark,
    }
    return answers.get(int(role))


class RowsModel(QAbstractTableModel):
    """A short list of rows held in memory; long lists bring their own paged model."""

    def __init__(self, rows: Sequence[Row] = (), parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows = tuple(rows)

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def row_of(self, key: str) -> int:
        """Give the number of the row with that key; -1 if there is none."""
        return next((n for n, row in enumerate(self._rows) if row.key == key), -1)

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        """Give the number of rows."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        """Give one column."""
        return 0 if parent is not None and parent.isValid() else 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """Give what a view asks about a row."""
        return row_data(self._rows[index.row()], role)


class _View(QTableView):
    """What both lists share: whole rows, one choice, Tab leaves, Enter opens."""

    opened = Signal(QModelIndex)
    chosen = Signal(QModelIndex)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.doubleClicked.connect(self.opened)
        self._fit_rows()
        current_look().changed.connect(self._fit_rows)

    def _row_height(self) -> int:
        return current_look().px(40)

    def _fit_rows(self) -> None:
        header = self.verticalHeader()
        header.setMinimumSectionSize(8)
        header.setDefaultSectionSize(self._row_height())

    def currentChanged(self, current: Index, previous: Index) -> None:  # noqa: N802 - Qt's name
        """Tell `chosen`."""
        super().currentChanged(current, previous)
        if current.isValid():
            self.chosen.emit(current)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Act on the keys Qt does not."""
        enter = event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
        if enter and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex())
            return
        super().keyPressEvent(event)

    def choose_row(self, row: int) -> None:
        """Make a row the chosen one, if there is such a row."""
        model = self.model()
        if 0 <= row < model.rowCount():
            self.setCurrentIndex(model.index(row, 0))


class RowList(_View):
    """Two-line records: title and time, subtitle and tag; the chosen one has a bar at its left."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(_RowDelegate(self))

    def _row_height(self) -> int:
        return current_look().px(72)


class RecordTable(_View):
    """A table of records: 40 px rows, a header, tags where the model gives TAG_KIND."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        header = self.horizontalHeader()
        header.setStretchLastSection(True)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setFixedHeight(self._row_height() + 4)
        self.setItemDelegate(_TagDelegate(self))

    def _fit_rows(self) -> None:
        super()._fit_rows()
        self.horizontalHeader().setFixedHeight(self._row_height() + 4)

    def set_widths(self, widths: Sequence[int]) -> None:
        """Set the columns' widths in pixels at 100 %; the last column takes what is left."""
        for column, width in enumerate(widths):
            self.setColumnWidth(column, current_look().px(width))


class _RowDelegate(QStyledItemDelegate):
    """Paints a two-line row."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:  # noqa: N802 - Qt's name
        """Give the size it would like."""
        return QSize(160, current_look().px(72))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw it in the colours in force."""
        look = current_look()
        area = QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, look, area, option)
        inner = area.adjusted(look.px(22), look.px(9), -look.px(20), -look.px(9))
        half = inner.height() // 2
        upper = QRect(inner.left(), inner.top(), inner.width(), half)
        lower = QRect(inner.left(), inner.top() + half, inner.width(), half)
        self._paint_upper(painter, look, upper, index)
        self._paint_lower(painter, look, lower, index)
        painter.restore()

    def _paint_ground(
        self, painter: QPainter, look: Look, area: QRect, option: QStyleOptionViewItem
    ) -> None:
        state = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if not selected and not state & QStyle.StateFlag.State_MouseOver:
            return
        ground = area.adjusted(look.px(8), 1, -look.px(8), -1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("selected" if selected else "hover"))
        painter.drawRoundedRect(ground, 6, 6)
        if selected:
            painter.setBrush(look.colour("accent"))
            bar = QRect(ground.left(), ground.top() + 10, 3, ground.height() - 20)
            painter.drawRoundedRect(bar, 1.5, 1.5)

    def _paint_upper(self, painter: QPainter, look: Look, area: QRect, index: Index) -> None:
        time = str(index.data(RowRole.TIME) or "")
        room = _paint_right_text(painter, look, area, time)
        room = _paint_mark(painter, look, area, room, str(index.data(RowRole.MARK) or ""))
        painter.setFont(look.font("body", QFont.Weight.DemiBold))
        painter.setPen(look.colour("text"))
        _paint_left_text(painter, area, str(index.data() or ""), room)

    def _paint_lower(self, painter: QPainter, look: Look, area: QRect, index: Index) -> None:
        tag = str(index.data(RowRole.TAG) or "")
        room = area.width()
        if tag:
            size = tag_size(tag)
            size.setWidth(min(size.width(), area.width()))
            top = area.center().y() - size.height() // 2
            kind = TagKind(index.data(RowRole.TAG_KIND) or TagKind.NEUTRAL)
            left = area.right() - size.width()
            paint_tag(painter, QRect(left, top, size.width(), size.height()), tag, kind)
            room -= size.width() + look.px(8)
        painter.setFont(look.font("caption"))
        painter.setPen(look.colour("muted"))
        _paint_left_text(painter, area, str(index.data(RowRole.SUBTITLE) or ""), room)


def _paint_right_text(painter: QPainter, look: Look, area: QRect, text: str) -> int:
    """Draw the time at the right end; give the room left of it."""
    if not text:
        return area.width()
    font = look.font("caption")
    painter.setFont(font)
    painter.setPen(look.colour("muted"))
    painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
    return area.width() - QFontMetrics(font).horizontalAdvance(text) - look.px(8)


def _paint_mark(painter: QPainter, look: Look, area: QRect, room: int, mark: str) -> int:
    """Draw the small icon at the right end of that room; give the room left of it."""
    if not mark:
        return room
    side = look.px(16)
    box = QRect(area.left() + room - side, area.center().y() - side // 2, side, side)
    paint_icon(painter, box, mark, look.colour("muted"))
    return room - side - look.px(8)


def _paint_left_text(painter: QPainter, area: QRect, text: str, room: int) -> None:
    metrics = QFontMetrics(painter.font())
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(room, 0))
    painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, shown)


class _TagDelegate(QStyledItemDelegate):
    """Paints a cell as a tag when the model gives a kind for it, else as Qt does."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw it in the colours in force."""
        kind = index.data(RowRole.TAG_KIND)
        text = str(index.data() or "")
        if kind is None or not text:
            super().paint(painter, option, index)
            return
        plain = QStyleOptionViewItem(option)
        self.initStyleOption(plain, index)
        plain.text = ""
        widget = option.widget
        widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, plain, painter, widget)
        area = QRect(option.rect)
        size = tag_size(text)
        size.setWidth(min(size.width(), area.width() - 16))
        top = area.center().y() - size.height() // 2
        painter.save()
        left = area.left() + current_look().px(14)
        paint_tag(painter, QRect(left, top, size.width(), size.height()), text, TagKind(kind))
        painter.restore()
