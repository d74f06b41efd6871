"""Writing many rows at once: a push brings thousands, and they must not be written one by one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import JSON, Connection, Dialect, String, Table, func, insert
from sqlalchemy.types import TypeEngine

from hah_central.database.columns import Base
from hah_central.database.database import spell
from hah_central.database.questions import (
    POSTGRESQL,
    Turn,
    array,
    as_ours,
    check_may_ask,
    is_together,
    nothing_asked,
)

FEW = 150
"""Rows that are sent with the words around them: a COPY has to be begun, and waited for, twice."""

_AT_ONCE = 60
"""Rows that are handed to a COPY at one go: few enough that the memory for them is had again."""

Rows = Sequence[Mapping[str, Any]]


class Listed(NamedTuple):
    """Rows that leave their names to the first line: for what comes by the thousand.

    A JSON value that is text is spelled already.
    """

    names: Sequence[str]
    values: Sequence[Sequence[Any]]

    @classmethod
    def of(cls, rows: "Rows | Listed") -> "Listed":
        """The same of rows that all name the same columns, in one order."""
        if isinstance(rows, Listed):
            return rows
        return cls(tuple(rows[0]) if rows else (), [tuple(row.values()) for row in rows])


def insert_many(connection: Connection, into: type[Base], rows: Rows | Listed) -> None:
    """Insert rows that all name the same columns; nothing if there are none."""
    with inserting(connection, into, rows):
        pass


@contextmanager
def inserting(connection: Connection, into: type[Base], rows: Rows | Listed) -> Iterator[None]:
    """As `insert_many`: while PostgreSQL writes many rows, what stands inside is done.

    Nothing may be asked of the database there: AskedTooSoon is raised, whatever the database.
    """
    table = Base.metadata.tables[into.__tablename__]
    listed = Listed.of(rows)
    check_may_ask(connection)
    with nothing_asked(connection):
        if not listed.values:
            yield
        elif connection.dialect.name != POSTGRESQL:
            _executed(connection, table, listed)
            yield
        elif len(listed.values) <= FEW or is_together(connection):
            _send(connection, "insert", _inserting, table, listed)
            yield
        else:
            # COPY costs a third of what an INSERT of as many rows does.
            with _copying(connection, table, listed):
                yield


def update_many(connection: Connection, of: type[Base], rows: Rows | Listed) -> None:
    """Write over the rows with the same value in the first column; all name the same columns."""
    table, listed = Base.metadata.tables[of.__tablename__], Listed.of(rows)
    check_may_ask(connection)
    if not listed.values:
        return
    if connection.dialect.name == POSTGRESQL:
        _send(connection, "update", _updating, table, listed)
        return
    key, *names = map(connection.dialect.identifier_preparer.quote, listed.names)
    put = ", ".join(f"{name} = ?" for name in names)
    connection.exec_driver_sql(
        f"UPDATE {table.name} SET {put} WHERE {key} = ?",  # noqa: S608 - names of our own tables
        [(*others, id_) for id_, *others in _turned(connection, table, listed)],
    )


def add_many(
    connection: Connection, to: type[Base], sums: Sequence[str], most: str, rows: Rows
) -> None:
    """Insert rows, or add their `sums` to those of the row with the same first column.

    Of `most` there stays what is more.
    """
    check_may_ask(connection)
    if not rows:
        return
    table = Base.metadata.tables[to.__tablename__]
    if connection.dialect.name == POSTGRESQL:
        _send(
            connection,
            f"add {sums}",
            partial(_adding, sums=sums, most=most),
            table,
            Listed.of(rows),
        )
        return
    # Only here: a service on PostgreSQL need not hold it for as long as it serves.
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - see above

    put = sqlite.insert(table)
    added = {name: table.c[name] + put.excluded[name] for name in sums}
    added[most] = func.max(table.c[most], put.excluded[most])
    key, *_ = rows[0]
    connection.execute(put.on_conflict_do_update(index_elements=[key], set_=added), rows)


def add_new(connection: Connection, to: type[Base], rows: Rows) -> None:
    """Insert those of the rows that are not there yet, by their keys."""
    check_may_ask(connection)
    if not rows:
        return
    table = Base.metadata.tables[to.__tablename__]
    if connection.dialect.name == POSTGRESQL:
        _send(connection, "add new", _adding_new, table, Listed.of(rows))
        return
    connection.execute(insert(table).prefix_with("OR IGNORE"), rows)


def _turns(connection: Connection, table: Table, names: Sequence[str]) -> list[Turn | None]:
    return [_turn(connection, table.c[name].type) for name in names]


def _turn(connection: Connection, type_: TypeEngine[Any]) -> Turn | None:
    if isinstance(type_, JSON):
        # It is taken as it is written; wrapping each value would only tell its type.
        return _spelled
    return type_.dialect_impl(connection.dialect).bind_processor(connection.dialect)


def _spelled(value: Any) -> str | None:
    return value if value is None or type(value) is str else spell(value)


def _columns(connection: Connection, table: Table, listed: Listed) -> list[Sequence[Any]]:
    """What stands in each column, as the database reads it."""
    columns: list[Sequence[Any]] = list(zip(*listed.values, strict=True))
    for at, turn in enumerate(_turns(connection, table, listed.names)):
        if turn is not None:
            columns[at] = _each(turn, columns[at])
    return columns


def _each(turn: Turn, values: Sequence[Any]) -> Sequence[Any]:
    return [turn(values[0])] * len(values) if _is_one(values) else list(map(turn, values))


def _is_one(values: Sequence[Any]) -> bool:
    """Whether it is one and the same: the moment at which a batch came is in each of its rows."""
    first = values[0]
    if type(first) is str:
        return values.count(first) == len(values)
    # Of other kinds some are equal that are spelled otherwise: 1 and True.
    return len(set(map(id, values))) == 1


def _turned(connection: Connection, table: Table, listed: Listed) -> list[tuple[Any, ...]]:
    return list(zip(*_columns(connection, table, listed), strict=True))


def _executed(connection: Connection, table: Table, listed: Listed) -> None:
    columns = ", ".join(map(connection.dialect.identifier_preparer.quote, listed.names))
    places = ", ".join("?" for _ in listed.names)
    connection.exec_driver_sql(
        f"INSERT INTO {table.name} ({columns}) VALUES ({places})",  # noqa: S608 - our own tables
        _turned(connection, table, listed),
    )


_words: dict[tuple[str, ...], str] = {}


def _send(
    connection: Connection,
    doing: str,
    words: Callable[[Dialect, Table, Sequence[str]], str],
    table: Table,
    listed: Listed,
) -> None:
    """One statement with an array for each column: its words are the same for any number."""
    key = (doing, table.name, *listed.names)
    if key not in _words:
        _words[key] = words(connection.dialect, table, listed.names)
    columns = list(map(array, _columns(connection, table, listed)))
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


def _adding(
    dialect: Dialect, table: Table, names: Sequence[str], sums: Sequence[str], most: str
) -> str:
    quote = dialect.identifier_preparer.quote
    named, key = quote(table.name), quote(names[0])
    added = ", ".join(f"{n} = {named}.{n} + excluded.{n}" for n in map(quote, sums))
    more = f"{quote(most)} = greatest({named}.{quote(most)}, excluded.{quote(most)})"
    return f"{_inserting(dialect, table, names)} ON CONFLICT ({key}) DO UPDATE SET {added}, {more}"


def _adding_new(dialect: Dialect, table: Table, names: Sequence[str]) -> str:
    return f"{_inserting(dialect, table, names)} ON CONFLICT DO NOTHING"


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


@contextmanager
def _copying(connection: Connection, table: Table, listed: Listed) -> Iterator[None]:
    """PostgreSQL writes some rows while the next are turned into what it reads."""
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(map(quote, listed.names))
    cursor: Any = connection.connection.cursor()
    with (
        as_ours(connection),
        cursor.copy(f"COPY {quote(table.name)} ({columns}) FROM STDIN") as copy,
    ):
        row, differing = _pattern(_columns(connection, table, listed))
        left = zip(*differing, strict=True)
        while some := list(islice(left, _AT_ONCE)):
            copy.write("".join(map(row.__mod__, some)))
        yield
    cursor.close()


def _pattern(columns: Sequence[Sequence[Any]]) -> tuple[str, list[Sequence[Any]]]:
    """A row as COPY reads it, with places for what is not the same in all; and that, by column."""
    differing: list[Sequence[Any]] = []
    spelled = []
    for values in columns:
        # The first says by itself how many rows there are.
        if differing and _is_one(values):
            spelled.append(_escaped(values[0]).replace("%", "%%"))
        else:
            spelled.append("%s")
            differing.append(_texts(values))
    return "\t".join(spelled) + "\n", differing


def _texts(values: Sequence[Any]) -> Sequence[Any]:
    """The values of a column, escaped if need be: nearly none holds a mark that is COPY's own."""
    if None not in values:
        if type(values[0]) is int:
            return values
        together = "".join(map(str, values))
        if not any(mark in together for mark in _MARKS):
            return values
    return list(map(_escaped, values))


def _escaped(value: object) -> str:
    if value is None:
        return "\\N"
    text = str(value)
    for mark, spelled in _MARKS.items():
        if mark in text:
            text = text.replace(mark, spelled)
    return text


# The first is in the others, once they are spelled.
_MARKS = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
