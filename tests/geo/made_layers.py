"""Made-up deliveries in every format, encoding and state of damage, as offices send them."""

import io
import json
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

NAMES = ["东海村", "西河村", "下应社区"]
CODES = ["330212001001", "330212001002", "330212002001"]
CORNERS = [(121.50, 29.80), (121.52, 29.80), (121.54, 29.80)]


def villages(crs: str | None = "EPSG:4490") -> gpd.GeoDataFrame:
    """Three villages of about 2 km with a hole in the first; CGCS2000 degrees unless told otherwise."""
    boxes = [shapely.box(x, y, x + 0.02, y + 0.02) for x, y in CORNERS]
    hole = shapely.box(121.505, 29.805, 121.510, 29.810)
    frame = gpd.GeoDataFrame(
        {"名称": NAMES, "编码": CODES, "人口": np.array([1200, 800, 15000], dtype="int32")},
        geometry=[boxes[0].difference(hole), *boxes[1:]],
        crs="EPSG:4490",
    )
    return frame.to_crs(crs) if crs else frame.set_crs(None, allow_override=True)


def write(frame: gpd.GeoDataFrame, path: Path, driver: str, **options: object) -> Path:
    """Write a frame with one of GDAL's drivers."""
    pyogrio.write_dataframe(frame, path, driver=driver, **options)
    return path


def geojson(frame: gpd.GeoDataFrame, **members: object) -> str:
    """A FeatureCollection (RFC 7946) with Chinese as it is, and further top-level members such as the old "crs"."""
    return json.dumps({**members, **json.loads(frame.to_json())}, ensure_ascii=False)


def shapefile(
    folder: Path,
    encoding: str = "gbk",
    *,
    stem: str = "cunjie",
    cpg: str | None = None,
    language_byte: int = 0,
    field_names: Mapping[str, bytes] | None = None,
    names: list[str] | None = None,
) -> Path:
    """A Shapefile whose table holds text in ``encoding``, with the .cpg and language byte asked for (none by default).

    ``field_names`` puts raw bytes, up to ten, in the place of an ASCII field name: NAME, CODE or POP.
    """
    frame = villages().rename(columns={"名称": "NAME", "编码": "CODE", "人口": "POP"})
    texts = [name.encode(encoding) for name in names or NAMES]
    frame["NAME"] = [f"<{row}" + "x" * (38 - len(str(row))) + ">" for row in range(len(frame))]
    path = write(frame, folder / f"{stem}.shp", "ESRI Shapefile")
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    for row, text in enumerate(texts):
        at = table.index(f"<{row}x".encode())
        table[at : at + 40] = text.ljust(40)
    for name, raw in (field_names or {}).items():
        at = next(at for at in range(32, 32 * 5, 32) if table[at : at + 11].rstrip(b"\0") == name.encode())
        table[at : at + 11] = raw[:10].ljust(11, b"\0")
    table[29] = language_byte
    path.with_suffix(".dbf").write_bytes(bytes(table))
    path.with_suffix(".cpg").unlink()
    if cpg is not None:
        path.with_suffix(".cpg").write_text(cpg)
    return path


def zipped(path: Path, members: Mapping[str, bytes | Path], *, compression: int = zipfile.ZIP_DEFLATED) -> Path:
    """A zip of bytes or files under the names given."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content.read_bytes() if isinstance(content, Path) else content)
    return path


def shapefile_members(shp: Path, name: str = "") -> dict[str, Path]:
    """The parts of a Shapefile under the name they get in a zip."""
    return {f"{name or shp.stem}{part.suffix}": part for part in shp.parent.glob(f"{shp.stem}.*")}


def folder_members(folder: Path, name: str) -> dict[str, Path]:
    """The files of a folder such as a geodatabase, under ``name/`` in a zip."""
    return {f"{name}/{part.name}": part for part in folder.iterdir() if part.is_file()}


def with_gbk_names(path: Path, names: Mapping[str, str]) -> Path:
    """Put GBK bytes in the place of ASCII names of the same length in a zip, as Chinese Windows packs them."""
    data = path.read_bytes()
    for plain, chinese in names.items():
        raw = chinese.encode("gbk")
        assert len(raw) == len(plain)
        data = data.replace(plain.encode(), raw)
    path.write_bytes(data)
    return path


RING = "121.50,29.80,{z} 121.52,29.80,{z} 121.52,29.82,{z} 121.50,29.82,{z} 121.50,29.80,{z}"


def ring(z: float = 0) -> str:
    """Coordinates of a village as KML writes them."""
    return RING.format(z=z)


def kml(z: float = 0, *, head: str = '<?xml version="1.0" encoding="UTF-8"?>', extra: str = "") -> str:
    """Two villages in township folders, one with a typed Schema and one with untyped Data, and a point."""
    return f"""{head}
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>村界</name>
<Schema name="村" id="S"><SimpleField name="编码" type="string"/></Schema>
<Folder><name>下应街道</name><Placemark><name>东海村</name><ExtendedData><SchemaData schemaUrl="#S">
<SimpleData name="编码">330212001001</SimpleData></SchemaData></ExtendedData>
<Polygon><outerBoundaryIs><LinearRing><coordinates>{ring(z)}</coordinates></LinearRing></outerBoundaryIs>
<innerBoundaryIs><LinearRing><coordinates>121.505,29.805 121.510,29.805 121.510,29.810 121.505,29.805</coordinates>
</LinearRing></innerBoundaryIs></Polygon></Placemark></Folder>
<Folder><name>云龙镇</name><Placemark><name>西河村</name>
<ExtendedData><Data name="备注"><value>山 &amp; 水</value></Data></ExtendedData><MultiGeometry>
<Polygon><outerBoundaryIs><LinearRing><coordinates>{ring()}</coordinates></LinearRing></outerBoundaryIs></Polygon>
<Polygon><outerBoundaryIs><LinearRing><coordinates>121.6,29.8 121.7,29.8 121.7,29.9</coordinates></LinearRing>
</outerBoundaryIs></Polygon></MultiGeometry></Placemark>
<Placemark><name>村委会</name><Point><coordinates>121.51,29.81</coordinates></Point></Placemark></Folder>
{extra}</Document></kml>"""


def curved_geopackage(path: Path) -> Path:
    """A GeoPackage with one disc of radius 1 about (1, 0) drawn as two arcs (a CurvePolygon, WKB 10)."""
    write(gpd.GeoDataFrame({"名称": ["圆"]}, geometry=[shapely.box(0, 0, 1, 1)], crs="EPSG:4549"), path, "GPKG",
          geometry_type="Unknown", layer="圆", spatial_index="NO")  # fmt: skip
    points = [(0, 0), (1, 1), (2, 0), (1, -1), (0, 0)]
    arc = struct.pack("<BII", 1, 8, len(points)) + b"".join(struct.pack("<dd", *point) for point in points)
    disc = struct.pack("<BII", 1, 10, 1) + arc
    with database(path) as connection:
        connection.execute('update "圆" set geom = ?', (b"GP\0\1" + struct.pack("<i", 4549) + disc,))
    return path


def database(path: Path):  # type: ignore[no-untyped-def]
    """A GeoPackage opened as the SQLite file it is, without the triggers that need spatial functions."""
    import contextlib
    import sqlite3

    @contextlib.contextmanager
    def opened():  # type: ignore[no-untyped-def]
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("begin")
        triggers = connection.execute("select name from sqlite_master where type = 'trigger'").fetchall()
        for (name,) in triggers:
            connection.execute(f'drop trigger "{name}"')
        yield connection
        connection.execute("commit")
        connection.close()

    return opened()


def every_format(folder: Path) -> dict[str, Path]:
    """The three villages once in every format that is read, all as one file but for the loose Shapefile."""
    frame = villages()
    gdb = write(frame, folder / "villages.gdb", "OpenFileGDB", layer="cunjie")
    loose = shapefile(folder)
    kmz = zipped(folder / "v.kmz", {"doc.kml": kml().encode()})
    (folder / "v.kml").write_text(kml(), encoding="utf-8")
    (folder / "v.geojson").write_text(geojson(frame), encoding="utf-8")
    frame.to_parquet(folder / "v.parquet")
    return {
        "GeoPackage": write(frame, folder / "v.gpkg", "GPKG", layer="村界"),
        "FlatGeobuf": write(frame, folder / "v.fgb", "FlatGeobuf", spatial_index="NO"),
        "GeoJSON": folder / "v.geojson",
        "GeoJSON sequence": write(frame, folder / "v.geojsonl", "GeoJSONSeq"),
        "GeoParquet": folder / "v.parquet",
        "KML": folder / "v.kml",
        "KMZ": kmz,
        "Shapefile": loose,
        "zipped Shapefile": zipped(folder / "shp.zip", shapefile_members(loose)),
        "zipped FileGDB": zipped(folder / "gdb.zip", folder_members(gdb, "villages.gdb")),
        "FileGDB": gdb,
    }


def packed_zeros(megabytes: int) -> bytes:
    """A zip whose only member unpacks to that many megabytes of nothing (a thousandfold)."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("big.geojson", bytes(megabytes * 1024 * 1024))
    return held.getvalue()
