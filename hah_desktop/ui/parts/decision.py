"""One undecided field: its sides beside each other, and the ways to decide between them."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QTextCursor
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from hah_desktop.domain.codec import from_json, to_json
from hah_desktop.domain.fields import Text
from hah_desktop.domain.ids import ChangeId
from hah_desktop.domain.records.base import Json, Value
from hah_desktop.ui.forms.editors import Editor, Unreadable
from hah_desktop.ui.kit.access import announce
from hah_desktop.ui.kit.blocks import Card
from hah_desktop.ui.kit.buttons import LinkButton
from hah_desktop.ui.kit.fields import LabelledField
from hah_desktop.ui.kit.inputs import Option
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.kit.page import Room
from hah_desktop.ui.kit.ticks import RadioButton
from hah_desktop.ui.parts.differences import LEGEND, LEGEND_OF_MANY, MarkedText
from hah_desktop.ui.parts.halfway import BOTH, WRITTEN, Half
from hah_desktop.ui.parts.sides import TWO, Side, Torn, spoken

KEEP_BOTH = "Keep both, one after the other"
KEEP_ALL = "Keep all, one after the other"
WRITE = "Write something else"
SHOW_BEFORE = "Show what it said before"
HIDE_BEFORE = "Hide what it said before"
SAID = "These are words that were said, so none of them is dropped or changed."

_STEPS = {
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Up: -1,
}


class Decision(Card):
    """A field with its sides. Nothing is chosen until the person chooses."""

    chosen = Signal()

    def __init__(self, torn: Torn, editor: Editor | None) -> None:
        super().__init__(torn.label)
        self._torn = torn
        self._editor = editor
        self._group = QButtonGroup(self)
        self.buttons: list[RadioButton] = []
        self.problem = Label("", TextKind.PROBLEM)
        self.problem.hide()
        self.add(self.problem)
        if torn.verbatim:
            self.add(Label(SAID, TextKind.MUTED))
        if isinstance(torn.field, Text):
            self.add(Label(LEGEND if len(torn.sides) == TWO else LEGEND_OF_MANY, TextKind.CAPTION))
        self._beside = QHBoxLayout()
        self._beside.setSpacing(16)
        self._cards = [self._side(side) for side in torn.sides]
        self.body.addLayout(self._beside)
        self.before = _Before(torn.label, *torn.before) if torn.before else None
        if self.before:
            self.add(self.before)
        both = KEEP_BOTH if len(torn.sides) == TWO else KEEP_ALL
        self.both = self._more(both) if torn.joined else None
        writes = editor is not None and not torn.verbatim
        self.write = self._more(WRITE) if writes else None
        self.other = self._other_words(editor) if editor and writes else None
        self._group.buttonClicked.connect(lambda _button: self._clicked())
        self.setFocusProxy(self.buttons[0])

    def _side(self, side: Side) -> "_SideCard":
        button = None if self._torn.verbatim else self._button(side.keep, spoken(side))
        card = _SideCard(button, side)
        self._beside.addWidget(card, 1)
        return card

    def _button(self, words: str, about: str) -> RadioButton:
        button = _Way(Option(words, words))
        button.stepped.connect(lambda step: self._step(button, step))
        button.setAccessibleName(f"{self._torn.label}: {words}")
        button.setAccessibleDescription(about)
        self._group.addButton(button)
        self.buttons.append(button)
        return button

    def _step(self, here: RadioButton, step: int) -> None:
        """Go to another way to decide, as they are read: sides first, then the rest."""
        number = (self.buttons.index(here) + step) % len(self.buttons)
        self.buttons[number].setFocus(Qt.FocusReason.TabFocusReason)
        # Not clicked: whoever goes on by the same key is not to land in the text meanwhile.
        self.buttons[number].setChecked(True)
        self._show_choice()
        self.chosen.emit()

    def _more(self, words: str) -> RadioButton:
        button = self._button(words, "")
        self.add(button)
        return button

    def _other_words(self, editor: Editor) -> LabelledField:
        labelled = LabelledField(f"{self._torn.label}: what shall stand", editor.control)
        editor.write(self._offered())
        editor.edited.connect(self.chosen)
        self.add(labelled)
        labelled.hide()
        return labelled

    def _offered(self) -> Value:
        """What stands in the editor to begin with: both texts, or what the first side says."""
        if self._torn.joined or self._torn.field is None:
            return self._torn.joined
        try:
            return from_json(self._torn.field, self._torn.sides[0].value)
        except (ValueError, TypeError):
            return None

    def set_room(self, room: Room) -> None:
        """Put the sides below one another where they do not fit beside each other."""
        direction = QBoxLayout.Direction
        narrow = room is Room.NARROW
        self._beside.setDirection(direction.TopToBottom if narrow else direction.LeftToRight)

    def _show_choice(self) -> None:
        for card in self._cards:
            card.show_choice()
        if self.other is not None and self.other.isHidden() == self._is_written():
            self.other.setVisible(self._is_written())
            _put_cursor_at_end(self.other.control)

    def _clicked(self) -> None:
        self._show_choice()
        if self.other is not None and self._is_written():
            self.other.setFocus(Qt.FocusReason.OtherFocusReason)
        self.chosen.emit()

    def half(self) -> Half:
        """What is chosen and typed so far."""
        choice = self._choice()
        if self._editor is None or self.write is None or self._torn.field is None:
            return Half(choice)
        try:
            return Half(choice, to_json(self._torn.field, self._editor.read()))
        except Unreadable:
            return Half(choice, None, self._editor.raw())

    def _choice(self) -> str:
        chosen = self._group.checkedButton()
        if chosen is None:
            return ""
        if chosen in (self.both, self.write):
            return BOTH if chosen is self.both else WRITTEN
        pairs = zip(self._torn.sides, self.buttons, strict=False)
        return next(side.change for side, button in pairs if button is chosen)

    def take_up(self, half: Half) -> None:
        """Go on with what was chosen and typed before."""
        if self._editor is not None and self._torn.field is not None and self.write is not None:
            if half.value is not None:
                self._editor.write(from_json(self._torn.field, half.value))
            if half.raw:
                self._editor.write_raw(half.raw)
        named = {BOTH: self.both, WRITTEN: self.write}
        sides = {side.change: b for side, b in zip(self._torn.sides, self.buttons, strict=False)}
        button = named.get(half.choice) or sides.get(ChangeId(half.choice))
        if button is not None:
            button.setChecked(True)
            self._show_choice()

    def is_begun(self) -> bool:
        """Whether anything is chosen."""
        return self._group.checkedButton() is not None

    def is_decided(self) -> bool:
        """Whether it is clear what shall stand."""
        return not self.missing()

    def missing(self) -> str:
        """What the person still has to do; empty when it is clear what shall stand."""
        if self._group.checkedButton() is None:
            return "choose what to keep"
        if self._editor is None or not self._is_written():
            return ""
        try:
            value = self._editor.read()
        except Unreadable as fault:
            return str(fault)
        return "" if value is not None and value != "" else "write what shall stand"

    def show_problem(self, words: str) -> None:
        """Say beside the field what is missing; no words, and nothing is."""
        self.problem.setText(words)
        self.problem.setVisible(bool(words))

    def value(self) -> Json:
        """What shall stand; ValueError while nothing is decided."""
        if not self.is_decided():
            raise ValueError("nothing is decided yet")
        if self.both is not None and self.both.isChecked():
            return self._torn.joined
        if self._editor is not None and self._torn.field is not None and self._is_written():
            return to_json(self._torn.field, self._editor.read())
        chosen = next(n for n, button in enumerate(self.buttons) if button.isChecked())
        return self._torn.sides[chosen].value

    def _is_written(self) -> bool:
        return self.write is not None and self.write.isChecked()


def _put_cursor_at_end(control: QWidget) -> None:
    if isinstance(control, QPlainTextEdit):
        control.moveCursor(QTextCursor.MoveOperation.End)
    elif isinstance(control, QLineEdit):
        control.end(False)


class _Way(RadioButton):
    """One way to decide. Qt's own arrow keys go by place, and stop at the last side of a row."""

    stepped = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Go on, or back."""
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.stepped.emit(step)


class _Before(QWidget):
    """What the field said before any of the sides: out of sight until it is asked for."""

    def __init__(self, label: str, words: str, said: str) -> None:
        super().__init__()
        self.button = LinkButton(SHOW_BEFORE, "history", tone="quiet")
        self.button.setAccessibleName(f"{label}: {SHOW_BEFORE}")
        self.button.clicked.connect(self._toggle)
        self._label = label
        self.words = Label(words)
        self._said = Label(said, TextKind.CAPTION)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for part in (self.button, self.words, self._said):
            column.addWidget(part)
        self.words.hide()
        self._said.hide()

    def _toggle(self) -> None:
        shown = self.words.isHidden()
        for part in (self.words, self._said):
            part.setVisible(shown)
        act = HIDE_BEFORE if shown else SHOW_BEFORE
        self.button.set_words(act)
        self.button.setAccessibleName(f"{self._label}: {act}")
        if shown:
            announce(self.words, f"{self.words.text()}. {self._said.text()}")


class _SideCard(Card):
    """One side; a click anywhere on it chooses it."""

    def __init__(self, button: RadioButton | None, side: Side) -> None:
        super().__init__()
        self._button = button
        self.body.setContentsMargins(14, 8, 14, 12)
        self.body.setSpacing(6)
        if button is not None:
            self.body.addWidget(button)
        self.body.addWidget(MarkedText(side.runs))
        self.body.addWidget(Label(side.said, TextKind.CAPTION))
        self.body.addStretch(1)

    def show_choice(self) -> None:
        """Look chosen or not."""
        chosen = self._button is not None and self._button.isChecked()
        self.setProperty("chosen", "true" if chosen else "false")
        self.style().unpolish(self)
        self.style().polish(self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Choose this side."""
        if self._button is not None and self.rect().contains(event.position().toPoint()):
            self._button.click()
