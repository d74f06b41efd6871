"""What a sync would take out of a person's sight, before it does. No record is touched here.

Records are given no more, or somebody else has removed them. What this laptop itself removed was
its own person's doing, also where a safety copy that was put back does not know it any more. What
was moved, and is shown as the record that stands now, is not out of sight.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, select

from hah_desktop.domain.exchange import Page, PulledChange, PulledRow
from hah_desktop.domain.ids import FileId, RecordId
from hah_desktop.domain.moving import MOVED
from hah_desktop.domain.removals import Hidden, Removals
from hah_desktop.domain.removing import REMOVED
from hah_desktop.store.exchange import arriving, withdrawing
from hah_desktop.store.journal import reading
from hah_desktop.store.tables import meta
from hah_desktop.store.tables.many import in_chunks
from hah_desktop.store.tables.rows import RECORD

_UNASKED = "gone_unasked"
"""How many records went without a question since a sync last ended well."""


def removals(connection: Connection, page: Page, rows: Sequence[PulledRow]) -> Removals:
    """What taking a page would take out of sight."""
    given_no_more = withdrawing.removals(connection, page.files)
    hidden = _hidden(connection, rows)
    if given_no_more.records and hidden:
        for record in withdrawing.going(connection, page.files):
            hidden.pop(record, None)
    if not hidden:
        return given_no_more
    files = _files_of(connection, hidden)
    counted = Counter(Hidden(file, by) for id_, by in hidden.items() for file in files[id_])
    return replace(
        given_no_more,
        records=given_no_more.records + len(hidden),
        here=withdrawing.held(connection),
        hidden=len(hidden),
        by_others=counted,
    )


def _hidden(connection: Connection, rows: Sequence[PulledRow]) -> dict[str, RecordId]:
    """The records that would be hidden, with who removed them last."""
    who = meta.identity(connection)
    own = who.laptop if who else ""
    removed = {row.record: said for row in rows if (said := row.heads().get(REMOVED))}
    theirs = {
        record: max(said, key=lambda change: change.order)
        for record, said in removed.items()
        if not any(_is_own(change, own) for change in said)
    }
    if not theirs:
        return {}
    hidden = arriving.hidden_by(connection, [row for row in rows if row.record in theirs])
    hidden -= _moved(connection, rows)
    return {record: RecordId(theirs[RecordId(record)].author) for record in sorted(hidden)}


def _moved(connection: Connection, rows: Sequence[PulledRow]) -> set[str]:
    """The records that stand as others, which are shown here or come with the same page."""
    heads = {row.record: row.heads() for row in rows}
    went = {
        record: {str(to) for change in said.get(MOVED, ()) if (to := change.fields.get(MOVED))}
        for record, said in heads.items()
    }
    stand = {str(record) for record, said in heads.items() if REMOVED not in said}
    asked = set().union(*went.values()) - heads.keys()
    for ids in in_chunks(asked):
        shown = select(RECORD.c.id).where(RECORD.c.id.in_(ids), reading.IS_SHOWN)
        stand |= set(connection.execute(shown).scalars())
    return {record for record, others in went.items() if others & stand}


def _is_own(change: PulledChange, laptop: str) -> bool:
    return bool(change.own) or change.laptop == laptop


def _files_of(connection: Connection, records: Mapping[str, object]) -> dict[str, list[FileId]]:
    found: dict[str, list[FileId]] = {}
    for ids in in_chunks(records):
        asked = select(RECORD.c.id, RECORD.c.files).where(RECORD.c.id.in_(ids))
        found.update((id_, json.loads(files)) for id_, files in connection.execute(asked))
    return found


def unasked(connection: Connection) -> int:
    """How many records went without a question since a sync last ended well."""
    found = meta.read(connection, _UNASKED)
    return int(found["records"]) if found else 0


def note_unasked(connection: Connection, records: int) -> None:
    """So many went until now; none once a sync has ended."""
    if records != unasked(connection):
        meta.write(connection, _UNASKED, {"records": records})
