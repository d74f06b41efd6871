"""Databases in memory for the shipped code of both sides, which the power can leave at any moment.

A laptop's is made by the store's own migrations with the library that the store uses, only
without a key; the office's is its embedded one. Each is made once per process and then filled
from an image: opening a database anew for every history would take longer than the history.
"""

import sqlite3
from typing import Any, TypeAlias

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import StaticPool
from sqlcipher3 import dbapi2

from hah_central.database import Database
from hah_desktop.store import schema
from hah_desktop.store.engine import _begin, writer

Image: TypeAlias = Any
"""All that one database held at one moment."""


class PowerCut(Exception):
    """The machine stopped dead; nobody who is told of it could do anything."""


class Power:
    """When the power goes: before the SQL statement, or the commit, of a number."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._left: int | None = None

    def goes_at(self, statement: int | None) -> None:
        """Stop before the statement of this number, counted from now; None: do not."""
        # Nobody counts while it stays: nine statements in ten are run without it.
        if (statement is None) != (self._left is None):
            change = event.remove if statement is None else event.listen
            for moment in ("before_cursor_execute", "commit"):
                change(self._engine, moment, self._spend)
        self._left = statement

    def _spend(self, *_: object) -> None:
        if self._left is None:
            return
        if self._left == 0:
            # The machine stands still: what its program does on the way out is not counted.
            raise PowerCut
        self._left -= 1


class _Disk:
    """One database in memory."""

    _raw: Any
    power: Power

    def _blank(self) -> Any:
        raise NotImplementedError

    def ask(self, question: str, *values: object) -> list[Any]:
        """What stands there, read past the programs."""
        return list(self._raw.execute(question, values))

    def image(self) -> Image:
        """What it holds now."""
        copy = self._blank()
        self._raw.backup(copy)
        return copy

    def hold(self, image: Image) -> None:
        """Hold what an image holds, and nothing else."""
        self.starts()
        # Not by `deserialize`: a question that is not read to its end crashes the process then.
        image.backup(self._raw)

    def starts(self) -> None:
        """After a power cut nothing stands of the transaction that it cut."""
        self.power.goes_at(None)
        if self._raw.in_transaction:
            self._raw.rollback()


class LaptopDisk(_Disk):
    """The database of one laptop."""

    def __init__(self) -> None:
        self._raw = self._blank()
        self.engine = _engine(self._raw)
        schema.migrate(writer(self.engine))
        self.power = Power(self.engine)

    def _blank(self) -> Any:
        return _opened()


class OfficeDisk(_Disk):
    """The database of the office."""

    def __init__(self) -> None:
        self.database = Database("sqlite://")
        self._raw = self.database.engine.raw_connection().driver_connection
        self.power = Power(self.database.engine)

    def _blank(self) -> Any:
        return sqlite3.connect(":memory:", isolation_level=None)


class _Kept(StaticPool):
    """Does not let go of its one connection when a store is closed: its database would be gone."""

    def dispose(self) -> None:
        """Do nothing."""


def _opened() -> Any:
    raw = dbapi2.connect(":memory:", isolation_level=None, check_same_thread=False)
    raw.execute("PRAGMA foreign_keys=ON")
    return raw


def _engine(raw: Any) -> Engine:
    engine = create_engine(
        "sqlite+pysqlite:///",
        module=dbapi2,
        creator=lambda: raw,
        poolclass=_Kept,
        hide_parameters=True,
    )
    event.listen(engine, "begin", _begin)
    return engine
