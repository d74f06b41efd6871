"""The keys to which colleagues seal what goes from hand to hand."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_TEXT = sa.String(length=200)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "card",
        sa.Column("laptop", _TEXT, nullable=False),
        sa.Column("sealing", sa.Text, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["laptop"], ["laptop.id"], name=op.f("fk_card_laptop")),
        sa.PrimaryKeyConstraint("laptop", name=op.f("pk_card")),
    )
