"""The sides of a record that several people changed, in words, and the edit that decides. Pure."""

import dataclasses as dc
import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hah_desktop.documents.answers import Wording, words
from hah_desktop.domain.clock import how_wrong
from hah_desktop.domain.codec import MEMBER, field_of, from_body, from_json, patched
from hah_desktop.domain.codes import ADVISERS, Codes
from hah_desktop.domain.fields import AnyField, Choice, Choices, Link, Text
from hah_desktop.domain.history import Entry, before_all
from hah_desktop.domain.ids import ChangeId
from hah_desktop.domain.merge import Head, one_after_the_other
from hah_desktop.domain.moving import MOVED
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.records.catalogue import BY_KIND
from hah_desktop.domain.removing import REMOVED
from hah_desktop.store.journal.reading import Held
from hah_desktop.store.journal.saving import Edited
from hah_desktop.ui.parts.differing import Mark, Run, heard, marked
from hah_desktop.ui.parts.words import counted, when

NOTHING = "Left empty"
TWO = 2
LONG = 300
"""Texts longer than this are not read out as a whole each time the focus comes by."""
REMOVE = "Is it to stay removed?"
IT_GOES = "Removed it"
IT_MOVED = (
    "Moved it to where it belongs, and removed it here. It does not say there what was written "
    "here meanwhile: add that there"
)
IT_STAYS = "Went on with it, without knowing that it was removed"
KEEP_REMOVED = "Keep it removed"
KEEP_IT = "Keep it"
DOUBTED = ", by a clock not to be trusted"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a field, ready to show: what it says, the words of its button, who and when.

    `runs` are its words with those marked in which it differs; another value differs as a whole.
    """

    change: ChangeId
    value: Json
    words: str
    keep: str
    said: str
    runs: Sequence[Run] = ()


def spoken(side: Side) -> str:
    """What is heard at a side's button: its words, or of a long text what sets it apart."""
    if len(side.words) <= LONG:
        return side.words
    return f"{counted(len(side.words.split()), 'word')}. {heard(side.runs)}"


@dataclass(frozen=True, slots=True)
class Torn:
    """One undecided field. `field` is None for one that this version does not know.

    `joined` is what stands when both texts are kept; empty where they cannot be. Of words that
    were said (`verbatim`) nobody chooses and nobody writes others: they are kept, one after the
    other. `before` is what stood there before any of them, with who and when, if it is known here.
    """

    key: str
    label: str
    field: AnyField | None
    sides: tuple[Side, ...]
    joined: str
    before: tuple[str, str] | None = None

    @property
    def verbatim(self) -> bool:
        """Whether these are words that were said."""
        return isinstance(self.field, Text) and self.field.verbatim


@dataclass(frozen=True, slots=True, kw_only=True)
class Tongue:
    """What putting sides into words takes: code lists, names of records, who reads, and when."""

    codes: Codes
    names: Mapping[str, str]
    reader: str
    now: dt.datetime


def torn_fields(held: Held, tongue: Tongue, past: Sequence[Entry] = ()) -> tuple[Torn, ...]:
    """The undecided fields of a record, in the order in which its forms ask for them.

    `past` is what is known here of the record's past.
    """
    place = place_in_form(held.record.kind)
    return tuple(_torn(held, key, tongue, past) for key in sorted(held.open, key=place))


def place_in_form(kind: str) -> Callable[[str], int]:
    """Where the forms of a kind ask for a field; what they never ask for comes last."""
    record = BY_KIND.get(kind)
    asked = [name for section in record.sections for name in section.fields] if record else []
    places = {name: number for number, name in enumerate(asked)}
    return lambda key: places.get(key.partition(MEMBER)[0], len(places))


def label_of(kind: str, key: str, tongue: Tongue) -> str:
    """The question of a field, with the member where it is one of a set."""
    field = field_of(kind, key)
    name, _, member = key.partition(MEMBER)
    if isinstance(field, Choices):
        return f"{field.label}: {tongue.codes(field.codes).label(member)}"
    return field.label if field else name


def _torn(held: Held, key: str, tongue: Tongue, past: Sequence[Entry]) -> Torn:
    field = field_of(held.record.kind, key)
    # One's own side stands first, wherever it stands in the office's order.
    heads = sorted(held.open[key], key=lambda head: head.author != tongue.reader)
    told = [in_words(field, head.value, tongue) for head in heads]
    label = label_of(held.record.kind, key, tongue)
    if key == REMOVED:
        label, told = REMOVE, [_what_was_done(held.record.kind, h, past, tongue) for h in heads]
    keeps = _keeps([_keep(key, head, tongue) for head in heads], heads, tongue)
    runs = marked(told) if isinstance(field, Text) else [[(said, Mark.SAME)] for said in told]
    sides = [
        Side(head.change, head.value, said, keep, who_and_when(head, tongue), run)
        for head, said, keep, run in zip(heads, told, keeps, runs, strict=True)
    ]
    before = before_all(past, key)
    return Torn(
        key,
        label,
        field,
        tuple(sides),
        _joined(field, held.open[key]),
        (in_words(field, before.value, tongue), who_and_when(before, tongue)) if before else None,
    )


def in_words(field: AnyField | None, value: Json, tongue: Tongue) -> str:
    """A value as a person reads it."""
    if value is None:
        return NOTHING
    if field is None or isinstance(field, Choices):
        return "Yes" if value is True else str(value)
    lists = {field.codes: tongue.codes(field.codes)} if isinstance(field, Choice) else {}
    zone = tongue.now.tzinfo or dt.UTC
    try:
        read = from_json(field, value)
    except (ValueError, TypeError):
        # A value out of form is shown as it stands: a person decides about it.
        return str(value)
    return words(field, read, Wording(lists=lists, names=tongue.names, zone=zone)) or NOTHING


def who_and_when(head: Head, tongue: Tongue) -> str:
    """Who said it and when, and whether that time is worth anything."""
    name = tongue.codes(ADVISERS).label(head.author)
    return f"{name} \N{MIDDLE DOT} {when(head.made_at, tongue.now)}{_doubt(head)}"


def _doubt(head: Head) -> str:
    if head.clock_trusted:
        return ""
    if not head.clock_off:
        return DOUBTED
    return f"{DOUBTED}: about {how_wrong(dt.timedelta(seconds=head.clock_off))}"


def _what_was_done(kind: str, head: Head, past: Sequence[Entry], tongue: Tongue) -> str:
    """Of a record that was removed: that somebody removed it, or what somebody wrote meanwhile."""
    if head.value:
        own = (e for e in past if e.head.change == head.change)
        return IT_MOVED if any(e.name == MOVED and e.head.value for e in own) else IT_GOES
    written = [e for e in past if e.head.change == head.change and e.name != REMOVED]
    written.sort(key=lambda entry: place_in_form(kind)(entry.name))
    return "\n".join([IT_STAYS, *(answer(kind, e.name, e.head.value, tongue) for e in written)])


def answer(kind: str, key: str, value: Json, tongue: Tongue) -> str:
    """A question with its answer, on one line."""
    if key == REMOVED:
        return IT_GOES if value else KEEP_IT
    return f"{label_of(kind, key, tongue)}: {in_words(field_of(kind, key), value, tongue)}"


def _keeps(plain: Sequence[str], heads: Sequence[Head], tongue: Tongue) -> list[str]:
    """The words of each side's button: no two are the same."""
    times = [f"{keep}, {when(h.made_at, tongue.now)}" for keep, h in zip(plain, heads, strict=True)]
    dated = [t if Counter(plain)[p] > 1 else p for p, t in zip(plain, times, strict=True)]
    return [
        f"{words} ({number})" if Counter(dated)[words] > 1 else words
        for number, words in enumerate(dated, 1)
    ]


def _keep(key: str, head: Head, tongue: Tongue) -> str:
    if key == REMOVED:
        return KEEP_REMOVED if head.value else KEEP_IT
    if head.author == tongue.reader:
        return "Keep yours"
    first, *_ = tongue.codes(ADVISERS).label(head.author).split() or ["the office"]
    return f"Keep {first}’s"


def _joined(field: AnyField | None, heads: Sequence[Head]) -> str:
    texts = [str(head.value) for head in heads if head.value]
    if not isinstance(field, Text):
        return ""
    if field.verbatim or (len(texts) >= TWO and field.lines > 1):
        return one_after_the_other(texts)
    return "; ".join(texts) if len(texts) >= TWO else ""


def linked(held: Held) -> Iterator[str]:
    """The ids of the records that undecided links name."""
    for key, heads in held.open.items():
        if isinstance(field_of(held.record.kind, key), Link):
            yield from (str(head.value) for head in heads if head.value)


def decided(held: Held, choices: Mapping[str, Json]) -> Edited:
    """The edit that puts one value in the place of all sides, for each field that is decided."""
    record = from_body(held.record.kind, held.record.id, patched(held.seen.body, choices))
    # An edit is what differs from what its author saw. The record shows one side already, and
    # choosing that one must be a change too: so the author is said to have seen another side.
    seen = {key: _other(held.open[key], value) for key, value in choices.items()}
    saw = dc.replace(held.seen, body=patched(held.seen.body, seen))
    return Edited(record, saw, keeps_draft=True)


def _other(heads: Sequence[Head], value: Json) -> Json:
    return next(h.value for h in heads if (type(h.value), h.value) != (type(value), value))
