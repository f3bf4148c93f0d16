"""Layers of places that no cleaning can mend, refused with sentences that name the places and say what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.errors import LayerError
from geo.shape_repair import Shapes

WIDEST: Final = 15.0
"""Degrees that a layer may stretch; beyond, a polygon has been drawn far off or the numbers are something else."""

MOST_NAMED: Final = 5
"""Places that a sentence names before it says "and more"."""


def refuse_unusable(frame: gpd.GeoDataFrame, most_vertices: int) -> None:
    """Raises LayerError for an empty layer, too many vertices, rows without a code, and coordinates that are no degrees
    or lie far from the rest; ValueError for another coordinate system than EPSG:4490 or without the column ``code``.
    """
    if frame.crs is None or frame.crs.to_epsg() != 4490:
        raise ValueError(f"The layer must be in EPSG:4490 degrees, not in {frame.crs}.")
    if "code" not in frame.columns:
        raise ValueError("The layer needs a column 'code'.")
    if not len(frame):
        raise LayerError(zh="图层里没有任何地方；请换一个图层。", en="The layer is empty; choose another one.")
    drawn = np.asarray(frame.geometry.values, dtype=object)
    vertices = int(shapely.get_num_coordinates(drawn).sum())
    if vertices > most_vertices:
        raise LayerError(
            zh=f"图层有 {vertices:,} 个顶点，超过上限 {most_vertices:,}；请先在制图软件中简化，或分区导入。",
            en=f"The layer has {vertices:,} vertices, more than the {most_vertices:,} allowed; simplify it in the "
            "drawing software or import it in parts.",
        )
    blank = frame["code"].isna() | (frame["code"].astype(str).str.strip() == "")
    if blank.any():
        rows = [str(row + 1) for row in np.flatnonzero(blank)]
        raise LayerError(
            zh=f"第 {name_some(rows, '、', '等')} 行没有编码（共 {len(rows)} 行）；请补上编码后再导入。",
            en=f"Rows without a code: {len(rows)} ({name_some(rows, ', ', ' and more')}); fill them in.",
        )
    corners, owner = shapely.get_coordinates(drawn, return_index=True)
    odd = ~(np.isfinite(corners).all(axis=1) & (np.abs(corners) <= [180.0, 90.0]).all(axis=1))
    if not odd.any() and len(corners):
        far = np.abs(corners - np.median(corners, axis=0)).max(axis=1)
        odd = (far >= far.max()) & (np.ptp(corners, axis=0).max() > WIDEST)
    if odd.any():
        places = label_places(frame, np.unique(owner[odd]))
        raise LayerError(
            zh=f"{name_some(places, '、', '等')} 的坐标不是本地的经纬度；请检查坐标系和这些面的顶点。",
            en=f"Coordinates of {name_some(places, ', ', ' and more')} are no degrees of this area; check the "
            "coordinate system and the vertices of these polygons.",
        )


def refuse_missing(places: gpd.GeoDataFrame) -> None:
    """Raises LayerError for places whose shape is None."""
    missing = np.flatnonzero(shapely.is_missing(np.asarray(places.geometry.values, dtype=object)))
    if len(missing):
        names = label_places(places, missing)
        raise LayerError(
            zh=f"{name_some(names, '、', '等')} 没有面（共 {len(missing)} 处）；请补画边界，或从图层中删去这些行。",
            en=f"{name_some(names, ', ', ' and more')} (in all {len(missing)}) have no polygon; draw their borders or "
            "take these rows out of the layer.",
        )


def refuse_vanished(places: gpd.GeoDataFrame, now: Shapes, before: Shapes) -> None:
    """Raises LayerError where a place has no area left, naming what lies there now."""
    lost = np.flatnonzero(~(shapely.area(now) > 0))
    if not len(lost):
        return
    labels = label_places(places, range(len(places)))
    zh, en = [], []
    for row in lost[:MOST_NAMED]:
        cover = shapely.area(shapely.intersection(now, before[row]))
        by = labels[int(np.nanargmax(cover))] if (cover > 0).any() else None
        zh.append(f"{labels[row]}（{'被' + by + '覆盖' if by else '过于细小'}）")
        en.append(f"{labels[row]} ({'covered by ' + by if by else 'too small'})")
    raise LayerError(
        zh=f"整理后有 {len(lost)} 处没有面积：{name_some(zh, '、', '等')}；请检查是否重复绘制或画得过小，再导入。",
        en=f"No area would be left for {name_some(en, ', ', ' and more')}, in all {len(lost)}; check whether they are "
        "drawn twice or too small, and import again.",
    )


def label_places(frame: gpd.GeoDataFrame, rows: Iterable[int]) -> list[str]:
    """Code and, where there is one, name of the rows at these positions."""
    names = frame["name"].fillna("").astype(str) if "name" in frame.columns else pd.Series("", index=frame.index)
    return [f"{frame['code'].iloc[row]} {names.iloc[row]}".strip() for row in rows]


def name_some(parts: Sequence[str], separator: str, more: str) -> str:
    """The first parts in a row, with ``more`` behind them where there are others."""
    return separator.join(parts[:MOST_NAMED]) + (more if len(parts) > MOST_NAMED else "")
