"""Reads the past of one record: every change of it that is known on this laptop."""

import json

from sqlalchemy import Connection, select

from hah_desktop.domain.changes import Edit
from hah_desktop.domain.exchange import Verdict
from hah_desktop.domain.history import Entry, Known, entries
from hah_desktop.domain.ids import ChangeId
from hah_desktop.domain.moving import MOVED
from hah_desktop.store.journal.saying import Said, said_by
from hah_desktop.store.tables.rows import CHANGE, RECORD

SET_ASIDE = "The office has not used it."


def of_record(connection: Connection, record: str) -> list[Entry]:
    """The past of a record, the oldest first; empty for one that is not held here."""
    asked = select(CHANGE.c.id, CHANGE.c.verdict, CHANGE.c.problem).where(CHANGE.c.record == record)
    aside = {
        ChangeId(row.id): (row.problem or SET_ASIDE) if row.verdict == Verdict.SET_ASIDE else ""
        for row in connection.execute(asked)
    }
    said = said_by(connection, aside)
    kept = connection.execute(select(RECORD.c.heads).where(RECORD.c.id == record)).scalar()
    known = [_known(change, said[change], why) for change, why in aside.items()]
    return entries(known, json.loads(kept or "{}"))


def of_all_it_was(connection: Connection, record: str) -> list[Entry]:
    """The past of a record, and of those as which it stood before it was moved."""
    found: list[Entry] = []
    ids, following = {record}, [record]
    while following:
        past = of_record(connection, following.pop())
        others = {str(e.head.value) for e in past if e.name == MOVED and e.head.value} - ids
        found += past
        ids |= others
        following += sorted(others)
    return sorted(found, key=lambda entry: (entry.head.order, entry.head.change))


def _known(change: ChangeId, said: Said, aside: str) -> Known:
    edits = {
        name: Edit(edit["value"], tuple(ChangeId(id_) for id_ in edit.get("replaces", ())))
        for name, edit in said.fields.items()
    }
    return Known(
        change,
        said.author,
        said.made_at,
        said.order,
        edits,
        said.by_office,
        said.clock_trusted,
        aside,
        said.clock_off,
    )
