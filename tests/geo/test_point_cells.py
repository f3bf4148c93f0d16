"""Points counted in cells: against a count one by one, and metres against the geodesic."""

from __future__ import annotations

import math
from collections import Counter

import pandas as pd
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.metres import metres_per_degree
from geo.point_cells import count_in_cells

EARTH = pyproj.Geod(ellps="GRS80")
places = st.tuples(st.floats(121.3, 121.9), st.floats(29.6, 30.0), st.booleans())


@pytest.mark.parametrize("latitude", [0, 29.8, -45, 60, 84])
def test_metres_of_a_degree_are_those_of_the_geodesic(latitude: float) -> None:
    across, along = metres_per_degree(latitude)
    half = 0.0005
    _, _, wide = EARTH.inv(10 - half, latitude, 10 + half, latitude)
    _, _, high = EARTH.inv(10, latitude - half, 10, latitude + half)
    assert across * 2 * half == pytest.approx(wide, rel=1e-7)
    assert along * 2 * half == pytest.approx(high, rel=1e-7)


@given(points=st.lists(places, min_size=1, max_size=60), metres=st.sampled_from([50.0, 200.0, 500.0, 5000.0]))
@settings(deadline=None, derandomize=True, max_examples=60)
def test_cells_hold_what_a_count_one_by_one_holds(points: list[tuple[float, float, bool]], metres: float) -> None:
    frame = pd.DataFrame(points, columns=["lon", "lat", "solved"])
    across, along = metres_per_degree(round((frame["lat"].min() + frame["lat"].max()) / 2, 1))
    one_by_one: Counter[tuple[int, int]] = Counter()
    solved: Counter[tuple[int, int]] = Counter()
    for lon, lat, done in points:
        cell = (math.floor(lon / (metres / across)), math.floor(lat / (metres / along)))
        one_by_one[cell] += 1
        solved[cell] += done
    cells = count_in_cells(frame, cell_metres=metres, summed=("solved",))
    found = {
        (round(lon / (metres / across) - 0.5), round(lat / (metres / along) - 0.5)): (count, done)
        for lon, lat, count, done in cells.itertuples(index=False)
    }
    assert found == {cell: (count, solved[cell]) for cell, count in one_by_one.items()}
    assert cells["count"].is_monotonic_increasing


def test_a_cell_is_as_wide_and_high_on_the_ground_as_was_asked_for() -> None:
    frame = pd.DataFrame({"lon": [121.5, 121.506, 121.5], "lat": [29.8, 29.8, 29.805]})
    cells = count_in_cells(frame, cell_metres=500)
    west, east = sorted(set(cells["lon"].round(9)))[:2]
    south, north = sorted(set(cells["lat"].round(9)))[:2]
    _, _, wide = EARTH.inv(west, south, east, south)
    _, _, high = EARTH.inv(west, south, west, north)
    assert wide == pytest.approx(500, rel=0.003)
    assert high == pytest.approx(500, rel=0.003)


def test_no_points_are_no_cells() -> None:
    cells = count_in_cells(pd.DataFrame({"lon": [], "lat": [], "solved": []}), cell_metres=100, summed=("solved",))
    assert list(cells.columns) == ["lon", "lat", "count", "solved"] and cells.empty


def test_a_side_that_is_none_and_a_point_without_coordinates_are_refused() -> None:
    frame = pd.DataFrame({"lon": [121.5], "lat": [29.8]})
    with pytest.raises(ValueError, match="cell_metres"):
        count_in_cells(frame, cell_metres=0)
    with pytest.raises(ValueError, match="coordinates"):
        count_in_cells(frame.assign(lat=float("nan")), cell_metres=100)
