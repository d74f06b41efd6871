"""The kinds of field: each field of a record is described once, in its annotation.

Form, list column, check, JSON, journal, merge, PDF block, search and the reference page all
follow from this description. A kind added here and to `AnyField` makes mypy name each place
that must handle it.
"""

import enum
from dataclasses import dataclass, field


class Merge(enum.Enum):
    """What is shown when two people changed one field without seeing each other. Closed."""

    ASK = "ask"
    """Show both; a person decides."""
    KEEP_BOTH = "keep both"
    """Narrative: both texts stand until a person joins them."""
    LAST_RECEIVED = "last received"
    """Small facts: the one the office received last is shown, the other stays in the history."""
    EACH = "each"
    """Sets: every member is its own yes or no."""
    FIRST = "first"
    """First-contact snapshot: the first one received stands."""
    OFFICE = "office"
    """Only the office's changes count."""


class Reader(enum.Enum):
    """Whom an edition of a document is made for."""

    CHILD = "child"
    PLACE = "place"
    LOCAL_AUTHORITY = "local_authority"
    OFFICE = "office"


class Stage(enum.Enum):
    """By when a field is asked for. Until then an empty field is a state, not an error."""

    PLAN = "plan"
    ARRIVAL = "arrival"
    SIGN_OFF = "sign_off"


OFFICE_ONLY = frozenset({Reader.OFFICE})
PLACE_TOO = frozenset({Reader.OFFICE, Reader.PLACE})


@dataclass(frozen=True)
class Field:
    """What every kind of field has.

    `label` is the question as the person reads it, `help` one sentence under it, `asked` the
    stage by which it must be filled, `readers` the editions it may appear in, `column` whether
    lists show it.
    """

    label: str
    help: str = field(default="", kw_only=True)
    asked: Stage | None = field(default=None, kw_only=True)
    merge: Merge = field(default=Merge.ASK, kw_only=True)
    readers: frozenset[Reader] = field(default=OFFICE_ONLY, kw_only=True)
    column: bool = field(default=False, kw_only=True)
    shown: bool = field(default=True, kw_only=True)
    """False for what the program itself keeps, such as links: no form asks for it."""
    printed: bool = field(default=True, kw_only=True)
    """False for what no paper says, such as the name of a file on this laptop."""


@dataclass(frozen=True)
class Text(Field):
    """Words: one line, or an area of `lines` lines. `verbatim` words are never edited."""

    lines: int = field(default=1, kw_only=True)
    verbatim: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class Date(Field):
    """A day in the calendar."""


@dataclass(frozen=True)
class Time(Field):
    """A time of day on the 24-hour clock, as read off the wall of the place."""


@dataclass(frozen=True)
class Moment(Field):
    """A point in time with its zone, kept in UTC."""


@dataclass(frozen=True)
class Number(Field):
    """A whole number, not negative."""


@dataclass(frozen=True)
class YesNo(Field):
    """Yes, no, or not recorded."""


@dataclass(frozen=True)
class Choice(Field):
    """One code of the list `codes`."""

    codes: str = field(kw_only=True)


@dataclass(frozen=True)
class Choices(Field):
    """Any number of codes of the list `codes`; each member is its own yes or no."""

    codes: str = field(kw_only=True)
    merge: Merge = field(default=Merge.EACH, kw_only=True)


@dataclass(frozen=True)
class Link(Field):
    """The id of another record. `to` is its kind; empty for any kind."""

    to: str = field(default="", kw_only=True)
    shown: bool = field(default=False, kw_only=True)


AnyField = Text | Date | Time | Moment | Number | YesNo | Choice | Choices | Link
