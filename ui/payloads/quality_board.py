"""The head of the data quality page: the state in one sentence and four figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import streamlit as st

from data_access.rejected_rows import DUPLICATE
from indicators.catalogue import Indicator
from indicators.values import rate_table
from ui import cached_quality, cached_reads, measures, scoreboard
from ui.component_base import Point, packed
from ui.measures import View
from ui.payloads.freshness_rows import checks, fresh_rows
from ui.payloads.overview_payload import number_details
from ui.payloads.report_figures import ALL_REPORTS, ReportFigures, monthly, report_figures
from ui.payloads.submission_payload import office_names
from ui.payloads.unknown_groups import GROUPS, unknown_issues
from ui.place_names import place_name
from ui.scoreboard import Tile
from ui.texts import date_text, month_text, number, percent, text
from ui.wording import evidence_text, figure_text, interval_text

BEHIND: Final = "much_worse"
MOST_NAMES: Final = 3


@dataclass(frozen=True)
class QualityBoard:
    """The title as a sentence, who reports for the months, and the packed scoreboard."""

    title: str
    places_with_data: tuple[int, int]
    tiles: bytes


@st.cache_resource(show_spinner=False, max_entries=200)
def quality_board(view: View, as_of: dt.date | None, today: dt.date) -> QualityBoard:
    """The head of the page for one view. The same object for everybody: never change it."""
    lang = view.lang
    figures = report_figures(view, ALL_REPORTS)
    register = cached_reads.places(view.scope, level="township", version=view.version)
    names = zip(register["code"], register["name"], strict=True)
    towns = {code: place_name(name, lang, short=True) for code, name in names}
    behind = (_behind(figures.places, towns), _behind(figures.offices, office_names(lang)))
    tiles = (_on_time(view, figures, behind), _valid(view), _unknown(view), _stale(view, as_of, today))
    return QualityBoard(
        title=_title(figures, behind, lang),
        places_with_data=(int((figures.places["n"] > 0).sum()), len(register)),
        tiles=packed(scoreboard.payload(tiles=tiles, lang=lang)),
    )


def _behind(judged: pd.DataFrame, names: Mapping[str, str]) -> list[str]:
    """Who is clearly behind the rest, furthest behind first."""
    return [names.get(str(code), str(code)) for code in judged.loc[judged["verdict"] == BEHIND, "place"]]


def _named(names: Sequence[str], kind: str, lang: str) -> str:
    """甲街道、乙镇等4个镇街; the names alone where they are few."""
    joined = ("、" if lang == "zh" else ", ").join(names[:MOST_NAMES])
    if len(names) <= MOST_NAMES:
        return joined
    return text(f"data_quality.title.{kind}_among", lang, names=joined, count=len(names))


def _title(figures: ReportFigures, behind: tuple[list[str], list[str]], lang: str) -> str:
    judged = figures.places
    due, on_time = float(judged["n"].sum()), float(judged["x"].sum())
    if due <= 0:
        return text("data_quality.title.nothing", lang)
    facts = {"share": percent(on_time, due), "due": number(due)}
    named = [_named(names, kind, lang) for names, kind in zip(behind, ("townships", "offices"), strict=True) if names]
    if not named:
        return text("data_quality.title.nobody", lang, **facts)
    return text("data_quality.title.behind", lang, **facts, who=text("data_quality.title.and", lang).join(named))


def _parts(value: str) -> tuple[str, str]:
    return (value.removesuffix("%"), "%") if value.endswith("%") else (value, "")


def _on_time(view: View, figures: ReportFigures, behind: tuple[list[str], list[str]]) -> Tile:
    lang, indicator = view.lang, cached_reads.catalogue()["reports_on_time"]
    every = monthly(figures.by_place)
    row = rate_table(every, indicator, by=()).to_dict("records")[0]
    facts = {"late": number(figures.places["late"].sum()), "missing": number(figures.places["missing"].sum())}
    changed = text("data_quality.tiles.behind", lang, townships=len(behind[0]), offices=len(behind[1]))
    return _rate_tile(view, indicator, row, _points(every, indicator, lang), changed,
                      below=text("data_quality.tiles.late_missing", lang, **facts))  # fmt: skip


def _points(counts: pd.DataFrame, indicator: Indicator, lang: str) -> list[Point]:
    points = []
    for one in rate_table(counts, indicator, by=("month",)).sort_values("month").to_dict("records"):
        shown = one["state"] == "value"
        low, high = (one["low"], one["high"]) if shown else (None, None)
        points.append(Point(month_text(int(one["month"]), lang), one["value"] if shown else None, low, high))
    return points


def _rate_tile(
    view: View, indicator: Indicator, row: Mapping[str, Any], points: Sequence[Point], changed: str, *, below: str
) -> Tile:
    lang = view.lang
    value, unit = _parts(figure_text(row, indicator, lang))
    interval = interval_text(row, indicator)
    details = [*number_details(view, indicator, row)]
    return Tile(
        code=indicator.code, name=indicator.name[lang], value_text=value, unit_text=unit, state=str(row["state"]),
        interval_text=text("overview.interval", lang, interval=interval) if interval else "",
        target_text=below, change_text=changed, points=points, details=details,
        alt=f"{indicator.name[lang]} {evidence_text(row, indicator, lang)} {below} {changed}",
    )  # fmt: skip


def _valid(view: View) -> Tile:
    lang, indicator = view.lang, cached_reads.catalogue()["records_valid"]
    counts = measures.read_counts(view, indicator, level="township", by_month=True)
    row = rate_table(counts, indicator, by=()).to_dict("records")[0]
    aside = cached_quality.set_aside(view)
    real = aside.loc[aside["reason"] != DUPLICATE]
    facts = {
        "open": number(real["open"].sum()),
        "doubled": number(aside.loc[aside["reason"] == DUPLICATE, "open"].sum()),
    }
    below = text("data_quality.tiles.open", lang, **facts)
    changed = text("data_quality.tiles.mended", lang, count=number(aside["resolved"].sum()))
    return _rate_tile(view, indicator, row, _points(counts, indicator, lang), changed, below=below)


def _unknown(view: View) -> Tile:
    """The dimension with the largest share of issues whose group is unknown; the others in words."""
    lang, catalogue = view.lang, cached_reads.catalogue()
    found = []
    for dimension in GROUPS:
        counts = unknown_issues(view, dimension, by_month=True)
        unknown, total = float(counts["unknown"].sum()), float(counts["total"].sum())
        if total > 0:
            found.append((unknown / total, unknown, total, dimension, counts))
    name = text("data_quality.tiles.unknown", lang)
    if not found:
        words = text("frame.states.no_data", lang)
        return Tile(code="unknown", name=name, value_text=words, state="no_data", alt=f"{name} {words}")
    found.sort(key=lambda one: -one[0])
    _, unknown, total, worst, counts = found[0]
    label = catalogue.dimensions[worst].name[lang]
    value, unit = _parts(percent(unknown, total) if unknown else "0%")
    others = ("，" if lang == "zh" else ", ").join(
        f"{catalogue.dimensions[code].name[lang]} {percent(x, n) if x else '0%'}" for _, x, n, code, _ in found[1:]
    )
    by_month = counts.groupby("month", as_index=False)[["unknown", "total"]].sum().sort_values("month")
    points = [
        Point(month_text(int(one["month"]), lang), one["unknown"] / one["total"])
        for one in by_month.to_dict("records") if one["total"] > 0
    ]  # fmt: skip
    below = text("data_quality.tiles.unknown_of", lang, dimension=label, unknown=number(unknown), total=number(total))
    return Tile(
        code="unknown", name=name, value_text=value, unit_text=unit, target_text=below, change_text=others,
        points=points, alt=f"{name} {value}{unit} {below} {others}",
        details=[(text("overview.details.definition", lang), text("data_quality.tiles.unknown_definition", lang))],
    )  # fmt: skip


def _stale(view: View, as_of: dt.date | None, today: dt.date) -> Tile:
    """How many sources and offices are overdue, and how many checks have run out."""
    lang, rows = view.lang, fresh_rows(view, today=today)
    late = [one for one in rows if one.state != "fresh"]
    answers = checks(view, as_of)
    stale, asked = sum(one.stale for one in answers), sum(one.places for one in answers)
    below = (
        ("、" if lang == "zh" else ", ").join(one.name for one in late[:MOST_NAMES])
        if late
        else text("data_quality.tiles.all_fresh", lang)
    )
    changed = text("data_quality.tiles.checks", lang, stale=number(stale), asked=number(asked)) if asked else ""
    name = text("data_quality.tiles.overdue", lang)
    words = text("data_quality.tiles.overdue_of", lang, count=len(rows))
    return Tile(
        code="overdue", name=name, value_text=str(len(late)), unit_text=words, target_text=below, change_text=changed,
        scale="count", interval_text=text("data_quality.tiles.judged_on", lang, date=date_text(today, lang)),
        alt=f"{name} {len(late)} {words} {below} {changed}",
    )  # fmt: skip
