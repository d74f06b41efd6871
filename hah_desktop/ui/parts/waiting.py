"""What waits for a person’s decision, as a list: which record, where, what, who and when."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from hah_desktop.domain.removing import REMOVED
from hah_desktop.store.journal.reading import Held
from hah_desktop.ui.kit.blocks import Card
from hah_desktop.ui.kit.buttons import WrappingLink
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.parts.sides import Tongue, label_of, who_and_when
from hah_desktop.ui.parts.words import counted

NEEDED = "Needs a decision"
DECIDE = "Changed in two places. Nothing is lost: every version is kept until you choose."
TORN_FROM_REMOVAL = "Removed by one, while another went on with it"
MEANWHILE = "Decided meanwhile"
BEGUN = (
    "You had begun to decide these, and somebody else has decided. What you had chosen and written "
    "is kept on this laptop until you discard it."
)
MOST_LISTED = 30
"""Saving a decision goes on to the next record, so the rest is reached all the same."""

_FEW = 2
_SEVERAL = 4


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of the list: the record's name, and what there is to know before opening it."""

    record: str
    name: str
    about: str


def about(held: Held, tongue: Tongue, where: str = "") -> str:
    """Where, which answers, and by whom and when: each once."""
    labels = [
        TORN_FROM_REMOVAL if key == REMOVED else label_of(held.record.kind, key, tongue)
        for key in sorted(held.open, key=lambda key: key != REMOVED)
    ]
    more = len(labels) - _FEW
    fields = ", ".join(labels[:_FEW]) + (f" and {counted(more, 'more answer')}" if more > 0 else "")
    heads = sorted({h.change: h for sides in held.open.values() for h in sides}.items())
    people = dict.fromkeys(who_and_when(head, tongue) for _, head in heads)
    told = [*list(people)[:_SEVERAL], *(["others"] if len(people) > _SEVERAL else [])]
    return "\n".join(part for part in (where, fields, "; ".join(told)) if part)


class Decisions(Card):
    """Records that wait for a person, each a way to its page: to be decided, or read again."""

    chosen = Signal(str)

    def __init__(self, heading: str = NEEDED, words: str = DECIDE) -> None:
        super().__init__(heading)
        self.add(Label(words, TextKind.MUTED))
        self.buttons: list[WrappingLink] = []
        self._lines: list[QWidget] = []

    def show_waiting(self, waiting: Sequence[Waiting]) -> None:
        """Show these records; the card hides when there are none."""
        here = next((n for n, button in enumerate(self.buttons) if button.hasFocus()), None)
        for line in self._lines:
            self.body.removeWidget(line)
            line.hide()
            line.deleteLater()
        self.buttons, self._lines = [], []
        for one in waiting[:MOST_LISTED]:
            self._put(self._line(one))
        if len(waiting) > MOST_LISTED:
            self._put(Label(f"And {counted(len(waiting) - MOST_LISTED, 'more record')}"))
        self.setVisible(bool(waiting))
        if here is not None:
            self.take_focus(here)

    def take_focus(self, number: int = 0) -> None:
        """Put the keyboard on one line, or on the last where there are fewer."""
        for button in self.buttons[: number + 1][-1:]:
            button.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _put(self, line: QWidget) -> None:
        self._lines.append(line)
        self.add(line)
        # At once, and not when Qt gets to it: the keyboard may be about to go there.
        line.show()

    def _line(self, one: Waiting) -> QWidget:
        button = WrappingLink(one.name)
        # On screen it stands below; heard, it belongs to the button.
        button.setAccessibleDescription(one.about.replace("\n", ". "))
        button.clicked.connect(lambda: self.chosen.emit(one.record))
        self.buttons.append(button)
        line = QWidget()
        column = QVBoxLayout(line)
        column.setContentsMargins(0, 0, 0, 0)
        # The ring round the link is drawn over nobody’s words.
        column.setSpacing(6)
        column.addWidget(button)
        if one.about:
            column.addWidget(Label(one.about, TextKind.CAPTION))
        return line
