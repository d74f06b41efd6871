"""How far the clocks of laptops are off."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Of what is there nobody has said it yet."""
    op.add_column("laptop", sa.Column("ahead", sa.BigInteger))
