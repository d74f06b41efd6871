"""The model of the table of places: rows are drawn when they come into view, never before."""

from collections.abc import Callable, Sequence
from enum import IntEnum

from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from hah_desktop.domain.codes import CodeList, Codes
from hah_desktop.domain.days import in_words
from hah_desktop.ui.kit.lists import Index, RowRole
from hah_desktop.ui.parts.place_rows import NOT_INSPECTED, PlaceRow, grade_tag, grade_words


class Column(IntEnum):
    """The columns in their order."""

    URN = 0
    NAME = 1
    TYPE = 2
    LOCAL_AUTHORITY = 3
    INSPECTED = 4
    GRADE = 5


HEADINGS = ("URN", "Place", "Type", "Local authority", "Last full inspection", "Grade")


class PlacesModel(QAbstractTableModel):
    """The places that were asked for."""

    def __init__(self, codes: Codes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._types: CodeList = codes("place_type")
        self._judgements: CodeList = codes("judgement")
        self._rows: Sequence[PlaceRow] = ()
        self._words: dict[Column, Callable[[PlaceRow], str]] = {
            Column.URN: lambda row: row.place.urn,
            Column.NAME: lambda row: row.name,
            Column.TYPE: lambda row: self._types.label(row.place.place_type),
            Column.LOCAL_AUTHORITY: lambda row: row.place.local_authority,
            Column.INSPECTED: lambda row: in_words(row.inspected_on) if row.inspected_on else "",
            Column.GRADE: self._grade,
        }

    def set_rows(self, rows: Sequence[PlaceRow]) -> None:
        """Show other places."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def row(self, number: int) -> PlaceRow | None:
        """One line; None past the end."""
        return self._rows[number] if 0 <= number < len(self._rows) else None

    def row_of(self, place: str) -> int:
        """The number of a place's line; -1 if it is not shown."""
        return next((n for n, row in enumerate(self._rows) if row.place.id == place), -1)

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        """Give the number of rows."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        """Give the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(HEADINGS)

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        """Give the heading of a column."""
        across = orientation is Qt.Orientation.Horizontal
        return HEADINGS[section] if across and role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """Give what a view asks about a cell."""
        row = self._rows[index.row()]
        column = Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words[column](row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(row) if column is Column.URN else self._words[column](row)
        if role == RowRole.TAG_KIND:
            return str(grade_tag(row.grade)) if column is Column.GRADE else None
        return row.place.id if role == RowRole.KEY else None

    def _grade(self, row: PlaceRow) -> str:
        return grade_words(row.grade, self._judgements) if row.inspected_on else NOT_INSPECTED

    def _spoken(self, row: PlaceRow) -> str:
        said = [f"{HEADINGS[Column.URN]} {row.place.urn}"]
        said += [words(row) for column, words in self._words.items() if column is not Column.URN]
        return ", ".join(part for part in said if part)
