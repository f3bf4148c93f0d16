"""What an office might send of the small district: any format, encoding, coordinate system and state of damage."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from tests.data_access.surveyed_district import VILLAGES, squares
from tests.geo import damaged_layers
from tests.geo.made_layers import folder_members, shapefile_members, zipped

NAMES = dict(zip(VILLAGES, ["城兴社区", "东裕社区", "翻石渡村", "陆家堰村", "茅山社区", "茅山村"], strict=True))
TOWNSHIPS = {"330212005": "中河街道", "330212110": "姜山镇"}


def villages() -> gpd.GeoDataFrame:
    """Columns 代码, 名称, 镇街 and the squares of the six villages, whose sides have a corner every 500 metres."""
    frame = squares()
    shapes = shapely.segmentize(frame.geometry.to_numpy(), 0.005)
    codes = frame["code"].to_numpy()
    return gpd.GeoDataFrame(
        {"代码": codes, "名称": [NAMES[one] for one in codes], "镇街": [TOWNSHIPS[one[:9]] for one in codes]},
        geometry=shapely.set_precision(shapes, 1e-9),
        crs="EPSG:4490",
    )


def townships() -> gpd.GeoDataFrame:
    """Columns 代码 and 名称 of the two townships, which are the villages put together."""
    joined = villages().dissolve(by="镇街").reset_index()
    codes = {name: code for code, name in TOWNSHIPS.items()}
    return gpd.GeoDataFrame(
        {"代码": [codes[name] for name in joined["镇街"]], "名称": joined["镇街"]},
        geometry=joined.geometry.to_numpy(),
        crs="EPSG:4490",
    )


def shapefile_zip(frame: gpd.GeoDataFrame, folder: Path, *, encoding: str, cpg: bool, prj: bool) -> Path:
    """A zipped Shapefile with texts in `encoding`; without .cpg its texts have to be judged by their bytes."""
    path = folder / "村界.shp"
    pyogrio.write_dataframe(frame, path, driver="ESRI Shapefile", encoding=encoding)
    for suffix, kept in ((".cpg", cpg), (".prj", prj)):
        if not kept:
            path.with_suffix(suffix).unlink(missing_ok=True)
    return zipped(folder / "村界.zip", shapefile_members(path))


def kml(frame: gpd.GeoDataFrame, path: Path) -> Path:
    """Placemarks as map programs write them: the name, and the code as a datum."""
    marks = []
    for row in frame.to_crs("EPSG:4326").itertuples():
        ring = " ".join(f"{x},{y},0" for x, y in shapely.get_coordinates(row.geometry.exterior))
        marks.append(
            f"<Placemark><name>{row.名称}</name><ExtendedData><Data name='代码'><value>{row.代码}</value></Data>"
            f"</ExtendedData><Polygon><outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing>"
            "</outerBoundaryIs></Polygon></Placemark>"
        )
    head = '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    path.write_text(f"{head}{''.join(marks)}</Document></kml>", encoding="utf-8")
    return path


def geodatabase_zip(frame: gpd.GeoDataFrame, folder: Path) -> Path:
    """A zipped file geodatabase with the layer 村界."""
    pyogrio.write_dataframe(frame, folder / "界线.gdb", driver="OpenFileGDB", layer="cunjie")
    return zipped(folder / "界线.zip", folder_members(folder / "界线.gdb", "界线.gdb"))


def parquet(frame: gpd.GeoDataFrame, path: Path) -> Path:
    """GeoParquet."""
    frame.to_parquet(path)
    return path


def written(frame: gpd.GeoDataFrame, path: Path, driver: str, **options: object) -> Path:
    """With one of GDAL's drivers."""
    pyogrio.write_dataframe(frame, path, driver=driver, **options)
    return path


Write = Callable[[gpd.GeoDataFrame, Path], Path]
FORMATS: dict[str, Write] = {
    "GeoPackage": lambda frame, folder: written(frame, folder / "村界.gpkg", "GPKG", layer="村界"),
    "GeoJSON": lambda frame, folder: written(frame.to_crs("EPSG:4326"), folder / "村界.geojson", "GeoJSON"),
    "GeoJSON sequence": lambda frame, folder: written(frame.to_crs("EPSG:4326"), folder / "v.geojsonl", "GeoJSONSeq"),
    "FlatGeobuf": lambda frame, folder: written(frame, folder / "v.fgb", "FlatGeobuf", spatial_index="NO"),
    "GeoParquet": lambda frame, folder: parquet(frame, folder / "v.parquet"),
    "KML": lambda frame, folder: kml(frame, folder / "v.kml"),
    "FileGDB": geodatabase_zip,
    "Shapefile GBK": lambda frame, folder: shapefile_zip(frame, folder, encoding="GB18030", cpg=False, prj=True),
    "Shapefile GBK with .cpg": lambda frame, folder: shapefile_zip(frame, folder, encoding="GBK", cpg=True, prj=True),
    "Shapefile UTF-8": lambda frame, folder: shapefile_zip(frame, folder, encoding="UTF-8", cpg=False, prj=True),
    "Shapefile without .prj": lambda frame, folder: shapefile_zip(
        frame.to_crs("EPSG:4550"), folder, encoding="GB18030", cpg=False, prj=False
    ),
}


def damaged(kind: str, *, seed: int = 3) -> gpd.GeoDataFrame:
    """The villages with one kind of damage of `tests.geo.damaged_layers` done to the third and the fifth of them."""
    frame, rng = villages(), np.random.default_rng(seed)
    shapes = list(damaged_layers.to_metres(frame.geometry.to_numpy()))
    more: list[tuple[int, shapely.Geometry]] = []
    for row in (2, 4):
        if kind in damaged_layers.ROW_DAMAGES:
            shapes[row], second = damaged_layers.ROW_DAMAGES[kind](shapes[row])
            more.append((row, second))
        elif kind in damaged_layers.BORDER_DAMAGES:
            damaged_layers.BORDER_DAMAGES[kind](shapes, row, row + 1, rng)
        else:
            shapes[row] = damaged_layers.SHAPE_DAMAGES[kind](shapes[row], rng)
    rows = pd.DataFrame(frame.drop(columns="geometry")).iloc[[*range(len(shapes)), *(row for row, _ in more)]]
    drawn = [damaged_layers.to_degrees(shape) for shape in [*shapes, *(shape for _, shape in more)]]
    return gpd.GeoDataFrame(rows.reset_index(drop=True), geometry=drawn, crs="EPSG:4490")


def packed_bomb(path: Path, megabytes: int) -> Path:
    """A zip of a few kilobytes whose only member unpacks to so much."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("v.geojson", "w") as member:
        for _ in range(megabytes):
            member.write(bytes(1024 * 1024))
    return path


def scribble(vertices: int, *, seed: int = 5) -> gpd.GeoDataFrame:
    """The villages, each drawn as one closed line that crosses itself everywhere."""
    rng, frame = np.random.default_rng(seed), villages()
    shapes = []
    for west, south, east, north in shapely.bounds(frame.geometry.to_numpy()):
        points = rng.uniform((west, south), (east, north), (vertices // len(frame), 2))
        shapes.append(shapely.Polygon(np.vstack([points, points[:1]])))
    return frame.set_geometry(gpd.GeoSeries(shapes, crs=frame.crs))
