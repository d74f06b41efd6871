"""When the next sync is tried, by itself. Pure: moments and chance are passed in.

Moments are seconds of any clock that only goes forward. Nothing here gives up: there is no last
try. A try that failed for want of a line begins by asking whether the office is there at all.
"""

from dataclasses import dataclass, replace
from enum import Enum

from hah_desktop.domain.errors import KnownError
from hah_desktop.sync.errors import Cancelled, Differs, OtherOffice, Refused, Unreachable
from hah_desktop.sync.wire.form import NotOurs

AFTER_UNLOCKING_S = 5.0
EVERY_S = 5 * 60.0
QUIET_S = 10.0
"""A save is sent when nothing more was saved for so long,"""
LONGEST_S = 60.0
"""and after so long in any case."""
FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 5 * 60.0
SELDOM_S = 60 * 60.0
_DOUBLED_OFTEN_ENOUGH = 20
_SERVER_FAULT = 500


class Ending(Enum):
    """How a try ended, as far as it matters to the next one."""

    WELL = "well"
    STOPPED = "a person stopped it"
    PASSING = "a line, an office or a network that may be another later"
    ASKS_A_PERSON = "trying again cannot mend it"


def ending_of(problem: KnownError | None) -> Ending:
    """What a problem means for the next try."""
    if problem is None or isinstance(problem, Differs):
        # Where both sides differ everything was sent and fetched all the same.
        return Ending.WELL
    if isinstance(problem, Cancelled):
        return Ending.STOPPED
    if isinstance(problem, Refused):
        passes = problem.status >= _SERVER_FAULT or problem.retry_after > 0
        return Ending.PASSING if passes else Ending.ASKS_A_PERSON
    passes = isinstance(problem, Unreachable | NotOurs) and not isinstance(problem, OtherOffice)
    return Ending.PASSING if passes else Ending.ASKS_A_PERSON


def wait_of(problem: KnownError | None) -> float:
    """For how many seconds the office, or a proxy before it, asks to be left alone."""
    return problem.retry_after if isinstance(problem, Refused | Unreachable) else 0.0


@dataclass(frozen=True, slots=True)
class Pace:
    """One state. Each event gives the next; locked, as at the start, nothing is ever due."""

    due: float | None = None
    ended: Ending = Ending.WELL
    failures: int = 0
    not_before: float = 0.0
    """The moment until which the office asked to be left alone."""
    unsent_since: float | None = None
    is_busy: bool = False

    def unlocked(self, now: float) -> "Pace":
        """The program was unlocked: the first sync comes when the screens have been drawn."""
        return Pace(now + AFTER_UNLOCKING_S)

    def locked(self) -> "Pace":
        """The program was locked: nothing is tried."""
        return Pace()

    def saved(self, now: float) -> "Pace":
        """Something was saved. In a row of failures it hastens nothing."""
        since = now if self.unsent_since is None else self.unsent_since
        after = replace(self, unsent_since=since)
        if self.due is None or self.ended is not Ending.WELL:
            return after
        return _no_later_than(after, min(now + QUIET_S, since + LONGEST_S))

    def network_changed(self, now: float) -> "Pace":
        """The laptop is in another network: what failed for want of a line is tried anew."""
        if self.due is None or self.ended is not Ending.PASSING:
            return self
        return _no_later_than(replace(self, failures=0), now + FIRST_PAUSE_S)

    def asked(self) -> "Pace":
        """A person asked for a sync: whatever was, it counts from the start."""
        return replace(self, failures=0, not_before=0.0)

    def began(self) -> "Pace":
        """A try is under way. What is saved from now on may not be in it."""
        return replace(self, is_busy=True, unsent_since=None)

    def has_ended(self, now: float, how: Ending, wait_s: float, chance: float) -> "Pace":
        """A try has ended. `chance` is a number from 0 to 1."""
        if self.due is None:
            return self
        failures = self.failures + 1 if how is Ending.PASSING else 0
        due = now + _pause(how, self.failures, chance) + wait_s
        after = replace(
            self, due=due, ended=how, failures=failures, not_before=now + wait_s, is_busy=False
        )
        return after.saved(now) if self.unsent_since is not None else after

    def is_due(self, now: float) -> bool:
        """Whether to try now."""
        return self.due is not None and not self.is_busy and now >= self.due

    @property
    def looks_first(self) -> bool:
        """Whether the next try asks whether the office is there before it begins a sync."""
        return self.ended is Ending.PASSING


def _no_later_than(pace: Pace, moment: float) -> Pace:
    due = moment if pace.due is None else min(pace.due, moment)
    return replace(pace, due=max(due, pace.not_before))


def _pause(how: Ending, failures: int, chance: float) -> float:
    if how is Ending.PASSING:
        # Anything from nothing to twice as long as before, so that no two laptops keep step.
        doubled = FIRST_PAUSE_S * 2.0 ** min(failures, _DOUBLED_OFTEN_ENOUGH)
        return chance * min(LONGEST_PAUSE_S, doubled)
    return SELDOM_S if how is Ending.ASKS_A_PERSON else EVERY_S
