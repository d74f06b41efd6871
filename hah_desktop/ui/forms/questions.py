"""The questions of some sections of one record, as cards with an editor for each field.

It asks and answers; what becomes of the answers is for whoever puts it on the screen.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from hah_desktop.domain.codec import MEMBER, from_json
from hah_desktop.domain.fields import Choices
from hah_desktop.domain.records.base import Json, Record, Section, Value, described
from hah_desktop.ui.forms.editors import Editor, Unreadable, editor_for
from hah_desktop.ui.forms.merged import MergedMark, Sides, may_merge, of_field
from hah_desktop.ui.kit.blocks import Card
from hah_desktop.ui.kit.fields import ErrorSummary, LabelledField, Problem
from hah_desktop.ui.session import Session


class Questions(QWidget):
    """The cards, and a list of what is wrong above them. `edited`: a person typed or chose."""

    edited = Signal()

    def __init__(self, session: Session, record: type[Record], sections: Sequence[Section]) -> None:
        super().__init__()
        self._session = session
        self._type = record
        self._fields: dict[str, LabelledField] = {}
        self._editors: dict[str, Editor] = {}
        self._marks: dict[str, MergedMark] = {}
        self.problems = ErrorSummary()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(18)
        self._column.addWidget(self.problems)
        self._cards = {section.title: self._card(section) for section in sections}
        for card in self._cards.values():
            self._column.addWidget(card)

    def _card(self, section: Section) -> Card:
        card = Card(section.title)
        fields = described(self._type)
        day = self._session.store.now().date()
        for name in section.fields:
            field = fields[name]
            editor = editor_for(field, self._session.code_list, day)
            # Its hint comes with the record, see write_answers.
            labelled = LabelledField(field.label, editor.control, optional=field.asked is None)
            editor.edited.connect(self.edited)
            self._fields[name] = labelled
            self._editors[name] = editor
            card.add(labelled)
            if may_merge(field):
                self._marks[name] = mark = MergedMark(field)
                mark.chosen.connect(partial(self._take_other, name))
                card.add(mark)
        return card

    def add(self, widget: QWidget, *, below: str = "") -> None:
        """Put a hand-made part below the card of that title, or below all of them."""
        card = self._cards.get(below)
        place = self._column.indexOf(card) + 1 if card else self._column.count()
        self._column.insertWidget(place, widget)

    def write_answers(
        self,
        record: Record,
        raw: Mapping[str, str],
        undecided: Collection[str],
        merged: Sides = MappingProxyType({}),
    ) -> None:
        """Show what a record says; `raw` is what was typed and does not read as an answer."""
        self.problems.clear()
        session = self._session
        for name, mark in self._marks.items():
            mark.show_sides(of_field(name, merged), session.code_list, session.who.adviser)
        for name, editor in self._editors.items():
            editor.write(getattr(record, name))
            if name in raw:
                editor.write_raw(raw[name])
            self._fields[name].set_problem(None)
            self._note_open(name, undecided)

    def _take_other(self, name: str, key: str, value: Json) -> None:
        """Put the other value into the editor, as if it had been typed."""
        field, editor = described(self._type)[name], self._editors[name]
        if isinstance(field, Choices):
            now = editor.read()
            chosen = now if isinstance(now, frozenset) else frozenset()
            member = {key.partition(MEMBER)[2]}
            editor.write(chosen | member if value is True else chosen - member)
        else:
            editor.write(from_json(field, value))
        self.edited.emit()

    def _note_open(self, name: str, undecided: Collection[str]) -> None:
        note = (
            "Changed in two places. Both are kept: decide under Sync." if name in undecided else ""
        )
        self._fields[name].set_hint(note or described(self._type)[name].help)

    def read_answers(self) -> tuple[dict[str, Any], dict[str, str]]:
        """The answers, and what to say of what does not read as one."""
        values: dict[str, Value] = {}
        unreadable: dict[str, str] = {}
        for name, editor in self._editors.items():
            try:
                values[name] = editor.read()
            except Unreadable as fault:
                unreadable[name] = str(fault)
        return values, unreadable

    def answer(self, name: str) -> Value:
        """What a field says now; None where it cannot be read."""
        try:
            return self._editors[name].read()
        except Unreadable:
            return None

    def show_problems(self, words: Mapping[str, str]) -> None:
        """List what is wrong at the top and beside each field, and go there."""
        for labelled in self._fields.values():
            labelled.set_problem(None)
        self.problems.show_problems(
            [Problem(said, self._fields[name]) for name, said in words.items()]
        )

    def field(self, name: str) -> LabelledField:
        """The field of that name, for going to it."""
        return self._fields[name]

    def holds(self, name: str) -> bool:
        """Whether this form asks for a field."""
        return name in self._fields

    def place(self) -> dict[str, str | int]:
        """Where the author is in this form: field and cursor."""
        # The window's own, which it keeps while another program or a dialog is in front.
        focused = self.window().focusWidget()
        for name, labelled in self._fields.items():
            if labelled.isAncestorOf(focused):
                return {"field": name, "cursor": _cursor(focused)}
        return {}

    def go_to_place(self, field: str, cursor: int) -> None:
        """Put the focus and the cursor back where they were."""
        labelled = self._fields.get(field)
        if labelled is None:
            return
        labelled.setFocus()
        control = labelled.control
        if isinstance(control, QPlainTextEdit):
            text_cursor = control.textCursor()
            text_cursor.setPosition(min(cursor, len(control.toPlainText())))
            control.setTextCursor(text_cursor)
        elif isinstance(control, QLineEdit):
            control.setCursorPosition(cursor)


def _cursor(widget: QWidget) -> int:
    if isinstance(widget, QPlainTextEdit):
        return widget.textCursor().position()
    return widget.cursorPosition() if isinstance(widget, QLineEdit) else 0
