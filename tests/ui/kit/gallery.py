"""A page with one of everything the kit has, over invented content, for the tests to walk over."""

import datetime as dt
from dataclasses import dataclass

from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from hah_desktop.ui.kit.blocks import (
    Card,
    EmptyState,
    FormColumn,
    Notice,
    ProgressLine,
    SummaryList,
    SummaryRow,
)
from hah_desktop.ui.kit.buttons import (
    IconButton,
    LinkButton,
    PrimaryButton,
    SecondaryButton,
)
from hah_desktop.ui.kit.dates import DateEdit
from hah_desktop.ui.kit.fields import ErrorSummary, LabelledField, Problem
from hah_desktop.ui.kit.inputs import ChoiceBox, Option, SearchEdit, TextArea, TextLine, TimeEdit
from hah_desktop.ui.kit.labels import Heading, Rule, Tag, TagKind
from hah_desktop.ui.kit.lists import Row, RowList, RowsModel
from hah_desktop.ui.kit.page import Page
from hah_desktop.ui.kit.stepper import Step, Stepper
from hah_desktop.ui.kit.ticks import CheckBox, CheckGroup, RadioGroup
from hah_desktop.ui.shell import Shell

STEPS = (
    Step("plan", "Plan", done=True),
    Step("record", "Record", done=True),
    Step("conversations", "Conversations"),
    Step("concerns", "Concerns"),
    Step("actions", "Actions"),
    Step("summary", "Summary"),
)
ROWS = (
    Row("a", "Wren Test-Oakley", "15 · in person", "14:05", "Draft", TagKind.WARN),
    Row("b", "Ash Sample", "17 · by phone", "10:45", "Concern raised", TagKind.BAD),
    Row("c", "Group: Willow unit", "5 children", "11:30", "Complete", TagKind.OK),
)


@dataclass
class VisitForm:
    """The form of the invented visit page, with the parts the tests ask for."""

    column: FormColumn
    summary: ErrorSummary
    who: LabelledField
    time: LabelledField
    where: LabelledField
    words: LabelledField


def visit_form() -> VisitForm:
    """Make the form."""
    choice = ChoiceBox([Option("w", "Wren Test-Oakley (W-0412)"), Option("a", "Ash Sample")])
    choice.set_value("w")
    form = VisitForm(
        FormColumn(),
        ErrorSummary(),
        LabelledField("Who did you speak with?", choice),
        LabelledField("Start time", TimeEdit()),
        LabelledField("Where were you?", TextLine(), optional=True),
        LabelledField(
            "In their own words",
            TextArea(),
            hint="Put the child’s exact words in quotation marks.",
        ),
    )
    about = Card("About this conversation")
    about.add_row(form.who, form.time)
    ways = RadioGroup([Option("p", "In person"), Option("t", "Phone")], in_row=True)
    about.add(LabelledField("How did you speak?", ways))
    about.add(form.where)
    form.column.add(Heading("Conversation with Wren", 2))
    form.column.add(form.summary)
    form.column.add(about)
    form.column.add(_told(form.words))
    return form


def _told(words: LabelledField) -> Card:
    told = Card("What the child told you")
    told.add(words)
    topics = CheckGroup([Option("s", "Staff"), Option("n", "Nights", "Noise, light, being woken")])
    told.add(LabelledField("What was it about?", topics))
    when = DateEdit()
    when.set_value(dt.date(2025, 3, 12))
    told.add(LabelledField("When did it happen?", when))
    told.add(CheckBox("The child wants to see this again"))
    told.add(Notice("If the child is in danger now, act before you leave.", "warn"))
    told.add(EmptyState("No actions yet", "Add one for each promise.", act="Add an action"))
    return told


def side_panel() -> QWidget:
    """Make the side panel."""
    side = QWidget()
    column = QVBoxLayout(side)
    column.addWidget(Heading("At a glance", 3))
    column.addWidget(LinkButton("Open record", tone="quiet"))
    known = SummaryList(stacked=True)
    known.set_rows([SummaryRow("Age", "15"), SummaryRow("Communication", "Easy read")])
    column.addWidget(known)
    column.addWidget(Rule())
    column.addWidget(Tag("High", TagKind.BAD))
    progress = ProgressLine()
    progress.set_progress(6, 8, "6 of 8 children offered a conversation")
    column.addWidget(progress)
    column.addStretch(1)
    return side


def conversation_list() -> QWidget:
    """Make the list pane."""
    pane = QWidget()
    column = QVBoxLayout(pane)
    column.addWidget(IconButton("plus", "Add a conversation"))
    rows = RowList("Conversations")
    rows.setModel(RowsModel(ROWS, rows))
    rows.choose_row(0)
    column.addWidget(rows, 1)
    return pane


@dataclass
class Window:
    """The whole invented window."""

    shell: Shell
    page: Page
    form: VisitForm

    def problems(self) -> list[Problem]:
        """Give two problems of the form."""
        return [
            Problem("Enter a time like 14:05", self.form.time),
            Problem("Write what the child told you", self.form.words),
        ]


def window() -> Window:
    """Make the whole window, not yet shown."""
    page = Page()
    page.set_title(
        "Visit to Rowan House",
        breadcrumbs=["Visits", "March 2025"],
        tags=[Tag("In progress", TagKind.INFO), Tag("Unannounced", TagKind.VIOLET)],
    )
    page.add_header_row(SearchEdit("Search everything"))
    page.add_header_action(SecondaryButton("Print preview", "printer"))
    stepper = Stepper(STEPS)
    stepper.set_current("conversations")
    page.set_stepper(stepper)
    form = visit_form()
    page.set_list(conversation_list())
    page.set_form(form.column)
    page.set_side(side_panel())
    page.set_footer(SecondaryButton("Mark as declined"), PrimaryButton("Save and continue"))
    shell = Shell()
    shell.add_page("visits", "calendar-days", "Visits", page)
    shell.add_page("places", "building-2", "Places", Page("Places"))
    shell.set_badge("visits", 3)
    shell.set_person("Robin Sample", "RS")
    shell.set_lock_state("Locks in 9 min")
    shell.set_saved("Saved on this laptop at 14:32", "Saved 14:32")
    shell.set_standing("3 changes only on this laptop", "3 only here", received=False)
    return Window(shell, page, form)


def shown(qtbot: QtBot, width: int = 1366, height: int = 768) -> Window:
    """Make the whole window, show it and wait until the keyboard is with it."""
    made = window()
    qtbot.addWidget(made.shell)
    show(qtbot, made.shell, width, height)
    return made


def show(qtbot: QtBot, root: QWidget, width: int, height: int) -> None:
    """Show a window and wait until the keyboard is with it."""
    root.resize(width, height)
    with qtbot.waitActive(root):
        root.show()
        root.activateWindow()
