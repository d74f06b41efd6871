"""How long a laptop may work without contact with the office, by the laptop's own clock. Pure.

Nothing ends here but unlocking without the office: nothing is destroyed, and the office's
telephone code or a sync begins the lease anew.
"""

import datetime as dt
from dataclasses import dataclass

from hah_desktop.domain.clock import TOLERATED

TURNED_BACK_COSTS = dt.timedelta(days=1)
"""What a clock that was turned back costs: less than a day's work, more than nothing.

How long the laptop really lay cannot be known then. Without a cost, whoever turns the clock back
each morning would have a lease without an end; with a large one, a flat battery would end it.
"""


@dataclass(frozen=True, slots=True)
class Lease:
    """How much time has passed since the last contact, and when the clock was last looked at."""

    seen: dt.datetime
    used: dt.timedelta = dt.timedelta()


def passed(lease: Lease, now: dt.datetime) -> Lease:
    """The lease after another look at the clock. It never gives time back."""
    since = now - lease.seen
    if since < -TOLERATED:
        since = TURNED_BACK_COSTS
    return Lease(now, lease.used + max(since, dt.timedelta()))


def has_ended(lease: Lease, days: int) -> bool:
    """Whether more than so many days have passed without contact."""
    return lease.used > dt.timedelta(days=days)


def days_left(lease: Lease, days: int) -> int:
    """Whole days that are left, rounded down; 0 on the last day and after it."""
    return max(0, (dt.timedelta(days=days) - lease.used) // dt.timedelta(days=1))
