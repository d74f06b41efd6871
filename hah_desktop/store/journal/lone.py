"""Spells records of which one change says all that there is, as of nearly all that a page brings.

Many at once, and letter for letter what the long way in `arriving` spells of the same, in half of
the time. Nothing is written down here.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from hah_desktop.domain.exchange import PulledChange, PulledRow
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.removing import REMOVED
from hah_desktop.domain.spelling import Struct, spell_each
from hah_desktop.store.journal.searching import words_of


class Lone(NamedTuple):
    """Such records as they are kept: of each its change, what is shown, and how it is found."""

    rows: Sequence[PulledRow]
    changes: Sequence[PulledChange]
    contents: Sequence[str]
    bodies: Sequence[str]
    heads: Sequence[str]
    words: Sequence[str]


class _Edit(Struct, gc=False):
    value: Json


class _Content(Struct, gc=False):
    author: str
    clock_trusted: bool
    fields: Mapping[str, _Edit]
    laptop: str
    made_at: str


def is_lone(row: PulledRow) -> bool:
    """Whether it is such a record: all that its change says is the first that is said."""
    if len(row.changes) != 1:
        return False
    change = row.changes[0]
    if change.own or change.replaces or change.clock_off:
        return False
    fields = change.fields
    return bool(fields) and REMOVED not in fields and None not in fields.values()


def spelled_lone(rows: Sequence[PulledRow]) -> Lone:
    """These records, each of which is lone, as they are kept."""
    changes = [change for row in rows for change in row.changes]
    return Lone(
        rows,
        changes,
        spell_each([_content(change) for change in changes]),
        spell_each([change.fields for change in changes]),
        spell_each([dict.fromkeys(change.fields, (change.id,)) for change in changes]),
        [words_of(row.kind, row.changes[0].fields) for row in rows],
    )


def _content(change: PulledChange) -> _Content:
    fields = dict(zip(change.fields, map(_Edit, change.fields.values()), strict=True))
    return _Content(change.author, change.clock_trusted, fields, change.laptop, change.made_at)
