"""An index of the few changes that were not simply applied in their place, to count them by.

The page of operations went through the whole journal for them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

_ODD = sa.text("verdict <> 'applied' OR number <= 0")


def upgrade() -> None:
    """Nothing but the index is new."""
    op.create_index(
        "ix_change_odd", "change", ["verdict"], sqlite_where=_ODD, postgresql_where=_ODD
    )
