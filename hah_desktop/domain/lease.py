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
    """How much time has passed since the last contact, and when the clock was last looked at.

    `slow` is how far the clock was behind the office’s at that contact, until it is put right.
    """

    seen: dt.datetime
    used: dt.timedelta = dt.timedelta()
    slow: dt.timedelta = dt.timedelta()


def passed(lease: Lease, now: dt.datetime) -> Lease:
    """The lease after another look at the clock. It never gives time back.

    A clock that was slow at the contact, and shows the time that it really was or a later one,
    was put right since: how far it was put forward is no time that passed.
    """
    since, slow = now - lease.seen, lease.slow
    if slow > TOLERATED and since - slow >= -TOLERATED:
        since, slow = max(since - slow, dt.timedelta()), dt.timedelta()
    if since < -TOLERATED:
        # A clock that fell behind once more is to be put right by so much more.
        slow -= since if slow else dt.timedelta()
        since = TURNED_BACK_COSTS
    return Lease(now, lease.used + max(since, dt.timedelta()), slow)


def begun(now: dt.datetime, offset: dt.timedelta) -> Lease:
    """The lease at a contact, when the clock was so far ahead of the office’s."""
    return Lease(now, slow=max(-offset, dt.timedelta()))


def has_ended(lease: Lease, days: int) -> bool:
    """Whether more than so many days have passed without contact."""
    return lease.used > dt.timedelta(days=days)


def days_left(lease: Lease, days: int) -> int:
    """Whole days that are left, rounded down; 0 on the last day and after it."""
    return max(0, (dt.timedelta(days=days) - lease.used) // dt.timedelta(days=1))
