"""Writing many rows at once: a push brings thousands, and they must not be written one by one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import JSON, Connection, Dialect, String, Table, bindparam, insert, update
from sqlalchemy.types import TypeEngine

from hah_central.database import spell
from hah_central.questions import POSTGRESQL, Turn, array, as_ours, is_together
from hah_central.rows import Base

FEW = 40
"""Rows that are sent with the words around them: a COPY has to be begun, and waited for, twice."""

Rows = Sequence[Mapping[str, Any]]


def insert_many(connection: Connection, into: type[Base], rows: Rows) -> None:
    """Insert rows that all name the same columns; nothing if there are none."""
    if not rows:
        return
    table = Base.metadata.tables[into.__tablename__]
    if connection.dialect.name != POSTGRESQL:
        connection.execute(insert(table), rows)
    elif len(rows) <= FEW or is_together(connection):
        _send(connection, "insert", _inserting, table, rows)
    else:
        # COPY costs a third of what an INSERT of as many rows does.
        _copy(connection, table, rows)


def update_many(connection: Connection, of: type[Base], rows: Rows) -> None:
    """Write over the rows with the same value in the first column; all name the same columns."""
    if not rows:
        return
    table = Base.metadata.tables[of.__tablename__]
    if connection.dialect.name == POSTGRESQL:
        _send(connection, "update", _updating, table, rows)
        return
    key, *names = rows[0]
    put = update(table).where(table.c[key] == bindparam(f"new_{key}"))
    put = put.values({name: bindparam(f"new_{name}") for name in names})
    connection.execute(put, [{f"new_{name}": row[name] for name in row} for row in rows])


def _turns(connection: Connection, table: Table, names: Sequence[str]) -> list[Turn | None]:
    return [_turn(connection, table.c[name].type) for name in names]


def _turn(connection: Connection, type_: TypeEngine[Any]) -> Turn | None:
    if isinstance(type_, JSON):
        # It is taken as it is written; wrapping each value would only tell its type.
        return spell
    return type_.dialect_impl(connection.dialect).bind_processor(connection.dialect)


_words: dict[tuple[str, ...], str] = {}


def _send(
    connection: Connection,
    doing: str,
    words: Callable[[Dialect, Table, Sequence[str]], str],
    table: Table,
    rows: Rows,
) -> None:
    """One statement with an array for each column: its words are the same for any number."""
    names = list(rows[0])
    key = (doing, table.name, *names)
    if key not in _words:
        _words[key] = words(connection.dialect, table, names)
    columns = [
        array([row[name] for row in rows] if turn is None else [turn(row[name]) for row in rows])
        for name, turn in zip(names, _turns(connection, table, names), strict=True)
    ]
    with as_ours(connection):
        cursor: Any = connection.connection.cursor()
        cursor.execute(_words[key], columns)


def _inserting(dialect: Dialect, table: Table, names: Sequence[str]) -> str:
    quote = dialect.identifier_preparer.quote
    listed = ", ".join(map(quote, names))
    values = ", ".join(_given(dialect, table, name) for name in names)
    return (
        f"INSERT INTO {quote(table.name)} ({listed}) "  # noqa: S608 - names of our own tables
        f"SELECT {values} FROM {_arrays(dialect, table, names)}"
    )


def _updating(dialect: Dialect, table: Table, names: Sequence[str]) -> str:
    quote = dialect.identifier_preparer.quote
    key, *others = names
    values = ", ".join(f"{quote(name)} = {_given(dialect, table, name)}" for name in others)
    return (
        f"UPDATE {quote(table.name)} SET {values} "  # noqa: S608 - names of our own tables
        f"FROM {_arrays(dialect, table, names)} "
        f"WHERE {quote(table.name)}.{quote(key)} = given.{quote(key)}"
    )


def _arrays(dialect: Dialect, table: Table, names: Sequence[str]) -> str:
    # What is no element of an array, such as JSON, goes as text. Text is cast to no length: one
    # that is too long has to be refused, not cut.
    arrays = ", ".join(
        "%s::text[]" if isinstance(type_, JSON | String) else f"%s::{type_.compile(dialect)}[]"
        for type_ in (table.c[name].type for name in names)
    )
    listed = ", ".join(map(dialect.identifier_preparer.quote, names))
    return f"unnest({arrays}) AS given ({listed})"


def _given(dialect: Dialect, table: Table, name: str) -> str:
    quoted = f"given.{dialect.identifier_preparer.quote(name)}"
    return f"{quoted}::json" if isinstance(table.c[name].type, JSON) else quoted


def _copy(connection: Connection, table: Table, rows: Rows) -> None:
    """Row by row: PostgreSQL writes some while the next are turned into what it reads."""
    quote = connection.dialect.identifier_preparer.quote
    names = list(rows[0])
    columns = ", ".join(map(quote, names))
    turned = [(at, turn) for at, turn in enumerate(_turns(connection, table, names)) if turn]
    cursor: Any = connection.connection.cursor()
    with (
        as_ours(connection),
        cursor.copy(f"COPY {quote(table.name)} ({columns}) FROM STDIN") as copy,
    ):
        for row in rows:
            values = list(row.values())
            for at, turn in turned:
                values[at] = turn(values[at])
            copy.write_row(values)
    cursor.close()
