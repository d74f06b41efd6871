"""Two manifests may name the very same changes: a stick's and that of a bundle for the office."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_TEXT = sa.String(length=200)


def upgrade() -> None:
    """Make the table for those that came after the first, which lies beside the body."""
    op.create_table(
        "manifest",
        sa.Column("digest", _TEXT, nullable=False),
        sa.Column("sha256", _TEXT, nullable=False),
        sa.Column("said", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("digest", "sha256", name=op.f("pk_manifest")),
    )
