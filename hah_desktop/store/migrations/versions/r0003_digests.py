"""What each record adds to the digests of its files, and what a sync compared at its end."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table, and let it notice by itself whatever is written to a record."""
    op.create_table(
        "digest_part",
        sa.Column("record", sa.String, primary_key=True),
        sa.Column("files", sa.Text, nullable=False),
        sa.Column("low", sa.Integer),
        sa.Column("high", sa.Integer),
        sa.Column("stale", sa.Boolean, nullable=False, server_default=sa.text("1")),
    )
    op.create_index("digest_part_sums", "digest_part", ["files", "low", "high"])
    op.create_index("digest_part_stale", "digest_part", ["record"], sqlite_where=sa.text("stale"))
    op.execute(
        "INSERT INTO digest_part (record, files) SELECT id, files FROM record "
        "WHERE office_heads <> '{}'"
    )
    op.execute(
        "CREATE TRIGGER record_written AFTER UPDATE OF office_heads, heads ON record BEGIN "
        "UPDATE digest_part SET stale = 1 WHERE record = NEW.id AND NOT stale; END"
    )
    op.execute(
        "CREATE TRIGGER record_gone AFTER DELETE ON record BEGIN "
        "UPDATE digest_part SET stale = 1 WHERE record = OLD.id AND NOT stale; END"
    )
    for number in ("compared_files", "compared_records"):
        op.add_column("sync_run", sa.Column(number, sa.Integer, nullable=False, server_default="0"))
    op.add_column("sync_run", sa.Column("agrees", sa.Boolean, nullable=True))
