"""Colleagues' laptops, and what was taken from their hands."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "card",
        sa.Column("laptop", sa.String, primary_key=True),
        sa.Column("adviser", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("signing", sa.String, nullable=False),
        sa.Column("sealing", sa.Text, nullable=False),
    )
    op.create_table(
        "taken_bundle",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("laptop", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("taken_at", sa.String, nullable=False),
    )
