"""What was begun of a decision that somebody else made meanwhile, in words. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from hah_desktop.domain.codec import UnreadableRecord, field_of, from_body
from hah_desktop.domain.fields import Text
from hah_desktop.domain.history import Entry
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.merge import Head, are_all_kept, one_after_the_other
from hah_desktop.domain.records.base import Json, Record
from hah_desktop.domain.removing import REMOVED
from hah_desktop.domain.said import said_fields
from hah_desktop.store.journal.drafts import Draft
from hah_desktop.store.journal.reading import Held
from hah_desktop.ui.parts.halfway import BOTH, WRITTEN, half_of, only, record_of
from hah_desktop.ui.parts.sides import (
    KEEP_IT,
    KEEP_REMOVED,
    NOTHING,
    REMOVE,
    Tongue,
    in_words,
    label_of,
    who_and_when,
)

NOT_HERE = "This record is not on this laptop any more."
IS_REMOVED = "It was removed."
_BESIDE = "; "


@dataclass(frozen=True, slots=True)
class Begun:
    """Of one field: what was begun here, and what stands now, with who decided it and when.

    `may_stand`: it can be put in the place of what stands.
    """

    key: str
    label: str
    words: str
    value: Json
    now: str
    said: str
    may_stand: bool


def begun_fields(
    draft: Draft, kind: str, held: Held | None, past: Sequence[Entry], tongue: Tongue
) -> list[Begun]:
    """Every field of which something was begun that is not to be decided any more."""
    found = []
    for key in left_over(draft, held.open if held else (), past):
        value, raw = _intended(draft, kind, key, past)
        words = raw or _in_words(kind, key, value, tongue)
        now = _in_words(kind, key, held.seen.body.get(key), tongue) if held else _why_not(past)
        stands = next((e.head for e in reversed(past) if e.name == key and e.stands), None)
        edits = held is not None and not raw and key != REMOVED and key not in said_fields(kind)
        found.append(
            Begun(
                key,
                REMOVE if key == REMOVED else label_of(kind, key, tongue),
                words,
                value,
                now,
                who_and_when(stands, tongue) if stands else "",
                may_stand=edits and words not in (NOTHING, now),
            )
        )
    return found


def _in_words(kind: str, key: str, value: Json, tongue: Tongue) -> str:
    if key == REMOVED:
        return KEEP_REMOVED if value else KEEP_IT
    return in_words(field_of(kind, key), value, tongue)


def left_over(draft: Draft, still_open: Collection[str], past: Sequence[Entry]) -> list[str]:
    """The fields that were decided meanwhile, and of which something was begun here."""
    return [
        key
        for key in draft.body
        if key not in still_open and (draft.body[key] or _typed(draft, key, past))
    ]


def record_in(draft: Draft, kind: str) -> Record | None:
    """The record as it was when the decision was begun; None if this version cannot read it."""
    try:
        return from_body(kind, RecordId(record_of(draft)), draft.seen.body)
    except UnreadableRecord:
        return None


def still_begun(draft: Draft | None, held: Held, past: Sequence[Entry]) -> Draft | None:
    """What was begun of fields that were decided meanwhile: it waits beside what is open."""
    return only(draft, left_over(draft, held.open, past)) if draft else None


def _why_not(past: Sequence[Entry]) -> str:
    gone = any(entry.name == REMOVED and entry.stands and entry.head.value for entry in past)
    return IS_REMOVED if gone else NOT_HERE


def _intended(draft: Draft, kind: str, key: str, past: Sequence[Entry]) -> tuple[Json, str]:
    """What would have stood, or what does not read as an answer yet. What was typed comes first."""
    half = half_of(draft, key)
    if half.choice == WRITTEN or _typed(draft, key, past):
        return half.value, half.raw
    sides = _sides(draft, key, past)
    if half.choice != BOTH:
        return next((head.value for head in sides if head.change == half.choice), None), ""
    field = field_of(kind, key)
    texts = [head.value for head in sides if head.value]
    is_long = isinstance(field, Text) and (field.verbatim or field.lines > 1)
    return one_after_the_other(texts) if is_long else _BESIDE.join(map(str, texts)), ""


def _typed(draft: Draft, key: str, past: Sequence[Entry]) -> bool:
    """Whether there are words of the person's own: the form begins with those of the sides."""
    half = half_of(draft, key)
    if half.raw or half.value is None:
        return bool(half.raw)
    values = [head.value for head in _sides(draft, key, past)]
    offered = sorted(_BESIDE.join(str(v) for v in values if v).split(_BESIDE))
    given = half.value in values or are_all_kept(values, half.value)
    return not given and sorted(str(half.value).split(_BESIDE)) != offered


def _sides(draft: Draft, key: str, past: Sequence[Entry]) -> list[Head]:
    saw = draft.seen.heads.get(key, ())
    return [entry.head for entry in past if entry.name == key and entry.head.change in saw]
