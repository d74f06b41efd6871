"""Many records asked about at once: their ids in one value, and how such values are spelled."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, String, bindparam, func, select

from hah_desktop.domain.spelling import spell_plain

CHUNK = 400
"""How many ids go into one IN (…): well below SQLite's limit."""

T = TypeVar("T")

LISTED = select(func.json_each(bindparam("ids", type_=String)).table_valued("value").c.value)
"""All ids of a question that are given as one value, spelled."""


def in_chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The items in lists of at most `size`."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def among(column: ColumnElement[Any], ids: Iterable[str]) -> ColumnElement[bool]:
    """Whether the column holds one of the ids. A place of its own for each costs ten times this."""
    listed = func.json_each(spelled(list(ids))).table_valued("value")
    return column.in_(select(listed.c.value))


def spelled(value: Mapping[str, Any] | Sequence[Any]) -> str:
    """The one spelling of a body or of heads, so that equal ones are equal byte for byte."""
    return spell_plain(value).decode()
