"""What screens ask about attachments: keep one, read one, and tidy up after a crash.

Nothing here waits, and no plain byte goes anywhere but into memory.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Protocol, TypeVar

from hah_desktop.domain.errors import KnownError
from hah_desktop.store.attachments import attachments, travelling
from hah_desktop.store.attachments.attachments import Attachments, Damaged, KeptFile, Sealed, Swept
from hah_desktop.store.journal.reading import Transaction
from hah_desktop.store.journal.saving import Edited
from hah_desktop.store.store import Saved, Store
from hah_desktop.ui.background import Background, Lane

T = TypeVar("T")

Tell = Callable[[tuple[int, int]], None]
"""Is told how many bytes of how many are done."""
Failed = Callable[[KnownError], None]


class AtWork(Protocol):
    """What is asked of the session."""

    store: Store

    def read(self, query: Callable[[Transaction], T], done: Callable[[T], None]) -> None:
        """Ask the database."""

    def run_slow(
        self, work: Callable[[], T], done: Callable[[T], None], failed: Failed | None = None
    ) -> None:
        """Do something long that does not touch the database."""

    def save(
        self,
        edited: Sequence[Edited],
        done: Callable[[Saved], None] | None = None,
        failed: Failed | None = None,
        also: Callable[[Transaction], None] | None = None,
    ) -> None:
        """Save edits in one transaction, with what `also` writes."""


class Attaching:
    """The attachments of one session. Locking stops what is being kept at that moment."""

    def __init__(self, session: AtWork, background: Background, files: Attachments) -> None:
        self.files = files
        self._session = session
        self._background = background
        self._under_way: set[threading.Event] = set()
        self._stopped = False

    def seal(
        self, source: Path, tell: Tell, done: Callable[[Sealed], None], failed: Failed
    ) -> threading.Event:
        """Seal a file beside the database; it counts as kept once it is saved with a record.

        Setting the event that is given back stops it, and so does locking.
        """
        stop = threading.Event()
        self._under_way.add(stop)

        def work(report: Tell) -> Sealed:
            return self.files.seal(source, tell=lambda *so_far: report(so_far), stopped=stop.is_set)

        def finish(sealed: Sealed) -> None:
            self._under_way.discard(stop)
            if self._stopped:
                self.files.drop(sealed)
            else:
                done(sealed)

        def give_up(fault: BaseException) -> None:
            self._under_way.discard(stop)
            self._failed(failed)(fault)

        def so_far(step: tuple[int, int]) -> None:
            if not self._stopped:
                tell(step)

        self._background.run(Lane.SLOW, work, finish, give_up, progress=so_far, cancel=stop)
        return stop

    def save(
        self, sealed: Sealed, edited: Edited, done: Callable[[Saved], None], failed: Failed
    ) -> None:
        """Save a sealed file and the record about it: both of them, or neither."""
        at = self._session.store.now().isoformat()

        def not_saved(fault: KnownError) -> None:
            self.files.drop(sealed)
            failed(fault)

        self._session.save(
            [edited],
            done,
            not_saved,
            lambda connection: self.files.note_kept(connection, sealed, at),
        )

    def read(self, content: str, done: Callable[[bytes], None], failed: Failed) -> None:
        """The plain bytes of an attachment; no screen may write them to a disk unasked.

        What is damaged here and the office has is from then on elsewhere, to be fetched again.
        """
        store = self._session.store

        def let_come_again() -> int:
            with store.writing() as connection:
                return travelling.let_come_again(connection, [content])

        def not_read(fault: KnownError) -> None:
            if not isinstance(fault, Damaged):
                failed(fault)
                return

            def told(again: int) -> None:
                failed(attachments.elsewhere() if again else fault)

            self._background.run(Lane.STORE, let_come_again, told, self._failed(failed))

        def found(file: KeptFile | None) -> None:
            if file is None:
                failed(attachments.elsewhere())
            else:
                self._session.run_slow(lambda: self.files.read(file), done, not_read)

        self._session.read(lambda connection: attachments.find(connection, content), found)

    def sweep(self, told: Failed) -> None:
        """Take away what a crash left behind, and tell of kept files that are gone."""

        def tell(swept: Swept) -> None:
            if swept.lost and not self._stopped:
                told(_lost(len(swept.lost)))

        # In the store's lane, though it is about files: so it is over before the keys go.
        store = self._session.store
        self._background.run(Lane.STORE, lambda: self.files.sweep(store), tell, self._failed(told))

    def _failed(self, told: Failed) -> Callable[[BaseException], None]:
        def handle(fault: BaseException) -> None:
            if self._stopped and isinstance(fault, KnownError | CancelledError):
                return
            if not isinstance(fault, KnownError):
                raise fault
            told(fault)

        return handle

    def stop(self) -> None:
        """The program is being locked: stop what is under way, and tell nobody any more."""
        self._stopped = True
        for stop in self._under_way:
            stop.set()


def _lost(files: int) -> KnownError:
    many = "1 letter or picture is" if files == 1 else f"{files} letters or pictures are"
    return KnownError(
        f"{many} damaged or gone from this laptop’s disk.",
        "What is written about them is kept, and the visit says which they are.",
        "If you still have the originals, add them again.",
    )
