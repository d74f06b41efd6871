"""What is still only on this laptop: each record by its name, and the way to it."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from hah_desktop.domain.records.base import Record
from hah_desktop.domain.records.visit import Visit
from hah_desktop.ui.kit.blocks import Card
from hah_desktop.ui.kit.buttons import LinkButton, WrappingLink
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.parts.words import counted

ONLY_HERE = "If this laptop were lost now, these changes would be lost with it."


class OnlyHere(Card):
    """Records with changes that the office has not received; the card hides when there are none."""

    chosen = Signal(str, str)
    """The visit and the record of it that a person wants to see."""

    def __init__(self) -> None:
        super().__init__("Only on this laptop")
        self.add(Label(ONLY_HERE, TextKind.MUTED))
        self._lines: list[QWidget] = []
        self._shown: object = None
        self.others = Label("", TextKind.MUTED)
        self.add(self.others)

    def show_records(self, records: Sequence[Record], names: Sequence[str], others: int) -> None:
        """Show these by name, and how many there are beside them."""
        shown = ([record.id for record in records], list(names), others)
        if shown == self._shown:
            # Made anew, a line would lose the focus of whoever is about to follow it.
            return
        self._shown = shown
        for line in self._lines:
            self.body.removeWidget(line)
            line.hide()
            line.deleteLater()
        self._lines = [self._line(*pair) for pair in zip(records, names, strict=True)]
        for number, line in enumerate(self._lines):
            # Below the heading and what it means, above the others.
            self.body.insertWidget(2 + number, line)
            # At once, and not when Qt gets to it: the keyboard may be about to go there.
            line.show()
        more = counted(others, "more record" if records else "record")
        words = f"{'And ' if records else ''}{more}, such as places"
        self.others.setText(words if others else "")
        self.others.setVisible(others > 0)
        self.setVisible(bool(records) or others > 0)

    def words(self) -> tuple[str, ...]:
        """What the card says, line by line."""
        lines = [one.words if isinstance(one, LinkButton) else _text(one) for one in self._lines]
        return tuple(filter(None, (*lines, self.others.text())))

    def first_stop(self) -> QWidget:
        """Where the focus goes when somebody wants to see this."""
        return next((one for one in self._lines if isinstance(one, LinkButton)), self)

    def _line(self, record: Record, name: str) -> QWidget:
        visit = record.id if isinstance(record, Visit) else str(getattr(record, "visit", ""))
        if not visit:
            # A child, say: it stands on no page of its own.
            return Label(name)
        link = WrappingLink(name)
        link.clicked.connect(lambda: self.chosen.emit(visit, record.id))
        return link


def _text(line: QWidget) -> str:
    return line.text() if isinstance(line, Label) else ""
