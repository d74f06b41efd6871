"""The question before much goes out of sight, and what was taken back and has to stay a while."""

from collections.abc import Mapping
from dataclasses import dataclass

from hah_desktop.domain.codes import ADVISERS
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.ids import REFERENCE_FILE, FileId, RecordId
from hah_desktop.domain.records.base import Record
from hah_desktop.domain.removals import Hidden, Removals
from hah_desktop.store.exchange import withdrawing
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.reading import Transaction
from hah_desktop.sync.errors import ManyRemovals
from hah_desktop.ui.kit.blocks import Card
from hah_desktop.ui.kit.buttons import PrimaryButton, SecondaryButton
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.parts.words import called_by, counted, record_name
from hah_desktop.ui.session import Session

ASKED = (
    "The office no longer gives you the following. What was saved here was sent first. "
    "If you did not expect this, call the office before you remove anything."
)
REMOVED = (
    "Others have removed the following, which you are still shown. It is then hidden here too, and "
    "left out of every summary. Nothing of it is lost: what lies in a visit is listed there under "
    "“Removed”, and can be brought back. If you did not expect this, ask whoever removed it first."
)
DOUBTED = "The office was restored from a copy. It may have forgotten that it gave you this."
STAYING = (
    "The office no longer gives you these. They stay until you have saved or thrown away what you "
    "are writing on them, and the office has received it. What you save in them from now on the "
    "office keeps without using it: tell whoever has the visit or child now."
)


@dataclass(frozen=True, slots=True)
class _Named:
    """A record that may not be here, and the name by which it is called."""

    record: Record | None
    by: str


class RemovalsCard(Card):
    """Asks before much is taken off this laptop, or hidden since somebody else removed it."""

    def __init__(self, session: Session) -> None:
        super().__init__("Remove from this laptop?")
        self._session = session
        self._shown = Removals()
        self.asked = Label(ASKED, TextKind.MUTED)
        self.files = Label()
        self.doubted = Label(DOUBTED)
        self.hidden = Label(REMOVED, TextKind.MUTED)
        self.by_others = Label()
        self.remove = PrimaryButton("Remove them")
        self.not_now = SecondaryButton("Not now")
        for widget in (self.asked, self.doubted, self.files, self.hidden, self.by_others):
            self.add(widget)
        self.add_row(self.remove, self.not_now)
        self.remove.clicked.connect(self._remove)
        self.not_now.clicked.connect(self.hide)
        self.hide()

    def show_problem(self, problem: KnownError | None) -> None:
        """Ask, if that is what a sync stopped for."""
        self.hide()
        if isinstance(problem, ManyRemovals):
            removals = problem.removals
            files = {*removals.by_file, *(hidden.file for hidden in removals.by_others)}
            self._session.read(
                lambda connection: {
                    file: _named(connection, file.partition(":")[2]) for file in files
                },
                lambda named: self._ask(removals, named),
            )

    def _ask(self, removals: Removals, named: Mapping[FileId, _Named]) -> None:
        taken_back = [
            f"{self._words(file, named[file])}: {counted(count, 'record')}"
            for file, count in removals.by_file.items()
        ]
        removed = [
            f"{self._words(one.file, named[one.file])}: {counted(count, 'record')}, "
            f"removed by {self._who(one)}"
            for one, count in removals.by_others.items()
        ]
        self._shown = removals
        self.files.setText("\n".join(sorted(taken_back)))
        self.by_others.setText("\n".join(sorted(removed)))
        self.doubted.setVisible(removals.doubted)
        for widgets, lines in (
            ((self.asked, self.files), taken_back),
            ((self.hidden, self.by_others), removed),
        ):
            for widget in widgets:
                widget.setVisible(bool(lines))
        self.show()

    def _who(self, hidden: Hidden) -> str:
        if hidden.by == self._session.who.adviser:
            return "you, on another laptop"
        name = self._session.code_list(ADVISERS).label(hidden.by)
        return "somebody who is not known here" if name == hidden.by else name

    def _words(self, file: FileId, one: _Named) -> str:
        if file == REFERENCE_FILE:
            return "The lists that every laptop has"
        if one.record is None:
            return "A child" if file.startswith("child:") else "A visit"
        return record_name(one.record, self._session.code_list, one.by)

    def _remove(self) -> None:
        self.hide()
        self._session.sync(agreed=self._shown.covers)


class StayingCard(Card):
    """What is no longer given, and stays because something of it is only here."""

    def __init__(self, session: Session) -> None:
        super().__init__("No longer given to you")
        self._session = session
        self.records = Label()
        for widget in (Label(STAYING, TextKind.MUTED), self.records):
            self.add(widget)
        self.hide()

    def refresh(self) -> None:
        """Read what there is."""
        self._session.read(_staying, self._show)

    def _show(self, staying: list[_Named]) -> None:
        names = [
            record_name(one.record, self._session.code_list, one.by)
            for one in staying
            if one.record is not None
        ]
        self.records.setText("\n".join(sorted(names)))
        self.setVisible(bool(names))


def _staying(connection: Transaction) -> list[_Named]:
    return [_named(connection, record) for record in withdrawing.held_back(connection)]


def _named(connection: Transaction, record: RecordId | str) -> _Named:
    held = reading.get(connection, record)
    if held is None:
        return _Named(None, "")
    by = reading.get(connection, called_by(held.record))
    return _Named(held.record, by.record.title() if by else "")
