"""Runs the migrations on the connection that `database.migrate` hands over."""

from alembic import context

from hah_central.database import rows  # noqa: F401 - what they describe is in the metadata
from hah_central.database.columns import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transaction_per_migration=False,
)
context.run_migrations()
