"""The fixed tables around the records. A new field of a record never needs a new column."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    column,
    table,
    text,
)

METADATA = MetaData()

RECORD = Table(
    "record",
    METADATA,
    Column("rid", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("kind", String, nullable=False, index=True),
    Column("body", Text, CheckConstraint("json_valid(body)"), nullable=False),
    # {field: [change ids]}: what the office last said, and that with unsent changes laid over it.
    Column("office_heads", Text, nullable=False, server_default="{}"),
    Column("heads", Text, nullable=False, server_default="{}"),
    # The number of the one change here that the office has not told of, where `heads` is what it
    # will tell once that is received, and `office_heads` until then; 0 where `heads` is that now.
    Column("begun", Integer),
    # {field: [change ids]} of the fields that a person has to decide; null when there are none.
    Column("open", Text),
    Column("files", Text, nullable=False),
    Column("visit", String, Computed("json_extract(body, '$.visit')")),
    Column("place", String, Computed("json_extract(body, '$.place')")),
    Column("child", String, Computed("json_extract(body, '$.child')")),
    Index("record_visit", "visit", sqlite_where=text("visit IS NOT NULL")),
    Index("record_place", "place", sqlite_where=text("place IS NOT NULL")),
    Index("record_open", "id", sqlite_where=text("open IS NOT NULL")),
)

CHANGE = Table(
    "change",
    METADATA,
    Column("id", String, primary_key=True),
    Column("record", String, nullable=False, index=True),
    # 1, 2, 3 … of this laptop; null for a change that was received.
    Column("number", Integer, unique=True),
    # Mine: the canonical change. Received: the part of it that the office sent.
    Column("content", Text, nullable=False),
    Column("hash", String),
    # The place in the office's journal; null until its receipt is here, and where a run tells it.
    Column("received", Integer),
    Column("verdict", String),
    Column("problem", String),
    Column("by_office", Boolean, nullable=False, server_default=text("0")),
    # Nearly always empty: so what every screen counts takes as long with many changes as with few.
    Index(
        "change_by_hand",
        "number",
        "received",
        sqlite_where=text("number IS NULL AND received IS NULL"),
    ),
    Index("change_aside", "verdict", sqlite_where=text("verdict = 'set_aside'")),
)

RECEIVED = Table(
    "received",
    METADATA,
    # From `first` to `last` the office took this laptop's changes as they are, each behind the one
    # before it, from `place` on. What lies before the last run and in none tells it itself.
    Column("last", Integer, primary_key=True),
    Column("first", Integer, nullable=False),
    Column("place", Integer, nullable=False),
)

DRAFT = Table(
    "draft",
    METADATA,
    Column("record", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("visit", String, index=True),
    Column("content", Text, nullable=False),
    Column("saved_at", String, nullable=False),
)

CURSOR = Table(
    "cursor",
    METADATA,
    Column("file", String, primary_key=True),
    Column("seq", Integer, nullable=False),
)

META = Table(
    "meta",
    METADATA,
    Column("key", String, primary_key=True),
    Column("value", Text, nullable=False),
)

SYNC_RUN = Table(
    "sync_run",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("started", String, nullable=False),
    Column("finished", String, nullable=False),
    Column("sent", Integer, nullable=False),
    Column("received", Integer, nullable=False),
    Column("problem", String, nullable=False, server_default=""),
    # What both sides compared at the end; null where they did not get so far.
    Column("compared_files", Integer, nullable=False, server_default="0"),
    Column("compared_records", Integer, nullable=False, server_default="0"),
    Column("agrees", Boolean),
    Column("sent_bytes", Integer, nullable=False, server_default=text("0")),
    Column("fetched_bytes", Integer, nullable=False, server_default=text("0")),
    Column("office", String, nullable=False, server_default=""),
)

DIGEST_PART = Table(
    "digest_part",
    METADATA,
    Column("record", String, primary_key=True),
    # Where the office says that the record lies: an edit that is unsent moves nothing there.
    Column("files", Text, nullable=False),
    Column("low", Integer),
    Column("high", Integer),
    # Set by triggers whenever the record is written.
    Column("stale", Boolean, nullable=False, server_default=text("1")),
    Index("digest_part_stale", "record", sqlite_where=text("stale")),
)

DIGEST_SUM = Table(
    "digest_sum",
    METADATA,
    # All parts that lie in the same files, added up: how many are of records with heads, and what
    # those come to. An index that answers this costs each record that comes more than its part.
    Column("files", Text, primary_key=True),
    Column("records", Integer, nullable=False),
    Column("low", Integer, nullable=False),
    Column("high", Integer, nullable=False),
)

LOST_CHANGE = Table(
    "lost_change",
    METADATA,
    # A head that a restored office does not know. It leaves the record once all was fetched.
    Column("id", String, primary_key=True),
)

TOLD = Table(
    "told",
    METADATA,
    # What a restored office was told of others' changes, in the order in which it was told. By now
    # it is in no record here, and that office may be restored to before it was told.
    Column("number", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("words", Text, nullable=False),
)

EVENT = Table(
    "event",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("at", String, nullable=False),
    Column("what", String, nullable=False),
    Column("detail", String, nullable=False, server_default=""),
)

SEALED_FILE = Table(
    "sealed_file",
    METADATA,
    # The random name of the file in the folder of attachments, and the key of that file alone.
    Column("id", String, primary_key=True),
    Column("key", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String, nullable=False),
    Column("kept_at", String, nullable=False),
    # How many of its bytes the office has, and in which epoch it said that it has all of them.
    Column("sent", Integer, nullable=False, server_default=text("0")),
    Column("received_in", String),
)

FETCHING = Table(
    "fetching",
    METADATA,
    # What a sealed file will be called, and the key of its pieces until all of them are here.
    Column("id", String, primary_key=True),
    Column("key", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String, nullable=False),
    Column("fetched", Integer, nullable=False, server_default=text("0")),
    # Why it is not tried again by itself; empty while nothing speaks against it.
    Column("problem", String, nullable=False, server_default=""),
)

CARD = Table(
    "card",
    METADATA,
    # A colleague's laptop, as the office vouches for it; the keys in hex.
    Column("laptop", String, primary_key=True),
    Column("adviser", String, nullable=False),
    Column("name", String, nullable=False),
    Column("signing", String, nullable=False),
    Column("sealing", Text, nullable=False),
)

TAKEN_BUNDLE = Table(
    "taken_bundle",
    METADATA,
    Column("id", String, primary_key=True),
    Column("laptop", String, nullable=False),
    # 1, 2, 3 … of the laptop that made it.
    Column("number", Integer, nullable=False),
    Column("taken_at", String, nullable=False),
    # What its laptop signed for, as it came, until the office has it; NULL then.
    Column("signed", LargeBinary),
    Column("signature", LargeBinary),
    Column("changes", LargeBinary),
    # The epoch of the office that was given it.
    Column("given_in", String),
    # How often the office did not take it.
    Column("refused", Integer, nullable=False, server_default=text("0")),
)

OPENED = Table(
    "opened",
    METADATA,
    # A record that was opened here, with the newest change of somebody else's that was in it.
    Column("record", String, primary_key=True),
    Column("upto", Integer, primary_key=True),
    Column("day", String, primary_key=True),
    Column("at", String, nullable=False),
    Column("told", Boolean, nullable=False, server_default=text("0")),
)

SEEN_BY = Table(
    "seen_by",
    METADATA,
    # Who opened a record elsewhere, and how far in the office's journal it went then.
    Column("record", String, primary_key=True),
    Column("adviser", String, primary_key=True),
    Column("upto", Integer, nullable=False),
    Column("at", String, nullable=False),
)

SEARCH = table("search", column("rowid", Integer), column("words", Text), column("search", Text))
"""The full-text index; its row ids are those of `record`. Only the migration can make it. It is
asked by its own name: in which column a word stands it does not keep."""
