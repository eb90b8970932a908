"""What alembic runs: the steps of versions/, on the connection that `migrate` hands over."""

from alembic import context

from venterom.server.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=list(METADATA),
    render_as_batch=False,
)
with context.begin_transaction():
    context.run_migrations()
