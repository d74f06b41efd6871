"""In which files a record lies is written beside it, and once for all that lie in the same.

There was a row for each record and each of its files, with what is the record's own in each of
them. A record came into its files by and by: now the last time counts for all of them, so that who
has one of them may be sent the whole record once more.
"""

import hashlib
from itertools import groupby

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

_TEXT = sa.String(length=200)
_NOT_BEHIND_THE_JOURNAL = "NEW.seq = OLD.seq"
_STALE = (
    "UPDATE file_digest SET stale = {true} WHERE file IN (SELECT file FROM file_set WHERE {of})"
)
_NOBODY = "a record lies in files that nobody named"


def upgrade() -> None:
    """Write it anew from the rows of before, which then go; a view shows what they showed."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute("DROP TRIGGER record_altered" + (" ON record" if postgresql else ""))
    op.create_table(
        "file_set",
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("file", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("name", "file", name=op.f("pk_file_set")),
    )
    op.create_index(op.f("ix_file_set_file"), "file_set", ["file"])
    op.add_column("record", sa.Column("lies_in", _TEXT, nullable=True))
    op.add_column("record", sa.Column("joined", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("record", sa.Column("low", sa.BigInteger, nullable=True))
    op.add_column("record", sa.Column("high", sa.BigInteger, nullable=True))
    _taken_over()
    op.create_index(op.f("ix_record_lies_in_seq"), "record", ["lies_in", "seq"])
    op.drop_table("record_file")
    op.execute(
        "CREATE VIEW record_file AS SELECT record.id AS record, file_set.file AS file, "
        "record.seq AS seq, record.joined AS joined, record.low AS low, record.high AS high "
        "FROM record JOIN file_set ON file_set.name = record.lies_in"
    )
    if postgresql:
        _watched_on_postgresql()
    else:
        _watched_on_sqlite()


def _taken_over() -> None:
    connection = op.get_bind()
    record = sa.table("record", *map(sa.column, ("id", "lies_in", "joined", "low", "high")))
    sets = sa.table("file_set", sa.column("name"), sa.column("file"))
    lies = sa.table("record_file", *map(sa.column, ("record", "file", "joined", "low", "high")))
    put = (
        sa.update(record)
        .where(record.c.id == sa.bindparam("key"))
        .values({name: sa.bindparam(name) for name in ("lies_in", "joined", "low", "high")})
    )
    known: set[str] = set()
    asked = sa.select(lies).order_by(lies.c.record, lies.c.file)
    for id_, group in groupby(connection.execute(asked).all(), lambda row: row.record):
        rows = list(group)
        files = [row.file for row in rows]
        # As `journal.file_sets` names them.
        name = hashlib.sha256("\0".join(sorted(files)).encode()).hexdigest()[:32]
        if name not in known:
            known.add(name)
            connection.execute(sa.insert(sets), [{"name": name, "file": f} for f in files])
        joined = max(row.joined for row in rows)
        parts = {(row.low, row.high) for row in rows}
        low, high = parts.pop() if len(parts) == 1 else (None, None)
        connection.execute(
            put, {"key": id_, "lies_in": name, "joined": joined, "low": low, "high": high}
        )


def _watched_on_sqlite() -> None:
    """What is altered where the record does not move did not come from the journal."""
    stale = _STALE.format(true="1", of="name IN (OLD.lies_in, NEW.lies_in)")
    op.execute(
        "CREATE TRIGGER record_altered AFTER UPDATE OF heads, lies_in ON record "  # noqa: S608 - our own words
        f"WHEN {_NOT_BEHIND_THE_JOURNAL} "
        f"BEGIN UPDATE record SET low = NULL, high = NULL WHERE id = NEW.id; {stale}; END"
    )
    stale = _STALE.format(true="1", of="name = OLD.lies_in")
    op.execute(f"CREATE TRIGGER record_gone AFTER DELETE ON record BEGIN {stale}; END")
    for event in ("INSERT", "UPDATE OF lies_in"):
        op.execute(
            f"CREATE TRIGGER record_names_nothing_on_{event[:6].lower()} BEFORE {event} ON record "  # noqa: S608 - our own words
            "WHEN NEW.lies_in IS NOT NULL "
            "AND NOT EXISTS (SELECT 1 FROM file_set WHERE name = NEW.lies_in) "
            f"BEGIN SELECT RAISE(ABORT, '{_NOBODY}'); END"
        )
    for what in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER file_set_no_{what.lower()} BEFORE {what} ON file_set "
            "BEGIN SELECT RAISE(ABORT, 'which files lie together is only added to'); END"
        )


def _watched_on_postgresql() -> None:
    for function in ("record_file_names_nothing", "record_file_names_another", "record_file_gone"):
        op.execute(f"DROP FUNCTION {function}()")
    for trigger in ("record_is_named_gone", "record_is_named_anew"):
        op.execute(f"DROP TRIGGER {trigger} ON record")
    op.execute("DROP FUNCTION record_is_named()")
    stale = _STALE.format(true="true", of="name IN (OLD.lies_in, NEW.lies_in)")
    _function(
        "record_altered",
        f"UPDATE record SET low = NULL, high = NULL WHERE id = NEW.id; {stale};",  # noqa: S608 - our own words
    )
    op.execute(
        "CREATE TRIGGER record_altered AFTER UPDATE OF heads, lies_in ON record FOR EACH ROW "
        f"WHEN ({_NOT_BEHIND_THE_JOURNAL}) EXECUTE FUNCTION record_altered()"
    )
    _function("record_gone", _STALE.format(true="true", of="name = OLD.lies_in") + ";")
    op.execute(
        "CREATE TRIGGER record_gone AFTER DELETE ON record FOR EACH ROW "
        "EXECUTE FUNCTION record_gone()"
    )
    refused = f"RAISE foreign_key_violation USING MESSAGE = '{_NOBODY}'; END IF;"
    # What thousands of rows name is asked once for all of them; see the migration by the batch.
    _function(
        "record_names_nothing",
        "IF EXISTS (SELECT FROM (SELECT DISTINCT lies_in AS name FROM written) AS names "  # noqa: S608 - our own words
        "WHERE names.name IS NOT NULL "
        f"AND NOT EXISTS (SELECT FROM file_set WHERE file_set.name = names.name)) THEN {refused}",
    )
    op.execute(
        "CREATE TRIGGER record_names_nothing AFTER INSERT ON record "
        "REFERENCING NEW TABLE AS written "
        "FOR EACH STATEMENT EXECUTE FUNCTION record_names_nothing()"
    )
    _function(
        "record_names_another",
        f"IF NOT EXISTS (SELECT FROM file_set WHERE file_set.name = NEW.lies_in) THEN {refused}",
    )
    op.execute(
        "CREATE TRIGGER record_names_another AFTER UPDATE OF lies_in ON record FOR EACH ROW "
        "WHEN (NEW.lies_in IS NOT NULL AND NEW.lies_in IS DISTINCT FROM OLD.lies_in) "
        "EXECUTE FUNCTION record_names_another()"
    )
    _function(
        "file_set_is_only_added_to",
        "RAISE integrity_constraint_violation "
        "USING MESSAGE = 'which files lie together is only added to';",
    )
    op.execute(
        "CREATE TRIGGER file_set_is_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON file_set "
        "FOR EACH STATEMENT EXECUTE FUNCTION file_set_is_only_added_to()"
    )


def _function(name: str, does: str) -> None:
    op.execute(
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN {does} RETURN NULL; END $$"
    )
