"""A session's questions to the office: asked in another thread, and stopped at once from here."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.removals import Agreed, nobody_agreed
from hah_desktop.store.store import Store
from hah_desktop.sync import colleagues, readers, retelling
from hah_desktop.sync.client import Office
from hah_desktop.sync.engine import Synced, sync
from hah_desktop.sync.steps import Progress
from hah_desktop.ui.background import Background, Failed, Lane

MakeOffice = Callable[[], Office]


class Running:
    """One sync, or one look whether the office is there."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._office: Office | None = None

    def is_stopped(self) -> bool:
        """Whether somebody has asked to stop."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Stop; also what waits for an answer."""
        self._stop.set()
        if self._office is not None:
            self._office.cut()

    @contextmanager
    def office(self, make: MakeOffice) -> Iterator[Office]:
        """The office to ask; in the thread that asks."""
        with closing(make()) as office:
            self._office = office
            if self.is_stopped():
                # Asked for before there was anything to cut.
                office.cut()
            yield office


class Syncing:
    """One sync at a time, and looking whether the office is there."""

    def __init__(self, store: Store, background: Background, make: MakeOffice) -> None:
        self._store = store
        self._background = background
        self._make = make
        self._sync: Running | None = None
        self._look: Running | None = None
        self._agreed: Agreed = nobody_agreed
        self._unfinished: Agreed = nobody_agreed
        """What was agreed to for a sync that was cut: the next one goes on with it."""

    @property
    def is_under_way(self) -> bool:
        """Whether a sync is under way."""
        return self._sync is not None

    def start(
        self,
        tell: Callable[[Progress], None],
        done: Callable[[Synced], None],
        failed: Failed,
        *,
        agreed: Agreed = nobody_agreed,
    ) -> None:
        """Send and fetch; ends in one call, of done or of failed."""
        running = self._sync = Running()
        if agreed is nobody_agreed:
            agreed = self._unfinished

        def run(report: Callable[[Progress], None]) -> Synced:
            with running.office(self._make) as office:
                result = sync(
                    self._store,
                    office,
                    report,
                    running.is_stopped,
                    agreed=agreed,
                )
                if result.met:
                    retelling.tell_again(self._store, office)
                    colleagues.meet(self._store, office)
                    readers.tell(self._store, office)
                return result

        def go_on() -> None:
            agreed, self._agreed = self._agreed, nobody_agreed
            if agreed is not nobody_agreed and self._sync is None:
                self.start(tell, done, failed, agreed=agreed)

        def ended(result: Synced) -> None:
            self._sync = None
            self._unfinished = nobody_agreed if result.met or running.is_stopped() else agreed
            done(result)
            go_on()

        def broke(fault: BaseException) -> None:
            self._sync = None
            failed(fault)
            go_on()

        self._background.run(Lane.SLOW, run, ended, broke, progress=tell)

    def agree(self, agreed: Agreed) -> None:
        """A person agreed to what goes while a sync is under way: one more follows it."""
        if self.is_under_way and agreed is not nobody_agreed:
            self._agreed = agreed

    def look(self, done: Callable[[bool], None], failed: Failed) -> None:
        """Ask whether the office is there, and nothing else."""
        running = self._look = Running()

        def ask() -> bool:
            try:
                with running.office(self._make) as office:
                    office.is_there()
            except KnownError:
                return False
            return True

        self._background.run(Lane.SLOW, ask, done, failed)

    def stop(self) -> None:
        """Stop at once; what was done until then stands, and nothing follows."""
        self._agreed = self._unfinished = nobody_agreed
        for running in (self._sync, self._look):
            if running is not None:
                running.stop()
