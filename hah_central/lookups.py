"""Asking for many rows by their ids, in as few questions as a database allows."""

import json
from collections.abc import Callable, Collection, Iterator
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

from hah_central.questions import POSTGRESQL, Question, array

Column = TypeVar("Column")
Columns = TypeVarTuple("Columns")

MOST = 10_000
"""Ids in one question: no question is to be larger than a push or a page can make it."""

# All ids are one value: a place of its own for each costs more than the looking up.

_IDS = bindparam("ids", type_=Text)
_LISTED = select(func.json_each(_IDS).table_valued("value").c.value)


class Lookup(Generic[*Columns]):
    """A question for the rows of a statement whose column is among some ids, asked often."""

    def __init__(self, statement: Select[*Columns], column: InstrumentedAttribute[str]) -> None:
        self._on_postgres = Question(statement.where(column == any_(cast(_IDS, ARRAY(Text)))))
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
        self, connection: Connection, ids: Collection[str]
    ) -> Iterator[tuple[str, Column | None]]:
        """Ask at once; whoever looks at the rows waits for them. One row for each id."""
        if connection.dialect.name == POSTGRESQL:
            return _asked(connection, self._on_postgres, array, ids)
        return _asked(connection, self._on_sqlite, _as_json, ids)


def rows_for(
    connection: Connection,
    statement: Select[*Columns],
    column: InstrumentedAttribute[str],
    ids: Collection[str],
) -> Iterator[Row[*Columns]]:
    """The rows of `statement` whose `column` is among `ids`, for what is asked seldom."""
    for chunk in _chunks(ids):
        # All at once: handing them out one by one costs as much again as reading them.
        yield from connection.execute(statement.where(_among(connection, column, chunk))).all()


def listed(connection: Connection, ids: Collection[str]) -> Select[str]:
    """The ids as a question of their own, with one column called `value`."""
    if connection.dialect.name == POSTGRESQL:
        given = cast(literal(array(ids), Text), ARRAY(Text))
        return select(func.unnest(given).column_valued("value"))
    return select(func.json_each(_as_json(ids)).table_valued("value").c.value)


def _among(
    connection: Connection, column: InstrumentedAttribute[str], ids: Collection[str]
) -> ColumnElement[bool]:
    if connection.dialect.name == POSTGRESQL:
        return column == any_(cast(literal(array(ids), Text), ARRAY(Text)))
    return column.in_(listed(connection, ids))


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
