"""The reader without a browser sees what a browser would be sent."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.stream import Reader
from scripts.running_app import AppDidNotStart, RunningApp, running_app

FRONT_DOOR = """
import streamlit as st

def one():
    st.text_input("name", key="name", bind="query-params")
    st.write(f"hello {st.session_state.name}")
    st.write("x" * 20_000)

def broken():
    raise ValueError("on purpose")

def moving():
    st.switch_page(pages[0], query_params={})

pages = [st.Page(one, url_path="one", default=True), st.Page(broken), st.Page(moving)]
st.navigation(pages).run()
"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    script = tmp_path_factory.mktemp("app") / "app.py"
    script.write_text(FRONT_DOOR)
    with running_app(database_url="sqlite://", script=script) as started:
        yield started


@pytest.mark.slow
def test_a_page_opens_by_its_address_and_counts_its_bytes(app: RunningApp) -> None:
    with Reader(app.url) as reader:
        run = reader.visit("", "name=Li")
    assert run.received > 20_000
    assert run.elements == 3
    assert run.errors == []


@pytest.mark.slow
def test_what_has_not_changed_is_not_sent_again(app: RunningApp) -> None:
    with Reader(app.url) as reader:
        reader.visit("", "name=Li")
        again = reader.visit("", "name=Wang")
    assert again.received < 10_000
    assert again.elements >= 2


@pytest.mark.slow
def test_an_error_on_a_page_is_reported(app: RunningApp) -> None:
    with Reader(app.url) as reader:
        run = reader.visit("broken")
        assert any("ValueError" in error or "on purpose" in error for error in run.errors)
        assert reader.visit("").errors == [], "the session goes on"


@pytest.mark.slow
def test_a_page_that_does_not_exist_is_reported(app: RunningApp) -> None:
    with Reader(app.url) as reader:
        assert reader.visit("nowhere").errors == ["page not found"]


@pytest.mark.slow
def test_a_page_that_sends_the_reader_elsewhere_is_followed_to_the_end(app: RunningApp) -> None:
    with Reader(app.url) as reader:
        assert reader.visit("moving").received > 20_000


def test_a_server_that_ends_at_once_is_reported_with_its_last_words(tmp_path: Path) -> None:
    with (
        pytest.raises(AppDidNotStart, match="does not exist"),
        running_app(database_url="sqlite://", script=tmp_path / "nothing.py"),
    ):
        pytest.fail("it did not start")
