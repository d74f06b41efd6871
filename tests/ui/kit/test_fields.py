"""Questions on a form: label, hint and problem reach the eye and the ear."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hah_desktop.ui.kit.fields import ErrorSummary, LabelledField, Problem
from hah_desktop.ui.kit.inputs import Option, TextLine
from hah_desktop.ui.kit.ticks import RadioGroup
from tests.ui.kit.gallery import shown


def test_a_field_is_named_by_its_label_and_described_by_its_hint(qtbot: QtBot) -> None:
    field = LabelledField("Where were you?", TextLine(), hint="The room is enough.", optional=True)
    qtbot.addWidget(field)
    heard = QAccessible.queryAccessibleInterface(field.control)
    assert heard.text(QAccessible.Text.Name) == "Where were you? (optional)"
    assert heard.text(QAccessible.Text.Description) == "The room is enough."


def test_a_problem_is_read_before_the_hint(qtbot: QtBot) -> None:
    field = LabelledField("Start time", TextLine(), hint="Use a 24-hour clock.")
    qtbot.addWidget(field)
    field.set_problem("Enter a time like 14:05")
    assert field.control.accessibleDescription() == "Enter a time like 14:05 Use a 24-hour clock."
    field.set_problem(None)
    assert field.control.accessibleDescription() == "Use a 24-hour clock."
    assert field.problem.isHidden()


def test_a_group_of_answers_is_heard_as_one_question(qtbot: QtBot) -> None:
    group = RadioGroup([Option("p", "In person"), Option("t", "Phone")])
    field = LabelledField("How did you speak?", group)
    qtbot.addWidget(field)
    heard = QAccessible.queryAccessibleInterface(group)
    assert heard.role() == QAccessible.Role.Grouping
    assert heard.text(QAccessible.Text.Name) == "How did you speak?"


def test_the_error_summary_takes_the_focus_and_names_itself(qtbot: QtBot) -> None:
    made = shown(qtbot)
    made.form.summary.show_problems(made.problems())
    assert made.shell.focusWidget() is made.form.summary
    heard = QAccessible.queryAccessibleInterface(made.form.summary)
    assert heard.role() == QAccessible.Role.AlertMessage
    assert heard.text(QAccessible.Text.Name) == "There is a problem"


def test_each_line_of_the_error_summary_leads_to_its_field(qtbot: QtBot) -> None:
    made = shown(qtbot)
    made.form.summary.show_problems(made.problems())
    made.form.summary.buttons[1].click()
    area = made.form.words.control
    assert made.shell.focusWidget() is area
    qtbot.waitUntil(lambda: not area.visibleRegion().isEmpty())
    qtbot.waitUntil(lambda: area.visibleRegion().boundingRect().height() == area.height())


def test_the_words_in_the_summary_and_beside_the_field_are_the_same(qtbot: QtBot) -> None:
    made = shown(qtbot)
    made.form.summary.show_problems(made.problems())
    assert made.form.time.problem.text() == made.form.summary.buttons[0].words


def test_two_problems_of_one_field_both_stand_beside_it(qtbot: QtBot) -> None:
    summary, field = ErrorSummary(), LabelledField("Choose a passphrase", TextLine())
    qtbot.addWidget(summary)
    qtbot.addWidget(field)
    summary.show_problems([Problem("Use more words", field), Problem("Use no names", field)])
    assert field.problem.text() == "Use more words\nUse no names"


def test_a_mended_form_has_no_summary(qtbot: QtBot) -> None:
    made = shown(qtbot)
    made.form.summary.show_problems(made.problems())
    made.form.summary.show_problems([])
    assert made.form.summary.isHidden()
    assert made.form.summary.buttons == ()


def test_words_of_a_record_are_never_read_as_markup(qtbot: QtBot) -> None:
    field = LabelledField("<b>Name</b>", TextLine())
    qtbot.addWidget(field)
    assert field.label.textFormat() is Qt.TextFormat.PlainText
    assert QApplication.focusWidget() is not field
