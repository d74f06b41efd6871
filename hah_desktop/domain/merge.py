"""What is shown of a field that has several heads, by the field's merge rule. Pure.

Nothing is ever thrown away here: the heads that are not shown stay open, or in the history.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import assert_never

from hah_desktop.domain.fields import AnyField, Merge, Text
from hah_desktop.domain.ids import ChangeId
from hah_desktop.domain.records.base import Json

UNSENT = 2**62
"""The place in the office's order of a change that the office has not received: the last."""


_BETWEEN = "\n\n"


@dataclass(frozen=True, slots=True)
class Head:
    """One head of a field: what it says, who said it when, and its place in the office's order.

    `clock_trusted` is False where the laptop knew its clock to be wrong: the time is evidence for
    a person, and then not even that. `clock_off` says how many seconds fast it was, if known.
    """

    change: ChangeId
    value: Json
    author: str
    made_at: str
    order: int = UNSENT
    by_office: bool = False
    clock_trusted: bool = True
    clock_off: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """What a field shows: its value, and what a person still has to decide or is told.

    `open` holds every head, in the office's order, while a person has to choose between them or has
    to join them; it is empty otherwise. `merged` is True where a rule chose by itself.
    """

    value: Json
    open: tuple[Head, ...] = ()
    merged: bool = False


def one_after_the_other(texts: Iterable[Json]) -> str:
    """Texts that all stand: each as it was written, with a line between."""
    return _BETWEEN.join(str(text) for text in texts if text)


def parts_of(texts: Iterable[Json]) -> list[str]:
    """Of texts that all stand, what one finds between the lines between; nothing where none is."""
    words = one_after_the_other(texts)
    return words.split(_BETWEEN) if words else []


def are_all_kept(versions: Collection[Json], now: Json) -> bool:
    """Whether `now` is several versions of a text, whole, in any order, and nothing else."""
    if len(set(versions)) < 2 or not isinstance(now, str):  # noqa: PLR2004 - several
        return False
    return sorted(parts_of([now])) == sorted(parts_of(versions))


def rule_of(field: AnyField | None) -> Merge:
    """The merge rule of a field; one that this version does not know is left to a person."""
    if field is None:
        return Merge.ASK
    if isinstance(field, Text) and field.verbatim:
        return Merge.KEEP_BOTH
    return field.merge


def in_order(heads: Iterable[Head]) -> list[Head]:
    """The heads in the office's order; what it has not received comes last."""
    return sorted(heads, key=lambda head: (head.order, head.change))


def agree(heads: Iterable[Head]) -> bool:
    """Whether all say the same: a yes and the number 1 do not."""
    return len({(type(head.value), head.value) for head in heads}) == 1


def shown(rule: Merge, heads: Sequence[Head]) -> Shown:
    """What the field shows. The same heads in any order show the same, on every machine."""
    ordered = in_order(heads)
    if not ordered:
        return Shown(None)
    if agree(ordered):
        return Shown(ordered[0].value)
    match rule:
        case Merge.ASK | Merge.KEEP_BOTH:
            first = next((head for head in ordered if head.value is not None), ordered[0])
            return Shown(first.value, open=tuple(ordered))
        case Merge.LAST_RECEIVED | Merge.EACH:
            return Shown(ordered[-1].value, merged=True)
        case Merge.FIRST:
            return Shown(ordered[0].value, merged=True)
        case Merge.OFFICE:
            offices = [head for head in ordered if head.by_office]
            return Shown((offices or ordered)[-1].value, merged=True)
        case _:
            assert_never(rule)
