"""Databases in memory for the shipped code of both sides, which the power can leave at any moment.

A laptop's is made by the store's own migrations with the library that the store uses, only
without a key; the office's is its embedded one. Each is made once per process and then filled
from an image: opening a database anew for every history would take longer than the history.
"""

import sqlite3
from collections.abc import Callable
from typing import Any, TypeAlias

from sqlalchemy import Dialect, Engine, create_engine
from sqlalchemy.pool import PoolProxiedConnection, StaticPool
from sqlcipher3 import dbapi2

from hah_central.database.database import Database, spell
from hah_desktop.domain.spelling import read
from hah_desktop.store.disk.engine import writer
from hah_desktop.store.tables import schema

Image: TypeAlias = Any
"""All that one database held at one moment."""


_STEPS = ("do_begin", "do_execute", "do_executemany", "do_commit")


class PowerCut(Exception):
    """The machine stopped dead; nobody who is told of it could do anything."""


class Power:
    """When the power goes: before the SQL statement, or the commit, of a number."""

    def __init__(self, dialect: Dialect, raw: Any) -> None:
        self._dialect = dialect
        self._raw = raw
        self._steps = {name: getattr(dialect, name) for name in _STEPS}
        self._left = 0

    def goes_at(self, statement: int | None) -> None:
        """Stop before the statement of this number, counted from now; None: do not."""
        # Nobody counts while it stays: nine statements in ten are run without it. A listener of
        # the engine costs something with each of them, even after it is gone.
        self._left = statement or 0
        for name, step in self._steps.items():
            setattr(self._dialect, name, step if statement is None else self._counted(step))

    def _counted(self, step: Callable[..., None]) -> Callable[..., None]:
        def counted(*said: Any) -> None:
            if self._left == 0:
                # The machine stands still: what its program does on the way out is not counted,
                # and nothing stands of the transaction.
                self._raw.rollback()
                raise PowerCut
            self._left -= 1
            step(*said)

        return counted


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
        self.engine = _engine(self._raw, dbapi2)
        schema.migrate(writer(self.engine))
        self.power = Power(self.engine.dialect, self._raw)

    def _blank(self) -> Any:
        return _opened(dbapi2)


class OfficeDisk(_Disk):
    """The database of the office."""

    def __init__(self) -> None:
        self._raw = self._blank()
        self.database = Database("sqlite://")
        made: Any = self.database.engine.raw_connection().driver_connection
        made.backup(self._raw)
        self.database.engine = _engine(
            self._raw, sqlite3, json_serializer=spell, json_deserializer=read
        )
        self.power = Power(self.database.engine.dialect, self._raw)

    def _blank(self) -> Any:
        return _opened(sqlite3)


class _Kept(StaticPool):
    """Does not let go of its one connection when a store is closed: its database would be gone."""

    def dispose(self) -> None:
        """Do nothing."""


def _opened(library: Any) -> Any:
    raw = library.connect(":memory:", isolation_level=None, check_same_thread=False)
    raw.execute("PRAGMA foreign_keys=ON")
    return raw


def _engine(raw: Any, library: Any, **how: Any) -> Engine:
    """As the programs make theirs, without what costs time and means nothing in memory."""
    engine = create_engine(
        "sqlite+pysqlite:///",
        module=library,
        creator=lambda: raw,
        poolclass=_Kept,
        pool_reset_on_return=None,
        hide_parameters=True,
        **how,
    )

    def begin(_: PoolProxiedConnection) -> None:
        # Alone on its connection, one that writes needs not say so.
        raw.execute("BEGIN")

    # As a method of the dialect and not as a listener, for the reason that Power gives.
    setattr(engine.dialect, "do_begin", begin)  # noqa: B010 - mypy allows it no other way
    return engine
