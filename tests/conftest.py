"""Fixtures shared by all tests: databases of both kinds, the small demonstration district, a running app, a browser."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from sqlalchemy import URL

from data_access.job_folders import only_one
from scripts.chromium import ARGUMENTS, find_chromium
from scripts.running_app import RunningApp, running_app
from tests.databases import fresh_postgres_database, temporary_postgres_server, url_text

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PROJECT = Path(__file__).resolve().parent.parent

settings.register_profile("project", deadline=None, derandomize=True)
settings.load_profile("project")

# Tests never touch the database somebody works with: what does not choose one gets a throw-away file, in this process
# and in every process that it starts, and opening a file under data/ fails aloud.
_SCRATCH = tempfile.TemporaryDirectory(prefix="test-scratch-")
os.environ["DATABASE_URL"] = f"sqlite:///{_SCRATCH.name}/nobody-chose-a-database.db"
os.environ["UPLOAD_FOLDER"] = f"{_SCRATCH.name}/uploads"


def _refuse_the_working_database(event: str, arguments: tuple[object, ...]) -> None:
    if event == "sqlite3.connect" and str(PROJECT / "data") in str(arguments[0]):
        raise RuntimeError(f"A test opened {arguments[0]}, the database somebody works with.")


sys.addaudithook(_refuse_the_working_database)


def pytest_unconfigure() -> None:
    """Remove the throw-away folder when the run ends."""
    _SCRATCH.cleanup()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """URL (sqlalchemy) of the run's own PostgreSQL server; started by the first test that asks."""
    with temporary_postgres_server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL text of a fresh empty database; every test that asks runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'test.db'}"
        return
    with fresh_postgres_database(request.getfixturevalue("postgres_server")) as url:
        yield url_text(url)


@pytest.fixture(scope="session")
def demo_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Path of a SQLite database with a tenth of the demonstration district. Read it; copy it before writing.

    The processes of one run share it: the first that asks makes it, the others wait.
    """
    own = tmp_path_factory.getbasetemp()
    folder = own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own
    path = folder / "demonstration.db"
    with only_one(folder / "demonstration.lock"):
        if not path.exists():
            draft = folder / "demonstration-draft.db"
            _make_demonstration(draft)
            draft.rename(path)
    return path


def _make_demonstration(path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "data_access", "demo", "--scale", "0.1"],
        cwd=PROJECT,
        env={**os.environ, "DATABASE_URL": f"sqlite:///{path}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0 or not path.is_file():
        pytest.fail(f"The demonstration district was not made:\n{result.stdout[-2000:]}\n{result.stderr[-4000:]}")


@pytest.fixture(scope="session")
def demo_app(demo_sqlite: Path) -> Iterator[RunningApp]:
    """The dashboard running on the small demonstration district, for browser tests."""
    with running_app(database_url=f"sqlite:///{demo_sqlite}") as app:
        yield app


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """A headless Chromium for one test module.

    Not for the whole run: while Playwright is open its event loop counts as running in this thread, and tests of
    anything asynchronous that came after it would fail.
    """
    from playwright.sync_api import sync_playwright

    path = find_chromium()
    if path is None:
        pytest.fail("No Chromium was found: run `make test`, which installs one, or set CHROMIUM_PATH.")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(path), args=list(ARGUMENTS))
        yield opened
        opened.close()
