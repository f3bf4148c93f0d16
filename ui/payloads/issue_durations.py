"""How long issues take, group by group: curves, figures with intervals, and whether the groups differ."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from data_access.issue_durations import DIMENSIONS
from data_access.words import UNKNOWN
from indicators.durations import (
    DAYS,
    Quantile,
    Survival,
    kaplan_meier,
    logrank,
    share_closed_within,
    share_open_at,
    time_until,
)
from indicators.intervals import Bounds, wilson
from indicators.sentences import open_cases_sentence, unit_text
from ui import cached_durations, cached_reads, place_table
from ui.charts.frozen import Frozen
from ui.charts.survival import OpenShare, open_curves
from ui.charts.tone import tone_named
from ui.component_base import packed
from ui.measures import View
from ui.payloads.issue_chain import section_words
from ui.payloads.issue_parts import FigurePart, TablePart
from ui.place_table import Cell, Column, Row
from ui.texts import month_span, number, number_interval, percent_interval, percent_of, text

CLEAR: Final = 0.05
"""The log-rank test calls groups different below this."""
ALL: Final = "all"


@dataclass(frozen=True)
class Group:
    """One group: its value, cases, those still open, and its curve (None without cases)."""

    value: str
    cases: int
    open: int
    curve: Survival


@dataclass(frozen=True)
class DurationFigures:
    """What was computed: all cases together, each group in reading order, the test's p (NaN: none), wrong dates."""

    whole: Group | None
    groups: tuple[Group, ...]
    p: float
    chi_square: float
    misdated: int


@st.cache_resource(show_spinner=False, max_entries=300)
def duration_figures(view: View, within: str, dimension: str, *, as_of: dt.date) -> DurationFigures:
    """Curves of all chosen months, of the district or township ``within``; cases not yet closed count as watched."""
    rows = cached_durations.durations(view, within=within, as_of=as_of, dimension=dimension)
    misdated = int(rows.loc[rows["days"] < 0, "cases"].sum())
    rows = rows[rows["days"] >= 0]
    present = set(rows["value"])
    order = [value for value in cached_reads.catalogue().dimensions[dimension].values if value in present]
    groups = tuple(_group(value, rows[rows["value"] == value]) for value in order)
    known = rows[rows["value"] != UNKNOWN]
    p, chi_square = float("nan"), float("nan")
    if known["value"].nunique() > 1:
        days, closed = _cases(known)
        test = logrank(days, closed, np.repeat(known["value"].to_numpy(dtype=object), known["cases"]))
        p, chi_square = test.p, test.chi_square
    return DurationFigures(_group(ALL, rows) if len(rows) else None, groups, p, chi_square, misdated)


def _cases(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Grouped rows as one entry a case."""
    times = rows["cases"].to_numpy()
    return np.repeat(rows["days"].to_numpy(dtype=float), times), np.repeat(rows["closed"].to_numpy(dtype=bool), times)


def _group(value: str, rows: pd.DataFrame) -> Group:
    days, closed = _cases(rows)
    return Group(value, len(days), int((~closed).sum()), kaplan_meier(days, closed))


@st.cache_resource(show_spinner=False, max_entries=300)
def duration_part(view: View, within: str, dimension: str, *, as_of: dt.date, tone: str, expert: bool) -> FigurePart:
    """The curves by one of ``DIMENSIONS``. ``expert`` readers are told the test's figures."""
    figures, lang = duration_figures(view, within, dimension, as_of=as_of), view.lang
    whole = duration_figures(view, within, DIMENSIONS[0], as_of=as_of).whole
    period, title = month_span(view.first, view.last, lang), text("issues.section.durations", lang)
    if figures.whole is None or whole is None:
        return FigurePart(None, "", title, period, empty=text(f"issues.durations.empty.{dimension}", lang))
    names = {value: name[lang] for value, name in cached_reads.catalogue().dimensions[dimension].values.items()}
    names[ALL] = text("issues.durations.all", lang)
    curves = [
        OpenShare(names[one.value], one.curve.times.tolist(), one.curve.survival.tolist(), one.curve.low.tolist(),
                  one.curve.high.tolist(), one.curve.at_risk.tolist(), one.curve.reliable_until)
        for one in figures.groups if one.value != UNKNOWN
    ]  # fmt: skip
    drawn = open_curves(curves, words=section_words("issues.durations.chart.", lang), tone=tone_named(tone))
    table = _table(figures, names, dimension, lang)
    differ = _differ(figures, names, expert, lang)
    return FigurePart(
        figure=Frozen(drawn),
        alt=differ,
        title=title,
        period=period,
        sentences=(differ, *_open_sentences(whole, figures.misdated, lang)),
        table=TablePart(title, "", period, table, packed(place_table.payload(**table, lang=lang)), "", opens=False),
    )


def _differ(figures: DurationFigures, names: Mapping[str, str], expert: bool, lang: str) -> str:
    """Whether the groups take equally long, with the quickest and the slowest by their median."""
    if np.isnan(figures.p):
        return text("issues.durations.one_group", lang)
    told = [(time_until(one.curve).days, names[one.value]) for one in figures.groups if one.value != UNKNOWN]
    known = sorted((days, name) for days, name in told if not np.isnan(days))
    if figures.p >= CLEAR:
        words = text("issues.durations.alike", lang)
    elif len(known) < 2 or known[0][0] == known[-1][0]:
        words = text("issues.durations.differ_slightly", lang)
    else:
        (fast, quick), (slow, late) = known[0], known[-1]
        words = text("issues.durations.differ", lang, quick=quick, late=late, fast=number(fast), slow=number(slow))
    if not expert:
        return words
    p = "<0.001" if figures.p < 0.001 else f"={number(figures.p, decimals=3)}"
    return words + text("issues.durations.test", lang, chi=number(figures.chi_square, decimals=1), p=p)


def _open_sentences(whole: Group, misdated: int, lang: str) -> list[str]:
    unit = unit_text(cached_reads.catalogue()["on_time_rate"], lang, count=whole.open)
    closed = share_closed_within(whole.curve, DAYS[0])
    said = [
        open_cases_sentence(whole.open, float(closed.share), Bounds(closed.low, closed.high), days=DAYS[0], unit=unit,
                            lang=lang) + text("issues.durations.censored", lang)
    ]  # fmt: skip
    if misdated:
        said.append(text("issues.durations.misdated", lang, count=number(misdated)))
    return said


def _table(figures: DurationFigures, names: Mapping[str, str], dimension: str, lang: str) -> dict[str, Any]:
    definition = cached_reads.catalogue()["resolution_days"].description[lang]

    def label(name: str, **facts: Any) -> str:
        return text(f"issues.durations.columns.{name}", lang, **facts)

    columns = [
        Column("name", label(dimension), kind="name"),
        Column("cases", label("cases"), hint=label("cases_hint")),
        Column("open", label("open"), hint=label("open_hint")),
        Column("resolution_days", label("median"), hint=definition),
        *(Column(f"open_{day}", label("open_at", days=day), hint=definition) for day in DAYS),
    ]
    shown = [*([figures.whole] if figures.whole else []), *figures.groups]
    rows = [Row(code=one.value, total=one.value == ALL, cells=_cells(one, names[one.value], lang)) for one in shown]
    return {
        "columns": columns,
        "rows": rows,
        "caption": text("issues.durations.caption", lang),
        "footnotes": (text("issues.durations.footnote", lang),),
    }


def _cells(group: Group, name: str, lang: str) -> dict[str, Cell]:
    shares = share_open_at(group.curve, DAYS)
    counted = text("issues.durations.counted", lang, cases=number(group.cases), open=number(group.open))
    cells = {
        "name": Cell(name, sort=name),
        "cases": Cell(number(group.cases), sort=group.cases, title=counted),
        "open": Cell(number(group.open), sort=group.open, title=counted),
        "resolution_days": _days_cell(time_until(group.curve), group, lang),
    }
    bounds = shares.low, shares.high
    # With nothing censored the share still open is a plain proportion of the cases.
    if not group.open and not np.isnan(shares.share).any():
        bounds = wilson(np.rint(shares.share * group.cases), group.cases)
    for day, share, low, high in zip(DAYS, shares.share, *bounds, strict=True):
        if np.isnan(share):
            cells[f"open_{day}"] = Cell(text("issues.few", lang), title=text("issues.reason.too_few_at_risk", lang))
            continue
        interval = "" if np.isnan(low) else percent_interval(low, high, n=group.cases)
        cells[f"open_{day}"] = Cell(
            percent_of(float(share), n=group.cases),
            sort=float(share),
            note=interval,
            title=text("issues.durations.cell", lang, days=day, share=percent_of(float(share), n=group.cases),
                       interval=interval or "–", cases=number(group.cases), open=number(group.open)),
        )  # fmt: skip
    return cells


def _days_cell(median: Quantile, group: Group, lang: str) -> Cell:
    if median.reason is not None:
        few = median.reason == "too_few_at_risk"
        word = text("issues.few" if few else "issues.not_reached", lang)
        return Cell(word, title=text(f"issues.reason.{median.reason}", lang))
    days = text("issues.durations.days", lang, days=number(median.days))
    bounds = "" if np.isnan(median.low) or np.isnan(median.high) else number_interval(median.low, median.high)
    return Cell(
        days,
        sort=median.days,
        note=bounds.replace(".0", ""),
        title=text("issues.durations.median_cell", lang, days=days, interval=bounds.replace(".0", "") or "–",
                   cases=number(group.cases), open=number(group.open)),
    )  # fmt: skip
