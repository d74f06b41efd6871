"""What laptops say of themselves when they sign in, who opened what, and what was refused."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_TEXT = sa.String(length=200)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns and the tables."""
    op.add_column("laptop", sa.Column("told_number", sa.BigInteger, nullable=True))
    op.add_column("laptop", sa.Column("unsent_since", _MOMENT, nullable=True))
    op.add_column("laptop", sa.Column("program", _TEXT, nullable=True))
    op.create_table(
        "failure",
        sa.Column("laptop", _TEXT, nullable=False),
        sa.Column("day", _TEXT, nullable=False),
        sa.Column("problem", _TEXT, nullable=False),
        sa.Column("times", sa.BigInteger, nullable=False),
        sa.Column("last", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["laptop"], ["laptop.id"], name=op.f("fk_failure_laptop")),
        sa.PrimaryKeyConstraint("laptop", "day", "problem", name=op.f("pk_failure")),
    )
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "reading",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("adviser", _TEXT, nullable=False),
        sa.Column("laptop", _TEXT, nullable=False),
        sa.Column("record", _TEXT, nullable=False),
        sa.Column("upto", sa.BigInteger, nullable=False),
        sa.Column("at", _TEXT, nullable=False),
        sa.Column("received", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["adviser"], ["adviser.id"], name=op.f("fk_reading_adviser")),
        sa.ForeignKeyConstraint(["laptop"], ["laptop.id"], name=op.f("fk_reading_laptop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading")),
    )
    op.create_index(op.f("ix_reading_record"), "reading", ["record"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION reading_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'readings are only added to'; END $$"
        )
        op.execute(
            "CREATE TRIGGER reading_is_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON "
            "reading FOR EACH STATEMENT EXECUTE FUNCTION reading_is_only_added_to()"
        )
        return
    for what in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER reading_no_{what.lower()} BEFORE {what} ON reading "
            "BEGIN SELECT RAISE(ABORT, 'readings are only added to'); END"
        )
