"""Alembic asks here for the database. It is handed one connection, within a transaction of ours."""

from alembic import context

from equipoise.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite can, when it is told where a transaction begins
    render_as_batch=True,
)
context.run_migrations()
