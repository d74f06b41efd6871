"""What a fault of the office's database means, in plain English.

The driver's own words are never shown: they may hold the password in the database's address.
"""

import psycopg
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from hah_desktop.domain.errors import KnownError

_Told = tuple[str, str]
_NOTHING = "Nothing was changed."

_BUSY = (
    "is busy: another command or program holds it",
    "Wait until that has finished, and run this again.",
)
_FULL = ("is full: there is no room left on its disk", "Make room there, and run this again.")
_NOT_ALLOWED = (
    "may not be written to by whoever runs this",
    "Run this as the user whose database it is, or have that user let you write to it.",
)
_TORN = (
    "is damaged: a part of it cannot be read",
    "Stop the service, keep a copy of the database as it is, and put back the newest backup.",
)
_DISK = ("cannot be read or written: its disk does not answer as it should", "Look at the disk.")
_OTHER_FILE = (
    "cannot be opened: the file there is not a database",
    "Check the folder. If it is the right one, keep that file, and put back the newest backup.",
)
_NOT_THERE = (
    "cannot be opened: there is none in that place, or the place may not be written to",
    "Check the folder or the address, and who may write there.",
)
_SILENT = (
    "cannot be opened: no PostgreSQL answers at that address",
    "Check the machine and the port in the address, and that PostgreSQL runs there.",
)
_NO_HOST = (
    "cannot be opened: there is no machine of the name in its address",
    "Check the address. In a password “@”, “/” and “:” are written as %40, %2F and %3A.",
)
_REFUSED = (
    "cannot be opened: PostgreSQL does not let this user in",
    "Check the user and the password in the address, and that PostgreSQL lets them in from here.",
)
_NO_SUCH = (
    "cannot be opened: PostgreSQL has no database of that name",
    "Check the name at the end of the address, or make it with PostgreSQL’s “createdb”.",
)
_NOT_YET = (
    "takes nobody in at the moment: PostgreSQL starts, stops, or has too many at once",
    "Wait a moment, and run this again.",
)
_GONE = (
    "does not answer any more, or lets nobody in",
    "Check that it runs, see with “log” whether this was done, and run it again if not.",
)
_ADDRESS = (
    "cannot be opened: its address is not one that PostgreSQL understands",
    "An address looks like this: postgresql://user@host/name",
)

_NOT_TEXT = "Could not decode"
"""Python itself says so, without a code, of text that is none any more."""

_PRIMARY = 0xFF
"""What of SQLite's code says the kind; the rest says where it came up."""

_POSTGRES = {
    "55P03": _BUSY,
    "57014": _BUSY,
    "40": _BUSY,
    "53100": _FULL,
    "53300": _NOT_YET,
    "42501": _NOT_ALLOWED,
    "25006": _NOT_ALLOWED,
    "25P03": _GONE,
    "25P04": _GONE,
    "XX001": _TORN,
    "XX002": _TORN,
    "58": _DISK,
    "57P": _GONE,
    "08": _GONE,
}
"""By the beginning of PostgreSQL's own code."""

_AT_THE_DOOR = {
    "refused": _SILENT,
    "No such file": _SILENT,
    "unreachable": _SILENT,
    "No route": _SILENT,
    "timeout": _SILENT,
    "resolve host": _NO_HOST,
    "translate host": _NO_HOST,
    "invalid port": _ADDRESS,
    "starting up": _NOT_YET,
    "shutting down": _NOT_YET,
    "too many": _NOT_YET,
    "connection slots": _NOT_YET,
    "not currently accepting": _NOT_YET,
    "pg_hba": _REFUSED,
    "password": _REFUSED,
    "authentication": _REFUSED,
    'database "': _NO_SUCH,
    'role "': _REFUSED,
}
"""Before somebody is let in there are words and no code, the most telling first. What a server
says in another language is not understood, and told of as one that lets nobody in."""


ODD = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What is raised where a row holds what no row of ours can hold: somebody altered it."""


class NoDatabase(KnownError):
    """The office's database cannot be opened, or not be worked with any more."""


def in_words(fault: DBAPIError | PoolTimeout, *, begun: bool) -> NoDatabase | None:
    """What happened, what is kept and what to do; None for what is a bug of ours."""
    meaning = _meaning(fault.orig) if isinstance(fault, DBAPIError) else _BUSY
    if meaning is None:
        return None
    what, do = meaning
    kept = "What was finished is kept, and nothing is half done." if begun else _NOTHING
    return NoDatabase(f"The office’s database {what}.", kept, do)


def is_full(fault: DBAPIError | PoolTimeout) -> bool:
    """Whether there is no room left where the database lies."""
    return isinstance(fault, DBAPIError) and _meaning(fault.orig) is _FULL


def may_pass(fault: DBAPIError | PoolTimeout) -> bool:
    """Whether the same may be done a little later: the database is busy, away, or was."""
    if not isinstance(fault, DBAPIError) or isinstance(fault, OperationalError):
        return True
    return _meaning(fault.orig) in (_GONE, _NOT_ALLOWED)


def torn() -> NoDatabase:
    """Of a database that is damaged before anything of it could be read."""
    what, do = _TORN
    return NoDatabase(f"The office’s database {what}.", _NOTHING, do)


def no_address(why: str) -> NoDatabase:
    """Of an address at which there cannot be a database of ours."""
    return NoDatabase(
        f"The office’s database cannot be opened: {why}.",
        _NOTHING,
        "An address looks like this: postgresql://user@host/name. Without one the office keeps its "
        "database in a folder: --data FOLDER.",
    )


def _meaning(fault: BaseException | None) -> _Told | None:
    if not isinstance(fault, psycopg.Error):
        return _of_sqlite(fault)
    if fault.sqlstate:
        said, known = fault.sqlstate, _POSTGRES
        return next((told for code, told in known.items() if said.startswith(code)), None)
    if isinstance(fault, psycopg.DataError):
        return None  # The driver itself would not send it.
    if isinstance(fault, psycopg.ProgrammingError):
        return _ADDRESS
    said = str(fault)
    return next((told for words, told in _AT_THE_DOOR.items() if words in said), _GONE)


def _of_sqlite(fault: BaseException | None) -> _Told | None:
    # Only here: a service on PostgreSQL need not hold it for as long as it serves.
    import sqlite3  # noqa: PLC0415 - see above

    if not isinstance(fault, sqlite3.Error):
        return None
    if _NOT_TEXT in str(fault):
        return _TORN
    known = {
        sqlite3.SQLITE_BUSY: _BUSY,
        sqlite3.SQLITE_LOCKED: _BUSY,
        sqlite3.SQLITE_FULL: _FULL,
        sqlite3.SQLITE_READONLY: _NOT_ALLOWED,
        sqlite3.SQLITE_PERM: _NOT_ALLOWED,
        sqlite3.SQLITE_CORRUPT: _TORN,
        sqlite3.SQLITE_IOERR: _DISK,
        sqlite3.SQLITE_NOTADB: _OTHER_FILE,
        sqlite3.SQLITE_CANTOPEN: _NOT_THERE,
    }
    return known.get(getattr(fault, "sqlite_errorcode", 0) & _PRIMARY)
