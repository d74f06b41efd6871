"""Since when a laptop is told that a file is taken back, and up to which change it did not know."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Nothing of what is taken back by now was noted: it begins with the next question."""
    op.add_column("holding", sa.Column("told", sa.DateTime(timezone=True), nullable=True))
    op.add_column("holding", sa.Column("known", sa.BigInteger, nullable=True))
