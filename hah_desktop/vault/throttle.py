"""Wrong tries slow down: the rule, and the small file that remembers them over a restart.

It slows a person at the keyboard. Against a thief who can change files Argon2id is the bound,
so nothing here ever wipes anything, and nothing here may keep an adviser out for good.
"""

import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from hah_desktop.vault import files
from hah_desktop.vault.clocks import Clocks
from hah_desktop.vault.errors import TooSoon

FREE_TRIES = 3
LONGEST = timedelta(minutes=15)
_RECORD = re.compile(rb"(\d{6}) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00) ([0-9a-f]{64})\n")
_MOST = 999_999


@dataclass(frozen=True)
class Tries:
    """Failed tries since the last success, and when the last began (None: not known)."""

    failures: int
    last: datetime | None

    def to_bytes(self) -> bytes:
        """Write the record, always of one length so that it can be written over itself."""
        last = (self.last or datetime.fromtimestamp(0, UTC)).astimezone(UTC)
        words = f"{min(self.failures, _MOST):06d} {last.isoformat(timespec='seconds')}"
        return f"{words} {hashlib.sha256(words.encode()).hexdigest()}\n".encode("ascii")

    @classmethod
    def from_bytes(cls, data: bytes) -> Self | None:
        """Read the record; None when it is torn or is something else."""
        found = _RECORD.fullmatch(data)
        if found is None or hashlib.sha256(data[:32]).hexdigest().encode() != found[3]:
            return None
        try:
            return cls(int(found[1]), datetime.fromisoformat(found[2].decode("ascii")))
        except ValueError:
            return None  # a thirteenth month, rightly summed: somebody's joke


NONE = Tries(0, None)
# Of a torn record we know only that there were tries. A minute: more would punish the
# adviser whose battery died in mid-write, and whoever tears the file on purpose could
# as well delete it.
TORN = Tries(8, None)


def delay_after(failures: int) -> timedelta:
    """Tell how long to wait after so many failed tries: 0, 0, 0, 2 s, 4 s, 8 s … 15 minutes."""
    if failures < FREE_TRIES:
        return timedelta(0)
    doublings = min(failures - FREE_TRIES, 20)
    return min(timedelta(seconds=2 << doublings), LONGEST)


def wait_left(tries: Tries, now: datetime) -> timedelta:
    """Tell how much of the wait is left by the wall clock.

    A clock that was turned back to before the last try cannot tell: the whole
    wait starts again now, which is never longer than fifteen minutes.
    """
    delay = delay_after(tries.failures)
    if tries.last is None or now < tries.last:
        return delay
    return max(timedelta(0), delay - (now - tries.last))


class Throttle:
    """Counts tries in a file and says when the next may begin.

    While the program runs it believes its own count and the steady clock; the
    file and the wall clock are for what happened before it started.
    """

    def __init__(self, path: Path, clocks: Clocks) -> None:
        self._path = path
        self._clocks = clocks
        self._tries = NONE
        self._ready_at = clocks.steady()

    def failures(self) -> int:
        """Count the failed tries since the last success."""
        self._catch_up()
        return self._tries.failures

    def seconds_left(self) -> float:
        """Tell how long the next try has to wait, in seconds; 0 when it may begin."""
        self._catch_up()
        return max(0.0, self._ready_at - self._clocks.steady())

    def begin_try(self) -> None:
        """Count a try as failed, on the disk, before it is judged; raises TooSoon."""
        left = self.seconds_left()
        if left > 0:
            raise TooSoon(left)
        self._remember(Tries(self._tries.failures + 1, self._clocks.wall()))

    def reset(self) -> None:
        """Forget the failed tries: this one was right."""
        self._remember(NONE)

    def _catch_up(self) -> None:
        found = self._read()
        if found.failures > self._tries.failures:
            self._believe(found)

    def _believe(self, tries: Tries) -> None:
        self._tries = tries
        wait = wait_left(tries, self._clocks.wall())
        self._ready_at = self._clocks.steady() + wait.total_seconds()

    def _remember(self, tries: Tries) -> None:
        self._believe(tries)
        # A full disk must not keep an adviser from the records: the count goes on in memory,
        # and whoever can fill the disk can delete the file.
        with suppress(OSError):
            files.overwrite(self._path, tries.to_bytes())

    def _read(self) -> Tries:
        try:
            return Tries.from_bytes(self._path.read_bytes()) or TORN
        except FileNotFoundError:
            return NONE
        except OSError:
            return TORN
