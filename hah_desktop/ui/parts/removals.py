"""What the office takes back: the question before much of it goes, and what has to stay a while."""

from collections.abc import Iterable
from dataclasses import dataclass

from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.ids import FileId, RecordId
from hah_desktop.domain.records.base import Record
from hah_desktop.domain.removals import Removals
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
    """Asks before much is taken off this laptop."""

    def __init__(self, session: Session) -> None:
        super().__init__("Remove from this laptop?")
        self._session = session
        self._shown = Removals()
        self.files = Label()
        self.doubted = Label(DOUBTED)
        self.remove = PrimaryButton("Remove them")
        self.not_now = SecondaryButton("Not now")
        for widget in (Label(ASKED, TextKind.MUTED), self.doubted, self.files):
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
            self.doubted.setVisible(removals.doubted)
            self._session.read(
                lambda connection: [
                    _named(connection, file.partition(":")[2]) for file in removals.by_file
                ],
                lambda named: self._ask(removals, named),
            )

    def _ask(self, removals: Removals, named: Iterable[_Named]) -> None:
        lines = [
            f"{self._words(file, one)}: {counted(count, 'record')}"
            for (file, count), one in zip(removals.by_file.items(), named, strict=True)
        ]
        self._shown = removals
        self.files.setText("\n".join(sorted(lines)))
        self.show()

    def _words(self, file: FileId, one: _Named) -> str:
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
