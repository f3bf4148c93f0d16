"""Text cells to values, column by column; what cannot be understood is collected, never guessed."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from data_access.ingestion.source_form import ColumnForm, SourceForm

_YES = {"是", "√", "有", "1", "y", "yes", "true", "已", "合格", "满意", "接通"}
_NO = {"否", "×", "x", "无", "0", "n", "no", "false", "未", "不合格", "不满意", "未接通"}
_DATE = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]+(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?)?$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_MONTH = re.compile(r"^(\d{4})[-/.年]?(\d{1,2})月?$")
_EARLIEST_YEAR = 1900


@dataclass(frozen=True)
class Problem:
    """Why one row cannot be taken: where it stands, what was found, and what would be right."""

    sheet: str
    row: int
    column: str
    found: str
    reason: str
    zh: str
    en: str


@dataclass
class CheckedRows:
    """Rows that passed so far, and the problems of those that did not.

    `frame` keeps the columns of the file with values instead of text (None for empty), index = position in the file.
    """

    frame: pd.DataFrame
    problems: list[Problem] = field(default_factory=list)

    def reject(self, bad: pd.Series, *, column: str, found: pd.Series, reason: str, zh: str, en: str) -> None:
        """Take the rows where `bad` holds out of `frame`, with one problem each.

        `zh` and `en` may contain `{found}` and `{column}`. `found` is aligned with `frame`.
        """
        if not bad.any():
            return
        rows = self.frame.loc[bad]
        for index, sheet, row in zip(rows.index, rows["_sheet"], rows["_row"], strict=True):
            value = found.loc[index]
            shown = "" if value is None or value is pd.NaT else str(value)[:200]
            facts = {"found": shown, "column": column}
            self.problems.append(
                Problem(sheet, int(row), column, shown, reason, zh.format(**facts), en.format(**facts))
            )
        self.frame = self.frame.loc[~bad]


def check_columns(frame: pd.DataFrame, form: SourceForm, headings: dict[str, str]) -> CheckedRows:
    """Every known column from text to its type; rows with an unreadable or missing required cell are set aside.

    Fields of the form that the file does not have become columns of None.
    """
    checked = CheckedRows(frame.copy())
    for name, column in form.columns.items():
        heading = headings.get(name, column.heading)
        if name not in checked.frame:
            checked.frame[name] = pd.Series([column.when_empty] * len(checked.frame), checked.frame.index, dtype=object)
            continue
        text = checked.frame[name]
        values, understood = parse_column(text, column)
        checked.frame[name] = values
        empty = text == ""
        checked.reject(
            ~understood & ~empty, column=heading, found=text, reason="not_understood",
            zh="“{column}”中的“{found}”无法识别；" + _expected(column, "zh"),
            en="'{found}' in '{column}' is not understood; " + _expected(column, "en"),
        )  # fmt: skip
        if column.required:
            left = checked.frame.index
            checked.reject(
                empty.loc[left], column=heading, found=text.loc[left], reason="empty",
                zh="“{column}”为空；这一列必须填写。", en="'{column}' is empty; it must be filled in.",
            )  # fmt: skip
    return checked


def _expected(column: ColumnForm, language: str) -> str:
    if column.type == "word":
        words = "、".join(column.words)
        return f"应为：{words}。" if language == "zh" else f"write one of: {words}."
    zh, en = {
        "time": ("应为 2020-03-05 或 2020-03-05 14:30 这样的时间。", "write a time such as 2020-03-05 14:30."),
        "date": ("应为 2020-03-05 这样的日期。", "write a date such as 2020-03-05."),
        "month": ("应为 2020-03 这样的月份。", "write a month such as 2020-03."),
        "yes_no": ("应为“是”或“否”。", "write 是 or 否."),
        "count": ("应为不小于 0 的整数。", "write a whole number, 0 or more."),
        "amount": ("应为不小于 0 的数。", "write a number, 0 or more."),
        "text": ("", ""),
    }[column.type]
    return zh if language == "zh" else en


def parse_column(text: pd.Series, column: ColumnForm) -> tuple[pd.Series, pd.Series]:
    """Values of a text column and whether each cell was understood; empty cells give None (or `when_empty`).

    Each distinct text is parsed once.
    """
    parsers = {
        "text": lambda cell: cell,
        "word": lambda cell: column.words.get(_plain(cell)),
        "yes_no": lambda cell: parse_yes_no(cell, column.words),
        "time": parse_time,
        "date": lambda cell: _date_of(parse_time(cell)),
        "month": parse_month,
        "count": parse_count,
        "amount": parse_amount,
    }
    parse = parsers[column.type]
    known: dict[str, Any] = {cell: parse(cell) for cell in text.unique() if cell != ""}
    known[""] = column.when_empty
    values = pd.Series([known[cell] for cell in text], index=text.index, dtype=object)
    return values, pd.Series([value is not None for value in values], index=text.index, dtype=bool)


def _plain(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip()


def parse_yes_no(cell: str, words: dict[str, str] | None = None) -> bool | None:
    """是/否, √/×, 有/无, 1/0, yes/no, or the source's own words; None when it is none of them."""
    plain = _plain(cell).lower()
    meant = (words or {}).get(plain)
    if meant is not None:
        return meant == "yes"
    if plain in _YES:
        return True
    return False if plain in _NO else None


def parse_time(cell: str) -> dt.datetime | None:
    """2020-03-05 14:30, 2020/3/5, 2020年3月5日, 20200305 or an Excel serial day; None when it is no such time."""
    plain = _plain(cell)
    match = _DATE.match(plain) or _COMPACT.match(plain)
    if match:
        numbers = [int(part) for part in match.groups() if part is not None]
        if numbers[0] < _EARLIEST_YEAR:
            return None
        try:
            return dt.datetime(*numbers)  # type: ignore[arg-type]
        except ValueError:
            return None
    if re.fullmatch(r"\d{5}(\.\d+)?", plain) and 20_000 <= float(plain) < 80_000:
        return dt.datetime(1899, 12, 30) + dt.timedelta(minutes=round(float(plain) * 1440))
    return None


def _date_of(moment: dt.datetime | None) -> dt.date | None:
    return None if moment is None else moment.date()


def parse_month(cell: str) -> int | None:
    """2020-03, 2020年3月, 202003 or any date in the month → 202003; None otherwise."""
    match = _MONTH.match(_plain(cell))
    if match:
        year, month = int(match[1]), int(match[2])
        return year * 100 + month if 1 <= month <= 12 and year >= _EARLIEST_YEAR else None
    moment = parse_time(cell)
    return None if moment is None else moment.year * 100 + moment.month


def parse_amount(cell: str) -> float | None:
    """A finite number ≥ 0, thousands separators allowed; None otherwise."""
    try:
        number = float(_plain(cell).replace(",", ""))
    except ValueError:
        return None
    return number if np.isfinite(number) and number >= 0 else None


def parse_count(cell: str) -> int | None:
    """A whole number ≥ 0 below 2³¹; None otherwise."""
    number = parse_amount(cell)
    return int(number) if number is not None and number.is_integer() and number < 2**31 else None
