"""A laptop's own changes, as they are stored: for one that lost them and put a copy back."""

import json

from sqlalchemy import Connection, select

from hah_central.people import Asker
from hah_central.rows import Change
from hah_desktop.domain.changes import from_plain
from hah_desktop.domain.exchange import OwnChange, Verdict
from hah_desktop.sync.wire.form import MAX_BYTES, MAX_CHANGES


def own(connection: Connection, asker: Asker, after: int, most: int) -> list[OwnChange]:
    """The changes of the asking laptop behind a number, in order: at least one if there is one.

    They are those that it once signed for, so nobody else's words can be among them.
    """
    asked = (
        select(Change.seq, Change.verdict, Change.problem, Change.body)
        .where(Change.laptop == asker.laptop, Change.number > after)
        .order_by(Change.number)
        .limit(min(most, MAX_CHANGES))
    )
    found: list[OwnChange] = []
    size = 0
    for seq, verdict, problem, body in connection.execute(asked):
        size += len(body)
        if found and size > MAX_BYTES:
            break
        found.append(OwnChange(from_plain(json.loads(body)), seq, Verdict(verdict), problem))
    return found
