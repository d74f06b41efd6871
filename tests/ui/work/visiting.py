"""What a person does in the workspace of a visit."""

from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from hah_desktop.domain.records.child import (
    Child,
    Conversation,
)
from hah_desktop.domain.records.visit import Visit
from hah_desktop.ui.kit.dates import DateEdit
from hah_desktop.ui.kit.inputs import ChoiceBox
from hah_desktop.ui.screens.visit.page import VisitPage
from tests.store.hand import NOON
from tests.ui.kit.hands import click, type_words
from tests.ui.work.made import Work, button, question

READY = {
    "planned_for": NOON.date(),
    "announced": "unannounced",
    "trigger": "PLANNED",
    "arrived_at": NOON.time(),
    "met_by": "T. Lark, deputy manager",
    "entry": "at_once",
    "left_at": NOON.time(),
}
"""Everything that a visit needs before it may be signed off."""


def go(work: Work, page: VisitPage, visit: str, step: str, key: str = "") -> None:
    """Open a visit at a step, and at a row of it."""
    page.open_visit(visit)
    page.show_step(step)
    work.settle()
    if key:
        page.open_entry(key)
        work.settle()


def fill(root: QWidget, words: str, answer: str) -> None:
    """Type an answer in place of what stands there."""
    control = question(root, words).control
    if isinstance(control, ChoiceBox):
        control.setCurrentIndex(control.findText(answer))
        control.activated.emit(control.currentIndex())
        return
    line = control.line if isinstance(control, DateEdit) else control
    assert isinstance(line, QLineEdit | QPlainTextEdit)
    line.setFocus()
    line.selectAll()
    type_words(line, answer)


def paste(area: QWidget, words: str) -> None:
    """Put many words into an area at once."""
    assert isinstance(area, QPlainTextEdit)
    area.setPlainText(words)


def text_of(root: QWidget, words: str) -> str:
    """What is typed in a field."""
    control = question(root, words).control
    if isinstance(control, QPlainTextEdit):
        return control.toPlainText()
    assert isinstance(control, QLineEdit)
    return control.text()


def push(work: Work, root: QWidget, words: str) -> None:
    """Press a button and wait for what comes of it."""
    click(button(root, words))
    work.settle()


def talk(work: Work, visit: Visit) -> Conversation:
    """A conversation on a visit with an invented child."""
    child = Child(id=work.store.new_id(), known_as="Kai M.")
    made = Conversation(id=work.store.new_id(), visit=visit.id, child=child.id, status="draft")
    work.store.add(child, made)
    return made
