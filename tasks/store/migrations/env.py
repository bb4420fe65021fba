"""How Alembic runs a migration: on the connection, and in the transaction, that `Store.migrate` gives it."""

from alembic import context

from tasks.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
