"""Drafts: what is being typed, kept within a second, until it is saved or thrown away."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, Row, delete, select
from sqlalchemy.dialects.sqlite import insert

from hah_desktop.domain.ids import ChangeId
from hah_desktop.domain.records.base import Json
from hah_desktop.store.journal.saving import Seen
from hah_desktop.store.tables.rows import DRAFT, RECORD

DECISION = "decision:"
"""A draft is named by its record; that of a decision about it has this before."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An edit that is not saved yet: the whole body as typed, and what its author saw.

    `raw` holds what is typed in a field but does not read as a value yet, such as half a time.
    `place` is where the author was: field, cursor and scroll position.
    """

    record: str
    kind: str
    visit: str
    body: Mapping[str, Json]
    seen: Seen
    raw: Mapping[str, str] = field(default_factory=dict)
    place: Mapping[str, int | str] = field(default_factory=dict)
    saved_at: str = ""


def keep(connection: Connection, draft: Draft) -> None:
    """Keep a draft in place of the one before."""
    content = {
        "body": dict(draft.body),
        "raw": dict(draft.raw),
        "place": dict(draft.place),
        "seen": {"body": dict(draft.seen.body), "heads": dict(draft.seen.heads)},
    }
    put = insert(DRAFT).values(
        record=draft.record,
        kind=draft.kind,
        visit=draft.visit,
        # Plain ASCII also spells the half of a character that some keyboards leave behind.
        content=json.dumps(content),
        saved_at=draft.saved_at,
    )
    columns = {"content": put.excluded.content, "saved_at": put.excluded.saved_at}
    connection.execute(put.on_conflict_do_update(set_=columns))


def get(connection: Connection, record: str) -> Draft | None:
    """The draft of one record, if there is one."""
    found = connection.execute(select(DRAFT).where(DRAFT.c.record == record)).first()
    return None if found is None else _draft(found)


def of_visit(connection: Connection, visit: str) -> list[Draft]:
    """Every draft that belongs to a visit."""
    found = select(DRAFT).where((DRAFT.c.visit == visit) | (DRAFT.c.record == visit))
    return [_draft(row) for row in connection.execute(found)]


def every(connection: Connection) -> list[Draft]:
    """Every draft there is, the oldest first."""
    found = select(DRAFT).order_by(DRAFT.c.saved_at, DRAFT.c.record)
    return [_draft(row) for row in connection.execute(found)]


def decided_meanwhile(connection: Connection) -> list[Draft]:
    """Decisions that were begun here about records in which nothing is left to decide."""
    open_still = select(RECORD.c.id).where(
        DRAFT.c.record == DECISION + RECORD.c.id, RECORD.c.open.is_not(None)
    )
    found = select(DRAFT).where(DRAFT.c.record.startswith(DECISION), ~open_still.exists())
    return [_draft(row) for row in connection.execute(found.order_by(DRAFT.c.record))]


def decided_meanwhile_count(connection: Connection) -> int:
    """How many these are."""
    return len(decided_meanwhile(connection))


def discard(connection: Connection, record: str) -> None:
    """Throw a draft away, because its author said so."""
    connection.execute(delete(DRAFT).where(DRAFT.c.record == record))


def _draft(row: Row[tuple[str, ...]]) -> Draft:
    content = json.loads(row.content)
    heads = {k: tuple(ChangeId(i) for i in v) for k, v in content["seen"]["heads"].items()}
    return Draft(
        row.record,
        row.kind,
        row.visit or "",
        content["body"],
        Seen(content["seen"]["body"], heads),
        content["raw"],
        content["place"],
        row.saved_at,
    )
