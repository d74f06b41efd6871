"""The panes of the workspace: the rows of a step at the left, one part open in the middle."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from hah_desktop.ui.kit.blocks import EmptyState, Scroller
from hah_desktop.ui.kit.buttons import IconButton
from hah_desktop.ui.kit.labels import Heading, Label, TextKind
from hah_desktop.ui.kit.lists import Row, RowList, RowRole, RowsModel
from hah_desktop.ui.screens.visit.part import Part


class RowsPane(QWidget):
    """The rows of one step, and the button that adds one."""

    opened = Signal(str)
    add_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._title = Heading("", 3)
        self.plus = IconButton("plus", "Add")
        self.plus.clicked.connect(self.add_requested)
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 12, 12, 8)
        row.addWidget(self._title, 1)
        row.addWidget(self.plus)
        self.told = Label("", TextKind.CAPTION)
        self.told.setContentsMargins(16, 0, 12, 8)
        self.told.hide()
        self._model = RowsModel()
        self.rows = RowList("Parts of this visit")
        self.rows.setModel(self._model)
        self.rows.chosen.connect(lambda index: self.opened.emit(str(index.data(RowRole.KEY))))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self.told)
        column.addWidget(self.rows, 1)

    def show_rows(self, title: str, rows: Sequence[Row], add: str) -> None:
        """Show these rows; `add` names the button, and there is none if it is empty."""
        self._title.setText(f"{title}  {len(rows)}" if len(rows) > 1 else title)
        self.plus.setVisible(bool(add))
        self.plus.set_words(add)
        self._model.set_rows(rows)

    def show_told(self, words: str) -> None:
        """Say something of all the rows together; nothing if it is empty."""
        self.told.setText(words)
        self.told.setVisible(bool(words))

    def choose(self, key: str) -> None:
        """Mark a row without opening it; none if there is no such row."""
        row = self._model.row_of(key)
        with QSignalBlocker(self.rows):
            if row < 0:
                self.rows.clearSelection()
            else:
                self.rows.choose_row(row)


class Middle(QStackedWidget):
    """One part, or the words for a step that is empty; both scroll."""

    add_requested = Signal()

    def put(self, part: Part) -> None:
        """Show a part in place of what is there."""
        self.clear()
        self.addWidget(Scroller(part))

    def put_empty(self, kept: str, add: str) -> None:
        """Say that nothing is here yet; `add` names the button that changes that."""
        empty = EmptyState("Nothing here yet", kept, act=add)
        empty.act_requested.connect(self.add_requested)
        self.clear()
        self.addWidget(Scroller(empty))

    def clear(self) -> None:
        """Take away what is there."""
        while (old := self.widget(0)) is not None:
            self.removeWidget(old)
            old.hide()
            old.deleteLater()

    def scrolled(self) -> int:
        """How far the part is scrolled, in pixels."""
        scroller = self.currentWidget()
        return scroller.verticalScrollBar().value() if isinstance(scroller, Scroller) else 0

    def scroll_to(self, value: int) -> None:
        """Scroll the part to where it was; a negative value leaves it."""
        scroller = self.currentWidget()
        if isinstance(scroller, Scroller) and value >= 0:
            bar = scroller.verticalScrollBar()
            # Only once the new part is laid out does the bar reach that far.
            QTimer.singleShot(0, bar, lambda: bar.setValue(value))
