"""When somebody last told the office that a backup of it was made and verified.

The service makes none and cannot see any: it knows what it is told, and says so.
"""

import datetime as dt
from contextlib import suppress

from sqlalchemy import Connection, select

from hah_central.database.rows import Audit
from hah_central.people import audit
from hah_central.people.audit import Deed, Did


def told(connection: Connection, deed: Deed, made: dt.datetime) -> None:
    """Write down that a backup was made then, and read back since."""
    audit.note(connection, deed, Did.BACKED_UP, detail=made.astimezone(dt.UTC).isoformat())


def newest(connection: Connection) -> dt.datetime | None:
    """When the newest of them was made; None where nobody told of any."""
    asked = select(Audit.detail).where(Audit.what == Did.BACKED_UP.value)
    found = []
    for detail in connection.execute(asked).scalars():
        with suppress(ValueError):
            found.append(dt.datetime.fromisoformat(detail))
    return max(found, default=None)
