"""One editor for each kind of field: the control that asks, and how its answer is read.

A kind added to `AnyField` makes mypy stop here until it has an editor.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QWidget

from hah_desktop.domain.codes import CodeList, Codes
from hah_desktop.domain.fields import (
    AnyField,
    Choice,
    Choices,
    Date,
    Link,
    Moment,
    Number,
    Text,
    Time,
    YesNo,
)
from hah_desktop.domain.records.base import Value
from hah_desktop.ui.kit.dates import DateEdit
from hah_desktop.ui.kit.inputs import ChoiceBox, Option, TextArea, TextLine, TimeEdit
from hah_desktop.ui.kit.ticks import CheckGroup, RadioGroup

FEW = 4
"""So many answers are shown at once; more of them fold away."""


class Unreadable(Exception):
    """What is typed is not an answer yet. It is kept as it was typed."""


@dataclass(frozen=True)
class Editor:
    """A control and how to use it, whatever kind of field it edits."""

    control: QWidget
    edited: SignalInstance
    read: Callable[[], Value]
    """The answer. Raises Unreadable with what to say beside the field."""
    write: Callable[[Value], None]
    raw: Callable[[], str] = str
    """What is typed, for a draft of something that does not read as an answer yet."""
    write_raw: Callable[[str], None] = lambda _text: None


class NumberLine(TextLine):
    """A whole number, typed."""

    def number(self) -> int | None:
        """The number; None if nothing is typed. Raises Unreadable."""
        typed = self.value()
        if not typed:
            return None
        if not typed.isdecimal():
            raise Unreadable("Enter a whole number, like 12")
        return int(typed)


def editor_for(field: AnyField, codes: Codes, day: dt.date) -> Editor:
    """The editor of a field. `day` says which codes may be chosen."""
    match field:
        case Text():
            editor = _text(field)
        case Date():
            editor = _date()
        case Time():
            editor = _time()
        case Number():
            editor = _number()
        case YesNo():
            editor = _yes_no()
        case Choice():
            editor = _choice(_options(codes(field.codes), day))
        case Choices():
            editor = _choices(_options(codes(field.codes), day))
        case Moment() | Link():
            raise TypeError(f"“{field.label}” is kept by the program; no form asks for it")
        case _:
            assert_never(field)
    return editor


def _text(field: Text) -> Editor:
    control = TextArea(field.lines) if field.lines > 1 else TextLine()
    return Editor(control, control.edited, control.value, lambda v: control.set_value(str(v or "")))


def _date() -> Editor:
    control = DateEdit()

    def read() -> Value:
        if not control.is_readable():
            raise Unreadable("Enter a date like 12 March 2026")
        return control.value()

    def write(value: Value) -> None:
        control.set_value(value if isinstance(value, dt.date) else None)

    return Editor(control, control.edited, read, write, control.line.text, control.line.setText)


def _time() -> Editor:
    control = TimeEdit()

    def read() -> Value:
        if not control.is_readable():
            raise Unreadable("Enter the time using a 24-hour clock, like 14:05")
        return control.value()

    def write(value: Value) -> None:
        control.set_value(value if isinstance(value, dt.time) else None)

    return Editor(control, control.edited, read, write, control.text, control.setText)


def _number() -> Editor:
    control = NumberLine()

    def write(value: Value) -> None:
        control.set_value("" if value is None else str(value))

    return Editor(control, control.edited, control.number, write, control.text, control.setText)


_YES, _NO = "yes", "no"


def _yes_no() -> Editor:
    control = RadioGroup([Option(_YES, "Yes"), Option(_NO, "No")], in_row=True)

    def read() -> Value:
        answer = control.value()
        return None if answer is None else answer == _YES

    def write(value: Value) -> None:
        control.set_value(None if value is None else _YES if value else _NO)

    return Editor(control, control.edited, read, write)


def _choice(options: list[Option]) -> Editor:
    control = RadioGroup(options) if len(options) <= FEW else ChoiceBox(options)

    def write(value: Value) -> None:
        control.set_value(str(value) if value else None)

    return Editor(control, control.edited, lambda: control.value() or "", write)


def _choices(options: list[Option]) -> Editor:
    control = CheckGroup(options)

    def write(value: Value) -> None:
        control.set_value(tuple(value) if isinstance(value, frozenset) else ())

    return Editor(control, control.edited, lambda: frozenset(control.value()), write)


def _options(codes: CodeList, day: dt.date) -> list[Option]:
    return [Option(code.code, code.label, code.note) for code in codes.valid_on(day)]
