"""The headline tiles of one place: its figure with interval, where it stands against the rest, target and change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd
import streamlit as st

from indicators.catalogue import Catalogue, Indicator
from indicators.changes import change_table
from indicators.verdicts import verdict_table
from ui import cached_reads, measures
from ui.address import add_months, months_between
from ui.charts import palette
from ui.component_base import Point
from ui.measures import View
from ui.payloads.overview_payload import TREND_MONTHS, number_details, than_words, trend_points
from ui.scoreboard import Tile
from ui.texts import month_text, number, percent, state_text, text
from ui.wording import change_state, change_text, evidence_text, figure_text, has_figure, interval_text, target_words

HEADLINE: Final = ("resolution_rate", "satisfaction_rate", "on_time_rate", "prevention_compliance")
REPORTED: Final = "issues_per_1000"


@dataclass(frozen=True)
class Circle:
    """The places a place is compared with: all of ``level`` below ``within`` (codes in ``places``, itself included).

    ``rest`` says who the others are: "villages" or a township set, as in ``township.rest``.
    """

    level: str
    within: str | None
    places: tuple[str, ...]
    rest: str


def judged_places(view: View, indicator: Indicator, circle: Circle) -> pd.DataFrame:
    """The verdict table of all places of the circle, each against the others."""
    table = measures.rates(
        view, indicator, level=circle.level, within=circle.within, places=circle.places,
        months=view.months(indicator),
    )  # fmt: skip
    return verdict_table(table, indicator)


def row_of(table: pd.DataFrame, place: str) -> dict[str, Any]:
    """The row of one place. Raises KeyError for a place that is not in the table."""
    found = table[table["place"] == place]
    if found.empty:
        raise KeyError(place)
    return {str(name): value for name, value in found.iloc[0].items()}


def change_of(view: View, indicator: Indicator, place: str, *, level: str) -> dict[str, Any] | None:
    """The change of one place against the months before; None where there are none. Kept: never change it."""
    return _change_of(replace(view, lang=""), indicator.code, place, level)


@st.cache_resource(show_spinner=False, max_entries=2_000)
def _change_of(view: View, code: str, place: str, level: str) -> dict[str, Any] | None:
    indicator = cached_reads.catalogue()[code]
    before = view.before(indicator)
    if before is None:
        return None
    now, then = (
        measures.rates(view, indicator, level=level, within=place, places=(place,), months=months)
        for months in (view.months(indicator), before)
    )
    return row_of(change_table(now, then, indicator), place)


def rest_name(row: Mapping[str, Any], indicator: Indicator, circle: Circle, lang: str) -> str:
    """The others with their figure: 其余镇街（98.2%）."""
    name = text(f"township.rest.{circle.rest}", lang)
    if pd.isna(row["rest_value"]):
        return name
    if indicator.kind == "proportion":
        value = percent(row["rest_x"], row["rest_n"])
    else:
        value = number(row["rest_value"], decimals=1)
    return text("township.rest.with_value", lang, name=name, value=value)


def standing(verdict: str, rest: str, lang: str) -> str:
    """Where a place stands, as a phrase: 与其余镇街（98.2%）无明显差别."""
    return text(f"township.standing.{verdict}", lang, rest=rest)


def place_tile(view: View, indicator: Indicator, row: Mapping[str, Any], *, place: str, circle: Circle) -> Tile:
    """One rate of a place. ``row`` is its row of :func:`judged_places`."""
    lang = view.lang
    moved = change_of(view, indicator, place, level=circle.level)
    shown = figure_text(row, indicator, lang)
    value, unit = (shown.removesuffix("%"), "%") if shown.endswith("%") else (shown, "")
    target, target_state = target_words(row, indicator, lang)
    changed = change_text(moved, indicator, lang, than=than_words(view, indicator))
    against = _against(row, indicator, circle, lang)
    return Tile(
        code=indicator.code,
        name=indicator.name[lang],
        value_text=value,
        unit_text=unit,
        state=str(row["state"]),
        target_text=target,
        target_state=target_state if target else None,
        interval_text=against,
        change_text=changed,
        change_state=change_state(moved),
        points=_every_month(view, trend_points(view, indicator, within=place, level=circle.level)),
        target=indicator.target,
        details=number_details(view, indicator, row),
        alt=f"{indicator.name[lang]} {evidence_text(row, indicator, lang)} {against} {target} {changed}".strip(),
    )


def _against(row: Mapping[str, Any], indicator: Indicator, circle: Circle, lang: str) -> str:
    """The small line under the figure: interval, counts and the standing against the rest."""
    verdict = str(row["verdict"])
    if not has_figure(row):
        return ""
    mark = palette.MARKS[verdict]
    stands = f"{mark} {standing(verdict, rest_name(row, indicator, circle, lang), lang)}".strip()
    counts = f"{number(row['x'])}/{number(row['n'])}"
    interval = interval_text(row, indicator)
    key = "township.tile.with_interval" if interval else "township.tile.without_interval"
    return text(key, lang, interval=interval, counts=counts, standing=stands)


def reported_tile(view: View, catalogue: Catalogue, *, place: str, circle: Circle) -> Tile:
    """Issues found in a place: a count, neither good nor bad; judged as a rate per resident."""
    lang, indicator = view.lang, catalogue[REPORTED]
    row = row_of(judged_places(view, indicator, circle), place)
    count = _reported(view, catalogue, place, circle)
    moved = change_of(view, indicator, place, level=circle.level)
    changed = change_text(moved, indicator, lang, than=than_words(view, indicator))
    against = ""
    if has_figure(row):
        stands = standing(str(row["verdict"]), rest_name(row, indicator, circle, lang), lang)
        against = text("township.tile.per_1000", lang, value=number(row["value"], decimals=1), standing=stands)
    name, shown = text("overview.reported", lang), number(count) if count is not None else state_text("no_data", lang)
    return Tile(
        code=indicator.code,
        name=name,
        value_text=shown,
        unit_text=text("overview.cases", lang) if count is not None else "",
        state="value" if count is not None else "no_data",
        interval_text=against,
        change_text=changed,
        change_state=change_state(moved),
        points=_every_month(view, _reported_months(view, catalogue, place, circle)),
        details=number_details(view, indicator, row),
        scale="count",
        alt=f"{name} {shown} {against} {changed}".strip(),
    )


def _reported(view: View, catalogue: Catalogue, place: str, circle: Circle) -> float | None:
    """Issues reported in the chosen months; None where the place has no row at all, which is not zero."""
    counts = measures.read_counts(
        view, catalogue["acceptance_rate"], level=circle.level, within=place, months=(view.first, view.last)
    )
    return None if counts.empty else float(counts["reported"].sum())


def _reported_months(view: View, catalogue: Catalogue, place: str, circle: Circle) -> list[Point]:
    counts = measures.read_counts(
        view, catalogue["acceptance_rate"], level=circle.level, within=place, by_month=True,
        months=(_trend_start(view), view.last),
    )  # fmt: skip
    return [
        Point(month=month_text(int(month), view.lang), value=float(value), provisional=view.is_provisional(int(month)))
        for month, value in counts.groupby("month")["reported"].sum().items()
    ]


def _trend_start(view: View) -> int:
    return max(view.first_month, min(view.first, add_months(view.last, 1 - TREND_MONTHS)))


def _every_month(view: View, points: list[Point]) -> list[Point]:
    """The points with a gap for every month that has none; nothing at all where no month has a value."""
    if all(point.value is None for point in points):
        return []
    known = {point.month: point for point in points}
    months = [month_text(month, view.lang) for month in months_between(_trend_start(view), view.last)]
    return [known.get(month, Point(month=month, value=None)) for month in months]
