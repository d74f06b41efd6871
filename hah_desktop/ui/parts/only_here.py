"""What is still only on this laptop: each record or file by its name, and the way to it."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from hah_desktop.domain.records.base import Record
from hah_desktop.domain.records.visit import Visit
from hah_desktop.ui.kit.blocks import Card
from hah_desktop.ui.kit.buttons import LinkButton, WrappingLink
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.parts.standing import Standing
from hah_desktop.ui.parts.words import counted

FILES = "letters and pictures"
ONLY_HERE = "If this laptop were lost now, this would be lost with it."


Line = tuple[Record, str]
"""A record, and what it is called with what of it is only here."""


def lines(now: Standing, name: Callable[[Record], str]) -> list[Line]:
    """Each record of which the office lacks something, once: changes, and then files alone."""
    changed = {record.id for record in now.only_here}
    files = {record.id for record in now.lone_files}
    notes = {id_: "(with its file)" if id_ in changed else "(only its file)" for id_ in files}
    notes |= dict.fromkeys(now.removed, "(removed)")
    records = [*now.only_here, *(one for one in now.lone_files if one.id not in changed)]
    return [(one, f"{name(one)} {notes.get(one.id, '')}".rstrip()) for one in records]


class OnlyHere(Card):
    """Records of which the office lacks changes or the file; hidden when there are none."""

    chosen = Signal(str, str)
    """The visit and the record of it that a person wants to see."""

    def __init__(self) -> None:
        super().__init__("Only on this laptop")
        self.add(Label(ONLY_HERE, TextKind.MUTED))
        self._lines: list[QWidget] = []
        self._shown: object = None
        self.others = Label("", TextKind.MUTED)
        self.add(self.others)

    def show_lines(self, lines: Sequence[Line], others: int, more_files: int) -> None:
        """Show these by name, and how many records and files there are beside them."""
        shown = ([(record.id, name) for record, name in lines], others, more_files)
        if shown == self._shown:
            # Made anew, a line would lose the focus of whoever is about to follow it.
            return
        self._shown = shown
        for line in self._lines:
            self.body.removeWidget(line)
            line.hide()
            line.deleteLater()
        self._lines = [self._line(*pair) for pair in lines]
        for number, line in enumerate(self._lines):
            # Below the heading and what it means, above the others.
            self.body.insertWidget(2 + number, line)
            # At once, and not when Qt gets to it: the keyboard may be about to go there.
            line.show()
        more = "more " if lines else ""
        rest = [f"{counted(others, f'{more}record')}, such as places"] if others else []
        rest += [counted(more_files, f"{more}letter or picture", FILES)] if more_files else []
        words = ", and ".join(rest)
        self.others.setText(f"And {words}" if words and lines else words)
        self.others.setVisible(bool(rest))
        self.setVisible(bool(lines or rest))

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
