"""The office's public keys, sealed secrets of laptops, signed orders, and who did what."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_TEXT = sa.String(length=200)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables, and the walls around the audit."""
    op.add_column("laptop", sa.Column("revoked", _MOMENT, nullable=True))
    op.add_column("enrol_code", sa.Column("laptop", _TEXT, nullable=True))
    _keys()
    _audit()
    if op.get_bind().dialect.name == "postgresql":
        _only_added_on_postgresql()
    else:
        _only_added_on_sqlite()


def _keys() -> None:
    """What was sealed for the office, and what the office signed."""
    op.create_table(
        "recovery",
        sa.Column("laptop", _TEXT, nullable=False),
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("vault", _TEXT, nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["laptop"], ["laptop.id"], name=op.f("fk_recovery_laptop")),
        sa.PrimaryKeyConstraint("laptop", name=op.f("pk_recovery")),
        sa.UniqueConstraint("id", name=op.f("uq_recovery_id")),
    )
    op.create_table(
        "office_key",
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("public", sa.Text, nullable=False),
        sa.Column("made", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_office_key")),
    )
    op.create_table(
        "office_order",
        sa.Column("laptop", _TEXT, nullable=False),
        sa.Column("number", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("signature", _TEXT, nullable=False),
        sa.Column("made", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("laptop", "number", name=op.f("pk_office_order")),
    )


def _audit() -> None:
    """Who did what."""
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "audit",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("who", _TEXT, nullable=False),
        sa.Column("what", _TEXT, nullable=False),
        sa.Column("laptop", _TEXT, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )


def _only_added_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit is only added to'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_is_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to()"
    )


def _only_added_on_sqlite() -> None:
    for what in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_no_{what.lower()} BEFORE {what} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END"
        )
