"""What looked odd about the positions of a load: said row by row for the first, in one sentence for the rest."""

from __future__ import annotations

from collections import Counter
from typing import Final

import pandas as pd

from data_access.ingestion.place_names import PlaceFinder
from data_access.ingestion.problems import Flag
from geo.points import NEAREST

MOST_SHOWN: Final = 40
"""Rows of one kind that are named one by one."""

_COLUMN: Final = {"lon": "经度", "lat": "纬度"}


class PositionFlags:
    """Collects them over the pieces of a file."""

    def __init__(self, finder: PlaceFinder) -> None:
        self._finder = finder
        self._rows: dict[str, list[Flag]] = {"position_outside": [], "point_elsewhere": []}
        self._counts: Counter[str] = Counter()
        self._converted: Counter[str] = Counter()
        self._column = ""

    def one_column(self, field: str) -> None:
        """The file has 经度 or 纬度 alone."""
        self._column = _COLUMN[field]

    def swapped(self, rows: int) -> None:
        """So many rows had both the wrong way round, as all of the file."""
        self._counts["swapped_position"] += rows

    def converted(self, datum: str, rows: int) -> None:
        """So many rows came in another datum."""
        self._converted[datum] += rows

    def nearest(self, rows: int) -> None:
        """So many rows lie on no polygon and were given the nearest village."""
        self._counts["nearest_village"] += rows

    def outside(self, rows: pd.DataFrame) -> None:
        """The positions of these rows lie in no village and are not kept."""
        for sheet, row, lon, lat in zip(rows["_sheet"], rows["_row"], rows["lon"], rows["lat"], strict=True):
            self._note(Flag(
                "position_outside",
                f"坐标（{lon:g}, {lat:g}）不在辖区内或其边界 {NEAREST:.0f} 米以内，没有保存；请核对坐标和坐标系。",
                f"The position ({lon:g}, {lat:g}) lies neither in the district nor within {NEAREST:.0f} m of it and is "
                "not kept; check it and its coordinate system.",
                sheet=sheet, row=int(row), column="经度", found=f"{lon:g}, {lat:g}",
            ))  # fmt: skip

    def elsewhere(self, rows: pd.DataFrame, metres: pd.Series) -> None:
        """The positions of these rows lie so far outside the village that they name."""
        names = self._finder.names
        for sheet, row, found, stated, away in zip(
            rows["_sheet"], rows["_row"], rows["_found"], rows["place_code"], metres, strict=True
        ):
            there = names.get(found, "")
            where_zh, where_en = (f"，在{there}" if there else ""), (f", in {there}" if there else "")
            self._note(Flag(
                "point_elsewhere",
                f"坐标离所填的{names[stated]}约 {away:,.0f} 米{where_zh}；按所填村社计入，请核对坐标或村社。",
                f"The position lies about {away:,.0f} m from {names[stated]}, which the row names{where_en}; it counts "
                "for the village named: check the position or the village.",
                sheet=sheet, row=int(row), column="经度", found=there, place_code=stated[:9],
            ))  # fmt: skip

    def all(self) -> list[Flag]:
        """All of them, what is about the whole file first."""
        return [*self._of_the_file(), *self._more(), *(flag for flags in self._rows.values() for flag in flags)]

    def _note(self, flag: Flag) -> None:
        self._counts[flag.reason] += 1
        if len(self._rows[flag.reason]) < MOST_SHOWN:
            self._rows[flag.reason].append(flag)

    def _of_the_file(self) -> list[Flag]:
        flags = []
        if self._column:
            other = next(name for name in _COLUMN.values() if name != self._column)
            flags.append(Flag(
                "half_position", f"文件只有“{self._column}”没有“{other}”，坐标没有使用；请补上“{other}”一列再载入。",
                f"The file has '{self._column}' and no '{other}'; its positions were not used: add '{other}' and load "
                "again.", column=self._column,
            ))  # fmt: skip
        rows = self._counts["swapped_position"]
        if rows:
            flags.append(Flag(
                "swapped_position",
                f"“经度”和“纬度”两列整列写反了（{rows:,} 行），已对调后载入；请改正导出的表头。",
                f"The columns 经度 and 纬度 stand the wrong way round ({rows:,} rows); they were swapped: correct the "
                "headings of the export.", column="经度", found=f"{rows}",
            ))  # fmt: skip
        for datum, converted in sorted(self._converted.items()):
            flags.append(Flag(
                "converted_position", f"{converted:,} 行的坐标标明是 {datum}，已换算为 CGCS2000。",
                f"The positions of {converted:,} rows are marked as {datum}; they were converted to CGCS2000.",
                column="坐标系", found=datum,
            ))  # fmt: skip
        near = self._counts["nearest_village"]
        if near:
            flags.append(Flag(
                "nearest_village",
                f"{near:,} 行没有填写村社，坐标不在任何村社内，按 {NEAREST:.0f} 米以内最近的村社计入；请抽查。",
                f"{near:,} rows name no village and lie in none; they count for the nearest one within {NEAREST:.0f} "
                "m: look at some of them.", column="经度", found=f"{near}",
            ))  # fmt: skip
        return flags

    def _more(self) -> list[Flag]:
        said = {
            "position_outside": ("行的坐标在辖区之外，没有保存", "rows have positions outside the district, not kept"),
            "point_elsewhere": (
                f"行的坐标离所填村社 {NEAREST:.0f} 米以上",
                f"rows have positions more than {NEAREST:.0f} m from the village they name",
            ),
        }
        return [
            Flag(reason, f"共 {self._counts[reason]:,} {zh}；下面列出前 {MOST_SHOWN} 行。",
                 f"{self._counts[reason]:,} {en}; the first {MOST_SHOWN} are listed.",
                 column="经度", found=f"{self._counts[reason]}")
            for reason, (zh, en) in said.items() if self._counts[reason] > MOST_SHOWN
        ]  # fmt: skip
