"""One PostgreSQL database that many tests use in turn, each as if it were new.

Making a database and dropping it takes the server longer than most tests take. What a test wrote is
taken out again instead; after one that changed a table or a rule, or wrote much, a new one is made.
"""

from collections.abc import Iterable
from contextlib import ExitStack
from uuid import uuid4

import psycopg
from psycopg import Connection, sql
from psycopg.rows import TupleRow

from tests.house import postgres

MOST_GROWN = 4 * 1024 * 1024
"""Bytes: what was taken out still lies in the files, and reading passes over it."""

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
_SEQUENCES = """
    SELECT sequencename, coalesce(last_value, start_value), last_value IS NOT NULL
    FROM pg_sequences WHERE schemaname = 'public'
"""
_OTHERS = """
    SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
# Whatever alters a database leaves a younger row in one of these, or one row less.
_SHAPE = " UNION ALL ".join(
    f"SELECT count(*), max(xmin::text::bigint) FROM {catalogue}"  # noqa: S608 - the names stand here
    for catalogue in (
        "pg_class",
        "pg_attribute",
        "pg_attrdef",
        "pg_constraint",
        "pg_index",
        "pg_namespace",
        "pg_proc",
        "pg_rewrite",
        "pg_trigger",
        "pg_type",
    )
)


class InTurn:
    """Gives a database that is like another, of which nobody may use two at a time."""

    def __init__(self, server: str, like: str) -> None:
        self._server = server
        self._like = like
        self._made = ExitStack()
        self._address = ""
        self._shape: list[TupleRow] = []
        self._size = 0
        self._rows: dict[str, bytes] = {}
        self._emptying = sql.Composed([])

    def fresh(self) -> str:
        """The address of one in which nothing is but what was in the other."""
        if not self._address or not self._put_back():
            self._make()
        return self._address

    def close(self) -> None:
        """Drop it."""
        self._made.close()

    def _make(self) -> None:
        self.close()
        # On the one server of a run others use theirs in turn too.
        name = f"in_turn_{uuid4().hex}"
        self._address = self._made.enter_context(
            postgres.database(self._server, name, like=self._like)
        )
        with self._connection() as connection:
            self._shape = connection.execute(_SHAPE).fetchall()
            self._size = _size(connection)
            self._rows = {table: _copied(connection, table) for table in _tables(connection)}
            self._emptying = _emptying(self._rows, connection.execute(_SEQUENCES).fetchall())

    def _put_back(self) -> bool:
        """Take out what a test wrote; False: that is not to be had."""
        with self._connection() as connection:
            connection.execute(_OTHERS)
            grown = _size(connection) - self._size
            if grown > MOST_GROWN or connection.execute(_SHAPE).fetchall() != self._shape:
                return False
            connection.execute(self._emptying)
            for table, rows in self._rows.items():
                if rows:
                    _fill(connection, table, rows)
        return True

    def _connection(self) -> Connection[TupleRow]:
        return psycopg.connect(self._address.replace("+psycopg", ""))


def _size(connection: Connection[TupleRow]) -> int:
    row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row is not None
    return int(row[0])


def _tables(connection: Connection[TupleRow]) -> list[str]:
    return [str(name) for (name,) in connection.execute(_TABLES).fetchall()]


def _emptying(tables: Iterable[str], sequences: Iterable[TupleRow]) -> sql.Composed:
    """All at once: asked one after another they take as long as a small test."""
    # Neither the rules between tables nor those of a table that is only added to.
    asked = [sql.SQL("SET session_replication_role = replica").format()]
    asked += [sql.SQL("DELETE FROM {}").format(sql.Identifier(table)) for table in tables]
    for name, value, was_used in sequences:
        asked.append(sql.SQL("SELECT setval({}, {}, {})").format(name, value, was_used))
    return sql.SQL("; ").join(asked)


def _copied(connection: Connection[TupleRow], table: str) -> bytes:
    asked = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))
    with connection.cursor().copy(asked) as copy:
        return b"".join(bytes(part) for part in copy)


def _fill(connection: Connection[TupleRow], table: str, rows: bytes) -> None:
    asked = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))
    with connection.cursor().copy(asked) as copy:
        copy.write(rows)
