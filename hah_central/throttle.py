"""Slows down whoever tries one-time codes: a few wrong ones a minute for the whole service."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil

from hah_central.problems import Problem, too_many_tries

TRIES = 5
SECONDS = 60.0


class Throttle:
    """Counts the tries that failed; one that succeeds is given back."""

    def __init__(self, seconds_now: Callable[[], float]) -> None:
        self._now = seconds_now
        self._tries: deque[float] = deque()
        self._lock = threading.Lock()

    @contextmanager
    def one_try(self) -> Iterator[None]:
        """Count a try while it runs and, if it ends in a Problem, for a minute. Raises Problem."""
        started = self._begin()
        try:
            yield
        except Problem:
            raise
        except BaseException:
            self._give_back(started)
            raise
        self._give_back(started)

    def _begin(self) -> float:
        with self._lock:
            now = self._now()
            while self._tries and self._tries[0] <= now - SECONDS:
                self._tries.popleft()
            if len(self._tries) >= TRIES:
                raise too_many_tries(ceil(self._tries[0] + SECONDS - now))
            self._tries.append(now)
            return now

    def _give_back(self, started: float) -> None:
        with self._lock:
            if started in self._tries:
                self._tries.remove(started)
