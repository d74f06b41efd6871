"""Asking for many rows by their ids, in as few questions as a database allows."""

from collections.abc import Collection, Iterator
from itertools import islice
from typing import TypeVarTuple

from sqlalchemy import Connection, Row, Select
from sqlalchemy.orm import InstrumentedAttribute

Columns = TypeVarTuple("Columns")

MOST = 10_000
"""Ids in one question: well below the parameters that SQLite and PostgreSQL take."""


def rows_for(
    connection: Connection,
    statement: Select[*Columns],
    column: InstrumentedAttribute[str],
    ids: Collection[str],
) -> Iterator[Row[*Columns]]:
    """The rows of `statement` whose `column` is among `ids`."""
    left = iter(ids)
    while chunk := list(islice(left, MOST)):
        yield from connection.execute(statement.where(column.in_(chunk)))
