"""Brings an encrypted database to this version's tables, and refuses one that is newer."""

from pathlib import Path

from sqlalchemy import Connection, text

from hah_desktop.store.errors import StoreTooNew, damaged

HEAD = "0002"
"""The newest migration. A test holds it against the folder of migrations."""

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
    command.upgrade(config, "head")
