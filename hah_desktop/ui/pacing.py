"""Syncs by itself while the program is unlocked: it hears what happens and waits for the moment.

When that is, `sync.pace` knows. What the system says about being online is not believed: only
the office's own answer is.
"""

import random
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from hah_desktop.domain.errors import KnownError
from hah_desktop.sync.engine import Synced
from hah_desktop.sync.errors import Revoked
from hah_desktop.sync.line import way_out
from hah_desktop.sync.pace import Ending, Pace, ending_of, wait_of
from hah_desktop.ui.session import Session

LOOK_MS = 1000
_chance = random.SystemRandom().random


class Pacing(QObject):
    """One session's syncs that nobody asked for. Ends with the session."""

    def __init__(
        self,
        session: Session,
        *,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = _chance,
        network: Callable[[], object] = way_out,
    ) -> None:
        super().__init__(session)
        self._session = session
        self._clock = clock
        self._chance = chance
        self._network = network
        self._way = network()
        self._told = ""
        self._is_looking = False
        self.pace = Pace().unlocked(clock())
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        session.changed.connect(self._changed)
        session.asked.connect(self._asked)
        session.synced.connect(self._synced)

    def stop(self) -> None:
        """The program is being locked."""
        self.pace = self.pace.locked()
        self._timer.stop()

    def look(self) -> None:
        """Look whether it is time, or whether the laptop is in another network."""
        if self.pace.looks_first and (way := self._network()) != self._way:
            self._way = way
            self.pace = self.pace.network_changed(self._clock())
        if not self.pace.is_due(self._clock()) or self._session.is_syncing:
            return
        if self.pace.looks_first:
            self.pace = self.pace.began()
            self._is_looking = True
            self._session.look_for_office(self._looked)
        else:
            self._session.sync(by_itself=True)

    def _looked(self, is_there: bool) -> None:  # noqa: FBT001 - an answer
        if not self._is_looking:
            # A person did not wait for it.
            return
        self._is_looking = False
        if is_there:
            self._session.sync(by_itself=True)
        else:
            self.pace = self.pace.has_ended(self._clock(), Ending.PASSING, 0.0, self._chance())

    def _changed(self, records: frozenset[str]) -> None:
        if records:
            self.pace = self.pace.saved(self._clock())

    def _asked(self, by_itself: bool) -> None:  # noqa: FBT001 - a signal's
        self._is_looking = False
        self.pace = (self.pace if by_itself else self.pace.asked()).began()

    def _synced(self, result: Synced) -> None:
        how = ending_of(result.problem)
        self.pace = self.pace.has_ended(self._clock(), how, wait_of(result.problem), self._chance())
        self._way = self._network()
        self._tell_once(result.problem)

    def _tell_once(self, problem: KnownError | None) -> None:
        """Once: the Sync page and its history say it for as long as it lasts."""
        if ending_of(problem) in (Ending.PASSING, Ending.STOPPED):
            return
        said = str(problem or "")
        if said and said != self._told and not isinstance(problem, Revoked):
            self._session.trouble.emit(problem)
        self._told = said
