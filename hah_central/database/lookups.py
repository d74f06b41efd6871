"""Asking for many rows by their ids, in as few questions as a database allows."""

import json
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from itertools import chain, islice
from typing import Generic, TypeVar, TypeVarTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Text,
    any_,
    bindparam,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute

from hah_central.database.questions import POSTGRESQL, Question, array
from hah_central.database.rows import Adviser, Laptop

Column = TypeVar("Column")
Columns = TypeVarTuple("Columns")

MOST = 10_000
"""Ids in one question: no question is to be larger than a push or a page can make it."""

# All ids are one value: a place of its own for each costs more than the looking up.

_IDS = bindparam("ids", type_=Text)
_ARRAY = any_(cast(_IDS, ARRAY(Text)))
_LISTED = select(func.json_each(_IDS).table_valued("value").c.value)


class Lookup(Generic[*Columns]):
    """A question for the rows of a statement whose column is among some ids, asked often."""

    def __init__(self, statement: Select[*Columns], column: InstrumentedAttribute[str]) -> None:
        self._on_postgres = Question(statement.where(column == _ARRAY))
        self._on_sqlite = Question(statement.where(column.in_(_LISTED)))

    def rows(
        self, connection: Connection, ids: Collection[str], **values: object
    ) -> Iterator[tuple[*Columns]]:
        """Ask at once; whoever looks at the rows waits for them. Without ids there are none."""
        if connection.dialect.name == POSTGRESQL:
            return _asked(connection, self._on_postgres, array, ids, **values)
        return _asked(connection, self._on_sqlite, _as_json, ids, **values)


class Each(Generic[Column]):
    """One value for each of some ids, asked often: `of` makes the question for it from an id."""

    def __init__(self, of: Callable[[ColumnElement[str]], Select[Column]]) -> None:
        given = func.unnest(cast(_IDS, ARRAY(Text))).column_valued("value")
        self._on_postgres = Question(select(given, of(given).scalar_subquery()))
        listed = _LISTED.subquery().c.value
        self._on_sqlite = Question(select(listed, of(listed).scalar_subquery()))

    def rows(
        self, connection: Connection, ids: Collection[str], **values: object
    ) -> Iterator[tuple[str, Column | None]]:
        """Ask at once; whoever looks at the rows waits for them. One row for each id."""
        if connection.dialect.name == POSTGRESQL:
            return _asked(connection, self._on_postgres, array, ids, **values)
        return _asked(connection, self._on_sqlite, _as_json, ids, **values)


def rows_for(
    connection: Connection,
    statement: Select[*Columns],
    column: InstrumentedAttribute[str],
    ids: Collection[str],
) -> Iterator[Row[*Columns]]:
    """The rows of `statement` whose `column` is among `ids`."""
    on_postgres = connection.dialect.name == POSTGRESQL
    asked = _among(statement, column, on_postgres=on_postgres)
    for chunk in _chunks(ids):
        values = {"ids": array(chunk) if on_postgres else _as_json(chunk)}
        # All at once: handing them out one by one costs as much again as reading them.
        yield from connection.execute(asked, values).all()


# Most statements are built once; putting one together costs as much as asking it of a small table.
@lru_cache(maxsize=200)
def _among(
    statement: Select[*Columns], column: InstrumentedAttribute[str], *, on_postgres: bool
) -> Select[*Columns]:
    return statement.where(column == _ARRAY if on_postgres else column.in_(_LISTED))


def listed(connection: Connection, ids: Collection[str]) -> Select[str]:
    """The ids as a question of their own, with one column called `value`."""
    if connection.dialect.name == POSTGRESQL:
        given = cast(literal(array(ids), Text), ARRAY(Text))
        return select(func.unnest(given).column_valued("value"))
    return select(func.json_each(_as_json(ids)).table_valued("value").c.value)


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


def _asked(
    connection: Connection,
    question: Question[*Columns],
    spell: Callable[[Collection[str]], str],
    ids: Collection[str],
    **values: object,
) -> Iterator[tuple[*Columns]]:
    asked = [question.ask(connection, ids=spell(chunk), **values) for chunk in _chunks(ids)]
    return chain.from_iterable(asked)


def _chunks(ids: Collection[str]) -> Iterator[list[str]]:
    left = iter(ids)
    while chunk := list(islice(left, MOST)):
        yield chunk


def _as_json(ids: Collection[str]) -> str:
    return json.dumps(list(ids))
