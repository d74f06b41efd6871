"""What a laptop holds is found by the file too: asking for fifty of five hundred read them all."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Put the wider index in the place of the one by the laptop alone."""
    op.create_index(op.f("ix_holding_laptop_file"), "holding", ["laptop", "file"])
    op.drop_index(op.f("ix_holding_laptop"), "holding")
