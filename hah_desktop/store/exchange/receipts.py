"""Takes receipts: those that say what nearly all say are kept as runs, and rewrite nothing.

Changes are sent in the order of their numbers, and nearly every receipt says: taken as it is. A run
of such numbers is one short row; the changes and their records, a hundred times as long, stay as
they were written. Any other receipt is written into its change, before a run goes beyond it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, and_, delete, or_, select, update

from hah_desktop.domain.exchange import Receipt, Told, Verdict, hash_of_all
from hah_desktop.domain.exchange import Run as ToldRun
from hah_desktop.store.journal.standing import ASIDE, OFFICE_HEADS, ONLY_HERE, UP_TO
from hah_desktop.store.tables.asking import Found, Question, do_each
from hah_desktop.store.tables.asking import rows as rows_of
from hah_desktop.store.tables.many import LISTED, in_chunks, spelled
from hah_desktop.store.tables.rows import CHANGE, RECEIVED, RECORD

_PLAIN = frozenset({Verdict.APPLIED, Verdict.DUPLICATE})

CARRIED_ASIDE = and_(CHANGE.c.number.is_(None), ASIDE)
"""What came from a colleague's hand, and the office had set aside."""


@dataclass(frozen=True, slots=True)
class Run:
    """Numbers that follow one another, as do their places in the office's journal."""

    first: int
    last: int
    place: int

    def with_next(self, number: int, place: int) -> "Run | None":
        """The run with one more; None where that does not follow."""
        step = self.last + 1 - self.first
        if (number, place) != (self.last + 1, self.place + step):
            return None
        return Run(self.first, number, self.place)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Changes of this laptop that follow one another, and were told as one that was proved here.

    All were taken as they are, with no heads to tell. `place` is that of the first.
    """

    first: int
    last: int
    place: int


Part = Sequence[Receipt] | Stretch
"""As many receipts as are taken before it is seen whether somebody waits."""


@dataclass(slots=True)
class Taken:
    """What receipts came to.

    `count` of them were new. `begun` are the records that show what their change tells, as they
    stand here: id, files, heads. Of all `others` the heads have to be looked at.
    """

    count: int = 0
    begun: list[tuple[str, str, str]] = field(default_factory=list)
    others: list[Receipt] = field(default_factory=list)


def in_parts(connection: Connection, told: Told, most: int) -> list[Part]:
    """Receipts in parts of at most so many, in their order.

    A run whose hash is not that of the changes here proves nothing, and is left out.
    """
    parts: list[Part] = []
    singly: list[Receipt] = []
    for each in told:
        if not isinstance(each, ToldRun):
            singly.append(each)
        elif each.last - each.first < _SHORT:
            singly += _of_run(connection, each)
        else:
            parts += [*in_chunks(singly, most), *_stretches(connection, each, most)]
            singly = []
    return [*parts, *in_chunks(singly, most)]


_SHORT = 4
"""A run of so few is taken with the receipts beside it: a part costs more than its receipts."""


def _stretches(connection: Connection, run: ToldRun, most: int) -> Iterator[Stretch]:
    if _proved(connection, run):
        for first in range(run.first, run.last + 1, most):
            last = min(first + most - 1, run.last)
            yield Stretch(first, last, run.order + first - run.first)


def _of_run(connection: Connection, run: ToldRun) -> Iterator[Receipt]:
    return _applied(_proved(connection, run), run.order)


def _proved(connection: Connection, run: ToldRun) -> Found:
    rows = rows_of(connection, _BETWEEN, (run.first, run.last))
    is_whole = len(rows) == run.last + 1 - run.first
    return rows if is_whole and hash_of_all(row[1] for row in rows) == run.hash else []


def _applied(changes: Found, place: int) -> Iterator[Receipt]:
    for order, (id_, own_hash) in enumerate(changes, place):
        yield Receipt(id_, own_hash, Verdict.APPLIED, order)


_BETWEEN = "SELECT id, hash FROM change WHERE number >= ? AND number <= ? ORDER BY number"


def take_part(connection: Connection, part: Part) -> Taken:
    """Mark as received what follows on what was received before, and tell of what does not."""
    if not isinstance(part, Stretch):
        return take(connection, part)
    if part.first == UP_TO.value(connection) + 1:
        return _take_stretch(connection, part)
    changes = rows_of(connection, _BETWEEN, (part.first, part.last))
    return take(connection, list(_applied(changes, part.place)))


def _take_stretch(connection: Connection, stretch: Stretch) -> Taken:
    """What follows on what was received before is marked by one row, whatever it says."""
    taken = Taken()
    rows = rows_of(connection, _OF_STRETCH, (stretch.first, stretch.last))
    for place, (other, own_hash, received, *begun) in enumerate(rows, stretch.place):
        taken.count += received is None
        if other is None:
            taken.begun.append(tuple(begun))
        else:
            taken.others.append(Receipt(other, own_hash, Verdict.APPLIED, place))
    _keep(connection, [Run(stretch.first, stretch.last, stretch.place)])
    return taken


# Of a record that shows what its change tells nobody needs to know which that was.
_OF_STRETCH = (
    "SELECT CASE WHEN r.begun = c.number THEN NULL ELSE c.id END, c.hash, c.received,"
    " c.record, r.files, r.heads FROM change c LEFT JOIN record r ON r.id = c.record"
    " WHERE c.number >= ? AND c.number <= ? ORDER BY c.number"
)

_BEHIND = (
    "SELECT c.id, c.number, c.hash, c.received, c.record, r.begun, r.files, r.heads"
    " FROM change c LEFT JOIN record r ON r.id = c.record"
    " WHERE c.number > ? AND c.number <= ? ORDER BY c.number"
)


def take(connection: Connection, receipts: Sequence[Receipt]) -> Taken:
    """Mark as received what follows on what was received before, by the office's own hash of it.

    What does not follow is left among the others, and not marked.
    """
    taken, runs, apart = Taken(), list[Run](), list[Receipt]()
    unlike = list[tuple[str]]()
    given = {receipt.id: receipt for receipt in receipts}
    after = UP_TO.value(connection)
    # All at once: to hand them out one by one costs as much again as to read them.
    rows = rows_of(connection, _BEHIND, (after, after + len(receipts)))
    for id_, number, own_hash, received, record, begun, files, heads in rows:
        receipt = given.pop(id_, None)
        if receipt is None and received is not None:
            continue
        if receipt is None or receipt.hash != own_hash:
            break
        as_sent = receipt.verdict in _PLAIN and not receipt.heads
        if begun == number and not as_sent:
            unlike.append((record,))
        if receipt.verdict not in _PLAIN:
            apart.append(receipt)
            continue
        taken.count += received is None
        _add(runs, number, receipt.order)
        if begun == number and as_sent:
            taken.begun.append((record, files, heads))
        else:
            taken.others.append(receipt)
    # A run that goes beyond them says that they are received, and what the office told.
    do_each(connection, _PUT_UNLIKE, unlike)
    taken.count += mark(connection, apart)
    _keep(connection, runs)
    taken.others += [*apart, *given.values()]
    return taken


_PUT_UNLIKE = "UPDATE record SET begun = NULL WHERE id = ?"


def _add(runs: list[Run], number: int, place: int) -> None:
    longer = runs[-1].with_next(number, place) if runs else None
    if longer is None:
        runs.append(Run(number, number, place))
    else:
        runs[-1] = longer


def _keep(connection: Connection, runs: Sequence[Run]) -> None:
    do_each(connection, _PUT_RUN, [(run.first, run.last, run.place) for run in runs])


_PUT_RUN = "INSERT INTO received (first, last, place) VALUES (?, ?, ?)"


def mark(connection: Connection, receipts: Sequence[Receipt]) -> int:
    """Write into each change what became of it; returns how many of them were only here."""
    if not receipts:
        return 0
    ids = spelled([receipt.id for receipt in receipts])
    new = {id_ for (id_,) in _WAITING.rows(connection, ids=ids)}
    rows = {
        receipt.id: (receipt.order, receipt.verdict.value, receipt.problem, receipt.id)
        for receipt in receipts
        if receipt.id in new
    }
    do_each(connection, _MARK, list(rows.values()))
    return len(rows)


_WAITING = Question(select(CHANGE.c.id).where(CHANGE.c.id.in_(LISTED), ONLY_HERE))
_MARK = "UPDATE change SET received = ?, verdict = ?, problem = ? WHERE id = ?"


def forget(connection: Connection) -> None:
    """The office was restored: nothing that this laptop sent counts as received.

    What it told before is still what it last told, and follows from no receipt any more. What it
    said of a change is for it to say again: it may take now what it had set aside. So it is of what
    came by hand, too, which no page names once it was replaced.
    """
    told = update(RECORD).where(RECORD.c.begun.is_not(None))
    connection.execute(told.values(office_heads=OFFICE_HEADS, begun=None))
    connection.execute(delete(RECEIVED))
    mine = and_(CHANGE.c.number.is_not(None), CHANGE.c.received.is_not(None))
    told_of = update(CHANGE).where(or_(mine, CARRIED_ASIDE))
    connection.execute(told_of.values(received=None, verdict=None, problem=None))
