"""What was set aside, listed for the people of the office, each with the reason and the next step.

Nothing here applies anything: the words wait in the journal.
"""

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, select

from hah_central.database.lookups import name_of, with_names
from hah_central.database.rows import Change, Laptop
from hah_central.journal.placing import AGAIN, ODD
from hah_desktop.domain.aside import Told, told
from hah_desktop.domain.exchange import Verdict
from hah_desktop.domain.records.base import Json

ASIDE = and_(ODD, Change.verdict == Verdict.SET_ASIDE.value, ~AGAIN)
"""Each change once: what came by hand and then in its author's chain has a row for either."""


@dataclass(frozen=True, slots=True)
class Line:
    """One change that was set aside. `fields` is empty where it could not be read."""

    seq: int
    record: str
    kind: str
    laptop: str
    adviser: str
    received: dt.datetime
    why: Told
    fields: Mapping[str, Json]


def lines(connection: Connection) -> list[Line]:
    """All of them, the oldest first."""
    asked = select(
        Change.seq,
        Change.record,
        Change.kind,
        Laptop.name,
        name_of(Change.author),
        Change.received,
        Change.problem,
        Change.body,
    )
    asked = with_names(asked, Change.laptop, Laptop.adviser).where(ASIDE).order_by(Change.seq)
    return [
        Line(seq, record, kind, laptop, who, received, told(problem), _fields(record, body))
        for seq, record, kind, laptop, who, received, problem, body in connection.execute(asked)
    ]


def _fields(record: str, body: str) -> dict[str, Json]:
    if not record:
        return {}  # It could not be read.
    return {name: edit["value"] for name, edit in json.loads(body)["fields"].items()}


def counted(connection: Connection) -> list[tuple[Told, int]]:
    """How many for each reason, the most frequent first."""
    asked = select(Change.problem, func.count()).where(ASIDE).group_by(Change.problem)
    found: Counter[Told] = Counter()
    for problem, count in connection.execute(asked):
        found[told(problem)] += count
    return sorted(found.items(), key=lambda each: (-each[1], each[0].what))
