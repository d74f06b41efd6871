"""The database itself lets the journal, and what proves it, only be added to."""

from alembic import op

revision = "0022"
down_revision = "0021"

_TABLES = ("batch", "change", "evidence", "manifest")


def upgrade() -> None:
    """Refuse every other statement."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:
        op.execute(
            "CREATE FUNCTION journal_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE integrity_constraint_violation "
            "USING MESSAGE = 'the journal is only added to'; END $$"
        )
    for table in _TABLES:
        if postgresql:
            op.execute(
                f"CREATE TRIGGER {table}_is_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON "
                f"{table} FOR EACH STATEMENT EXECUTE FUNCTION journal_is_only_added_to()"
            )
            continue
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END"
            )
