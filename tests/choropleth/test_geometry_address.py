"""The static file of a drawing: named by content, whole or not there, never with values."""

import os
from pathlib import Path

import pytest

from ui.choropleth import geometry_address


def test_the_address_points_at_a_file_with_the_drawing(tmp_path: Path) -> None:
    address = geometry_address(b'{"w":1}', static_folder=tmp_path)
    assert address.startswith("app/static/geometry/")
    assert (tmp_path / address.removeprefix("app/static/")).read_bytes() == b'{"w":1}'


def test_another_drawing_has_another_address_and_the_same_one_is_not_written_again(tmp_path: Path) -> None:
    first = geometry_address(b"one", static_folder=tmp_path)
    file = tmp_path / first.removeprefix("app/static/")
    os.utime(file, (1, 1))
    assert geometry_address(b"one", static_folder=tmp_path) == first
    assert file.stat().st_mtime == 1
    assert geometry_address(b"two", static_folder=tmp_path) != first
    assert len(list((tmp_path / "geometry").iterdir())) == 2


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError, match="disk full"):
        geometry_address(b"one", static_folder=tmp_path)
    assert list((tmp_path / "geometry").iterdir()) == []
