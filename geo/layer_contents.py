"""What lies in one layer, read by GDAL with its doors closed, by the KML reader, or by Parquet in its own process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pyogrio
import pyproj
import shapely
from pyogrio import raw
from pyogrio.core import _register_drivers

from geo.errors import LayerError
from geo.layer_archives import Dataset, Limits, judge_json, judge_sqlite
from geo.layer_columns import MARK, Content, Sentence, cut_texts, take_columns, take_text, unique_names
from geo.layer_text import KmlPlaces, refusal, rewritten_as_utf8

DRIVERS = {"GeoPackage": {"GPKG"}, "GeoJSON": {"GeoJSON", "GeoJSONSeq", "ESRIJSON"}, "Shapefile": {"ESRI Shapefile"},
           "FlatGeobuf": {"FlatGeobuf"}, "FileGDB": {"OpenFileGDB"}}  # fmt: skip


KEPT_DRIVERS = set().union(*DRIVERS.values(), {"MEM", "LIBKML"})  # the last for writing alone


DAMAGE = (RuntimeError, ValueError, OSError, ArithmeticError, LookupError, TypeError, AttributeError, NameError,
          pa.ArrowException, shapely.errors.ShapelyError, subprocess.SubprocessError)  # fmt: skip


def _close_the_doors() -> None:
    """Leave GDAL only the drivers needed and no way to the network, to other files or to code inside a file.

    A GDALG or VRT file, whatever its name, opens others; drivers of web services fetch. For the whole process.
    """
    skipped = ",".join(set(pyogrio.list_drivers()) - KEPT_DRIVERS)
    pyogrio.set_gdal_config_options({
        "GDAL_SKIP": skipped, "GDAL_HTTP_PROXY": "http://127.0.0.1:9", "GDAL_HTTP_CONNECTTIMEOUT": "1",
        "GDAL_PAM_ENABLED": "NO", "SHAPE_RESTORE_SHX": "YES", "OGR_SQLITE_PRAGMA": "trusted_schema=0",
        "OGR_ARROW_MEM_LIMIT": str(256 * 1024 * 1024),
    })  # fmt: skip
    _register_drivers()


_close_the_doors()


@dataclass(frozen=True)
class Entry:
    """A layer before it is read: ``kind`` as the file declares it, None for a table."""

    name: str
    dataset: Dataset
    index: int
    kind: str | None
    features: int
    content: Content
    fault: LayerError | None


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Turn what the libraries say about damage into a sentence."""
    try:
        yield
    except LayerError:
        raise
    except DAMAGE as fault:
        zh = "已损坏或传输不完整，读不出来。请重新导出后上传；仍不行时索取 GeoPackage"
        raise refusal(
            name, zh, "is damaged or incomplete. Export it again; failing that ask for a GeoPackage"
        ) from fault


def layers_inside(
    dataset: Dataset, limits: Limits, encoding: str, content: Content
) -> list[tuple[str, str | None, int]]:
    """Name inside ("" where the file is the layer), declared kind and count of each layer of one dataset."""
    path, label = dataset.path, dataset.label
    if dataset.format in ("GeoJSON", "KML"):
        content.encoding, replaced = rewritten_as_utf8(path, encoding)
        if content.encoding != "utf-8":
            content.notes.append(_read_as(content.encoding, replaced))
    elif encoding and dataset.format != "Shapefile":
        content.notes.append(
            (
                "这种格式的文字编码是固定的，没有采用所填的编码。",
                "This format fixes its encoding; the one given was not used.",
            )
        )
    if dataset.format in ("KML", "GeoParquet"):
        return [("", "Unknown", -1)]
    if dataset.format == "GeoJSON":
        judge_json(path, label, limits)
    elif dataset.format == "GeoPackage":
        judge_sqlite(path, label)
    elif dataset.format == "Shapefile" and path.with_suffix(".prj").exists():
        rewritten_as_utf8(path.with_suffix(".prj"))  # names in GBK make pyogrio 0.13 stumble
    within = dataset.format in ("GeoPackage", "FileGDB")
    listed = [name for name, _ in pyogrio.list_layers(path)] if within else [""]
    found: list[tuple[str, str | None, int]] = []
    for index, name in enumerate(listed):
        info = _info(dataset, index)
        if info["driver"] not in DRIVERS[dataset.format]:
            raise ValueError(f"{info['driver']} is not among the drivers of {dataset.format}")
        found.append((name, info["geometry_type"], info["features"]))
    if not found:
        raise refusal(label, "里没有图层。请检查导出的内容", "holds no layer. Check what was exported")
    return found


def _info(dataset: Dataset, index: int) -> dict[str, Any]:
    """What GDAL says of a layer; a .prj that it cannot parse is emptied, for the shapes can do without."""
    options = {"layer": index, "encoding": _as_bytes(dataset), "force_feature_count": True}
    try:
        return pyogrio.read_info(dataset.path, **options)
    except pyogrio.errors.CRSError:
        if dataset.format != "Shapefile":
            raise
        dataset.path.with_suffix(".prj").write_bytes(b"")
        return pyogrio.read_info(dataset.path, **options)


def _read_as(encoding: str, replaced: int) -> Sentence:
    lost = (
        f"，其中 {replaced} 个字符无法识别，显示为 {MARK}",
        f"; {replaced} characters could not be read and show as {MARK}",
    )
    zh, en = lost if replaced else ("", "")
    return f"文字按 {encoding.upper()} 读取{zh}。", f"The text was read as {encoding.upper()}{en}."


def _as_bytes(dataset: Dataset) -> str | None:
    """The encoding GDAL is told: for a Shapefile one in which every byte comes through, to be decoded here."""
    return "ISO-8859-1" if dataset.format == "Shapefile" else None


def read_content(entry: Entry, limits: Limits, encoding: str) -> Content:
    """Every feature of a layer with all its columns, within the limits."""
    if entry.fault:
        raise entry.fault
    if entry.features > limits.features:
        raise _too_much(entry.name, limits.features, "个图形", "features")
    with readable(entry.name):
        if entry.dataset.format == "KML":
            return _from_kml(entry, limits)
        if entry.dataset.format == "GeoParquet":
            return _from_parquet(entry, limits)
        return _from_gdal(entry, limits, encoding)


def _too_much(name: str, most: int, zh: str, en: str) -> LayerError:
    zh = f"超过 {most:,} {zh}的上限。请先简化，或只导出所需的范围和字段"
    return refusal(name, zh, f"has more than {most:,} {en}. Simplify it or export only the area and fields needed")


def _from_kml(entry: Entry, limits: Limits) -> Content:
    kml = KmlPlaces(entry.name, vertices=limits.vertices, features=limits.features).read(entry.dataset.path)
    names = list(dict.fromkeys(name for row in kml.rows for name in row))
    if len(names) > limits.columns:
        raise _too_much(entry.name, limits.columns, "个字段", "columns")
    content = replace(entry.content, columns={}, declared="EPSG:4326")
    content.shapes = np.empty(len(kml.shapes), dtype=object)
    for number, shapes in enumerate(kml.shapes):
        if len(shapes) < 2:
            content.shapes[number] = shapes[0] if shapes else None
        elif all(shape.geom_type == "Polygon" for shape in shapes):
            content.shapes[number] = shapely.MultiPolygon(shapes)
        else:
            content.shapes[number] = shapely.GeometryCollection(shapes)
    for name, unique in zip(names, unique_names(names), strict=True):
        values = cut_texts([row.get(name) for row in kml.rows], limits, content.notes)
        if any(values):
            content.columns[unique] = pd.Series(values, dtype="str")
    if kml.flattened:
        content.notes.append(HEIGHTS)
    return content


HEIGHTS = ("图形带有高程（Z），已去掉。", "The shapes carried heights (Z), which were dropped.")


PARQUET_CHILD = """
import sys
import pyarrow as pa
import pyarrow.parquet as pq

try:
    import resource
except ImportError:
    resource = None
source, target = sys.argv[1:3]
rows, columns, room = map(int, sys.argv[3:])
if resource:
    resource.setrlimit(resource.RLIMIT_AS, (4 * room + 2**32,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
with pq.ParquetFile(source) as file:
    footer, schema = file.metadata, file.schema_arrow
    if b"geo" not in (schema.metadata or {}):
        sys.exit(10)
    if footer.num_rows > rows:
        sys.exit(11)
    if len(schema.names) > columns + 1:
        sys.exit(12)
    groups = [footer.row_group(number) for number in range(footer.num_row_groups)]
    largest = max((g.column(n).total_uncompressed_size for g in groups for n in range(g.num_columns)), default=1)
    with pa.ipc.new_file(target, schema) as sink:
        for batch in file.iter_batches(max(1, min(1000, room // 2 // max(largest, 1)))):
            room -= batch.nbytes
            if room < 0:
                sys.exit(13)
            sink.write_batch(batch)
"""


def _from_parquet(entry: Entry, limits: Limits) -> Content:
    """A GeoParquet file, copied to Arrow batch by batch in a process of its own, then taken as geopandas reads it.

    Damage can make the Parquet library abort (pyarrow 26, footers with false histograms), which nothing can catch. A
    page may hold one value that its rows repeat, so a batch has only as many rows as memory allows.
    """
    plain = entry.dataset.path.with_suffix(".arrow")
    bounds = [str(most) for most in (limits.features, limits.columns, limits.unpacked_bytes)]
    command = [sys.executable, "-I", "-c", PARQUET_CHILD, str(entry.dataset.path), str(plain), *bounds]
    code = subprocess.run(command, capture_output=True, timeout=300, check=False).returncode
    if code == 10:
        zh = "是普通 Parquet 表，没有 GeoParquet 的图形说明。请用 geopandas 或 QGIS 另存"
        raise refusal(entry.name, zh, "is a plain Parquet table without GeoParquet's shapes. Save it with QGIS")
    excess = {11: (limits.features, "个图形", "features"), 12: (limits.columns, "个字段", "columns"),
              13: (limits.unpacked_bytes, "字节", "bytes")}  # fmt: skip
    if code in excess:
        raise _too_much(entry.name, *excess[code])
    if code:
        raise ValueError(f"the Parquet reader ended with {code}")
    with pa.ipc.open_file(pa.memory_map(str(plain))) as file:
        table = file.read_all()
    geo = json.loads(table.schema.metadata[b"geo"])
    frame = gpd.read_feather(plain, columns=[geo["primary_column"]])
    content = replace(entry.content, columns={}, shapes=frame.geometry.to_numpy())
    _within_vertices(entry.name, int(shapely.get_num_coordinates(content.shapes).sum()), limits)
    content.declared = None if frame.crs is None else _named(frame.crs)
    kept = [
        n for n, name in enumerate(table.schema.names) if name not in geo["columns"] and name[:14] != "__index_level_"
    ]
    take_columns(content, [table.schema.names[n] for n in kept], [table.column(n) for n in kept], limits)
    return content


def _within_vertices(name: str, vertices: int, limits: Limits) -> None:
    if vertices > limits.vertices:
        raise _too_much(name, limits.vertices, "个顶点", "vertices")


def _named(crs: pyproj.CRS) -> str:
    """An EPSG code where the definition is one, else WKT."""
    authority = crs.to_authority(min_confidence=100)
    return ":".join(authority) if authority else crs.to_wkt()


def _from_gdal(entry: Entry, limits: Limits, encoding: str) -> Content:
    """A layer batch by batch, counting features, vertices and bytes as they come."""
    path, content = entry.dataset.path, replace(entry.content, columns={})
    columns: list[list[pa.Array]] = []
    found: list[Any] = []
    curved, vertices, room = False, 0, limits.unpacked_bytes
    options = {"layer": entry.index, "encoding": _as_bytes(entry.dataset)}
    with raw.open_arrow(path, **options, use_pyarrow=True, batch_size=1000, datetime_as_string=True) as (meta, reader):
        if len(meta["fields"]) > limits.columns:
            raise _too_much(entry.name, limits.columns, "个字段", "columns")
        columns = [[] for _ in meta["fields"]]
        types = [reader.schema.field(number).type for number in range(len(columns))]
        for batch in reader:
            wkb = batch.column(batch.num_columns - 1)
            room -= batch.nbytes
            if room < 0:
                raise _too_much(entry.name, limits.unpacked_bytes, "字节", "bytes")
            _within_vertices(entry.name, vertices + wkb.nbytes // 32, limits)  # a vertex has 16 to 32 bytes
            for number, column in enumerate(columns):
                column.append(batch.column(number))
            try:
                found.append(shapely.from_wkb(wkb.to_numpy(zero_copy_only=False), on_invalid="fix"))
            except NotImplementedError:  # shapely knows no curves yet
                curved = True
                found.append(np.full(batch.num_rows, None, dtype=object))
            vertices += int(shapely.get_num_coordinates(found[-1]).sum())
            _within_vertices(entry.name, vertices, limits)
            if sum(map(len, found)) > limits.features:
                raise _too_much(entry.name, limits.features, "个图形", "features")
    if curved:
        found = list(_linearised(entry, limits, sum(map(len, found))))
        content.notes.append(("弧线已化为折线。", "Curves were turned into straight pieces."))
    content.shapes = np.concatenate(found) if found else np.array([], dtype=object)
    content.declared = meta["crs"]
    if entry.features > len(content.shapes):
        content.notes.append((f"文件标明 {entry.features} 个要素，只读到 {len(content.shapes)} 个，可能不完整。",
                              f"The file counts {entry.features} features, {len(content.shapes)} were found: "
                              "it may be incomplete."))  # fmt: skip
    arrays = [pa.chunked_array(column, type_) for column, type_ in zip(columns, types, strict=True)]
    names = [str(name) for name in meta["fields"]]
    if entry.dataset.format == "Shapefile":
        content.bytes_as_latin = True
        names = take_text(content, names, arrays, path, encoding)
    take_columns(content, names, arrays, limits)
    return content


def _linearised(entry: Entry, limits: Limits, features: int) -> Iterator[Any]:
    """The shapes of a layer with curves, as GDAL approximates them."""
    vertices = 0
    for start in range(0, features, 500):
        _, _, wkb, _ = raw.read(
            entry.dataset.path, layer=entry.index, columns=[], skip_features=start, max_features=500, force_2d=True
        )
        shapes = shapely.from_wkb(wkb, on_invalid="fix")
        vertices += int(shapely.get_num_coordinates(shapes).sum())
        _within_vertices(entry.name, vertices, limits)
        yield shapes
