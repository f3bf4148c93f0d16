"""A copy of the demonstration district whose boundaries count as surveyed and whose villages have figures we dealt."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
import streamlit as st

from data_access.engine import create_engine
from data_access.releases import current_data_version
from ui.measures import View, present_layer_number

MONTH = 202206
LAYER = "试验测绘图层"
DISTRICT, JIANGSHAN = "330212", "330212110"
MIDDLE = "330212110202"
"""上游村: the planted cluster is this village and all that touch it."""
DUE = 60


def surveyed_copy(demo: Path, folder: Path, *, failures: Mapping[str, tuple[int, int]] | None = None) -> Path:
    """A copy of the database ``demo`` in ``folder`` with a surveyed layer.

    failures  village code → (issues not solved, issues due), all in :data:`MONTH`; villages left out have no issues
    at all. None keeps the figures of the demonstration.
    """
    path = Path(shutil.copy(demo, folder / f"surveyed-{'dealt' if failures else 'made'}.db"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE boundary_layer SET precision = 'surveyed', name = ?", (LAYER,))
        if failures is not None:
            deal(connection, failures)
        connection.commit()
    return path


def deal(connection: sqlite3.Connection, failures: Mapping[str, tuple[int, int]]) -> None:
    """Put these issues in place of all there are for villages."""
    connection.execute("DELETE FROM issue_monthly WHERE level = 'village'")
    names = [row[1] for row in connection.execute("PRAGMA table_info(issue_monthly)")]
    for code, (failed, due) in failures.items():
        known = {"place_code": code, "level": "village", "month": MONTH, "dimension": "all", "value": "all"}
        known |= {"reported": due, "accepted": due, "due": due, "verified_solved": due - failed, "closed": due}
        row = [known.get(name, 0) for name in names]
        connection.execute(f"INSERT INTO issue_monthly VALUES ({', '.join('?' * len(row))})", row)


def change(path: Path, alter: Callable[[sqlite3.Connection], object]) -> None:
    """Alter the database and close it."""
    with closing(sqlite3.connect(path)) as connection:
        alter(connection)
        connection.commit()


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


def view_now(**changes: object) -> View:
    version = current_data_version(create_engine())
    assert version is not None and version.first_month is not None
    view = View(
        root=DISTRICT, villages_of=None, first=202201, last=202210, township_set="all", version=version.number,
        first_month=version.first_month, provisional_from=None, lang="zh", layer=present_layer_number(),
    )  # fmt: skip
    return replace(view, **changes)


def shapes_of(path: Path) -> dict[str, shapely.Geometry]:
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT place_code, geometry FROM boundary_shape").fetchall()
    return {code: shapely.from_wkb(shape) for code, shape in rows}


def touching(shapes: dict[str, shapely.Geometry]) -> dict[str, set[str]]:
    """Who touches whom, pair by pair."""
    codes, boxes = list(shapes), {code: shape.bounds for code, shape in shapes.items()}
    found: dict[str, set[str]] = {code: set() for code in codes}
    for at, one in enumerate(codes):
        west, south, east, north = boxes[one]
        for other in codes[at + 1 :]:
            box = boxes[other]
            apart = box[0] > east or box[2] < west or box[1] > north or box[3] < south
            if not apart and shapes[one].intersects(shapes[other]):
                found[one].add(other)
                found[other].add(one)
    return found


def planted_figures(around: Mapping[str, set[str]]) -> dict[str, tuple[int, int]]:
    """Issues not solved of :data:`DUE` in every village: one in twenty by chance, one in three around one village."""
    return chance_figures(around, seed=4) | {code: (20, DUE) for code in (MIDDLE, *around[MIDDLE])}


def chance_figures(around: Mapping[str, set[str]], *, seed: int) -> dict[str, tuple[int, int]]:
    """Issues not solved of :data:`DUE` in every village, one in twenty by chance."""
    random = np.random.default_rng(seed)
    return {code: (int(random.binomial(DUE, 0.05)), DUE) for code in sorted(around)}
