"""Text cells to values, column by column; what cannot be understood is collected, never guessed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_access.errors import UserError
from data_access.ingestion.cell_values import (
    UNWRITABLE,
    parse_amount,
    parse_count,
    parse_date,
    parse_month,
    parse_yes_no,
    plain,
)
from data_access.ingestion.degree_columns import parse_degrees
from data_access.ingestion.problems import MAX_PROBLEMS, Problem
from data_access.ingestion.source_form import ColumnForm, SourceForm
from data_access.ingestion.time_columns import parse_times

_LONGEST_FOUND, _LONGEST_COLUMN = 200, 120  # letters of a cell and of a heading that a problem repeats
_LONGEST_CELL = 400
_UNWRITABLE_RE2 = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"

Identify = Callable[[Mapping[str, str]], tuple[str | None, str | None, int | None]]
"""Fields of a row as text → its natural key, its township's code and its month, each None where it cannot be told."""


@dataclass
class CheckedRows:
    """Rows that passed so far, and the problems of those that did not.

    `frame` keeps the columns of the file with values instead of text (None for empty, NaT for an empty time), index =
    position in the piece of the file. `raw` is the piece as it was read, text only. `headings` are those of the file by
    column of `raw`. `absent` are the fields of the form for which the file has no column. `identify` tells whose row it
    is from the text of its fields.
    """

    frame: pd.DataFrame
    raw: pd.DataFrame
    headings: Mapping[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    absent: frozenset[str] = frozenset()
    identify: Identify = lambda fields: (None, None, None)

    def reject(self, bad: pd.Series, *, column: str, found: pd.Series, reason: str, zh: str, en: str) -> None:
        """Take the rows where `bad` holds out of `frame`, with one problem each.

        `zh` and `en` may contain `{found}` and `{column}`. `bad` and `found` are aligned with `frame`.

        Raises
        ------
        UserError
            When so many rows are wrong that the file as a whole is not what it should be.
        """
        if not bad.any():
            return
        self._keep_in_bounds(int(bad.sum()))
        rows = self.frame.loc[bad]
        origins = rows.get("_origin", rows.index)
        for index, origin, sheet, row in zip(rows.index, origins, rows["_sheet"], rows["_row"], strict=True):
            self._say(origin, sheet, row, column=column, found=found.loc[index], reason=reason, zh=zh, en=en)
        self.frame = self.frame.loc[~bad]

    def add_problem(self, problem: Problem) -> None:
        """Add one problem of a row that is not in this piece of the file."""
        self._keep_in_bounds(1)
        self.problems.append(problem)

    def owner_of(self, origin: Any) -> tuple[str | None, str | None, int | None]:
        """Natural key, township and month of the row at `origin` of `raw`, each None where it cannot be told."""
        texts = self.raw.loc[origin].items()
        fields = {name: text for name, text in texts if isinstance(text, str) and isinstance(name, str)}
        key, place, month = self.identify(fields)
        return key if key is None else UNWRITABLE.sub("�", key)[:200], place, month

    def _say(
        self, origin: Any, sheet: str, row: int, *, column: str, found: Any, reason: str, zh: str, en: str
    ) -> None:
        named = UNWRITABLE.sub("�", column)[:_LONGEST_COLUMN]
        shown = "" if found is None or pd.isna(found) else UNWRITABLE.sub("�", _written(found))[:_LONGEST_FOUND]
        facts = {"found": shown, "column": named}
        texts = self.raw.loc[origin]
        cells = {
            UNWRITABLE.sub("�", heading)[:_LONGEST_COLUMN]: UNWRITABLE.sub("�", texts[name])[:_LONGEST_CELL]
            for name, heading in self.headings.items()
        }
        self.problems.append(
            Problem(sheet, int(row), named, shown, reason, zh.format(**facts), en.format(**facts), cells,
                    *self.owner_of(origin))
        )  # fmt: skip

    def _keep_in_bounds(self, more: int) -> None:
        if len(self.problems) + more <= MAX_PROBLEMS:
            return
        first = self.problems[0] if self.problems else None
        zh, en = (
            (f"例如第 {first.row} 行：{first.zh}", f" For example row {first.row}: {first.en}") if first else ("", "")
        )
        raise UserError(
            zh=f"有问题的行超过 {MAX_PROBLEMS:,} 行，未作任何改动；请先核对数据来源、表头与名录。{zh}",
            en=f"More than {MAX_PROBLEMS:,} rows are wrong and nothing was changed; check the source, the heading and "
            f"the registers first.{en}",
        )


def _written(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}" if value.second else f"{value:%Y-%m-%d %H:%M}"
    return str(value)


def check_columns(
    frame: pd.DataFrame,
    form: SourceForm,
    headings: Mapping[str, str],
    *,
    cell_headings: Mapping[str, str] | None = None,
    identify: Identify = lambda fields: (None, None, None),
    problems: list[Problem] | None = None,
) -> CheckedRows:
    """Every known column from text to its type; rows with an unreadable or missing required cell are set aside.

    `frame` is a piece of a file as :meth:`data_access.ingestion.file_reader.TableFile.chunks` gives it, `headings` are
    those of its fields and `cell_headings` those of all its columns. Fields of the form that the file does not have
    become columns of None. Columns the form does not know are left out. `problems` is a list to go on with.
    """
    unknown = [name for name in frame.columns if name.startswith("?")]
    fields = cell_headings or {name: headings.get(name, name) for name in frame.columns if not name.startswith("_")}
    checked = CheckedRows(
        frame.drop(columns=unknown),
        frame,
        headings=fields,
        problems=[] if problems is None else problems,
        absent=frozenset(form.columns) - set(frame.columns),
        identify=identify,
    )
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
    texts = {name: checked.frame[name] for name in form.columns if name in checked.frame}
    values: dict[str, Any] = {}
    understood: dict[str, np.ndarray] = {}
    for name, column in form.columns.items():
        if name in texts:
            values[name], understood[name] = parse_column(texts[name], column)
        elif column.type == "time":
            values[name] = np.full(len(checked.frame), np.datetime64("NaT", "us"))
        elif column.type == "degree":
            values[name] = np.full(len(checked.frame), np.nan)
        else:
            values[name] = pd.Series([column.when_empty] * len(checked.frame), dtype=object).to_numpy()
    others = {name: checked.frame[name] for name in checked.frame.columns if name not in form.columns}
    index = checked.frame.index
    checked.frame = pd.DataFrame(
        {**others, **{name: pd.Series(value, index, dtype=value.dtype) for name, value in values.items()}}, index=index
    )
    positioned = understood["lon"] & understood["lat"] if {"lon", "lat"} <= set(texts) else np.zeros(len(index), bool)
    for name, text in texts.items():
        column, heading = form.columns[name], headings.get(name, form.columns[name].heading)
        empty = (text == "").to_numpy()
        strange = ~understood[name] & ~empty
        _reject_where(checked, index, _unwritable(text, strange), text, heading, "not_text",
                      "“{column}”中有看不见的控制字符；请删去后再载入。",
                      "'{column}' holds invisible control characters; remove them and load again.")  # fmt: skip
        _reject_where(checked, index, strange, text, heading, "not_understood",
                      "“{column}”中的“{found}”无法识别；" + _expected(column, "zh"),
                      "'{found}' in '{column}' is not understood; " + _expected(column, "en"))  # fmt: skip
        if column.required:
            lacking = empty & ~positioned if column.required == "unless_position" else empty
            _reject_where(checked, index, lacking, text, heading, "empty",
                          "“{column}”为空；这一列必须填写。", "'{column}' is empty; it must be filled in.")  # fmt: skip
        if column.longest:
            long = pc.greater(pc.utf8_length(pa.array(text)), column.longest).to_numpy(zero_copy_only=False)
            _reject_where(checked, index, long, text, heading, "too_long",
                          f"“{{column}}”超过 {column.longest} 个字；请缩短。",
                          f"'{{column}}' is longer than {column.longest} characters; shorten it.")  # fmt: skip
    return checked


def _reject_where(
    checked: CheckedRows, index: pd.Index, bad: np.ndarray, text: pd.Series, heading: str, reason: str, zh: str, en: str
) -> None:
    """Set aside rows by a mask over `index`, the rows before any of them was set aside."""
    if bad.any():
        left = checked.frame.index
        mask = pd.Series(bad, index).loc[left]
        checked.reject(mask, column=heading, found=text.loc[left], reason=reason, zh=zh, en=en)


def _unwritable(text: pd.Series, among: np.ndarray) -> np.ndarray:
    """Which of the cells `among` (a mask) hold something that cannot be printed."""
    bad = np.zeros(len(text), dtype=bool)
    for position in np.flatnonzero(among):
        bad[position] = bool(UNWRITABLE.search(text.iloc[position]))
    return bad


def reject_future(checked: CheckedRows, columns: Mapping[str, str]) -> None:
    """Set aside rows with a time, a date or a month after today; `columns` is field → heading."""
    now = dt.datetime.now() + dt.timedelta(days=1)  # a file may come from a clock that is ahead
    for name, heading in columns.items():
        values = checked.frame[name]
        if values.dtype.kind == "M":
            late = values > now
        else:
            codes, distinct = pd.factorize(values.to_numpy(object))  # None has the code -1
            limits = [value > (now.date() if isinstance(value, dt.date) else _month_of(now)) for value in distinct]
            late = pd.Series(np.array([*limits, False], dtype=bool)[codes], values.index)
        checked.reject(
            late, column=heading, found=values, reason="in_the_future",
            zh="{column}“{found}”晚于今天；请核对年份。",
            en="'{found}' in '{column}' lies in the future; check the year.",
        )  # fmt: skip


def _month_of(moment: dt.datetime) -> int:
    return moment.year * 100 + moment.month


def _expected(column: ColumnForm, language: str) -> str:
    if column.type == "word":
        words = "、".join(column.proper_words())
        return f"应为：{words}。" if language == "zh" else f"write one of: {words}."
    zh, en = {
        "time": ("应为 2020-03-05 或 2020-03-05 14:30 这样的时间。", "write a time such as 2020-03-05 14:30."),
        "date": ("应为 2020-03-05 这样的日期。", "write a date such as 2020-03-05."),
        "month": ("应为 2020-03 这样的月份。", "write a month such as 2020-03."),
        "yes_no": ("应为“是”或“否”。", "write 是 or 否."),
        "count": ("应为不小于 0 的整数。", "write a whole number, 0 or more."),
        "amount": ("应为不小于 0 的数。", "write a number, 0 or more."),
        "degree": (
            "应为经纬度的度数（−180 到 180），如 121.5532 或 121°33′12″；以米计的平面坐标请先换算。",
            "write degrees from -180 to 180, such as 121.5532 or 121°33′12″; convert plane coordinates first.",
        ),
        "text": ("", ""),
    }[column.type]
    return zh if language == "zh" else en


def parse_column(text: pd.Series, column: ColumnForm) -> tuple[np.ndarray, np.ndarray]:
    """Values of a text column (dtype str, "" for empty) and whether each cell was understood.

    Times are datetime64[us] with NaT for empty, degrees float64 with NaN; everything else is an array of objects with
    None (or `when_empty`) for empty. Each distinct text is parsed once.
    """
    if column.type == "time":
        return parse_times(text)
    if column.type == "degree":
        return parse_degrees(text)
    if column.type == "text":
        objects = text.to_numpy(object, copy=True)
        if column.when_empty is None:
            objects[(text == "").to_numpy()] = None
        bad = pc.match_substring_regex(pa.array(text), _UNWRITABLE_RE2).to_numpy(zero_copy_only=False)
        return objects, ~bad
    parsers: dict[str, Callable[[str], Any]] = {
        "word": lambda cell: column.words.get(plain(cell)),
        "yes_no": lambda cell: parse_yes_no(cell, column.words),
        "date": parse_date,
        "month": parse_month,
        "count": parse_count,
        "amount": parse_amount,
    }
    parse = parsers[column.type]
    codes, distinct = pd.factorize(text)
    known = np.empty(len(distinct), dtype=object)
    known[:] = [column.when_empty if cell == "" else parse(cell) for cell in distinct]
    values = known[codes]
    good = np.array([value is not None for value in known], dtype=bool)[codes]
    return values, good
