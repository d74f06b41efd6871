"""JSON as both sides spell it: names in order, no spaces, letters as they are. Pure.

msgspec reads and spells in a fifth of the time, and the very same letters. Where it would not (a
number with a point, half of a character, a word that is no JSON) Python's own json decides, as it
did in every version before: what is hashed may never depend on who spelled it.
"""

import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

import msgspec

from hah_desktop.domain.ids import ChangeId

_STANDARD = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_IN_ORDER = msgspec.json.Encoder(order="sorted")
_AS_IT_COMES = msgspec.json.Encoder()


T = TypeVar("T")

Struct = msgspec.Struct
"""What is read and spelled as it stands: for what comes by the thousand."""


def within(most: int) -> msgspec.Meta:
    """Of a number in a Struct: no further from nothing than this, either way."""
    return msgspec.Meta(ge=-most, le=most)


Form = Callable[[bytes | str | memoryview], T]
"""Reads what is of one form. Raises ValueError where it is not."""


class NotPlain(ValueError):
    """Something that only Python's own json reads or spells as it always did."""


def _with_a_point(number: str) -> float:
    raise NotPlain(number)


_READER = msgspec.json.Decoder(float_hook=_with_a_point)


def read_plain(text: str | bytes) -> Any:
    """What the text says. Raises NotPlain where it is anything unusual, or no JSON at all."""
    try:
        return _READER.decode(text)
    except (msgspec.MsgspecError, UnicodeError) as fault:
        raise NotPlain from fault


def read(text: str | bytes) -> Any:
    """What the text says. Raises ValueError where it is no JSON."""
    try:
        return read_plain(text)
    except NotPlain:
        return json.loads(text)


def form_of(kind: type[T]) -> Form[T]:
    """Reads what one kind of Struct was spelled as; what it does not know is passed over."""
    return msgspec.json.Decoder(kind).decode


def lines_of(kind: type[T]) -> Form[list[T]]:
    """The same of many, one to a line."""
    return msgspec.json.Decoder(kind).decode_lines


Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Words = Annotated[str, msgspec.Meta(max_length=1_000_000)]
Number = Annotated[int, msgspec.Meta(ge=1, le=2**62)]
Seconds = Annotated[int, msgspec.Meta(ge=-(10**12), le=10**12)]
Files = Annotated[tuple[Name, ...], msgspec.Meta(min_length=1, max_length=2)]


class SpelledEdit(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The new value of one field, and the ids of the changes that the author saw and replaces."""

    value: Words | int | bool | None
    replaces: tuple[Annotated[ChangeId, msgspec.Meta(min_length=1, max_length=200)], ...] = ()


class SpelledChange(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A change, as `domain.changes.canonical` spells it: what is of another form is no such."""

    author: Name
    clock_trusted: bool
    fields: Annotated[dict[Name, SpelledEdit], msgspec.Meta(min_length=1)]
    files: Files
    id: Name
    kind: Name
    laptop: Name
    made_at: Name
    number: Number
    previous: str
    record: Name
    clock_off: Seconds | msgspec.UnsetType = msgspec.UNSET

    @property
    def edits(self) -> dict[str, SpelledEdit]:
        """The fields, as `domain.changes.Change` calls them."""
        return self.fields


_CHANGES = msgspec.json.Decoder(SpelledChange)


def read_change(text: str) -> SpelledChange | None:
    """What the text says, if it is the one spelling of a change, letter for letter; else None."""
    try:
        found = _CHANGES.decode(text)
        same = _IN_ORDER.encode(found) == text.encode()
    except (msgspec.MsgspecError, UnicodeError, OverflowError):
        return None
    return found if same else None


def read_changes(text: bytes) -> list[SpelledChange] | None:
    """The same of many, each with the end of its line: None where one of them is no such."""
    try:
        found = _CHANGES.decode_lines(text)
        same = _IN_ORDER.encode_lines(found) == text
    except (msgspec.MsgspecError, UnicodeError, OverflowError):
        return None
    return found if same else None


def spell_plain(value: Any) -> bytes:
    """The one spelling of what `read_plain` read, or of anything else without such a number."""
    return _IN_ORDER.encode(value)


def spell_each(values: Sequence[Any]) -> list[str]:
    """The one spelling of each, all in one go: the end of a line is never within one."""
    return _IN_ORDER.encode_lines(values).decode().split("\n")[:-1]


def spell_as_it_comes(value: Any) -> bytes:
    """On one line, the names in the order that they have: for what nobody hashes."""
    return _AS_IT_COMES.encode(value)


def spell(value: Any) -> str:
    """The one spelling of anything. It may hold half a character, which UTF-8 cannot write."""
    return _STANDARD.encode(value)
