"""Removing a record against editing it unseen: the edit outlives, and a person decides. Pure.

A removal replaces every head of the record that its author saw, of whatever field. So a head that
no removal names was written by somebody who did not know of it, or whom its author did not know
of. Office and laptops have the same heads, and the same removals, so they find the same.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from hah_desktop.domain.ids import ChangeId
from hah_desktop.domain.records.base import Json

REMOVED = "removed"
"""The field of every record that says so."""

_Heads = Mapping[str, Iterable[ChangeId]]


@dataclass(frozen=True, slots=True)
class Removal:
    """One head of the field: what it says of the record, and what its author saw and replaced."""

    change: ChangeId
    value: Json
    replaces: Collection[ChangeId]


def replaced(name: str, value: Json, seen: _Heads) -> tuple[ChangeId, ...]:
    """The changes that a new value of a field replaces, out of all the heads its author saw."""
    if name != REMOVED or value is not True:
        return tuple(seen.get(name, ()))
    return tuple(sorted({change for heads in seen.values() for change in heads}))


def unseen(removals: Collection[Removal], heads: _Heads) -> list[ChangeId]:
    """The heads that nobody who removed the record saw. There are none where it is not removed.

    An older version named nothing of the other fields: what its removals did not see is not known.
    """
    if not removals or not all(one.value is True and one.replaces for one in removals):
        return []
    known = {change for one in removals for change in (one.change, *one.replaces)}
    others = {change for name, ids in heads.items() if name != REMOVED for change in ids}
    return sorted(others - known)
