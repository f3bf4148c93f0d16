"""Boundary layers: kept as WKB beside the register, read as frames of shapes."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import geopandas as gpd
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from data_access.engine import count_rows_read, reading, writing
from data_access.errors import UserError
from data_access.tables import boundary, place

CRS = "EPSG:4490"


def load_schematic_boundaries(
    engine: Engine, *, files: list[Path], layer: str = "schematic", source: str, licence: str
) -> int:
    """Put the schematic polygons of GeoJSON `files` (properties code, label_lon, label_lat) into the layer.

    The layer is replaced as a whole in one transaction; the number of places is returned. A code that is not on the
    register raises `UserError` and nothing changes.
    """
    rows = []
    for path in files:
        for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
            about = feature["properties"]
            rows.append(
                {
                    "layer": layer,
                    "place_code": about["code"],
                    "geometry": shapely.to_wkb(shapely.geometry.shape(feature["geometry"])),
                    "label_lon": about["label_lon"],
                    "label_lat": about["label_lat"],
                    "precision": "schematic",
                    "source": source,
                    "licence": licence,
                    "valid_from": dt.date(2020, 1, 1),
                }
            )
    with writing(engine) as connection:
        known = set(connection.execute(sa.select(place.c.code)).scalars())
        strange = sorted({row["place_code"] for row in rows} - known)
        if strange:
            raise UserError(
                zh=f"边界数据中的代码 {strange[0]} 不在区划名录中；请先载入名录。",
                en=f"The boundary code {strange[0]} is not on the register of places; load the register first.",
            )
        connection.execute(boundary.delete().where(boundary.c.layer == layer))
        connection.execute(boundary.insert(), rows)
    return len(rows)


def read_boundary_layer(engine: Engine, *, layer: str = "schematic", level: str) -> gpd.GeoDataFrame:
    """Shapes of one layer and level: code, name, parent, precision, label_lon, label_lat, geometry (EPSG:4490).

    Shapes are public; no scope is needed. Empty when the layer has none of the level.
    """
    names = ["code", "name", "parent", "precision", "label_lon", "label_lat", "geometry"]
    statement = (
        sa.select(place.c.code, place.c.short_name, place.c.parent, boundary.c.precision, boundary.c.label_lon,
                  boundary.c.label_lat, boundary.c.geometry)
        .join(place, place.c.code == boundary.c.place_code)
        .where(boundary.c.layer == layer, place.c.level == level)
        .order_by(place.c.code)
    )  # fmt: skip
    with reading(engine) as connection:
        rows = connection.execute(statement).all()
    count_rows_read(len(rows))
    columns = {name: [row[index] for row in rows] for index, name in enumerate(names)}
    columns["geometry"] = shapely.from_wkb([bytes(one) for one in columns["geometry"]])
    return gpd.GeoDataFrame(columns, geometry="geometry", crs=CRS)
