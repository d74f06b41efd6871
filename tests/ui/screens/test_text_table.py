"""Tables of words: nothing of them is cut, however large the text and however narrow the page."""

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from hah_desktop.ui.kit.look import current_look
from hah_desktop.ui.kit.theme import apply
from hah_desktop.ui.kit.tokens import ThemeName
from hah_desktop.ui.parts.text_table import TextTable

HEADINGS, WIDTHS = ("Began", "Sent", "Fetched", "How it ended"), (190, 80, 84)
WELL = "All went well; there was nothing new"
LONG = "The office did not answer, and neither did the network that this laptop is connected to."
ROWS = [("today 14:05", "12", "3", WELL), ("30 September 14:05", "1,204", "0", LONG)]


@pytest.fixture
def table(qtbot: QtBot) -> TextTable:
    made = TextTable("The last syncs", HEADINGS, WIDTHS)
    qtbot.addWidget(made)
    made.resize(640, 200)
    made.set_rows(ROWS)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    return made


def cut(table: TextTable) -> list[str]:
    """Words on show that do not fit into their cell."""
    found = []
    padding = 2 * current_look().px(10)
    for row in range(table.words.rowCount()):
        for column in range(table.words.columnCount()):
            words = str(table.words.index(row, column).data())
            room = QRect(0, 0, table.columnWidth(column) - padding, table.rowHeight(row))
            needed = table.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap, words)
            if not table.isColumnHidden(column) and not room.contains(needed):
                found.append(words)
    return found


@pytest.mark.parametrize(
    ("width", "scale"), [(640, 1.0), (1150, 2.0), (640, 2.0), (420, 2.0), (420, 1.0)]
)
def test_no_words_are_cut(table: TextTable, qapp: QApplication, width: int, scale: float) -> None:
    apply(qapp, ThemeName.LIGHT, scale)
    table.resize(width, table.height())
    for _ in range(5):
        qapp.processEvents()
    assert cut(table) == []
    assert table.columnWidth(0) <= table.viewport().width()
    assert sum(table.rowHeight(row) for row in range(2)) <= table.viewport().height()


def test_where_there_is_no_room_a_row_is_its_first_words_and_its_last(table: TextTable) -> None:
    table.resize(420, table.height())
    assert table.words.index(0, 0).data() == f"today 14:05\n{WELL}"
    assert [table.isColumnHidden(column) for column in range(4)] == [False, True, True, True]
    table.resize(640, table.height())
    assert table.words.index(0, 0).data() == "today 14:05"
    assert not table.isColumnHidden(3)


def test_the_row_that_is_chosen_stays_chosen_when_the_page_gets_narrow(table: TextTable) -> None:
    table.choose_row(1)
    table.resize(420, table.height())
    assert table.currentIndex().row() == 1


def test_the_ring_goes_round_the_whole_row(table: TextTable, qtbot: QtBot) -> None:
    table.choose_row(1)
    table.setFocus(Qt.FocusReason.TabFocusReason)
    row = table.visualRect(table.words.index(1, 0))
    row.setWidth(table.viewport().width())

    def is_round_it() -> bool:
        rings = [one for one in table.findChildren(QWidget, "focus-ring") if one.isVisible()]
        placed = row.translated(table.viewport().pos())
        return [ring.geometry().contains(placed) for ring in rings] == [True]

    qtbot.waitUntil(is_round_it)
