"""What each file holds, in one number, kept up to date with the journal."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_TEXT = sa.String(length=200)


def upgrade() -> None:
    """Make room for the numbers. Of what is there already they are worked out when first asked."""
    for lane in ("low", "high"):
        op.add_column("record_file", sa.Column(lane, sa.BigInteger, nullable=True))
    op.create_table(
        "file_digest",
        sa.Column("file", _TEXT, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("low", sa.BigInteger, nullable=False),
        sa.Column("high", sa.BigInteger, nullable=False),
        sa.Column("stale", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("file", name=op.f("pk_file_digest")),
    )
    known = sa.table("record_file", sa.column("file"))
    made = sa.table("file_digest", *map(sa.column, ("file", "count", "low", "high", "stale")))
    none = sa.literal(0)
    rows = sa.select(known.c.file, none, none, none, sa.true()).distinct()
    op.execute(sa.insert(made).from_select([c.name for c in made.c], rows))
    if op.get_bind().dialect.name == "postgresql":
        _noticed_on_postgresql()
    else:
        _noticed_on_sqlite()


def _noticed_on_sqlite() -> None:
    """Heads that are altered where the record does not move did not come from the journal."""
    op.execute(
        "CREATE TRIGGER record_altered AFTER UPDATE OF heads ON record WHEN NEW.seq = OLD.seq "
        "BEGIN UPDATE record_file SET low = NULL, high = NULL WHERE record = NEW.id; "
        "UPDATE file_digest SET stale = 1 WHERE file IN "
        "(SELECT file FROM record_file WHERE record = NEW.id); END"
    )
    op.execute(
        "CREATE TRIGGER record_file_gone AFTER DELETE ON record_file "
        "BEGIN UPDATE file_digest SET stale = 1 WHERE file = OLD.file; END"
    )


def _noticed_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION record_altered() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "UPDATE record_file SET low = NULL, high = NULL WHERE record = NEW.id; "
        "UPDATE file_digest SET stale = true WHERE file IN "
        "(SELECT file FROM record_file WHERE record = NEW.id); RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER record_altered AFTER UPDATE OF heads ON record FOR EACH ROW "
        "WHEN (NEW.seq = OLD.seq) EXECUTE FUNCTION record_altered()"
    )
    op.execute(
        "CREATE FUNCTION record_file_gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "UPDATE file_digest SET stale = true WHERE file = OLD.file; RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER record_file_gone AFTER DELETE ON record_file FOR EACH ROW "
        "EXECUTE FUNCTION record_file_gone()"
    )
