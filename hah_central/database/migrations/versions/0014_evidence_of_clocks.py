"""How far the clock was off by which a colleague's lost change says when it was made."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Of what is there nobody has said it."""
    off = sa.Column("clock_off", sa.BigInteger, nullable=False, server_default="0")
    op.add_column("witness", off)
