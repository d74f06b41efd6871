"""How the office stands, in figures: for the page of operations and for what watches it.

Nothing of a record is in here: no name of a child, no word.
"""

import datetime as dt
import json
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Connection, Text, cast, func, select

from hah_central.database.lookups import rows_for
from hah_central.database.rows import (
    OFFICE,
    Batch,
    Change,
    Clock,
    Evidence,
    Laptop,
    Reading,
    Record,
)
from hah_central.journal import set_aside
from hah_central.journal.placing import BESIDE, ODD
from hah_central.journal.state import Known
from hah_central.office import backups, failures, laptops, orders
from hah_desktop.domain.aside import Told
from hah_desktop.domain.changes import from_plain
from hah_desktop.domain.codec import field_of
from hah_desktop.domain.exchange import Verdict
from hah_desktop.domain.ids import ChangeId
from hah_desktop.domain.merge import rule_of, shown

FAILURE_DAYS = 7

_TWO_HEADS = '%","%'
"""In heads as they are spelled, this stands between two of one field, and nowhere else."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The figures of one moment. `overdue` says by laptop why somebody should ring."""

    now: dt.datetime
    laptops: list[laptops.Line]
    overdue: dict[str, list[str]]
    verdicts: Counter[str]
    batches: int
    seq: int
    set_aside_since: dt.datetime | None
    set_aside: list[tuple[Told, int]]
    conflicts: int
    readings: int
    signed_bytes: int
    failures: list[failures.Line]
    backup: dt.datetime | None = None

    @property
    def waiting(self) -> int:
        """Changes that laptops said they had and that have not come."""
        return sum(line.waiting or 0 for line in self.laptops if line.revoked is None)

    @property
    def attachments(self) -> int:
        """Attachments that changes name and whose content has not come, from whatever laptop."""
        return sum(line.attachments for line in self.laptops)


def taken(connection: Connection, now: dt.datetime) -> Standing:
    """The figures as they are now."""
    rules = orders.rules(connection)
    lines = laptops.lines(connection)
    aside = select(func.min(Change.received)).where(set_aside.ASIDE)
    first = now - dt.timedelta(days=FAILURE_DAYS)
    signed = select(func.coalesce(func.sum(func.length(Evidence.body)), 0))
    return Standing(
        now=now,
        laptops=lines,
        overdue={line.id: why for line in lines if (why := line.overdue(rules.lease_days, now))},
        verdicts=verdicts(connection),
        batches=connection.execute(select(func.count()).where(Batch.laptop != OFFICE)).scalar_one(),
        seq=seq(connection),
        set_aside_since=connection.execute(aside).scalar_one(),
        set_aside=set_aside.counted(connection),
        conflicts=conflicts(connection),
        readings=connection.execute(select(func.count(Reading.id))).scalar_one(),
        signed_bytes=connection.execute(signed).scalar_one(),
        failures=failures.since(connection, f"{first:%Y-%m-%d}"),
        backup=backups.newest(connection),
    )


def verdicts(connection: Connection) -> Counter[str]:
    """How many changes the journal has of each verdict, without going through them.

    A chain has no gaps: it is as long as the number of its last change. Nearly all of it was
    applied; what was not, and what stands beside the chains, is few.
    """
    asked = select(Change.verdict, BESIDE, func.count()).where(ODD)
    found = connection.execute(asked.group_by(Change.verdict, BESIDE)).all()
    chained = select(func.coalesce(func.sum(Laptop.last_number), 0))
    every = int(connection.execute(chained).scalar_one())
    every += sum(many for _, beside, many in found if beside)
    counted: Counter[str] = Counter()
    for verdict, _, many in found:
        if verdict != Verdict.APPLIED:
            counted[verdict] += many
    counted[Verdict.APPLIED.value] = every - counted.total()
    return +counted


def seq(connection: Connection) -> int:
    """Where the counter of the journal stands."""
    return connection.execute(select(Clock.seq)).scalar_one()


def conflicts(connection: Connection) -> int:
    """How many fields of all records a person has to decide about."""
    asked = select(Record.kind, Record.heads).where(cast(Record.heads, Text).like(_TWO_HEADS))
    fields = [
        (kind, name, state["heads"])
        for kind, heads in connection.execute(asked)
        for name, state in heads.items()
        if len(state["heads"]) > 1
    ]
    ids = {head for _, _, heads in fields for head in heads}
    words = select(Change.seq, Change.body)
    known: dict[ChangeId, Known] = {}
    for seq, body in rows_for(connection, words, Change.id, ids):
        change = from_plain(json.loads(body))
        known[change.id] = Known(change, seq)
    merged = (
        shown(rule_of(field_of(kind, name)), [known[head].head(name) for head in heads])
        for kind, name, heads in fields
    )
    return sum(1 for found in merged if found.open)
