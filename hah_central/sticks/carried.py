"""Changes that a laptop took from a colleague's hand: what became of those that came here since."""

import hmac
import json
from collections.abc import Collection, Mapping

from sqlalchemy import Connection, select
from sqlalchemy.orm import aliased

from hah_central.database.lookups import rows_for
from hah_central.database.rows import Change, RecordFile
from hah_central.journal import access, holding, placing, records
from hah_central.people.people import Asker
from hah_desktop.domain.changes import from_plain, words_hash
from hah_desktop.domain.exchange import Receipt, Verdict
from hah_desktop.domain.ids import ChangeId, FileId, child_file, visit_file


def receipts(
    connection: Connection,
    asker: Asker,
    carried: Collection[ChangeId],
    words: Mapping[ChangeId, str],
) -> list[Receipt]:
    """A receipt, with the heads of now, for each that is here and that the laptop may see.

    Of what was taken back from it since, it learns that the change is here, and nothing else: so
    what is no longer given can leave that laptop. Of what is of no record that is here, only a
    laptop learns that names the hash of its words (`words`): to know the id is not to have it.

    Without it a laptop could not tell a change that nobody has sent from one that was sent and
    has been replaced since: of that one a pull no longer tells.
    """
    held = placing.held(connection, set(carried))
    asked = select(Change.id, Change.record, Change.body)
    rows = list(rows_for(connection, asked, Change.id, held))
    # What could never be read belongs to no record.
    changes = {ChangeId(row.id): from_plain(json.loads(row.body)) for row in rows if row.record}
    known = records.load(connection, {change.record for change in changes.values()})
    files = {file for record in known.values() for file in record.files}
    rights = access.load(connection, asker.adviser, files)
    met = _met_on(connection, files)
    ever = holding.ever(connection, asker.laptop, files.union(*met.values()))
    found = []
    shown = {id_: change for id_, change in changes.items() if change.record in known}
    for id_, change in shown.items():
        record = known[change.record]
        sees = rights.may_see(record)
        near = record.files.union(*(met.get(file, ()) for file in record.files))
        if not sees and near.isdisjoint(ever):
            continue
        old = held[id_]
        verdict = Verdict.DUPLICATE if old.in_force else Verdict.SET_ASIDE
        heads = record.other_heads(change) if sees else {}
        found.append(Receipt(id_, old.hash, verdict, old.seq, heads, old.problem))
    for row in rows:
        # Nobody could read it, and then there are no words to have; or what it would have begun was
        # refused. Who has it by hand shows it until it hears that nobody else does.
        id_ = ChangeId(row.id)
        if id_ not in shown and (not row.record or _has_words(words.get(id_), row.body)):
            old = held[id_]
            found.append(Receipt(id_, old.hash, Verdict.SET_ASIDE, old.seq, {}, old.problem))
    return found


def _met_on(connection: Connection, files: Collection[FileId]) -> dict[FileId, set[FileId]]:
    """The visits on which each of the children was met: a stick of the visit brings the child.

    Whoever lost the visit before the office heard of the child was never given the child's file.
    """
    of_child = aliased(RecordFile)
    beside = select(of_child.file, RecordFile.file).distinct()
    beside = beside.join(RecordFile, RecordFile.record == of_child.record)
    beside = beside.where(RecordFile.file.startswith(visit_file("")))
    children = [file for file in files if file.startswith(child_file(""))]
    found: dict[FileId, set[FileId]] = {}
    for child, visit in rows_for(connection, beside, of_child.file, children):
        found.setdefault(FileId(child), set()).add(FileId(visit))
    return found


def _has_words(named: str | None, body: str) -> bool:
    return named is not None and hmac.compare_digest(named.encode(), words_hash(body).encode())
