"""A laptop's own changes, as they are stored: for one that lost them and put a copy back."""

import json
from dataclasses import replace

from sqlalchemy import Connection, select

from hah_central.database.lookups import rows_for
from hah_central.database.rows import Change
from hah_central.journal.placing import again_at
from hah_central.people.people import Asker
from hah_desktop.domain.exchange import OwnAsKept, Verdict
from hah_desktop.sync.wire.form import MAX_BYTES, MAX_CHANGES


def own(connection: Connection, asker: Asker, after: int, most: int) -> list[OwnAsKept]:
    """The changes of the asking laptop behind a number, in order: at least one if there is one.

    They are those that it once signed for, so nobody else's words can be among them; whether this
    office could read them is of no account. One that was taken by hand before is in force from
    that place, as everybody else has it.
    """
    asked = (
        select(Change.id, Change.seq, Change.verdict, Change.problem, Change.body)
        .where(Change.laptop == asker.laptop, Change.number > after)
        .order_by(Change.number)
        .limit(min(most, MAX_CHANGES))
    )
    found: list[OwnAsKept] = []
    again: dict[str, int] = {}
    size = 0
    for id_, seq, verdict, problem, body in connection.execute(asked):
        size += len(body)
        if found and size > MAX_BYTES:
            break
        if id_ == again_at(seq):
            again[json.loads(body)["id"]] = len(found)
        found.append(OwnAsKept(body, seq, Verdict(verdict), problem))
    places = select(Change.id, Change.seq)
    for id_, seq in rows_for(connection, places, Change.id, again):
        found[again[id_]] = replace(found[again[id_]], order=seq)
    return found
