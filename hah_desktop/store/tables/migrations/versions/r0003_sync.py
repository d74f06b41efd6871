"""What sync needs: digests, a smaller index, hand to hand, and how far attachments travelled."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make what is new, part by part."""
    _compare()
    _search_anew()
    _from_hand_to_hand()
    _files_travel()
    _say_what_moved()
    _who_opened_what()
    _received_in_runs()
    _one_index_less()
    _count_apart()


def _compare() -> None:
    # The table notices by itself whatever is written to a record.
    op.create_table(
        "digest_part",
        sa.Column("record", sa.String, primary_key=True),
        sa.Column("files", sa.Text, nullable=False),
        sa.Column("low", sa.Integer),
        sa.Column("high", sa.Integer),
        sa.Column("stale", sa.Boolean, nullable=False, server_default=sa.text("1")),
    )
    op.create_index("digest_part_stale", "digest_part", ["record"], sqlite_where=sa.text("stale"))
    op.create_table(
        "digest_sum",
        sa.Column("files", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("records", "low", "high")),
    )
    op.execute(
        "INSERT INTO digest_part (record, files) SELECT id, files FROM record "
        "WHERE office_heads <> '{}'"
    )
    op.execute(
        "CREATE TRIGGER record_written AFTER UPDATE OF office_heads, heads ON record BEGIN "
        "UPDATE digest_part SET stale = 1 WHERE record = NEW.id AND NOT stale; END"
    )
    op.execute(
        "CREATE TRIGGER record_gone AFTER DELETE ON record BEGIN "
        "UPDATE digest_part SET stale = 1 WHERE record = OLD.id AND NOT stale; END"
    )
    for number in ("compared_files", "compared_records"):
        op.add_column("sync_run", sa.Column(number, sa.Integer, nullable=False, server_default="0"))
    op.add_column("sync_run", sa.Column("agrees", sa.Boolean, nullable=True))
    op.create_table("lost_change", sa.Column("id", sa.String, primary_key=True))
    op.create_table(
        "told",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.String, nullable=False, unique=True),
        sa.Column("words", sa.Text, nullable=False),
    )


def _search_anew() -> None:
    # The words stand in the records, and the beginning of a word is found as quickly without an
    # index of its own. Nothing asks where in a record a word stands.
    op.execute("ALTER TABLE search RENAME TO search_before")
    op.execute(
        "CREATE VIRTUAL TABLE search USING fts5("
        "words, tokenize='unicode61 remove_diacritics 2', content='', contentless_delete=1, "
        "detail=none)"
    )
    # Twice as many parts as usual before they are joined: what is joined is written once more, and
    # with the double of that whoever saves would wait for all of it at once.
    op.execute("INSERT INTO search (search, rank) VALUES ('automerge', 8)")
    op.execute("INSERT INTO search (rowid, words) SELECT rowid, words FROM search_before")
    op.execute("DROP TABLE search_before")


def _from_hand_to_hand() -> None:
    op.create_table(
        "card",
        sa.Column("laptop", sa.String, primary_key=True),
        sa.Column("adviser", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("signing", sa.String, nullable=False),
        sa.Column("sealing", sa.Text, nullable=False),
    )
    op.create_table(
        "taken_bundle",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("laptop", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("taken_at", sa.String, nullable=False),
        sa.Column("signed", sa.LargeBinary),
        sa.Column("signature", sa.LargeBinary),
        sa.Column("changes", sa.LargeBinary),
        sa.Column("given_in", sa.String),
        sa.Column("refused", sa.Integer, nullable=False, server_default=sa.text("0")),
    )


def _files_travel() -> None:
    op.add_column(
        "sealed_file", sa.Column("sent", sa.Integer, nullable=False, server_default=sa.text("0"))
    )
    op.add_column("sealed_file", sa.Column("received_in", sa.String))
    op.create_table(
        "fetching",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String, nullable=False),
        sa.Column("fetched", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("problem", sa.String, nullable=False, server_default=""),
    )


def _say_what_moved() -> None:
    for number in ("sent_bytes", "fetched_bytes"):
        op.add_column("sync_run", sa.Column(number, sa.Integer, nullable=False, server_default="0"))
    op.add_column("sync_run", sa.Column("office", sa.String, nullable=False, server_default=""))


def _who_opened_what() -> None:
    op.create_table(
        "opened",
        sa.Column("record", sa.String, primary_key=True),
        sa.Column("upto", sa.Integer, primary_key=True),
        sa.Column("day", sa.String, primary_key=True),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("told", sa.Boolean, nullable=False, server_default=sa.text("0")),
    )
    op.create_table(
        "seen_by",
        sa.Column("record", sa.String, primary_key=True),
        sa.Column("adviser", sa.String, primary_key=True),
        sa.Column("upto", sa.Integer, nullable=False),
        sa.Column("at", sa.String, nullable=False),
    )


def _received_in_runs() -> None:
    op.add_column("record", sa.Column("begun", sa.Integer))
    op.create_table(
        "received",
        sa.Column("last", sa.Integer, primary_key=True),
        sa.Column("first", sa.Integer, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
    )
    op.drop_index("change_unsent", "change")
    # All before the oldest that is unsent says by itself that it is received; the run says so too.
    op.execute(
        "INSERT INTO received (last, first, place) SELECT number, number, received FROM change "
        "WHERE received IS NOT NULL AND number < coalesce((SELECT min(number) FROM change "
        "WHERE number IS NOT NULL AND received IS NULL), 1 << 62) ORDER BY number DESC LIMIT 1"
    )


def _one_index_less() -> None:
    # Nothing is looked for by the child, and each statement that is saved would write a page of it.
    op.drop_index("record_child", "record")


def _count_apart() -> None:
    by_hand = sa.text("number IS NULL AND received IS NULL")
    op.create_index("change_by_hand", "change", ["number", "received"], sqlite_where=by_hand)
    aside = sa.text("verdict = 'set_aside'")
    op.create_index("change_aside", "change", ["verdict"], sqlite_where=aside)
