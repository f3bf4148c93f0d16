"""Layers for WebGL: points, columns, heat, and very many areas; frames in, pydeck layers out.

All positions are longitude and latitude in degrees (EPSG:4490; the same numbers as EPSG:4326 here), sent with five
decimals. :mod:`geo.deck_specs` puts layers together to a map.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pydeck as pdk
import shapely

from geo.point_cells import count_in_cells
from geo.point_marks import Mark, mark_atlas

DECIMALS: Final = 5
"""Digits kept of a degree: about a metre."""
MOST_CLASSES: Final = 10
FONT: Final = "Microsoft YaHei UI, Microsoft YaHei, PingFang SC, Noto Sans CJK SC, Noto Sans SC, sans-serif"

Colour = Sequence[int]
"""Red, green, blue and, where wanted, opacity: 0 to 255."""


def site_layer(
    frame: pd.DataFrame, *, marks: Mapping[str, Mark], carried: Sequence[str] = (), layer_id: str = "sites"
) -> pdk.Layer:
    """Points as marks, told apart by shape and colour.

    Parameters
    ----------
    frame
        lon, lat (degrees), mark (key of ``marks``) and the columns of ``carried``, one row a point. Later rows lie on
        top.
    carried
        Columns that travel with the points, for the tooltip and for what a click hands back; missing ones as "".

    Raises
    ------
    ValueError
        For a point without coordinates or with an unknown mark.
    """
    unknown = sorted(set(frame["mark"]) - set(marks))
    if unknown:
        raise ValueError(f"points have marks that are not drawn: {', '.join(unknown)}.")
    atlas, places = mark_atlas(marks)
    rows = _rows(frame, ("mark", *carried))
    return pdk.Layer(
        "IconLayer", data=rows, id=layer_id, pickable=True, get_position="p", get_icon="mark", icon_atlas=_word(atlas),
        icon_mapping=places, get_size=170, size_units=_word("meters"), size_min_pixels=13, size_max_pixels=26,
        get_color=[0, 0, 0, 255],
    )  # fmt: skip


def issue_columns(
    frame: pd.DataFrame, *, cell_metres: float, colours: Sequence[Colour], tallest_metres: float = 4_000
) -> tuple[pdk.Layer, pd.DataFrame]:
    """Columns over square cells, higher and darker where there is more.

    Parameters
    ----------
    frame
        lon, lat (degrees) and solved (True, False or None: not known yet), one row an issue.
    colours
        From few to many; the steps are equal on a logarithmic scale up to the fullest cell.
    tallest_metres
        Height of the fullest cell's column; heights are in proportion to the count.

    Returns
    -------
    The layer, and the cells as a frame: lon, lat, count, solved, unsolved, open (not known yet), step (index of
    ``colours``).
    """
    cells = count_in_cells(_with_outcomes(frame), cell_metres=cell_metres, summed=("solved", "unsolved", "open"))
    most = int(cells["count"].max()) if len(cells) else 1
    cells = cells.assign(step=_log_steps(cells["count"], most=most, steps=len(colours)))
    rows = _rows(cells, ("count", "solved", "unsolved", "open"))
    for row, step in zip(rows, cells["step"], strict=True):
        row["c"] = list(colours[int(step)])
    layer = pdk.Layer(
        "ColumnLayer", data=rows, id="issues", pickable=True, get_position="p", get_elevation="count",
        elevation_scale=tallest_metres / most, get_fill_color="c", disk_resolution=4, angle=45,
        radius=cell_metres / math.sqrt(2), coverage=0.8, extruded=True,
        material={"ambient": 0.62, "diffuse": 0.5, "shininess": 8, "specularColor": [40, 40, 40]},
    )  # fmt: skip
    return layer, cells


def issue_heat(frame: pd.DataFrame, *, colours: Sequence[Colour], cell_metres: float = 100) -> pdk.Layer:
    """Issues as heat: cells of ``cell_metres`` weighted by their count, so that no single issue is sent.

    ``frame`` has lon and lat in degrees, one row an issue; ``colours`` run from few to many.
    """
    cells = count_in_cells(frame, cell_metres=cell_metres)
    return pdk.Layer(
        "HeatmapLayer", data=_rows(cells, ("count",)), id="issues", get_position="p", get_weight="count",
        color_range=[list(one) for one in colours], radius_pixels=38, intensity=1, threshold=0.04,
        aggregation=_word("SUM"),  # a texture of another than the default size draws nothing in Streamlit 1.67
    )  # fmt: skip


def area_layer(
    shapes: gpd.GeoDataFrame | str,
    *,
    fills: Sequence[Colour],
    classes: Sequence[int],
    pickable: bool = True,
    layer_id: str = "areas",
) -> pdk.Layer:
    """Very many areas filled by class; shapes and classes travel apart.

    Parameters
    ----------
    shapes
        Polygons in degrees, or the address of :func:`area_rows` written as JSON, which the browser fetches once.
    fills
        The colour of each class; up to ten.
    classes
        Index of ``fills`` for each place, in the order of the frame the rows were made of. One sign a place is sent.

    Raises
    ------
    ValueError
        For more than ten classes, a class that has no colour, or a number of classes that is not that of the shapes.
    """
    if not 1 <= len(fills) <= MOST_CLASSES:
        raise ValueError(f"there are {len(fills)} fills; give 1 to {MOST_CLASSES}.")
    if not isinstance(shapes, str) and len(classes) != len(shapes):
        raise ValueError(f"there are {len(shapes)} shapes and {len(classes)} classes.")
    if any(not 0 <= int(one) < len(fills) for one in classes):
        raise ValueError("a class has no colour among the fills.")
    signs = "".join(str(int(one)) for one in classes)
    colours = json.dumps([[int(part) for part in one] for one in fills], separators=(",", ":"))
    seen = hashlib.sha256(f"{signs} {colours}".encode()).hexdigest()[:16]
    # The brackets count: the expression reader of deck.gl takes an index only after a name or a bracket.
    return pdk.Layer(
        "SolidPolygonLayer", data=shapes if isinstance(shapes, str) else area_rows(shapes), id=layer_id,
        pickable=pickable, get_polygon="p", position_format=_word("XY"), extruded=False,
        get_fill_color=f"({colours})[('{signs}')[i]]", update_triggers={"getFillColor": seen},
    )  # fmt: skip


def area_rows(shapes: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Rows of :func:`area_layer`: one a polygon, with ``i``, the place's number in the frame, ``n``, its name where the
    frame has one, and ``p``, flat coordinates of the outline (and where its holes begin). Empty shapes have no row.
    """
    names = shapes["name"].astype(str).tolist() if "name" in shapes else None
    rows = []
    parts, owners = shapely.get_parts(shapes.geometry.to_numpy(), return_index=True)
    for part, owner in zip(parts, owners.tolist(), strict=True):
        if part.geom_type != "Polygon" or part.is_empty:
            continue
        rings = [_flat(ring) for ring in (part.exterior, *part.interiors)]
        row: dict[str, Any] = {"i": owner, "p": rings[0]}
        if len(rings) > 1:
            starts = np.cumsum([len(ring) for ring in rings])[:-1].tolist()
            row["p"] = {"positions": [one for ring in rings for one in ring], "holeIndices": starts}
        if names:
            row["n"] = names[owner]
        rows.append(row)
    return rows


def outline_layer(
    shapes: gpd.GeoDataFrame | str, *, colour: Colour, pixels: float = 1.0, layer_id: str = "outlines"
) -> pdk.Layer:
    """The borders of places as lines ``pixels`` wide; a border of two neighbours is drawn once.

    ``shapes``: polygons in degrees, or the address of :func:`outline_rows` written as JSON.
    """
    return pdk.Layer(
        "PathLayer", data=shapes if isinstance(shapes, str) else outline_rows(shapes), id=layer_id, pickable=False,
        get_path="p", position_format=_word("XY"), get_color=list(colour), get_width=pixels,
        width_units=_word("pixels"), joint_rounded=True,
    )  # fmt: skip


def outline_rows(shapes: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Rows of :func:`outline_layer`: each line as flat coordinates ``p``."""
    grid = shapely.transform(shapes.geometry.to_numpy(), lambda points: np.round(points, DECIMALS))
    lines = shapely.line_merge(shapely.union_all(shapely.boundary(grid[~shapely.is_empty(grid)])))
    return [{"p": _flat(line)} for line in shapely.get_parts(lines) if line.geom_type == "LineString"]


def label_layer(
    frame: pd.DataFrame, *, colour: Colour, halo: Colour, pixels: float = 14, layer_id: str = "labels"
) -> pdk.Layer:
    """Names at points: lon, lat (degrees) and name. Chinese as well: the signs are taken from the names themselves.

    Where names would lie on one another, only some are drawn; closer up there is room for all.
    """
    return pdk.Layer(
        "TextLayer", data=_rows(frame, ("name",)), id=layer_id, pickable=False, get_position="p", get_text="name",
        character_set=_word("auto"), font_family=_word(FONT), font_weight=600, get_size=pixels, get_color=list(colour),
        outline_color=list(halo), outline_width=6, font_settings={"sdf": True, "radius": 16, "buffer": 8},
        parameters={"depthCompare": "always"},  # never behind a column
        extensions=[{"@@type": "CollisionFilterExtension"}], collision_test_props={"sizeScale": 1.6},
    )  # fmt: skip


def compact_json(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Rows as JSON for a file that the browser fetches."""
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _word(text: str) -> pdk.types.String:
    """A word that pydeck would otherwise take for an expression."""
    return pdk.types.String(text, quote_type="")


def _rows(frame: pd.DataFrame, names: Sequence[str]) -> list[dict[str, Any]]:
    positions = np.round(frame[["lon", "lat"]].to_numpy(dtype=float), DECIMALS)
    if not np.isfinite(positions).all():
        raise ValueError("a point has no coordinates; leave such points out and count them apart.")
    columns = {name: ["" if pd.isna(one) else one for one in frame[name].tolist()] for name in names}
    return [
        {"p": point, **{name: column[index] for name, column in columns.items()}}
        for index, point in enumerate(positions.tolist())
    ]


def _with_outcomes(frame: pd.DataFrame) -> pd.DataFrame:
    known = frame["solved"].notna().to_numpy(dtype=bool)
    solved = known & (frame["solved"] == True).to_numpy(dtype=bool)  # noqa: E712 - of an object column with None
    return frame[["lon", "lat"]].assign(solved=solved, unsolved=known & ~solved, open=~known)


def _log_steps(counts: pd.Series, *, most: int, steps: int) -> list[int]:
    if most <= 1:
        return [0] * len(counts)
    share = np.log(counts.to_numpy(dtype=float)) / math.log(most)
    return np.minimum((share * steps).astype(int), steps - 1).tolist()


def _flat(line: Any) -> list[float]:
    return np.round(shapely.get_coordinates(line), DECIMALS).ravel().tolist()
