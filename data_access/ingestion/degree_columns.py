"""Whole columns of longitudes and latitudes at once: plain decimals by arithmetic, other spellings cell by cell."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_access.ingestion.cell_values import plain

_PLAIN = r"^[+-]?[0-9]{1,3}(\.[0-9]{1,15})?$"
_SIDES = {"东经": 1, "北纬": 1, "西经": -1, "南纬": -1, "e": 1, "n": 1, "w": -1, "s": -1}
_SIDE = "|".join(_SIDES)
_MARKS = (("度", "°"), ("º", "°"), ("分", "′"), ("秒", "″"), ("''", "″"), ("′′", "″"), ("’’", "″"), ('"', "″"),
          ("”", "″"), ("“", "″"), ("'", "′"), ("’", "′"), ("‘", "′"))  # fmt: skip
_GAPS = re.compile(r"\s+(?=[^\d.])|(?<=[^\d.])\s+")  # 121° 33′ 12″ E, but not 12 1
_SPELLING = re.compile(
    rf"^({_SIDE})?([+-]?)(\d{{1,3}}(?:\.\d+)?)(?:°(?:(\d{{1,2}}(?:\.\d+)?)′(?:(\d{{1,2}}(?:\.\d+)?)″)?)?)?({_SIDE})?$",
    re.ASCII,
)


def parse_degrees(text: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Degrees of a column of text (dtype str, no missing): float64 with NaN, and whether each was understood.

    Understands what :func:`parse_degree` understands, and nothing else.
    """
    cells = pa.array(text, type=pa.large_string())
    simple = pc.match_substring_regex(cells, _PLAIN).to_numpy(zero_copy_only=False)
    degrees = np.full(len(cells), np.nan)
    degrees[simple] = pc.cast(pc.utf8_ltrim(cells.filter(pa.array(simple)), "+"), pa.float64()).to_numpy()
    odd = np.flatnonzero(~simple & (text != "").to_numpy())
    if len(odd):
        codes, distinct = pd.factorize(text.to_numpy(object)[odd])
        known = [parse_degree(cell) for cell in distinct]
        degrees[odd] = np.array([np.nan if one is None else one for one in known], dtype=np.float64)[codes]
    degrees[np.abs(degrees) > 180] = np.nan
    return degrees, ~np.isnan(degrees)


def parse_degree(cell: str) -> float | None:
    """121.5532, 121.5532°E, 东经121.5532, 121°33′12″, 121°33.2′ or 121度33分12秒 in decimal degrees, west and south
    negative; None for what is none of them or beyond 180."""
    # NFKC, which `plain` applies, writes º as the letter o and ´ as an accent over nothing
    text = _GAPS.sub("", plain(cell.replace("º", "°").replace("´", "′")).lower())
    for written, mark in _MARKS:
        text = text.replace(written, mark)
    match = _SPELLING.match(text)
    if match is None:
        return None
    before, sign, whole, minutes, seconds, behind = match.groups()
    if (before and behind) or ((before or behind) and sign) or (minutes and "." in whole):
        return None
    if (seconds and "." in minutes) or float(minutes or 0) >= 60 or float(seconds or 0) >= 60:
        return None
    degrees = float(whole) + float(minutes or 0) / 60 + float(seconds or 0) / 3600
    side = _SIDES.get(before or behind or "", 1) * (-1 if sign == "-" else 1)
    return side * degrees if degrees <= 180 else None
