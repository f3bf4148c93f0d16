"""Areas and planes in metres: the closed formula of a zone, holes and parts, and what a plane keeps true."""

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import LayerError
from geo.metres import distances, geodesic_areas, metric_crs, require_degrees, shared_centroids

MAJOR, FLATTENING = 6378137.0, 1 / 298.257222101  # GRS80


def layer(*shapes: shapely.Geometry | None, crs: str | None = "EPSG:4490") -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=gpd.GeoSeries(shapes), crs=crs)


def zone_area(south: float, north: float, width: float) -> float:
    """Area between two parallels and two meridians on GRS80 (Snyder 1987, equation 3-12), square metres."""
    eccentricity = math.sqrt(FLATTENING * (2 - FLATTENING))

    def above_the_equator(latitude: float) -> float:
        sine = math.sin(math.radians(latitude))
        return sine / (1 - (eccentricity * sine) ** 2) + math.atanh(eccentricity * sine) / eccentricity

    minor = MAJOR * (1 - FLATTENING)
    return minor**2 / 2 * math.radians(width) * (above_the_equator(north) - above_the_equator(south))


def cell(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """A box whose parallels are followed by many short edges."""
    return shapely.segmentize(shapely.box(west, south, east, north), 0.002)


@settings(max_examples=25)
@given(st.floats(73, 135), st.floats(18, 53), st.floats(0.01, 0.4), st.floats(0.01, 0.4))
def test_a_cell_of_the_graticule_has_the_area_of_the_closed_formula(west, south, wide, high) -> None:
    area = geodesic_areas(layer(cell(west, south, west + wide, south + high)))[0]
    assert area == pytest.approx(zone_area(south, south + high, wide), rel=1e-7)


def test_holes_are_left_out_and_parts_added_up_whatever_way_the_rings_run() -> None:
    outer, hole, other = (
        cell(121.5, 29.7, 121.6, 29.8),
        cell(121.54, 29.74, 121.56, 29.76),
        cell(121.7, 29.7, 121.72, 29.71),
    )
    whole = sum(zone_area(*at) for at in ((29.7, 29.8, 0.1), (29.7, 29.71, 0.02))) - zone_area(29.74, 29.76, 0.02)
    for hole_ring in (hole.exterior.coords, hole.exterior.coords[::-1]):
        for ring in (outer.exterior.coords, outer.exterior.coords[::-1]):
            parts = [shapely.Polygon(ring, [hole_ring]), other]
            found = geodesic_areas(layer(shapely.MultiPolygon(parts), shapely.GeometryCollection(parts)))
            np.testing.assert_allclose(found, whole, rtol=1e-7)
    nested = shapely.GeometryCollection([shapely.MultiPolygon(parts), shapely.Point(121, 29)])
    assert geodesic_areas(layer(nested))[0] == pytest.approx(whole, rel=1e-7)


def test_a_missing_shape_has_no_area_and_a_line_the_area_zero() -> None:
    areas = geodesic_areas(
        layer(None, shapely.Point(121, 29), shapely.LineString([(121, 29), (122, 30)]), shapely.Polygon())
    )
    np.testing.assert_array_equal(areas, [np.nan, 0, 0, 0])


def test_the_area_does_not_depend_on_the_system_and_web_mercator_shows_a_third_more() -> None:
    degrees = layer(cell(121.5, 29.7, 121.6, 29.8))
    area = geodesic_areas(degrees)[0]
    assert geodesic_areas(degrees.set_crs(None, allow_override=True))[0] == area
    for crs in ("EPSG:4550", "EPSG:3857", "EPSG:32651"):
        assert geodesic_areas(degrees.to_crs(crs))[0] == pytest.approx(area, rel=1e-8)
    assert degrees.to_crs("EPSG:3857").area[0] / area == pytest.approx(1.33, abs=0.005)


def test_areas_of_numbers_that_are_no_degrees_are_refused_with_a_sentence() -> None:
    metres = layer(shapely.box(369438, 3295381, 370438, 3296381), crs=None)
    for function in (geodesic_areas, metric_crs, require_degrees):
        with pytest.raises(LayerError, match=r"经纬度.*longitudes"):
            function(metres)


@settings(max_examples=20)
@given(st.floats(73, 134), st.floats(18, 53), st.floats(0.05, 1))
def test_the_plane_keeps_areas_and_nearly_keeps_distances(west, south, wide) -> None:
    here = layer(
        cell(west, south, west + wide / 2, south + wide / 3), cell(west + wide / 2, south, west + wide, south + wide)
    )
    plane = metric_crs(here)
    assert plane.is_projected and {axis.unit_name for axis in plane.axis_info} == {"metre"}
    flat = here.to_crs(plane)
    np.testing.assert_allclose(flat.area, geodesic_areas(here), rtol=1e-6)
    ends = np.array([[west, south], [west + wide, south + wide]])
    straight = gpd.GeoSeries(shapely.points(ends), crs="EPSG:4490").to_crs(plane)
    assert straight.iloc[0].distance(straight.iloc[1]) == pytest.approx(distances(ends[:1], ends[1:])[0], rel=8e-5)
    assert np.abs(flat.total_bounds).max() < 1e5 * max(wide, 0.1), "the middle of the layer is the origin"


def test_fifty_kilometres_off_the_middle_lengths_are_off_by_eight_in_a_million() -> None:
    east = distances(np.array([[121.0, 30.0]]), np.array([[121.5187, 30.0]]))[0]
    assert east == pytest.approx(50_000, abs=100)
    plane = metric_crs(layer(shapely.Point(121, 30)))
    near, far = (
        gpd.GeoSeries([shapely.Point(121.5187, lat)], crs="EPSG:4490").to_crs(plane).iloc[0] for lat in (29.995, 30.005)
    )
    true = distances(np.array([[121.5187, 29.995]]), np.array([[121.5187, 30.005]]))[0]
    assert abs(near.distance(far) / true - 1) == pytest.approx(8e-6, rel=0.1)


def test_the_plane_is_the_same_for_the_same_layer_in_another_system_and_none_without_shapes() -> None:
    here = layer(shapely.box(121.464, 29.620, 121.890, 29.910))
    assert metric_crs(here) == metric_crs(here.to_crs("EPSG:4550")) == metric_crs(here)
    assert metric_crs(here).geodetic_crs.to_epsg() == 4490
    for empty in (layer(), layer(None), layer(shapely.Polygon())):
        with pytest.raises(LayerError, match=r"没有任何图形.*no shape"):
            metric_crs(empty)


def test_a_degree_of_latitude_at_the_equator_measures_110_574_metres() -> None:
    """Published length of the first degree of a GRS80 meridian; a missing position has no distance."""
    found = distances(np.array([[121.0, 0.0], [np.nan, 0.0]]), np.array([[121.0, 1.0], [121.0, 1.0]]))
    assert found[0] == pytest.approx(110_574.4, abs=0.1) and np.isnan(found[1])


def test_centroids_are_paired_by_code_and_rows_without_code_or_shape_left_out() -> None:
    one = layer(shapely.box(0, 0, 2, 2), shapely.box(2, 0, 4, 2), None, shapely.box(9, 9, 10, 10), shapely.Point(5, 5))
    one["code"] = ["b", "b", "c", None, "a"]
    other = layer(shapely.Point(1, 1), shapely.Point(2, 2), shapely.Point(3, 3)).assign(code=["c", "b", "a"])
    ours, theirs = shared_centroids(one, other, key="code")
    np.testing.assert_array_equal(ours, [[5, 5], [2, 1]])
    np.testing.assert_array_equal(theirs, [[3, 3], [2, 2]])
