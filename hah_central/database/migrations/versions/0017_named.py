"""On PostgreSQL a change that names the batch it came with is not looked at a second time.

For the trigger that asked once for all rows, PostgreSQL put every row by and read it again, words
and all: a third of what writing them cost. Now the batch that a transaction has written is noted
for as long as it lasts, and only a change that names another one is asked about.
"""

from alembic import op

revision = "0017"
down_revision = "0016"

_NOTED = "current_setting('hah.batch', true)"


def upgrade() -> None:
    """Note each batch as it is written, and ask row by row where it is not the one noted."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for event in ("insert", "update"):
        op.execute(f"DROP TRIGGER change_names_nothing_on_{event} ON change")
    _function(
        "change_names_nothing",
        "IF NOT EXISTS (SELECT FROM batch WHERE batch.seq = NEW.batch) THEN "
        "RAISE foreign_key_violation USING MESSAGE = 'a row of change names no batch'; END IF;",
    )
    op.execute(
        "CREATE TRIGGER change_names_nothing AFTER INSERT OR UPDATE ON change FOR EACH ROW "
        f"WHEN (NEW.batch::text IS DISTINCT FROM {_NOTED}) "
        "EXECUTE FUNCTION change_names_nothing()"
    )
    _function("batch_written", "PERFORM set_config('hah.batch', NEW.seq::text, true);")
    op.execute(
        "CREATE TRIGGER batch_written AFTER INSERT ON batch FOR EACH ROW "
        "EXECUTE FUNCTION batch_written()"
    )
    # What is taken away or called otherwise is noted no more.
    _function("batch_gone", "PERFORM set_config('hah.batch', '', true);")
    op.execute(
        "CREATE TRIGGER batch_gone AFTER DELETE OR UPDATE OF seq ON batch FOR EACH STATEMENT "
        "EXECUTE FUNCTION batch_gone()"
    )


def _function(name: str, does: str) -> None:
    op.execute(
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN {does} RETURN NULL; END $$"
    )
