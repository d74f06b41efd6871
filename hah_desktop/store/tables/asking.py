"""What is asked of the database often: spelled once, and given to the library as it stands.

SQLAlchemy looks a statement through each time and wraps each answer, which for the short questions
of a sync takes ten times as long as the database does. Nothing here knows what is asked.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Delete, Insert, Select, Update
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

_DIALECT = SQLiteDialect_pysqlite()

Found = list[tuple[Any, ...]]


def rows(connection: Connection, words: str, values: Sequence[Any] = ()) -> Found:
    """What the database answers, all at once. Raises what the library raises."""
    if connection.dispatch.before_cursor_execute:
        # Somebody listens to all that is asked.
        return [tuple(row) for row in connection.exec_driver_sql(words, tuple(values))]
    cursor = _cursor(connection)
    connection.dialect.do_execute(cursor, words, values)
    found: Found = cursor.fetchall()
    return found


def value(connection: Connection, words: str, values: Sequence[Any] = ()) -> Any:
    """The first value of the first row that the database answers; None where there is none."""
    found = rows(connection, words, values)
    return found[0][0] if found else None


def do(connection: Connection, words: str, values: Sequence[Any] = ()) -> None:
    """Write. Raises what the library raises."""
    if connection.dispatch.before_cursor_execute:
        connection.exec_driver_sql(words, tuple(values))
        return
    connection.dialect.do_execute(_cursor(connection), words, values)


def do_each(connection: Connection, words: str, values: Sequence[tuple[Any, ...]]) -> None:
    """Write the same with each of these; nothing if there are none."""
    if not values:
        return
    if connection.dispatch.before_cursor_execute:
        connection.exec_driver_sql(words, list(values))
        return
    connection.dialect.do_executemany(_cursor(connection), words, values)


def begin(connection: Connection, words: str) -> None:
    """Begin the transaction that everything else is asked in."""
    if connection.dispatch.before_cursor_execute:
        connection.exec_driver_sql(words)
        return
    connection.dialect.do_execute(connection.connection.cursor(), words, ())


def _cursor(connection: Connection) -> Any:
    if not connection.in_transaction():
        raise RuntimeError("asked outside of a transaction")
    return connection.connection.cursor()


class Question:
    """A statement that is put together here, with named places for what is asked about."""

    def __init__(self, statement: Select[*tuple[Any, ...]] | Insert | Update | Delete) -> None:
        self._statement = statement
        self._spelled: tuple[str, Sequence[str], dict[str, Any]] | None = None

    def rows(self, connection: Connection, **values: object) -> Found:
        """What the database answers, all at once."""
        words, places = self._filled(values)
        return rows(connection, words, places)

    def value(self, connection: Connection, **values: object) -> Any:
        """The first value of the first row; None where there is none."""
        words, places = self._filled(values)
        return value(connection, words, places)

    def do(self, connection: Connection, **values: object) -> None:
        """Write."""
        words, places = self._filled(values)
        do(connection, words, places)

    def _filled(self, values: dict[str, object]) -> tuple[str, list[Any]]:
        if self._spelled is None:
            made = self._statement.compile(dialect=_DIALECT)
            self._spelled = str(made), made.positiontup or (), made.params
        words, places, fixed = self._spelled
        if not values.keys() <= fixed.keys():
            raise ValueError("nothing of that name is asked about")
        given = {**fixed, **values}
        return words, [given[place] for place in places]
