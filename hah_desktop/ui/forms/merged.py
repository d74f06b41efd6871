"""A small mark under an answer that a rule chose by itself: who wrote what, and why this stands."""

import datetime as dt
from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from hah_desktop.documents.answers import Wording, words
from hah_desktop.domain.codec import MEMBER, from_json
from hah_desktop.domain.codes import ADVISERS, Codes
from hah_desktop.domain.fields import AnyField, Choice, Choices, Merge
from hah_desktop.domain.merge import UNSENT, Head, rule_of, shown
from hah_desktop.domain.records.base import Json
from hah_desktop.ui.kit.buttons import LinkButton
from hah_desktop.ui.kit.labels import Label, TextKind

NOTHING = "nothing"

Sides = Mapping[str, Sequence[Head]]
"""By the key of a body (a member of a set has one of its own), what was merged there."""


def of_field(name: str, merged: Sides) -> dict[str, Sequence[Head]]:
    """What was merged of one field."""
    return {key: heads for key, heads in merged.items() if key.partition(MEMBER)[0] == name}


def in_words(field: AnyField, value: Json, codes: Codes) -> str:
    """A value as a person reads it; “nothing” where it was left empty."""
    lists = {field.codes: codes(field.codes)} if isinstance(field, Choice) else {}
    try:
        read = from_json(field, value)
    except (ValueError, TypeError):
        return str(value)
    return words(field, read, Wording(lists=lists, names={}, zone=dt.UTC)) or NOTHING


def told(field: AnyField, key: str, heads: Sequence[Head], codes: Codes, reader: str) -> str:
    """What was merged, in a sentence: who wrote what, and why this one stands."""
    said = ", ".join(_said(field, key, head, codes, reader) for head in heads)
    return f"Merged: {said}; {_why(rule_of(field), heads, codes, reader)}."


def _said(field: AnyField, key: str, head: Head, codes: Codes, reader: str) -> str:
    who = _who(head, codes, reader)
    if not isinstance(field, Choices):
        return f"{who} wrote {in_words(field, head.value, codes)}"
    member = codes(field.codes).label(key.partition(MEMBER)[2])
    return f"{who} ticked “{member}”" if head.value is True else f"{who} left “{member}” out"


def _why(rule: Merge, heads: Sequence[Head], codes: Codes, reader: str) -> str:
    if rule is Merge.OFFICE:
        return "only what the office wrote counts"
    stands = shown(rule, heads).value
    chosen = next(h for h in reversed(heads) if (type(h.value), h.value) == (type(stands), stands))
    whose = "yours" if chosen.author == reader else f"{_who(chosen, codes, '')}’s"
    if chosen.order >= UNSENT:
        return f"{whose} stands until the office has received it"
    return f"the office received {whose} {'first' if rule is Merge.FIRST else 'last'}"


def _who(head: Head, codes: Codes, reader: str) -> str:
    if head.author == reader:
        return "you"
    first, *_ = codes(ADVISERS).label(head.author).split() or ["somebody"]
    return first


def may_merge(field: AnyField) -> bool:
    """Whether a rule may choose by itself here."""
    return rule_of(field) not in {Merge.ASK, Merge.KEEP_BOTH}


def may_choose(field: AnyField) -> bool:
    """Whether the other value may be taken: of the first and of the office’s nobody else may."""
    return rule_of(field) in {Merge.LAST_RECEIVED, Merge.EACH}


class MergedMark(QWidget):
    """The sentence, and the other values one click away. `chosen` gives the key and the value."""

    chosen = Signal(str, object)

    def __init__(self, field: AnyField) -> None:
        super().__init__()
        self._field = field
        self._parts: list[QWidget] = []
        self.buttons: list[LinkButton] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        # The ring round a button is drawn over nobody’s words.
        self._column.setSpacing(6)
        self.hide()

    def show_sides(self, sides: Sides, codes: Codes, reader: str) -> None:
        """Show what was merged; nothing hides the mark."""
        for part in self._parts:
            self._column.removeWidget(part)
            part.hide()
            part.deleteLater()
        self._parts, self.buttons = [], []
        for key, heads in sides.items():
            self._put(Label(told(self._field, key, heads, codes, reader), TextKind.CAPTION))
            if may_choose(self._field):
                self._offer(key, heads, codes)
        self.setVisible(bool(sides))

    def _offer(self, key: str, heads: Sequence[Head], codes: Codes) -> None:
        stands = shown(rule_of(self._field), heads).value
        others = {(type(h.value), h.value): h.value for h in heads}
        for value in others.values():
            if (type(value), value) != (type(stands), stands):
                button = LinkButton(self._act(key, value, codes))
                button.setAccessibleName(f"{self._field.label}: {button.words}")
                button.clicked.connect(lambda _on=False, v=value: self.chosen.emit(key, v))
                self.buttons.append(button)
                self._put(button)

    def _act(self, key: str, value: Json, codes: Codes) -> str:
        if isinstance(self._field, Choices):
            member = codes(self._field.codes).label(key.partition(MEMBER)[2])
            return f"Tick “{member}”" if value is True else f"Leave “{member}” out"
        return f"Take {in_words(self._field, value, codes)} instead"

    def set_may_choose(self, may: bool) -> None:  # noqa: FBT001 - a setter in Qt's manner
        """Offer the other values, or not, as when a visit is signed off."""
        for button in self.buttons:
            button.setVisible(may)

    def _put(self, part: QWidget) -> None:
        self._parts.append(part)
        self._column.addWidget(part)
