"""Which laptops may hand something to each other: those of advisers on the same visit.

The office vouches for their keys, so that no stranger's is ever believed.
"""

import datetime as dt

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.orm import aliased

from hah_central.database.rows import Adviser, Grant, Laptop
from hah_central.database.rows import Card as Row
from hah_central.people.people import Asker
from hah_central.problems import unreadable
from hah_desktop.domain.exchange import Card
from hah_desktop.domain.ids import LaptopId, RecordId, visit_file
from hah_desktop.seals.sealing import RECOVERY_BYTES

_VISITS = visit_file("")


def keep(connection: Connection, asker: Asker, sealing: str, now: dt.datetime) -> None:
    """Keep the asking laptop's key, in place of the one before. Raises Problem if it is none."""
    try:
        key = bytes.fromhex(sealing)
    except ValueError as fault:
        raise unreadable("the laptop’s key is not in hexadecimal") from fault
    if len(key) != RECOVERY_BYTES:
        raise unreadable(f"the laptop’s key is not {RECOVERY_BYTES} bytes")
    known = connection.execute(select(Row.sealing).where(Row.laptop == asker.laptop)).scalar()
    kept = {"sealing": key.hex(), "since": now}
    if known is None:
        connection.execute(insert(Row).values(laptop=asker.laptop, **kept))
    elif known != key.hex():
        connection.execute(update(Row).where(Row.laptop == asker.laptop).values(**kept))


def of_colleagues(connection: Connection, asker: Asker) -> list[Card]:
    """The laptops of everybody who has a visit that the asking adviser has too, not its own."""
    mine, theirs = aliased(Grant), aliased(Grant)
    together = (
        select(theirs.adviser)
        .join(mine, mine.file == theirs.file)
        .where(mine.adviser == asker.adviser, mine.file.startswith(_VISITS))
    )
    found = connection.execute(
        select(Laptop.id, Laptop.adviser, Adviser.name, Laptop.public_key, Row.sealing)
        .join(Row, Row.laptop == Laptop.id)
        .join(Adviser, Adviser.id == Laptop.adviser)
        .where(Laptop.id != asker.laptop, Laptop.revoked.is_(None))
        .where(Laptop.adviser.in_(together))
        .order_by(Adviser.name, Laptop.id)
    )
    return [
        Card(LaptopId(laptop), RecordId(adviser or ""), name, signing, sealing)
        for laptop, adviser, name, signing, sealing in found
    ]
