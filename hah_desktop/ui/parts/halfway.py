"""A decision that is half made: what is chosen and what is typed, kept as a draft. Pure.

It lies beside the drafts of records, under a name of its own: the same record may be open in a
form, too.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from hah_desktop.domain.ids import ChangeId
from hah_desktop.domain.records.base import Json
from hah_desktop.store.drafts import DECISION, Draft
from hah_desktop.store.reading import Held

KIND = "decision"
BOTH = "both"
WRITTEN = "written"


@dataclass(frozen=True, slots=True)
class Half:
    """Of one field: the side that is kept (or BOTH, or WRITTEN), and what is typed."""

    choice: str = ""
    value: Json = None
    raw: str = ""


NOTHING = Half()


def name_of(record: str) -> str:
    """The name under which the draft lies."""
    return f"{DECISION}{record}"


def half_made(held: Held, halves: Mapping[str, Half], at: str) -> Draft:
    """The draft of a decision about a record."""
    return Draft(
        record=name_of(held.record.id),
        kind=KIND,
        visit="",
        body={key: half.choice for key, half in halves.items()},
        seen=held.seen,
        raw={key: json.dumps([half.value, half.raw]) for key, half in halves.items()},
        saved_at=at,
    )


def taken_up(draft: Draft | None, held: Held) -> dict[str, Half]:
    """What was chosen and typed. Where a side has come or gone since, only what was typed."""
    if draft is None:
        return {}
    found = {}
    for key in held.open.keys() & draft.body.keys():
        value, raw = json.loads(draft.raw[key])
        same = _sides(draft, key) == {head.change for head in held.open[key]}
        found[key] = Half(str(draft.body[key]) if same else "", value, raw)
    return found


def has_more(draft: Draft | None, held: Held) -> bool:
    """Whether there are other sides than when the decision was begun."""
    if draft is None:
        return False
    return any(
        draft.body[key] and _sides(draft, key) != {head.change for head in sides}
        for key, sides in held.open.items()
        if key in draft.body
    )


def _sides(draft: Draft, key: str) -> set[ChangeId]:
    return set(draft.seen.heads.get(key, ()))
