"""What is asked of the database with every request: spelled once, and several asked at one go.

SQLAlchemy looks a statement through each time before it knows that it has met it before, which at
a small push costs more than the database does. On PostgreSQL the words of a question are kept
here, and the driver gets them as they are. Nothing here knows what is asked.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVarTuple

from sqlalchemy import Connection, Delete, Dialect, Insert, Select, Update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import ReturningDelete, ReturningInsert, ReturningUpdate
from sqlalchemy.types import TypeEngine

Columns = TypeVarTuple("Columns")
Turn = Callable[[Any], Any]

POSTGRESQL = "postgresql"
_NOTHING_ASKED = "hah_nothing_asked"


class AskedTooSoon(RuntimeError):
    """A fault of ours: the database was asked something while nothing may be asked of it."""


@dataclass(frozen=True, slots=True)
class _Spelled:
    """A statement as PostgreSQL reads it, and what its values and its rows go through."""

    words: str
    fixed: Mapping[str, Any]
    given: Mapping[str, Turn]
    found: Sequence[tuple[int, Turn]]


class Question(Generic[*Columns]):
    """A statement that answers with rows, with named places for what is asked about."""

    def __init__(
        self,
        statement: Select[*Columns]
        | ReturningInsert[*Columns]
        | ReturningUpdate[*Columns]
        | ReturningDelete[*Columns],
    ) -> None:
        self._statement = statement
        self._spelled: _Spelled | None = None

    def ask(self, connection: Connection, **values: object) -> Iterator[tuple[*Columns]]:
        """Ask at once; whoever looks at the rows waits for them. Raises DBAPIError."""
        if connection.dialect.name != POSTGRESQL:
            return iter(connection.execute(self._statement, values).all())
        if self._spelled is None:
            self._spelled = _spell(self._statement, connection.dialect)
        return _rows(connection, _sent(connection, self._spelled, values), self._spelled.found)


class Deed:
    """A statement that writes and answers nothing, with named places for what is written."""

    def __init__(self, statement: Insert | Update | Delete) -> None:
        self._statement = statement
        self._spelled: _Spelled | None = None

    def do(self, connection: Connection, **values: object) -> None:
        """Do it. Raises DBAPIError, at the end of `together` where it stands inside one."""
        if connection.dialect.name != POSTGRESQL:
            connection.execute(self._statement, values)
            return
        if self._spelled is None:
            self._spelled = _spell(self._statement, connection.dialect)
        _sent(connection, self._spelled, values)


@contextmanager
def together(connection: Connection) -> Iterator[None]:
    """Let what is asked inside go to PostgreSQL in one letter. Raises DBAPIError.

    Only questions and deeds of this module may stand inside. They are answered in their order, and
    each sees what those before it did.
    """
    if connection.dialect.name != POSTGRESQL:
        yield
        return
    driver: Any = connection.connection.driver_connection
    with as_ours(connection), driver.pipeline():
        yield


def is_together(connection: Connection) -> bool:
    """Whether the caller stands inside `together` on PostgreSQL, which takes no COPY there."""
    driver: Any = connection.connection.driver_connection
    return connection.dialect.name == POSTGRESQL and bool(driver.pgconn.pipeline_status)


@contextmanager
def nothing_asked(connection: Connection) -> Iterator[None]:
    """Refuse whatever is asked inside, on either database: on one of them it could not be asked."""
    info = connection.info
    info[_NOTHING_ASKED] = True
    try:
        yield
    finally:
        del info[_NOTHING_ASKED]


def check_may_ask(connection: Connection) -> None:
    """Whether something may be asked now. Raises AskedTooSoon inside `nothing_asked`."""
    if _NOTHING_ASKED in connection.info:
        raise AskedTooSoon


def array(values: Iterable[object]) -> str:
    """An array as PostgreSQL reads it, in one text: the driver would look at each for longer."""
    given = list(values)
    plain = '","'.join(map(str, given))
    if "\\" not in plain and plain.count('"') == 2 * (len(given) - 1) and None not in given:
        # No value holds a mark of its own: so it is with ids, and they are nearly all.
        return f'{{"{plain}"}}'
    return "{" + ",".join(map(_element, given)) + "}"


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    inside = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inside}"'


def _sent(connection: Connection, spelled: _Spelled, values: dict[str, Any]) -> Any:
    check_may_ask(connection)
    for name, turn in spelled.given.items():
        values[name] = turn(values[name])
    cursor: Any = connection.connection.cursor()
    with as_ours(connection):
        cursor.execute(spelled.words, {**spelled.fixed, **values})
    return cursor


def _rows(
    connection: Connection, cursor: Any, turns: Sequence[tuple[int, Turn]]
) -> Iterator[tuple[*Columns]]:
    with as_ours(connection):
        rows = cursor.fetchall()
    # A page is large: neither the driver's copy of it nor a row that was looked at is kept.
    del cursor
    rows.reverse()
    while rows:
        row = rows.pop()
        if not turns:
            yield row
            continue
        turned = list(row)
        for place, turn in turns:
            turned[place] = turn(turned[place])
        yield tuple(turned)


@contextmanager
def as_ours(connection: Connection) -> Iterator[None]:
    """Raise the driver's faults as SQLAlchemy would, and let go of a connection that is lost."""
    error = connection.dialect.loaded_dbapi.Error
    try:
        yield
    except error as fault:
        lost = connection.dialect.is_disconnect(fault, connection.connection, None)
        if lost:
            connection.invalidate(fault)
        raise DBAPIError.instance(
            None, None, fault, error, hide_parameters=True, connection_invalidated=lost
        ) from fault


def _spell(statement: Any, dialect: Dialect) -> _Spelled:
    compiled = statement.compile(dialect=dialect)
    given = {name: _in(compiled.binds[name].type, dialect) for name in compiled.params}
    found = [_out(column.type, dialect) for column in compiled.statement.exported_columns]
    return _Spelled(
        str(compiled),
        {name: value for name, value in compiled.params.items() if value is not None},
        {name: turn for name, turn in given.items() if turn is not None},
        [(place, turn) for place, turn in enumerate(found) if turn is not None],
    )


def _in(type_: TypeEngine[Any], dialect: Dialect) -> Turn | None:
    return type_.dialect_impl(dialect).bind_processor(dialect)


def _out(type_: TypeEngine[Any], dialect: Dialect) -> Turn | None:
    return type_.dialect_impl(dialect).result_processor(dialect, None)
