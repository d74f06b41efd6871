"""Lists of records: what is seen, what is heard, and how they are walked."""

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from hah_desktop.ui.kit.labels import TagKind
from hah_desktop.ui.kit.lists import RecordTable, Row, RowList, RowRole, RowsModel
from tests.ui.kit.gallery import ROWS
from tests.ui.kit.hands import press


class Cases(QAbstractTableModel):
    """A small table with a column of tags."""

    def rowCount(self, _parent: object = None) -> int:  # noqa: N802 - Qt's name
        return 3

    def columnCount(self, _parent: object = None) -> int:  # noqa: N802 - Qt's name
        return 2

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> str | None:
        if role == Qt.ItemDataRole.DisplayRole:
            return "Open" if index.column() else f"C-00{index.row()}"
        return "warn" if role == RowRole.TAG_KIND and index.column() else None


def test_the_model_of_rows_keeps_qts_contract(qtbot: QtBot) -> None:
    assert qtbot is not None
    model = RowsModel(ROWS)
    tester = QAbstractItemModelTester(
        model, QAbstractItemModelTester.FailureReportingMode.Fatal, model
    )
    model.set_rows(ROWS[:1])
    assert tester.model() is model
    assert model.row_of("a") == 0
    assert model.row_of("z") == -1


def test_a_row_is_heard_with_its_status_in_words() -> None:
    row = Row("k", "Wren T.", "15 · in person", "14:05", "Draft", TagKind.WARN)
    assert row.spoken() == "Wren T., 15 · in person, Draft, 14:05"
    model = RowsModel([row])
    heard = model.data(model.index(0, 0), int(Qt.ItemDataRole.AccessibleTextRole))
    assert heard == row.spoken()


def test_a_two_line_row_is_heard_through_the_list(qtbot: QtBot) -> None:
    rows = RowList("Conversations")
    qtbot.addWidget(rows)
    rows.setModel(RowsModel(ROWS, rows))
    rows.show()
    heard = QAccessible.queryAccessibleInterface(rows)
    assert heard.text(QAccessible.Text.Name) == "Conversations"
    names = [heard.child(n).text(QAccessible.Text.Name) for n in range(heard.childCount())]
    assert ROWS[0].spoken() in names


def test_enter_opens_and_the_arrows_choose(qtbot: QtBot) -> None:
    rows = RowList("Conversations")
    qtbot.addWidget(rows)
    rows.setModel(RowsModel(ROWS, rows))
    rows.choose_row(0)
    rows.show()
    with qtbot.waitSignal(rows.chosen) as told:
        press(rows, Qt.Key.Key_Down)
    assert told.args is not None
    assert told.args[0].row() == 1
    with qtbot.waitSignal(rows.opened) as opened:
        press(rows, Qt.Key.Key_Return)
    assert opened.args is not None
    assert opened.args[0].data(RowRole.KEY) == "b"


def test_rows_are_as_high_as_their_two_lines_need(qtbot: QtBot) -> None:
    rows = RowList("Conversations")
    qtbot.addWidget(rows)
    rows.setModel(RowsModel(ROWS, rows))
    assert rows.rowHeight(0) == 72


def test_a_table_paints_its_statuses_as_tags(qtbot: QtBot) -> None:
    table = RecordTable("Cases")
    qtbot.addWidget(table)
    table.setModel(Cases(table))
    table.set_widths([120])
    table.resize(400, 300)
    table.show()
    picture = table.viewport().grab().toImage()
    colours = {picture.pixelColor(x, 20).name().upper() for x in range(120, 240)}
    assert "#FDEFCF" in colours
    assert table.rowHeight(0) == 40
