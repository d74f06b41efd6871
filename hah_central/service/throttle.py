"""Slows down whoever guesses: so many wrong tries a minute, of codes for the whole service."""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil

from hah_central.problems import Problem, too_many_tries

TRIES = 5
SECONDS = 60.0
SIGN_INS = 20
"""So many wrong sign-ins a minute has one laptop's name from one address."""

_MOST_KNOWN = 10_000
_WRONG_SIGN_INS = "Too many sign-ins of this laptop were wrong."


class Throttle:
    """Counts the tries that failed; one that succeeds is given back."""

    def __init__(
        self,
        seconds_now: Callable[[], float],
        most: int = TRIES,
        refused: Callable[[int], Problem] = too_many_tries,
    ) -> None:
        self._now = seconds_now
        self._most = most
        self._refused = refused
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
            if len(self._tries) >= self._most:
                raise self._refused(ceil(self._tries[0] + SECONDS - now))
            self._tries.append(now)
            return now

    def _give_back(self, started: float) -> None:
        with self._lock:
            if started in self._tries:
                self._tries.remove(started)


class SignIns:
    """One Throttle for each laptop's name and address; the ones not asked for longest go.

    By the name alone a stranger could shut a laptop out by signing in wrongly in its place.
    """

    def __init__(self, seconds_now: Callable[[], float]) -> None:
        self._now = seconds_now
        self._known = OrderedDict[tuple[str, str], Throttle]()
        self._lock = threading.Lock()

    def of(self, laptop: str, address: str) -> Throttle:
        """The one of this laptop's name from this address."""
        with self._lock:
            found = self._known.pop((laptop, address), None)
            found = found or Throttle(self._now, SIGN_INS, _wrong_sign_ins)
            self._known[laptop, address] = found
            if len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
            return found


def _wrong_sign_ins(wait: int) -> Problem:
    return too_many_tries(wait, _WRONG_SIGN_INS)
