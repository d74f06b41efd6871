"""Writing many rows at once: a push brings thousands, and they must not be written one by one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import JSON, Connection, Dialect, String, Table, insert
from sqlalchemy.types import TypeEngine

from hah_central.database import spell
from hah_central.questions import POSTGRESQL, array, as_ours, is_together
from hah_central.rows import Base

FEW = 40
"""Rows that are sent with the words around them: a COPY has to be begun, and waited for, twice."""


def insert_many(
    connection: Connection, into: type[Base], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows that all name the same columns; nothing if there are none."""
    if not rows:
        return
    table = Base.metadata.tables[into.__tablename__]
    names = list(rows[0])
    if connection.dialect.name != POSTGRESQL:
        connection.execute(insert(table), rows)
        return
    columns = [
        _column(connection, table.c[name].type, [row[name] for row in rows]) for name in names
    ]
    with as_ours(connection):
        if len(rows) <= FEW or is_together(connection):
            cursor: Any = connection.connection.cursor()
            key = (table.name, *names)
            if key not in _words:
                _words[key] = _unnesting(connection.dialect, table, names)
            cursor.execute(_words[key], list(map(array, columns)))
        else:
            # COPY costs a third of what an INSERT of as many rows does.
            _copy(connection, table, names, zip(*columns, strict=True))


def _column(connection: Connection, type_: TypeEngine[Any], values: list[Any]) -> list[Any]:
    if isinstance(type_, JSON):
        # COPY takes it as it is written; wrapping each value would only tell its type.
        return list(map(spell, values))
    make = type_.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    return values if make is None else list(map(make, values))


_words: dict[tuple[str, ...], str] = {}


def _unnesting(dialect: Dialect, table: Table, names: Sequence[str]) -> str:
    """One statement with an array for each column: its words are the same for any number."""
    quote = dialect.identifier_preparer.quote
    listed = ", ".join(map(quote, names))
    types = [table.c[name].type for name in names]
    # What is no element of an array, such as JSON, goes as text. Text is cast to no length: one
    # that is too long has to be refused, not cut.
    arrays = ", ".join(
        "%s::text[]" if isinstance(type_, JSON | String) else f"%s::{type_.compile(dialect)}[]"
        for type_ in types
    )
    turned = ", ".join(
        f"{quote(name)}::json" if isinstance(type_, JSON) else quote(name)
        for name, type_ in zip(names, types, strict=True)
    )
    return (
        f"INSERT INTO {quote(table.name)} ({listed}) "  # noqa: S608 - names of our own tables
        f"SELECT {turned} FROM unnest({arrays}) AS given ({listed})"
    )


def _copy(
    connection: Connection, table: Table, names: Sequence[str], tuples: Iterable[tuple[Any, ...]]
) -> None:
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(map(quote, names))
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f"COPY {quote(table.name)} ({columns}) FROM STDIN") as copy:
        for values in tuples:
            copy.write_row(values)
    cursor.close()
