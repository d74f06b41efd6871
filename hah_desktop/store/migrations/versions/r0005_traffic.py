"""What a sync moved, and with which office: for the history that a person reads."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns."""
    for number in ("sent_bytes", "fetched_bytes"):
        op.add_column("sync_run", sa.Column(number, sa.Integer, nullable=False, server_default="0"))
    op.add_column("sync_run", sa.Column("office", sa.String, nullable=False, server_default=""))
