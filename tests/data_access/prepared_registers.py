"""The small district's registers, loaded once a run and copied for every test that begins with them.

Migrating and loading three files takes most of a second; copying what they leave takes a few milliseconds.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import URL, make_url

from tests.databases import url_text

Build = Callable[[str, Path], None]
"""Fills the empty database at a URL with registers, whose files it writes into a folder."""


def copy_registers(url: str, folder: Path, build: Build) -> None:
    """Make the fresh database at `url` what `build` makes of it; the files of the registers lie in `folder` then."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        files, database = _prepared_file(build)
        shutil.copy(database, str(address.database))
    else:
        files, template = _prepared_template(address.set(database="postgres"), build)
        with _administration(address) as connection:
            connection.execute(sa.text(f'DROP DATABASE "{address.database}" WITH (FORCE)'))
            copied = f'CREATE DATABASE "{address.database}" TEMPLATE "{template}" STRATEGY file_copy'
            connection.execute(sa.text(copied))
    for file in files.iterdir():
        shutil.copy(file, folder / file.name)


@cache
def _scratch() -> Path:
    folder = tempfile.mkdtemp(prefix="prepared-registers-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


@cache
def _prepared_file(build: Build) -> tuple[Path, Path]:
    files = _scratch() / "sqlite"
    files.mkdir()
    build(f"sqlite:///{_scratch() / 'prepared.db'}", files)
    return files, _scratch() / "prepared.db"


@cache
def _prepared_template(server: URL, build: Build) -> tuple[Path, str]:
    files, name = _scratch() / "postgresql", f"prepared_registers_{os.getpid()}"
    files.mkdir()
    with _administration(server) as connection:
        connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    build(url_text(server.set(database=name)), files)
    if os.environ.get("TEST_POSTGRES_URL"):  # a server that outlives the run
        atexit.register(_drop, server, name)
    return files, name


def _drop(server: URL, name: str) -> None:
    with _administration(server) as connection:
        connection.execute(sa.text(f'DROP DATABASE IF EXISTS "{name}"'))


def _administration(address: URL) -> sa.Connection:
    engine = sa.create_engine(
        address.set(database="postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool
    )
    return engine.connect()
