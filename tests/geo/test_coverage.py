"""Cleaning: random damage is undone, true lakes and islands stay, and what cannot be mended is named."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from geo.coverage import CleanedCoverage, clean_coverage, round_coverage, simplify_coverage
from geo.coverage_sentences import describe_cleaning
from geo.errors import LayerError
from geo.nesting import dissolve
from tests.geo.damaged_layers import KINDS, METRES, damaged_layer, layer, sound_layer, to_metres


def areas(cleaned: CleanedCoverage) -> np.ndarray:
    """Square metres in the plane of the tests, not of the program."""
    return shapely.area(to_metres(cleaned.frame.geometry.values))


def holes(shapes: Sequence[BaseGeometry]) -> list[float]:
    """Square metres of the holes of the union, in the plane of the tests."""
    union = shapely.union_all(to_metres(shapes))
    return [shapely.Polygon(ring).area for part in shapely.get_parts(union) for ring in part.interiors]


@settings(max_examples=14)
@given(
    seed=st.integers(0, 10**6),
    kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=len(KINDS), unique=True),
    villages=st.integers(10, 60),
    townships=st.integers(2, 6),
    lake=st.booleans(),
    island=st.booleans(),
    tolerance=st.sampled_from([None, 30.0]),
)
def test_any_damage_is_undone_to_a_valid_coverage_that_nests_and_keeps_every_area(
    seed: int, kinds: list[str], villages: int, townships: int, lake: bool, island: bool, tolerance: float | None
) -> None:
    made = damaged_layer(seed, kinds, villages=villages, townships=townships, lake=lake, island=island)
    cleaned = clean_coverage(made.damaged, tolerance=tolerance)
    stored = cleaned.frame.geometry.values
    assert shapely.coverage_is_valid(stored) and shapely.is_valid(stored).all()
    assert list(cleaned.frame["code"]) == list(made.sound["code"])

    xy = shapely.get_coordinates(stored)
    np.testing.assert_array_equal(xy, np.round(xy, cleaned.report.decimals))
    metres = to_metres(stored)
    assert abs(shapely.area(metres).sum() - shapely.union_all(metres).area) < 1.0
    assert len(holes(stored)) == (1 if lake else 0)
    assert sum(holes(stored)) == pytest.approx(sum(holes(made.sound.geometry.values)), rel=0.05)

    whole = dissolve(cleaned.frame)
    shares = shapely.area(shapely.intersection(metres[:, None], to_metres(whole.geometry.values)[None, :]))
    own = whole["code"].to_numpy()[None, :] == cleaned.frame["parent"].to_numpy()[:, None]
    np.testing.assert_allclose(shares[own], shapely.area(metres), atol=0.01)
    assert shares[~own].max(initial=0.0) < 0.01

    wanted = shapely.area(to_metres(made.sound.geometry.values))
    disputed = np.array([made.disputed[code] for code in made.sound["code"]])
    large = wanted > 50_000
    off = np.abs(shapely.area(metres) - wanted)
    assert (off[large] <= np.maximum(0.005 * wanted, 0.003 * wanted + disputed)[large]).all()
    assert shapely.area(metres).sum() == pytest.approx(wanted.sum(), rel=0.001)
    assert len(cleaned.report.after.overlaps) == 0 and cleaned.report.after.gap_area(narrow=True) == 0
    assert not cleaned.report.after.unmatched and not cleaned.report.after.invalid


@settings(max_examples=4)
@given(seed=st.integers(0, 10**6))
def test_a_clean_layer_stays_as_it_is(seed: int) -> None:
    first = clean_coverage(sound_layer(seed, lake=True, island=True), tolerance=None).frame
    second = clean_coverage(first, tolerance=None).frame
    assert (shapely.normalize(first.geometry.values) == shapely.normalize(second.geometry.values)).all()


def test_a_crossing_ring_is_mended_and_counted() -> None:
    eight = shapely.Polygon([(0, 0), (500, 0), (500, 400), (480, 420), (500, 420), (480, 400), (0, 400)])
    cleaned = clean_coverage(layer([eight, shapely.box(500, 0, 900, 400)]), tolerance=None)
    assert cleaned.report.before.invalid == {"self_intersection": ("001",)}
    assert cleaned.report.after.invalid == {}
    assert areas(cleaned) == pytest.approx([200_000, 160_000], rel=0.005)


def test_an_overlap_goes_to_the_smaller_place_so_that_an_estate_drawn_on_a_village_is_cut_out_of_it() -> None:
    cleaned = clean_coverage(layer([shapely.box(0, 0, 1000, 1000), shapely.box(300, 300, 500, 500)]), tolerance=None)
    assert areas(cleaned) == pytest.approx([960_000, 40_000], rel=0.01)
    assert len(cleaned.frame.geometry.iloc[0].interiors) == 1


@pytest.mark.parametrize(("width", "filled"), [(1.0, True), (4.0, True), (9.0, False)])
def test_a_gap_is_filled_only_up_to_the_width_asked_for(width: float, filled: bool) -> None:
    around = shapely.box(-300, -300, 2300, 1300).difference(shapely.box(0, 0, 2000, 1000))
    shapes = [shapely.box(0, 0, 1000, 1000), shapely.box(1000 + width, 0, 2000, 1000), around]
    cleaned = clean_coverage(layer(shapes), tolerance=None)
    gaps = cleaned.report.after.gaps
    assert len(gaps) == (0 if filled else 1)
    if not filled:
        assert gaps["area_m2"].iloc[0] == pytest.approx(width * 1000, rel=0.15)
        assert gaps["beside"].iloc[0] == ("001", "002", "003")


def test_a_gap_that_rounding_makes_narrow_is_filled_then_and_said() -> None:
    # 5.2 m from 0.55 to 5.24 hundred-thousandths of a degree north, stored as 1 to 5: 4.4 m
    slit = shapely.box(121.601, 29.8 + 0.55e-5, 121.609, 29.8 + 5.24e-5)
    north, south = shapely.box(121.6, 29.8 + 3e-5, 121.61, 29.81), shapely.box(121.6, 29.79, 121.61, 29.8 + 3e-5)
    columns = {"code": ["1", "2"]}
    shapes = [north.difference(slit), south.difference(slit)]
    cleaned = clean_coverage(gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4490"), tolerance=None)
    assert cleaned.report.before.gaps["narrow"].tolist() == [False]
    assert cleaned.report.after.gaps.empty
    assert cleaned.report.narrowed == (1, pytest.approx(4e-5 * 0.008 * METRES[0] * METRES[1], rel=0.01))
    assert any("变得窄于 5 米" in one.zh for one in describe_cleaning(cleaned.report))


@pytest.mark.parametrize(("width", "closed"), [(1.0, True), (3.5, True), (9.0, False)])
def test_a_gap_between_two_places_that_is_open_to_the_outside_is_closed_too(width: float, closed: bool) -> None:
    shapes = [shapely.box(0, 0, 1000, 1000), shapely.box(1000 + width, 0, 2000, 1000)]
    cleaned = clean_coverage(layer(shapes), tolerance=None)
    assert cleaned.frame.geometry.iloc[0].touches(cleaned.frame.geometry.iloc[1]) == closed
    assert areas(cleaned).sum() == pytest.approx(2_000_000 if closed else 2_000_000 - 9000, rel=0.0012)


def test_a_pinhole_in_the_very_middle_costs_the_place_neither_its_land_nor_the_snapping(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    used: list[float] = []
    clean = shapely.coverage_clean

    def noted(shapes: np.ndarray, *, snapping_distance: float, **options: object) -> np.ndarray:
        used.append(snapping_distance)
        return clean(shapes, snapping_distance=snapping_distance, **options)

    monkeypatch.setattr(shapely, "coverage_clean", noted)
    square = shapely.box(0, 0, 800, 800)
    pinhole = square.difference(shapely.point_on_surface(square).buffer(1.2, quad_segs=2))
    cleaned = clean_coverage(layer([pinhole, shapely.box(800, 0, 1600, 800)]), snap=2.0, tolerance=None)
    assert areas(cleaned) == pytest.approx([640_000, 640_000], rel=0.005)
    assert not cleaned.frame.geometry.iloc[0].interiors
    assert used == [2.0]


def test_an_island_in_a_lake_and_the_lake_around_it_stay() -> None:
    lake, island = shapely.Point(500, 500).buffer(200), shapely.Point(500, 500).buffer(60)
    cleaned = clean_coverage(layer([shapely.box(0, 0, 1000, 1000).difference(lake), island]))
    assert areas(cleaned) == pytest.approx([10**6 - lake.area, island.area], rel=0.03)
    assert cleaned.report.after.gaps["area_m2"].tolist() == pytest.approx([lake.area - island.area], rel=0.03)


def test_a_loose_bit_on_another_place_goes_to_that_place_but_a_rock_in_the_sea_stays() -> None:
    bit = shapely.box(1996, 500, 2000, 504)  # on the outer border of the other place
    rock = shapely.box(-900, 0, -896, 4)
    shapes = [
        shapely.MultiPolygon([shapely.box(0, 0, 1000, 1000), bit, rock]),
        shapely.box(1000, 0, 2000, 1000).difference(bit),
    ]
    cleaned = clean_coverage(layer(shapes), tolerance=None)
    assert cleaned.report.crumbs == (1, pytest.approx(16, rel=0.01))
    assert [shapely.get_num_geometries(shape) for shape in cleaned.frame.geometry] == [2, 1]
    assert areas(cleaned)[1] == pytest.approx(1_000_000, rel=0.002)


def test_rows_of_one_code_become_one_place_with_the_columns_and_index_of_the_first() -> None:
    frame = layer([shapely.box(0, 0, 500, 500), shapely.box(900, 0, 1500, 500), shapely.box(500, 0, 900, 500)])
    frame["code"] = ["b", "a", "b"]
    frame.index = pd.Index([7, 7, 9])
    cleaned = clean_coverage(frame, tolerance=None)
    assert cleaned.frame["code"].tolist() == ["b", "a"] and cleaned.frame.index.tolist() == [7, 7]
    assert cleaned.frame["name"].tolist() == ["甲村", "乙村"] and list(cleaned.frame.columns) == list(frame.columns)
    assert areas(cleaned) == pytest.approx([450_000, 300_000], rel=0.005)
    assert cleaned.report.before.repeated == ("b",) and cleaned.report.before.differing == ("b",)


def test_a_place_drawn_twice_under_two_codes_is_refused_with_both_named() -> None:
    square = shapely.box(0, 0, 700, 700)
    with pytest.raises(LayerError) as caught:
        clean_coverage(layer([square, shapely.box(700, 0, 1400, 700), square]))
    assert "001 甲村" in caught.value.zh and "003 丙村" in caught.value.zh and "覆盖" in caught.value.zh
    assert "covered by" in caught.value.en


def test_a_place_too_small_for_the_snapping_distance_is_refused_by_name() -> None:
    with pytest.raises(LayerError) as caught:
        clean_coverage(layer([shapely.box(0, 0, 700, 700), shapely.box(2000, 0, 2000.8, 0.8)]))
    assert "002 乙村" in caught.value.zh and "too small" in caught.value.en


def test_a_cleaning_that_fails_or_gives_land_away_is_not_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    def swapped(shapes: np.ndarray, **_: object) -> np.ndarray:
        return np.asarray(shapes)[::-1].copy()

    def shrunk(shapes: np.ndarray, **_: object) -> np.ndarray:
        return np.append(shapely.buffer(np.asarray(shapes)[:1], -40), np.asarray(shapes)[1:])

    def failing(_: np.ndarray, **__: object) -> np.ndarray:
        raise shapely.errors.GEOSException("TopologyException: side location conflict")

    frame = layer([shapely.box(0, 0, 700, 700), shapely.box(700, 0, 1400, 700)])
    for wrong in (swapped, shrunk, failing):
        monkeypatch.setattr(shapely, "coverage_clean", wrong)
        with pytest.raises(LayerError, match="拓扑"):
            clean_coverage(frame)


@settings(max_examples=6)
@given(seed=st.integers(0, 10**6), tolerance=st.floats(1, 300))
def test_simplifying_keeps_the_coverage_the_corners_where_three_meet_and_every_area(
    seed: int, tolerance: float
) -> None:
    shapes = to_metres(sound_layer(seed, villages=12, lake=True, island=True).geometry.values)
    simple = simplify_coverage(shapes, tolerance)
    assert shapely.coverage_is_valid(simple) and shapely.is_valid(simple).all()
    assert shapely.get_num_coordinates(simple).sum() <= shapely.get_num_coordinates(shapes).sum()
    np.testing.assert_allclose(shapely.area(simple), shapely.area(shapes), rtol=0.003)
    corners = {tuple(xy) for xy in shapely.get_coordinates(shapes)}
    assert {tuple(xy) for xy in shapely.get_coordinates(simple)} <= corners
    times = pd.Series([xy for one in shapes for xy in {tuple(p) for p in shapely.get_coordinates(one)}]).value_counts()
    assert set(times[times >= 3].index) <= {tuple(xy) for xy in shapely.get_coordinates(simple)}


def test_a_small_island_keeps_its_area_when_the_mainland_is_simplified() -> None:
    wavy = shapely.transform(
        shapely.segmentize(shapely.box(0, 0, 3000, 3000), 20), lambda xy: xy + 9 * np.sin(xy[:, ::-1] / 31)
    )
    mainland, island = simplify_coverage(np.array([wavy, shapely.Point(5000, 0).buffer(14)]), 30.0)
    assert island.area == pytest.approx(shapely.Point(0, 0).buffer(14).area, rel=0.003)
    assert shapely.get_num_coordinates(mainland) < 0.5 * shapely.get_num_coordinates(wavy)


def test_rounding_that_would_make_borders_cross_cuts_them_anew() -> None:
    # the tip at (5.6, 0.55) lies below the border from (0, 0) to (10, 1), and on rounding would jump over it
    below = shapely.Polygon([(0, 0), (10, 1), (10, -5), (0, -5)])
    tip = shapely.Polygon([(0, 0), (5.6, 0.55), (10, -5), (0, -5)])
    shapes = np.array([tip, shapely.difference(below, tip), shapely.Polygon([(0, 0), (0, 9), (10, 9), (10, 1)])])
    pointwise = shapely.transform(shapes, lambda xy: np.round(xy, 0))
    assert not (shapely.is_valid(pointwise).all() and shapely.coverage_is_valid(pointwise))
    rounded, decimals, renoded = round_coverage(shapes, decimals=0)
    assert renoded and decimals in (0, 1)
    assert shapely.coverage_is_valid(rounded) and shapely.is_valid(rounded).all()
    xy = shapely.get_coordinates(rounded)
    np.testing.assert_array_equal(xy, np.round(xy, decimals))
    assert shapely.area(rounded).sum() == pytest.approx(shapely.union_all(rounded).area)


@settings(max_examples=8)
@given(seed=st.integers(0, 10**6))
def test_a_coarse_grid_still_gives_a_valid_coverage_of_the_same_land(seed: int) -> None:
    shapes = sound_layer(seed, villages=15, lake=True).geometry.values
    rounded, decimals, _ = round_coverage(shapes, decimals=3)
    xy = shapely.get_coordinates(rounded)
    np.testing.assert_array_equal(xy, np.round(xy, decimals))
    assert shapely.coverage_is_valid(rounded) and shapely.is_valid(rounded).all()
    grid = 10.0**-decimals * max(METRES)
    moved = shapely.hausdorff_distance(to_metres(shapes), to_metres(rounded))
    assert (moved <= 2 * grid).all()
