"""A table of plain words, such as the rows of a list that could not be read; as high as needed."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QHeaderView, QSizePolicy, QWidget

from hah_desktop.ui.kit.lists import RecordTable
from hah_desktop.ui.kit.look import current_look

Index = QModelIndex | QPersistentModelIndex
Words = Sequence[Sequence[str]]

MOST_ROWS = 8
"""More rows than these are scrolled to."""


class TextModel(QAbstractTableModel):
    """Words in rows and columns."""

    def __init__(self, headings: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._headings = tuple(headings)
        self._rows: Words = ()

    def set_rows(self, rows: Words) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

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
            return row[index.column()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row[index.column()] if index.column() else ", ".join(filter(None, row))
        return None


class TextTable(RecordTable):
    """The table; its last column takes the room that is left."""

    def __init__(
        self,
        name: str,
        headings: Sequence[str],
        widths: Sequence[int],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(name, parent)
        self._widths = tuple(widths)
        self.words = TextModel(headings, self)
        self.setModel(self.words)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._size()
        current_look().changed.connect(self._size)

    def set_rows(self, rows: Words) -> None:
        """Show other rows."""
        self.words.set_rows(rows)
        self._size()

    def _size(self) -> None:
        self.set_widths(self._widths)
        look = current_look()
        rows = min(self.words.rowCount(), MOST_ROWS)
        self.setFixedHeight(look.px(40) * rows + look.px(40) + 4 + 2)
