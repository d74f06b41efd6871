"""What laptops hold of others' changes that a restored office has lost."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_TEXT = sa.String(length=200)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table: a person looks at it, and nothing of it is ever applied."""
    op.create_table(
        "witness",
        sa.Column("change", _TEXT, nullable=False),
        sa.Column("record", _TEXT, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("files", sa.JSON, nullable=False),
        sa.Column("laptop", _TEXT, nullable=False),
        sa.Column("author", _TEXT, nullable=False),
        sa.Column("made_at", _TEXT, nullable=False),
        sa.Column("clock_trusted", sa.Boolean, nullable=False),
        sa.Column("fields", sa.JSON, nullable=False),
        sa.Column("given_by", _TEXT, nullable=False),
        sa.Column("received", _MOMENT, nullable=False),
        sa.Column("closed", _MOMENT, nullable=True),
        sa.Column("closed_by", _TEXT, nullable=False),
        sa.ForeignKeyConstraint(["given_by"], ["laptop.id"], name=op.f("fk_witness_given_by")),
        sa.PrimaryKeyConstraint("change", name=op.f("pk_witness")),
    )
    op.create_index(op.f("ix_witness_closed"), "witness", ["closed"])
