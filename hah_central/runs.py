"""Receipts that say the same, told as one: nearly all of a push do. Pure.

Only what was taken as it was sent, with no heads to tell; whatever else was said stays a receipt.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from hah_central.items import Item
from hah_desktop.domain.exchange import Receipt, Run, Told, Verdict, hash_of_all


def folded(items: Sequence[Item], receipts: Sequence[Receipt]) -> Told:
    """The receipts of these items, in their order, with one word for those that say the same."""
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
