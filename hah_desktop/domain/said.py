"""Words that were said: what may stand in their place, for the office and every laptop. Pure.

A change names what it replaces. Of words that were said it may replace only what it keeps, whole:
several versions that nobody knew of each other's, one after the other, and nothing else. They may
leave a record only for another, in which they stand whole: so they leave the wrong child's file.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from functools import cache

from hah_desktop.domain.fields import Text
from hah_desktop.domain.merge import are_all_kept, parts_of
from hah_desktop.domain.moving import MOVED
from hah_desktop.domain.records.base import Json, described
from hah_desktop.domain.records.catalogue import BY_KIND
from hah_desktop.domain.removing import REMOVED


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


def moved_to(edits: Mapping[str, Json]) -> str:
    """The record in which the words are to stand that a change takes away; empty for none.

    `edits` is all that the change says: with the words it removes the record.
    """
    other = edits.get(MOVED)
    return other if edits.get(REMOVED) is True and isinstance(other, str) else ""


def are_held(now: Json, versions: Collection[Json]) -> bool:
    """Whether `now` holds all of these versions, whole, whatever else it says."""
    return not Counter(parts_of(versions)) - Counter(parts_of([now]))
