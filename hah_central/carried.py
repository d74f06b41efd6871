"""Changes that a laptop took from a colleague's hand: what became of those that came here since."""

import json
from collections.abc import Collection

from sqlalchemy import Connection, select

from hah_central import access, holding, placing, records
from hah_central.lookups import rows_for
from hah_central.people import Asker
from hah_central.rows import Change
from hah_desktop.domain.changes import from_plain
from hah_desktop.domain.exchange import Receipt, Verdict
from hah_desktop.domain.ids import ChangeId


def receipts(connection: Connection, asker: Asker, carried: Collection[ChangeId]) -> list[Receipt]:
    """A receipt, with the heads of now, for each that is here and that the laptop may see.

    Of what was taken back from it since, it learns that the change is here, and nothing else: so
    what is no longer given can leave that laptop.

    Without it a laptop could not tell a change that nobody has sent from one that was sent and
    has been replaced since: of that one a pull no longer tells.
    """
    held = placing.held(connection, set(carried))
    # What could never be read belongs to no record.
    readable = select(Change.id, Change.body).where(Change.record != "")
    words = rows_for(connection, readable, Change.id, held)
    changes = {ChangeId(id_): from_plain(json.loads(body)) for id_, body in words}
    known = records.load(connection, {change.record for change in changes.values()})
    files = {file for record in known.values() for file in record.files}
    rights = access.load(connection, asker.adviser, files)
    ever = holding.ever(connection, asker.laptop, files)
    found = []
    shown = {id_: change for id_, change in changes.items() if change.record in known}
    for id_, change in shown.items():
        record = known[change.record]
        sees = rights.may_see(record)
        if not sees and record.files.isdisjoint(ever):
            continue
        old = held[id_]
        verdict = Verdict.DUPLICATE if old.in_force else Verdict.SET_ASIDE
        heads = record.other_heads(change) if sees else {}
        found.append(Receipt(id_, old.hash, verdict, old.seq, heads, old.problem))
    for id_ in held.keys() - shown.keys():
        # Nobody could read it, or what it would have begun was refused. Only who has it by hand can
        # name it, and shows it until it hears that nobody else does.
        old = held[id_]
        found.append(Receipt(id_, old.hash, Verdict.SET_ASIDE, old.seq, {}, old.problem))
    return found
