"""What small numbers allow: the shortest months that hold enough cases, and the rate that leans on the township."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import streamlit as st

from indicators.catalogue import Indicator
from indicators.sentences import merged_sentence, shrunk_sentence
from indicators.shrunk_table import shrunk_table
from indicators.small_numbers import WINDOWS, merge_months
from indicators.values import rate_table
from ui import cached_reads, measures
from ui.address import add_months
from ui.component_base import packed
from ui.measures import View
from ui.payloads.place_tiles import HEADLINE, row_of
from ui.place_table import Cell, Column, Row, payload
from ui.texts import month_span, number, percent_interval, percent_of, text
from ui.wording import evidence_text, figure_text, has_figure

LEADING: Final = HEADLINE[0]


@dataclass(frozen=True)
class SmallNumbers:
    """``table`` holds the arguments of `place_table`, ``ready`` the same packed; ``sentences`` are about resolution."""

    table: Mapping[str, Any]
    ready: bytes
    sentences: tuple[str, ...]


@st.cache_resource(show_spinner=False, max_entries=300)
def small_figures(view: View, code: str) -> dict[str, dict[str, Any]]:
    """By leading indicator: the shortest months with enough cases, and the year raw and shrunk. Kept: never change it.

    months, first, last (the window that ends with the last settled month) and enough; recent, the rate table's row
    over it; year, the row over at least twelve months; shrunk, shrunk_low, shrunk_high, weight (NaN where nothing can
    be said). Raises NotPermitted where the view's scope does not reach the village.
    """
    catalogue, year, township = cached_reads.catalogue(), measures.rolling_year(view), code[:9]
    view.scope.check(level="village", within=township)
    register = cached_reads.places(view.scope, level="village", within=township, version=view.version)
    found = {}
    for one in HEADLINE:
        indicator = catalogue[one]
        rates = measures.rates(year, indicator, level="village", within=township, places=tuple(register["code"]))
        own = row_of(shrunk_table(rates), code)
        found[one] = {**_recent(year, indicator, code), "year": own,
                      **{name: own[name] for name in ("shrunk", "shrunk_low", "shrunk_high", "weight")}}  # fmt: skip
    return found


def _recent(year: View, indicator: Indicator, code: str) -> dict[str, Any]:
    """The shortest window with enough cases that ends with the last month whose cases are all due."""
    _, until = year.months(indicator)
    span = (max(year.first_month, add_months(until, 1 - WINDOWS[-1])), until)
    read = measures.read_counts(year, indicator, level="village", within=code[:9], by_month=True, months=span)
    counts = read[read["place"] == code]
    x, n = indicator.numerator, indicator.denominator
    if counts.empty:
        nothing = rate_table(pd.DataFrame({"place": [code], x: [0], n: [0]}), indicator)
        return {
            "months": WINDOWS[-1],
            "first": span[0],
            "last": until,
            "enough": False,
            "recent": row_of(nothing, code),
        }
    merged = merge_months(counts, x=x, n=n, minimum=indicator.hide_below, until=until).iloc[0]
    months = int(merged["months"])
    recent = rate_table(pd.DataFrame({"place": [code], x: [merged[x]], n: [merged[n]]}), indicator)
    return {
        "months": months, "first": max(span[0], add_months(until, 1 - months)), "last": until,
        "enough": bool(merged["enough"]), "recent": row_of(recent, code),
    }  # fmt: skip


@st.cache_resource(show_spinner=False, max_entries=300)
def small_numbers(view: View, code: str) -> SmallNumbers:
    """The table and its sentences for the village ``code``; errors as :func:`small_figures`."""
    lang, found = view.lang, small_figures(view, code)
    table = _table(view, found)
    return SmallNumbers(
        table=table,
        ready=packed(payload(**table, max_height=None, lang=lang)),
        sentences=_sentences(found[LEADING], cached_reads.catalogue()[LEADING], lang),
    )


def _sentences(row: Mapping[str, Any], indicator: Indicator, lang: str) -> tuple[str, ...]:
    said = []
    if not has_figure(row["year"]):
        return (text("village.small.nothing", lang, indicator=indicator.name[lang]),)
    if row["enough"] and (merged := merged_sentence(row["months"], lang)):
        said.append(merged)
    elif not row["enough"]:
        said.append(text("village.small.never_enough", lang, months=number(row["months"])))
    if not pd.isna(row["shrunk"]):
        said.append(shrunk_sentence(int(row["year"]["x"]), int(row["year"]["n"]), float(row["shrunk"]), lang,
                                    group=text("village.small.group", lang)))  # fmt: skip
    return tuple(text("village.small.about", lang, indicator=indicator.name[lang], sentence=one) for one in said)


def _table(view: View, found: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    lang, catalogue = view.lang, cached_reads.catalogue()

    def label(name: str) -> str:
        return text(f"village.small.columns.{name}", lang)

    def hint(name: str) -> str:
        return text(f"village.small.hints.{name}", lang)

    return {
        "columns": [
            Column("name", label("name"), kind="name"),
            Column("months", label("months"), kind="text", hint=hint("months")),
            Column("recent", label("recent"), kind="rate", hint=hint("recent")),
            Column("year", label("year"), kind="rate", hint=hint("year")),
            Column("shrunk", label("shrunk"), hint=hint("shrunk")),
            Column("weight", label("weight"), hint=hint("weight")),
        ],
        "rows": [_row(catalogue[code], row, lang) for code, row in found.items()],
        "caption": label("caption"),
        "footnotes": (text("village.small.note", lang),),
    }


def _row(indicator: Indicator, row: Mapping[str, Any], lang: str) -> Row:
    recent, year = row["recent"], row["year"]
    span = month_span(row["first"], row["last"], lang)
    key = "window_short" if not row["enough"] else "window_one" if row["months"] == 1 else "window"
    cells = {
        "name": Cell(indicator.name[lang], sort=indicator.order, title=indicator.description[lang]),
        "months": Cell(text(f"village.small.{key}", lang, months=number(row["months"])), sort=str(row["months"]),
                       title=text("village.small.window_title", lang, span=span)),
        "recent": _rate(recent, indicator, lang),
        "year": _rate(year, indicator, lang),
        "shrunk": Cell(text("village.small.not_shrunk", lang)),
        "weight": Cell(""),
    }  # fmt: skip
    if not pd.isna(row["shrunk"]):
        n = year["n"]
        said = shrunk_sentence(int(year["x"]), int(n), float(row["shrunk"]), lang,
                               group=text("village.small.group", lang))  # fmt: skip
        known = not pd.isna(row["shrunk_low"])
        interval = percent_interval(row["shrunk_low"], row["shrunk_high"], n=n) if known else ""
        cells["shrunk"] = Cell(percent_of(row["shrunk"], n=n), sort=float(row["shrunk"]), note=interval, title=said)
        weight = f"{number(row['weight'] * 100)}%"
        cells["weight"] = Cell(weight, sort=float(row["weight"]),
                               title=text("village.small.weight_title", lang, weight=weight))  # fmt: skip
    return Row(code=indicator.code, cells=cells)


def _rate(row: Mapping[str, Any], indicator: Indicator, lang: str) -> Cell:
    """A rate with its counts; one on too few cases carries the mark that says so."""
    shown = figure_text(row, indicator, lang)
    if not has_figure(row):
        return Cell(shown)
    verdict = "too_few" if row["state"] == "too_few" else None
    return Cell(shown, sort=float(row["value"]), verdict=verdict, note=f"{number(row['x'])}/{number(row['n'])}",
                title=evidence_text(row, indicator, lang))  # fmt: skip
