"""What is said of a measured figure: what the mode asks, its state, since when it stands and until when it is good."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from indicators.catalogue import Indicator
from indicators.printed_figures import target_text
from indicators.readiness import Rule
from ui import measures
from ui.charts.state_grid import MARKS
from ui.measures import View
from ui.payloads.measured_figures import Measured
from ui.place_names import place_name
from ui.texts import date_text, month_span, month_text, number, text
from ui.wording import evidence_text, figure_text, has_figure

Row = Mapping[str, Any]
ALL_ITEMS = "all"
"""The choice of all indicators together."""


def township_names(view: View, *, short: bool = False) -> dict[str, str]:
    """The names of the chosen townships by code, in the reader's language."""
    register = measures.townships(view)
    return {
        code: place_name(name, view.lang, short=short)
        for code, name in zip(register["code"], register["name"], strict=True)
    }


def period_words(known: Mapping[str, Measured], view: View) -> str:
    """The newest month the figures are of, else the chosen months."""
    months = [one.month for one in known.values() if one.month is not None]
    return month_text(max(months), view.lang) if months else month_span(view.first, view.last, view.lang)


def threshold_text(value: float, indicator: Indicator, lang: str) -> str:
    """A threshold as it is written: 95%, 14 天, 3.3 人/千户."""
    return target_text(value) if indicator.counts_share else f"{value:g} {indicator.unit[lang]}"


def rule_words(rule: Rule, indicator: Indicator, lang: str) -> str:
    """What the mode asks for, in a sentence."""
    if rule.ready is None:
        return text("measured.rule.none", lang)
    direction = "lower" if indicator.better == "lower" else "higher"
    words = text(f"measured.rule.{direction}", lang, ready=threshold_text(rule.ready, indicator, lang))
    if rule.least is not None:
        words += text(f"measured.rule.{direction}_least", lang, least=threshold_text(rule.least, indicator, lang))
    if rule.valid_days is not None:
        words += text("measured.rule.days", lang, days=rule.valid_days)
    return words


def state_words(state: str, lang: str) -> str:
    """A state of readiness in words."""
    return text(f"measured.states.{state}", lang)


def dated_words(row: Row, one: Measured, lang: str) -> str:
    """Since when the answer stands and until when it is good; empty without data."""
    verified, expires = row["verified_on"], row["expires_on"]
    if row["readiness"] in ("no_data", "not_applicable"):
        return ""
    if verified is None:
        return text("measured.dated.never", lang)
    kind = "verified" if one.indicator.valid_days is not None else "month"
    said = text(f"measured.dated.{kind}", lang, day=date_text(verified, lang), month=_month(row, lang))
    if expires is not None:
        ended = "expired" if row["days_left"] < 0 else "until"
        said += text(f"measured.dated.{ended}", lang, day=date_text(expires, lang))
    if row["villages"] == row["villages"] and row["villages"] is not None:
        said += text("measured.dated.villages", lang, count=int(row["villages"]))
    return said


def _month(row: Row, lang: str) -> str:
    return month_text(int(row["month"]), lang) if row["month"] == row["month"] and row["month"] is not None else ""


def state_line(row: Row, one: Measured, lang: str) -> str:
    """The state with its mark, and what is asked."""
    state = str(row["readiness"])
    said = f"{MARKS[state]} {state_words(state, lang)}".strip()
    return text("measured.state_line", lang, state=said, rule=rule_words(one.rule, one.indicator, lang))


def hover_lines(row: Row, one: Measured, name: str, lang: str) -> tuple[str, ...]:
    """Four lines about one figure: place, value with evidence, state with its rule, dates."""
    lines = [
        name,
        f"{one.indicator.name[lang]} {evidence_text(row, one.indicator, lang)}",
        state_line(row, one, lang),
        dated_words(row, one, lang),
    ]
    return tuple(line for line in lines if line)


def plain_figure(row: Row, indicator: Indicator, lang: str) -> str:
    """The value without its unit, which stands in the heading; else the words for its state."""
    if not has_figure(row) or indicator.counts_share:
        return figure_text(row, indicator, lang)
    return number(row["value"], decimals=1)


def item_options(known: Mapping[str, Measured], lang: str, *, everything: bool = False) -> dict[str, str]:
    """The indicators to choose for the map: code to name; "all" before them with ``everything``."""
    first = {ALL_ITEMS: text("measured.map.all", lang)} if everything else {}
    return first | {code: one.indicator.name[lang] for code, one in known.items()}


def area_words(view: View) -> str:
    """The chosen townships in words: 全区25个镇街."""
    return text(f"overview.area.{view.township_set}", view.lang, count=len(measures.townships(view)))


def judged_on(day: dt.date, lang: str) -> str:
    """On which day answers were looked at."""
    return text("measured.judged_on", lang, day=date_text(day, lang))


def mode_name(mode: str, lang: str) -> str:
    """The name of a mode within a sentence."""
    return text(f"measured.mode.{mode}", lang)
