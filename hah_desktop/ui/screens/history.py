"""The past of one record: who changed what from what to what, and a decision undone from there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.history import Entry
from hah_desktop.store.journal import history, reading, removed
from hah_desktop.store.journal.reading import Held, Transaction
from hah_desktop.store.journal.removed import Gone
from hah_desktop.store.journal.saving import Edited
from hah_desktop.ui.kit.blocks import Card, FormColumn, Notice
from hah_desktop.ui.kit.buttons import LinkButton, PrimaryButton, SecondaryButton
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.kit.page import Page
from hah_desktop.ui.parts.differences import MarkedText
from hah_desktop.ui.parts.past import AT_THE_OFFICE, Back, Step, Told, Words, is_whole, told, undone
from hah_desktop.ui.parts.past import linked as linked_in
from hah_desktop.ui.parts.removed import GoneCard, brought_back, name
from hah_desktop.ui.parts.sides import LONG, Tongue
from hah_desktop.ui.parts.telling import tell
from hah_desktop.ui.parts.words import called_by, counted, record_name
from hah_desktop.ui.session import Session

AT_ONCE = 25
"""So many changes are shown; the older ones when they are asked for."""

MEANWHILE = (
    "The record has changed meanwhile, so nothing was put back. Look at the newest change first."
)


@dataclass(frozen=True, slots=True)
class _Found:
    held: Held | None
    past: Sequence[Entry]
    names: Mapping[str, str]
    gone: Gone | None = None
    stands: bool = False


class HistoryPage(Page):
    """The changes of one record that are known on this laptop, the newest first.

    Also of one that was removed; of one that was moved elsewhere only that, and where it stands.
    """

    back_requested = Signal()
    shown = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__("History")
        self._session = session
        self._record = ""
        self._most = AT_ONCE
        self._held: Held | None = None
        self.cards: list[ChangeCard] = []
        self.gone: GoneCard | None = None
        self.more: SecondaryButton | None = None
        self.back = PrimaryButton("Back", "chevron-left")
        self.problem = Notice("", "bad")
        self.back.clicked.connect(self.back_requested)
        self.set_footer(self.back)
        session.changed.connect(self._changed)

    def show_record(self, record: str) -> None:
        """Show the past of a record."""
        self._record = record
        self._most = AT_ONCE
        self.refresh()

    def refresh(self) -> None:
        """Read it anew."""
        record = self._record
        self._session.read(lambda connection: _read(connection, record), self._show)

    def _changed(self, _records: frozenset[str]) -> None:
        if self.isVisible() and self._record:
            self.refresh()

    def _show(self, found: _Found) -> None:
        held = found.held
        if held is None or held.record.id != self._record:
            return
        self._held = held
        session = self._session
        tongue = Tongue(
            codes=session.code_list,
            names=found.names,
            reader=session.who.adviser,
            now=session.store.now().astimezone(),
        )
        gone, by = found.gone, found.names.get(called_by(held.record), "")
        named = name(gone, tongue) if gone else record_name(held.record, tongue.codes, by)
        self.set_title(f"History: {named}")
        changes = told(held.record.kind, found.past, tongue)
        self.gone = GoneCard(gone, tongue, stands=found.stands) if gone else None
        self._lay_out(changes, whole=is_whole(found.past))
        self.shown.emit()

    def _lay_out(self, changes: Sequence[Told], *, whole: bool) -> None:
        column = FormColumn()
        self.problem = Notice("", "bad")
        self.problem.hide()
        column.add(self.problem)
        if self.gone:
            column.add(self.gone)
            self.gone.wanted.connect(self._bring_back)
            self.gone.followed.connect(self.show_record)
        self.cards = [ChangeCard(change) for change in changes[: self._most]]
        for card in self.cards:
            card.back_requested.connect(self._put_back)
            column.add(card)
        if len(changes) > self._most:
            rest = counted(len(changes) - self._most, "earlier change")
            self.more = SecondaryButton(f"Show {rest}")
            self.more.clicked.connect(self._show_all)
            column.add(self.more)
        if not whole:
            column.add(Notice(AT_THE_OFFICE, "info"))
        self.set_form(column)
        if self.isVisible():
            self.back.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_all(self) -> None:
        self._most = 10_000
        self.refresh()

    def _put_back(self, change: str, back: Back) -> None:
        held = self._held
        if held is None:
            return
        if tuple(held.seen.heads.get(back.key, ())) != (change,):
            tell(self.problem, MEANWHILE)
            return
        self._save(undone(held, back))

    def _bring_back(self) -> None:
        if self._held is not None:
            self._save(brought_back(self._held))

    def _save(self, edited: Edited) -> None:
        self._session.save([edited], None, self._refused)

    def _refused(self, fault: KnownError) -> None:
        tell(self.problem, str(fault))


class ChangeCard(Card):
    """One change: what was done, by whom and when, and each answer before and after."""

    back_requested = Signal(str, object)

    def __init__(self, change: Told) -> None:
        super().__init__(change.title)
        self.buttons: list[LinkButton] = []
        self.whole: list[LinkButton] = []
        self.add(Label(change.said, TextKind.CAPTION))
        if change.aside:
            self.add(Label(f"Set aside by the office: {change.aside}", TextKind.PROBLEM))
        for step in change.steps:
            self._add_step(change.change, step)

    def _add_step(self, change: str, step: Step) -> None:
        # A question and its answers are nearer to each other than to the next question.
        one = QWidget()
        column = QVBoxLayout(one)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self.add(one)
        column.addWidget(Label(step.label, TextKind.STRONG))
        after = step.after if step.before else Words("", step.after.runs)
        for words in (*step.before, after):
            said = _Said(step.label, words)
            self.whole += [said.button] if said.is_long else []
            column.addWidget(said)
        for back in step.back:
            button = LinkButton(back.words, "undo-2")
            button.setAccessibleName(f"{step.label}: {back.words}")
            button.clicked.connect(lambda _on=False, b=back: self.back_requested.emit(change, b))
            self.buttons.append(button)
            column.addWidget(button)


class _Said(QWidget):
    """One text with whose it was; a long one shows its beginning until it is asked for whole."""

    def __init__(self, label: str, words: Words) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        if words.whose:
            column.addWidget(Label(words.whose, TextKind.CAPTION))
        self._column = column
        self._words = words
        self.is_long = len(words.text) > LONG
        self._short: QWidget = MarkedText(words.runs)
        if self.is_long:
            self._short = Label(f"{words.text[:LONG].rsplit(maxsplit=1)[0]} …")
        column.addWidget(self._short)
        self.button = LinkButton("Show it whole", tone="quiet")
        self.button.setAccessibleName(f"{label}, {words.whose}: show it whole")
        self.button.clicked.connect(self._show_whole)
        column.addWidget(self.button)
        self.button.setVisible(self.is_long)

    def _show_whole(self) -> None:
        self._column.insertWidget(self._column.indexOf(self._short), MarkedText(self._words.runs))
        self._short.hide()
        self.button.hide()


def _read(connection: Transaction, record: str) -> _Found:
    held = reading.get_removed(connection, record)
    if held is None:
        return _Found(None, (), {})
    gone = removed.find(connection, record)
    # Whoever has the wrong child's file reads nothing of what was moved out of it.
    is_moved = gone is not None and bool(gone.stands)
    past = [] if is_moved else history.of_all_it_was(connection, record)
    named = {*linked_in(held.record.kind, past), called_by(held.record)} - {""}
    found = {name: reading.get_removed(connection, name) for name in named}
    names = {name: one.record.title() for name, one in found.items() if one}
    stands = gone is not None and is_moved and reading.get_removed(connection, gone.stands)
    return _Found(held, past, names, gone, stands=bool(stands))
