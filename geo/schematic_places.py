"""The list of places a schematic layer is drawn from: checked, sorted, with an area and a seat for each.

What nobody knows is guessed here and nowhere else, by the rules in the docstrings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import LayerError
from geo.place_codes import level_of, parent_of

MOST_PIECES: Final = 400
"""Most townships of a district and most villages of a township: more is a province or a mistake."""

TOWNSHIP_KM2: Final = 30.0
VILLAGE_KM2: Final = 2.0
RESIDENTS_RANGE: Final = 3.0

NUMBERS: Final = ("lon", "lat", "area_km2", "residents", "grid_column", "grid_row")

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SchematicPlaces:
    """Townships and villages sorted by code: columns code, name, parent and the numbers of ``NUMBERS`` (NaN: unknown),
    with ``area_km2`` filled in everywhere; ``townships`` also with lon and lat wherever a village of it has them."""

    townships: pd.DataFrame
    villages: pd.DataFrame


def schematic_places(places: pd.DataFrame) -> SchematicPlaces:
    """Read a list of places; see :func:`geo.schematic.schematic_coverage` for its columns.

    A missing area is guessed: the mean of the known areas among places of the same parent (2 km² for a village and
    30 km² for a township where none is known), times the square root of the place's residents over their mean there,
    between a third and three times; no residents: the mean itself. A township without an area whose villages all have
    one gets their sum. A township without a seat gets the mean of its villages' seats.

    Raises LayerError for a repeated or impossible code, a village whose township is not in the list, a list without a
    township, or more places in one than can be drawn.
    """
    missing = [name for name in ("code", "name") if name not in places.columns]
    if missing:
        raise LayerError(
            zh=f"地点清单缺少列：{'、'.join(missing)}。请补上该列后再生成示意边界。",
            en=f"The list of places lacks the column {', '.join(missing)}. Add it and draw the schematic layer again.",
        )
    table = pd.DataFrame({"code": places["code"].astype(str).str.strip(), "name": places["name"].astype(str)})
    levels = [_level(code) for code in table["code"]]
    parents = places["parent"] if "parent" in places.columns else pd.Series([None] * len(places), index=places.index)
    table["parent"] = [
        str(parent).strip() if isinstance(parent, str) and parent.strip() else parent_of(code)
        for parent, code in zip(parents, table["code"], strict=True)
    ]
    for name in NUMBERS:
        column = places[name] if name in places.columns else pd.Series(np.nan, index=places.index)
        numbers = np.array(pd.to_numeric(column, errors="coerce"), dtype=np.float64)
        table[name] = np.where(np.isfinite(numbers), numbers, np.nan)
    _check_codes(table["code"])
    _check_seats(table)
    kinds = np.array(levels, dtype=object)
    townships = table[kinds == "township"].sort_values("code", ignore_index=True)
    villages = table[kinds == "village"].sort_values("code", ignore_index=True)
    _check_parents(townships, villages)
    known = villages["area_km2"].where(villages["area_km2"] > 0)
    whole = known.groupby(villages["parent"]).agg(lambda areas: areas.sum() if areas.notna().all() else np.nan)
    own = townships["area_km2"].where(townships["area_km2"] > 0)
    townships["area_km2"] = own.fillna(townships["code"].map(whole))
    townships["area_km2"] = _areas(townships, otherwise=TOWNSHIP_KM2)
    villages["area_km2"] = _areas(villages, otherwise=VILLAGE_KM2)
    for name in ("lon", "lat"):
        seated = villages[villages["lon"].notna() & villages["lat"].notna()]
        townships[name] = townships[name].fillna(townships["code"].map(seated.groupby("parent")[name].mean()))
    return SchematicPlaces(townships, villages)


def _level(code: str) -> str:
    try:
        return level_of(code)
    except ValueError:
        raise LayerError(
            zh=f"地点清单中的代码“{code}”不是 6、9 或 12 位数字。请改正该代码后再试。",
            en=f"The code “{code}” in the list of places does not have 6, 9 or 12 digits. Correct it and try again.",
        ) from None


def _check_codes(codes: pd.Series) -> None:
    twice = sorted(set(codes[codes.duplicated()]))
    if twice:
        raise LayerError(
            zh=f"地点清单中有重复代码：{'、'.join(twice[:5])}。请每个地点只保留一行。",
            en=f"The list of places has codes more than once: {', '.join(twice[:5])}. Keep one row for each place.",
        )


def _check_seats(table: pd.DataFrame) -> None:
    wrong = sorted(table.loc[(table["lon"].abs() > 180) | (table["lat"].abs() > 90), "code"])
    if wrong:
        raise LayerError(
            zh=f"以下地点的经纬度超出范围：{'、'.join(wrong[:5])}。lon 应为经度，lat 应为纬度，单位为度。",
            en=f"Seats out of range: {', '.join(wrong[:5])}. lon is the longitude and lat the latitude, in degrees.",
        )


def _check_parents(townships: pd.DataFrame, villages: pd.DataFrame) -> None:
    if townships.empty:
        raise LayerError(
            zh="地点清单中没有镇街。请至少列出一个镇街（9 位代码）。",
            en="The list of places has no township. List at least one, with its code of 9 digits.",
        )
    lost = villages.loc[~villages["parent"].isin(townships["code"]), "code"]
    if len(lost):
        raise LayerError(
            zh=f"以下村社区所属的镇街不在清单中：{'、'.join(lost[:5])}（共 {len(lost)} 个）。请补上镇街或改正代码。",
            en=f"The townships of these villages are not in the list: {', '.join(lost[:5])} ({len(lost)} in all). "
            "Add the townships or correct the parent codes.",
        )
    most = max(len(townships), int(villages["parent"].value_counts().max()) if len(villages) else 0)
    if most > MOST_PIECES:
        raise LayerError(
            zh=f"一个区最多画 {MOST_PIECES} 个镇街，一个镇街最多画 {MOST_PIECES} 个村社区，现有 {most} 个。请分区画。",
            en=f"A schematic layer holds at most {MOST_PIECES} townships, and as many villages in one of them; "
            f"the list has {most}. Draw one district at a time.",
        )


def _areas(places: pd.DataFrame, *, otherwise: float) -> Floats:
    """Area of each place in km², guessed among places of the same parent where missing."""
    known = places["area_km2"].where(places["area_km2"] > 0)
    residents = places["residents"].where(places["residents"] > 0)
    parents = places["parent"].fillna("")
    usual = known.groupby(parents).transform("mean").fillna(otherwise)
    ratio = (residents / residents.groupby(parents).transform("mean")) ** 0.5
    guess = usual * ratio.fillna(1.0).clip(1 / RESIDENTS_RANGE, RESIDENTS_RANGE)
    return np.asarray(known.fillna(guess), dtype=np.float64)
