"""How often each laptop was refused something, by day and problem: for whoever looks after them.

Only a laptop that has proved itself is noted: nobody else can make the office write.
"""

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from hah_central.database.database import Database
from hah_central.database.rows import Adviser, Failure, Laptop
from hah_central.people import people
from hah_central.problems import Problem


@dataclass(frozen=True, slots=True)
class Line:
    """A problem that a laptop had on one day."""

    laptop: str
    adviser: str
    day: str
    problem: str
    times: int


def note(database: Database, authorization: str, problem: str, now: dt.datetime) -> None:
    """Count a problem of the laptop that the token speaks for, if there is one."""
    # A database that is away is no reason to answer anything else than what went wrong first, nor
    # is another request of this laptop that was refused at the same time, and counted first.
    with suppress(DBAPIError, PoolTimeout, Problem), database.writing() as connection:
        laptop = people.asker(connection, authorization, now).laptop
        this = {"laptop": laptop, "day": f"{now:%Y-%m-%d}", "problem": problem}
        again = update(Failure).filter_by(**this).values(times=Failure.times + 1, last=now)
        if connection.execute(again).rowcount == 0:
            connection.execute(insert(Failure).values(**this, times=1, last=now))


def since(connection: Connection, day: str) -> list[Line]:
    """What went wrong from a day on, the newest first."""
    listed = (
        select(Laptop.name, Adviser.name, Failure.day, Failure.problem, Failure.times)
        .join(Laptop, Laptop.id == Failure.laptop)
        .join(Adviser, Adviser.id == Laptop.adviser)
        .where(Failure.day >= day)
        .order_by(Failure.last.desc())
    )
    return [Line(*row) for row in connection.execute(listed)]
