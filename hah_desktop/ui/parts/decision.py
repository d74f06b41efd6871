"""One undecided field: its sides beside each other, and the ways to decide between them."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QBoxLayout, QButtonGroup, QHBoxLayout, QWidget

from hah_desktop.domain.codec import to_json
from hah_desktop.domain.fields import Text
from hah_desktop.domain.records.base import Json
from hah_desktop.ui.forms.editors import Editor, Unreadable
from hah_desktop.ui.kit.blocks import Card
from hah_desktop.ui.kit.fields import LabelledField
from hah_desktop.ui.kit.inputs import Option
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.kit.page import Room
from hah_desktop.ui.kit.ticks import RadioButton
from hah_desktop.ui.parts.differences import LEGEND, LEGEND_OF_MANY, MarkedText
from hah_desktop.ui.parts.sides import TWO, Side, Torn, spoken

KEEP_BOTH = "Keep both, one after the other"
WRITE = "Write something else"
SAID = "These are words that were said, so none of them is dropped or changed."


class Decision(Card):
    """A field with its sides. Nothing is chosen until the person chooses."""

    chosen = Signal()

    def __init__(self, torn: Torn, editor: Editor | None, parent: QWidget | None = None) -> None:
        super().__init__(torn.label, parent)
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
        self.both = self._more(KEEP_BOTH) if torn.joined else None
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
        button = RadioButton(Option(words, words))
        button.setAccessibleName(f"{self._torn.label}: {words}")
        button.setAccessibleDescription(about)
        self._group.addButton(button)
        self.buttons.append(button)
        return button

    def _more(self, words: str) -> RadioButton:
        button = self._button(words, "")
        self.add(button)
        return button

    def _other_words(self, editor: Editor) -> LabelledField:
        labelled = LabelledField(f"{self._torn.label}: what shall stand", editor.control)
        if self._torn.joined:
            editor.write(self._torn.joined)
        editor.edited.connect(self.chosen)
        self.add(labelled)
        labelled.hide()
        return labelled

    def set_room(self, room: Room) -> None:
        """Put the sides below one another where they do not fit beside each other."""
        direction = QBoxLayout.Direction
        narrow = room is Room.NARROW
        self._beside.setDirection(direction.TopToBottom if narrow else direction.LeftToRight)

    def _clicked(self) -> None:
        for card in self._cards:
            card.show_choice()
        if self.other is not None and self.write is not None:
            self.other.setVisible(self.write.isChecked())
            if self.write.isChecked():
                self.other.setFocus(Qt.FocusReason.OtherFocusReason)
        self.chosen.emit()

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


class _SideCard(Card):
    """One side; a click anywhere on it chooses it."""

    def __init__(self, button: RadioButton | None, side: Side) -> None:
        super().__init__()
        self._button = button
        self.body.setContentsMargins(14, 8, 14, 12)
        self.body.setSpacing(4)
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
