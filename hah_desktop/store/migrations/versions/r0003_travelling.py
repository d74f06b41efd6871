"""How far the content of attachments has travelled, to the office and from it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add what is known of sending, and the table of what is being fetched."""
    op.add_column(
        "sealed_file", sa.Column("sent", sa.Integer, nullable=False, server_default=sa.text("0"))
    )
    op.add_column("sealed_file", sa.Column("received_in", sa.String))
    op.create_table(
        "fetching",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String, nullable=False),
        sa.Column("fetched", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("problem", sa.String, nullable=False, server_default=""),
    )
