"""The office's list of laptops: whose they are, what stands of them, and which one is meant."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, case, func, select

from hah_central.database.rows import (
    OFFICE,
    Adviser,
    Audit,
    Change,
    Holding,
    Laptop,
    Record,
    Recovery,
)
from hah_central.journal import awaited, holding, records
from hah_central.journal.state import RecordState
from hah_central.people.audit import Did
from hah_desktop.domain.clock import TOLERATED, how_wrong
from hah_desktop.domain.codec import UnreadableRecord, from_body
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.exchange import Verdict
from hah_desktop.domain.ids import RecordId

UNSENT_DAYS = 3
"""So long may a laptop that does reach the office hold changes back, until somebody asks why."""

_DAY = dt.timedelta(days=1)


class NoSuchLaptop(KnownError):
    """The office was asked about a laptop that it does not have, or has twice."""


@dataclass(frozen=True, slots=True)
class Line:
    """A laptop as the office lists it. `can_recover`: its one-use codes are sealed here.

    `attachments`: so many it wrote of whose content has not come, the oldest of them `since` then.
    """

    id: str
    name: str
    adviser: str
    enrolled: dt.datetime
    last_contact: dt.datetime | None
    revoked: dt.datetime | None
    can_recover: bool
    changes: int
    waiting: int | None
    unsent_since: dt.datetime | None
    program: str | None
    files: int
    ahead: int | None = None
    attachments: int = 0
    attachments_since: dt.datetime | None = None

    @property
    def clock(self) -> str:
        """How far its clock was off when it last met the office, in words; empty if it was not."""
        if self.ahead is None or abs(self.ahead) <= TOLERATED.total_seconds():
            return ""
        return how_wrong(dt.timedelta(seconds=self.ahead))

    def lease_left(self, days: int, now: dt.datetime) -> int:
        """How many of the days without contact are left, rounded down; less than 0 if over."""
        since = now - (self.last_contact or self.enrolled)
        return (days * _DAY - since) // _DAY

    def overdue(self, lease_days: int, now: dt.datetime) -> list[str]:
        """Why somebody should ring this laptop's adviser, in plain words; empty if all is well."""
        if self.revoked is not None:
            return []
        silent = (now - (self.last_contact or self.enrolled)) / _DAY
        found = []
        if silent > lease_days / 2:
            found.append(f"no contact for {int(silent)} days")
        if self.waiting and self.unsent_since and now - self.unsent_since > UNSENT_DAYS * _DAY:
            unsent = (now - self.unsent_since) // _DAY
            found.append(f"{self.waiting} changes not sent for {unsent} days")
        since = self.attachments_since
        if since is not None and now - since > UNSENT_DAYS * _DAY:
            many = "1 attachment" if self.attachments == 1 else f"{self.attachments} attachments"
            found.append(f"{many} not sent for {(now - since) // _DAY} days")
        return found


def lines(connection: Connection) -> list[Line]:
    """Each laptop that was ever enrolled, by adviser and name."""
    # What came by hand and was sent later is one change.
    mine = (Change.laptop == Laptop.id, Change.verdict != Verdict.DUPLICATE.value)
    received = select(func.count(Change.id)).where(*mine).scalar_subquery()
    there = Holding.laptop == Laptop.id
    held = select(func.count()).where(there, Holding.dropped.is_(None)).scalar_subquery()
    # What has come since the laptop said so waits no more.
    waiting = case(
        (Laptop.told_number > Laptop.last_number, Laptop.told_number - Laptop.last_number),
        (Laptop.told_number.is_not(None), 0),
    )
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
            waiting,
            Laptop.unsent_since,
            Laptop.program,
            held,
            Laptop.ahead,
        )
        .join(Adviser, Adviser.id == Laptop.adviser)
        .outerjoin(Recovery, Recovery.laptop == Laptop.id)
        .order_by(Adviser.name, Laptop.name, Laptop.enrolled)
    )
    not_come: dict[str, list[dt.datetime]] = {}
    for each in awaited.awaited(connection):
        not_come.setdefault(each.laptop, []).append(each.since)
    found = [Line(*row) for row in connection.execute(listed)]
    return [
        replace(each, attachments=len(since), attachments_since=min(since))
        if (since := not_come.get(each.id))
        else each
        for each in found
    ]


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


@dataclass(frozen=True, slots=True)
class Held:
    """A file that a laptop has or had, as a person calls it; no title if that cannot be read."""

    file: str
    title: str | None
    since: dt.datetime
    dropped: dt.datetime | None


def holds(connection: Connection, laptop: str) -> list[Held]:
    """Every file that a laptop was ever given: what is lost with it, and what it had let go."""
    asked = (
        select(Holding.file, Record.id, Holding.since, Holding.dropped)
        .outerjoin(Record, Holding.file == Record.kind + ":" + Record.id)
        .where(Holding.laptop == laptop)
        .order_by(Holding.dropped.is_not(None), Holding.file, Holding.since)
    )
    rows = connection.execute(asked).all()
    named = titles(connection, [row.id for row in rows if row.id is not None])
    return [
        Held(file, named.get(id_, "not named yet"), since, dropped)
        for file, id_, since, dropped in rows
    ]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A file that a laptop said itself that it held, and when it last did."""

    file: str
    title: str | None
    at: dt.datetime


def claims(connection: Connection, laptop: str) -> list[Claimed]:
    """What a laptop said itself that it held and this office did not know, or not any more."""
    found = holding.claimed(connection, laptop)
    ids = {file: file.partition(":")[2] for file, _ in found}
    named = titles(connection, list(ids.values()))
    return [Claimed(file, named.get(ids[file], "not known here"), at) for file, at in found]


def titles(connection: Connection, ids: Sequence[str]) -> dict[str, str | None]:
    """What a person calls these records; None for one that this version cannot read."""
    known = records.shown(connection, set(map(RecordId, ids)))
    return {str(record.id): _title(record) for record in known.values()}


def restored_since(connection: Connection, last_contact: dt.datetime | None) -> dt.datetime | None:
    """When the office was put back, if that was after it last heard of the laptop."""
    put_back = select(func.max(Audit.at)).where(Audit.what == Did.RESTORED.value)
    at = connection.execute(put_back).scalar()
    return at if at is not None and (last_contact is None or last_contact <= at) else None


def _title(record: RecordState) -> str | None:
    """What a person calls it; None where a value is of a form that this version cannot read."""
    try:
        return from_body(record.kind, record.id, record.body).title()
    except UnreadableRecord:
        return None
