"""Every sentence and every figure as a reader sees it, in the reader's language.

Sentences live in ``ui/languages/<language>/<section>.toml``; those about figures and findings, which a notebook needs
as well, in ``indicators/languages``. The key of one is ``<section>.<path inside the file>``. How figures are printed
is ruled in ``indicators.printed_figures``; the pages take it from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from indicators.language_files import FOLDER as INDICATORS
from indicators.language_files import LANGUAGES, MissingText, filled, read_folder
from indicators.printed_figures import (
    MINUS,
    decimals_for,
    number,
    number_interval,
    ordinal,
    percent,
    percent_interval,
    percent_of,
    points,
    points_interval,
    rank_text,
)

__all__ = [
    "LANGUAGES", "MINUS", "MissingText", "date_text", "decimals_for", "has_text", "load_language", "month_span",
    "month_text", "number", "number_interval", "ordinal", "percent", "percent_interval", "percent_of", "points",
    "points_interval", "rank_text", "split_month", "state_text", "text", "value_text",
]  # fmt: skip

FOLDER: Final = Path(__file__).resolve().parent / "languages"
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@cache
def load_language(lang: str) -> Mapping[str, str]:
    """All texts of one language by key, those of ``indicators`` among them. Raises MissingText for an unknown one."""
    return {**read_folder(FOLDER, lang), **read_folder(INDICATORS, lang)}


def text(key: str, lang: str, **facts: object) -> str:
    """The text ``key`` in ``lang`` with ``{name}`` filled from ``facts``. Raises MissingText for an unknown key."""
    return filled(load_language(lang), key, lang, facts)


def has_text(key: str) -> bool:
    """Whether both languages hold ``key``."""
    return all(key in load_language(lang) for lang in LANGUAGES)


# Time


def month_text(month: int, lang: str) -> str:
    """202004 as 2020年4月 or Apr 2020."""
    year, number = split_month(month)
    return f"{year}年{number}月" if lang == "zh" else f"{MONTHS[number - 1]} {year}"


def month_span(first: int, last: int, lang: str) -> str:
    """Both ends included: 2020年1月–4月, 2019年12月–2020年3月; Jan–Apr 2020, Dec 2019–Mar 2020; one month alone."""
    if first > last:
        raise ValueError(f"The months run from {first} to {last}; put the earlier one first.")
    if first == last:
        return month_text(first, lang)
    (first_year, first_number), (last_year, last_number) = split_month(first), split_month(last)
    if first_year != last_year:
        return f"{month_text(first, lang)}–{month_text(last, lang)}"
    if (first_number, last_number) == (1, 12):
        return f"{first_year}年" if lang == "zh" else f"{first_year}"
    if lang == "zh":
        return f"{first_year}年{first_number}月–{last_number}月"
    return f"{MONTHS[first_number - 1]}–{MONTHS[last_number - 1]} {first_year}"


def split_month(month: int) -> tuple[int, int]:
    """202004 as (2020, 4). Raises ValueError when it is no month."""
    year, number = divmod(int(month), 100)
    if not (1 <= number <= 12 and 1900 <= year <= 2999):
        raise ValueError(f"{month} is no month; write it as 202004.")
    return year, number


def date_text(day: date, lang: str) -> str:
    """2020年4月30日 or 30 Apr 2020."""
    return f"{day.year}年{day.month}月{day.day}日" if lang == "zh" else f"{day.day} {MONTHS[day.month - 1]} {day.year}"


# Figures


def value_text(*, kind: str, x: float, n: float, value: float, unit: str) -> str:
    """A value as its indicator is read: a proportion from x and n; a ratio or a duration with one decimal and its unit.

    ``value`` of a ratio is already multiplied by the indicator's ``per``. Only for rows whose state is "value" or
    "too_few": the other states are words (:func:`state_text`).
    """
    return percent(x, n) if kind == "proportion" else f"{number(value, decimals=1)} {unit}".strip()


def state_text(state: str, lang: str) -> str:
    """The words for no_data, too_few, hidden or not_applicable."""
    return text(f"frame.states.{state}", lang)
