"""Figures in words: rates with their evidence, verdicts, changes and gaps, by the rules of `texts`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from indicators.catalogue import Indicator
from indicators.printed_figures import target_text
from ui.texts import (
    number,
    number_interval,
    percent,
    percent_interval,
    points,
    points_interval,
    state_text,
    text,
    value_text,
)

SHOWN_STATES: Final = ("value", "too_few")
Row = Mapping[str, Any]


def has_figure(row: Row) -> bool:
    """Whether the row of a rate table has a value to print (with enough cases or too few)."""
    return row["state"] in SHOWN_STATES and not pd.isna(row["value"])


def figure_text(row: Row, indicator: Indicator, lang: str) -> str:
    """The value as printed, or the words for its state."""
    if not has_figure(row):
        return state_text(str(row["state"]), lang)
    return value_text(
        kind=indicator.kind,
        x=row["x"],
        n=row["n"],
        value=row["value"],
        unit="" if indicator.per != 1 else _unit(indicator, lang),
    )


def _unit(indicator: Indicator, lang: str) -> str:
    return "" if indicator.kind == "proportion" else indicator.unit[lang]


def interval_text(row: Row, indicator: Indicator) -> str:
    """The 95 % interval as printed, rounded outward; empty where there is none."""
    if pd.isna(row["low"]) or pd.isna(row["high"]):
        return ""
    if indicator.kind == "proportion":
        return percent_interval(row["low"], row["high"], n=row["n"])
    return number_interval(row["low"], row["high"])


def evidence_text(row: Row, indicator: Indicator, lang: str) -> str:
    """Value with interval and counts: 98.5%（可能区间97.5%–99.1%，985/1,000）; else the state in words."""
    shown = figure_text(row, indicator, lang)
    if not has_figure(row):
        return shown
    counts = f"{number(row['x'])}/{number(row['n'])}"
    interval = interval_text(row, indicator)
    if row["state"] == "too_few":
        return text("wording.evidence_few", lang, value=shown, counts=counts)
    if not interval:
        return text("wording.evidence_plain", lang, value=shown, counts=counts)
    return text("wording.evidence", lang, value=shown, interval=interval, counts=counts)


def verdict_text(row: Row, indicator: Indicator, lang: str) -> str:
    """The verdict of a `verdict_table` row as a phrase with the size of the difference from the rest."""
    verdict = str(row["verdict"])
    words = text(f"components.verdicts.{verdict}", lang)
    if pd.isna(row["difference"]):
        return words
    if indicator.kind != "proportion":
        return words
    size = points(row["difference"], lang, n=row["n"])
    if pd.isna(row["difference_low"]):
        return words
    interval = points_interval(row["difference_low"], row["difference_high"], lang, n=row["n"])
    key = "wording.against_rest_small" if row["immaterial"] else "wording.against_rest"
    return text(key, lang, verdict=words, size=size, interval=interval)


def change_text(row: Row | None, indicator: Indicator, lang: str, *, than: str) -> str:
    """A `change_table` row against `than` ("较去年同期"); a sentence also where no comparison is possible."""
    if row is None or row["change"] is None or pd.isna(row["difference"]):
        return text("wording.change_unknown", lang)
    if indicator.kind == "proportion":
        size = points(row["difference"], lang)
    else:
        share = row["difference"] / row["before_value"]
        size = ("+" if share > 0 else "−" if share < 0 else "") + percent_plain(abs(share))
    return text(f"wording.change.{row['change']}", lang, than=than, size=size)


def percent_plain(share: float) -> str:
    """A share that is no rate of cases, such as a relative change: 0.124 as 12.4%."""
    return f"{number(share * 100, decimals=1)}%"


def change_state(row: Row | None) -> str | None:
    """The scoreboard's word for a change: up_better, down_worse, up, none … or None where there is no comparison."""
    if row is None or row["change"] is None:
        return None
    if row["change"] == "none":
        return "none"
    if row["good"] is None:
        return str(row["change"])
    return f"{row['change']}_{'better' if row['good'] else 'worse'}"


def target_words(row: Row, indicator: Indicator, lang: str) -> tuple[str, str | None]:
    """The target as printed and whether it is met for certain ("met", "missed", "unclear"); None without a target."""
    if indicator.target is None:
        return "", None
    sign = "≥" if indicator.better == "higher" else "≤"
    words = text("wording.target", lang, target=f"{sign}{target_text(indicator.target)}")
    if row["state"] != "value" or pd.isna(row["low"]):
        return words, None
    above, below = row["low"] >= indicator.target, row["high"] < indicator.target
    if indicator.better == "lower":
        above, below = row["high"] <= indicator.target, row["low"] > indicator.target
    return words, "met" if above else "missed" if below else "unclear"


def share_text(row: Row, side: str) -> str:
    """One side ("a" or "b") of a gap table as a percentage."""
    return percent(row[f"{side}_x"], row[f"{side}_n"])
