"""What laptops handed over sealed, and whether it was opened."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_TEXT = sa.String(length=200)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table; the bundles themselves lie in a folder."""
    op.create_table(
        "bundle",
        sa.Column("sha256", _TEXT, nullable=False),
        sa.Column("laptop", _TEXT, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("received", _MOMENT, nullable=False),
        sa.Column("opened", _MOMENT, nullable=True),
        sa.Column("number", sa.BigInteger, nullable=True),
        sa.ForeignKeyConstraint(["laptop"], ["laptop.id"], name=op.f("fk_bundle_laptop")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_bundle")),
    )
