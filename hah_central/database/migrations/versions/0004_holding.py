"""From whom a file was taken back, and what each laptop holds."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_TEXT = sa.String(length=200)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make both tables. What a laptop holds already is written down at its next pull."""
    op.create_table(
        "barred",
        sa.Column("adviser", _TEXT, nullable=False),
        sa.Column("file", _TEXT, nullable=False),
        sa.ForeignKeyConstraint(["adviser"], ["adviser.id"], name=op.f("fk_barred_adviser")),
        sa.PrimaryKeyConstraint("adviser", "file", name=op.f("pk_barred")),
    )
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "holding",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("laptop", _TEXT, nullable=False),
        sa.Column("file", _TEXT, nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("dropped", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["laptop"], ["laptop.id"], name=op.f("fk_holding_laptop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holding")),
    )
    op.create_index(op.f("ix_holding_laptop"), "holding", ["laptop"])
