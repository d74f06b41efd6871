"""The panes of the workspace: the rows of a step at the left, one part open in the middle."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from hah_desktop.ui.kit.blocks import EmptyState, Scroller
from hah_desktop.ui.kit.buttons import IconButton
from hah_desktop.ui.kit.focus import has_focus
from hah_desktop.ui.kit.labels import Heading, Label, TextKind
from hah_desktop.ui.kit.lists import Row, RowList, RowRole, RowsModel
from hah_desktop.ui.kit.order import reading_order
from hah_desktop.ui.screens.visit import steps
from hah_desktop.ui.screens.visit.bundle import Bundle
from hah_desktop.ui.screens.visit.heading import with_state
from hah_desktop.ui.screens.visit.letters import LetterPart
from hah_desktop.ui.screens.visit.part import Part
from hah_desktop.ui.screens.visit.removed import RemovedPart
from hah_desktop.ui.screens.visit.steps import Entry, ShowPaper
from hah_desktop.ui.session import Session


class RowsPane(QWidget):
    """The rows of one step, what each of them opens, and the button that adds one."""

    opened = Signal(str)
    add_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[str, Entry] = {}
        self.add = ""
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

    def show_step(self, session: Session, bundle: Bundle, step: str, ask: ShowPaper) -> None:
        """Show the rows of a step of a visit; `ask` asks for a summary of it."""
        found = steps.entries(session, bundle, step, ask)
        adding = steps.adding(session, bundle, step)
        self.entries = {entry.row.key: entry for entry in found}
        self.add = adding.words if adding else ""
        self._show_rows(steps.TITLES[step], [with_state(entry.row, bundle) for entry in found])
        self._show_told(steps.told_of(bundle, step))

    def nearest(self, key: str) -> str:
        """The row of that key, or else the first that stands; empty where there is none."""
        return key if key in self.entries else next(iter(self._standing()), "")

    def after(self, key: str) -> str:
        """The row behind one; empty behind the last."""
        keys = self._standing()
        behind = keys[keys.index(key) + 1 :] if key in keys else []
        return behind[0] if behind else ""

    def _standing(self) -> list[str]:
        """The rows that are worked through: what was removed is opened when it is asked for."""
        return [key for key in self.entries if key != steps.REMOVED]

    def _show_rows(self, title: str, rows: Sequence[Row]) -> None:
        stand = len(self._standing())
        self._title.setText(f"{title}  {stand}" if stand > 1 else title)
        self.plus.setVisible(bool(self.add))
        self.plus.set_words(self.add)
        self._model.set_rows(rows)

    def _show_told(self, words: str) -> None:
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
    """The part that is open, or the words for a step that is empty; both scroll.

    What is typed in a part is kept as it goes, and where the keyboard was in it, it goes on.
    """

    add_requested = Signal()
    saved = Signal()
    go_to = Signal(str, str)
    decide = Signal(str)
    look_requested = Signal(object)
    became = Signal(str)
    removed = Signal()
    history_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.part: Part | None = None
        self._goes_on = False

    def put(self, part: Part) -> None:
        """Open a part in place of what is there."""
        self.drop()
        self.part = part
        part.saved.connect(self.saved)
        part.go_to.connect(self.go_to)
        part.decide.connect(self.decide)
        part.became.connect(self.became)
        part.removed.connect(self.removed)
        if isinstance(part, LetterPart):
            part.look_requested.connect(self.look_requested)
        if isinstance(part, RemovedPart):
            part.chosen.connect(self.history_requested)
        self.addWidget(Scroller(part))

    def put_empty(self, kept: str, add: str) -> None:
        """Say that nothing is here yet; `add` names the button that changes that."""
        empty = EmptyState("Nothing here yet", kept, act=add)
        empty.act_requested.connect(self.add_requested)
        self.drop()
        self.addWidget(Scroller(empty))

    def drop(self) -> None:
        """Take away what is there; what is typed in it is kept."""
        # What has the keyboard goes: it is to be where the work goes on.
        self._goes_on |= has_focus(self)
        self.flush()
        self.part = None
        while (old := self.widget(0)) is not None:
            self.removeWidget(old)
            old.hide()
            old.deleteLater()

    def flush(self) -> None:
        """Keep what is typed, now."""
        if self.part is not None:
            self.part.flush()

    def is_saved(self) -> bool:
        """Whether nothing is left to save."""
        return self.part is None or self.part.is_saved()

    def begun(self) -> str:
        """The id of the record that is open, also of one that was never saved; empty for none."""
        return self.part.forms[0].record_id if self.part and self.part.forms else ""

    def place(self) -> dict[str, str | int]:
        """Where in the part the author is, and how far it is scrolled, in pixels."""
        scroller = self.currentWidget()
        bar = scroller.verticalScrollBar() if isinstance(scroller, Scroller) else None
        return {"scroll": bar.value() if bar else 0, **(self.part.place() if self.part else {})}

    def go_back_to(self, place: Mapping[str, str | int]) -> None:
        """Put the author where `place` says, if it says so."""
        if self.part is not None:
            self.part.go_back_to(place)
            self._scroll_to(int(place.get("scroll", -1)))

    def go_on(self, *, goes_on: bool = True) -> None:
        """The keyboard belongs to what opens next, or does not."""
        self._goes_on = goes_on

    def take_keyboard(self, otherwise: QWidget) -> None:
        """Give what is open the keyboard where the work goes on here: Qt would give the rail it."""
        goes_on, self._goes_on = self._goes_on, False
        if goes_on and not has_focus(self):
            first = next(iter(reading_order(self)), otherwise)
            first.setFocus(Qt.FocusReason.TabFocusReason)

    def _scroll_to(self, value: int) -> None:
        scroller = self.currentWidget()
        if isinstance(scroller, Scroller) and value >= 0:
            bar = scroller.verticalScrollBar()
            # Only once the new part is laid out does the bar reach that far.
            QTimer.singleShot(0, bar, lambda: bar.setValue(value))
