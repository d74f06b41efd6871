"""Who uses the database file at this moment; lets go of it once nobody does any more.

Closing must not wait for a transaction of another thread, and what that thread still holds must
not lie about until it is swept up: SQLite would tidy the files then, behind the mark's back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from sqlalchemy import Engine

from hah_desktop.store.disk.mark import Mark
from hah_desktop.store.errors import busy

PATIENCE_S = 10.0
"""For so long whoever has to be alone waits for what this program itself is doing there."""


class Hold:
    """One store's hold on its file. `mark` is None for a database without one."""

    def __init__(self, engine: Engine, mark: Mark | None) -> None:
        self._engine = engine
        self._mark = mark
        self._counting = Condition()
        self._running = 0
        self._closed = False

    @contextmanager
    def using(self) -> Iterator[None]:
        """A transaction runs. The last one that ends after `close` lets go of the file."""
        with self._counting:
            self._running += 1
        try:
            yield
        finally:
            with self._counting:
                self._running -= 1
                self._counting.notify_all()
                if self._closed:
                    self._let_go()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else uses the file, nor begins to, until this ends.

        Everything is in the one file then, and the mark is gone. Raises StoreBusy where a
        transaction of this program does not end, or somebody else has it open.
        """
        with self._counting:
            # A page that was just opened still reads: that is no second program.
            if not self._counting.wait_for(lambda: not self._running, timeout=PATIENCE_S):
                raise busy()
            self._let_go()
            yield

    def close(self) -> None:
        """Let go of the file, now or when the last transaction has ended. Twice does no harm."""
        with self._counting:
            self._closed = True
            self._let_go()

    def _let_go(self) -> None:
        if self._running or self._mark is None:
            self._engine.pool.dispose()
            return
        self._mark.lift()
        # The last connection that is closed brings everything into the one file.
        self._engine.pool.dispose()
        self._mark.settle()
