"""What every record has: an id, its described fields, and the fields this version does not know."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, get_args, get_type_hints

from hah_desktop.domain.fields import AnyField, YesNo
from hah_desktop.domain.ids import FileId, RecordId

Json = str | int | bool | None
"""The value of one field as it stands in a body, a change or on the wire: always a scalar."""

Value = str | int | bool | dt.date | dt.time | dt.datetime | frozenset[str] | None
"""The value of one field as the program works with it."""


@dataclass(frozen=True)
class Section:
    """A heading on screen and paper, and the fields under it in order."""

    title: str
    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Record:
    """One record. Immutable: an edit is a new value, made with `dataclasses.replace`."""

    kind: ClassVar[str]
    noun: ClassVar[str]
    sections: ClassVar[tuple[Section, ...]] = ()
    by_permission: ClassVar[bool] = False
    """True where readers other than the office see it only with the child's permission."""

    id: RecordId
    removed: Annotated[bool | None, YesNo("Removed", shown=False)] = None
    unknown: Mapping[str, Json] = field(default_factory=dict)
    """Fields written by a newer version, kept and written back untouched."""

    def files(self) -> tuple[FileId, ...]:
        """The one or two files the record lies in: who may see it follows from them."""
        raise NotImplementedError

    def title(self) -> str:
        """A few words that tell this record from its neighbours in a list."""
        raise NotImplementedError


_DESCRIBED: dict[str, dict[str, AnyField]] = {}


def described(record: type[Record]) -> Mapping[str, AnyField]:
    """The described fields of a record type, by name, in the order in which they are written."""
    known = _DESCRIBED.get(record.kind)
    if known is None:
        hints = get_type_hints(record, include_extras=True)
        known = {
            name: part
            for name, hint in hints.items()
            for part in get_args(hint)[1:]
            if isinstance(part, AnyField)
        }
        _DESCRIBED[record.kind] = known
    return known
