"""An index of the contents of attachments by record, to find the records whose content never came.

Without it each record of an attachment would be looked for among all contents.
"""

from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Nothing but the index is new."""
    op.create_index(op.f("ix_blob_offer_record"), "blob_offer", ["record"])
