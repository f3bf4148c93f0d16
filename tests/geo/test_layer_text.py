"""What bytes are taken for: encodings by their bytes, formats by their first bytes, KML by OGC 07-147r2."""

from pathlib import Path

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import LayerError
from geo.layer_text import KmlPlaces, codec, decoded, recognised, rewritten_as_utf8, taken_for
from tests.geo.made_layers import kml, ring

COMMON = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动宁波鄞州区街道镇村社"


@pytest.mark.parametrize("written", ["936", "GBK", "gb2312", "ANSI 936", "CP936", "OEM 936", "GB18030", "windows-936"])
def test_every_way_to_write_gbk_is_read_as_gb18030(written: str) -> None:
    assert codec(written) == "gb18030"


@pytest.mark.parametrize(("written", "python"), [("UTF-8", "utf-8"), ("utf8", "utf-8"), ("65001", "utf-8"),
                                                 ("950", "cp950"), ("ANSI 1252", "cp1252")])  # fmt: skip
def test_other_encodings_have_pythons_name(written: str, python: str) -> None:
    assert codec(written) == python


@pytest.mark.parametrize("written", ["", "OEM", "no such thing", "base64", "\0", "utf-8\0"])
def test_what_is_no_text_encoding_is_unknown(written: str) -> None:
    assert codec(written) == ""


@settings(deadline=None, derandomize=True, max_examples=100)
@given(
    st.lists(st.text(COMMON, min_size=3, max_size=12), min_size=1, max_size=6), st.sampled_from(["utf-8", "gb18030"])
)
def test_chinese_is_taken_for_the_encoding_it_was_written_in(texts: list[str], encoding: str) -> None:
    raw = [text.encode(encoding) for text in texts]
    assert taken_for(raw) == encoding
    assert [decoded(text, encoding) for text in raw] == texts


def test_a_word_whose_gbk_bytes_happen_to_be_valid_utf8_is_read_as_gbk() -> None:
    raw = "山水".encode("gbk")
    assert raw.decode("utf-8") == "ɽˮ"  # valid, and wrong
    assert taken_for([raw, b"330212"]) == "gb18030"


def test_plain_letters_need_no_encoding() -> None:
    assert taken_for([b"330212", b"", b"Xiaying"]) == "ascii"


def test_one_bad_byte_does_not_turn_utf8_into_gbk() -> None:
    raw = [name.encode() for name in ("东海村", "西河村", "下应社区")]
    assert taken_for([*raw, "南村".encode()[:-1] + b"\x20"]) == "utf-8"


def test_big5_is_read_as_big5_only_when_the_file_says_so() -> None:
    raw = ["鄞州區東海村".encode("big5")]
    assert taken_for(raw, "cp950") == "cp950"
    assert taken_for(raw) == "gb18030"
    assert taken_for([name.encode() for name in ("東海村",)], "cp950") == "utf-8"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_half_character_at_the_end_goes_and_takes_nothing_with_it(encoding: str) -> None:
    whole = "行政村名称".encode(encoding)
    assert decoded(whole[:-1], encoding) == "行政村名"
    assert taken_for([whole[:-1]]) == encoding


@pytest.mark.parametrize(("encoding", "found"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("gb18030", "gb18030"),
                                                 ("utf-16", "utf-16")])  # fmt: skip
def test_a_text_file_in_any_encoding_becomes_utf8_without_a_mark(tmp_path: Path, encoding: str, found: str) -> None:
    text = '{"名": "' + "鄞州区" * 200_000 + '"}'  # longer than a piece
    path = tmp_path / "d.json"
    path.write_bytes(text.encode(encoding))
    assert rewritten_as_utf8(path) == (found, 0)
    assert path.read_bytes() == text.encode()
    assert list(tmp_path.iterdir()) == [path]


def test_a_broken_byte_in_a_utf8_file_is_counted_and_marked(tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    path.write_bytes("鄞州区东海村西河村".encode() + b"\xff")
    assert rewritten_as_utf8(path) == ("utf-8", 1)
    assert path.read_text(encoding="utf-8") == "鄞州区东海村西河村\ufffd"


def test_a_persons_word_on_the_encoding_wins(tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    path.write_bytes("東海村".encode("big5"))
    assert rewritten_as_utf8(path, "big5") == ("big5", 0)
    assert path.read_text(encoding="utf-8") == "東海村"


@pytest.mark.parametrize(("start", "format_"), [
    (b"PK\x03\x04rest", "zip"), (b"\x00\x00\x27\x0a" + bytes(96), "Shapefile"), (b"fgb\x03fgb\x00", "FlatGeobuf"),
    (b"PAR1....PAR1", "GeoParquet"), (b"SQLite format 3\0" + bytes(52) + b"GPKG", "GeoPackage"),
    (b' \n{"type":', "GeoJSON"),
    (b'\xef\xbb\xbf{"type":', "GeoJSON"), (b"\x1e{}", "GeoJSON"), ("{}".encode("utf-16"), "GeoJSON"),
    (b'<?xml version="1.0"?><kml>', "KML"), (b"<kml:kml xmlns:kml='x'>", "KML"),
])  # fmt: skip
def test_a_format_is_told_by_its_bytes_whatever_the_file_is_called(tmp_path: Path, start: bytes, format_: str) -> None:
    path = tmp_path / "d"
    path.write_bytes(start)
    for name in ("d", "村界.shp", "d.vrt", "d.txt"):
        assert recognised(path, name) == format_


@pytest.mark.parametrize(("start", "name", "says"), [
    (b"\x00\x01\x00\x00Standard Jet DB\0", "d.mdb", ".mdb"), (b"\x00\x01\x00\x00Standard ACE DB\0", "d.shp", "Access"),
    (b"7z\xbc\xaf\x27\x1c", "d.mpk", ".mpk"), (b"7z\xbc\xaf\x27\x1c", "d.zip", "7z"),
    (b"Rar!\x1a\x07\x01\0", "d.zip", "RAR"),
    (b"AC1032\0", "d.shp", "CAD"), (b"  0\r\nSECTION\r\n", "d.dxf", "CAD"), (b"EXP  0 A.E00", "d", ".e00"),
    (b"II*\0", "d.tif", "raster"), (b"MM\0*", "d", "raster"), (b"!table\n!version 300", "d.tab", "MapInfo"),
    (b'Version   300\nCharset "Neutral"', "d.mif", "MapInfo"), (b"\x1f\x8b\x08", "d.tar.gz", "gzip"),
    (b"%PDF-1.7", "d", "PDF"),
    (b"<OGRVRTDataSource>", "d.shp", "no layer format"), (b'<?xml version="1.0"?><gml:F/>', "d.kml", "no KML"),
    (b"SQLite format 3\0" + bytes(100), "d.db", "SQLite"), (b"\x03\x7e\x01", "d.dbf", "one part"),
    (b"", "d.shp", "empty"),
    (b"\x00\x00\x27\x0a" + bytes(96), "d.shx", "one part"), (b"plain words", "d.shp", "no layer format"),
])  # fmt: skip
def test_what_is_not_read_is_named_and_told_what_to_ask_for(tmp_path: Path, start: bytes, name: str, says: str) -> None:
    path = tmp_path / "d"
    path.write_bytes(start)
    with pytest.raises(LayerError) as refused:
        recognised(path, name)
    assert says in refused.value.en
    assert name in refused.value.zh and refused.value.zh.endswith("。")


def places(tmp_path: Path, text: str, *, vertices: int = 1000, features: int = 100) -> KmlPlaces:
    path = tmp_path / "d.kml"
    path.write_text(text, encoding="utf-8")
    return KmlPlaces("d", vertices=vertices, features=features).read(path)


def test_kml_gives_names_folders_typed_and_untyped_fields_in_chinese(tmp_path: Path) -> None:
    found = places(tmp_path, kml())
    assert [row["name"] for row in found.rows] == ["东海村", "西河村", "村委会"]
    assert [row["folder"] for row in found.rows] == ["下应街道", "云龙镇", "云龙镇"]
    assert found.rows[0]["编码"] == "330212001001"
    assert found.rows[1]["备注"] == "山 & 水"
    assert [[shape.geom_type for shape in shapes] for shapes in found.shapes] == [
        ["Polygon"],
        ["Polygon"] * 2,
        ["Point"],
    ]
    box, hole = shapely.box(121.50, 29.80, 121.52, 29.82), [(121.505, 29.805), (121.51, 29.805), (121.51, 29.81)]
    assert found.shapes[0][0].equals(box.difference(shapely.Polygon(hole)))


def test_an_open_ring_of_kml_is_closed(tmp_path: Path) -> None:
    triangle = places(tmp_path, kml()).shapes[1][1]
    assert triangle.exterior.is_closed and triangle.area == pytest.approx(0.1 * 0.1 / 2)


def test_a_polygon_whose_outer_ring_is_no_ring_is_not_replaced_by_its_hole(tmp_path: Path) -> None:
    assert places(tmp_path, kml().replace(ring(0), "121.5,29.8 121.6,29.8", 1)).shapes[0] == []


def test_blanks_after_commas_and_a_prefix_do_not_matter(tmp_path: Path) -> None:
    text = kml().replace("121.52,29.80,0 ", "121.52, 29.80, 0\n\t ").replace("<kml ", "<k:kml xmlns:k='x' ")
    assert (
        places(tmp_path, text.replace("</kml>", "</k:kml>")).shapes[0][0].equals(places(tmp_path, kml()).shapes[0][0])
    )


BOMB = '<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE k SYSTEM "file:///etc/passwd">'


@pytest.mark.parametrize(("text", "says"), [
    (kml(head=BOMB), "DOCTYPE"), (kml(head=OUTSIDE), "DOCTYPE"),
    (kml(extra="<NetworkLink><Link><href>http://x/</href></Link></NetworkLink>"), "network link"),
    (kml(extra="<Folder>" * 200 + "</Folder>" * 200), "deep"), (kml()[:-200], "no complete KML"),
    (kml().replace("121.52,29.80", "121.52,北"), "no numbers"),
    (kml().replace("121.52,29.80,0", "121.52"), "no numbers"),
])  # fmt: skip
def test_kml_that_reaches_outside_blows_up_or_is_broken_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(LayerError, match=says):
        places(tmp_path, text)


def test_kml_is_refused_before_more_places_or_vertices_than_allowed_are_built(tmp_path: Path) -> None:
    assert len(places(tmp_path, kml(), vertices=18, features=3).rows) == 3  # 5 + 4 + 5 + 3 + 1
    with pytest.raises(LayerError, match="vertices"):
        places(tmp_path, kml(), vertices=17)
    with pytest.raises(LayerError, match="more than 2 places"):
        places(tmp_path, kml(), features=2)
