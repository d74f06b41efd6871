"""What a record keeps of its fields: their heads, and where each moved last. Pure.

Of a record of which one change is all there is, both follow from that change, which stands in the
journal where the record does: its row keeps neither, and they are read off the change.
"""

from typing import Any, NamedTuple

from sqlalchemy import Text, cast, select

from hah_central.database.rows import Change, Record
from hah_desktop.domain import spelling
from hah_desktop.domain.ids import ChangeId
from hah_desktop.domain.spelling import Struct, form_of


class _Began(Struct, gc=False):
    """Of a change in the journal what the record that it began keeps."""

    id: ChangeId
    fields: dict[str, Any]


class Fields(NamedTuple):
    """The fields of a record: `heads` as `state.heads_plain` spells them, `moved` by field."""

    heads: dict[str, dict[str, list[ChangeId]]]
    moved: dict[str, int]


_read = form_of(_Began)

KEPT = (cast(Record.heads, Text), cast(Record.moved, Text))
"""What the row of a record keeps, as it is written down: who needs little reads only that."""

_BY = (Change.seq == Record.seq, Record.heads.is_(None), Record.moved.is_(None))
WORDS = select(Change.body).where(*_BY).scalar_subquery()
"""The change that says all there is of a record; none where its row says it."""

BY = select(Change.id).where(*_BY).scalar_subquery()
"""The id of that change."""


def fields(seq: int, heads: str | None, moved: str | None, words: str | None) -> Fields:
    """The fields of the record that stands there. There are none where its change is not there."""
    if heads is not None and moved is not None:
        return Fields(spelling.read(heads), spelling.read(moved))
    if words is None:
        return Fields({}, {})
    began = _read(words)
    alone = {name: {"heads": [began.id]} for name in began.fields}
    return Fields(alone, dict.fromkeys(began.fields, seq))
