"""What follows from the journal is not written a second time.

What a record shows is worked out where somebody asks for it. One that a single change began, as
most, keeps no heads either: they are read off that change. Rows of before stay as they are.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_NAMES = ("heads", "moved")


def upgrade() -> None:
    """Drop the words, and let the rest be missing."""
    op.drop_column("record", "body")
    if op.get_bind().dialect.name == "postgresql":
        for name in _NAMES:
            op.alter_column("record", name, nullable=True)
    else:
        _made_anew_on_sqlite()


def _made_anew_on_sqlite() -> None:
    """SQLite alters no column, and the table may not go: others name its rows."""
    op.execute("DROP TRIGGER record_altered")
    for name in _NAMES:
        op.execute(f"ALTER TABLE record RENAME COLUMN {name} TO {name}_before")
        op.add_column("record", sa.Column(name, sa.JSON))
        op.execute(f"UPDATE record SET {name} = {name}_before")  # noqa: S608 - our own columns
        op.drop_column("record", f"{name}_before")
    op.execute(
        "CREATE TRIGGER record_altered AFTER UPDATE OF heads ON record WHEN NEW.seq = OLD.seq "
        "BEGIN UPDATE record_file SET low = NULL, high = NULL WHERE record = NEW.id; "
        "UPDATE file_digest SET stale = 1 WHERE file IN "
        "(SELECT file FROM record_file WHERE record = NEW.id); END"
    )
