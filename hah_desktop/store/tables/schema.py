"""Brings an encrypted database to this version's tables, and refuses one that is newer."""

from pathlib import Path

from sqlalchemy import Connection, Engine, text

from hah_desktop.store.errors import StoreNotBroughtUp, StoreTooNew, damaged
from hah_desktop.store.tables.rows import METADATA

HEAD = "0003"
"""The newest migration. A test holds it against the folder of migrations."""

TABLES = METADATA.tables.values()
MIGRATIONS = Path(__file__).parent / "migrations"


def revision(connection: Connection) -> str | None:
    """The migration that the database stands at; None for one without tables."""
    found = connection.execute(text("SELECT name FROM sqlite_master WHERE name='alembic_version'"))
    if found.first() is None:
        return None
    row = connection.execute(text("SELECT version_num FROM alembic_version")).first()
    return str(row[0]) if row else None


def check_version(connection: Connection) -> None:
    """Refuse a newer database, unchanged. Raises StoreTooNew, or StoreDamaged without tables."""
    found = revision(connection)
    if found is None:
        raise damaged()
    if found > HEAD:
        raise StoreTooNew(
            "This database was written by a newer version of the program.",
            "It was not changed.",
            "Install the newest version of the program and open it again.",
        )
    if found == HEAD and not _is_whole(connection):
        raise StoreNotBroughtUp(
            "This database was made by an unfinished version of the program, and lacks parts.",
            "It was not changed.",
            "Open it with the version that made it. If it was made to try things out, delete it.",
        )


def _is_whole(connection: Connection) -> bool:
    """Whether every column is there: while a version is being written, its migration grows."""
    there = {(row[0], row[1]) for row in connection.execute(text(_COLUMNS))}
    return all((table.name, column.name) in there for table in TABLES for column in table.columns)


# Also those that are worked out, which the shorter list leaves out.
_COLUMNS = (
    "SELECT m.name, c.name FROM sqlite_master m, pragma_table_xinfo(m.name) c"
    " WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%'"
)


def migrate(engine: Engine) -> None:
    """Run the migrations that are missing: all of them, or none. Raises StoreNotBroughtUp."""
    with engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        if raw is None:
            raise RuntimeError("a connection of the pool is open")
        cursor = raw.cursor()
        # A table is altered by making it anew and dropping the old one, which would take every
        # row along that hangs on it. Within a transaction this setting is silently ignored.
        cursor.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                upgrade(connection)
                _check_links(connection)
        finally:
            cursor.execute("PRAGMA foreign_keys=ON")
            cursor.close()


def _check_links(connection: Connection) -> None:
    if connection.execute(text("PRAGMA foreign_key_check")).first() is not None:
        raise StoreNotBroughtUp(
            "The database could not be made ready for this version of the program.",
            "It was left as the version before had it.",
            "Go on with the version that you had, and call the office.",
        )


def upgrade(connection: Connection) -> None:
    """Run the migrations that are missing, in the connection's own transaction."""
    if revision(connection) == HEAD:
        return
    # Alembic takes 0.1 s to import: only the first start of a version pays for it.
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.config import Config  # noqa: PLC0415 - see above

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
