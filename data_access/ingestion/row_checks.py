"""Text cells to values, column by column; what cannot be understood is collected, never guessed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from data_access.ingestion.cell_values import (
    UNWRITABLE,
    parse_amount,
    parse_count,
    parse_date,
    parse_month,
    parse_time,
    parse_yes_no,
    plain,
)
from data_access.ingestion.source_form import ColumnForm, SourceForm

_LONGEST_FOUND, _LONGEST_COLUMN = 200, 120  # letters of a cell and of a heading that a problem repeats


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
    `absent` are the fields of the form for which the file has no column.
    """

    frame: pd.DataFrame
    problems: list[Problem] = field(default_factory=list)
    absent: frozenset[str] = frozenset()

    def reject(self, bad: pd.Series, *, column: str, found: pd.Series, reason: str, zh: str, en: str) -> None:
        """Take the rows where `bad` holds out of `frame`, with one problem each.

        `zh` and `en` may contain `{found}` and `{column}`. `found` is aligned with `frame`.
        """
        if not bad.any():
            return
        rows = self.frame.loc[bad]
        named = UNWRITABLE.sub("�", column)[:_LONGEST_COLUMN]
        for index, sheet, row in zip(rows.index, rows["_sheet"], rows["_row"], strict=True):
            value = found.loc[index]
            shown = "" if value is None or value is pd.NaT else UNWRITABLE.sub("�", str(value))[:_LONGEST_FOUND]
            facts = {"found": shown, "column": named}
            self.problems.append(Problem(sheet, int(row), named, shown, reason, zh.format(**facts), en.format(**facts)))
        self.frame = self.frame.loc[~bad]


def check_columns(frame: pd.DataFrame, form: SourceForm, headings: dict[str, str]) -> CheckedRows:
    """Every known column from text to its type; rows with an unreadable or missing required cell are set aside.

    Fields of the form that the file does not have become columns of None.
    """
    checked = CheckedRows(frame.copy(), absent=frozenset(form.columns) - set(frame.columns))
    checked.reject(
        frame["_surplus"] != "", column="", found=frame["_surplus"], reason="too_many_cells",
        zh="这一行的单元格比表头多（多出“{found}”）；单元格内有逗号时请加引号，或另存为 XLSX。",
        en="The row has more cells than the heading ('{found}'); put cells with commas in quotes or save as XLSX.",
    )  # fmt: skip
    cut = frame["_cut"].loc[checked.frame.index].astype(bool)
    checked.reject(
        cut, column="", found=pd.Series("", checked.frame.index), reason="too_few_cells",
        zh="这一行在最后一列之前就断了；文件可能没有导出完整，请重新导出。",
        en="The row ends before its last column; the export may be incomplete, make it again.",
    )  # fmt: skip
    for name, column in form.columns.items():
        heading = headings.get(name, column.heading)
        if name not in checked.frame:
            checked.frame[name] = pd.Series([column.when_empty] * len(checked.frame), checked.frame.index, dtype=object)
            continue
        text = checked.frame[name]
        values, understood = parse_column(text, column)
        checked.frame[name] = values
        empty = text == ""
        unwritable = [cell for cell in text.unique() if UNWRITABLE.search(cell)]
        checked.reject(
            text.isin(unwritable), column=heading, found=text, reason="not_text",
            zh="“{column}”中有看不见的控制字符；请删去后再载入。",
            en="'{column}' holds invisible control characters; remove them and load again.",
        )  # fmt: skip
        left = checked.frame.index
        checked.reject(
            (~understood & ~empty).loc[left], column=heading, found=text.loc[left], reason="not_understood",
            zh="“{column}”中的“{found}”无法识别；" + _expected(column, "zh"),
            en="'{found}' in '{column}' is not understood; " + _expected(column, "en"),
        )  # fmt: skip
        if column.required:
            left = checked.frame.index
            checked.reject(
                empty.loc[left], column=heading, found=text.loc[left], reason="empty",
                zh="“{column}”为空；这一列必须填写。", en="'{column}' is empty; it must be filled in.",
            )  # fmt: skip
        if column.longest:
            left = checked.frame.index
            checked.reject(
                text.loc[left].str.len() > column.longest, column=heading, found=text.loc[left], reason="too_long",
                zh=f"“{{column}}”超过 {column.longest} 个字；请缩短。",
                en=f"'{{column}}' is longer than {column.longest} characters; shorten it.",
            )  # fmt: skip
    return checked


def reject_future(checked: CheckedRows, columns: Mapping[str, str]) -> None:
    """Set aside rows with a time, a date or a month after today; `columns` is field → heading."""
    now = dt.datetime.now() + dt.timedelta(days=1)  # a file may come from a clock that is ahead
    for name, heading in columns.items():
        values = checked.frame[name]
        late = [
            value is not None
            and value > (now if isinstance(value, dt.datetime) else now.date() if isinstance(value, dt.date) else
                         now.year * 100 + now.month)
            for value in values
        ]  # fmt: skip
        checked.reject(
            pd.Series(late, values.index, dtype=bool), column=heading, found=values, reason="in_the_future",
            zh="{column}“{found}”晚于今天；请核对年份。",
            en="'{found}' in '{column}' lies in the future; check the year.",
        )  # fmt: skip


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
        "word": lambda cell: column.words.get(plain(cell)),
        "yes_no": lambda cell: parse_yes_no(cell, column.words),
        "time": parse_time,
        "date": parse_date,
        "month": parse_month,
        "count": parse_count,
        "amount": parse_amount,
    }
    parse = parsers[column.type]
    known: dict[str, Any] = {cell: parse(cell) for cell in text.unique() if cell != ""}
    known[""] = column.when_empty
    values = pd.Series([known[cell] for cell in text], index=text.index, dtype=object)
    return values, pd.Series([value is not None for value in values], index=text.index, dtype=bool)
