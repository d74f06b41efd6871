"""What the frame says on every page: what is saved, what waits, what went wrong."""

from collections.abc import Sequence

from PySide6.QtCore import QObject

from hah_desktop.domain.errors import KnownError
from hah_desktop.store.journal import drafts, reading
from hah_desktop.store.journal.reading import Transaction
from hah_desktop.sync.engine import Synced
from hah_desktop.ui.parts.sync_words import in_few, whole
from hah_desktop.ui.session import Session
from hah_desktop.ui.shell import Shell


class Bulletin(QObject):
    """Listens to the session, and says in the frame what holds wherever the person is."""

    def __init__(self, session: Session, shell: Shell, office: str) -> None:
        """Make it; `office` is the page of the rail that is marked with how much waits there."""
        super().__init__(shell)
        self._session = session
        self._shell = shell
        self._office = office
        session.saved.connect(self._say_saved)
        session.unsent.connect(self._counted)
        session.trouble.connect(self.say_trouble)
        session.synced.connect(self._synced)
        session.changed.connect(self.count_decisions)

    def say(self, words: str) -> None:
        """Say something until it is dismissed; no words say nothing."""
        self._shell.notices.say(words)

    def say_of_laptop(self, warnings: Sequence[str]) -> None:
        """Say what is to be known about this laptop, until it is dismissed."""
        for words in warnings:
            self._shell.notices.say_of_laptop(words)

    def say_trouble(self, fault: KnownError) -> None:
        """Say what went wrong, what was kept and what to do."""
        self.say(str(fault))

    def count_decisions(self, _records: object = None) -> None:
        """Say on every page how much waits for this person."""
        self._session.read(_waiting, lambda count: self._shell.set_badge(self._office, count))

    def _say_saved(self, words: str) -> None:
        self._shell.set_saved(words, words.replace("on this laptop", "here"))

    def _counted(self, _unsent: int) -> None:
        now = self._session.store.now().astimezone()
        due, files = self._session.due, self._session.files_only_here
        words = whole(due, files, self._session.last_well, now)
        self._shell.set_standing(words, in_few(due, files), received=not (due or files))

    def _synced(self, result: Synced) -> None:
        self.say(result.clock)


def _waiting(connection: Transaction) -> int:
    """How many records wait for this person: to be decided, or to be read again."""
    return reading.undecided_count(connection) + drafts.decided_meanwhile_count(connection)
