"""The half-yearly issue files, with the dirt that such files have in life."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from data_access.demo_data.issues import ISSUE_COLUMNS, issue_stretches
from data_access.demo_data.places import DISTRICT, District
from data_access.demo_data.rates import Truth
from data_access.demo_data.registers import Registers

NAME_ONLY_SHARE = 0.005  # rows with a village name and no code
MISSPELLED_SHARE = 0.3  # of those, written otherwise than the register does
DUPLICATES_A_FILE = 3
CORRECTED_A_FILE = 6  # rows that the next file brings again, finished
_AFTER_CLOSING = ("办结时间", "办理结果", "是否接通", "是否满意")


def write_issues(
    seed: int, district: District, registers: Registers, truth: Truth, folder: Path, *, scale: float
) -> list[Path]:
    """Write one CSV (GB18030) a half-year and return the paths in order; only one month is in memory at a time.

    A row that is later corrected stands unfinished in its own file and finished in the next one, so the newest version
    of every case number is the true one. Rows that must be refused have case numbers of their own.
    """
    paths: list[Path] = []
    corrections = pd.DataFrame(columns=list(ISSUE_COLUMNS))
    pending: list[pd.DataFrame] = []
    current: Path | None = None
    for i, (stretch, cases) in enumerate(issue_stretches(seed, district, registers, truth, scale=scale)):
        rng = np.random.default_rng([seed, 40, i])
        year, half = str(stretch.month)[:4], 1 if int(str(stretch.month)[5:]) <= 6 else 2
        path = folder / f"演示数据_问题工单_{year}年{'上' if half == 1 else '下'}半年.csv"
        if path != current:
            if current is not None:
                corrections = pd.concat(pending, ignore_index=True) if pending else corrections.iloc[:0]
                pending = []
            current = path
            paths.append(path)
            _append(path, corrections, heading=True)
        rows = _with_names_only(rng, cases, district)
        last_file = year == "2022" and half == 2
        if not last_file:
            rows, finished = _unfinish(rng, rows, count=1)
            pending.append(finished)
        if int(str(stretch.month)[5:]) in (6, 12):
            duplicates = rows.iloc[
                np.sort(rng.choice(len(rows), size=min(DUPLICATES_A_FILE, len(rows)), replace=False))
            ]
            rows = pd.concat([rows, duplicates, _refused(rng, rows)], ignore_index=True)
        _append(path, rows, heading=False)
    return paths


def _append(path: Path, rows: pd.DataFrame, *, heading: bool) -> None:
    """Write the heading and ``rows`` anew, or add ``rows`` to the file."""
    with path.open("w" if heading else "a", encoding="gb18030", newline="") as file:
        rows.to_csv(file, columns=list(ISSUE_COLUMNS), index=False, header=heading, lineterminator="\r\n")


def _with_names_only(rng: np.random.Generator, cases: pd.DataFrame, district: District) -> pd.DataFrame:
    """Some rows lose their village code; a third of those also write the name in a way of their own."""
    rows = cases.copy()
    lost = rng.random(len(rows)) < NAME_ONLY_SHARE
    rows.loc[lost, "村社代码"] = ""
    for position in np.flatnonzero(lost & (rng.random(len(rows)) < MISSPELLED_SHARE)):
        name, town = str(rows.at[position, "所属村社"]), str(rows.at[position, "所属镇街"])
        suffix = "居委会" if name.endswith("社区") else "村委会" if name.endswith("村") else ""
        spellings = (f"{town}{name}", f"{name}{suffix}", f"{name[0]} {name[1:]}", f"鄞州区{town}{name}")
        if len(name) > 4:
            spellings = (*spellings, name.removesuffix("社区").removesuffix("村"))
        rows.at[position, "所属村社"] = spellings[int(rng.integers(len(spellings)))]
    return rows


def _unfinish(rng: np.random.Generator, rows: pd.DataFrame, *, count: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``rows`` with ``count`` closed cases set back to open, and those cases as they really ended."""
    closed = np.flatnonzero((rows["办结时间"] != "").to_numpy() & (rows["村社代码"] != "").to_numpy())
    if len(closed) < count:
        return rows, rows.iloc[:0]
    chosen = rng.choice(closed, size=count, replace=False)
    finished = rows.iloc[chosen].copy()
    rows = rows.copy()
    for column in _AFTER_CLOSING:
        rows.iloc[chosen, rows.columns.get_loc(column)] = ""
    for column in ("是否回访", "是否退回重办"):
        rows.iloc[chosen, rows.columns.get_loc(column)] = "否"
    return rows, finished


def _refused(rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """Three rows nobody can take: no such day, closed before it was reported, no such village."""
    closed = np.flatnonzero((rows["办结时间"] != "").to_numpy())
    if len(closed) < 3:
        return rows.iloc[:0]
    bad = rows.iloc[rng.choice(closed, size=3, replace=False)].copy().reset_index(drop=True)
    month = str(bad.at[0, "诉求时间"])[:7].replace("-", "")
    bad["工单编号"] = [f"YS{month}9{i:05d}" for i in range(3)]
    bad["重复工单号"] = ""
    bad.at[0, "诉求时间"] = f"{month[:4]}-13-01 09:30"
    reported = np.datetime64(str(bad.at[1, "诉求时间"]).replace(" ", "T"))
    bad.at[1, "办结时间"] = str(reported - np.timedelta64(3, "D")).replace("T", " ")
    bad.at[2, "所属村社"] = "不存在村"
    bad.at[2, "村社代码"] = "" if rng.random() < 0.5 else f"{DISTRICT}999999"
    return bad
