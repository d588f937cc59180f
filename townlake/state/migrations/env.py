"""Alembic's entry: migrates over the connection that `open_state` hands in."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
context.run_migrations()
