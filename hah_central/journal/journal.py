"""The one way in: every change, of a laptop or of the office itself, is written down here.

Each writing transaction locks the counter row first. Whoever comes next sees all that came
before, so a reader's cursor can never pass over a row. A transaction takes one number more than
it has changes: that last one belongs to no change, and marks where everything before is known.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import Connection, bindparam, insert, select, update

from hah_central.database.bulk import FEW, Listed, inserting
from hah_central.database.lookups import Lookup
from hah_central.database.questions import Deed, Question, together
from hah_central.database.rows import OFFICE, Batch, Clock, Laptop
from hah_central.database.rows import Change as ChangeRow
from hah_central.journal import (
    access,
    evidence,
    file_sets,
    holding,
    placing,
    quick,
    quiet,
    records,
    witness,
)
from hah_central.journal.access import Rights
from hah_central.journal.holding import Moves
from hah_central.journal.items import Item, Plain
from hah_central.journal.judged import COLUMNS, Judged, Loaded
from hah_central.journal.placing import Held, Placed
from hah_central.journal.state import Known, RecordState, words_go_to
from hah_central.problems import ahead, wrong_laptop
from hah_desktop.domain.aside import NOTHING, Reason, Why
from hah_desktop.domain.changes import Change
from hah_desktop.domain.exchange import Accepted, Reached, Receipt, Verdict
from hah_desktop.domain.ids import ChangeId, FileId, LaptopId, RecordId, visit_file
from hah_desktop.domain.spelling import SpelledChange


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose changes these are, and the signature that vouches for them. No adviser: the office.

    `packed` is what `digest` is of, packed; empty where the caller keeps it. `by_hand`:
    the laptop did not send them itself, and its chain stays as it is. `knows`: behind which of its
    changes the laptop knew of files that they were taken back. `read`: up to which place it has
    read, and in the journal of which epoch, if it says so.
    """

    laptop: LaptopId
    adviser: RecordId | None
    digest: str = ""
    signature: str = ""
    packed: bytes = field(default=b"", repr=False)
    by_hand: bool = False
    knows: Mapping[FileId, int] = field(default_factory=dict)
    read: tuple[str, int] | None = None


@dataclass(slots=True)
class Batched:
    """All that one batch touches, while it is worked in change by change.

    `seen` holds the ids of the changes in force; `taken` those of this batch, `aside` why one was
    set aside, `ids` what each is called in the journal and `again` what came by hand before, the
    last three by their place. `said` has what is to be known of words that were said.
    """

    placed: list[Placed]
    last: Reached
    held: Mapping[ChangeId, Held]
    records: dict[RecordId, RecordState]
    rights: Rights
    seen: set[ChangeId]
    taken: dict[ChangeId, Known] = field(default_factory=dict)
    aside: dict[int, Why] = field(default_factory=dict)
    ids: dict[int, str] = field(default_factory=dict)
    again: dict[int, Held] = field(default_factory=dict)
    used: set[ChangeId] = field(default_factory=set)
    said: dict[ChangeId, Known] = field(default_factory=dict)
    own: frozenset[ChangeId] = frozenset()

    def begins(self, placed: Placed) -> bool:
        """Whether this new change was taken, and is all that there is of its record."""
        change = placed.item.change
        record = self.records.get(change.record) if change is not None else None
        return record is not None and record.only is change

    def record_of(self, change: Change | None) -> RecordState | None:
        """The record that a change is about, if the office knows it."""
        return self.records.get(change.record) if change is not None else None

    def refusal(self, change: Change) -> Why:
        """Why a change is set aside; empty when it is in order."""
        record = self.record_of(change)
        problem = self.rights.refusal(change, record)
        if problem or record is None:
            return problem
        altered = record.alters(change, self.said, self.seen, self._elsewhere(change))
        return Reason.OTHER_WORDS.why if altered else problem

    def _elsewhere(self, change: Change) -> RecordState | None:
        """The record to which a change moves words that were said, where its author may see it."""
        to = words_go_to(change)
        record = self.records.get(to) if to else None
        return record if record is not None and self.rights.may_see(record) else None


_TAKE = Question(
    update(Clock).values(seq=Clock.seq + bindparam("count")).returning(Clock.seq, Clock.epoch)
)
_BATCH = Deed(insert(Batch))
_REACHED = Deed(
    update(Laptop)
    .where(Laptop.id == bindparam("key"))
    .values({name: bindparam(name) for name in ("last_number", "last_hash", "last_contact")})
)
_MINE = Lookup(select(ChangeRow.id).where(ChangeRow.laptop == bindparam("laptop")), ChangeRow.id)


def take_numbers(connection: Connection, count: int) -> tuple[int, str]:
    """Lock the counter and take numbers from it. Returns the last of them, and the epoch."""
    return next(_TAKE.ask(connection, count=count))


def mark(connection: Connection, now: dt.datetime) -> int:
    """Take one number for what is no change, such as rights that were given, and write it down."""
    seq, _ = take_numbers(connection, 1)
    row = {"seq": seq, "laptop": OFFICE, "received": now, "digest": "", "signature": ""}
    _BATCH.do(connection, **row, numbers=1)
    return seq


def receive(
    connection: Connection, sender: Sender, items: Sequence[Item], now: dt.datetime
) -> tuple[Accepted, Sequence[Receipt]]:
    """Write a batch down and say what became of each change, in the order of the items.

    Raises Problem where the laptop's numbers or hashes do not fit what the office holds of it, and
    where it has read what this office has lost: it tells that first, so that nobody comes between.
    The transaction is the caller's: after a Problem nothing of it may be kept.
    """
    if sender.knows:
        take_numbers(connection, 0)
        holding.know(connection, sender.laptop, sender.knows)
    loaded = _load(connection, sender, items)
    if sender.read and _is_ahead(*sender.read, loaded, len(items)):
        raise ahead(loaded.last.number + 1)
    judged = _quickly(sender, items, loaded, now) or _judged(connection, sender, items, loaded, now)
    if sender.read and _goes_on_in_lost(items, loaded, judged):
        raise ahead(loaded.last.number + 1)
    if judged.rows.values:
        _store(connection, sender, loaded, judged, now)
    else:
        # Nothing was written that a number could belong to: the journal stays without a gap.
        take_numbers(connection, -len(items) - 1)
    accepted = Accepted(loaded.epoch, judged.last.number, loaded.end, judged.quiet)
    return accepted, judged.receipts


def _is_ahead(epoch: str, place: int, loaded: Loaded, count: int) -> bool:
    """Whether a laptop has read of a journal that goes further than this, or is another one."""
    return epoch != loaded.epoch or place > loaded.end - count - 1


def _goes_on_in_lost(items: Sequence[Item], loaded: Loaded, judged: Judged) -> bool:
    """Whether a visit is new here in which the laptop replaces what it had read there.

    An office that went on after a restore may be further than the laptop has read.
    """
    begun = {file for file in judged.rights.begun() if file.startswith(visit_file(""))}
    if not begun:
        return False
    known = {id_ for id_, held in loaded.held.items() if held.in_force}.union(judged.taken)
    changes = items.replacing if isinstance(items, Plain) else _readable(items)
    about = (change for change in changes if not begun.isdisjoint(change.files))
    replaced = (id_ for change in about for edit in change.edits.values() for id_ in edit.replaces)
    return any(id_ not in known for id_ in replaced)


def _quickly(
    sender: Sender, items: Sequence[Item], loaded: Loaded, now: dt.datetime
) -> Judged | None:
    """What became of a batch of which nothing need be looked at for itself: so is nearly each."""
    if not isinstance(items, Plain) or sender.by_hand or sender.adviser is None:
        return None
    return quick.judged(sender.laptop, sender.adviser, items, loaded, now)


def _judged(
    connection: Connection,
    sender: Sender,
    items: Sequence[Item],
    loaded: Loaded,
    now: dt.datetime,
) -> Judged:
    """What became of any batch, change by change. Raises Problem as `receive` does."""
    batched = _placed(connection, sender, items, loaded)
    batched.said = records.words(connection, _words_needed(connection, batched))
    for placed in batched.placed:
        if placed.held is None:
            _take(batched, placed)
    _settle(connection, batched)
    batched.own = _own_heads(connection, sender, batched)
    receipts = [_receipt(batched, placed) for placed in batched.placed]
    moved = [record for record in batched.records.values() if record.seq]
    shared = (sender.laptop, now, loaded.end)
    rows = [
        (batched.ids[placed.seq], *_row(placed, receipt), *shared)
        for placed, receipt in zip(batched.placed, receipts, strict=True)
        if placed.held is None
    ]
    return Judged(
        receipts,
        Listed(COLUMNS, rows),
        batched.taken.keys(),
        partial(records.says, moved),
        {frozenset(record.files) for record in moved},
        batched.rights,
        batched.last,
        _quiet_files(batched, receipts),
    )


def _load(connection: Connection, sender: Sender, items: Sequence[Item]) -> Loaded:
    """Lock the counter, and ask in the same breath for all that has to be known."""
    changes = _readable(items)
    if any(change.laptop != sender.laptop for change in changes):
        _check_laptop(sender, items)
    replacing = items.replacing if isinstance(items, Plain) else changes
    named = {r for change in replacing for e in change.edits.values() for r in e.replaces}
    named.update(change.id for change in changes)  # type: ignore[misc]  # an id, whoever read it
    if not isinstance(items, Plain):
        named.update(item.id for item in items)
    sets = {change.files for change in changes}
    files = {FileId(file) for lie_in in sets for file in lie_in}
    with together(connection):
        taken = _TAKE.ask(connection, count=len(items) + 1)
        ask_held = placing.ask_held(connection, named)
        ask_last = placing.ask_last(connection, sender.laptop)
        ask_known = records.ask(connection, {RecordId(change.record) for change in changes})
        asked = [access.ask(connection, files, sender.laptop)]
        ask_sets = file_sets.ask(connection, {name for s in sets if (name := file_sets.name_of(s))})
        any_waits = witness.ask_whether_any(connection)
    end, epoch = next(taken)
    held, last = placing.read_held(connection, ask_held), placing.read_last(ask_last)
    known = records.read(ask_known)
    if others := {file for record in known.values() for file in record.files} - files:
        asked.append(access.ask(connection, others, sender.laptop))
    rights = access.read(sender.adviser, *asked)
    waits = any(True for _ in any_waits)
    if waits and sender.adviser and not sender.by_hand:
        rights.vouched = witness.vouched(connection, sender.laptop, sender.adviser)
    there = frozenset(name for (name,) in ask_sets)
    return Loaded(end, epoch, held, last, known, rights, there, waits)


def _check_laptop(sender: Sender, items: Sequence[Item]) -> None:
    """Whether all that was agreed on is the sender's own. Raises Problem."""
    if any(item.change is not None and item.change.laptop != sender.laptop for item in items):
        raise wrong_laptop()


def _readable(items: Sequence[Item]) -> Sequence[Change | SpelledChange]:
    if isinstance(items, Plain):
        return items.changes
    return [item.change for item in items if item.change is not None]


def _placed(
    connection: Connection, sender: Sender, items: Sequence[Item], loaded: Loaded
) -> Batched:
    first, last = loaded.end - len(items), loaded.last
    if sender.by_hand:
        placed = placing.by_hand(items, first)
    else:
        placed, last = placing.place(
            connection, sender.laptop, items, loaded.held, last, first=first
        )
    return Batched(
        placed,
        last,
        loaded.held,
        records.states(loaded.records),
        loaded.rights,
        {id_ for id_, found in loaded.held.items() if found.in_force},
    )


def _words_needed(connection: Connection, batched: Batched) -> set[ChangeId]:
    """The changes whose words have to be known before any of these is taken.

    Where words are moved to records that no change of the batch is about, these are loaded.
    """
    new = [c for p in batched.placed if p.held is None and (c := p.item.change) is not None]
    named = {to for change in new if (to := words_go_to(change))}
    if others := named - batched.records.keys():
        batched.records.update(records.load(connection, others))
    about = ((change, batched.record_of(change)) for change in new)
    found = [record.needed_for(change, batched.seen) for change, record in about if record]
    found += [batched.records[to].said_heads() for to in named if to in batched.records]
    return set().union(*found)


def _take(batched: Batched, placed: Placed) -> None:
    """Take one new change into its record, or set it aside with the reason."""
    change = placed.item.change
    earlier = batched.held.get(placed.item.id)
    used = earlier is not None or placed.item.id in batched.used
    batched.used.add(placed.item.id)
    if earlier is not None and earlier.came_by_hand(placed.item):
        # In force since then, or set aside: it takes its place in the chain, and no effect.
        batched.again[placed.seq] = earlier
        batched.ids[placed.seq] = placing.again_at(placed.seq)
        return
    problem = placed.item.problem
    if used:
        problem = Reason.SAME_ID.why
    elif change is not None:
        problem = batched.refusal(change)
    batched.ids[placed.seq] = f"reused-{placed.seq}" if used else placed.item.id
    if change is None or problem:
        batched.aside[placed.seq] = problem
        return
    record = batched.record_of(change)
    if record is None:
        record = batched.records[change.record] = RecordState(change.record, change.kind, new=True)
    batched.rights.accept(change)
    record.take(change, placed.seq, batched.seen, batched.said)
    batched.seen.add(change.id)
    batched.said[change.id] = batched.taken[change.id] = Known(change, placed.seq)


def _settle(connection: Connection, batched: Batched) -> None:
    """Work out what every touched record says now."""
    moved = [record for record in batched.records.values() if record.seq]
    records.settle(connection, moved, batched.taken)


def _verdict(batched: Batched, placed: Placed) -> Verdict:
    held = placed.held or batched.again.get(placed.seq)
    if held is not None:
        return Verdict.DUPLICATE if held.in_force else Verdict.SET_ASIDE
    change, record = placed.item.change, batched.record_of(placed.item.change)
    if placed.seq in batched.aside or change is None or record is None:
        return Verdict.SET_ASIDE
    return record.verdict(change)


def _receipt(batched: Batched, placed: Placed) -> Receipt:
    """The office's word. A repeated change that was set aside is set aside again, not forgotten."""
    item = placed.item
    if batched.begins(placed):
        # Whoever may see it, no head is to be told but the change itself.
        return Receipt(item.id, item.hash, Verdict.APPLIED, placed.seq)
    verdict = _verdict(batched, placed)
    heads = _heads(batched, item.change) if item.change is not None else {}
    order = _order(batched, placed)
    return Receipt(item.id, item.hash, verdict, order, heads, _problem(batched, placed))


def _order(batched: Batched, placed: Placed) -> int:
    """The place from which a change is in force: all laptops have to order it by the same."""
    earlier = batched.held.get(placed.item.id)
    if earlier is not None and earlier.came_by_hand(placed.item):
        return earlier.seq
    return placed.seq


def _problem(batched: Batched, placed: Placed) -> str:
    held = placed.held or batched.again.get(placed.seq)
    return held.problem if held else batched.aside.get(placed.seq, NOTHING)


def _quiet_files(batched: Batched, receipts: Sequence[Receipt]) -> dict[FileId, int]:
    """The files of which the receipts tell all, with the place of what came last before."""
    if batched.rights.adviser is None:
        return {}
    told = zip(batched.placed, receipts, strict=True)
    records = [
        batched.record_of(placed.item.change) for placed, r in told if not _tells_all(batched, r)
    ]
    moved = [record for record in batched.records.values() if record.seq]
    plain = quiet.plain_files(batched.rights, moved, filter(None, records))
    return quiet.last_moves(batched.rights, plain)


def _tells_all(batched: Batched, receipt: Receipt) -> bool:
    """Whether every head that a receipt names is of this batch: the laptop has its words."""
    if receipt.verdict is not Verdict.APPLIED:
        return False
    return all(head in batched.taken for ids in receipt.heads.values() for head in ids)


def _heads(batched: Batched, change: Change) -> dict[str, tuple[ChangeId, ...]]:
    """The heads of the change's fields, also for one set aside: it has to leave the laptop's.

    Of a record that the adviser may not see nothing is told; of one that was taken back while the
    laptop did not know it yet, only what it wrote itself.
    """
    record = batched.record_of(change)
    if record is not None and batched.rights.may_see(record):
        return record.other_heads(change)
    if record is None or change.id not in batched.seen:
        return dict.fromkeys(change.edits, ())
    own = {name: record.heads[name].heads & batched.own for name in change.edits}
    return {name: tuple(sorted(ids)) for name, ids in own.items() if ids and ids != {change.id}}


def _own_heads(connection: Connection, sender: Sender, batched: Batched) -> frozenset[ChangeId]:
    """Of the records that the adviser may not see: the heads that this laptop wrote itself."""
    hidden = (r for r in batched.records.values() if not batched.rights.may_see(r))
    heads = {head for record in hidden for state in record.heads.values() for head in state.heads}
    mine = _MINE.rows(connection, heads, laptop=sender.laptop)
    before = {ChangeId(id_) for (id_,) in mine}
    return frozenset(before | (heads & batched.taken.keys()))


def _store(
    connection: Connection, sender: Sender, loaded: Loaded, judged: Judged, now: dt.datetime
) -> None:
    end, rows = loaded.end, judged.rows
    batch = {
        "seq": end,
        "laptop": sender.laptop,
        "received": now,
        "digest": sender.digest,
        "signature": sender.signature,
        "numbers": len(judged.receipts) + 1,
    }
    # Many rows are copied, and nothing can be copied in the middle of a letter.
    with together(connection) if len(rows.values) <= FEW else nullcontext():
        _BATCH.do(connection, **batch)
        if sender.packed:
            evidence.keep(connection, sender.digest, sender.packed)
        with inserting(connection, ChangeRow, rows):
            said = judged.said()
        records.store(connection, said)
        if not sender.by_hand:
            _reached(connection, sender, judged.last, now)
            access.store_begun(connection, judged.rights, sender.laptop, end, now)
    if loaded.waits:
        witness.came_back(connection, judged.taken, now)
    rights = judged.rights
    access.store(connection, rights, judged.lie_in, end, but_begun=not sender.by_hand)
    # No page tells a program that only sends what was taken back: what it writes there counts as
    # one.
    has = rights.had() if sender.by_hand else rights.had() - rights.begun()
    late = () if sender.by_hand else rights.late
    if moves := Moves(has, told=frozenset(late)):
        holding.note(connection, sender.laptop, moves, now)


def _reached(connection: Connection, sender: Sender, last: Reached, now: dt.datetime) -> None:
    """Note where the laptop's chain ends now, and that it was heard of."""
    _REACHED.do(
        connection,
        key=sender.laptop,
        last_number=last.number,
        last_hash=last.hash,
        last_contact=now,
    )


def _row(placed: Placed, receipt: Receipt) -> tuple[object, ...]:
    item, change = placed.item, placed.item.change
    return (
        placed.seq,
        placed.number,
        item.hash,
        item.previous or "",
        change.record if change else "",
        change.kind if change else "",
        change.author if change else "",
        change.made_at if change else "",
        change.clock_trusted if change else False,
        receipt.verdict.value,
        receipt.problem,
        item.text,
    )
