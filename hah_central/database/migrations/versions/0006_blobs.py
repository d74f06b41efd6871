"""The content of attachments: what is here whole, and who showed to have it for which record."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_TEXT = sa.String(length=200)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables; the content itself lies in a folder."""
    op.create_table(
        "blob",
        sa.Column("sha256", _TEXT, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("received", _MOMENT, nullable=False),
        sa.Column("first_by", _TEXT, nullable=False),
        sa.ForeignKeyConstraint(["first_by"], ["laptop.id"], name=op.f("fk_blob_first_by")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blob")),
    )
    op.create_table(
        "blob_offer",
        sa.Column("sha256", _TEXT, nullable=False),
        sa.Column("record", _TEXT, nullable=False),
        sa.Column("laptop", _TEXT, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("received", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["laptop"], ["laptop.id"], name=op.f("fk_blob_offer_laptop")),
        sa.PrimaryKeyConstraint("sha256", "record", "laptop", name=op.f("pk_blob_offer")),
    )
