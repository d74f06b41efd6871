"""The first tables, the counter row, and the office's own virtual laptop."""

import datetime as dt
import uuid

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_TEXT = sa.String(length=200)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make an office that knows nobody yet."""
    _people()
    _journal()
    _records()
    _first_rows()


def _people() -> None:
    """Who works here, and with which laptop."""
    op.create_table(
        "adviser",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adviser")),
    )
    op.create_table(
        "enrol_code",
        sa.Column("hash", _TEXT, nullable=False),
        sa.Column("adviser", _TEXT, nullable=False),
        sa.Column("expires", _MOMENT, nullable=False),
        sa.Column("used", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["adviser"], ["adviser.id"], name=op.f("fk_enrol_code_adviser")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_enrol_code")),
    )
    op.create_table(
        "laptop",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("adviser", _TEXT, nullable=True),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("public_key", _TEXT, nullable=False),
        sa.Column("last_number", sa.BigInteger, nullable=False),
        sa.Column("last_hash", _TEXT, nullable=False),
        sa.Column("enrolled", _MOMENT, nullable=False),
        sa.Column("last_contact", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["adviser"], ["adviser.id"], name=op.f("fk_laptop_adviser")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_laptop")),
    )
    op.create_table(
        "challenge",
        sa.Column("challenge", _TEXT, nullable=False),
        sa.Column("laptop", _TEXT, nullable=False),
        sa.Column("expires", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["laptop"], ["laptop.id"], name=op.f("fk_challenge_laptop")),
        sa.PrimaryKeyConstraint("challenge", name=op.f("pk_challenge")),
    )
    op.create_index(op.f("ix_challenge_expires"), "challenge", ["expires"])
    op.create_table(
        "token",
        sa.Column("hash", _TEXT, nullable=False),
        sa.Column("laptop", _TEXT, nullable=False),
        sa.Column("expires", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["laptop"], ["laptop.id"], name=op.f("fk_token_laptop")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_token")),
    )
    op.create_index(op.f("ix_token_expires"), "token", ["expires"])


def _journal() -> None:
    """Every change, in the order of the counter."""
    op.create_table(
        "clock",
        sa.Column("id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("epoch", _TEXT, nullable=False),
        sa.Column("office", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
    )
    op.create_table(
        "batch",
        sa.Column("seq", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("laptop", _TEXT, nullable=False),
        sa.Column("received", _MOMENT, nullable=False),
        sa.Column("digest", _TEXT, nullable=False),
        sa.Column("signature", _TEXT, nullable=False),
        sa.ForeignKeyConstraint(["laptop"], ["laptop.id"], name=op.f("fk_batch_laptop")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_batch")),
    )
    op.create_table(
        "change",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("laptop", _TEXT, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("hash", _TEXT, nullable=False),
        sa.Column("previous", _TEXT, nullable=False),
        sa.Column("record", _TEXT, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("author", _TEXT, nullable=False),
        sa.Column("made_at", _TEXT, nullable=False),
        sa.Column("clock_trusted", sa.Boolean, nullable=False),
        sa.Column("received", _MOMENT, nullable=False),
        sa.Column("batch", sa.BigInteger, nullable=False),
        sa.Column("verdict", _TEXT, nullable=False),
        sa.Column("problem", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["batch.seq"], name=op.f("fk_change_batch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
        sa.UniqueConstraint("laptop", "number", name=op.f("uq_change_laptop_number")),
        sa.UniqueConstraint("seq", name=op.f("uq_change_seq")),
    )
    op.create_index(op.f("ix_change_record"), "change", ["record"])


def _records() -> None:
    """What follows from the journal: what each record says, and who may see it."""
    op.create_table(
        "record",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("heads", sa.JSON, nullable=False),
        sa.Column("moved", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record")),
    )
    op.create_index(op.f("ix_record_kind"), "record", ["kind"])
    op.create_table(
        "record_file",
        sa.Column("record", _TEXT, nullable=False),
        sa.Column("file", _TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("joined", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["record"], ["record.id"], name=op.f("fk_record_file_record")),
        sa.PrimaryKeyConstraint("record", "file", name=op.f("pk_record_file")),
    )
    op.create_index(op.f("ix_record_file_file_seq"), "record_file", ["file", "seq"])
    op.create_table(
        "file_grant",
        sa.Column("adviser", _TEXT, nullable=False),
        sa.Column("file", _TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("how", _TEXT, nullable=False),
        sa.ForeignKeyConstraint(["adviser"], ["adviser.id"], name=op.f("fk_file_grant_adviser")),
        sa.PrimaryKeyConstraint("adviser", "file", name=op.f("pk_file_grant")),
    )
    op.create_index(op.f("ix_file_grant_file"), "file_grant", ["file"])


def _first_rows() -> None:
    """The counter at nothing, and the office among the laptops."""
    clock = sa.table("clock", *map(sa.column, ("id", "seq", "epoch", "office")))
    office = {"id": 1, "seq": 0, "epoch": str(uuid.uuid4()), "office": str(uuid.uuid4())}
    op.execute(sa.insert(clock).values(office))
    laptop = sa.table(
        "laptop",
        *map(sa.column, ("id", "name", "public_key", "last_number", "last_hash")),
        sa.column("enrolled", _MOMENT),
    )
    virtual = {"id": "office", "name": "Office", "public_key": "", "last_number": 0}
    op.execute(sa.insert(laptop).values(**virtual, last_hash="", enrolled=dt.datetime.now(dt.UTC)))
