"""The tables of the first version."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables, their indexes and the search index."""
    _records()
    _changes()
    _the_laptops_own()
    op.execute(
        "CREATE VIRTUAL TABLE search USING fts5("
        "words, tokenize='unicode61 remove_diacritics 2', prefix='2 3 4')"
    )


def _records() -> None:
    op.create_table(
        "record",
        sa.Column("rid", sa.Integer, primary_key=True),
        sa.Column("id", sa.String, nullable=False, unique=True),
        sa.Column("kind", sa.String, nullable=False, index=True),
        sa.Column("body", sa.Text, sa.CheckConstraint("json_valid(body)"), nullable=False),
        sa.Column("office_heads", sa.Text, nullable=False, server_default="{}"),
        sa.Column("heads", sa.Text, nullable=False, server_default="{}"),
        sa.Column("open", sa.Text),
        sa.Column("files", sa.Text, nullable=False),
        sa.Column("visit", sa.String, sa.Computed("json_extract(body, '$.visit')")),
        sa.Column("place", sa.String, sa.Computed("json_extract(body, '$.place')")),
        sa.Column("child", sa.String, sa.Computed("json_extract(body, '$.child')")),
    )
    for name in ("visit", "place", "child"):
        where = sa.text(f"{name} IS NOT NULL")
        op.create_index(f"record_{name}", "record", [name], sqlite_where=where)
    op.create_index("record_open", "record", ["id"], sqlite_where=sa.text("open IS NOT NULL"))


def _changes() -> None:
    op.create_table(
        "change",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("record", sa.String, nullable=False, index=True),
        sa.Column("number", sa.Integer, unique=True),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("hash", sa.String),
        sa.Column("received", sa.Integer),
        sa.Column("verdict", sa.String),
        sa.Column("problem", sa.String),
        sa.Column("by_office", sa.Boolean, nullable=False, server_default=sa.text("0")),
    )
    op.create_index(
        "change_unsent",
        "change",
        ["number"],
        sqlite_where=sa.text("number IS NOT NULL AND received IS NULL"),
    )


def _the_laptops_own() -> None:
    op.create_table(
        "draft",
        sa.Column("record", sa.String, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("visit", sa.String, index=True),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("saved_at", sa.String, nullable=False),
    )
    op.create_table(
        "cursor",
        sa.Column("file", sa.String, primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "sync_run",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("started", sa.String, nullable=False),
        sa.Column("finished", sa.String, nullable=False),
        sa.Column("sent", sa.Integer, nullable=False),
        sa.Column("received", sa.Integer, nullable=False),
        sa.Column("problem", sa.String, nullable=False, server_default=""),
    )
