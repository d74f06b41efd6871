"""Codes for laptops that this office lost as it was put back from a backup."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

_TEXT = sa.String(length=200)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "return_code",
        sa.Column("hash", _TEXT, nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("role", _TEXT, nullable=False),
        sa.Column("expires", _MOMENT, nullable=False),
        sa.Column("used", _MOMENT, nullable=True),
        sa.Column("laptop", _TEXT, nullable=True),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_return_code")),
    )
