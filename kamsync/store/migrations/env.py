"""Runs a migration on the connection that `database.migrate` hands over."""

from alembic import context

from kamsync.store.database import METADATA

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=METADATA, render_as_batch=True, transactional_ddl=False, compare_type=True
)
context.run_migrations()
