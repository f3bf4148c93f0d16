"""Which coordinate system a layer is in: published eastings, all systems a district may meet, wrong declarations."""

import re

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import LayerError
from geo.metres import distances
from geo.recognition import SAME_PLACE
from geo.reference_systems import Candidate, Recognition, candidates, recognise, to_lonlat

YINZHOU = (121.30, 29.45, 121.95, 29.98)
DISTRICT = (121.464, 29.620, 121.890, 29.910)
CITY = "+proj=tmerc +lat_0=0 +lon_0={} +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m +no_defs"
PRJ = (
    'PROJCS["{0}_3_Degree_GK_CM_123E",GEOGCS["GCS_{0}",DATUM["D_{0}",SPHEROID["{1}",{2}]],PRIMEM["Greenwich",0.0],'
    'UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",500000.0],'
    'PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",123.0],PARAMETER["Scale_Factor",1.0],'
    'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)
PRJ_CGCS2000 = PRJ.format("CGCS2000", "CGCS2000", "6378137.0,298.257222101").replace("D_CGCS2000", "D_China_2000")
PRJ_BEIJING = PRJ.format("Beijing_1954", "Krasovsky_1940", "6378245.0,298.3")


def district(box: tuple[float, float, float, float] = DISTRICT, rows: int = 5) -> gpd.GeoDataFrame:
    """Places in degrees that fill the box like bricks, with codes."""
    west, south, east, north = box
    wide, high = (east - west) / rows, (north - south) / rows
    places = [
        shapely.box(x := west + (i + j % 2 / 2) * wide, y := south + j * high, x + wide, y + high)
        for i in range(rows)
        for j in range(rows)
    ]
    return gpd.GeoDataFrame({"code": [f"{one:03d}" for one in range(len(places))]}, geometry=places, crs="EPSG:4490")


def undeclared(layer: gpd.GeoDataFrame, crs: str, *, swapped: bool = False) -> gpd.GeoDataFrame:
    """The layer in another system, without a word about it, northing first if swapped."""
    shapes = layer.to_crs(crs).geometry.to_numpy()
    if swapped:
        shapes = shapely.transform(shapes, lambda vertices: vertices[:, ::-1])
    return gpd.GeoDataFrame({"code": layer["code"]}, geometry=shapes)


def systems(found: Recognition) -> list[str]:
    return [one.crs for one in found.candidates]


def off(found: Candidate, layer: gpd.GeoDataFrame, truth: gpd.GeoDataFrame) -> float:
    """Greatest distance in metres between where the layer is put and where it is."""
    put = shapely.get_coordinates(to_lonlat(layer, found).geometry.to_numpy())
    return float(distances(put, shapely.get_coordinates(truth.geometry.to_numpy())).max())


CENTRES = {"Yinzhou": (121.65, 29.77), "Ürümqi": (87.6, 43.8)}


@settings(max_examples=30)
@given(
    st.sampled_from(sorted(CENTRES)),
    st.floats(0.2, 0.35),
    st.integers(0, 10_000),
    st.booleans(),
    st.sampled_from([0, 1]),
)
def test_a_layer_without_declaration_is_put_right_or_a_person_is_asked(place, half, pick, swapped, known) -> None:
    lon, lat = CENTRES[place]
    box = (lon - half - 0.05, lat - half - 0.05, lon + half + 0.05, lat + half + 0.05)
    truth = district((lon - half, lat - half, lon + half, lat + half))
    usual = [one for one in candidates(box) if not one.swapped]
    system = usual[pick % len(usual)]
    layer = undeclared(truth, system.crs, swapped=swapped)
    found = recognise(layer, box=box, reference=truth if known else None)
    assert not found.contradicted and found.assumed == (found.chosen is not None)
    if found.chosen is None:
        assert not known, "shapes with known codes decide"
        assert min(off(one, layer, truth) for one in found.candidates) < 0.01
        assert max(off(one, layer, truth) for one in found.candidates) > SAME_PLACE
    else:
        assert off(found.chosen, layer, truth) < (11 if known else SAME_PLACE)
        assert found.swapped == swapped and found.share_inside == 1


def test_4550_and_utm_51_are_1320_metres_apart_and_must_be_asked() -> None:
    for crs in ("EPSG:4550", "EPSG:32651"):
        found = recognise(undeclared(district(), crs), box=YINZHOU)
        assert found.chosen is None and systems(found)[:2] == ["EPSG:4550", "EPSG:32651"]
        assert "2 种坐标系" in found.zh and "EPSG:4550" in found.zh and "EPSG:32651" in found.zh
        assert (
            re.search(r"up to 1,3[12]\d m", found.en) and "Ask the office" in found.en and "EPSG:2386" not in found.en
        )


@pytest.mark.parametrize("crs", ["EPSG:4550", "EPSG:32651"])
def test_known_places_tell_4550_from_utm_51_also_when_they_are_drawn_roughly(crs: str) -> None:
    rough = district().set_geometry(district().translate(0.002, -0.001))
    found = recognise(undeclared(district(), crs), box=YINZHOU, reference=rough)
    assert found.chosen.crs == crs and found.assumed
    assert found.distances[0] == pytest.approx(223, abs=1) and found.distances[1] > 1000
    assert "中位相差 223 米" in found.zh and "median 223 m" in found.en


@pytest.mark.parametrize("crs", ["EPSG:4550", "EPSG:32651"])
def test_an_outline_without_codes_is_compared_with_the_outline_of_known_places(crs: str) -> None:
    outline = gpd.GeoDataFrame({"code": ["all"]}, geometry=[district().union_all()], crs="EPSG:4490")
    found = recognise(undeclared(outline, crs), box=YINZHOU, reference=district(rows=5))
    assert found.chosen.crs == crs and found.distances[0] < 1 and found.distances[1] > 500


def test_points_and_shapes_elsewhere_decide_nothing() -> None:
    layer = undeclared(district(), "EPSG:4550").drop(columns="code")
    points = layer.set_geometry(layer.centroid)
    assert recognise(points, box=YINZHOU, reference=district()).chosen is None
    elsewhere = district().set_geometry(district().translate(0.3, 0.2))
    with_codes = recognise(undeclared(district(), "EPSG:4550"), box=YINZHOU, reference=elsewhere)
    assert with_codes.chosen is None and min(with_codes.distances) > 30_000


def test_known_shapes_farther_than_any_web_map_shift_are_not_trusted() -> None:
    """Two kilometres north of the truth, the wrong system would come three times nearer than the right one."""
    moved = district().set_geometry(district().translate(0, 0.018))
    found = recognise(undeclared(district(), "EPSG:4550"), box=YINZHOU, reference=moved)
    assert found.chosen is None and systems(found)[:2] == ["EPSG:4550", "EPSG:32651"]
    assert found.distances[0] > 2 * found.distances[1] > 1200
    stands = recognise(district().to_crs(4550), box=YINZHOU, reference=moved)
    assert stands.chosen.crs == "EPSG:4550" and "请先核对" in stands.zh and "check that they show" in stands.en


def test_a_declared_system_that_fits_stands_and_nothing_is_assumed() -> None:
    for declared in ("EPSG:4550", "EPSG:32651", "EPSG:4326", "EPSG:3857", CITY.format(121), PRJ_CGCS2000):
        found = recognise(district().to_crs(declared), box=YINZHOU)
        assert found.chosen == found.declared and not (found.assumed or found.contradicted or found.swapped)
        assert found.zh.startswith("按文件声明读取") and found.en.startswith("Read as declared")
        assert off(found.chosen, district().to_crs(declared), district()) < 0.01
    assert found.chosen.crs == "EPSG:4550", "a .prj is known by its EPSG code"


@pytest.mark.parametrize(
    ("declared", "crs", "swapped", "chosen"),
    [
        ("EPSG:4326", "EPSG:4549", False, "EPSG:4549"),
        ("EPSG:4549", "EPSG:4528", False, "EPSG:4528"),
        ("EPSG:4529", "EPSG:4550", False, "EPSG:4550"),  # UTM would fit as well: the declaration tells
        ("EPSG:4550", "EPSG:4550", True, "EPSG:4550"),
        ("EPSG:32651", "EPSG:32651", True, "EPSG:32651"),
        ("EPSG:4490", "EPSG:4490", True, "EPSG:4490"),
        ("EPSG:4549", "EPSG:4490", False, "EPSG:4490"),
        ("EPSG:3857", CITY.format(121.5), False, CITY.format(121.5)),
        ('LOCAL_CS["drawing",UNIT["Meter",1]]', "EPSG:4549", False, "EPSG:4549"),
    ],
)
def test_a_declaration_that_disagrees_with_the_coordinates_is_reported_and_mended(
    declared, crs, swapped, chosen
) -> None:
    layer = undeclared(district(), crs, swapped=swapped)
    found = recognise(layer, box=YINZHOU, declared=declared)
    assert found.contradicted and found.assumed and found.chosen.crs == chosen and found.swapped == swapped
    assert "与坐标不符" in found.zh and "请确认" in found.zh and "the coordinates disagree" in found.en
    assert ("X、Y 颠倒" in found.zh) == ("swapped back" in found.en) == swapped
    assert off(found.chosen, layer, district()) < 0.01


def test_a_wrong_declaration_leaves_the_question_between_4550_and_utm_open() -> None:
    found = recognise(undeclared(district(), "EPSG:4550"), box=YINZHOU, declared=4326)
    assert found.contradicted and found.chosen is None and systems(found)[:2] == ["EPSG:4550", "EPSG:32651"]


def test_beijing_54_is_accepted_with_a_warning_and_its_rivals() -> None:
    found = recognise(undeclared(district(), "EPSG:4550"), box=YINZHOU, declared=PRJ_BEIJING)
    assert found.chosen.crs == "EPSG:2438" and found.chosen.older and not found.assumed
    assert "误差有几十米" in found.zh and "tens of metres" in found.en and "EPSG:4550" in systems(found)


def test_a_prj_of_beijing_54_with_cgcs2000_numbers_is_seen_beside_known_places() -> None:
    found = recognise(undeclared(district(), "EPSG:4550"), box=YINZHOU, declared=PRJ_BEIJING, reference=district())
    assert found.contradicted and found.chosen.crs == "EPSG:4550" and found.distances[0] < 1 < found.distances[1]
    assert "已知图形" in found.zh and "known shapes" in found.en
    honest = recognise(undeclared(district(), "EPSG:2438"), box=YINZHOU, declared=PRJ_BEIJING, reference=district())
    assert honest.chosen.crs == "EPSG:2438" and not honest.contradicted


def test_known_places_contradict_a_declaration_of_the_wrong_neighbour() -> None:
    found = recognise(undeclared(district(), "EPSG:32651"), box=YINZHOU, declared=4550, reference=district())
    assert found.contradicted and found.chosen.crs == "EPSG:32651"
    assert found.distances[:2] == pytest.approx((0, 1320), abs=5) and "farther than in another system" in found.en


def test_web_map_shifts_do_not_hide_the_system() -> None:
    """A layer in GCJ-02 lies 490 m off whatever its projection; the datum is looked for afterwards."""
    shifted = district().set_geometry(district().translate(0.0045, -0.0022))
    found = recognise(shifted.to_crs(4550), box=YINZHOU, reference=district())
    assert found.chosen.crs == "EPSG:4550" and not found.contradicted and 450 < found.distances[0] < 520


def test_a_small_layer_fits_several_city_systems_and_is_asked_about() -> None:
    corner = district((121.80, 29.70, 121.86, 29.75))
    found = recognise(undeclared(corner, CITY.format(121.5)), box=YINZHOU)
    assert found.chosen is None and {CITY.format(121), CITY.format(121.5)} <= set(systems(found))
    decided = recognise(undeclared(corner, CITY.format(121.5)), box=YINZHOU, reference=corner)
    assert decided.chosen.crs == CITY.format(121.5)


@pytest.mark.parametrize("declared", ["EPSG:4326", "EPSG:4549", "EPSG:32651"])
def test_a_stray_point_at_nought_does_not_make_a_wrong_declaration_stand(declared: str) -> None:
    layer = undeclared(district(), "EPSG:4528")
    layer.loc[len(layer)] = ["stray", shapely.Point(0, 0)]
    found = recognise(layer, box=YINZHOU, declared=declared)
    assert found.contradicted and found.chosen.crs == "EPSG:4528" and found.share_inside == 25 / 26
    harbin = district((126.4, 45.5, 126.8, 45.9)).to_crs(declared)
    harbin.loc[len(harbin)] = ["stray", shapely.Point(0, 0)]
    assert recognise(harbin, box=YINZHOU).chosen is None


def test_one_outline_that_holds_the_district_stands_as_declared() -> None:
    city = gpd.GeoDataFrame(geometry=[shapely.box(118.0, 28.8, 122.4, 30.5)], crs="EPSG:4490")
    assert recognise(city, box=YINZHOU).chosen.crs == "EPSG:4490"


def test_a_larger_layer_stands_as_declared_but_is_not_guessed() -> None:
    province = district((118.0, 27.2, 122.9, 31.1), rows=12)
    found = recognise(province.to_crs(4549), box=YINZHOU, reference=province)
    assert found.chosen.crs == "EPSG:4549" and found.share_inside < 0.1
    guess = recognise(undeclared(province, "EPSG:4549"), box=YINZHOU)
    assert guess.chosen is None and guess.candidates == () and "没有一种常用坐标系" in guess.zh


@pytest.mark.parametrize("declared", [None, 'LOCAL_CS["drawing",UNIT["Meter",1]]'])
def test_a_shifted_local_grid_fits_nothing_and_the_office_is_asked(declared) -> None:
    layer = undeclared(district(), "EPSG:4550")
    layer = layer.set_geometry(layer.translate(-300_000, -3_200_000))
    found = recognise(layer, box=YINZHOU, declared=declared)
    assert found.chosen is None and found.candidates == () and not found.assumed
    assert found.contradicted == (declared is not None) and np.isnan(found.share_inside) == (declared is None)
    assert "索要 CGCS2000 经纬度" in found.zh and "Ask the office" in found.en


def test_an_unreadable_declaration_is_named_and_guessed_past() -> None:
    found = recognise(undeclared(district(), "EPSG:4549"), box=YINZHOU, declared="unknown grid")
    assert found.chosen.crs == "EPSG:4549" and found.assumed and found.declared is None
    assert "无法识别" in found.zh and "cannot be read" in found.en


def test_the_bounds_alone_are_enough() -> None:
    bounds = tuple(undeclared(district(), "EPSG:4528").total_bounds)
    found = recognise(bounds, box=YINZHOU, declared=4549)
    assert found.contradicted and found.chosen.crs == "EPSG:4528" and found.share_inside == 1


def test_the_share_counts_features_in_the_box_a_fifth_wider() -> None:
    """The box reaches from 0.1 to 0.9 of a degree; a tenth of its width is added on each side."""
    longitudes = np.arange(0, 1.2, 0.01) + 120.005
    layer = gpd.GeoDataFrame(geometry=shapely.points(longitudes, 30.0), crs="EPSG:4490")
    found = recognise(layer, box=(120.1, 29.9, 120.9, 30.1))
    assert found.share_inside == np.mean((longitudes > 120.02) & (longitudes < 120.98)) == 96 / 120


def test_of_many_features_two_thousand_stand_for_all() -> None:
    layer = gpd.GeoDataFrame(geometry=shapely.points(np.linspace(121.0, 121.8, 50_000), 29.8), crs="EPSG:4490")
    assert recognise(layer, box=YINZHOU).share_inside == pytest.approx((0.8 - 0.235) / 0.8, abs=0.001)


@pytest.mark.parametrize("shapes", [[], [None], [shapely.Polygon()], [shapely.Point(np.nan, np.nan)]])
def test_a_layer_without_shapes_is_sent_back(shapes) -> None:
    with pytest.raises(LayerError, match=r"没有任何图形.*holds no shape"):
        recognise(gpd.GeoDataFrame(geometry=gpd.GeoSeries(shapes)), box=YINZHOU)
