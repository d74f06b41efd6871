"""How long this laptop may still be opened without its office: looked at, said, and begun anew."""

import datetime as dt
import hmac
from contextlib import suppress
from dataclasses import replace

from hah_desktop.domain.lease import Lease, days_left, has_ended, passed
from hah_desktop.laptop.errors import LeaseEnded
from hah_desktop.seals import letters, recovery
from hah_desktop.seals.recovery import CODE_LETTERS, Purpose
from hah_desktop.store.errors import StoreFull
from hah_desktop.store.store import Store
from hah_desktop.store.tables import events, meta
from hah_desktop.store.tables.events import Happened
from hah_desktop.store.tables.meta import Trust
from hah_desktop.vault.errors import WrongCode

DAYS_TO_SAY = 5
"""So many days before a laptop asks for the office, it says so at unlocking."""

NO_HELP = (
    "This laptop was set up by an older version: the office cannot help if its passphrase is "
    "forgotten. Sync, and ask the office to set it up anew."
)


def look(store: Store) -> str:
    """Look at the clock, and remember that it was looked at. Gives what to say about it.

    Raises LeaseEnded.
    """
    now = store.now()
    with store.reading() as connection:
        agreed = meta.trust(connection)
        lease = passed(meta.lease(connection) or Lease(now), now)
    # On a full disk the adviser is let in all the same; the next look counts this time too.
    with suppress(StoreFull), store.writing() as connection:
        meta.keep_lease(connection, lease)
    if agreed is None:
        return NO_HELP
    if has_ended(lease, agreed.lease_days):
        named = bytes.fromhex(agreed.recovery_id)
        request = recovery.request(named, Purpose.LEASE, agreed.leases_used + 1)
        raise LeaseEnded(agreed.lease_days, request)
    return _nearly_ended(days_left(lease, agreed.lease_days))


def begin_anew(store: Store, spent: Trust | None = None) -> None:
    """Begin the lease anew; with `spent`, its code has been used up."""
    now = store.now()
    with store.writing() as connection:
        # No clock was compared: one that was slow may still be put right.
        before = passed(meta.lease(connection) or Lease(now), now)
        meta.keep_lease(connection, replace(before, used=dt.timedelta()))
        if spent is not None:
            used = replace(spent, leases_used=spent.leases_used + 1)
            meta.keep_trust(connection, used)
            events.note(connection, Happened.LEASE_EXTENDED, now)


def check_code(agreed: Trust, typed: str) -> None:
    """Whether the letters are the office's code for more time. Raises WrongCode if not."""
    code = recovery.code(bytes.fromhex(agreed.secret), Purpose.LEASE, agreed.leases_used + 1)
    if not hmac.compare_digest(typed, letters.read(code, CODE_LETTERS)):
        raise WrongCode


def _nearly_ended(days: int) -> str:
    if days > DAYS_TO_SAY:
        return ""
    when = {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")
    return f"Sync soon: {when} this laptop stops opening without contact with the office."
