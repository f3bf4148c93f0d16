"""Levels: townships out of villages, two layers that disagree, townships without villages."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.coverage import clean_coverage
from geo.coverage_sentences import describe_nesting
from geo.errors import LayerError
from geo.nesting import check_nesting, dissolve, nest, parents_by_code
from tests.geo.damaged_layers import KINDS, damaged_layer, sound_layer, to_degrees, to_metres

EAST, WEST = "330212001", "330212002"


def village_row() -> gpd.GeoDataFrame:
    """Four villages of 1 km², from west to east: two of the western township, two of the eastern one."""
    codes = [f"{WEST}201", f"{WEST}202", f"{EAST}201", f"{EAST}202"]
    shapes = [to_degrees(shapely.box(1000 * at, 0, 1000 * at + 1000, 1000)) for at in range(4)]
    names = ["甲村", "乙村", "丙村", "丁村"]
    frame = gpd.GeoDataFrame({"code": codes, "name": names}, geometry=shapes, crs="EPSG:4490")
    return clean_coverage(frame, tolerance=None).frame


def township_pair(border: float = 2000, *, east: float = 4000) -> gpd.GeoDataFrame:
    shapes = [to_degrees(shapely.box(0, 0, border, 1000)), to_degrees(shapely.box(border, 0, east, 1000))]
    columns = {"code": [WEST, EAST], "name": ["西街道", "东镇"], "note": ["a", "b"]}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4490")


def areas(frame: gpd.GeoDataFrame) -> list[float]:
    return list(shapely.area(to_metres(frame.geometry.values)))


@settings(max_examples=10)
@given(
    seed=st.integers(0, 10**6),
    villages=st.integers(10, 60),
    townships=st.integers(2, 6),
    lake=st.booleans(),
    island=st.booleans(),
)
def test_the_dissolve_is_the_slow_union_and_every_village_lies_in_exactly_its_township(
    seed: int, villages: int, townships: int, lake: bool, island: bool
) -> None:
    sound = sound_layer(seed, villages=villages, townships=townships, lake=lake, island=island)
    whole = dissolve(sound)
    assert whole["code"].tolist() == sorted(set(sound["parent"])) and whole.crs == sound.crs
    assert shapely.coverage_is_valid(whole.geometry.values) and whole.is_valid.all()
    for code, shape in zip(whole["code"], whole.geometry, strict=True):
        slow = shapely.union_all(sound.geometry.values[(sound["parent"] == code).to_numpy()])
        assert shape.symmetric_difference(slow).area < 1e-12
    assert {tuple(xy) for xy in shapely.get_coordinates(whole.geometry.values)} <= {
        tuple(xy) for xy in shapely.get_coordinates(sound.geometry.values)
    }
    faults = check_nesting(sound, whole, trifle=1e-9)
    assert faults.outside == () and faults.straddling == () and faults.disagreeing == ()
    np.testing.assert_allclose(faults.table["inside"], 1, atol=1e-9)


@settings(max_examples=5)
@given(seed=st.integers(0, 10**6), kinds=st.lists(st.sampled_from(KINDS), min_size=2, max_size=6, unique=True))
def test_two_layers_cleaned_apart_nest_exactly_afterwards(seed: int, kinds: list[str]) -> None:
    below = damaged_layer(seed, kinds, villages=15, townships=3)
    above = dissolve(below.sound)
    above["geometry"] = above.geometry.simplify(0.0002)
    nested = nest(clean_coverage(below.damaged).frame, clean_coverage(above).frame)
    assert nested.villages is not None and nested.townships["code"].tolist() == above["code"].tolist()
    both = zip(nested.townships["code"], nested.townships.geometry, strict=True)
    for code, shape in both:
        mine = nested.villages.geometry.values[(nested.villages["parent"] == code).to_numpy()]
        assert shape.symmetric_difference(shapely.union_all(mine)).area < 1e-12
    assert shapely.coverage_is_valid(nested.townships.geometry.values)
    assert nested.undelivered == nested.unplaced == nested.reassigned == ()


def test_a_place_without_the_place_above_it_is_named() -> None:
    frame = sound_layer(1, villages=10, townships=2)
    frame.loc[3, "parent"] = None
    with pytest.raises(LayerError) as caught:
        dissolve(frame)
    assert frame["code"][3] in caught.value.zh and "共 1 个" in caught.value.zh and caught.value.en


def test_shapes_that_are_no_coverage_are_not_put_together() -> None:
    frame = village_row().assign(parent="x")
    frame.loc[0, "geometry"] = frame.geometry[0].buffer(0.0001)
    with pytest.raises(ValueError, match="coverage"):
        dissolve(frame)


def test_shares_are_those_of_the_border_between_the_townships() -> None:
    # the border 300 m too far west: 30 % of the second village lies in the eastern township
    table = check_nesting(village_row(), township_pair(1700)).table
    np.testing.assert_allclose(table["inside"], [1, 0.7, 1, 1], atol=0.002)
    np.testing.assert_allclose(table["elsewhere"], [0, 0.3, 0, 0], atol=0.002)
    np.testing.assert_allclose(table["outside"], 0, atol=0.002)
    assert table["by_place"].tolist() == table["by_code"].tolist() == [WEST, WEST, EAST, EAST]


def test_a_village_in_two_townships_outside_them_and_in_the_wrong_one_are_told_apart() -> None:
    rows = village_row()
    straddling = check_nesting(rows, township_pair(1700))
    assert straddling.straddling == (f"{WEST}202",) and straddling.disagreeing == () and straddling.outside == ()
    wrong = check_nesting(rows, township_pair(1000))
    assert wrong.disagreeing == (f"{WEST}202",) and wrong.straddling == ()
    outside = check_nesting(rows, township_pair(east=3500))
    assert outside.outside == (f"{EAST}202",) and outside.disagreeing == ()
    assert outside.table["outside"][3] == pytest.approx(0.5, abs=0.002)
    nowhere = check_nesting(rows, township_pair(east=2900)).table
    assert nowhere["by_place"][3] is None and nowhere["inside"][3] == 0 and nowhere["outside"][3] == 1


def test_less_than_a_trifle_is_not_worth_a_word() -> None:
    faults = check_nesting(village_row(), township_pair(1995))
    assert faults.straddling == ()
    assert check_nesting(village_row(), township_pair(1995), trifle=0.001).straddling == (f"{WEST}202",)


def test_the_code_wins_over_the_drawing_and_the_disagreement_is_reported() -> None:
    nested = nest(village_row(), township_pair(1000))
    assert nested.faults is not None and nested.faults.disagreeing == (f"{WEST}202",)
    assert nested.villages is not None and nested.villages["parent"].tolist() == [WEST, WEST, EAST, EAST]
    assert areas(nested.townships) == pytest.approx([2_000_000, 2_000_000], rel=0.002)
    assert nested.townships[["code", "name", "note"]].to_numpy().tolist() == [
        [EAST, "东镇", "b"],
        [WEST, "西街道", "a"],
    ]


def test_a_written_parent_wins_over_the_digits_of_the_code() -> None:
    rows = village_row()
    rows["parent"] = [WEST, EAST, None, " "]
    assert parents_by_code(rows) == [WEST, EAST, EAST, EAST]


def test_a_village_whose_code_names_no_township_goes_where_it_lies() -> None:
    rows = village_row()
    rows["code"] = ["A1", "A2", f"{EAST}201", f"{EAST}202"]
    nested = nest(rows, township_pair())
    assert nested.villages is not None and nested.villages["parent"].tolist() == [WEST, WEST, EAST, EAST]
    assert nested.reassigned == ("A1", "A2")
    with pytest.raises(LayerError, match="A1 甲村"):
        nest(rows, township_pair().iloc[1:])


def test_land_of_a_township_that_no_village_covers_stays_empty_and_is_reported() -> None:
    nested = nest(village_row().iloc[:3], township_pair())
    assert nested.uncovered["code"].tolist()[0] == EAST and nested.uncovered["stays_empty"].all()
    assert nested.uncovered["area_m2"][0] == pytest.approx(1_000_000, rel=0.002)
    assert nested.uncovered["wide_m2"][0] == pytest.approx(1_000_000, rel=0.002)
    assert areas(nested.townships) == pytest.approx([1_000_000, 2_000_000], rel=0.002)


def test_a_township_without_villages_keeps_its_land_beside_them() -> None:
    nested = nest(village_row().iloc[:2], township_pair())
    assert nested.villages is not None and len(nested.villages) == 2
    assert nested.townships["code"].tolist() == [EAST, WEST] and nested.townships["name"].tolist() == ["东镇", "西街道"]
    assert areas(nested.townships) == pytest.approx([2_000_000, 2_000_000], rel=0.003)
    assert nested.uncovered.set_index("code")["stays_empty"].to_dict()[EAST] == False  # noqa: E712
    every = np.concatenate([nested.townships.geometry.values, nested.villages.geometry.values[:0]])
    assert shapely.coverage_is_valid(every)
    whole = dissolve(nested.villages)
    assert whole.geometry[0].symmetric_difference(nested.townships.geometry[1]).area < 1e-12


def test_a_township_without_villages_and_without_land_of_its_own_is_named_not_drawn() -> None:
    rows = village_row()
    rows["parent"] = WEST
    nested = nest(rows, township_pair())
    assert nested.unplaced == (EAST,) and nested.townships["code"].tolist() == [WEST]
    assert nested.faults is not None and nested.faults.disagreeing == (f"{EAST}201", f"{EAST}202")


def test_a_township_that_only_codes_name_is_drawn_and_reported() -> None:
    nested = nest(village_row(), township_pair().iloc[:1])
    assert nested.undelivered == (EAST,) and nested.townships["code"].tolist() == [EAST, WEST]
    assert nested.townships["name"].isna().tolist() == [True, False]


def test_one_layer_alone_is_enough() -> None:
    alone = nest(None, township_pair())
    assert alone.villages is None and alone.faults is None and alone.townships["code"].tolist() == [WEST, EAST]
    below = nest(village_row(), None)
    assert below.townships["code"].tolist() == [EAST, WEST] and below.faults is None and below.uncovered.empty
    assert below.villages is not None and below.villages["parent"].tolist() == [WEST, WEST, EAST, EAST]
    with pytest.raises(ValueError, match="neither"):
        nest(None, None)


def test_sentences_name_the_villages_that_disagree_and_the_land_left_empty() -> None:
    assert describe_nesting(nest(village_row(), township_pair())) == []
    assert describe_nesting(nest(None, township_pair())) == []
    names = dict(zip(village_row()["code"], village_row()["name"], strict=True))
    said = describe_nesting(nest(village_row().iloc[:3], township_pair(1700)), names)
    assert said[0].zh == f"1 个村社区跨两个镇街：{WEST}202 乙村。"
    assert "有土地不属于任何村社区，保留为空白（合计 " in said[1].zh and EAST in said[1].zh
    assert (
        said[0].en == f"Villages that straddle two townships: 1 ({WEST}202 乙村)." and "left empty: 1, " in said[1].en
    )
    wrong = describe_nesting(nest(village_row(), township_pair(1000)), names)
    assert wrong[0].zh == f"1 个村社区的编码与所在镇街不一致，以编码为准：{WEST}202 乙村。"
    alone = describe_nesting(nest(village_row().iloc[:2], township_pair()), {EAST: "东镇"})
    assert "1 个镇街没有村社区，保留自己的边界" in alone[0].zh and f"{EAST} 东镇" in alone[0].zh
