"""A decision that is half made: what is chosen and what is typed, kept as a draft. Pure.

It lies beside the drafts of records, under a name of its own: the same record may be open in a
form, too.
"""

import dataclasses as dc
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from hah_desktop.domain.ids import ChangeId
from hah_desktop.domain.records.base import Json
from hah_desktop.store.journal.drafts import DECISION, Draft
from hah_desktop.store.journal.reading import Held
from hah_desktop.store.journal.saving import Seen

KIND = "decision"
ABOUT = "kind"
"""Under this name a draft keeps what kind of record it is about, should that go."""
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


def record_of(draft: Draft) -> str:
    """The record that a decision is about."""
    return draft.record.removeprefix(DECISION)


def kind_of(draft: Draft) -> str:
    """What kind of record a decision is about; empty if it does not say so."""
    return str(draft.place.get(ABOUT, ""))


def half_made(held: Held, halves: Mapping[str, Half], at: str, left: Draft | None = None) -> Draft:
    """The draft of a decision about a record; `left` is what was begun of other fields of it."""
    made = Draft(
        record=name_of(held.record.id),
        kind=KIND,
        visit="",
        body={key: half.choice for key, half in halves.items()},
        seen=held.seen,
        raw={key: json.dumps([half.value, half.raw]) for key, half in halves.items()},
        place={ABOUT: held.record.kind},
        saved_at=at,
    )
    if left is None:
        return made
    saw = {key: _saw(left, key) for key in left.body}
    return dc.replace(
        made,
        body={**left.body, **made.body},
        raw={**left.raw, **made.raw},
        seen=Seen(held.seen.body, {**held.seen.heads, **saw}),
    )


def only(draft: Draft, keys: Collection[str]) -> Draft | None:
    """What was begun of these fields; None if nothing."""
    body = {key: choice for key, choice in draft.body.items() if key in keys}
    raw = {key: words for key, words in draft.raw.items() if key in keys}
    return dc.replace(draft, body=body, raw=raw) if body else None


def half_of(draft: Draft, key: str) -> Half:
    """What was chosen and typed of one field."""
    value, raw = json.loads(draft.raw[key])
    return Half(str(draft.body[key]), value, raw)


def taken_up(draft: Draft | None, held: Held) -> dict[str, Half]:
    """What was chosen and typed. Where a side has come or gone since, only what was typed."""
    if draft is None:
        return {}
    found = {}
    for key in held.open.keys() & draft.body.keys():
        half = half_of(draft, key)
        same = _sides(draft, key) == {head.change for head in held.open[key]}
        found[key] = half if same else dc.replace(half, choice="")
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
    return set(_saw(draft, key))


def _saw(draft: Draft, key: str) -> tuple[ChangeId, ...]:
    return tuple(draft.seen.heads.get(key, ()))
