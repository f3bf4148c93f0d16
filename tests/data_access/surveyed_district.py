"""Surveyed boundaries of the small district, as squares in a row, and files with positions."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import shapely
from sqlalchemy.engine import Engine

from data_access.boundaries import LayerOrigin, accept_layer, add_layer
from tests.data_access.small_district import issue_row

VILLAGES = ("330212005001", "330212005002", "330212110001", "330212110002", "330212110003", "330212110004")
CHENGXING, DONGYU, FANSHIDU, LUJIAYAN, MAOSHAN_COMMUNITY, MAOSHAN = VILLAGES
WEST, SOUTH, STEP = 121.5, 29.8, 0.02  # about 1.9 km from west to east, 2.2 km from south to north
POSITION = ("经度", "纬度")
PLACE = ("所属镇街", "所属村社", "村社代码")


def middle(village: str, *, order: Sequence[str] = VILLAGES) -> tuple[str, str]:
    """Longitude and latitude, as cells, of the middle of a village's square."""
    return f"{WEST + (list(order).index(village) + 0.5) * STEP:.5f}", f"{SOUTH + 0.5 * STEP:.5f}"


def squares(order: Sequence[str] = VILLAGES) -> gpd.GeoDataFrame:
    """One square a village, from west to east in this order."""
    areas = [
        shapely.box(WEST + number * STEP, SOUTH, WEST + (number + 1) * STEP, SOUTH + STEP)
        for number in range(len(order))
    ]
    return gpd.GeoDataFrame({"code": list(order), "geometry": areas}, crs="EPSG:4490")


def survey(
    engine: Engine, order: Sequence[str] = VILLAGES, *, since: str = "2020-01-01", precision: str = "surveyed"
) -> int:
    """Bring and accept a layer of these squares; its number."""
    origin = LayerOrigin(
        name=f"测绘 {since}", source="测绘院", precision=precision, valid_from=dt.date.fromisoformat(since)
    )
    number = add_layer(engine, squares(order), origin, by="tester")
    accept_layer(engine, number, by="tester")
    return number


def write_rows(path: Path, rows: Sequence[dict[str, str]]) -> Path:
    """A CSV with the headings of the first row."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def case_at(number: int, position: tuple[str, str], *, named: bool = True, **changes: str) -> dict[str, str]:
    """A case with a position; without its village unless `named`."""
    row = issue_row(number) | dict(zip(POSITION, position, strict=True))
    return row | ({} if named else dict.fromkeys(PLACE, "")) | changes


def firm_at(code: str, position: tuple[str, str], **changes: str) -> dict[str, str]:
    """A firm of the register with a position and no village unless `changes` say so."""
    row = {"企业编号": code, "企业名称": f"{code}厂", "所属镇街": "", "所属村社": "", "企业规模": "小型"}
    return row | dict(zip(POSITION, position, strict=True)) | changes
