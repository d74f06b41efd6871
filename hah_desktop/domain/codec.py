"""Records to bodies and back: the one form used in the database, the journal and on the wire.

A body is flat: field name to scalar. What is empty is absent, and each member of a set is a key
of its own (`explained:who_i_am`), so that merging never has to look inside a value.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, assert_never

from hah_desktop.domain.errors import KnownError
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
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.base import Json, Record, Value, described
from hah_desktop.domain.records.catalogue import BY_KIND

Body = Mapping[str, Json]

Writer = Callable[[Value], Json]
"""Turns one value into what stands for it in a body; None for an empty one."""

MEMBER = ":"
"""Stands between the name of a set and one member of it."""


class UnreadableRecord(KnownError):
    """A body that this version cannot read: of an unknown kind, or with a value out of form."""


def to_json(described_as: AnyField, value: Value) -> Json:
    """One value as it stands in a body. Empty is None. Sets are not values: see `to_body`."""
    writer = _writer(described_as)
    if writer is None:
        raise TypeError("a set has no single value: its members are keys of their own")
    return writer(value)


def _writer(described_as: AnyField) -> Writer | None:
    """What writes the values of a field; None for a set, of which nothing is written as one."""
    match described_as:
        case Text() | Choice() | Link():
            return _text_to_json
        case Date() | Time():
            return _day_to_json
        case Moment():
            return _moment_to_json
        case Number() | YesNo():
            return _number_to_json
        case Choices():
            return None
        case _:
            assert_never(described_as)


def _text_to_json(value: Value) -> Json:
    return _spellable(str(value)) if value else None


def _day_to_json(value: Value) -> Json:
    return value.isoformat() if isinstance(value, dt.date | dt.time) else None


def _moment_to_json(value: Value) -> Json:
    return _in_utc(value).isoformat() if isinstance(value, dt.datetime) else None


def _number_to_json(value: Value) -> Json:
    return value if isinstance(value, int) else None


def from_json(described_as: AnyField, value: Json) -> Value:
    """One value as the program works with it. Raises ValueError or TypeError when out of form."""
    match described_as:
        case Date():
            return _read(dt.date.fromisoformat, value)
        case Time():
            return _read(dt.time.fromisoformat, value)
        case Moment():
            return _read(_moment, value)
        case Text() | Choice() | Link():
            return _exactly(str, value, "")
        case Number():
            return _exactly(int, value, None)
        case YesNo():
            return _exactly(bool, value, None)
        case Choices():
            raise TypeError("a set has no single value: its members are keys of their own")
        case _:
            assert_never(described_as)


def _read(parse: Callable[[str], Value], value: Json) -> Value:
    return parse(_text(value)) if value is not None else None


def _moment(text: str) -> dt.datetime:
    return _in_utc(dt.datetime.fromisoformat(text))


def _in_utc(moment: dt.datetime) -> dt.datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment} does not say in which zone")
    try:
        return moment.astimezone(dt.UTC)
    except OverflowError as fault:
        raise ValueError(f"{moment} is outside the calendar") from fault


def _spellable(text: str) -> str:
    # Half of a pair, as some keyboards and clipboards leave it, has no spelling in UTF-8.
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value


def _exactly(kind: type, value: Json, empty: Value) -> Value:
    if value is None:
        return empty
    if type(value) is not kind:
        raise TypeError(f"{value!r} is not of type {kind.__name__}")
    return value


def to_body(record: Record) -> dict[str, Json]:
    """The record as a flat body: only what is filled in, with the unknown fields put back."""
    body: dict[str, Json] = dict(record.unknown)
    for name, writer in _writers(type(record)):
        value: Value = getattr(record, name)
        if value is None or value == "":
            continue  # Most fields of most records.
        if writer is None:
            members = value if isinstance(value, frozenset) else frozenset()
            body.update({f"{name}{MEMBER}{member}": True for member in sorted(members)})
        elif (written := writer(value)) is not None:
            body[name] = written
    return body


_WRITERS: dict[str, tuple[tuple[str, Writer | None], ...]] = {}


def _writers(record: type[Record]) -> tuple[tuple[str, Writer | None], ...]:
    """What writes each field, found once for a kind of record and not for each of thousands."""
    known = _WRITERS.get(record.kind)
    if known is None:
        known = tuple((name, _writer(found)) for name, found in described(record).items())
        _WRITERS[record.kind] = known
    return known


def from_body(kind: str, record_id: str, body: Body) -> Record:
    """The record that a body describes. Raises UnreadableRecord, and then says which field."""
    record = BY_KIND.get(kind)
    if record is None:
        raise UnreadableRecord(
            f"A record of the kind “{kind}” was written by a newer version of the program.",
            "It is kept as it is.",
            "Update the program to see it.",
        )
    fields = described(record)
    values: dict[str, Any] = {}
    unknown: dict[str, Json] = {}
    for key, value in body.items():
        name, member, code = key.partition(MEMBER)
        described_as = fields.get(name)
        if described_as is None or isinstance(described_as, Choices) != bool(member):
            unknown[key] = value
        elif not isinstance(described_as, Choices):
            values[name] = _value(record, name, described_as, value)
        elif value is True:
            values[name] = values.get(name, frozenset()) | {code}
        else:
            unknown[key] = value
    return record(id=RecordId(record_id), unknown=unknown, **values)


def _value(record: type[Record], name: str, described_as: AnyField, value: Json) -> Value:
    try:
        return from_json(described_as, value)
    except (ValueError, TypeError):
        # The fault below repeats the value, and a report of a crash must not.
        raise UnreadableRecord(
            f"The {record.noun} cannot be read at “{described_as.label}” ({name}).",
            "The record is kept as it is.",
            "Tell the office: the value has to be mended there.",
        ) from None


def field_of(kind: str, key: str) -> AnyField | None:
    """The description of the field that a body's key belongs to; None when it is not known."""
    record = BY_KIND.get(kind)
    return described(record).get(key.partition(MEMBER)[0]) if record else None


def difference(before: Body, after: Body) -> dict[str, Json]:
    """What has to be set to make `after` out of `before`; None takes a field away."""
    if not before:
        return dict(after)
    gone: dict[str, Json] = {key: None for key in before if key not in after}
    return gone | {k: v for k, v in after.items() if k not in before or not _same(before[k], v)}


def _same(one: Json, other: Json) -> bool:
    """True is not 1: a yes must never pass for a number."""
    return type(one) is type(other) and one == other


def patched(before: Body, edits: Mapping[str, Json]) -> dict[str, Json]:
    """`before` with the edits made: the inverse of `difference`."""
    after = {**before, **edits}
    return {key: value for key, value in after.items() if value is not None}
