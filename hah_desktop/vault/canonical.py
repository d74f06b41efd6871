"""Plain values as bytes, in the one form that is sealed and signed; and careful reading back."""

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Plain: TypeAlias = str | int | Sequence["Plain"] | Mapping[str, "Plain"]


def encode(value: Mapping[str, Plain]) -> bytes:
    """Give the one way to write `value`: ASCII, sorted names, no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")


def decode(data: bytes) -> dict[str, object]:
    """Read what `encode` wrote; raises ValueError for anything else, however it is nested."""
    try:
        value: object = json.loads(data)
    except RecursionError:
        raise ValueError("nested too deep") from None
    return as_object(value)


def as_object(value: object) -> dict[str, object]:
    """Take `value` as a JSON object; raises ValueError."""
    if not isinstance(value, dict):
        raise ValueError("an object was expected")  # noqa: TRY004 - what is read is a bad value
    return value


def objects(of: dict[str, object], name: str) -> list[dict[str, object]]:
    """Take the field as a list of objects; raises ValueError."""
    value = of.get(name)
    if not isinstance(value, list):
        raise ValueError(f"{name}: a list was expected")  # noqa: TRY004 - as above
    return [as_object(member) for member in value]


def text(of: dict[str, object], name: str) -> str:
    """Take the field as a string; raises ValueError."""
    value = of.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name}: a text was expected")  # noqa: TRY004 - as above
    return value


def number(of: dict[str, object], name: str) -> int:
    """Take the field as a whole number, not negative; raises ValueError."""
    value = of.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{name}: a whole number was expected")
    return value


def octets(of: dict[str, object], name: str, length: int) -> bytes:
    """Take the field as exactly `length` bytes written in hex; raises ValueError."""
    value = bytes.fromhex(text(of, name))
    if len(value) != length:
        raise ValueError(f"{name}: {length} bytes were expected")
    return value
