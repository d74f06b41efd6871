"""Whose turn it is to write: in the order in which they came, so that nobody is left waiting.

SQLite lets whoever asks at the right moment write next. Somebody who writes again and again, such
as a sync, would then be lucky more often than a person who saves once.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock, get_ident


class Turns:
    """One writer at a time, the one that came first. A writer within itself waits for nobody."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: deque[Event] = deque()
        self._writer: int | None = None

    @property
    def is_waited_for(self) -> bool:
        """Whether somebody waits for whoever writes now."""
        return bool(self._waiting)

    @contextmanager
    def mine(self) -> Iterator[None]:
        """Wait for the turn, and give it on at the end."""
        if self._writer == get_ident():
            yield
            return
        self._take()
        try:
            yield
        finally:
            self._give()

    def _take(self) -> None:
        with self._lock:
            if self._writer is None:
                self._writer = get_ident()
                return
            turn = Event()
            self._waiting.append(turn)
        turn.wait()
        self._writer = get_ident()

    def _give(self) -> None:
        with self._lock:
            if self._waiting:
                # Between the two nobody else can take it: it is given, not let go.
                self._writer = -1
                self._waiting.popleft().set()
            else:
                self._writer = None
