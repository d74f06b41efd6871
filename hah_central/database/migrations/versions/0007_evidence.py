"""What laptops signed for, kept as it came, and how many numbers each batch took."""

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_TEXT = sa.String(length=200)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table, and mark how far the journal goes of which less is known."""
    op.create_table(
        "evidence",
        sa.Column("digest", _TEXT, nullable=False),
        sa.Column("said", sa.LargeBinary, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_evidence")),
    )
    op.add_column("batch", sa.Column("numbers", sa.BigInteger, nullable=True))
    _mark_the_end()


def _mark_the_end() -> None:
    """Before this, a number that no change has was written down nowhere; from now on it is."""
    clock = sa.table("clock", sa.column("seq", sa.BigInteger))
    batch = sa.table("batch", sa.column("seq", sa.BigInteger))
    connection = op.get_bind()
    seq = connection.execute(sa.select(clock.c.seq)).scalar_one()
    known = connection.execute(sa.select(sa.func.max(batch.c.seq))).scalar_one()
    if seq > (known or 0):
        whole = sa.table(
            "batch",
            *map(sa.column, ("seq", "laptop", "digest", "signature")),
            sa.column("received", _MOMENT),
        )
        mark = {"seq": seq, "laptop": "office", "digest": "", "signature": ""}
        op.execute(sa.insert(whole).values(**mark, received=dt.datetime.now(dt.UTC)))
