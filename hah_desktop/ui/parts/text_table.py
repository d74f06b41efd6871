"""A table of plain words, such as the rows of a list that could not be read; as high as needed."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QObject, QRect, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView, QSizePolicy

from hah_desktop.ui.kit.lists import Index, RecordTable
from hah_desktop.ui.kit.look import current_look

Words = Sequence[Sequence[str]]

MOST_ROWS = 8
"""More rows than these are scrolled to."""
_PADDING, _MARGIN = 10, 4
"""Left and right of a cell’s words: by the style sheet, and Qt’s own."""
_LEAST_WIDE = 200
"""Less than this at 100 % is no column to read in."""


class TextModel(QAbstractTableModel):
    """Words in rows and columns."""

    def __init__(self, headings: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._headings = tuple(headings)
        self._rows: Words = ()
        self.is_folded = False

    def set_rows(self, rows: Words) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def fold(self, folded: bool) -> None:  # noqa: FBT001 - a setter in Qt's manner
        """Put the last words of a row below its first, in the first column."""
        self.is_folded, was_folded = folded, self.is_folded
        if self._rows and folded != was_folded:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, 0))

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        """Give the number of rows."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        """Give the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(self._headings)

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        """Give the heading of a column."""
        across = orientation is Qt.Orientation.Horizontal
        return self._headings[section] if across and role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """Give the words of a cell; the first one speaks for its row."""
        row = self._rows[index.row()]
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole}:
            return f"{row[0]}\n{row[-1]}" if self.is_folded else row[index.column()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row[index.column()] if index.column() else ", ".join(filter(None, row))
        return None


class TextTable(RecordTable):
    """The table; its last column takes the room that is left, and as many lines as it needs.

    Where that is too little room, a row is its first words and its last below each other: what
    stands between them is for whoever opens the row.
    """

    def __init__(
        self,
        name: str,
        headings: Sequence[str],
        widths: Sequence[int],
    ) -> None:
        super().__init__(name)
        self._widths = tuple(widths)
        self.words = TextModel(headings, self)
        self.setModel(self.words)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._size()
        current_look().changed.connect(self._size)

    def set_rows(self, rows: Words) -> None:
        """Show other rows."""
        self.words.set_rows(rows)
        self._size()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Wrap the words at the new width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._size()

    def _size(self) -> None:
        look = current_look()
        least = look.px(sum(self._widths) + _LEAST_WIDE)
        self.words.fold(self.viewport().width() < least)
        for column in range(1, self.words.columnCount()):
            self.setColumnHidden(column, self.words.is_folded)
        self.set_widths(self._widths)
        rows = range(self.words.rowCount())
        for row in rows:
            self.setRowHeight(row, max(self._height_of(row), look.px(40)))
        shown = sum(self.rowHeight(row) for row in rows[:MOST_ROWS])
        self.setFixedHeight(shown + look.px(40) + 4 + 2)

    def _height_of(self, row: int) -> int:
        """As high as the words of its last column need; Qt’s own guess forgets what is around."""
        look = current_look()
        column = 0 if self.words.is_folded else self.words.columnCount() - 1
        room = QRect(0, 0, self.columnWidth(column) - look.px(2 * _PADDING) - 2 * _MARGIN, 10_000)
        words = self.words.data(self.words.index(row, column)) or ""
        needed = self.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap, words)
        return needed.height() + look.px(16)
