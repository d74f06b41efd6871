"""What came from hand to hand and is signed for by its author's laptop."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_TEXT = sa.String(length=200)


def upgrade() -> None:
    """Say of what waits by which evidence it is proved; of what is there, by none."""
    for name in ("digest", "signature"):
        op.add_column("witness", sa.Column(name, _TEXT, nullable=False, server_default=""))
