"""A pushed batch taken apart, item by item. Pure: it decides about form only, never about rights.

An item that cannot be read is still an item: it is kept, with the reason, in its place.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, overload

from hah_central.problems import cut, too_large, unreadable
from hah_desktop.domain import spelling, unread
from hah_desktop.domain.aside import NOTHING, Reason, Why, malformed
from hah_desktop.domain.changes import (
    Change,
    MalformedChange,
    from_canonical,
    from_plain,
    is_chained,
    of_spelled,
)
from hah_desktop.domain.ids import ChangeId
from hah_desktop.domain.spelling import NotPlain, SpelledChange, read_changes
from hah_desktop.sync.wire.form import MAX_CHANGES, NotOurs, split_lines

_MAX_NAME = 200
_MAX_NUMBER = 2**62
_NUL = "\x00"
_SPELLED_NUL = "\\u0000"
_REPLACES = '"replaces":['
"""In the one spelling of a change, if it replaces anything: in a text the marks would be spelled
otherwise, and no list is the value of a field."""


class Item(NamedTuple):
    """One pushed change: as it was spelled, its hash, and what could be read of it.

    `number` and `previous` are None where they cannot be read. `problem` says why `change` is
    None.
    """

    id: ChangeId
    number: int | None
    previous: str | None
    text: str
    hash: str
    change: Change | None
    problem: Why = NOTHING


class Plain(Sequence[Item]):
    """A batch in which all is spelled as we spell. Its items are made when somebody looks at one.

    `changes` are what was read, `texts` how they were spelled, `hashes` their hashes; `replacing`
    are those that replace something.
    """

    def __init__(self, changes: list[SpelledChange], texts: list[str]) -> None:
        self.changes = changes
        self.texts = texts
        self.hashes = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        self.replacing = [c for c, t in zip(changes, texts, strict=True) if _REPLACES in t]
        self._items: list[Item] | None = None

    def __len__(self) -> int:
        """How many changes there are."""
        return len(self.changes)

    @overload
    def __getitem__(self, at: int) -> Item: ...

    @overload
    def __getitem__(self, at: slice) -> list[Item]: ...

    def __getitem__(self, at: int | slice) -> Item | list[Item]:
        """The item there, as the general rule reads it."""
        if self._items is None:
            self._items = list(map(self._item, self.changes, self.texts, self.hashes))
        return self._items[at]

    @staticmethod
    def _item(read: SpelledChange, text: str, digest: str) -> Item:
        return _agreed(of_spelled(read), text, digest) or _read_unusual(text)


def read(body: bytes) -> Sequence[Item]:
    """The items of a batch. Raises Problem when the batch as a whole cannot be read."""
    try:
        _, unread = split_lines(body)
    except NotOurs as fault:
        raise cut() from fault
    if len(unread) > MAX_CHANGES:
        raise too_large()
    try:
        if unread and (changes := _plain(body)):
            return Plain(changes, unread)
        return list(map(_read, unread))
    except RecursionError as fault:
        raise unreadable("it is nested too deeply") from fault


def _plain(body: bytes) -> list[SpelledChange] | None:
    """All changes, where nothing is the matter with how any of them is spelled."""
    # Looking for one letter is quicker by far than for several.
    if b"\\" in body and _SPELLED_NUL.encode() in body:
        return None
    changes = read_changes(body[body.index(b"\n") + 1 : body.rindex(b"\n") + 1])
    return changes if changes and all(map(is_chained, changes)) else None


def _read(line: str) -> Item:
    change = from_canonical(line)
    if change is None:
        return _read_unusual(line)
    digest = hashlib.sha256(line.encode()).hexdigest()
    return _agreed(change, line, digest) or _read_unusual(line)


def _agreed(change: Change, text: str, digest: str) -> Item | None:
    if _not_agreed(change, text):
        return None
    return Item(change.id, change.number, change.previous, text, digest, change)


def _read_unusual(line: str) -> Item:
    """An item that is not spelled as we spell, or not of our form: the general rule."""
    try:
        plain = spelling.read_plain(line)
        text = spelling.spell_plain(plain)
    except NotPlain:
        return item(_object(_unusual(line)))
    found = _object(plain)
    if unread.is_opaque(found):
        return _as_bytes(found)
    return _spelled_as(found, text.decode(), hashlib.sha256(text).hexdigest())


def _unusual(line: str) -> object:
    try:
        found: object = spelling.read(line)
    except ValueError as fault:
        raise cut() from fault
    return found


def _object(plain: object) -> dict[str, Any]:
    if not isinstance(plain, dict):
        raise cut()
    return plain


def item(plain: dict[str, Any]) -> Item:
    """One item. What it holds beyond the agreed form is kept: its hash covers it too."""
    if unread.is_opaque(plain):
        return _as_bytes(plain)
    text, storable = _spelled(plain)
    digest = hashlib.sha256(text.encode()).hexdigest()
    if storable:
        return _spelled_as(plain, text, digest)
    return _faulty(plain, text, digest, Reason.UNREADABLE.because("it holds broken letters"))


def _as_bytes(plain: dict[str, Any]) -> Item:
    """A change that came as its bytes: read after all, or kept as it came, in its place.

    Its hash is that of the bytes, so that the laptop's chain goes on from it.
    """
    text = _spelled(plain)[0]
    content = unread.content(plain)
    if content is None:
        damaged = Reason.UNREADABLE.because("its bytes were damaged")
        return _faulty(plain, text, hashlib.sha256(text.encode()).hexdigest(), damaged)
    digest = hashlib.sha256(content).hexdigest()
    with suppress(ValueError, RecursionError):
        inner = spelling.read(content)
        if isinstance(inner, dict) and not unread.is_opaque(inner):
            found = item(inner)
            if found.hash == digest:
                return found
    return _faulty(
        plain, text, digest, Reason.UNREADABLE.because("its bytes are kept as they came")
    )


def _spelled_as(plain: dict[str, Any], text: str, digest: str) -> Item:
    try:
        change = from_plain(plain)
    except MalformedChange as fault:
        return _faulty(plain, text, digest, malformed(fault))
    if problem := _not_agreed(change, text):
        return _faulty(plain, text, digest, problem)
    return Item(change.id, change.number, change.previous, text, digest, change)


def _spelled(plain: dict[str, Any]) -> tuple[str, bool]:
    """The canonical spelling, as `changes.canonical` has it, and whether UTF-8 can write it."""
    text = spelling.spell(plain)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(plain, sort_keys=True, separators=(",", ":")), False
    return text, True


def _not_agreed(change: Change, text: str) -> Why:
    # No database column takes a NUL; written out in JSON it does no harm.
    if _SPELLED_NUL in text and any(_NUL in name for name in _names(change)):
        return Reason.UNREADABLE.because("one of its names holds a NUL character")
    for edit in change.edits.values():
        if change.id in edit.replaces:
            return Reason.REPLACES_ITSELF.why
    if change.number > _MAX_NUMBER:
        return Reason.UNREADABLE.because("its number is too large")
    return NOTHING


def _names(change: Change) -> Iterator[str]:
    yield from (change.id, change.laptop, change.previous, change.record, change.kind)
    yield from (change.author, change.made_at, *change.files)
    for edit in change.edits.values():
        yield from edit.replaces


def _faulty(plain: dict[str, Any], text: str, digest: str, problem: Why) -> Item:
    number, previous = plain.get("number"), plain.get("previous")
    return Item(
        id=ChangeId(_name(plain.get("id")) or f"unreadable-{digest}"),
        number=number if type(number) is int and 0 < number <= _MAX_NUMBER else None,
        previous=_name(previous) if previous != "" else "",
        text=text,
        hash=digest,
        change=None,
        problem=problem,
    )


def _name(value: object) -> str | None:
    """A short text that any column takes; None for everything else."""
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_NAME or _NUL in value:
        return None
    return value if value.isascii() else None
