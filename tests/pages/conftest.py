"""The app under AppTest, on the small demonstration district."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from ui.navigation import page_entry

PROJECT = Path(__file__).resolve().parents[2]
Open = Callable[..., AppTest]


_SHARED_BY: dict[str, str | None] = {"module": None}


@pytest.fixture
def fresh_caches(request: pytest.FixtureRequest) -> Iterator[None]:
    """Nothing of another test's database in the caches, before and after.

    The tests of a module marked ``shared_caches`` keep them from one to the next: they only read, and change neither
    settings nor functions.
    """
    module = request.module.__name__ if request.node.get_closest_marker("shared_caches") else None
    if module is None or _SHARED_BY["module"] != module:
        _clear()
        if module is not None:
            request.node.getparent(pytest.Module).addfinalizer(_clear)
    _SHARED_BY["module"] = module
    yield
    if module is None:
        _clear()


def _clear() -> None:
    _SHARED_BY["module"] = None
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def open_app(demo_sqlite: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches: None) -> Open:
    """open_app("places/township", role="head", lang="en", tn="330212110"): the page after its first run."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{demo_sqlite}")

    def open_one(page: str = "briefing/overview", *, role: str = "leader", **address: str) -> AppTest:
        app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
        app.session_state["viewer_role"] = role
        for name, value in address.items():
            app.query_params[name.rstrip("_")] = value
        if role not in page_entry(page).roles:
            app.run()  # AppTest knows which pages there are, and refuses the others, after a first run
        app.switch_page(f"pages/{page}.py")  # like a deep link: the page of the root is not run before
        return app.run()

    return open_one


@pytest.fixture
def open_root(demo_sqlite: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches: None) -> Open:
    """open_root(role="head"): what a reader sees who asked for no page."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{demo_sqlite}")

    def open_one(*, role: str = "leader") -> AppTest:
        app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
        app.session_state["viewer_role"] = role
        return app.run()

    return open_one


def words(app: AppTest) -> str:
    """Everything the run wrote as HTML or Markdown, joined."""
    parts = [one.value for one in app.html] + [one.value for one in app.markdown] + [one.value for one in app.caption]
    parts += [one.value for kind in (app.warning, app.error, app.info) for one in kind]
    return "\n".join(part for part in parts if "<style>" not in part)
