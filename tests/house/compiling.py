"""Compiles each statement of SQL once a run, as an office and a laptop do that run for years.

Every test opens databases of its own, and each would compile all that it asks for the first time.
What is asked, and what answers, is the real database all the same.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import Engine, event

from hah_central.database import database
from hah_desktop.store.disk import engine as store

_KNOWN: dict[tuple[str, object], tuple[Any, Any]] = {}
"""Of each kind of database: how it is spoken to, and what was compiled for it. The office's SQLite
and the laptop's are two kinds, of two libraries, which name their faults differently."""


def create_engine(*arguments: Any, **named: Any) -> Engine:
    """The real engine, with what those before it compiled."""
    engine = sqlalchemy.create_engine(*arguments, **named)
    kind = engine.dialect.name, engine.dialect.loaded_dbapi

    def connected(*_: object) -> None:
        _KNOWN.setdefault(kind, (engine.dialect, engine._compiled_cache))

    if kind in _KNOWN:
        engine.dialect, engine._compiled_cache = _KNOWN[kind]
    else:
        # Only a connection tells it all that there is to know of its database.
        event.listen(engine, "connect", connected)
    return engine


@pytest.fixture(scope="session", autouse=True)
def compile_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as planted:
        for module in (database, store):
            planted.setattr(module, "create_engine", create_engine)
        yield
