"""Alembic's entry: runs the migrations on the connection that `data_access.schema` hands over."""

from __future__ import annotations

from alembic import context

from data_access.engine import create_engine
from data_access.tables import metadata


def run(connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:  # `alembic revision --autogenerate` from the shell
    with create_engine().connect() as own:
        run(own)
