"""The office's list of laptops: whose they are, what stands of them, and which one is meant."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from hah_central.rows import Adviser, Change, Laptop, Recovery
from hah_central.state import OFFICE
from hah_desktop.domain.errors import KnownError

_DAY = dt.timedelta(days=1)


class NoSuchLaptop(KnownError):
    """The office was asked about a laptop that it does not have, or has twice."""


@dataclass(frozen=True, slots=True)
class Line:
    """A laptop as the office lists it. `can_recover`: its one-use codes are sealed here."""

    id: str
    name: str
    adviser: str
    enrolled: dt.datetime
    last_contact: dt.datetime | None
    revoked: dt.datetime | None
    can_recover: bool
    changes: int

    def lease_left(self, days: int, now: dt.datetime) -> int:
        """How many of the days without contact are left, rounded down; less than 0 if over."""
        since = now - (self.last_contact or self.enrolled)
        return (days * _DAY - since) // _DAY


def lines(connection: Connection) -> list[Line]:
    """Each laptop that was ever enrolled, by adviser and name."""
    received = select(func.count(Change.id)).where(Change.laptop == Laptop.id).scalar_subquery()
    listed = (
        select(
            Laptop.id,
            Laptop.name,
            Adviser.name,
            Laptop.enrolled,
            Laptop.last_contact,
            Laptop.revoked,
            Recovery.laptop.is_not(None),
            received,
        )
        .join(Adviser, Adviser.id == Laptop.adviser)
        .outerjoin(Recovery, Recovery.laptop == Laptop.id)
        .order_by(Adviser.name, Laptop.name, Laptop.enrolled)
    )
    return [Line(*row) for row in connection.execute(listed)]


def named(connection: Connection, name: str) -> tuple[str, dt.datetime | None]:
    """Id and end of the laptop of this id or, if only one is called so, of this name.

    Raises NoSuchLaptop.
    """
    one = (Laptop.id == name) | (Laptop.name == name)
    listed = select(Laptop.id, Laptop.revoked).where(one, Laptop.id != OFFICE)
    found = connection.execute(listed).all()
    if len(found) != 1:
        what = "more than one laptop is" if found else "no laptop is"
        raise NoSuchLaptop(
            f"At this office {what} called “{name}”.",
            "Nothing was changed.",
            "Name it by its id, as the command “laptops” lists it.",
        )
    return found[0].id, found[0].revoked


def line(connection: Connection, name: str) -> Line:
    """How the laptop of this id or this name stands. Raises NoSuchLaptop."""
    id_, _ = named(connection, name)
    return next(each for each in lines(connection) if each.id == id_)
