"""The office's signed orders: made at the desk, kept, and handed to the laptop they are for.

The service only passes them on: the key that signs them is not in its reach.
"""

import datetime as dt
import json
from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from hah_central.database.questions import Question
from hah_central.database.rows import OFFICE, Clock, EnrolCode, Laptop, OfficeOrder, Token
from hah_central.journal.journal import take_numbers
from hah_central.office import laptops
from hah_central.people import audit
from hah_central.people.audit import Deed, Did
from hah_desktop.domain.errors import KnownError
from hah_desktop.seals.orders import LEASE_DAYS, LOCK_MINUTES, REVOKE, RULES, Order, SignedOrder
from hah_desktop.seals.orders import sign as signed


class NotOrdered(KnownError):
    """The order cannot be given; nothing was signed."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How long a laptop may work without contact, and the longest time without a key."""

    lease_days: int = 30
    lock_minutes: int = 15


@dataclass(frozen=True, slots=True)
class Signer:
    """Who orders, and the key that signs."""

    deed: Deed
    key: bytes = field(repr=False)


_LAST = (
    select(func.max(OfficeOrder.number))
    .where(OfficeOrder.laptop == bindparam("laptop"))
    .group_by(OfficeOrder.kind)
)
_NEWEST = Question(
    select(OfficeOrder.body, OfficeOrder.signature)
    .where(OfficeOrder.laptop == bindparam("laptop"), OfficeOrder.number.in_(_LAST))
    .order_by(OfficeOrder.number)
)


def newest(connection: Connection, laptop: str) -> list[SignedOrder]:
    """The newest order of each kind to a laptop, the oldest of them first."""
    return [SignedOrder(*row) for row in _NEWEST.ask(connection, laptop=laptop)]


def rules(connection: Connection) -> Rules:
    """The rules that hold; those of a fresh laptop before any were set."""
    # Any office that signs rules signs them for its own virtual laptop too: for those to come.
    found = connection.execute(
        select(OfficeOrder.body)
        .where(OfficeOrder.laptop == OFFICE, OfficeOrder.kind == RULES)
        .order_by(OfficeOrder.number.desc())
        .limit(1)
    ).scalar_one_or_none()
    if found is None:
        return Rules()
    plain = json.loads(found)
    return Rules(plain["lease_days"], plain["lock_minutes"])


def set_rules(
    connection: Connection, signer: Signer, lease_days: int | None, lock_minutes: int | None
) -> tuple[Rules, int]:
    """Order every laptop to work by these rules; what is None stays as it is.

    Returns the rules, and how many laptops get them. Raises NotOrdered.
    """
    take_numbers(connection, 0)
    before = rules(connection)
    new = Rules(
        before.lease_days if lease_days is None else lease_days,
        before.lock_minutes if lock_minutes is None else lock_minutes,
    )
    if new.lease_days not in LEASE_DAYS or new.lock_minutes not in LOCK_MINUTES:
        raise NotOrdered(
            f"A lease lasts from 1 to {LEASE_DAYS[-1]} days, and a laptop locks after 1 to "
            f"{LOCK_MINUTES[-1]} minutes.",
            "Nothing was changed.",
        )
    working = _working(connection)
    for laptop in (OFFICE, *working, *_awaited(connection, signer.deed.now)):
        _give(connection, signer, RULES, laptop, new)
    told = f"lease {new.lease_days} days, lock {new.lock_minutes} minutes"
    audit.note(connection, signer.deed, Did.SET_RULES, detail=told)
    return new, len(working)


def sign_for_newcomer(connection: Connection, signer: Signer, laptop: str) -> None:
    """Sign the rules that hold for a laptop that is about to be enrolled."""
    take_numbers(connection, 0)
    _give(connection, signer, RULES, laptop, rules(connection))


def revoke(connection: Connection, signer: Signer, named: str) -> str:
    """End a laptop's access for good, and order it to destroy its keys. Returns its id.

    Raises NoSuchLaptop or NotOrdered.
    """
    take_numbers(connection, 0)
    laptop, revoked = laptops.named(connection, named)
    if revoked is not None:
        raise NotOrdered(
            f"This laptop was revoked on {revoked:%Y-%m-%d at %H:%M} UTC.", "Nothing was changed."
        )
    _give(connection, signer, REVOKE, laptop, None)
    now = signer.deed.now
    connection.execute(update(Laptop).where(Laptop.id == laptop).values(revoked=now))
    audit.note(connection, signer.deed, Did.REVOKED, laptop=laptop)
    return laptop


def _working(connection: Connection) -> list[str]:
    listed = select(Laptop.id).where(Laptop.id != OFFICE, Laptop.revoked.is_(None))
    return list(connection.execute(listed.order_by(Laptop.id)).scalars())


def _awaited(connection: Connection, now: dt.datetime) -> list[str]:
    """What laptops will be called whose codes are made and not used."""
    of = EnrolCode
    listed = select(of.laptop).where(of.used.is_(None), of.expires > now)
    return [laptop for laptop in connection.execute(listed).scalars() if laptop is not None]


def _give(
    connection: Connection, signer: Signer, kind: str, laptop: str, told: Rules | None
) -> None:
    office = connection.execute(select(Clock.office)).scalar_one()
    last = connection.execute(
        select(func.coalesce(func.max(OfficeOrder.number), 0)).where(OfficeOrder.laptop == laptop)
    ).scalar_one()
    now = signer.deed.now
    # Seconds, so that an office restored from a backup does not use a number twice: the laptop
    # would take the new order for one that it has obeyed.
    number = max(last + 1, int(now.timestamp()))
    order = Order(
        kind,
        office,
        laptop,
        number,
        now.isoformat(),
        lease_days=told.lease_days if told else 0,
        lock_minutes=told.lock_minutes if told else 0,
    )
    row = {"laptop": laptop, "number": number, "kind": kind, "made": now}
    made = signed(order, signer.key)
    connection.execute(insert(OfficeOrder).values(**row, body=made.body, signature=made.signature))
    if kind != REVOKE:
        # It hears of the order when it signs in. One that was revoked is told with each answer.
        connection.execute(delete(Token).where(Token.laptop == laptop))
