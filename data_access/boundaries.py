"""Boundary layers: several side by side, each with its origin and dates; shapes kept as WKB and read as frames.

A layer is brought by somebody and waits; it counts once it is accepted. The present layer of a day is the accepted one
that is valid then: a surveyed layer before a schematic one, then the one that begins latest, then the newest.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from data_access.audit_log import record
from data_access.engine import count_rows_read, reading, writing
from data_access.errors import UserError
from data_access.tables import boundary_layer, boundary_shape, place

CRS: Final = "EPSG:4490"


@dataclass(frozen=True)
class LayerOrigin:
    """What is known of a layer besides its shapes.

    Attributes
    ----------
    name, source, licence
        What people call it, where it comes from, what may be done with it.
    precision
        "surveyed", or "schematic" for invented shapes.
    review_number, attribution
        What has to be printed beside a map that is shown (审图号, 版权说明); "" for nothing.
    reference_system, datum
        The coordinate system the file was in, in words, and "CGCS2000", "GCJ-02" or "BD-09": what was converted.
    file_name, file_hash
        The delivery; "" where there was none.
    valid_from, valid_to
        First and last day; no last day while it holds.
    report
        What was found on import, as plain values.
    """

    name: str
    source: str
    precision: str = "surveyed"
    licence: str = ""
    review_number: str = ""
    attribution: str = ""
    reference_system: str = ""
    datum: str = "CGCS2000"
    file_name: str = ""
    file_hash: str = ""
    valid_from: dt.date = dt.date(2020, 1, 1)
    valid_to: dt.date | None = None
    report: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class BoundaryLayer:
    """A layer on record: its origin, its number, who brought and who accepted it, how many shapes it has."""

    id: int
    origin: LayerOrigin
    brought_at: dt.datetime
    brought_by: str
    accepted_at: dt.datetime | None
    accepted_by: str | None
    townships: int
    villages: int

    @property
    def accepted(self) -> bool:
        """Whether it counts; otherwise it waits for somebody to decide."""
        return self.accepted_at is not None

    @property
    def surveyed(self) -> bool:
        """Whether positions, distances and neighbours may be read off it."""
        return self.origin.precision == "surveyed"

    def holds_on(self, day: dt.date) -> bool:
        """Whether `day` lies in its dates."""
        return self.origin.valid_from <= day and (self.origin.valid_to is None or day <= self.origin.valid_to)


def add_layer(engine: Engine, shapes: gpd.GeoDataFrame, origin: LayerOrigin, *, by: str, at: str = "") -> int:
    """Put a layer on record, waiting; its number.

    Parameters
    ----------
    shapes
        code and geometry (EPSG:4490, polygons), one row a place of whatever level; label_lon and label_lat where known.

    Raises
    ------
    UserError
        For a code that is not on the register, one drawn twice, or no shape at all; nothing is kept then.
    """
    if shapes.empty:
        raise UserError(zh="图层里没有一个图形；请换一个图层。", en="The layer has no shape; choose another one.")
    with writing(engine) as connection:
        known = set(connection.execute(sa.select(place.c.code)).scalars())
        _refuse_strangers(shapes["code"], known)
        number = _insert_layer(connection, origin, by=by)
        _insert_shapes(connection, number, shapes)
        record(connection, who=by, action="bring_boundaries", subject=f"{number} {origin.name}", origin=at)
    return number


def accept_layer(engine: Engine, number: int, *, by: str, since: dt.date | None = None, at: str = "") -> BoundaryLayer:
    """Let a waiting layer count from `since` (default: the day its origin says). Raises UserError when it is gone."""
    with writing(engine) as connection:
        layer = _layer(connection, number)
        values: dict[str, Any] = {"accepted_at": _now(), "accepted_by": by}
        if since is not None:
            values["valid_from"] = since
        connection.execute(boundary_layer.update().where(boundary_layer.c.id == layer.id).values(**values))
        record(connection, who=by, action="accept_boundaries", subject=f"{number} {layer.origin.name}", origin=at)
        return _layer(connection, number)


def set_aside_layer(engine: Engine, number: int, *, by: str, at: str = "") -> BoundaryLayer:
    """An accepted layer counts no longer and waits again; the one before it is the present one then."""
    with writing(engine) as connection:
        layer = _layer(connection, number)
        values = {"accepted_at": None, "accepted_by": None}
        connection.execute(boundary_layer.update().where(boundary_layer.c.id == number).values(**values))
        record(connection, who=by, action="set_aside_boundaries", subject=f"{number} {layer.origin.name}", origin=at)
        return _layer(connection, number)


def drop_layer(engine: Engine, number: int, *, by: str, at: str = "") -> None:
    """Forget a waiting layer and its shapes. Raises UserError for an accepted one: set it aside first."""
    with writing(engine) as connection:
        layer = _layer(connection, number)
        if layer.accepted:
            raise UserError(
                zh=f"边界图层“{layer.origin.name}”正在使用；请先停用，再删除。",
                en=f"The boundary layer '{layer.origin.name}' is in use; set it aside before deleting it.",
            )
        connection.execute(boundary_shape.delete().where(boundary_shape.c.layer_id == number))
        connection.execute(boundary_layer.delete().where(boundary_layer.c.id == number))
        record(connection, who=by, action="drop_boundaries", subject=f"{number} {layer.origin.name}", origin=at)


def read_layers(engine: Engine) -> list[BoundaryLayer]:
    """All layers on record, the newest first."""
    with reading(engine) as connection:
        return _layers(connection)


def read_layer_record(engine: Engine, number: int) -> BoundaryLayer:
    """One layer's record. Raises UserError when it is gone."""
    with reading(engine) as connection:
        return _layer(connection, number)


def present_layer(engine: Engine, *, on: dt.date | None = None) -> BoundaryLayer | None:
    """The layer that counts on a day (default: today); None where none does."""
    return present_of(read_layers(engine), on=on)


def present_of(layers: Sequence[BoundaryLayer], *, on: dt.date | None = None) -> BoundaryLayer | None:
    """The one of `layers` that counts on a day (default: today)."""
    day = on or dt.date.today()
    counting = [layer for layer in layers if layer.accepted and layer.holds_on(day)]
    return max(counting, key=lambda one: (one.surveyed, one.origin.valid_from, one.id), default=None)


def read_boundary_layer(engine: Engine, *, layer: int, level: str) -> gpd.GeoDataFrame:
    """Shapes of one layer and level: code, name, parent, precision, label_lon, label_lat, geometry (EPSG:4490).

    Shapes are public; no scope is needed. Empty when the layer has none of the level. Closed places are left out.
    """
    shapes, about = boundary_shape.c, boundary_layer.c
    names = ["code", "name", "parent", "precision", "label_lon", "label_lat", "geometry"]
    statement = (
        sa.select(place.c.code, place.c.short_name, place.c.parent, about.precision, shapes.label_lon,
                  shapes.label_lat, shapes.geometry)
        .join_from(boundary_shape, place, place.c.code == shapes.place_code)
        .join(boundary_layer, about.id == shapes.layer_id)
        .where(shapes.layer_id == layer, place.c.level == level, place.c.valid_to.is_(None))
        .order_by(place.c.code)
    )  # fmt: skip
    with reading(engine) as connection:
        rows = connection.execute(statement).all()
    count_rows_read(len(rows))
    columns = {name: [row[index] for row in rows] for index, name in enumerate(names)}
    columns["geometry"] = shapely.from_wkb([bytes(one) for one in columns["geometry"]])
    return gpd.GeoDataFrame(columns, geometry="geometry", crs=CRS)


def load_schematic_boundaries(engine: Engine, *, files: Sequence[Path], origin: LayerOrigin, by: str) -> int:
    """Put the polygons of GeoJSON `files` (properties code, label_lon, label_lat) on record as the accepted layer of
    that name; an earlier one of the name is replaced. How many places were drawn.

    Raises `UserError` for a code that is not on the register; nothing changes then.
    """
    features = [feature for path in files for feature in json.loads(path.read_text(encoding="utf-8"))["features"]]
    about = pd.DataFrame([feature["properties"] for feature in features])[["code", "label_lon", "label_lat"]]
    outlines = [shapely.geometry.shape(feature["geometry"]) for feature in features]
    shapes = gpd.GeoDataFrame(about, geometry=outlines, crs=CRS)
    with writing(engine) as connection:
        _refuse_strangers(shapes["code"], set(connection.execute(sa.select(place.c.code)).scalars()))
        same = sa.select(boundary_layer.c.id).where(boundary_layer.c.name == origin.name)
        connection.execute(boundary_shape.delete().where(boundary_shape.c.layer_id.in_(same)))
        connection.execute(boundary_layer.delete().where(boundary_layer.c.name == origin.name))
        number = _insert_layer(connection, origin, by=by, accepted=True)
        _insert_shapes(connection, number, shapes)
    return len(shapes)


def _refuse_strangers(codes: pd.Series, known: set[str]) -> None:
    strange = sorted(set(codes) - known)
    if strange:
        raise UserError(
            zh=f"边界数据中的代码 {strange[0]} 不在区划名录中；请先载入名录。",
            en=f"The boundary code {strange[0]} is not on the register of places; load the register first.",
        )
    twice = sorted(codes[codes.duplicated()])
    if twice:
        raise UserError(
            zh=f"边界数据中有两个图形的代码都是 {twice[0]}；请合并后再导入。",
            en=f"Two shapes of the layer bear the code {twice[0]}; merge them first.",
        )


def _insert_layer(connection: Connection, origin: LayerOrigin, *, by: str, accepted: bool = False) -> int:
    values = {field.name: getattr(origin, field.name) for field in fields(origin)}
    values["report"] = None if origin.report is None else dict(origin.report)
    values |= {"brought_at": _now(), "brought_by": by}
    if accepted:
        values |= {"accepted_at": _now(), "accepted_by": by}
    return int(connection.execute(boundary_layer.insert().values(**values)).inserted_primary_key[0])


def _insert_shapes(connection: Connection, number: int, shapes: gpd.GeoDataFrame) -> None:
    nowhere = pd.Series([None] * len(shapes), dtype=object)
    labels = [shapes.get(name, nowhere).astype(object).tolist() for name in ("label_lon", "label_lat")]
    labels = [[None if pd.isna(one) else float(one) for one in column] for column in labels]
    names = ["layer_id", "place_code", "geometry", "label_lon", "label_lat"]
    wkb = shapely.to_wkb(shapes.geometry.to_numpy())
    rows = zip([number] * len(shapes), shapes["code"], wkb, *labels, strict=True)
    connection.execute(boundary_shape.insert(), [dict(zip(names, row, strict=True)) for row in rows])


def _layer(connection: Connection, number: int) -> BoundaryLayer:
    found = _layers(connection, number)
    if not found:
        raise UserError(zh="这个边界图层已经不在了；请刷新页面。", en="This boundary layer is gone; reload the page.")
    return found[0]


def _layers(connection: Connection, number: int | None = None) -> list[BoundaryLayer]:
    drawn = (
        sa.select(boundary_shape.c.layer_id, place.c.level, sa.func.count())
        .join(place, place.c.code == boundary_shape.c.place_code)
        .group_by(boundary_shape.c.layer_id, place.c.level)
    )
    sizes = {(layer, level): size for layer, level, size in connection.execute(drawn)}
    statement = sa.select(boundary_layer).order_by(boundary_layer.c.id.desc())
    if number is not None:
        statement = statement.where(boundary_layer.c.id == number)
    found = []
    for row in connection.execute(statement).mappings():
        origin = LayerOrigin(**{field.name: row[field.name] for field in fields(LayerOrigin)})
        found.append(BoundaryLayer(
            id=row["id"], origin=origin, brought_at=row["brought_at"], brought_by=row["brought_by"],
            accepted_at=row["accepted_at"], accepted_by=row["accepted_by"],
            townships=sizes.get((row["id"], "township"), 0), villages=sizes.get((row["id"], "village"), 0),
        ))  # fmt: skip
    return found


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)
