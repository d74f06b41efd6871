"""Letters that are read out by telephone: typed in any spacing, and the wrong group named."""

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hah_desktop.seals import letters
from hah_desktop.ui.parts.spoken import CodeField, SpokenLetters, wrong_groups_words
from tests.ui.kit.hands import press, type_words

CODE = letters.write("7K2M9QX4HT6VD3WPAB8NR5YC")
GROUPS = CODE.split("-")


@pytest.fixture
def code(qtbot: QtBot) -> CodeField:
    made = CodeField("Code from the office", letters.read, groups=6)
    qtbot.addWidget(made)
    made.show()
    return made


def spoilt(group: str) -> str:
    return group[:-1] + ("Z" if group[-1] != "Z" else "Y")


@pytest.mark.parametrize(
    "typed",
    [CODE, CODE.replace("-", ""), CODE.lower().replace("-", " "), " – ".join(GROUPS)],
    ids=["as written", "without gaps", "small letters", "long dashes"],
)
def test_any_spacing_is_shown_in_groups(code: CodeField, typed: str) -> None:
    # A key for the long dash is not known to the offscreen keyboard.
    QApplication.clipboard().setText(typed)
    code.line.paste()
    assert code.line.text() == CODE
    assert code.problem() == ""
    assert code.state.text() == "Every group fits"


def test_a_code_is_grouped_while_it_is_typed(code: CodeField) -> None:
    type_words(code.line, CODE.lower().replace("-", " "))
    assert code.line.text() == CODE


def test_letters_that_look_alike_are_taken_for_what_was_meant(code: CodeField) -> None:
    type_words(code.line, "oil")
    assert code.line.text() == "011"


def test_a_wrong_group_is_named_as_soon_as_it_is_typed(code: CodeField) -> None:
    type_words(code.line, GROUPS[0] + spoilt(GROUPS[1]))
    assert code.amiss.isVisible()
    assert code.problem() == "Group 2 does not fit: check it and type it again"


def test_nothing_is_called_wrong_while_its_group_is_being_typed(code: CodeField) -> None:
    type_words(code.line, GROUPS[0] + "ZZZ")
    assert not code.amiss.isVisible()
    assert code.state.text() == "8 of 30 letters"


def test_two_groups_in_the_wrong_order_are_both_named(code: CodeField) -> None:
    type_words(code.line, GROUPS[1] + GROUPS[0] + "".join(GROUPS[2:]))
    assert "Groups 1 and 2 do not fit" in code.problem()


def test_three_wrong_groups_are_named_in_one_sentence() -> None:
    assert wrong_groups_words((1, 3, 6)).startswith("Groups 1, 3 and 6 do not fit")


def test_a_wrong_group_is_typed_over(code: CodeField) -> None:
    type_words(code.line, GROUPS[0] + spoilt(GROUPS[1]) + "".join(GROUPS[2:]))
    code.show_wrong((2,))
    press(code.line, Qt.Key.Key_Delete)
    type_words(code.line, GROUPS[1])
    assert code.value() == CODE


def test_backspace_takes_a_letter_and_not_only_its_dash(code: CodeField) -> None:
    type_words(code.line, "ABCDEF")
    press(code.line, Qt.Key.Key_Backspace)
    press(code.line, Qt.Key.Key_Backspace)
    assert code.line.text() == "ABCD"


def test_delete_takes_a_letter_over_the_dash(code: CodeField) -> None:
    type_words(code.line, "ABCDEFGH")
    code.line.setCursorPosition(5)
    press(code.line, Qt.Key.Key_Delete)
    assert code.line.text() == "ABCDE-GH"


def test_a_letter_typed_in_the_middle_leaves_the_cursor_behind_it(code: CodeField) -> None:
    type_words(code.line, "ABCEFGH")
    code.line.setCursorPosition(3)
    type_words(code.line, "D")
    assert code.line.text() == "ABCDE-FGH"
    assert code.line.cursorPosition() == 4


def test_more_letters_than_there_are_go_nowhere(code: CodeField) -> None:
    type_words(code.line, CODE + "XYZ")
    assert code.value() == CODE


def test_a_forgotten_code_leaves_nothing_to_undo(code: CodeField) -> None:
    type_words(code.line, CODE)
    code.wipe()
    code.line.undo()
    assert code.value() == ""


def test_letters_to_read_out_are_read_by_a_screen_reader_one_by_one(qtbot: QtBot) -> None:
    shown = SpokenLetters("Letters to read to the office")
    qtbot.addWidget(shown)
    shown.show_letters("K7MPT-Q2X4Y")
    heard = QAccessible.queryAccessibleInterface(shown)
    assert heard.text(QAccessible.Text.Name) == (
        "Letters to read to the office: K 7 M P T, Q 2 X 4 Y"
    )
    assert heard.role() is QAccessible.Role.StaticText


def test_letters_to_read_out_wrap_by_groups(qtbot: QtBot) -> None:
    shown = SpokenLetters("Letters")
    qtbot.addWidget(shown)
    shown.show_letters("-".join(GROUPS))
    one_row = shown.heightForWidth(2000)
    assert shown.heightForWidth(shown.sizeHint().width() // 2) > one_row
    shown.resize(300, shown.heightForWidth(300))
    assert QRect(QPoint(0, 0), shown.size()).contains(shown.focus_rect())
