"""The one merger of the demonstration: two villages that never were, said to have become one that is, in mid-2021.

Before the day, the files say one of the two wherever they would say the village; which one is decided by what is
already there (the row of a site, the number of a case, the month of a visit), so that nothing else is drawn otherwise.
"""

from __future__ import annotations

import numpy as np

from data_access.demo_data.places import District

MERGED_CODE = "330212110235"
MERGED_ON = "2021-07-01"
LAST_DAY = "2021-06-30"
# The statistical bureau numbers no village from 900 on, and no village is called "drawn up" or "for example".
PREDECESSORS = (("330212110901", "拟枫桥村村委会", "拟枫桥村"), ("330212110902", "例柳湾村村委会", "例柳湾村"))
NOBODY = -1


def merged_row(district: District) -> int:
    """The row of the merged village in ``district.villages``."""
    return int(np.flatnonzero(district.villages["code"].to_numpy() == MERGED_CODE)[0])


def predecessor_of_rows(district: District, *, village: np.ndarray, days: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """Which of the two each row is about, 0 or 1 by the parity of ``turn``; ``NOBODY`` for every other village (row
    numbers) and from the day of the merger on (``days``: datetime64)."""
    before = days.astype("datetime64[D]") < np.datetime64(MERGED_ON)
    return np.where((village == merged_row(district)) & before, turn % 2, NOBODY)


def predecessor_of_cases(
    district: District, *, village: np.ndarray, reported: np.ndarray, estate: np.ndarray, firm: np.ndarray
) -> np.ndarray:
    """The same for cases: that of the estate or firm a case is about (row numbers, -1 for none), else in turns."""
    turn = np.where(estate >= 0, estate, np.where(firm >= 0, firm, np.arange(len(village))))
    return predecessor_of_rows(district, village=village, days=reported, turn=turn)


def written(current: np.ndarray, which: np.ndarray, column: int) -> np.ndarray:
    """The texts of ``current``, those of a predecessor where ``which`` says so; ``column``: 0 code, 1 full name, 2
    short name."""
    texts = np.array(current, dtype=object)
    for number, names in enumerate(PREDECESSORS):
        texts[which == number] = names[column]
    return texts


def halves(counted: int, whole: int) -> tuple[tuple[int, int, int], ...]:
    """A measured pair as the two reported it: (which, numerator, denominator); only the first where the whole cannot
    be halved. A part never exceeds its whole."""
    if whole < 2:
        return ((0, counted, whole),)
    first = (counted // 2, whole // 2)
    return ((0, *first), (1, counted - first[0], whole - first[1]))


def closed_rows(district: District) -> list[tuple[object, ...]]:
    """The two as the register of places has them (columns of ``PLACE_COLUMNS``), each with half of the people."""
    village = district.villages.iloc[merged_row(district)]
    rows: list[tuple[object, ...]] = []
    for number, (code, name, short_name) in enumerate(PREDECESSORS):
        people = [(int(village[column]) + number) // 2 for column in ("residents", "households")]
        settled = str(np.datetime64(village["settled"], "D"))
        rows.append(
            (code, "", name, short_name, "村社", village["township_code"], "村", "农村", settled, *people, "区直辖", "",
             "", "", "", LAST_DAY, MERGED_CODE)
        )  # fmt: skip
    return rows
