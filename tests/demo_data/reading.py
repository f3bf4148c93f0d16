"""A slow reader of the demonstration files, independent of the program's own loading: csv, calamine and plain loops."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

Row = dict[str, Any]
AS_OF = "2022-12-31 23:59"
WINDOW = ("2020-01-23 00:00", "2020-04-30 23:59")


def read_csv(path: Path, encoding: str) -> list[Row]:
    """Every row of a CSV as a dict of texts."""
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


@dataclass
class SheetText:
    """A sheet: its title row, its heading and its rows ("" = empty cell)."""

    title: str
    heading: list[str]
    rows: list[Row]


def read_workbook(path: Path) -> list[SheetText]:
    """The sheets of a workbook whose first row is a title and whose second is the heading."""
    book = CalamineWorkbook.from_path(str(path))
    sheets = []
    for number in range(len(book.sheet_names)):
        cells = book.get_sheet_by_index(number).to_python(skip_empty_area=False)
        heading = [str(cell) for cell in cells[1]]
        rows = [dict(zip(heading, row, strict=True)) for row in cells[2:]]
        sheets.append(SheetText(str(cells[0][0]), heading, rows))
    return sheets


def refused_issue(row: Row) -> bool:
    """Whether a case cannot be taken: no such day, closed before reported, or a village nobody knows."""
    impossible_day = row["诉求时间"][5:7] == "13"
    return (
        impossible_day or row["所属村社"] == "不存在村" or bool(row["办结时间"] and row["办结时间"] < row["诉求时间"])
    )


def newest_cases(files: Iterable[list[Row]]) -> list[Row]:
    """The rows that can be taken, one a case number, the last one of the last file winning."""
    newest: dict[str, Row] = {}
    for rows in files:
        for row in rows:
            if not refused_issue(row):
                newest[row["工单编号"]] = row
    return list(newest.values())


def count_issues(rows: Iterable[Row]) -> Counter[str]:
    """The issue counters, one case after the other."""
    total: Counter[str] = Counter()
    for row in rows:
        total["reported"] += 1
        total["repeats"] += row["重复工单号"] != ""
        total["accepted"] += row["受理时间"] != ""
        total["answered_in_time"] += "" < row["首次答复时间"] <= row["答复时限"]
        closed = row["办结时间"] != ""
        if "" < row["办理时限"] <= AS_OF:
            total["due"] += 1
            total["verified_solved"] += row["办理结果"] == "已解决"
            total["closed_on_time"] += closed and row["办结时间"] <= row["办理时限"]
            total["overdue_open"] += not closed
        total["closed"] += closed
        total["reopened"] += row["是否退回重办"] == "是"
        total["called_back"] += row["是否回访"] == "是"
        total["reached"] += row["是否接通"] == "是"
        total["satisfied"] += row["是否满意"] == "是"
    return total


def share(total: Counter[str], part: str, whole: str) -> float:
    """part / whole of a counter; a whole of 0 is an error of the test."""
    return total[part] / total[whole]


def count_items(visits: Iterable[Row], items: Iterable[str]) -> Counter[str]:
    """Items checked and passed."""
    items = list(items)
    total: Counter[str] = Counter()
    for visit in visits:
        for item in items:
            total["checked"] += visit[item] != ""
            total["passed"] += visit[item] == "合格"
    return total


def half_year(moment: str) -> str:
    """ "2021-1" of any day in January … June 2021."""
    return f"{moment[:4]}-{1 if moment[5:7] <= '06' else 2}"
