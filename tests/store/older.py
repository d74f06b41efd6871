"""A database taken back to the tables of the first migration, with all the rows that fit there."""

from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import MetaData, insert, inspect, select, text

from hah_desktop.store.disk import engine
from hah_desktop.store.tables import schema
from hah_desktop.store.tables.rows import METADATA
from tests.store.hand import raw_key


def as_the_first_version_left_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the database anew with the first migration alone, and put its rows back."""
    newer = engine.open_engine(path, raw_key)
    with newer.connect() as connection:
        rows = {
            table.name: [dict(row._mapping) for row in connection.execute(select(table))]
            for table in METADATA.sorted_tables
        }
    newer.dispose()
    for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        file.unlink(missing_ok=True)
    older = engine.open_engine(path, raw_key)
    with older.begin() as connection:
        with monkeypatch.context() as patched:
            patched.setattr(schema, "HEAD", "0001")
            schema.upgrade(connection)
        tables = MetaData()
        tables.reflect(connection, only=[n for n in rows if inspect(connection).has_table(n)])
        for name, table in tables.tables.items():
            fit = {c.name for c in table.columns if c.computed is None}
            kept = [{k: v for k, v in row.items() if k in fit} for row in rows[name]]
            if kept:
                connection.execute(insert(table), kept)
        assert (
            connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "0001"
        )
    older.dispose()


def in_the_earlier_form(path: Path, key: engine.KeySpec = raw_key) -> None:
    """Write the closed database anew with pages that are proved as earlier versions did it."""
    written = path.with_name("earlier.db")
    with closing(engine.connect(path, key)) as source:
        target = engine._unlocked(written, key, engine.EARLIER, "")
        source.backup(target)
        target.close()
    written.replace(path)
    for suffix in ("-wal", "-shm"):
        path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)
        written.with_name(f"{written.name}{suffix}").unlink(missing_ok=True)
