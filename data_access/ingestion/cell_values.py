"""The text of one cell as a value: yes or no, a time, a date, a month, a count, an amount; None when it is none."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata

UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
LARGEST_AMOUNT = 1e12

_YES = {"是", "√", "✓", "✔", "☑", "对", "有", "1", "y", "yes", "t", "true", "已", "合格", "满意", "接通"}
_NO = {"否", "×", "✗", "✘", "✕", "✖", "☒", "☐", "□", "x", "错", "无", "0", "n", "no", "f", "false", "未",
       "不合格", "不满意", "未接通"}  # fmt: skip
_DATE = re.compile(
    r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:(?:(?<=日)|[ T]+)(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2}))?(?:\.\d+)?[分秒]?)?$"
)
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_SERIAL_DAY = re.compile(r"^\d{5}(\.\d+)?$")
_MONTH = re.compile(r"^(\d{4})(?:[-/.年](\d{1,2})|(\d{2}))月?$")
_NUMBER = re.compile(
    r"^[+-]?(?:(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d+)\.?\d*|\.\d+)(?:e[+-]?\d+)?$", re.IGNORECASE | re.ASCII
)
_CHINESE_GAPS = re.compile(r"\s*([年月日时分秒])\s*(?=\d|$)")  # 2020 年 3 月 5 日, as typesetters like it
_WEEKDAY = re.compile(r"\s*\(?(?:星期|周)[一二三四五六日天]\)?\s*")
_HALF_OF_DAY = re.compile(r"\s*(上午|下午)\s*(?=(\d{1,2})[:时])")
_EARLIEST_YEAR, _LATEST_YEAR = 1900, 2999
_FIRST_REPORTS = 1970


def plain(cell: str) -> str:
    """The text with full-width letters and digits made narrow and the spaces around it taken off."""
    return unicodedata.normalize("NFKC", cell).strip()


def parse_yes_no(cell: str, words: dict[str, str] | None = None) -> bool | None:
    """是/否, √/×, ☑/□, 有/无, 对/错, 1/0, yes/no, or the source's own words; None when it is none of them."""
    text = plain(cell).lower()
    meant = (words or {}).get(text)
    if meant is not None:
        return meant == "yes"
    if text in _YES:
        return True
    return False if text in _NO else None


def parse_time(cell: str) -> dt.datetime | None:
    """2020-03-05 14:30, 2020/3/5, 2020年3月5日14时30分, 20200305 or an Excel serial day; None when it is none."""
    text = plain(cell)
    match = _DATE.match(text) or _COMPACT.match(text)
    later = 0
    if match is None and not text.isascii() and text[:1].isdigit():
        text, later = _without_chinese(text)
        match = _DATE.match(text)
    if match:
        numbers = [int(part) for part in match.groups() if part is not None]
        if numbers[0] < _EARLIEST_YEAR:
            return None
        try:
            return dt.datetime(*numbers) + dt.timedelta(hours=later)  # type: ignore[arg-type]
        except ValueError:
            return None
    if _SERIAL_DAY.match(text) and 20_000 <= float(text) < 80_000:
        return dt.datetime(1899, 12, 30) + dt.timedelta(seconds=round(float(text) * 86_400))
    return None


def _without_chinese(text: str) -> tuple[str, int]:
    """A time without the day of the week, 上午 or 下午 and gaps; and the hours to add for the half of the day.

    An hour that contradicts its half of the day (下午 14:30) is left standing and so not understood.
    """
    text = _CHINESE_GAPS.sub(r"\1", _WEEKDAY.sub(" ", text)).strip()
    half = _HALF_OF_DAY.search(text)
    if half is None or not 1 <= int(half[2]) <= 12:
        return text, 0
    afternoon, noon = half[1] == "下午", int(half[2]) == 12
    return _HALF_OF_DAY.sub(" ", text), 12 * (afternoon - noon)


def parse_date(cell: str) -> dt.date | None:
    """The day of whatever `parse_time` understands."""
    moment = parse_time(cell)
    return None if moment is None else moment.date()


def parse_month(cell: str) -> int | None:
    """2020-03, 2020年3月, 202003 or any date in the month → 202003; None otherwise.

    "2020.1" is not understood: spreadsheets write the number 2020.10 so, and nobody can tell January from October.
    """
    text = plain(cell)
    match = _MONTH.match(text)
    if match and not text.endswith(".1"):
        year, month = int(match[1]), int(match[2] or match[3])
        return year * 100 + month if 1 <= month <= 12 and _EARLIEST_YEAR <= year <= _LATEST_YEAR else None
    moment = parse_time(cell)
    if moment is None or (moment.year < _FIRST_REPORTS and _SERIAL_DAY.match(text)):  # "20203" is no day of 1955
        return None
    return moment.year * 100 + moment.month


def parse_amount(cell: str) -> float | None:
    """A finite number from 0 to 10¹², thousands separators allowed; None otherwise."""
    text = plain(cell)
    if not _NUMBER.match(text):
        return None
    number = float(text.replace(",", "").replace(" ", ""))
    return abs(number) if math.isfinite(number) and 0 <= number <= LARGEST_AMOUNT else None


def parse_count(cell: str) -> int | None:
    """A whole number ≥ 0 below 2³¹; None otherwise."""
    number = parse_amount(cell)
    return int(number) if number is not None and number.is_integer() and number < 2**31 else None
