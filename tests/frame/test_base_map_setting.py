"""The base map in settings, in the content policy, and at the start of the server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from data_access.errors import UserError
from data_access.settings import read_settings
from ui.web_answers import CONTENT_POLICY, content_policy

PROJECT = Path(__file__).resolve().parents[2]
TILES = "http://tiles.example:8080/{z}/{x}/{y}.png?tk=SECRET"


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("BASE_MAP", TILES)
    monkeypatch.setenv("BASE_MAP_LABELS", "http://names.example/{z}/{x}/{y}.png")
    monkeypatch.setenv("BASE_MAP_ATTRIBUTION", "试验底图")
    return monkeypatch


def test_there_is_none_unless_somebody_sets_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BASE_MAP", "BASE_MAP_LABELS", "BASE_MAP_ATTRIBUTION"):
        monkeypatch.delenv(name, raising=False)
    assert read_settings().base_map is None


def test_the_settings_hold_it_and_never_print_its_key(configured: pytest.MonkeyPatch) -> None:
    settings = read_settings()
    assert settings.base_map is not None
    assert settings.base_map.address == TILES and settings.base_map.attribution == "试验底图"
    assert "SECRET" not in repr(settings)


def test_a_wrong_setting_is_a_sentence_a_person_can_act_on(configured: pytest.MonkeyPatch) -> None:
    configured.setenv("BASE_MAP_ATTRIBUTION", "")
    with pytest.raises(UserError) as told:
        read_settings()
    assert "BASE_MAP_ATTRIBUTION" in told.value.zh and "审图号" in told.value.zh
    assert "review number" in told.value.en and "SECRET" not in str(told.value)


def test_only_the_hosts_of_the_base_map_are_added_to_the_policy(configured: pytest.MonkeyPatch) -> None:
    ground = read_settings().base_map
    assert ground is not None
    before, after = CONTENT_POLICY.split("; "), content_policy(ground.origins).split("; ")
    hosts = " http://tiles.example:8080 http://names.example"
    changed = {new for old, new in zip(before, after, strict=True) if old != new}
    assert changed == {one + hosts for one in before if one.startswith(("img-src", "connect-src"))}
    assert content_policy() == CONTENT_POLICY


@pytest.mark.slow
def test_the_server_does_not_start_with_an_address_that_cannot_be_used() -> None:
    environment = {**os.environ, "BASE_MAP": "http://tiles.example/{q}?tk=SECRET", "BASE_MAP_ATTRIBUTION": "x"}
    ended = subprocess.run(
        [sys.executable, "-c", "import serve"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "BASE_MAP" in ended.stderr and "SECRET" not in ended.stderr and "Traceback" not in ended.stderr
