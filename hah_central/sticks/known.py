"""What a laptop is told of whether the office has changes: nothing about those of others' files."""

import datetime as dt
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, and_, exists, or_, select

from hah_central.database.lookups import rows_for
from hah_central.database.rows import IN_FORCE, Change, Grant, Holding, RecordFile
from hah_central.database.rows import Witness as Row
from hah_central.journal import witness
from hah_central.people.people import Asker
from hah_desktop.domain.exchange import Waits, Witness
from hah_desktop.domain.ids import REFERENCE_FILE, ChangeId


def unknown(connection: Connection, asker: Asker, changes: Collection[ChangeId]) -> list[ChangeId]:
    """Those of the changes that are not in force here, as far as the asking laptop may know.

    They are not in the journal, or a colleague's laptop sent them again after a restore and they
    were set aside: what is kept as mere bytes, say, since no program here can read it any more.
    It is told of its own, and of records in files that its adviser has or that it was ever given.
    Of another the answer is as of one that never was: it tells nothing, and what the laptop then
    says of it is not kept, since it is here.
    """
    given = select(Grant.file).where(Grant.adviser == asker.adviser)
    ever = select(Holding.file).where(Holding.laptop == asker.laptop)
    told = or_(
        RecordFile.file == REFERENCE_FILE, RecordFile.file.in_(given), RecordFile.file.in_(ever)
    )
    seen = exists().where(RecordFile.record == Change.record, told)
    # Of its own a laptop is told by receipts that they were set aside.
    mine = select(Change.id).where(or_(Change.laptop == asker.laptop, and_(seen, IN_FORCE)))
    known = {id_ for (id_,) in rows_for(connection, mine, Change.id, changes)}
    return [change for change in changes if change not in known]


def tell(connection: Connection, asker: Asker, items: Sequence[Witness], now: dt.datetime) -> int:
    """Keep what a laptop tells of lost changes. Returns of how many it may know nothing here.

    That is not how many are kept: it would tell which of the others are here.
    """
    told = set(unknown(connection, asker, {item.change for item in items}))
    lost = witness.keep(connection, asker.laptop, items, now)
    here = [item for item in items if item.change in told - lost]
    witness.note_here(connection, asker.laptop, here, now)
    return len(told)


def waits(connection: Connection, asker: Asker, told: Collection[ChangeId]) -> Waits:
    """What became of what a laptop told, so that it is kept there no longer than it is needed.

    Of what nobody told, it is told nothing beyond `unknown`.
    """
    due = unknown(connection, asker, told)
    found = select(Row.change, Row.closed.is_(None))
    rows = rows_for(connection, found, Row.change, due)
    is_open = {ChangeId(change): still for change, still in rows}
    return Waits(
        [change for change in due if is_open.get(change)],
        [change for change in due if change not in is_open],
    )
