"""The answers of any record as words, drawn from the descriptions of its fields. Pure."""

import datetime as dt
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields
from typing import assert_never

from hah_desktop.documents.material import Open
from hah_desktop.documents.tree import Alternative
from hah_desktop.domain.codec import MEMBER, from_json
from hah_desktop.domain.codes import CodeList
from hah_desktop.domain.days import in_words
from hah_desktop.domain.fields import (
    AnyField,
    Choice,
    Choices,
    Date,
    Link,
    Moment,
    Number,
    Text,
    Time,
    YesNo,
)
from hah_desktop.domain.merge import Head
from hah_desktop.domain.records.base import Json, Record, Value, described

LEFT_EMPTY = "(left empty)"
NOT_HERE = "Not in this document"

_BOOKKEEPING = frozenset(field.name for field in fields(Record))
"""What every record has for the program's own use: no answer to any question."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One question of a record with its answer. `typed` is True for words that a person wrote.

    `options` holds every answer while a person still has to choose; `words` is empty then.
    """

    name: str
    label: str
    words: str
    typed: bool = False
    options: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What is needed to put values into words: code lists, names of records by id, time zone."""

    lists: Mapping[str, CodeList]
    names: Mapping[str, str]
    zone: dt.tzinfo


def moment(at: dt.datetime) -> str:
    """A point in time with the name of its zone: 4 November 2026, 14:05 GMT."""
    return f"{in_words(at)}, {at:%H:%M} {at.tzname() or ''}".rstrip()


def words(described_as: AnyField, value: Value, wording: Wording) -> str:
    """One value in words; empty where there is no answer."""
    if value is None:
        return ""
    match described_as:
        case Text() | Number():
            said = str(value).strip()
        case YesNo():
            said = "Yes" if value else "No"
        case Date() | Time() | Moment():
            said = _at(value, wording.zone)
        case Choice():
            said = _label(wording.lists.get(described_as.codes), str(value)) if value else ""
        case Choices():
            chosen = value if isinstance(value, frozenset) else frozenset()
            said = "\n".join(_labels(wording.lists.get(described_as.codes), chosen))
        case Link():
            said = wording.names.get(str(value), NOT_HERE) if value else ""
        case _:
            assert_never(described_as)
    return said


def _at(value: Value, zone: dt.tzinfo) -> str:
    if isinstance(value, dt.datetime):
        return moment(value.astimezone(zone))
    if isinstance(value, dt.date):
        return in_words(value)
    return f"{value:%H:%M}" if isinstance(value, dt.time) else ""


def _label(codes: CodeList | None, code: str) -> str:
    return codes.label(code) if codes else code


def _labels(codes: CodeList | None, chosen: AbstractSet[str]) -> list[str]:
    known = [code.code for code in codes or () if code.code in chosen]
    return [_label(codes, code) for code in (*known, *sorted(chosen - set(known)))]


def answers(
    record: Record, wording: Wording, undecided: Open, told: AbstractSet[str] = frozenset()
) -> tuple[Answer, ...]:
    """Every non-empty answer of a record, links first, then by its sections, then the rest.

    `told` are the ids of records that the reader already knows this one to belong to: links to
    these are not repeated.
    """
    by_field: dict[str, list[tuple[str, tuple[Head, ...]]]] = {}
    for key, heads in undecided.items():
        by_field.setdefault(key.partition(MEMBER)[0], []).append((key, heads))
    found: list[Answer] = []
    for name, described_as in _in_order(type(record)):
        if name in by_field:
            found += [_choice(name, described_as, *pair, wording) for pair in by_field[name]]
        elif name not in _BOOKKEEPING:
            found += _settled(record, name, described_as, wording, told)
    return tuple(found)


def _in_order(record: type[Record]) -> list[tuple[str, AnyField]]:
    known = described(record)
    links = [name for name, field in known.items() if isinstance(field, Link)]
    asked = [name for section in record.sections for name in section.fields]
    in_order = dict.fromkeys((*links, *asked, *known))
    return [(name, known[name]) for name in in_order if known[name].printed]


def _settled(
    record: Record,
    name: str,
    described_as: AnyField,
    wording: Wording,
    told: AbstractSet[str],
) -> Sequence[Answer]:
    value: Value = getattr(record, name)
    if isinstance(described_as, Link) and value in told:
        return ()
    said = words(described_as, value, wording)
    typed = isinstance(described_as, Text)
    return (Answer(name, described_as.label, said, typed),) if said else ()


def _choice(
    name: str, described_as: AnyField, key: str, heads: tuple[Head, ...], wording: Wording
) -> Answer:
    member = key.partition(MEMBER)[2]
    label = described_as.label
    if isinstance(described_as, Choices) and member:
        label = f"{label}: {_label(wording.lists.get(described_as.codes), member)}"
    options = tuple(
        Alternative(
            _head_words(described_as, head.value, wording),
            _label(wording.lists.get("adviser"), head.author),
            _made_at(head.made_at, wording.zone),
        )
        for head in heads
    )
    return Answer(name, label, "", isinstance(described_as, Text), options)


def _head_words(described_as: AnyField, value: Json, wording: Wording) -> str:
    if isinstance(described_as, Choices):
        return "Yes" if value is True else "No"
    try:
        return words(described_as, from_json(described_as, value), wording) or LEFT_EMPTY
    except (ValueError, TypeError):
        # Both sides are printed even where one of them is out of form: a person decides.
        return str(value)


def _made_at(written: str, zone: dt.tzinfo) -> str:
    try:
        at = dt.datetime.fromisoformat(written)
    except ValueError:
        return written
    return moment(at.astimezone(zone) if at.tzinfo else at)
