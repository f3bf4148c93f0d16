"""A schematic layer drawn from the register: for a district without boundaries, or inside given townships."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from data_access.boundaries import (
    BoundaryLayer,
    LayerOrigin,
    add_layer,
    drop_layer,
    read_boundary_layer,
    read_layer_record,
    read_layers,
)
from data_access.boundary_delivery.findings import sentence
from data_access.boundary_delivery.known import UNPLACED
from data_access.engine import reading
from data_access.errors import UserError
from data_access.tables import place, site
from geo.errors import LayerError
from geo.schematic import PRECISION, schematic_coverage

_FEWEST_SEATS = 3  # positions of sites from which a village's seat is read


def bring_schematic(engine: Engine, *, within: int | None = None, by: str, at: str = "") -> dict[str, Any]:
    """Draw the register's places and put them on record as a schematic layer that waits; "layer" is its number.

    Parameters
    ----------
    within
        A layer whose township polygons are kept and only divided into villages; None invents everything. Townships
        without a polygon there, and their villages, are not drawn.

    Raises
    ------
    UserError
        When the register has no township, the layer draws none, or its places cannot be drawn; nothing is kept then.
    """
    places = _places(engine)
    base, polygons, left_out = None, None, pd.DataFrame()
    if within is not None:
        base = read_layer_record(engine, within)
        polygons = read_boundary_layer(engine, layer=within, level="township")[["code", "geometry"]]
        if polygons.empty:
            raise UserError(
                zh=f"图层“{base.origin.name}”没有镇街边界，不能在其中划分村社；请先导入镇街图层。",
                en=f"The layer '{base.origin.name}' draws no townships to be divided; bring in townships first.",
            )
        drawn = places["code"].isin(polygons["code"]) | places["parent"].isin(polygons["code"])
        left_out, places = places[~drawn & (places["level"] != "district")], places[drawn]
    try:
        villages, townships = schematic_coverage(places, townships=polygons)
    except LayerError as problem:
        raise UserError(zh=problem.zh, en=problem.en) from problem
    kept = ["code", "label_lon", "label_lat", "geometry"]
    shapes = gpd.GeoDataFrame(pd.concat([townships[kept], villages[kept]], ignore_index=True), crs=villages.crs)
    seats = int(places["lon"].notna().sum())
    report = {
        "sentences": _sentences(base, left_out, seats=seats),
        "townships": len(townships),
        "villages": len(villages),
        UNPLACED: base is None and not seats,
    }
    origin = _origin(base, report)
    mine = [one for one in read_layers(engine) if not one.accepted and one.brought_by == by]
    before = [one for one in mine if (one.origin.name, one.origin.precision) == (origin.name, PRECISION)]
    number = add_layer(engine, shapes, origin, by=by, at=at)
    for one in before:  # drawn again, it takes the place of what waited
        drop_layer(engine, one.id, by=by, at=at)
    return {"layer": number, **report}


def _places(engine: Engine) -> pd.DataFrame:
    """The open places with residents, tile squares and, where sites tell it, the seat of a village."""
    columns = (place.c.code, place.c.short_name.label("name"), place.c.level, place.c.parent, place.c.residents,
               place.c.grid_column, place.c.grid_row)  # fmt: skip
    known = (
        sa.select(site.c.place_code.label("code"), sa.func.avg(site.c.lon).label("lon"),
                  sa.func.avg(site.c.lat).label("lat"))
        .where(site.c.lon.is_not(None))
        .group_by(site.c.place_code)
        .having(sa.func.count() >= _FEWEST_SEATS)
    )  # fmt: skip
    with reading(engine) as connection:
        rows = connection.execute(sa.select(*columns).where(place.c.valid_to.is_(None)).order_by(place.c.code)).all()
        seats = connection.execute(known).all()
    places = pd.DataFrame(rows, columns=[column.name for column in columns])
    places = places.merge(pd.DataFrame(seats, columns=["code", "lon", "lat"]), on="code", how="left")
    if not (places["level"] == "township").any():
        raise UserError(
            zh="名录中还没有镇街；请先载入区划名录，再生成示意图层。",
            en="The register has no township yet; load the register of places, then draw the layer.",
        )
    return places


def _origin(base: BoundaryLayer | None, report: dict[str, Any]) -> LayerOrigin:
    common = {"precision": PRECISION, "reference_system": "CGCS2000 经纬度（EPSG:4490）", "report": report}
    if base is None:
        return LayerOrigin(name="按名录生成的示意边界", source="按区划名录生成", **common)
    about = base.origin
    return LayerOrigin(
        name=f"{about.name[:100]}（村社为示意）", source=about.source, licence=about.licence,
        review_number=about.review_number, attribution=about.attribution, valid_from=about.valid_from, **common,
    )  # fmt: skip


def _sentences(base: BoundaryLayer | None, left_out: pd.DataFrame, *, seats: int) -> list[dict[str, str]]:
    if base is not None:
        said = [sentence(
            f"镇街边界取自“{base.origin.name}”，其中的村社界线是按名录和常住人口虚构的示意；"
            "不能据此判断位置、距离和相邻。",
            f"Townships are those of '{base.origin.name}'; the villages inside are invented from the register and its "
            "residents and say nothing about position, distance or neighbours.", kind="look",
        )]  # fmt: skip
    else:
        said = [sentence(
            "全部界线是按名录和常住人口虚构的示意；不能据此判断位置、距离和相邻。",
            "All borders are invented from the register and its residents and say nothing about position, distance "
            "or neighbours.", kind="look",
        )]  # fmt: skip
    if len(left_out):
        names = "、".join(left_out["name"].head(6))
        said.append(sentence(
            f"{len(left_out)} 个单位所在的镇街没有边界，未画出：{names}。",
            f"{len(left_out)} places were not drawn, as their townships have no polygon: {names}.", kind="look",
        ))  # fmt: skip
    if base is None and seats:
        said.append(sentence(f"{seats} 个村社的大致位置取自其中小区和企业的坐标。",
                             f"The rough place of {seats} villages was read off their estates and firms."))  # fmt: skip
    return said
