"""Connections: SQLite in WAL mode with foreign keys on, or PostgreSQL, behind the same two doors.

`reading(engine)` gives a connection that sees one consistent state; `writing(engine)` gives a transaction that is
either wholly kept or leaves nothing, and lets one writer in at a time (SQLite: BEGIN IMMEDIATE; PostgreSQL: an
advisory lock held to the end of the transaction).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from data_access.errors import UserError
from data_access.settings import read_settings

_WRITER_LOCK = 330212
SECONDS_TO_WAIT = 60.0  # for another writer of the SQLite file


def create_engine(url: str | None = None) -> Engine:
    """An engine for `url` (default: the settings' address); the SQLite file's folder is created when missing."""
    address = sa.make_url(url or read_settings().database_url)
    if address.get_backend_name() != "sqlite":
        engine = sa.create_engine(address, pool_pre_ping=True, pool_size=10, max_overflow=10)
        event.listen(engine, "connect", _prepare_postgres)
        return engine
    if address.database and address.database != ":memory:":
        _make_folder(Path(address.database).parent)
    engine = sa.create_engine(address, connect_args={"timeout": SECONDS_TO_WAIT})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise UserError(
            zh=f"数据库所在的文件夹“{folder}”无法建立；请检查 DATABASE_URL 与权限。",
            en=f"The folder '{folder}' of the database cannot be made; check DATABASE_URL and permissions.",
        ) from problem


def _prepare_postgres(connection: psycopg.Connection[Any], _record: Any) -> None:
    """Let the server notice within two seconds that this process was ended: its transaction and lock go with it."""
    if connection.info.server_version < 140000:
        return
    before = connection.autocommit
    connection.autocommit = True
    with suppress(psycopg.Error):  # a server on Windows cannot
        connection.execute("SET client_connection_check_interval = '2s'")
    connection.autocommit = before


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, so that DDL and reads are inside the transaction too
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL", "temp_store=MEMORY",
                   "cache_size=-65536", "mmap_size=268435456"):  # fmt: skip
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("for_writing", False)
    if write:  # a long load would count the whole file it has mapped as its memory
        connection.exec_driver_sql("PRAGMA mmap_size=0")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection for reads; what it sees does not change while it is open (PostgreSQL: repeatable read)."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            yield connection
    else:
        with engine.connect() as connection:
            yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction of the only writer; committed at the end of the block, undone by any exception."""
    with engine.connect().execution_options(for_writing=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITER_LOCK})
        yield connection


def count_rows_read(rows: int) -> None:
    """Append the number of rows a read returned to the file named by `BENCH_ROWS_FILE`, when a benchmark asks."""
    target = os.environ.get("BENCH_ROWS_FILE")
    if target:
        with Path(target).open("a", encoding="ascii") as file:
            file.write(f"{rows}\n")
