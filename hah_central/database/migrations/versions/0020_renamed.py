"""On PostgreSQL what a record's place in a file names is asked again only where it names another.

The record moves with every change of it, and what it lies in stays: so that was asked for nothing.
"""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Ask row by row, of those that name another record than before."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("DROP TRIGGER record_file_names_nothing_on_update ON record_file")
    op.execute(
        "CREATE FUNCTION record_file_names_another() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF NOT EXISTS (SELECT FROM record WHERE record.id = NEW.record) THEN "
        "RAISE foreign_key_violation USING MESSAGE = 'a row of record_file names no record'; "
        "END IF; RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER record_file_names_another AFTER UPDATE ON record_file FOR EACH ROW "
        "WHEN (NEW.record IS DISTINCT FROM OLD.record) "
        "EXECUTE FUNCTION record_file_names_another()"
    )
