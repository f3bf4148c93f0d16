"""The layers of shapes an office delivers, looked at and read without trusting the file.

Formats: GeoPackage, GeoJSON (also GeoJSON sequences and Esri JSON), Shapefile (zip, or loose with its parts), file
geodatabase (folder or zip), KML and KMZ, FlatGeobuf and GeoParquet. What is refused, and why, is said by `LayerError`.
"""

from __future__ import annotations

import threading
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from geo.errors import LayerError
from geo.layer_archives import Dataset, Limits, laid_out
from geo.layer_columns import Content, Sentence
from geo.layer_contents import HEIGHTS, Entry, layers_inside, read_content, readable
from geo.layer_text import codec, pieces, refusal

_one_at_a_time = threading.RLock()


@dataclass(frozen=True)
class LayerSummary:
    """One layer of a delivery: what a person needs to choose it.

    ``geometry_types`` counts features by type, ``columns`` gives up to three different values of each as text,
    ``declared`` is the reference system the file names ("EPSG:4549" or WKT) or None, ``bounds`` are xmin, ymin, xmax,
    ymax in it or None, ``why_not`` a sentence in both languages when the layer cannot be imported.
    """

    name: str
    format: str
    features: int
    geometry_types: dict[str, int]
    columns: dict[str, tuple[str, ...]]
    declared: str | None
    bounds: tuple[float, float, float, float] | None
    encoding: str
    why_not: Sentence | None

    @property
    def importable(self) -> bool:
        """Whether there are polygons that `read_layer` gives."""
        return self.why_not is None


@dataclass(frozen=True)
class Delivery:
    """What a file holds: its format ("zip" of several is named by the first) and its layers."""

    format: str
    layers: tuple[LayerSummary, ...]


@dataclass(frozen=True)
class LayerRead:
    """One layer: 2D polygons with texts decoded and the declared CRS or None; ``notes`` say what was assumed."""

    name: str
    frame: gpd.GeoDataFrame
    format: str
    encoding: str
    declared: str | None
    notes: list[Sentence]


def look(path: str | Path, *, limits: Limits = Limits()) -> Delivery:  # noqa: B008 - frozen
    """Say what a delivery holds, reading every layer that may hold polygons within the limits.

    Raises
    ------
    LayerError
        For a file that is refused or damaged; one bad layer among several is told by its ``why_not`` instead.
    """
    with _quiet(), laid_out(path, limits) as datasets:
        entries = _entries(datasets, limits, "")
        layers = [_summary(entry, limits, alone=len(entries) == 1) for entry in entries]
        return Delivery(datasets[0].format, tuple(layers))


def read_layer(
    path: str | Path,
    layer: str | None = None,
    *,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    encoding: str | None = None,
) -> LayerRead:
    """Read the polygons of one layer.

    Parameters
    ----------
    path
        A file, a loose ``.shp`` or a ``.gdb`` folder.
    layer
        A name `look` gives; None for the only layer with polygons.
    encoding
        Of texts in a Shapefile, GeoJSON or KML when a person knows better; by default judged by the bytes.

    Raises
    ------
    LayerError
        For a delivery that is refused or damaged, a layer that is not there or not chosen, or no polygons.
    """
    known = codec(encoding) if encoding else ""
    if encoding and not known:
        zh = "不是已知的文字编码。请填 GB18030、UTF-8 或 BIG5"
        raise refusal(encoding, zh, "is no known text encoding. Give GB18030, UTF-8 or BIG5")
    with _quiet(), laid_out(path, limits) as datasets:
        entry = _chosen(_entries(datasets, limits, known), layer, Path(path).name)
        content = read_content(entry, limits, known)
        kept, shapes, notes = _polygons(content.shapes)
        if not len(kept):
            raise LayerError(zh=f"“{entry.name}”{_NO_POLYGONS[0]}", en=f"“{entry.name}” {_NO_POLYGONS[1]}")
        crs, declared, about = _reference(content, entry, shapes)
        frame = gpd.GeoDataFrame(
            {name: series.iloc[kept].reset_index(drop=True) for name, series in content.columns.items()},
            geometry=shapes,
            crs=crs,
        )
        text = content.encoding
        return LayerRead(entry.name, frame, entry.dataset.format, text, declared, content.notes + notes + about)


_NO_POLYGONS = (
    "里没有面（多边形），不能作为边界。请索取面图层。",
    "holds no polygons and is no boundary. Ask for polygons.",
)


@contextmanager
def _quiet() -> Iterator[None]:
    """One delivery at a time (memory), and no library's warning gets out."""
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _entries(datasets: list[Dataset], limits: Limits, encoding: str) -> list[Entry]:
    """The layers of all datasets under names that differ, each dataset judged before GDAL opens it."""
    entries: list[Entry] = []
    for dataset in datasets:
        content = Content({}, np.array([], dtype=object), None)
        fault: LayerError | None = None
        try:
            with readable(dataset.label):
                found = layers_inside(dataset, limits, encoding, content)
        except LayerError as reason:
            if len(datasets) == 1:
                raise
            fault, found = reason, [("", None, 0)]
        for index, (inner, kind, features) in enumerate(found):
            name = inner or dataset.label
            name = f"{dataset.label}/{name}" if inner and len(datasets) > 1 else name
            taken = {entry.name for entry in entries}
            number = next(n for n in range(1, len(taken) + 2) if (name if n == 1 else f"{name} ({n})") not in taken)
            name = name if number == 1 else f"{name} ({number})"
            own = replace(content, columns={}, notes=list(content.notes))
            entries.append(Entry(name, dataset, index, kind, features, own, fault))
    return entries


def _may_be_polygons(kind: str | None) -> bool:
    return kind is not None and any(word in kind for word in ("Polygon", "Unknown", "Collection", "Surface"))


def _chosen(entries: list[Entry], layer: str | None, file: str) -> Entry:
    """The entry a person named, or the only one that may hold polygons."""
    if layer is not None:
        for entry in entries:
            if entry.name == layer:
                return entry
        there = [entry.name for entry in entries]
        zh = f"里没有图层“{layer}”。有：{'、'.join(there)}"
        raise refusal(file, zh, f"has no layer “{layer}”. There are: {', '.join(there)}")
    candidates = [entry for entry in entries if _may_be_polygons(entry.kind)]
    faults = [entry.fault for entry in entries if entry.fault]
    if faults and not candidates:
        raise faults[0]
    if not candidates:
        raise LayerError(zh=f"“{file}”{_NO_POLYGONS[0]}", en=f"“{file}” {_NO_POLYGONS[1]}")
    if len(candidates) > 1:
        names = [entry.name for entry in candidates]
        zh = f"里有 {len(names)} 个面图层，请选择一个：{'、'.join(names)}"
        raise refusal(file, zh, f"holds {len(names)} polygon layers. Choose one: {', '.join(names)}")
    return candidates[0]


def _summary(entry: Entry, limits: Limits, *, alone: bool) -> LayerSummary:
    """What `look` says about one layer; a layer of points, lines or a table is not read."""
    empty = LayerSummary(entry.name, entry.dataset.format, entry.features, {}, {}, None, None, "", None)
    if entry.fault:
        return replace(empty, why_not=(entry.fault.zh, entry.fault.en))
    if not _may_be_polygons(entry.kind):
        sort = (
            ("是没有图形的表", "is a table without shapes")
            if entry.kind is None
            else ("只有点或线", "holds points or lines")
        )
        why = (f"“{entry.name}”{sort[0]}，不能作为边界。", f"“{entry.name}” {sort[1]} and is no boundary.")
        return replace(empty, geometry_types={entry.kind: entry.features} if entry.kind else {}, why_not=why)
    try:
        content = read_content(entry, limits, "")
    except LayerError as fault:
        if alone:
            raise
        return replace(empty, why_not=(fault.zh, fault.en))
    types = Counter("Empty" if s is None or s.is_empty else s.geom_type for s in content.shapes)
    kept, shapes, _ = _polygons(content.shapes)
    _, declared, _ = _reference(content, entry, shapes)
    columns = {name: tuple(_short(v) for v in s.dropna().unique()[:3]) for name, s in content.columns.items()}
    why_not = None if len(kept) else (f"“{entry.name}”{_NO_POLYGONS[0]}", f"“{entry.name}” {_NO_POLYGONS[1]}")
    west, south, east, north = (float(side) for side in shapely.total_bounds(shapes if len(kept) else [None]))
    bounds = (west, south, east, north) if len(kept) else None
    return LayerSummary(
        entry.name, entry.dataset.format, len(content.shapes), dict(types), columns, declared, bounds, content.encoding,
        why_not,
    )  # fmt: skip


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:39] + "…"


def _polygons(shapes: Any) -> tuple[Any, Any, list[Sentence]]:
    """The rows that hold polygons, their shapes in 2D, and what was dropped or left out."""
    notes: list[Sentence] = []
    if shapely.has_z(shapes).any():
        notes.append(HEIGHTS)
    shapes = shapely.force_2d(shapes)
    points, owners = shapely.get_coordinates(shapes, return_index=True)
    endless = np.isin(np.arange(len(shapes)), owners[~np.isfinite(points).all(axis=1)])
    kinds = shapely.get_type_id(shapes)
    mixed = np.flatnonzero((kinds == 7) & ~endless)
    for row in mixed:
        parts = [part for part in shapely.get_parts(shapely.get_parts(shapes[row])) if part.geom_type == "Polygon"]
        shapes[row] = shapely.MultiPolygon(parts) if parts else None
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    area = np.isin(kinds, (3, 6, 7))
    for count, zh, en in (
        (len(mixed), "个混合图形只保留了其中的面", "mixed collections kept their polygons only"),
        (
            int((empty & (kinds < 0) | empty & area).sum()),
            "个要素没有图形，已略去",
            "features without a shape were left out",
        ),
        (int((~area & (kinds >= 0)).sum()), "个点或线已略去", "points or lines were left out"),
        (
            int((endless & area & ~empty).sum()),
            "个图形坐标不是有限数，已略去",
            "shapes without finite coordinates were left out",
        ),
    ):
        if count:
            notes.append((f"{count} {zh}。", f"{count} {en}."))
    kept = np.flatnonzero(area & ~empty & ~endless)
    return kept, shapes[kept], notes


def _reference(content: Content, entry: Entry, shapes: Any) -> tuple[pyproj.CRS | None, str | None, list[Sentence]]:
    """The declared reference system in 2D, its text, and a sentence when there is none or it cannot be used."""
    declared = content.declared
    if entry.dataset.format == "GeoJSON":
        degrees = len(shapes) and (np.abs(shapely.total_bounds(shapes)) <= [180, 90, 180, 90]).all()
        named = _names_its_system(entry.dataset.path)
        if degrees and not named:
            return pyproj.CRS("EPSG:4326"), None, [(
                "文件没有写明坐标系，按 GeoJSON 标准（RFC 7946）视为 WGS 84 经纬度，请核对。",
                "No reference system is written; by the standard (RFC 7946) taken for WGS 84 degrees. Check it.",
            )]  # fmt: skip
        if not degrees and (not named or declared in ("EPSG:4326", "EPSG:4979", "OGC:CRS84")):
            declared = None  # GDAL's assumption, which these numbers belie
    if not declared:
        zh, en = "没有写明坐标系", "No reference system is declared"
        if entry.dataset.format == "Shapefile":
            there = entry.dataset.path.with_suffix(".prj").exists()
            zh, en = (
                (".prj 里的坐标系无法识别", "The .prj is not understood")
                if there
                else ("缺 .prj，没有写明坐标系", "The .prj is missing: " + en[0].lower() + en[1:])
            )
        return None, None, [(f"{zh}，需要判断。", f"{en}; it must be judged.")]
    try:
        return pyproj.CRS.from_user_input(declared).to_2d(), declared, []
    except pyproj.exceptions.CRSError:
        return (
            None,
            declared,
            [("写明的坐标系无法识别，需要判断。", "The declared reference system is unknown here; it must be judged.")],
        )


def _names_its_system(path: Path) -> bool:
    return any(b'"crs"' in piece or b'"spatialReference"' in piece for piece in pieces(path))
