"""Receipts that say the same, told as one: nearly all of a push do. Pure.

Only what was taken as it was sent, with no heads to tell; whatever else was said stays a receipt.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import overload

from hah_central.journal.items import Item
from hah_desktop.domain.exchange import Receipt, Run, Told, Verdict, hash_of_all
from hah_desktop.domain.ids import ChangeId
from hah_desktop.domain.spelling import SpelledChange


class AsSent(Sequence[Receipt]):
    """Receipts that all say the same, of changes whose numbers and places count up.

    Nearly always they are told as one; each is made when somebody looks at it.
    """

    def __init__(self, changes: Sequence[SpelledChange], hashes: Sequence[str], order: int) -> None:
        self._changes = changes
        self._hashes = hashes
        self._order = order

    def __len__(self) -> int:
        """How many changes they are of."""
        return len(self._hashes)

    @overload
    def __getitem__(self, at: int) -> Receipt: ...

    @overload
    def __getitem__(self, at: slice) -> list[Receipt]: ...

    def __getitem__(self, at: int | slice) -> Receipt | list[Receipt]:
        """The receipt there."""
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(len(self)))]
        change, hash_ = self._changes[at], self._hashes[at]
        order = self._order + at % len(self)
        return Receipt(ChangeId(change.id), hash_, Verdict.APPLIED, order)

    def as_one(self) -> Run:
        """The same in one word."""
        first, last = self._changes[0].number, self._changes[-1].number
        return Run(first, last, self._order, hash_of_all(self._hashes))


def folded(items: Sequence[Item], receipts: Sequence[Receipt]) -> Told:
    """The receipts of these items, in their order, with one word for those that say the same."""
    if isinstance(receipts, AsSent) and len(receipts) > 1:
        return [receipts.as_one()]
    told: list[Receipt | Run] = []
    for start, end in pairwise([*_starts(items, receipts), len(items)]):
        some = receipts[start:end]
        first, last = items[start].number, items[end - 1].number
        if len(some) > 1 and first is not None and last is not None:
            told.append(Run(first, last, some[0].order, hash_of_all(r.hash for r in some)))
        else:
            told += some
    return told


def _starts(items: Sequence[Item], receipts: Sequence[Receipt]) -> Iterator[int]:
    """Where a receipt does not go on from the one before it."""
    expected = None
    for at, (item, receipt) in enumerate(zip(items, receipts, strict=True)):
        is_plain = receipt.verdict is Verdict.APPLIED and not receipt.heads
        if not is_plain or (item.number, receipt.order) != expected:
            yield at
        number = item.number if is_plain else None
        expected = None if number is None else (number + 1, receipt.order + 1)
