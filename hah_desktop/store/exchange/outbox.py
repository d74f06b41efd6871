"""The store's side of a sync: what goes out, what a receipt settles, what a pull brings.

Each answer of the office is taken in one transaction, together with the cursor it justifies.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, bindparam, func, insert, or_, select

from hah_desktop.domain.aside import Reason, reason_of
from hah_desktop.domain.changes import Change, Spelled, from_spelled
from hah_desktop.domain.exchange import Accepted, Page, PulledRow, Receipt, Verdict
from hah_desktop.domain.ids import ChangeId, FileId, RecordId
from hah_desktop.domain.spelling import read
from hah_desktop.store.exchange import (
    arriving,
    digests,
    reached,
    receipts,
    seen,
    withdrawing,
    witness,
)
from hah_desktop.store.exchange.receipts import Taken
from hah_desktop.store.journal.settling import Heads, Told, hear, settle
from hah_desktop.store.journal.standing import ASIDE, OFFICE_HEADS, UNSENT
from hah_desktop.store.tables import meta
from hah_desktop.store.tables.asking import Question, do
from hah_desktop.store.tables.asking import rows as rows_of
from hah_desktop.store.tables.many import in_chunks, spelled
from hah_desktop.store.tables.rows import CHANGE, RECORD, SYNC_RUN

RUNS_KEPT = 100
_UNREAD: Mapping[str, Any] = {"fields": {}}


@dataclass(frozen=True, slots=True)
class SyncRun:
    """One sync as the history shows it. `problem` is empty when all went well.

    `agrees` says whether both sides hold the same of so many files and records; None where the
    sync did not get so far, or the office does not tell.
    """

    started: str
    finished: str
    sent: int
    received: int
    problem: str = ""
    compared_files: int = 0
    compared_records: int = 0
    agrees: bool | None = None
    sent_bytes: int = 0
    fetched_bytes: int = 0
    office: str = ""


@dataclass(frozen=True, slots=True)
class SetAside:
    """A change that the office keeps but does not apply, and why."""

    record: str
    problem: str
    content: Mapping[str, Any]


def unsent(connection: Connection, most: int) -> list[Change]:
    """The oldest changes that have no receipt, in the order of their numbers, as far as they read.

    One that came back from the office as bytes that neither side can read is of no record.
    """
    readable = _UNSENT_SPELLED.where(CHANGE.c.record != "").limit(most)
    return list(map(from_spelled, connection.execute(readable).scalars()))


_UNSENT_SPELLED = select(CHANGE.c.content).where(UNSENT).order_by(CHANGE.c.number)


_SOME_UNSENT = Question(_UNSENT_SPELLED.limit(bindparam("most")).offset(bindparam("behind")))


def unsent_spelled(connection: Connection, most: int, behind: int = 0) -> list[Spelled]:
    """The same as they are kept: what is sent is what was hashed and chained, never read anew.

    `behind` so many of them, which are on their way.
    """
    return [one for (one,) in _SOME_UNSENT.rows(connection, most=most, behind=behind)]


def unsent_count(connection: Connection) -> int:
    """How many changes of this laptop there are to be sent."""
    return int(_UNSENT_COUNT.value(connection))


_UNSENT_COUNT = Question(select(func.count()).select_from(CHANGE).where(UNSENT))


def saved_count(connection: Connection) -> int:
    """How many changes were ever saved on this laptop."""
    mine = select(func.count()).select_from(CHANGE).where(CHANGE.c.number.is_not(None))
    return int(connection.execute(mine).scalar_one())


def set_aside(connection: Connection) -> list[SetAside]:
    """The changes that the office set aside."""
    found = select(CHANGE.c.record, CHANGE.c.problem, CHANGE.c.content)
    rows = connection.execute(found.where(ASIDE))
    return [
        SetAside(row.record, row.problem or "", read(row.content) if row.record else _UNREAD)
        for row in rows
    ]


def take_receipts(connection: Connection, given: Sequence[Receipt]) -> int:
    """Mark as received what the office has, by its own hash of it. Returns how many were new.

    The changes are this laptop's own, or came from a colleague's hand.

    A receipt whose hash is not that of the change here proves nothing: the change stays unsent.
    What a colleague gave may have been chained anew by the laptop that wrote it, if a safety copy
    was put back there. It is known by its id, as in a page: that laptop answers for its words.
    """
    return sum(take_part(connection, chunk).count for chunk in in_chunks(given))


def take_part(connection: Connection, part: receipts.Part) -> Taken:
    """The same of receipts that come together. Tells also where the office heard of what."""
    told = receipts.take_part(connection, part)
    digests.keep_begun(connection, told.begun)
    if told.others:
        told.count += _take_apart(connection, told.others)
    return told


def _take_apart(connection: Connection, given: Sequence[Receipt]) -> int:
    """Take receipts of which each has to be looked at. Returns how many were not counted yet."""
    mine = _mine(connection, [receipt.id for receipt in given])
    here = [(receipt, mine[receipt.id]) for receipt in given if receipt.id in mine]
    witness.note_gone_with(connection, [(r, its.fields, its.held) for r, its in here])
    good = [receipt for receipt, its in here if its.hash in (None, receipt.hash)]
    heads: dict[str, Heads] = {}
    for receipt in good:
        record, fields = mine[receipt.id].record, mine[receipt.id].fields
        before = _told(connection, record) if receipt.verdict is Verdict.SET_ASIDE else {}
        said = heads.setdefault(record, {})
        for name in fields:
            if _names_none(receipt, name):
                said.setdefault(name, [c for c in before.get(name, ()) if c != receipt.id])
            else:
                said[name] = list(receipt.heads.get(name, (receipt.id,)))
    taken = receipts.mark(connection, good)
    hear(connection, {record: Told(None, said) for record, said in heads.items()}, {})
    return taken


class _Mine(NamedTuple):
    """A change that receipts tell of: no hash where any will do, what it does, and what was told.

    `held` are the heads that the office named of its record before, as they are kept; none where
    they are what is shown.
    """

    hash: str | None
    record: str
    fields: Mapping[str, Any]
    held: str


def _mine(connection: Connection, ids: Sequence[str]) -> dict[str, _Mine]:
    return {
        id_: _Mine(chained, record, read(content)["fields"] if record else {}, held)
        for id_, chained, record, content, held in rows_of(connection, _OWN, (spelled(ids),))
    }


_OWN = (
    "SELECT c.id, CASE WHEN c.number IS NOT NULL THEN c.hash END, c.record, c.content,"
    " coalesce(r.office_heads, '{}') FROM change c LEFT JOIN record r ON r.id = c.record"
    " WHERE c.hash IS NOT NULL AND c.id IN (SELECT value FROM json_each(?))"
)


def _names_none(receipt: Receipt, name: str) -> bool:
    """Whether nothing is told of a field: what was set aside leaves its heads as they were.

    The office could not read whose heads it has to name, or may not name those of a record that
    the adviser was given once and may come back to.
    """
    if receipt.verdict is not Verdict.SET_ASIDE or receipt.heads.get(name):
        return False
    # Of another change with the same id the heads may be that id alone.
    return name in receipt.heads or reason_of(receipt.problem) is not Reason.SAME_ID


def _told(connection: Connection, record: str) -> Heads:
    """The heads that the office last told of a record."""
    told = connection.execute(select(OFFICE_HEADS).where(RECORD.c.id == record)).scalar()
    return dict(read(told)) if told else {}


def take_page(connection: Connection, page: Page, rows: Sequence[PulledRow]) -> list[RecordId]:
    """Take one page of a pull: changes, heads, bodies and cursors, in one transaction.

    Returns the records that the laptop has to ask for in full, because the office named changes
    as the laptop's own that the laptop does not have (it was restored from an older copy).
    """
    wanted = arriving.take(connection, rows)
    reached.move(connection, page.files)
    return wanted


def cursors(connection: Connection) -> dict[FileId, int]:
    """How far each file has been read."""
    return reached.of_files(connection)


def move_cursors(connection: Connection, accepted: Accepted, others: Sequence[ChangeId]) -> None:
    """Files in which only this laptop's changes moved have been read by their receipts.

    `others` are those of them that did not begin a record: no page will tell where theirs lie.
    """
    here = cursors(connection)
    moved = accepted.moved(here)
    if moved == here:
        return
    reached.move(connection, moved)
    digests.keep_own(connection, others)


def move_on(
    connection: Connection, before: Mapping[FileId, int], after: Mapping[FileId, int]
) -> None:
    """Move the cursors, if they are as they were thought to be, and none of them backwards.

    An office that is behind was restored: that is for whoever takes its page to see.
    """
    if cursors(connection) == before and all(after[file] >= seq for file, seq in before.items()):
        reached.move(connection, after)


def start_again(connection: Connection, epoch: str) -> None:
    """The office was restored from a backup: offer every change again, and read from the start."""
    mine = and_(CHANGE.c.number.is_not(None), ~UNSENT)
    told = select(CHANGE.c.record, CHANGE.c.content).where(or_(mine, receipts.CARRIED_ASIDE))
    touched: dict[str, set[str]] = {}
    for row in connection.execute(told.where(CHANGE.c.record != "")):
        touched.setdefault(row.record, set()).update(read(row.content)["fields"])
    receipts.forget(connection)
    # They stay among the files that are held here, and are read from their start.
    withdrawing.doubt(connection)
    seen.start_again(connection)
    witness.owe(connection)
    meta.keep_identity(connection, replace(meta.enrolled(connection), epoch=epoch))
    # What is unsent lies over what the office had, and comes last in its order.
    settle(connection, touched)


def note_run(connection: Connection, run: SyncRun) -> None:
    """Keep a sync in the history: the last hundred, and the last in which everything went well."""
    _NOTE_RUN.do(connection, **asdict(run))
    do(connection, _KEEP_RUNS, (RUNS_KEPT,))


# Both as they stand: every sync says them.
_NOTE_RUN = Question(insert(SYNC_RUN).values({n: bindparam(n) for n in SyncRun.__annotations__}))
_KEEP_RUNS = (
    "DELETE FROM sync_run WHERE id <= (SELECT max(id) FROM sync_run) - ?"
    " AND id IS NOT (SELECT max(id) FROM sync_run WHERE problem = '')"
)


def runs(connection: Connection) -> list[SyncRun]:
    """The syncs that are remembered, newest first."""
    rows = connection.execute(select(SYNC_RUN).order_by(SYNC_RUN.c.id.desc()))
    return [SyncRun(**{name: row[name] for name in _RUN}) for row in rows.mappings()]


_RUN = tuple(SyncRun.__annotations__)
