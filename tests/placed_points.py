"""A copy of the demonstration district in which every site and issue stands in a known place."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import shapely
import streamlit as st

LEFT_OUT = 40
"""Every fortieth site and issue has no position."""


def placed_copy(demo: Path, folder: Path, *, surveyed: bool = False) -> Path:
    """A copy of the database ``demo`` in ``folder`` with positions inside the villages; others are taken away.

    ``surveyed`` says of the boundary layer that it was surveyed, so that a base map may lie under it.
    """
    path = Path(shutil.copy(demo, folder / ("surveyed.db" if surveyed else "placed.db")))
    with closing(sqlite3.connect(path)) as connection:
        boxes = {
            code: _inside(shapely.from_wkb(shape))
            for code, shape in connection.execute("SELECT place_code, geometry FROM boundary_shape")
        }
        for table, key, only in (("site", "code", "WHERE kind <> 'village_gate'"), ("issue", "id", "")):
            connection.execute(f"UPDATE {table} SET lon = NULL, lat = NULL, located_by = NULL")
            rows = connection.execute(f"SELECT {key}, place_code FROM {table} {only} ORDER BY {key}").fetchall()
            placed = [
                (*_spread(boxes[place], number), "stated", name)
                for number, (name, place) in enumerate(rows)
                if number % LEFT_OUT and place in boxes
            ]
            connection.executemany(f"UPDATE {table} SET lon = ?, lat = ?, located_by = ? WHERE {key} = ?", placed)
        if surveyed:
            connection.execute("UPDATE boundary_layer SET precision = 'surveyed', attribution = '试验测绘院'")
        connection.commit()
    return path


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """The app reads this database; nothing of another is in the caches before and after."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", f"sqlite:///{path}")
        for caches in (st.cache_data, st.cache_resource):
            caches.clear()
        yield
        for caches in (st.cache_data, st.cache_resource):
            caches.clear()


def layer_of(spec: dict[str, object], name: str) -> dict[str, object]:
    """The layer of that name in a specification for deck.gl."""
    layers = spec["layers"]
    assert isinstance(layers, list)
    return next(layer for layer in layers if layer["id"] == name)


def _inside(shape: shapely.Geometry) -> tuple[float, float, float]:
    """A point inside a village and how far from it the village goes on, both in degrees."""
    point = shape.representative_point()
    return point.x, point.y, point.distance(shape.boundary)


def _spread(box: tuple[float, float, float], number: int) -> tuple[float, float]:
    x, y, room = box
    return x + room * 0.7 * (number * 7 % 11 - 5) / 8, y + room * 0.7 * (number * 5 % 13 - 6) / 9
