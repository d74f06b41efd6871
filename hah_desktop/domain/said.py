"""Words that were said: what may stand in their place, for the office and every laptop. Pure.

A change names what it replaces. Of words that were said it may replace only what it keeps, whole:
several versions that nobody knew of each other's, one after the other, and nothing else.
"""

from collections import Counter
from collections.abc import Collection
from functools import cache

from hah_desktop.domain.fields import Text
from hah_desktop.domain.merge import are_all_kept, parts_of
from hah_desktop.domain.records.base import Json, described
from hah_desktop.domain.records.catalogue import BY_KIND


@cache
def said_fields(kind: str) -> frozenset[str]:
    """The fields of a kind of record that hold words as they were said."""
    record = BY_KIND.get(kind)
    fields = described(record).items() if record else ()
    return frozenset(n for n, field in fields if isinstance(field, Text) and field.verbatim)


def may_stand_for(now: Json, versions: Collection[Json], *, others: bool) -> bool:
    """Whether `now` may stand in the place of these versions of words that were said.

    `others`: it replaces more than these, of which nothing is known here. Its author knew them, so
    what they say stands in it as well.
    """
    if not any(versions):
        return True
    return are_held(now, versions) if others else are_all_kept(versions, now)


def are_held(now: Json, versions: Collection[Json]) -> bool:
    """Whether `now` holds all of these versions, whole, whatever else it says."""
    return not Counter(parts_of(versions)) - Counter(parts_of([now]))
