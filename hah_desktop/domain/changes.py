"""A change: one saved edit of one record, as it is kept in the journal and sent on the wire."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.ids import ChangeId, FileId, LaptopId, RecordId
from hah_desktop.domain.spelling import (
    SpelledChange,
    SpelledEdit,
    read,
    read_change,
    spell,
    spell_plain,
)

FIRST_PREVIOUS = ""
"""What the first change of a laptop names as the hash of the one before it."""

MAX_TEXT = 1_000_000
"""The longest text of one field, in characters: a very long day's notes many times over."""

MAX_BYTES = 7 * 1024 * 1024
"""The longest spelling of one change: what the office takes at once, and room around it."""

_MAX_NAME = 200
_MAX_FILES = 2
MOST_OFF = 10**12
"""Seconds: more than any two dates that can be written are apart."""
_HASH_LENGTH = 64


Spelled = str
"""One change in its one spelling, as it is kept and sent: see `canonical`."""


class MalformedChange(KnownError):
    """A change that is not of the form that both sides agreed on."""


Edit = SpelledEdit
"""One field of a change. What was read of a spelling is taken as it is."""


@dataclass(frozen=True, slots=True)
class Change:
    """One saved edit. `number` counts from 1 per laptop; `previous` chains a laptop's changes.

    `made_at` is the laptop's wall clock with its zone: evidence, never an order. `clock_trusted`
    is False when the laptop knows its clock to be wrong, and `clock_off` how many seconds fast it
    was when it last met the office; 0 where that is not known.
    """

    id: ChangeId
    laptop: LaptopId
    number: int
    previous: str
    record: RecordId
    kind: str
    files: tuple[FileId, ...]
    author: str
    made_at: str
    edits: Mapping[str, Edit]
    clock_trusted: bool = True
    clock_off: int = 0


def to_plain(change: Change) -> dict[str, Any]:
    """The change as a JSON object."""
    edits = {
        name: {"value": edit.value, "replaces": sorted(edit.replaces)}
        if edit.replaces
        else {"value": edit.value}
        for name, edit in change.edits.items()
    }
    # Only where there is something to say: laptops and offices of before spell it without.
    off = {"clock_off": change.clock_off} if change.clock_off else {}
    return {
        "id": change.id,
        "laptop": change.laptop,
        "number": change.number,
        "previous": change.previous,
        "record": change.record,
        "kind": change.kind,
        "files": list(change.files),
        "author": change.author,
        "made_at": change.made_at,
        "clock_trusted": change.clock_trusted,
        **off,
        "fields": edits,
    }


def canonical(change: Change) -> bytes:
    """The one spelling of a change: what is hashed, signed for, stored and sent."""
    return spell_plain(to_plain(change))


def content_hash(change: Change) -> str:
    """SHA-256 of the canonical spelling, in hex: what a receipt names and the chain links."""
    return hashlib.sha256(canonical(change)).hexdigest()


_IN_CHAIN = ("number", "previous")


def without_place(spelled: Spelled) -> str:
    """A change without its place in its laptop's chain, spelled so that it can be compared."""
    plain = read(spelled)
    return spell({name: plain[name] for name in plain if name not in _IN_CHAIN})


def words_hash(spelled: Spelled) -> str:
    """SHA-256 of that: who names it has the words, wherever their author's laptop chained them."""
    return hashlib.sha256(without_place(spelled).encode("utf-8", "surrogatepass")).hexdigest()


def from_spelled(spelled: Spelled) -> Change:
    """The change that was spelled. Raises MalformedChange, or ValueError for what is no JSON."""
    return from_plain(read(spelled))


def from_canonical(spelled: Spelled) -> Change | None:
    """The change, if this is its one spelling and nothing else: so is nearly every one.

    Whatever else it is, None says nothing about it: `from_plain` reads it, or says what is wrong.
    """
    read = read_change(spelled)
    return of_spelled(read) if read is not None and is_chained(read) else None


def is_chained(read: SpelledChange) -> bool:
    """Whether what was read names the change before it, or is the first."""
    return not read.previous or len(read.previous) == _HASH_LENGTH


def of_spelled(read: SpelledChange) -> Change:
    """The change that was read of its one spelling."""
    return Change(
        ChangeId(read.id),
        LaptopId(read.laptop),
        read.number,
        read.previous,
        RecordId(read.record),
        read.kind,
        read.files,  # type: ignore[arg-type]  # names of files, as the others are ids
        read.author,
        read.made_at,
        MappingProxyType(read.fields),
        read.clock_trusted,
        read.clock_off or 0,
    )


def from_plain(plain: object) -> Change:
    """The change that a JSON object describes. Raises MalformedChange, naming what is wrong."""
    if not isinstance(plain, dict):
        raise _malformed("it is not an object")
    files = plain.get("files")
    if not isinstance(files, list) or not 1 <= len(files) <= _MAX_FILES:
        raise _malformed("it does not lie in one or two files")
    number = plain.get("number")
    if type(number) is not int or number < 1:
        raise _malformed("its number does not count from 1")
    previous = plain.get("previous")
    if previous != FIRST_PREVIOUS and len(_name(plain, "previous")) != _HASH_LENGTH:
        raise _malformed("it does not name the change before it")
    trusted = plain.get("clock_trusted", True)
    if type(trusted) is not bool:
        raise _malformed("its clock mark is neither yes nor no")
    off = plain.get("clock_off", 0)
    if type(off) is not int or abs(off) > MOST_OFF:
        raise _malformed("how far its clock was off is no number of seconds")
    return Change(
        id=ChangeId(_name(plain, "id")),
        laptop=LaptopId(_name(plain, "laptop")),
        number=number,
        previous=str(previous),
        record=RecordId(_name(plain, "record")),
        kind=_name(plain, "kind"),
        files=tuple(FileId(_short(name, "files")) for name in files),
        author=_name(plain, "author"),
        made_at=_name(plain, "made_at"),
        edits=_edits(plain.get("fields")),
        clock_trusted=trusted,
        clock_off=off,
    )


def _edits(plain: object) -> Mapping[str, Edit]:
    if not isinstance(plain, dict) or not plain:
        raise _malformed("it changes no field")
    return MappingProxyType({_short(k, "a field"): _edit(k, v) for k, v in plain.items()})


def _edit(name: str, plain: object) -> Edit:
    if not isinstance(plain, dict) or "value" not in plain:
        raise _malformed(f"the field {name[:40]} has no value")
    value = plain["value"]
    if value is not None and type(value) not in (str, int, bool):
        raise _malformed(f"the field {name[:40]} holds something other than a single value")
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise _malformed(f"the field {name[:40]} is longer than {MAX_TEXT:,} characters")
    if isinstance(value, str) and not _spellable(value):
        raise _malformed(f"the field {name[:40]} holds half a character")
    replaces = plain.get("replaces")
    if replaces is None and "replaces" not in plain:
        return Edit(value)
    if not isinstance(replaces, list):
        raise _malformed(f"the field {name[:40]} does not say what it replaces")
    return Edit(value, tuple(ChangeId(_short(r, "replaces")) for r in replaces))


def _name(plain: dict[str, Any], key: str) -> str:
    return _short(plain.get(key), key)


def _short(value: object, key: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_NAME:
        raise _malformed(f"“{key}” is missing or too long")
    if not _spellable(value):
        raise _malformed(f"“{key}” holds half a character")
    return value


def _spellable(text: str) -> bool:
    # JSON can name half of a surrogate pair; UTF-8, and so the hash, cannot spell it.
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _malformed(why: str) -> MalformedChange:
    return MalformedChange(f"This change cannot be read: {why}.")
