"""Changes that a laptop took from a colleague's hand: what became of those that came here since."""

import hmac
import json
from collections.abc import Collection, Mapping

from sqlalchemy import Connection, select

from hah_central.database.lookups import rows_for
from hah_central.database.rows import Change
from hah_central.journal import access, holding, placing, records
from hah_central.people.people import Asker
from hah_desktop.domain.changes import from_plain, words_hash
from hah_desktop.domain.exchange import Receipt, Verdict
from hah_desktop.domain.ids import ChangeId, RecordId


def receipts(
    connection: Connection,
    asker: Asker,
    carried: Collection[ChangeId],
    words: Mapping[ChangeId, str],
) -> list[Receipt]:
    """A receipt for each that is here, as far as the laptop may know; heads where it may see them.

    Of what was taken back from it since, it learns that the change is here, and nothing else: so
    what is no longer given can leave that laptop. Of a record that it was never given, or that is
    not here, only a laptop learns that names the hash of the change's words (`words`): a stick of
    a visit brings what the office gives nobody by it. To know the id is not to have it.

    Without it a laptop could not tell a change that nobody has sent from one that was sent and
    has been replaced since: of that one a pull no longer tells.
    """
    held = placing.held(connection, set(carried))
    asked = select(Change.id, Change.record, Change.body)
    rows = list(rows_for(connection, asked, Change.id, held))
    known = records.load(connection, {RecordId(row.record) for row in rows if row.record})
    files = {file for record in known.values() for file in record.files}
    rights = access.load(connection, asker.adviser, files)
    ever = holding.ever(connection, asker.laptop, files)
    found = []
    for row in rows:
        id_, record = ChangeId(row.id), known.get(RecordId(row.record))
        sees = record is not None and rights.may_see(record)
        had = record is not None and not record.files.isdisjoint(ever)
        # What nobody could read is of no record, and there are no words to have.
        if row.record and not (sees or had or _has_words(words.get(id_), row.body)):
            continue
        heads = record.other_heads(from_plain(json.loads(row.body))) if record and sees else {}
        old = held[id_]
        verdict = Verdict.DUPLICATE if old.in_force else Verdict.SET_ASIDE
        found.append(Receipt(id_, old.hash, verdict, old.seq, heads, old.problem))
    return found


def _has_words(named: str | None, body: str) -> bool:
    return named is not None and hmac.compare_digest(named.encode(), words_hash(body).encode())
