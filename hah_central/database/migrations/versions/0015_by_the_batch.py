"""On PostgreSQL a batch is checked at once, not row by row, and large values are packed lightly.

What the journal's rows and the files of records name has to be there, as before. A foreign key
asks once for each row and locks what it finds; a trigger asks once for all rows of a statement. No
lock is needed: whoever writes has locked the counter first, and nobody takes these rows away.
SQLite checks its foreign keys at next to no cost, and keeps them.
"""

from alembic import op

revision = "0015"
down_revision = "0014"

_NAMED = (("record_file", "record", "record", "id"), ("change", "batch", "batch", "seq"))
"""Each table and column, and the table and column that it names."""

_NO_LZ4 = "0A000"
"""What a PostgreSQL says that was built without it."""


def upgrade() -> None:
    """Put the triggers in the place of the foreign keys, and say how large values are kept."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, column, named, key in _NAMED:
        op.drop_constraint(f"fk_{table}_{column}", table, type_="foreignkey")
        _has_to_be_there(table, column, named, key)
        _has_to_stay(table, column, named, key)
    # What came packed with gzip is packed; the journal's words are looked at more than written.
    op.execute("ALTER TABLE evidence ALTER COLUMN body SET STORAGE EXTERNAL")
    op.execute(
        "DO $$ BEGIN ALTER TABLE change ALTER COLUMN body SET COMPRESSION lz4; "
        f"EXCEPTION WHEN SQLSTATE '{_NO_LZ4}' THEN NULL; END $$"
    )


def _has_to_be_there(table: str, column: str, named: str, key: str) -> None:
    _function(
        f"{table}_names_nothing",
        f"SELECT FROM (SELECT DISTINCT {column} AS key FROM written) AS names "  # noqa: S608 - ours
        f"WHERE NOT EXISTS (SELECT FROM {named} WHERE {named}.{key} = names.key)",
        f"a row of {table} names no {named}",
    )
    for event in ("INSERT", "UPDATE"):
        op.execute(
            f"CREATE TRIGGER {table}_names_nothing_on_{event.lower()} AFTER {event} ON {table} "
            "REFERENCING NEW TABLE AS written "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_names_nothing()"
        )


def _has_to_stay(table: str, column: str, named: str, key: str) -> None:
    _function(
        f"{named}_is_named",
        f"SELECT FROM {table} WHERE {table}.{column} = OLD.{key}",
        f"a row of {table} names this {named}",
    )
    op.execute(
        f"CREATE TRIGGER {named}_is_named_gone AFTER DELETE ON {named} "
        f"FOR EACH ROW EXECUTE FUNCTION {named}_is_named()"
    )
    op.execute(
        f"CREATE TRIGGER {named}_is_named_anew AFTER UPDATE OF {key} ON {named} FOR EACH ROW "
        f"WHEN (OLD.{key} <> NEW.{key}) EXECUTE FUNCTION {named}_is_named()"
    )


def _function(name: str, found: str, told: str) -> None:
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF EXISTS ({found}) THEN "
        f"RAISE foreign_key_violation USING MESSAGE = '{told}'; "
        "END IF; RETURN NULL; END $$"
    )
