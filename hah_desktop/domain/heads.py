"""Which changes of a field nobody has replaced yet: the whole of the sync model, in one rule.

A change names the changes it replaces. Of one field, the *heads* are the known changes that no
other known change replaces. `take` adds one change, and the order, repetition and batching of the
changes cannot matter; the property tests say so for every order.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from hah_desktop.domain.ids import ChangeId

_NONE: frozenset[ChangeId] = frozenset()


@dataclass(frozen=True, slots=True)
class FieldHeads:
    """Of one field: the heads, and the ids that were replaced before they arrived."""

    heads: frozenset[ChangeId] = _NONE
    ahead: frozenset[ChangeId] = _NONE


def take(
    state: FieldHeads,
    change: ChangeId,
    replaces: Iterable[ChangeId],
    known: AbstractSet[ChangeId],
) -> FieldHeads:
    """The heads after one more change is known. `known`: of `replaces`, those seen before.

    The caller drops a change whose id it has seen before; taking one twice is not its business.
    """
    replaced = frozenset(replaces) - {change}
    heads = state.heads - replaced
    ahead = state.ahead | (replaced - known)
    if change in ahead:
        return FieldHeads(heads, ahead - {change})
    return FieldHeads(heads | {change}, ahead)


def overlay(
    office: frozenset[ChangeId],
    unsent: Iterable[tuple[ChangeId, Iterable[ChangeId]]],
) -> frozenset[ChangeId]:
    """A laptop's heads: the office's, with the laptop's own unsent changes laid over them."""
    mine = [(change, frozenset(replaces) - {change}) for change, replaces in unsent]
    replaced = frozenset(r for _, replaces in mine for r in replaces)
    return (office | {change for change, _ in mine}) - replaced
