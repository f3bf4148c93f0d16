"""A district that has loaded its figures but no boundary layer yet."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from data_access.engine import create_engine, writing
from tests.pages.conftest import Open, words
from tests.pages.test_overview_page import component


@pytest.mark.parametrize("page", ["briefing/overview", "gaps/pairings", "places/township"])
def test_pages_open_without_shapes_and_say_so_where_the_map_would_stand(
    open_app: Open, demo_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    copy = tmp_path / "bare.db"
    shutil.copy(demo_sqlite, copy)
    engine = create_engine(f"sqlite:///{copy}")
    with writing(engine) as connection:
        connection.execute(sql("DELETE FROM boundary_shape"))
    engine.dispose()
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{copy}")
    app = open_app(page, tn="330212110") if page == "places/township" else open_app(page)
    assert not app.exception
    assert "gb-footer" in words(app)
    assert "还没有载入边界图层" in component(app, "choropleth")["strings"]["failed"]
