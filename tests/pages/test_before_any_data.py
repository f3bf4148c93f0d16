"""An installation whose database is made and still empty: the steward's first load starts on the screen."""

from pathlib import Path

import pytest

from data_access import schema
from data_access.engine import create_engine
from tests.pages.conftest import Open, words
from ui.texts import text


@pytest.fixture
def empty_database(tmp_path: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    engine = create_engine(url)
    schema.upgrade(engine)
    engine.dispose()
    monkeypatch.setenv("DATABASE_URL", url)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_steward_finds_the_page_for_loading_and_nothing_else(empty_database: None, open_app: Open, lang: str) -> None:
    app = open_app(role="steward", lang=lang)
    assert not app.exception
    assert text("upload.lead", lang) in words(app)
    assert len(app.get("file_uploader")) == 1


@pytest.mark.parametrize("role", ["leader", "head", "researcher"])
def test_everybody_else_is_told_that_nothing_has_been_loaded(empty_database: None, open_app: Open, role: str) -> None:
    app = open_app(role=role)
    assert not app.exception
    assert app.warning[0].value == text("frame.messages.nothing_loaded", "zh")
