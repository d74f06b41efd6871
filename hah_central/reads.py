"""Who opened which record: told by laptops, written down for good, passed on to colleagues.

Only what lies in a file of the asking adviser is taken and told. Nobody is told of themselves.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, func, insert, select

from hah_central.journal import take_numbers
from hah_central.lookups import rows_for
from hah_central.people import Asker
from hah_central.rows import Adviser, Clock, Grant, Reading, RecordFile
from hah_desktop.domain.exchange import Opened, Seen
from hah_desktop.domain.ids import REFERENCE_FILE, RecordId

MOST = 500
_DAY = len("2026-11-22")
_LONGEST = 40


def take(connection: Connection, asker: Asker, opened: Sequence[Opened], now: dt.datetime) -> int:
    """Write down what the asker opened, once for each state of a record and day.

    What is said of records that the asker may not see is dropped. Returns how many were new.
    """
    # Their numbers have to become visible in order, as those of the journal: readers have cursors.
    take_numbers(connection, 0)
    upto = connection.execute(select(Clock.seq)).scalar_one()
    theirs = {each.record for each in opened}
    may = {id_ for (id_,) in rows_for(connection, _in_files_of(asker), RecordFile.record, theirs)}
    had = select(Reading.record, Reading.upto, Reading.at).where(Reading.adviser == asker.adviser)
    known = {
        (record, upto, at[:_DAY])
        for record, upto, at in rows_for(connection, had, Reading.record, may)
    }
    new = {
        key: {
            "adviser": asker.adviser,
            "laptop": asker.laptop,
            "record": each.record,
            "upto": each.upto,
            "at": each.at[:_LONGEST],
            "received": now,
        }
        for each in opened
        if each.record in may and 0 <= each.upto <= upto
        if (key := (each.record, each.upto, each.at[:_DAY])) not in known
    }
    if new:
        connection.execute(insert(Reading), list(new.values()))
    return len(new)


def after(connection: Connection, asker: Asker, cursor: int) -> tuple[int, bool, list[Seen]]:
    """What others opened of the asker's records behind a number; how far it goes; and if more."""
    end = connection.execute(select(func.coalesce(func.max(Reading.id), 0))).scalar_one()
    # A number beyond our own last one was given by an office that has been lost since.
    cursor = cursor if cursor <= end else 0
    asked = (
        select(Reading.id, Reading.record, Reading.adviser, Reading.upto, Reading.at)
        .where(Reading.id > cursor, Reading.adviser != asker.adviser, _readable(asker))
        .order_by(Reading.id)
        .limit(MOST + 1)
    )
    rows = connection.execute(asked).all()
    more = len(rows) > MOST
    found = rows[:MOST]
    seen = [Seen(RecordId(row.record), RecordId(row.adviser), row.upto, row.at) for row in found]
    return (found[-1].id if more else end), more, seen


def of_file(connection: Connection, file: str) -> Iterator[dict[str, Any]]:
    """Who opened the records of one file, in the order in which the office was told."""
    asked = (
        select(Reading.record, Adviser.name, Reading.laptop, Reading.upto, Reading.at)
        .join(Adviser, Adviser.id == Reading.adviser)
        .join(RecordFile, RecordFile.record == Reading.record)
        .where(RecordFile.file == file)
        .order_by(Reading.id)
    )
    for record, who, laptop, upto, at in connection.execute(asked):
        yield {"record": record, "who": who, "laptop": laptop, "place": upto, "at": at}


def _in_files_of(asker: Asker) -> Any:
    given = select(Grant.file).where(Grant.adviser == asker.adviser)
    return select(RecordFile.record).where(RecordFile.file.in_(given)).distinct()


def _readable(asker: Asker) -> ColumnElement[bool]:
    given = select(Grant.file).where(Grant.adviser == asker.adviser)
    of_it = exists().where(RecordFile.record == Reading.record, RecordFile.file.in_(given))
    return of_it.where(RecordFile.file != REFERENCE_FILE)
