"""What the office has of each change and record here, as questions ask it. Nothing is written here.

Up to the end of the last run of numbers (`received`) every change of this laptop is received, and
behind it only what says so itself. A record of which one change is unsent names it (`begun`): once
that is received as it was sent, and nothing was written to the record since, the heads that are
shown are those that the office told. Where they are so already it names number 0, which is always
received.
"""

from sqlalchemy import and_, case, func, literal_column, or_, select

from hah_desktop.domain.exchange import Verdict
from hah_desktop.store.tables.asking import Question
from hah_desktop.store.tables.rows import CHANGE, RECEIVED, RECORD

LAST = select(func.coalesce(func.max(RECEIVED.c.last), 0)).scalar_subquery()
"""The number up to which all changes are received."""

UP_TO = Question(select(LAST))
"""Which number that is."""

_OF_RUN = (
    select(RECEIVED.c.place + CHANGE.c.number - RECEIVED.c.first)
    .where(RECEIVED.c.last >= CHANGE.c.number, RECEIVED.c.first <= CHANGE.c.number)
    .limit(1)
    .correlate(CHANGE)
    .scalar_subquery()
)

PLACE = func.coalesce(CHANGE.c.received, _OF_RUN)
"""The place of a change in the office's journal; null until its receipt is here."""

UNSENT = and_(CHANGE.c.number > LAST, CHANGE.c.received.is_(None))
"""Of this laptop's own changes: those that are only here."""

BY_HAND = and_(CHANGE.c.number.is_(None), CHANGE.c.received.is_(None))
"""From a colleague's hand: those of which the office has not told that it has them."""

ONLY_HERE = and_(
    CHANGE.c.received.is_(None), or_(CHANGE.c.number.is_(None), CHANGE.c.number > LAST)
)
"""Both of them."""

# As it stands in the index of these: one that is given apart from the question finds no index.
ASIDE = CHANGE.c.verdict == literal_column(f"'{Verdict.SET_ASIDE.value}'")
"""Of all: those that the office keeps and does not use."""

IN_FORCE = CHANGE.c.verdict.is_distinct_from(Verdict.SET_ASIDE.value)
"""Whether a change that is known here was not set aside by the office."""

OFFICE_HEADS = case((RECORD.c.begun <= LAST, RECORD.c.heads), else_=RECORD.c.office_heads)
"""Of a record: the heads that the office last told."""
