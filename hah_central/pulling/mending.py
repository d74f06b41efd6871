"""Holds what the office's records say against its own journal, for files that differ on a laptop.

The journal is the truth: a record that was altered behind its back is made anew from it.
"""

import json
from collections.abc import Collection, Iterator

from sqlalchemy import Connection, select, update

from hah_central.database.database import Database
from hah_central.database.lookups import rows_for
from hah_central.database.rows import IN_FORCE, Change, Record, RecordFile
from hah_central.journal import digests, records
from hah_central.journal.journal import take_numbers
from hah_central.journal.state import Known, RecordState, heads_plain
from hah_desktop.domain.changes import from_plain
from hah_desktop.domain.ids import ChangeId, FileId, RecordId


def bring_up(database: Database) -> None:
    """Work out the digests that an older version left behind, before the first laptop asks."""
    with database.writing() as connection:
        take_numbers(connection, 0)
        digests.renew(connection)


def altered(connection: Connection, files: Collection[FileId]) -> list[RecordId]:
    """The records of these files whose heads are not what the journal says."""
    lies_in = rows_for(connection, select(RecordFile.record), RecordFile.file, files)
    ids = {RecordId(record) for (record,) in lies_in}
    known = records.load(connection, ids)
    return sorted(
        anew.id
        for anew in _replayed(connection, ids)
        if anew.id not in known or known[anew.id].heads != anew.heads
    )


def mend(connection: Connection, ids: Collection[RecordId]) -> None:
    """Make these records anew, where they stand: who asks for their files again gets them right."""
    take_numbers(connection, 0)
    for anew in _replayed(connection, ids):
        says = {"heads": heads_plain(anew.heads), "moved": anew.moved}
        connection.execute(update(Record).where(Record.id == anew.id).values(says))
    digests.renew(connection)


def _replayed(connection: Connection, ids: Collection[RecordId]) -> Iterator[RecordState]:
    """Each record as the rule makes it of its changes, in their order."""
    asked = select(Change.record, Change.seq, Change.body).where(IN_FORCE)
    said: dict[str, dict[int, str]] = {}
    for record, seq, body in rows_for(connection, asked, Change.record, ids):
        said.setdefault(record, {})[seq] = body
    for record, bodies in said.items():
        known: dict[ChangeId, Known] = {}
        state: RecordState | None = None
        for seq, body in sorted(bodies.items()):
            change = from_plain(json.loads(body))
            state = state or RecordState(RecordId(record), change.kind, new=False)
            state.take(change, seq, known.keys(), known)
            known[change.id] = Known(change, seq)
        if state is not None:
            yield state
