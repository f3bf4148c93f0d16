"""The views prepared at the start are the ones pages ask for."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st

from ui import cached_reads, warm_up
from ui.payloads import overview_payload


@pytest.fixture
def version(demo_sqlite: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{demo_sqlite}")
    st.cache_data.clear()
    st.cache_resource.clear()
    found = cached_reads.data_version()
    assert found is not None
    yield found
    st.cache_data.clear()
    st.cache_resource.clear()


def test_the_default_view_comes_first_and_every_view_once(version) -> None:
    listed = list(warm_up.views(version))
    first, indicator = listed[0]
    assert (first.first, first.last, first.until, first.township_set, first.lang, indicator) == (
        202112, 202211, 202211, "all", "zh", "resolution_rate"
    )  # fmt: skip
    assert len(set(listed)) == len(listed)


def test_a_page_finds_its_prepared_view_in_the_cache(version, monkeypatch: pytest.MonkeyPatch) -> None:
    view, indicator = next(warm_up.views(version))
    monkeypatch.setattr(warm_up, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(warm_up, "views", lambda _version: iter([(view, indicator)]))
    assert warm_up.warm_up(version) == 1
    monkeypatch.setattr(overview_payload, "packed", lambda _payload: pytest.fail("computed again"))
    assert overview_payload.mounted(view, indicator, version.demonstration, None).table


def test_newer_data_end_the_preparation(version, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm_up.cached_reads, "data_version", lambda: None)
    assert warm_up.warm_up(version) == 0
