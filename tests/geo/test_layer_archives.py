"""What an archive may hold and what is refused before, while and after it is unpacked."""

import stat
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import LayerError
from geo.layer_archives import Limits, judge_json, judge_sqlite, laid_out, member_name
from tests.geo.made_layers import (
    database,
    folder_members,
    geojson,
    kml,
    packed_zeros,
    shapefile,
    shapefile_members,
    villages,
    with_gbk_names,
    write,
    zipped,
)

LAYER = {"v.geojson": geojson(villages()).encode()}


def found(path: Path, limits: Limits | None = None) -> list[tuple[str, str]]:
    """Labels and formats of a delivery, after checking that our copies lie under plain names and then go."""
    with laid_out(path, limits or Limits()) as datasets:
        for dataset in datasets:
            assert dataset.path.exists() and dataset.path.name.isascii() and dataset.path.parent != path.parent
            folder = dataset.path.parent
        told = [(dataset.label, dataset.format) for dataset in datasets]
    assert not folder.exists()
    return told


def test_several_layers_in_one_zip_are_each_found_and_the_rest_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    first, second = shapefile(tmp_path, stem="cun"), shapefile(tmp_path / "a", stem="zhen")
    gdb = write(villages(), tmp_path / "x.gdb", "OpenFileGDB")
    path = zipped(tmp_path / "all.zip", {
        **shapefile_members(first, "边界/村界"), **shapefile_members(second, "边界/镇界"),
        **folder_members(gdb, "数据/底图.gdb"), **LAYER, "说明.docx": b"PK..", "v.kml": kml().encode(),
        "__MACOSX/._v.geojson": b"\\0", "empty.json": b"",
    })  # fmt: skip
    assert set(found(path)) == {("村界", "Shapefile"), ("镇界", "Shapefile"), ("底图", "FileGDB"), ("v", "GeoJSON"),
                                ("v", "KML")}  # fmt: skip


def test_parts_in_capitals_belong_to_their_shapefile(tmp_path: Path) -> None:
    members = {name.upper(): part for name, part in shapefile_members(shapefile(tmp_path)).items()}
    with laid_out(zipped(tmp_path / "d.zip", members), Limits()) as (dataset,):
        assert {part.suffix for part in dataset.path.parent.iterdir()} == {".shp", ".shx", ".dbf", ".prj"}


def test_a_geodatabase_packed_without_its_folder_is_one_all_the_same(tmp_path: Path) -> None:
    gdb = write(villages(), tmp_path / "x.gdb", "OpenFileGDB")
    members = {part.name: part for part in gdb.iterdir()}
    assert found(zipped(tmp_path / "村界.zip", members)) == [("村界", "FileGDB")]


def test_member_names_in_gbk_without_the_utf8_flag_are_chinese(tmp_path: Path) -> None:
    path = zipped(tmp_path / "d.zip", shapefile_members(shapefile(tmp_path), "qwertyuiop"))
    assert found(with_gbk_names(path, {"qwertyuiop": "村界山水图"})) == [("村界山水图", "Shapefile")]


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.text(st.sampled_from("鄞州区街道镇村界图形山水路楼"), min_size=1, max_size=8))
def test_every_chinese_member_name_survives_packing_in_gbk_and_in_utf8(name: str) -> None:
    wanted = f"{name}村.shp"
    for info, flag in (
        (zipfile.ZipInfo(wanted.encode("gbk").decode("cp437")), 0),
        (zipfile.ZipInfo(wanted.encode("utf-8").decode("cp437")), 0),
        (zipfile.ZipInfo(wanted), 0x800),
    ):
        info.flag_bits = flag
        assert member_name(info) == wanted


@pytest.mark.parametrize("name", ["/etc/v.geojson", "../v.geojson", "a/../../v.geojson", "C:/v.geojson", "c:v.geojson",
                                  "a\\..\\v.geojson", "\\v.geojson"])  # fmt: skip
def test_a_member_that_points_out_of_the_archive_is_refused(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "d.zip", {**LAYER, name: b"{}"})
    with pytest.raises(LayerError, match="leads outside"):
        found(path)
    assert [part.name for part in tmp_path.iterdir()] == ["d.zip"]


def test_a_link_in_an_archive_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("v.geojson")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(LayerError, match="leads outside"):
        found(tmp_path / "d.zip")


def test_a_link_in_a_geodatabase_folder_is_refused(tmp_path: Path) -> None:
    gdb = write(villages(), tmp_path / "x.gdb", "OpenFileGDB")
    (gdb / "a0000000f.gdbtable").symlink_to("/etc/passwd")
    with pytest.raises(LayerError, match="leads outside"):
        found(gdb)


@pytest.mark.parametrize("inner", ["a.zip", "a.RAR", "dir/a.7z", "a.kmz", "a.tar"])
def test_an_archive_in_an_archive_is_refused(tmp_path: Path, inner: str) -> None:
    with pytest.raises(LayerError, match="another archive"):
        found(zipped(tmp_path / "d.zip", {**LAYER, inner: b"PK\\x03\\x04"}))


def test_an_archive_under_the_name_of_a_layer_is_not_opened(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", LAYER)
    with pytest.raises(LayerError, match="only archives"):
        found(zipped(tmp_path / "d.zip", {"v.shp": inner}))


def test_a_member_packed_a_thousandfold_is_refused_by_its_directory_entry(tmp_path: Path) -> None:
    (tmp_path / "d.zip").write_bytes(packed_zeros(3))
    with pytest.raises(LayerError, match="more than 200 times"):
        found(tmp_path / "d.zip")


def test_a_small_member_may_be_packed_tightly(tmp_path: Path) -> None:
    content = LAYER["v.geojson"] + b" " * 900_000
    assert found(zipped(tmp_path / "d.zip", {"v.geojson": content})) == [("v", "GeoJSON")]


def test_a_member_that_unpacks_to_more_than_it_declares_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "d.zip"
    path.write_bytes(packed_zeros(3))
    data = bytearray(path.read_bytes())
    real, lie = struct.pack("<I", 3 * 1024 * 1024), struct.pack("<I", 1000)
    assert data.count(real) == 2  # in the local header and in the directory
    path.write_bytes(data.replace(real, lie))
    with pytest.raises(LayerError, match="damaged"):
        found(path)


def test_unpacked_bytes_members_and_file_size_are_limited(tmp_path: Path) -> None:
    path = zipped(tmp_path / "d.zip", {**LAYER, "w.geojson": LAYER["v.geojson"]})
    size = 2 * len(LAYER["v.geojson"])
    assert len(found(path, Limits(unpacked_bytes=size, members=2, file_bytes=path.stat().st_size))) == 2
    for limits, says in (
        (Limits(unpacked_bytes=size - 1), "above the limit"),
        (Limits(members=1), "more than 1 files"),
        (Limits(file_bytes=path.stat().st_size - 1), "above the limit"),
    ):
        with pytest.raises(LayerError, match=says):
            found(path, limits)


def test_an_encrypted_a_cut_and_a_scrambled_archive_are_refused(
    tmp_path: Path,
) -> None:
    whole = zipped(tmp_path / "d.zip", LAYER).read_bytes()
    locked = bytearray(whole)
    locked[6] |= 1
    locked[whole.index(b"PK\x01\x02") + 8] |= 1
    scrambled = bytearray(whole)
    scrambled[60:90] = bytes(30)
    for data in (bytes(locked), whole[:-30], whole[:200], bytes(scrambled)):
        (tmp_path / "d.zip").write_bytes(data)
        with pytest.raises(LayerError, match="damaged, encrypted or incomplete"):
            found(tmp_path / "d.zip")


def test_an_archive_without_a_layer_says_what_it_has(tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="图\\.docx"):
        found(zipped(tmp_path / "d.zip", {"图.docx": b"x", "readme.txt": b"x"}))
    with pytest.raises(LayerError, match="CAD"):
        found(zipped(tmp_path / "d.zip", {"图.DWG": b"AC1032", "readme.txt": b"x"}))
    with pytest.raises(LayerError, match="holds no layer"):
        found(zipped(tmp_path / "d.zip", {}))


@pytest.mark.parametrize("path", ["/vsicurl/http://127.0.0.1/x.shp", "/vsizip/x.zip", "\\vsimem\\x", "http://127.0.0.1/x",
                                  "no/such/file.shp", "a\0b", "x" * 5000])  # fmt: skip
def test_addresses_and_missing_files_are_not_there(path: str) -> None:
    with pytest.raises(LayerError, match="is not there"):
        found(Path(path))
    with pytest.raises(LayerError, match="is not there"), laid_out(path, Limits()):
        pass


def test_a_folder_that_is_no_geodatabase_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="no file geodatabase"):
        found(tmp_path)


def test_a_loose_shapefile_takes_its_own_parts_and_nothing_else_of_the_folder(tmp_path: Path) -> None:
    path = shapefile(tmp_path, stem="cun")
    shapefile(tmp_path, stem="zhen")
    (tmp_path / "cun.sbn").write_bytes(b"x")
    with laid_out(path, Limits()) as (dataset,):
        assert {part.name for part in dataset.path.parent.iterdir()} == {"d0.shp", "d0.shx", "d0.dbf", "d0.prj"}


def test_the_private_folder_goes_when_the_reader_fails(tmp_path: Path) -> None:
    path = zipped(tmp_path / "d.zip", LAYER)
    with pytest.raises(ZeroDivisionError), laid_out(path, Limits()) as (dataset,):
        raise ZeroDivisionError
    assert not dataset.path.parent.exists()


VIEWS = [
    "create view forever as with recursive c(x) as (select 1 union all select x + 1 from c) select x as fid from c",
    "create virtual table words using fts5(word)",
    'create virtual table "x using rtree(" using fts5(word)',
]


@pytest.mark.parametrize("sql", VIEWS)
@pytest.mark.parametrize("tables", [0, 400])
def test_a_geopackage_with_code_of_its_own_is_refused_however_deep_in_its_schema(
    tmp_path: Path, sql: str, tables: int
) -> None:
    path = write(villages(), tmp_path / "d.gpkg", "GPKG")
    judge_sqlite(path, "d.gpkg")
    with database(path) as connection:
        for number in range(tables):
            connection.execute(f"create table t{number} (a, {', '.join(f'column_{n}' for n in range(20))})")
        connection.execute(sql)
    with pytest.raises(LayerError, match="views or virtual tables"):
        judge_sqlite(path, "d.gpkg")


def test_a_view_hidden_behind_a_long_name_is_found(tmp_path: Path) -> None:
    path = write(villages(), tmp_path / "d.gpkg", "GPKG")
    with database(path) as connection:
        connection.execute(f'create view "{"v" * 9000}" as select 1')
    with pytest.raises(LayerError, match="views"):
        judge_sqlite(path, "d.gpkg")


def test_a_geopackage_of_many_plain_tables_is_fine(tmp_path: Path) -> None:
    path = write(villages(), tmp_path / "d.gpkg", "GPKG")
    with database(path) as connection:
        for number in range(300):
            connection.execute(f"create table view_{number} (a text default 'create view')")
            connection.execute(f"create index view_index_{number} on view_{number} (a)")
    judge_sqlite(path, "d.gpkg")


@pytest.mark.parametrize("crs", [
    {"type": "link", "properties": {"href": "http://127.0.0.1/x"}},
    {"properties": {"href": "file:///x"}, "type": "name"},
    {"type": "OGC", "properties": {"urn": "x"}}, {"type": "url", "properties": {"url": "http://127.0.0.1/x"}},
])  # fmt: skip
def test_a_reference_system_given_as_an_address_is_refused(tmp_path: Path, crs: dict[str, object]) -> None:
    path = tmp_path / "d.json"
    path.write_text(geojson(villages(None), crs=crs))
    with pytest.raises(LayerError, match="by an address"):
        judge_json(path, "d", Limits())


def test_an_address_hidden_in_escapes_is_found(tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    path.write_text(
        geojson(villages(None), crs="?").replace('"?"', r'{"type": "n\u0061me", "x": {"hre\u0066": "http://x"}}')
    )
    with pytest.raises(LayerError, match="by an address"):
        judge_json(path, "d", Limits())


def test_json_is_judged_by_its_brackets_before_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    path.write_text(geojson(villages(), crs={"type": "name", "properties": {"name": "EPSG:4490"}}))
    judge_json(path, "d", Limits(vertices=20))
    with pytest.raises(LayerError, match="more than 10 vertices"):
        judge_json(path, "d", Limits(vertices=10))


def test_topojson_is_refused_with_what_to_ask_for(tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    path.write_text('{"type": "Topology", "objects": {}, "arcs": []}')
    with pytest.raises(LayerError, match="Ask for GeoJSON"):
        judge_json(path, "d", Limits())
