"""Asking for many rows by their ids, in as few questions as a database allows."""

import json
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVarTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    Row,
    Select,
    Text,
    any_,
    bindparam,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute

from hah_central.rows import Adviser, Laptop

Columns = TypeVarTuple("Columns")

MOST = 10_000
"""Ids in one question: no question is to be larger than a push or a page can make it."""


class _Ids(ARRAY[str]):
    """An array as PostgreSQL spells it: the driver looks at each of its values for longer."""

    def bind_processor(self, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's signature
        """Spell it as one text."""
        return _spelled


def _spelled(ids: Collection[str]) -> str:
    inside = (id_.replace("\\", "\\\\").replace('"', '\\"') for id_ in ids)
    return "{" + ",".join(f'"{id_}"' for id_ in inside) + "}"


def rows_for(
    connection: Connection,
    statement: Select[*Columns],
    column: InstrumentedAttribute[str],
    ids: Collection[str],
) -> Iterator[Row[*Columns]]:
    """The rows of `statement` whose `column` is among `ids`."""
    on_postgres = connection.dialect.name == "postgresql"
    asked = _among(statement, column, on_postgres=on_postgres)
    left = iter(ids)
    while chunk := list(islice(left, MOST)):
        values = {"ids": chunk if on_postgres else json.dumps(chunk)}
        # All at once: handing them out one by one costs as much again as reading them.
        yield from connection.execute(asked, values).all()


# All ids are one value: a place of its own for each costs more than the looking up.
_ARRAY = any_(bindparam("ids", type_=_Ids(Text)))
_LIST = select(func.json_each(bindparam("ids", type_=Text)).table_valued("value").c.value)


# Most statements are built once; putting one together costs as much as asking it of a small table.
@lru_cache(maxsize=200)
def _among(
    statement: Select[*Columns], column: InstrumentedAttribute[str], *, on_postgres: bool
) -> Select[*Columns]:
    return statement.where(column == _ARRAY if on_postgres else column.in_(_LIST))


def listed(connection: Connection, ids: Collection[str]) -> Select[str]:
    """The ids as a question of their own, with one column called `value`."""
    if connection.dialect.name == "postgresql":
        return select(func.unnest(literal(list(ids), _Ids(Text))).column_valued("value"))
    return select(func.json_each(json.dumps(list(ids))).table_valued("value").c.value)


def with_names(
    asked: Select[*Columns],
    laptop: InstrumentedAttribute[str],
    adviser: InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
) -> Select[*Columns]:
    """The same question about rows that name a laptop and an adviser, with what both are called.

    The adviser may be one that nobody here knows, or none: see `name_of`.
    """
    return asked.join(Laptop, Laptop.id == laptop).outerjoin(Adviser, Adviser.id == adviser)


def name_of(author: InstrumentedAttribute[str]) -> ColumnElement[str]:
    """What the adviser is called; whom nobody here knows is called as the row has it."""
    return func.coalesce(Adviser.name, author)
