"""What is saved here and not yet received: told for many records by one question each."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, case, func, select

from hah_desktop.store.rows import CHANGE, RECORD, SYNC_RUN
from hah_desktop.store.settling import in_chunks
from hah_desktop.store.standing import UNSENT


def of_records(connection: Connection, records: Iterable[str]) -> dict[str, int]:
    """How many changes of each of these records are only here; records without any are left out."""
    found: dict[str, int] = {}
    for chunk in in_chunks(records):
        some = select(CHANGE.c.record, func.count()).where(UNSENT, CHANGE.c.record.in_(chunk))
        found.update(
            (record, count) for record, count in connection.execute(some.group_by("record"))
        )
    return found


def listed(
    connection: Connection, kinds: Sequence[str], most: int
) -> tuple[list[tuple[str, int]], int]:
    """The first records of these kinds with changes that are only here, and how many have any.

    They come in the order of the kinds, each with the number of its changes.
    """
    counted = select(CHANGE.c.record, func.count().label("changes")).where(UNSENT)
    here = counted.group_by(CHANGE.c.record).subquery()
    rank = case({kind: number for number, kind in enumerate(kinds)}, value=RECORD.c.kind)
    first = (
        select(here.c.record, here.c.changes)
        .join(RECORD, RECORD.c.id == here.c.record)
        .where(RECORD.c.kind.in_(kinds))
        .order_by(rank, RECORD.c.id)
        .limit(most)
    )
    found = [(row.record, row.changes) for row in connection.execute(first)]
    total = connection.execute(select(func.count()).select_from(here)).scalar_one()
    return found, int(total)


def last_well(connection: Connection) -> str:
    """When the last sync ended in which everything went well; empty if none is remembered."""
    well = select(SYNC_RUN.c.finished).where(SYNC_RUN.c.problem == "")
    return str(connection.execute(well.order_by(SYNC_RUN.c.id.desc()).limit(1)).scalar() or "")
