"""Who opened which record: told by laptops, written down for good, passed on to colleagues.

Only what lies in a file of the asking adviser is taken and told. Nobody is told of themselves.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, func, insert, select

from hah_central.database.lookups import rows_for
from hah_central.database.rows import Adviser, Clock, Grant, Laptop, Reading, RecordFile
from hah_central.journal.journal import take_numbers
from hah_central.people.people import Asker
from hah_desktop.domain.exchange import Opened, Seen, SeenPage
from hah_desktop.domain.ids import REFERENCE_FILE, RecordId
from hah_desktop.sync.wire.form import is_moment

MOST = 500
_DAY = len("2026-11-22")
_NO_PLACE = 0
_CLOCKS_DIFFER = dt.timedelta(days=1)


def take(
    connection: Connection, asker: Asker, opened: Sequence[Opened], now: dt.datetime, epoch: str
) -> int:
    """Write down what the asker opened, once for each state of a record and day.

    What is said of records that the asker may not see is dropped. Places of another epoch are of a
    journal that was lost: of those it is kept on which day the record was opened, where that is not
    known. Returns how many were new.
    """
    # Their numbers have to become visible in order, as those of the journal: readers have cursors.
    upto, now_in = take_numbers(connection, 0)
    began = connection.execute(select(func.min(Laptop.enrolled))).scalar_one()
    theirs = {each.record for each in opened}
    may = {id_ for (id_,) in rows_for(connection, _in_files_of(asker), RecordFile.record, theirs)}
    had = select(Reading.record, Reading.upto, Reading.at).where(Reading.adviser == asker.adviser)
    known = set[tuple[str, int, str]]()
    for record, place, at in rows_for(connection, had, Reading.record, may):
        known |= {(record, place, at[:_DAY]), (record, _NO_PLACE, at[:_DAY])}
    new: list[dict[str, Any]] = []
    # Those with a place first: what was opened on a day without one says nothing beside them.
    for each in sorted(opened, key=lambda each: -each.upto):
        place = each.upto if epoch in ("", now_in) else _NO_PLACE
        at = _bounded(each.at, began - _CLOCKS_DIFFER, now)
        if (
            each.record in may
            and 0 <= place <= upto
            and (each.record, place, at[:_DAY]) not in known
        ):
            known |= {(each.record, place, at[:_DAY]), (each.record, _NO_PLACE, at[:_DAY])}
            who = {"adviser": asker.adviser, "laptop": asker.laptop, "received": now}
            new.append({**who, "record": each.record, "upto": place, "at": at})
    if new:
        connection.execute(insert(Reading), new)
    return len(new)


def _bounded(at: str, began: dt.datetime, now: dt.datetime) -> str:
    """When it was opened as the laptop says, or now where nobody can have opened it then.

    So there are no more days than the office has laptops for, whatever a laptop says.
    """
    said = dt.datetime.fromisoformat(at)
    return (said if began <= said <= now + _CLOCKS_DIFFER else now).isoformat()


def after(connection: Connection, asker: Asker, cursor: int, epoch: str = "") -> SeenPage:
    """What others opened of the asker's records behind a number that was given in an epoch.

    What was opened in a state that this journal has lost, and what has no moment, is not told.
    """
    now_in = connection.execute(select(Clock.epoch)).scalar_one()
    end = connection.execute(select(func.coalesce(func.max(Reading.id), 0))).scalar_one()
    # A number of another epoch, or beyond our own last one, was given by an office that was lost.
    cursor = cursor if 0 <= cursor <= end and epoch in ("", now_in) else 0
    asked = (
        select(Reading.id, Reading.record, Reading.adviser, Reading.upto, Reading.at)
        .where(Reading.id > cursor, Reading.upto != _NO_PLACE)
        .where(Reading.adviser != asker.adviser, _readable(asker))
        .order_by(Reading.id)
        .limit(MOST + 1)
    )
    rows = connection.execute(asked).all()
    more = len(rows) > MOST
    found = rows[:MOST]
    seen = [
        Seen(RecordId(row.record), RecordId(row.adviser), row.upto, row.at)
        for row in found
        if is_moment(row.at)
    ]
    return SeenPage(found[-1].id if more else end, more, seen, now_in)


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
