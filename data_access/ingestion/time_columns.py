"""Whole columns of times at once: the three usual spellings by arithmetic on their bytes, the rest cell by cell."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_access.ingestion.cell_values import parse_time

_DAYS = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_EARLIEST_YEAR = 1900
# 2020-03-05, 2020-03-05 14:30, 2020-03-05 14:30:00
_SPELLINGS = {10: (), 16: (11, 14), 19: (11, 14, 17)}
_MARKS = {4: b"-", 7: b"-", 10: b" ", 13: b":", 16: b":"}


def parse_times(text: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Times of a column of text (dtype str, no missing): datetime64[us] with NaT, and whether each was understood.

    Understands what :func:`data_access.ingestion.cell_values.parse_time` understands, and nothing else.
    """
    cells = pa.array(text, type=pa.large_string())
    times = np.full(len(cells), np.datetime64("NaT", "us"))
    lengths = pc.binary_length(cells).to_numpy(zero_copy_only=False)
    left = lengths > 0
    for length, fields in _SPELLINGS.items():
        there = np.flatnonzero(lengths == length)
        if not len(there):
            continue
        values, good = _fixed(_bytes_of(cells, there, length), fields)
        times[there[good]] = values[good]
        left[there[good]] = False
    odd = np.flatnonzero(left)
    if len(odd):
        codes, distinct = pd.factorize(text.to_numpy(object)[odd])
        known = [parse_time(cell) for cell in distinct]
        values = np.array([np.datetime64("NaT") if one is None else one for one in known], dtype="datetime64[us]")
        times[odd] = values[codes]
    return times, ~np.isnat(times)


def _bytes_of(cells: pa.Array, rows: np.ndarray, length: int) -> np.ndarray:
    """The bytes of the cells at `rows`, all `length` long: array (rows, length) of uint8."""
    chosen = cells if len(rows) == len(cells) else cells.take(pa.array(rows))
    start = chosen.offset
    offsets = np.frombuffer(chosen.buffers()[1], dtype=np.int64)
    data = np.frombuffer(chosen.buffers()[2], dtype=np.uint8)
    return data[offsets[start] : offsets[start + len(chosen)]].reshape(len(chosen), length)


def _fixed(letters: np.ndarray, fields: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Times and whether they are good, of cells written with fixed positions."""
    good = np.ones(len(letters), dtype=bool)
    for position, mark in _MARKS.items():
        if position < letters.shape[1]:
            good &= letters[:, position] == mark[0]
    digits = letters.astype(np.int32) - ord("0")
    places = [place for place in range(letters.shape[1]) if place not in _MARKS]
    good &= ((digits[:, places] >= 0) & (digits[:, places] <= 9)).all(axis=1)

    def number(start: int) -> np.ndarray:
        return digits[:, start] * 10 + digits[:, start + 1]

    year, month, day = number(0) * 100 + number(2), number(5), number(8)
    good &= (year >= _EARLIEST_YEAR) & (month >= 1) & (month <= 12) & (day >= 1)
    good &= day <= _DAYS[np.clip(month, 0, 12)]
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    good &= ~((month == 2) & (day == 29) & ~leap)
    months = (year - 1970) * 12 + month - 1
    months = np.where(good, months, 0).astype("datetime64[M]")
    moment = (months.astype("datetime64[D]") + (day - 1)).astype("datetime64[us]")
    for position, largest, unit in zip(fields, (23, 59, 59), (3_600_000_000, 60_000_000, 1_000_000), strict=False):
        part = number(position)
        good &= part <= largest
        moment = moment + (part.astype(np.int64) * unit).astype("timedelta64[us]")
    return moment, good
