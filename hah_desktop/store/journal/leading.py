"""What leads to what is being typed: without it, nobody could reach the words on a screen.

A draft is shown on the page of its visit, with its conversation and under the child's name, and one
about another record beside that.
"""

from sqlalchemy import func, select, union

from hah_desktop.domain.fields import Link
from hah_desktop.domain.records.base import described
from hah_desktop.domain.records.catalogue import BY_KIND
from hah_desktop.store.journal.drafts import DECISION
from hah_desktop.store.tables.rows import DRAFT, RECORD

_LINKS = sorted(
    {
        name
        for record in BY_KIND.values()
        for name, field in described(record).items()
        if isinstance(field, Link)
    }
)

_HERE = RECORD.alias()
_TYPED = func.json_each(DRAFT.c.content, "$.body").table_valued("key", "value")
_SAID = func.json_each(_HERE.c.body).table_valued("key", "value")

_BEGUN = union(
    select(DRAFT.c.record.label("id")),
    select(DRAFT.c.visit),
    select(_TYPED.c.value).select_from(DRAFT).join(_TYPED, _TYPED.c.key.in_(_LINKS)),
    select(_HERE.c.id).join(DRAFT, DRAFT.c.record == DECISION + _HERE.c.id),
).subquery()
_SO_FAR = select(_BEGUN.c.id).cte("leading", recursive=True)
_FURTHER = select(_SAID.c.value).select_from(_SO_FAR).join(_HERE, _HERE.c.id == _SO_FAR.c.id)
_ALL = _SO_FAR.union(_FURTHER.join(_SAID, _SAID.c.key.in_(_LINKS)))

LEADING = select(_ALL.c.id).where(_ALL.c.id.is_not(None))
"""The ids of the records that somebody is writing in or deciding about, and that lead there."""
