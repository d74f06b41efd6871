"""Migrations: an older database is brought up to date whole, and no row is lost on the way."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from hah_desktop.store.disk import engine
from hah_desktop.store.errors import StoreNotBroughtUp
from hah_desktop.store.tables import schema
from tests.store.hand import raw_key

CHILDREN = 10

FIRST = """
from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT)")
    op.execute(
        "CREATE TABLE child (id INTEGER PRIMARY KEY,"
        " parent INTEGER NOT NULL REFERENCES parent (id) ON DELETE CASCADE)"
    )
"""

SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    with op.batch_alter_table("parent", recreate="always") as batch:
        batch.alter_column("name", existing_type=sa.Text, nullable=False, server_default="")
    {more}
"""


# A trap that is planted: a table with others hanging on it is made anew


def folder_of(tmp_path: Path, more: str = "") -> Path:
    migrations = tmp_path / "migrations"
    (migrations / "versions").mkdir(parents=True)
    shutil.copy(schema.MIGRATIONS / "env.py", migrations)
    (migrations / "versions" / "r1.py").write_text(FIRST, encoding="utf-8")
    (migrations / "versions" / "r2.py").write_text(SECOND.format(more=more), encoding="utf-8")
    return migrations


@pytest.fixture
def family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A database at the first of two migrations, with children that hang on a parent."""
    monkeypatch.setattr(schema, "MIGRATIONS", folder_of(tmp_path))
    monkeypatch.setattr(schema, "HEAD", "0001")
    made = engine.open_engine(tmp_path / "family.db", raw_key)
    schema.migrate(engine.writer(made))
    with made.begin() as connection:
        connection.execute(text("INSERT INTO parent VALUES (1, 'A parent')"))
        for _ in range(CHILDREN):
            connection.execute(text("INSERT INTO child (parent) VALUES (1)"))
    monkeypatch.setattr(schema, "HEAD", "0002")
    yield made
    made.dispose()


def children(made: Engine) -> int:
    with made.begin() as connection:
        return int(connection.execute(text("SELECT count(*) FROM child")).scalar_one())


def test_a_table_made_anew_keeps_what_hangs_on_it(family: Engine) -> None:
    schema.migrate(engine.writer(family))
    assert children(family) == CHILDREN
    with family.begin() as connection:
        assert schema.revision(connection) == "0002"
        assert connection.execute(text("PRAGMA foreign_keys")).scalar_one() == 1


def test_with_foreign_keys_on_it_would_have_been_lost(family: Engine) -> None:
    with engine.writer(family).begin() as connection:
        schema.upgrade(connection)
    assert children(family) == 0


def test_a_migration_that_leaves_something_hanging_is_taken_back(
    family: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    careless = folder_of(tmp_path / "careless", 'op.execute("DELETE FROM parent")')
    monkeypatch.setattr(schema, "MIGRATIONS", careless)
    with pytest.raises(StoreNotBroughtUp) as refused:
        schema.migrate(engine.writer(family))
    assert "left as the version before had it" in refused.value.kept
    assert children(family) == CHILDREN
    with family.begin() as connection:
        assert schema.revision(connection) == "0001"
        assert connection.execute(text("SELECT count(*) FROM parent")).scalar_one() == 1


@pytest.mark.parametrize(
    "lacking",
    ["DROP TABLE received", "ALTER TABLE record DROP COLUMN begun"],
)
def test_a_database_of_an_unfinished_version_says_so_and_is_left_alone(
    tmp_path: Path, lacking: str
) -> None:
    made = engine.open_engine(tmp_path / "records.db", raw_key)
    schema.migrate(engine.writer(made))
    with made.begin() as connection:
        schema.check_version(connection)
        connection.execute(text(lacking))
    with made.connect() as connection, pytest.raises(StoreNotBroughtUp) as refused:
        schema.check_version(connection)
    made.dispose()
    assert "unfinished version" in refused.value.what
    assert refused.value.kept == "It was not changed."
