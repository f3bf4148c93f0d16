"""Deliveries of every format, encoding and damage, looked at and read."""

import http.server
import json
import math
import shutil
import tempfile
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import LayerError
from geo.layer_files import Limits, look, read_layer
from tests.geo.made_layers import (
    CODES,
    NAMES,
    curved_geopackage,
    database,
    every_format,
    folder_members,
    geojson,
    kml,
    shapefile,
    shapefile_members,
    villages,
    with_gbk_names,
    write,
    zipped,
)


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test leaves no private folder behind, and no warning is hidden by another filter."""
    private = tmp_path / "private"
    private.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(private))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
    assert list(private.iterdir()) == []


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return every_format(tmp_path_factory.mktemp("deliveries"))


def english(notes: list[tuple[str, str]]) -> str:
    assert all(zh.endswith("。") and en.endswith(".") for zh, en in notes)
    return " ".join(en for _, en in notes)


def put(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


FORMATS = ["GeoPackage", "FlatGeobuf", "GeoJSON", "GeoJSON sequence", "GeoParquet", "FileGDB", "zipped FileGDB"]


@pytest.mark.parametrize("format_", FORMATS)
def test_names_codes_numbers_and_shapes_come_through_unchanged(deliveries: dict[str, Path], format_: str) -> None:
    read = read_layer(deliveries[format_])
    assert list(read.frame["名称"]) == NAMES
    assert list(read.frame["编码"]) == CODES
    assert list(read.frame["人口"]) == [1200, 800, 15000]
    wanted = villages().geometry
    assert shapely.equals_exact(shapely.normalize(read.frame.geometry.to_numpy()), shapely.normalize(wanted.to_numpy()),
                                1e-8).all() or read.format == "FileGDB"  # fmt: skip
    assert shapely.area(shapely.symmetric_difference(read.frame.geometry.to_numpy(), wanted.to_numpy())).max() < 1e-9
    assert read.frame.crs == ("EPSG:4326" if format_ == "GeoJSON sequence" else "EPSG:4490")
    assert read.encoding == "utf-8" and not read.frame.has_z.any()


@pytest.mark.parametrize("format_", ["KML", "KMZ"])
def test_kml_gives_villages_with_their_township_folder_in_degrees(deliveries: dict[str, Path], format_: str) -> None:
    read = read_layer(deliveries[format_])
    assert list(read.frame["name"]) == NAMES[:2] and list(read.frame["folder"]) == ["下应街道", "云龙镇"]
    assert read.frame["编码"][0] == CODES[0] and pd.isna(read.frame["编码"][1])
    assert list(read.frame.geom_type) == ["Polygon", "MultiPolygon"]
    assert read.declared == "EPSG:4326" and "1 points or lines were left out" in english(read.notes)


@pytest.mark.parametrize(
    "format_", ["GeoPackage", "FlatGeobuf", "GeoJSON", "GeoParquet", "Shapefile", "FileGDB", "KML"]
)
def test_a_look_tells_name_count_types_columns_system_and_bounds(deliveries: dict[str, Path], format_: str) -> None:
    delivery = look(deliveries[format_])
    (layer,) = delivery.layers
    read = read_layer(deliveries[format_])
    assert layer.name == read.name and layer.format == delivery.format == read.format
    assert layer.importable and layer.features == 3 == sum(layer.geometry_types.values())
    assert layer.declared == read.declared and layer.encoding == read.encoding
    assert layer.bounds == tuple(read.frame.total_bounds)
    assert [*layer.columns, "geometry"] == list(read.frame.columns)
    name = "name" if format_ == "KML" else "NAME" if format_ == "Shapefile" else "名称"
    assert layer.columns[name][:2] == tuple(NAMES[:2])


SHAPEFILES = [
    ("gbk", None, 0, "gb18030", "There is no .cpg"),
    ("gbk", None, 0x4D, "gb18030", "There is no .cpg"),
    ("gbk", "UTF-8", 0, "gb18030", "The .cpg says UTF-8"),
    ("gbk", "936", 0, "gb18030", ""),
    ("gbk", "ANSI 936", 0x57, "gb18030", ""),
    ("gbk", "OEM", 0, "gb18030", "The .cpg says OEM"),
    ("gbk", "ISO-8859-1", 0, "gb18030", "The .cpg says ISO-8859-1"),
    ("utf-8", None, 0, "utf-8", "There is no .cpg"),
    ("utf-8", "UTF-8", 0x57, "utf-8", ""),
    ("utf-8", "GBK", 0x4D, "utf-8", "The .cpg says GBK"),
    ("big5", "BIG5", 0, "big5", ""),
    ("big5", None, 0x78, "cp950", "There is no .cpg"),
]


@pytest.mark.parametrize(("written", "cpg", "language_byte", "taken", "says"), SHAPEFILES)
def test_shapefile_text_is_right_whatever_the_cpg_and_the_language_byte_say(
    tmp_path: Path, written: str, cpg: str | None, language_byte: int, taken: str, says: str
) -> None:
    names = ["東海村", "西河村", "南山"]
    path = shapefile(tmp_path, written, cpg=cpg, language_byte=language_byte, names=names)
    read = read_layer(path)
    assert list(read.frame["NAME"]) == names and list(read.frame["CODE"]) == CODES
    assert read.encoding == taken
    assert says in english(read.notes) if says else "cpg" not in english(read.notes)


def test_the_encoding_a_person_gives_wins_over_everything(tmp_path: Path) -> None:
    path = shapefile(tmp_path, "big5", cpg="UTF-8", names=["東海村", "西河村", "南山"])
    assert read_layer(path, encoding="Big5").frame["NAME"][0] == "東海村"
    assert read_layer(path).frame["NAME"][0] != "東海村"
    with pytest.raises(LayerError, match="no known text encoding"):
        read_layer(path, encoding="klingon")


def test_a_field_name_cut_in_the_middle_of_a_character_loses_the_half_and_nothing_else(tmp_path: Path) -> None:
    raw = "行政村名称X"[:5].encode("gbk")
    cut = b"A" + raw[:9]
    read = read_layer(shapefile(tmp_path, field_names={"NAME": cut, "CODE": "村".encode("gbk")}))
    assert list(read.frame.columns) == ["A行政村名", "村", "POP", "geometry"]
    assert "Field names end after 10 bytes; these may be cut: A行政村名." in english(read.notes)


def test_field_names_that_become_the_same_or_empty_stay_apart(tmp_path: Path) -> None:
    read = read_layer(shapefile(tmp_path, field_names={"NAME": b"geometry", "CODE": b"A", "POP": b"A"}))
    assert list(read.frame.columns) == ["geometry_1", "A", "A_1", "geometry"]


def test_bytes_that_are_no_text_are_marked_counted_and_cost_only_themselves(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    table = path.with_suffix(".dbf")
    at = table.read_bytes().index("西河村".encode("gbk"))
    data = bytearray(table.read_bytes())
    data[at] = 0xFF
    table.write_bytes(bytes(data))
    read = read_layer(path)
    assert list(read.frame["NAME"])[::2] == NAMES[::2] and "\ufffd" in read.frame["NAME"][1]
    assert "Field “NAME” has 1 values with unreadable characters" in english(read.notes)


def test_missing_parts_of_a_shapefile_are_told_and_what_is_there_is_read(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    path.with_suffix(".prj").unlink()
    path.with_suffix(".shx").unlink()
    read = read_layer(path)
    assert list(read.frame["NAME"]) == NAMES and read.frame.crs is None and read.declared is None
    assert "The .prj is missing" in english(read.notes)
    path.with_suffix(".dbf").unlink()
    bare = read_layer(path)
    assert len(bare.frame) == 3 and "The .dbf is missing" in english(bare.notes)


@pytest.mark.parametrize("text", ["北京54坐标系".encode("gbk"), b"\xff\xfe\xff", b"GEOGCS[", b"EPSG:99999999"])
def test_a_prj_that_is_not_understood_is_no_reason_to_lose_the_shapes(tmp_path: Path, text: bytes) -> None:
    path = shapefile(tmp_path)
    put(path.with_suffix(".prj"), text)
    read = read_layer(path)
    assert len(read.frame) == 3 and read.frame.crs is None
    assert "must be judged" in english(read.notes)


def test_a_prj_with_a_chinese_name_in_gbk_keeps_its_system(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    text = path.with_suffix(".prj").read_text().replace("GCS_China_Geodetic_Coordinate_System_2000", "国家2000")
    assert "国家2000" in text
    put(path.with_suffix(".prj"), text.encode("gbk"))
    crs = read_layer(path).frame.crs
    assert crs is not None and crs.is_geographic and crs.ellipsoid.inverse_flattening == pytest.approx(298.257222101)


GEOJSON_TEXTS = [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("gb18030", "gb18030"), ("utf-16", "utf-16")]


@pytest.mark.parametrize(("written", "taken"), GEOJSON_TEXTS)
def test_geojson_is_read_in_any_encoding(tmp_path: Path, written: str, taken: str) -> None:
    read = read_layer(put(tmp_path / "d.geojson", geojson(villages(), name="层").encode(written)))
    assert list(read.frame["名称"]) == NAMES and read.encoding == taken
    assert ("read as GB18030" in english(read.notes)) == (taken == "gb18030")


def test_the_old_crs_member_is_honoured_and_its_absence_is_told(tmp_path: Path) -> None:
    name = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4549"}}
    metres = geojson(villages("EPSG:4549").set_crs(None, allow_override=True))
    read = read_layer(put(tmp_path / "a.json", json.dumps({**json.loads(metres), "crs": name})))
    assert read.declared == "EPSG:4549" and read.frame.crs == "EPSG:4549" and read.notes == []
    bare = read_layer(put(tmp_path / "b.json", metres))
    assert bare.declared is None and bare.frame.crs is None and "must be judged" in english(bare.notes)
    property_ = metres.replace('"properties": {', '"properties": {"crs": "吴淞", ')
    assert read_layer(put(tmp_path / "d.json", property_)).frame.crs is None
    degrees = read_layer(put(tmp_path / "c.json", geojson(villages(None))))
    assert degrees.declared is None and degrees.frame.crs == "EPSG:4326" and "RFC 7946" in english(degrees.notes)


def test_esri_json_is_read_with_its_wkid(tmp_path: Path) -> None:
    ring = [[0, 0], [0, 1], [1, 1], [1, 0], [0, 0]]
    text = json.dumps({
        "geometryType": "esriGeometryPolygon", "spatialReference": {"wkid": 4490}, "fieldAliases": {"名称": "名称"},
        "fields": [{"name": "名称", "type": "esriFieldTypeString", "length": 50}],
        "features": [{"attributes": {"名称": "东海村"}, "geometry": {"rings": [ring]}}],
    })  # fmt: skip
    read = read_layer(put(tmp_path / "d.json", text))
    assert list(read.frame["名称"]) == ["东海村"] and read.declared == "EPSG:4490"


def test_values_of_every_type_become_plain_columns(tmp_path: Path) -> None:
    values = [
        {"code": 330212001001, "share": 0.5, "list": [1, 2], "date": "2024-05-01", "when": "2024-05-01T08:30:00",
         "ok": True, "inside": {"a": "甲"}},
        {"code": None, "share": None, "list": None, "date": None, "when": None, "ok": None, "inside": None},
    ]  # fmt: skip
    shape = shapely.geometry.mapping(shapely.box(121, 29, 122, 30))
    features = [{"type": "Feature", "properties": each, "geometry": shape} for each in values]
    frame = read_layer(put(tmp_path / "d.json", json.dumps({"type": "FeatureCollection", "features": features}))).frame
    first = frame.iloc[0]
    assert first["code"] == 330212001001 and str(frame["code"].dtype) == "Int64" and frame["ok"].dtype == "boolean"
    assert (first["share"], json.loads(first["list"]), json.loads(first["inside"])) == (0.5, [1, 2], {"a": "甲"})
    assert first["date"] == "2024-05-01" and first["when"].startswith("2024-05-01T08:30:00") and first["ok"]
    assert frame.drop(columns="geometry").iloc[1].isna().all()


def test_codes_kept_as_floating_numbers_become_whole_and_measures_stay(tmp_path: Path) -> None:
    frame = villages().assign(编码=[330212001001.0, np.nan, 330212002001.0], 比例=[0.5, 1.0, 2.0])
    read = read_layer(write(frame, tmp_path / "d.gpkg", "GPKG")).frame
    assert list(read["编码"].astype("string").fillna("")) == ["330212001001", "", "330212002001"]
    assert list(read["比例"]) == [0.5, 1.0, 2.0]


def test_heights_go_and_lines_points_and_empty_shapes_are_counted_out(tmp_path: Path) -> None:
    mixed = shapely.GeometryCollection([shapely.box(2, 2, 3, 3), shapely.Point(9, 9)])
    high, line = shapely.force_3d(shapely.box(0, 0, 1, 1), 5), shapely.LineString([(0, 0), (1, 1)])
    shapes = [high, shapely.Point(0, 0), line, None, shapely.Polygon(), mixed]
    frame = gpd.GeoDataFrame({"n": range(6)}, geometry=shapes, crs="EPSG:4549")
    frame.to_parquet(tmp_path / "d.parquet")
    for path in (tmp_path / "d.parquet", put(tmp_path / "d.json", geojson(frame))):
        read = read_layer(path)
        assert list(read.frame["n"]) == [0, 5] and not read.frame.has_z.any()
        assert [shape.area for shape in read.frame.geometry] == [1, 1]
        told = english(read.notes)
        assert "heights" in told and "2 features without a shape" in told and "2 points or lines" in told
        assert "1 mixed collections" in told
        assert look(path).layers[0].features == 6


def test_a_shape_without_finite_coordinates_is_left_out_and_told(tmp_path: Path) -> None:
    with np.errstate(invalid="ignore"):
        shapes = [shapely.box(0, 0, 1, 1), shapely.Polygon([(0, 0), (math.nan, 1), (1, 1), (0, 0)])]
    gpd.GeoDataFrame({"n": [1, 2]}, geometry=shapes, crs="EPSG:4549").to_parquet(tmp_path / "d.parquet")
    read = read_layer(tmp_path / "d.parquet")
    assert list(read.frame["n"]) == [1] and "1 shapes without finite coordinates" in english(read.notes)


def test_arcs_become_a_ring_of_nearly_the_same_area(tmp_path: Path) -> None:
    read = read_layer(curved_geopackage(tmp_path / "d.gpkg"))
    assert read.frame.area[0] == pytest.approx(math.pi, rel=2e-3)
    assert "Curves were turned" in english(read.notes)


def test_one_of_several_layers_is_chosen_by_name_and_the_rest_is_explained(tmp_path: Path) -> None:
    path = write(villages(), tmp_path / "d.gpkg", "GPKG", layer="村界")
    write(villages().set_geometry(villages().representative_point()), path, "GPKG",
          layer="村委会")  # fmt: skip
    pyogrio.write_dataframe(pd.DataFrame({"说明": ["x"]}), path, driver="GPKG", layer="说明")
    assert len(read_layer(path).frame) == 3  # the only layer with polygons
    write(villages().dissolve(), path, "GPKG", layer="镇界")
    layers = {layer.name: layer for layer in look(path).layers}
    assert [name for name, layer in layers.items() if layer.importable] == ["村界", "镇界"]
    assert layers["村委会"].geometry_types == {"Point": 3} and "points or lines" in layers["村委会"].why_not[1]
    assert "table without shapes" in layers["说明"].why_not[1]
    assert len(read_layer(path, "镇界").frame) == 1
    with pytest.raises(LayerError, match="Choose one: 村界, 镇界"):
        read_layer(path)
    with pytest.raises(LayerError, match="There are: 村界, 村委会, 镇界, 说明"):
        read_layer(path, "乡界")
    with pytest.raises(LayerError, match="holds no polygons"):
        read_layer(path, "村委会")


def test_a_zip_of_many_layers_names_each_and_one_bad_layer_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    gdb = write(villages(), tmp_path / "x.gdb", "OpenFileGDB", layer="cun")
    first, second = shapefile(tmp_path, stem="a"), shapefile(tmp_path / "b", stem="a")
    path = zipped(tmp_path / "d.zip", {
        **shapefile_members(first, "2023/qwer"), **shapefile_members(second, "2024/qwer"),
        **folder_members(gdb, "x.gdb"), "bad.json": b'{"type": "FeatureColl',
    })  # fmt: skip
    layers = look(with_gbk_names(path, {"qwer": "村界"})).layers
    assert [layer.name for layer in layers] == ["村界", "村界 (2)", "x/cun", "bad"]
    assert [layer.importable for layer in layers] == [True, True, True, False]
    for name in ("村界", "村界 (2)", "x/cun"):
        assert len(read_layer(path, name).frame) == 3


LIMITS = [
    (Limits(features=2), "more than 2"),
    (Limits(vertices=17), "vertices"),
    (Limits(columns=2), "more than 2 columns"),
    (Limits(file_bytes=100), "above the limit"),
    (Limits(unpacked_bytes=100), "above the limit|more than 100 bytes"),
]


@pytest.mark.parametrize(("limits", "says"), LIMITS)
@pytest.mark.parametrize("format_", ["GeoPackage", "FlatGeobuf", "GeoJSON", "KML", "zipped Shapefile", "FileGDB"])
def test_what_is_above_a_limit_is_refused(deliveries: dict[str, Path], format_: str, limits: Limits, says: str) -> None:
    if (format_ == "KML" and limits.unpacked_bytes == 100) or (format_ == "FileGDB" and limits.file_bytes == 100):
        return  # a KML is not unpacked and a folder has no size of its own
    for use in (look, read_layer):
        with pytest.raises(LayerError, match=says):
            use(deliveries[format_], limits=limits)


@pytest.mark.parametrize(
    "format_", ["GeoPackage", "FlatGeobuf", "GeoJSON", "GeoParquet", "zipped Shapefile", "FileGDB"]
)
def test_what_just_meets_the_limits_is_read(deliveries: dict[str, Path], format_: str) -> None:
    limits = Limits(features=3, vertices=20, columns=4)
    assert len(read_layer(deliveries[format_], limits=limits).frame) == 3


def test_long_texts_are_cut_and_told(deliveries: dict[str, Path]) -> None:
    read = read_layer(deliveries["GeoPackage"], limits=Limits(text_characters=3))
    assert list(read.frame["名称"]) == ["东海村", "西河村", "下应社"]
    assert "1 texts above 3 characters were cut" in english(read.notes)


def test_a_dictionary_page_that_repeats_one_huge_polygon_is_refused_before_it_is_built(tmp_path: Path) -> None:
    circle = shapely.Point(0, 0).buffer(1, quad_segs=2_000)  # 8 001 vertices, 128 kB
    frame = gpd.GeoDataFrame({"n": range(300)}, geometry=[circle] * 300, crs="EPSG:4549")
    frame.to_parquet(tmp_path / "d.parquet", compression="zstd")
    assert (tmp_path / "d.parquet").stat().st_size < 1_000_000
    with pytest.raises(LayerError, match="more than"):
        read_layer(tmp_path / "d.parquet", limits=Limits(unpacked_bytes=10_000_000))


@pytest.mark.parametrize(("limits", "says"), LIMITS[:4])
def test_a_parquet_file_above_a_limit_is_refused(deliveries: dict[str, Path], limits: Limits, says: str) -> None:
    with pytest.raises(LayerError, match=says):
        read_layer(deliveries["GeoParquet"], limits=limits)


@pytest.mark.parametrize(("at", "byte"), [(18, 0), (19, 36), (20, 1)])
def test_a_parquet_footer_that_makes_the_library_abort_is_a_sentence_and_not_the_end_of_the_program(
    tmp_path: Path, deliveries: dict[str, Path], at: int, byte: int
) -> None:
    data = bytearray(deliveries["GeoParquet"].read_bytes())
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    data[footer + at] = byte
    with pytest.raises(LayerError, match="damaged"):
        read_layer(put(tmp_path / "d.parquet", bytes(data)))


def test_a_plain_parquet_table_says_that_it_has_no_shapes(tmp_path: Path) -> None:
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "d.parquet")
    with pytest.raises(LayerError, match="plain Parquet table"):
        look(tmp_path / "d.parquet")


@pytest.fixture(scope="module")
def web() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine and the list of what was asked of it."""
    asked: list[str] = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(geojson(villages()).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def reaching(target: str) -> dict[str, str]:
    """Files that are nothing but a way to another file or address, each under an innocent name."""
    pipeline = {
        "type": "gdal_streamed_alg",
        "command_line": f"gdal vector pipeline ! read {target} ! reproject -d 4326",
    }
    crs = {"type": "li\\u006ek", "properties": {"hre\\u0066": target}}
    vrt = f'<OGRVRTLayer name="a"><SrcDataSource>{target}</SrcDataSource></OGRVRTLayer>'
    return {
        "GDALG as JSON": json.dumps(pipeline), "VRT as shapefile": f"<OGRVRTDataSource>{vrt}</OGRVRTDataSource>",
        "an address": json.dumps(target),
        "escaped crs": geojson(villages(None), crs=crs).replace("\\\\u", "\\u"),
        "feature service": json.dumps({"url": target, "type": "FeatureCollection", "links": [{"href": target}]}),
    }  # fmt: skip


@pytest.mark.parametrize("way", list(reaching("")))
@pytest.mark.parametrize("name", ["d.shp", "d.json"])
def test_no_file_opens_another_file_or_an_address(
    tmp_path: Path, deliveries: dict[str, Path], web: tuple[str, list[str]], way: str, name: str
) -> None:
    address, asked = web
    for target in (str(deliveries["GeoPackage"]), address, f"/vsicurl/{address}/v.geojson"):
        path = put(tmp_path / name, reaching(target)[way])
        for use in (look, read_layer):
            with pytest.raises(LayerError):
                use(path)
    assert asked == []


def test_a_geopackage_with_a_view_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    path = write(villages(), tmp_path / "d.gpkg", "GPKG")
    with database(path) as connection:
        connection.execute("create view looks_innocent as select 1 as fid")
    for use in (look, read_layer):
        with pytest.raises(LayerError, match="views or virtual tables"):
            use(path)


def test_only_the_drivers_that_are_needed_are_left() -> None:
    left = set(pyogrio.list_drivers())
    assert left >= {"GPKG", "GeoJSON", "ESRI Shapefile", "OpenFileGDB", "FlatGeobuf"}
    assert not left & {"OGR_VRT", "GDALG", "HTTP", "WFS", "SQLite", "GML", "PLSCENES", "Elasticsearch", "TopoJSON"}


DAMAGED = ["GeoPackage", "FlatGeobuf", "GeoJSON", "GeoJSON sequence", "KML", "KMZ", "Shapefile",
           "zipped Shapefile", "zipped FileGDB", "FileGDB"]  # fmt: skip


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.sampled_from(DAMAGED), st.data())
def test_a_cut_or_scrambled_file_gives_a_layer_or_a_sentence(
    deliveries: dict[str, Path], format_: str, data: st.DataObject
) -> None:
    source = deliveries[format_]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / source.name
        if source.is_dir():
            shutil.copytree(source, path)
            parts = sorted(path.iterdir())
        else:
            for part in source.parent.glob(f"{source.stem}.*") if format_ == "Shapefile" else [source]:
                shutil.copy(part, folder)
            parts = sorted(Path(folder).iterdir())
        part = data.draw(st.sampled_from(parts))
        content = bytearray(part.read_bytes())
        if data.draw(st.booleans()):
            content = content[: data.draw(st.integers(0, len(content)))]
        for at, byte in data.draw(st.dictionaries(st.integers(0, 10_000), st.integers(0, 255), max_size=6)).items():
            if content:
                content[at % len(content)] = byte
        part.write_bytes(bytes(content))
        for use in (look, read_layer):
            try:
                result = use(path)
            except LayerError as refused:
                assert refused.zh.endswith("。") and refused.en.endswith(".")
            else:
                assert result.layers if use is look else len(result.frame)


@pytest.mark.parametrize(
    "format_", ["GeoPackage", "GeoJSON", "GeoParquet", "KML", "KMZ", "zipped Shapefile", "zipped FileGDB"]
)
def test_half_a_file_is_said_to_be_damaged(tmp_path: Path, deliveries: dict[str, Path], format_: str) -> None:
    whole = deliveries[format_].read_bytes()
    with pytest.raises(LayerError, match=r"damaged|complete"):
        read_layer(put(tmp_path / deliveries[format_].name, whole[: len(whole) // 2]))


def test_kml_declared_as_gb2312_is_read(tmp_path: Path) -> None:
    text = kml(head='<?xml version="1.0" encoding="GB2312"?>', z=3)
    read = read_layer(put(tmp_path / "d.kml", text.encode("gbk")))
    assert list(read.frame["name"]) == NAMES[:2] and read.encoding == "gb18030" and "heights" in english(read.notes)
