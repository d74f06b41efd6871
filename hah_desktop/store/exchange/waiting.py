"""What is saved here and not yet received: told for many records by one question each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, case, func, or_, select, union_all

from hah_desktop.domain.ids import FileId
from hah_desktop.store.exchange.outbox import unsent_count
from hah_desktop.store.journal.standing import ASIDE, BY_HAND, ONLY_HERE, UNSENT
from hah_desktop.store.tables.many import in_chunks
from hah_desktop.store.tables.rows import CHANGE, RECORD, SYNC_RUN


@dataclass(frozen=True, slots=True)
class Due:
    """How many changes the office does not have as far as is known here, or does not use.

    `own` of this laptop, `by_hand` from a colleague's stick, and `aside` are those that the office
    set aside.
    """

    own: int = 0
    by_hand: int = 0
    aside: int = 0

    def __add__(self, other: "Due") -> "Due":
        """Both together."""
        return Due(self.own + other.own, self.by_hand + other.by_hand, self.aside + other.aside)

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.own or self.by_hand or self.aside)


NOTHING_DUE = Due()

_COUNTS = [
    func.coalesce(func.sum(case((each, 1), else_=0)), 0) for each in (UNSENT, BY_HAND, ASIDE)
]

# Each by its own index: where any of them will do, all changes would be looked at.
_ALL_DUE = union_all(
    *(select(CHANGE.c.id).where(each).correlate(None) for each in (UNSENT, BY_HAND, ASIDE))
)


def of_records(connection: Connection, records: Iterable[str]) -> dict[str, Due]:
    """What is due of each of these records; records of which nothing is are left out."""
    found: dict[str, Due] = {}
    for chunk in in_chunks(records):
        some = select(CHANGE.c.record, *_COUNTS).where(CHANGE.c.record.in_(chunk))
        some = some.where(or_(ONLY_HERE, ASIDE)).group_by(CHANGE.c.record)
        found.update((record, Due(*counts)) for record, *counts in connection.execute(some))
    return found


def of_file(connection: Connection, file: FileId) -> Due:
    """What is due of all that lies in one file, also of what is not shown, or was removed."""
    # Both kinds are here whole, unless nobody can read them: those are of no record.
    readable = case((CHANGE.c.record != "", CHANGE.c.content), else_="{}")
    files = func.json_each(readable, "$.files").table_valued("value")
    lies_there = select(files.c.value).where(files.c.value == file).exists()
    some = select(*_COUNTS).where(CHANGE.c.id.in_(_ALL_DUE), lies_there)
    return Due(*connection.execute(some).one())


def of_all(connection: Connection) -> Due:
    """What is due of all that is here."""
    return Due(unsent_count(connection), *connection.execute(_OTHERS).one())


_OTHERS = select(
    *(
        select(func.count()).select_from(CHANGE).where(each).scalar_subquery()
        for each in (BY_HAND, ASIDE)
    )
)


def listed(
    connection: Connection, kinds: Sequence[str], most: int
) -> tuple[list[tuple[str, int]], int]:
    """The first records of these kinds with own changes that are only here, and how many have any.

    They come in the order of the kinds, each with the number of its changes. What came from a
    colleague's hand is not listed: it is on the colleague's laptop, too.
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
