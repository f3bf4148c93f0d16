"""Levels that nest exactly: townships are the villages put together, and where an office's two layers disagree.

A village belongs to the township that its code names (column ``parent``, or the first nine of twelve digits); where
the drawing says otherwise the code wins and the disagreement is reported. Shares are of areas in degrees, which within
a village stand in the same proportion as square metres.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.coverage import clean_coverage
from geo.errors import LayerError
from geo.layer_checks import label_places, name_some
from geo.metres import metres_per_degree
from geo.place_codes import level_of, parent_of
from geo.shape_repair import unite

TRIFLE: Final = 0.01
"""Share of a village's area that may lie elsewhere without a word: borders of two layers never agree to the metre."""

THINNEST: Final = 20.0
"""Metres: land of a township without a village counts as land, not as two drawings of one border, from this width."""


@dataclass(frozen=True, eq=False)
class NestingFaults:
    """How villages lie in townships. ``table`` has one row a village, in their order:

    code, by_code     the village, and the township its code names (None where it names none)
    by_place          the township most of it lies in; None where it lies in none
    inside, outside   shares (0-1) of its area in ``by_place``, and in no township
    elsewhere         share in townships other than ``by_place``
    """

    table: pd.DataFrame = field(repr=False)
    trifle: float = TRIFLE

    @property
    def outside(self) -> tuple[str, ...]:
        """Villages of which more than a trifle lies in no township."""
        return self._codes(self.table["outside"] > self.trifle)

    @property
    def straddling(self) -> tuple[str, ...]:
        """Villages of which more than a trifle lies in a second township."""
        return self._codes(self.table["elsewhere"] > self.trifle)

    @property
    def disagreeing(self) -> tuple[str, ...]:
        """Villages that lie in another township than their code names, or whose code names none that is there."""
        return self._codes(self.table["by_place"].notna() & (self.table["by_place"] != self.table["by_code"]))

    def _codes(self, rows: pd.Series) -> tuple[str, ...]:
        return tuple(self.table.loc[rows, "code"])


@dataclass(frozen=True, eq=False)
class Nested:
    """Two levels that nest exactly; EPSG:4490.

    villages      as given, with ``parent``; None where there are none
    townships     code, the columns of the delivered layer (empty where it lacks the township), geometry
    faults        None where one of the layers was not delivered
    uncovered     columns code, area_m2, wide_m2, stays_empty: land of a delivered township that no village covers, all
                  of it and where it is wider than 20 m, the largest first. It stays empty where the township has
                  villages; a township without any keeps the wide land as its shape.
    unplaced      delivered townships without villages and without such land: they have no shape and are no row
    undelivered   townships that only the villages' codes name
    reassigned    villages whose code names no township, which went to the one they lie in
    """

    villages: gpd.GeoDataFrame | None
    townships: gpd.GeoDataFrame
    faults: NestingFaults | None
    uncovered: pd.DataFrame
    unplaced: tuple[str, ...] = ()
    undelivered: tuple[str, ...] = ()
    reassigned: tuple[str, ...] = ()


def dissolve(frame: gpd.GeoDataFrame, by: str = "parent") -> gpd.GeoDataFrame:
    """The places of a valid coverage put together by a column: columns code, geometry; sorted by code, same CRS.

    No border moves and no vertex is lost, so that the result is a valid coverage too and nests exactly.
    Raises LayerError naming the places without an entry in the column; ValueError where the frame is no coverage.
    """
    _require_parents(frame, by)
    shapes = np.asarray(frame.geometry.values, dtype=object)
    if not shapely.coverage_is_valid(shapes):
        raise ValueError("Only a valid coverage can be put together; clean it first.")
    groups = pd.Series(range(len(frame)), dtype=int).groupby(frame[by].astype(str).to_numpy(), sort=True).indices
    joined = [shapely.coverage_union_all(shapes[rows]) for rows in groups.values()]
    return gpd.GeoDataFrame({"code": pd.Series(list(groups), dtype=object)}, geometry=joined, crs=frame.crs)


def check_nesting(villages: gpd.GeoDataFrame, townships: gpd.GeoDataFrame, *, trifle: float = TRIFLE) -> NestingFaults:
    """How villages (code, maybe parent) lie in townships (code), both in degrees; nothing has to be valid.

    ``trifle`` is the share of a village's area that may lie outside or in a second township. A village without a
    polygon has NaN shares.
    """
    below, above = unite(villages), unite(townships)
    shapes, around = np.asarray(below.geometry.values, dtype=object), np.asarray(above.geometry.values, dtype=object)
    village, township = shapely.STRtree(around).query(shapes, predicate="intersects")
    areas = shapely.area(shapely.intersection(shapes[village], around[township]))
    whole = shapely.area(shapes)
    codes = above["code"].astype(str).to_numpy()
    found = pd.DataFrame({"village": village, "township": codes[township], "share": areas / whole[village]})
    found = found[found["share"] > 0].sort_values(["village", "share", "township"], ascending=[True, False, True])
    most = found.drop_duplicates("village").set_index("village")
    every = pd.RangeIndex(len(shapes))
    inside = most["share"].reindex(every).fillna(0.0).where(whole > 0)
    covered = found.groupby("village")["share"].sum().reindex(every).fillna(0.0).where(whole > 0)
    table = pd.DataFrame(
        {
            "code": below["code"].astype(str).to_numpy(),
            "by_code": pd.Series(parents_by_code(below), dtype=object),
            "by_place": most["township"].reindex(every).astype(object),
            "inside": inside.clip(0, 1),
            "outside": (1 - covered).clip(0, 1),
            "elsewhere": (covered - inside).clip(0, 1),
        }
    )
    table["by_place"] = table["by_place"].where(table["by_place"].notna(), None)
    return NestingFaults(table, trifle)


def parents_by_code(villages: gpd.GeoDataFrame) -> list[str | None]:
    """The township each row names: its ``parent`` where there is one, else by its code of 12 digits, else None."""
    codes = villages["code"].astype(str)
    written = villages["parent"] if "parent" in villages.columns else pd.Series(None, index=codes.index, dtype=object)
    return [
        str(parent).strip() if pd.notna(parent) and str(parent).strip() else _parent_by_digits(code)
        for code, parent in zip(codes, written, strict=True)
    ]


def nest(villages: gpd.GeoDataFrame | None, townships: gpd.GeoDataFrame | None) -> Nested:
    """Two clean layers (EPSG:4490; code, name, maybe parent) as two levels that nest exactly.

    Townships become the dissolve of their villages. A delivered township without villages keeps its land outside the
    villages of the others; it is then cleaned together with the villages, whose borders may move by two metres there.
    With only one of the layers there is nothing to compare: townships come from the villages, or stand alone.

    Raises LayerError for villages that belong to no township by code or place; ValueError without any layer.
    """
    nothing = pd.DataFrame(columns=["code", "area_m2", "wide_m2", "stays_empty"])
    if villages is None:
        if townships is None:
            raise ValueError("There is neither a layer of villages nor one of townships.")
        return Nested(None, townships, None, nothing)
    if townships is None:
        placed = villages.assign(parent=parents_by_code(villages))
        return Nested(placed, dissolve(placed), None, nothing)
    faults = check_nesting(villages, townships)
    nameless = faults.table["by_code"].isna()
    parents = faults.table["by_code"].where(~nameless, faults.table["by_place"])
    placed = villages.assign(parent=parents.to_numpy())
    _require_parents(placed, "parent")
    left = _land_without_villages(placed, townships)
    alone = ~left["code"].isin(placed["parent"])
    drawn = alone & ~left.geometry.is_empty
    placed, whole = _put_together(placed, left[drawn])
    told = pd.DataFrame(townships.drop(columns=townships.geometry.name)).drop_duplicates("code")
    told["code"] = told["code"].astype(str)
    named = whole.merge(told, on="code", how="left")[[*told.columns, "geometry"]]
    uncovered = pd.DataFrame(left.drop(columns="geometry")).assign(stays_empty=~alone)
    return Nested(
        villages=placed,
        townships=gpd.GeoDataFrame(named, geometry="geometry", crs=villages.crs),
        faults=faults,
        uncovered=uncovered[uncovered["area_m2"] >= 1].reset_index(drop=True),
        unplaced=tuple(left.loc[alone & ~drawn, "code"]),
        undelivered=tuple(sorted(set(whole["code"]) - set(told["code"]))),
        reassigned=tuple(faults.table.loc[nameless, "code"]),
    )


def _land_without_villages(villages: gpd.GeoDataFrame, townships: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Columns code, area_m2, wide_m2, geometry: what each township has outside all villages; the geometry is its land
    wider than ``THINNEST``, maybe empty. The largest first."""
    above = unite(townships)
    _, south, _, north = villages.total_bounds
    scale = metres_per_degree((south + north) / 2)
    shapes = shapely.transform(np.asarray(above.geometry.values, dtype=object), lambda xy: xy * scale)
    covered = shapely.transform(shapely.coverage_union_all(villages.geometry.values), lambda xy: xy * scale)
    land = shapely.difference(shapes, covered)
    opened = shapely.buffer(shapely.buffer(land, -THINNEST / 2), THINNEST / 2, join_style="mitre")
    wide = shapely.intersection(opened, land)
    left = gpd.GeoDataFrame(
        {
            "code": above["code"].astype(str).to_numpy(),
            "area_m2": shapely.area(land),
            "wide_m2": shapely.area(wide),
        },
        geometry=shapely.transform(wide, lambda xy: xy / scale),
        crs=villages.crs,
    )
    return left.sort_values(["area_m2", "code"], ascending=[False, True]).reset_index(drop=True)


def _put_together(villages: gpd.GeoDataFrame, lone: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Villages, and townships of them and of ``lone`` land, which is cleaned together with the villages."""
    if not len(lone):
        return villages, dissolve(villages)
    name = villages.geometry.name
    land = gpd.GeoDataFrame(
        {"code": "land " + lone["code"], "parent": lone["code"], name: lone.geometry.to_numpy()},
        geometry=name,
        crs=villages.crs,
    )
    both = pd.concat([villages, land], ignore_index=True)
    cleaned = clean_coverage(both, tolerance=None).frame
    moved = villages.set_geometry(gpd.GeoSeries(cleaned.geometry.to_numpy()[: len(villages)], index=villages.index))
    return moved.set_crs(villages.crs), dissolve(cleaned)


def _require_parents(frame: gpd.GeoDataFrame, by: str) -> None:
    blank = np.flatnonzero(frame[by].isna() | (frame[by].astype(str).str.strip() == ""))
    if len(blank):
        labels = label_places(frame, blank)
        raise LayerError(
            zh=f"{name_some(labels, '、', ' 等')} 没有写明上级（共 {len(blank)} 个）；请补上后再导入。",
            en=f"Places without the place above them: {len(blank)} ({name_some(labels, ', ', ' and more')}); fill it "
            "in and import again.",
        )


def _parent_by_digits(code: str) -> str | None:
    try:
        return parent_of(code) if level_of(code) == "village" else None
    except ValueError:
        return None
