"""Letters and pictures on their way: sent after a sync, fetched by themselves or when asked for.

Nothing here waits. A stop or a lock cuts the line at once, and it goes on where it was.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager

from PySide6.QtCore import QObject, Signal

from hah_desktop.domain.errors import KnownError
from hah_desktop.store.attachments.attachments import Attachments
from hah_desktop.store.store import Store
from hah_desktop.sync import files
from hah_desktop.sync.client import Office
from hah_desktop.sync.engine import Synced
from hah_desktop.sync.errors import Cancelled
from hah_desktop.sync.files import Carried
from hah_desktop.ui.background import Background, Lane
from hah_desktop.ui.syncing import Running

Tell = Callable[[tuple[int, int]], None]
"""Is told how many bytes of how many are here."""
Failed = Callable[[KnownError], None]


class Carrying(QObject):
    """The files of one session on their way."""

    told = Signal(object)
    """How far it is, as Carried."""
    ended = Signal(object)
    """How it ended, as Carried; nothing is said where there was nothing to carry."""

    def __init__(
        self,
        store: Store,
        background: Background,
        kept: Attachments,
        make_office: Callable[[], Office],
    ) -> None:
        super().__init__()
        self._store = store
        self._background = background
        self._kept = kept
        self._make_office = make_office
        self._running: Running | None = None
        self._fetching: set[Running] = set()
        self._closed = False

    @property
    def is_under_way(self) -> bool:
        """Whether files are being sent, or fetched by themselves."""
        return self._running is not None

    def after(self, result: Synced) -> None:
        """The text was sent: now the files, also where a person has to decide what goes."""
        if result.met:
            self.start()

    def start(self) -> None:
        """Carry what waits, in the background; does nothing while that is under way."""
        if self._running is not None or self._closed:
            return
        running = self._running = Running()

        def run(tell: Callable[[Carried], None]) -> Carried | None:
            files.tidy(self._store, self._kept)
            if not files.is_anything_waiting(self._store):
                return None
            with self._signed_in(running) as office:
                return files.carry(self._store, self._kept, office, tell, running.is_stopped)

        self._background.run(Lane.SLOW, run, self._done, self._failed, progress=self._tell)

    def fetch(
        self, record: str, tell: Tell, done: Callable[[None], None], failed: Failed
    ) -> Running:
        """Fetch the file of one attachment. What is given back stops it."""
        running = Running()
        self._fetching.add(running)

        def run(report: Tell) -> None:
            with self._signed_in(running) as office:
                files.fetch(
                    self._store,
                    self._kept,
                    office,
                    record,
                    tell=lambda *so_far: report(so_far),
                    stopped=running.is_stopped,
                )

        def finish(_none: None) -> None:
            self._fetching.discard(running)
            if not self._closed:
                done(None)

        def give_up(fault: BaseException) -> None:
            self._fetching.discard(running)
            if self._closed and isinstance(fault, KnownError | CancelledError):
                return
            if not isinstance(fault, KnownError):
                raise fault
            failed(fault)

        def so_far(step: tuple[int, int]) -> None:
            if not self._closed:
                tell(step)

        self._background.run(Lane.SLOW, run, finish, give_up, progress=so_far)
        return running

    @contextmanager
    def _signed_in(self, running: Running) -> Iterator[Office]:
        with running.office(self._make_office) as office:
            who = self._store.identity()
            office.sign_in(who.office if who else "")
            yield office

    def _tell(self, so_far: Carried) -> None:
        if not self._closed:
            self.told.emit(so_far)

    def _done(self, carried: Carried | None) -> None:
        self._running = None
        if carried is not None and not self._closed:
            stopped = isinstance(carried.problem, Cancelled)
            self.ended.emit(Carried(carried.sent, carried.fetched) if stopped else carried)

    def _failed(self, fault: BaseException) -> None:
        self._running = None
        if isinstance(fault, CancelledError):
            return
        if not isinstance(fault, KnownError):
            raise fault
        if not self._closed:
            self.ended.emit(Carried(problem=fault))

    def stop(self) -> None:
        """Stop sending and what is fetched by itself; what has arrived stays."""
        if self._running is not None:
            self._running.stop()

    def close(self) -> None:
        """The program is being locked: stop all of it, and tell nobody any more."""
        self._closed = True
        self.stop()
        for running in self._fetching:
            running.stop()
