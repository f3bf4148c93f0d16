"""Issues that came back: repeats of an earlier one, and those reopened after closing, with their intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
import streamlit as st

from indicators.catalogue import Indicator
from indicators.values import rate_table
from indicators.verdicts import verdict_table
from ui import cached_reads, measures, place_table
from ui.component_base import packed
from ui.measures import View
from ui.payloads.circular_table import interval_cell, rate_cell
from ui.payloads.issue_parts import TablePart
from ui.place_names import place_name
from ui.place_table import Cell, Column, Download, Row
from ui.texts import month_span, number, text
from ui.wording import evidence_text, figure_text, has_figure

RATES: Final = ("repeat_rate", "reopen_rate")
BY: Final = ("place", "category")


def repeat_rows(view: View, code: str, *, by: str, within: str) -> pd.DataFrame:
    """The verdict table of one of ``RATES``, each row (column ``key``) against the others.

    ``by`` "place": every township of the district; "category": the categories inside ``within``.
    """
    indicator = cached_reads.catalogue()[code]
    if by == "place":
        places = tuple(measures.townships(view)["code"])
        table = measures.rates(view, indicator, places=places)
        return verdict_table(table, indicator).rename(columns={"place": "key"})
    counts = measures.read_counts(view, indicator, level="township", within=within, dimension="category")
    return verdict_table(rate_table(counts, indicator, by=("group",)), indicator).rename(columns={"group": "key"})


@st.cache_resource(show_spinner=False, max_entries=200)
def repeats_part(view: View, township: str | None, by: str, *, demonstration: bool) -> TablePart:
    """The table by one of ``BY``, of the months that are wholly due, with the chosen township lit."""
    lang, catalogue, within = view.lang, cached_reads.catalogue(), township or view.root
    judged = {code: repeat_rows(view, code, by=by, within=within) for code in RATES}
    period, title = month_span(*view.months("issues"), lang), text("issues.section.repeats", lang)
    if not any(table["n"].fillna(0).gt(0).any() for table in judged.values()):
        return TablePart(title, "", period, {}, b"", text("issues.repeats.empty", lang, months=period))
    around = view.root if by == "place" else within
    totals = {
        code: measures.rates(view, catalogue[code], within=None if around == view.root else around, by=()).iloc[0]
        for code in RATES
    }
    names = _names(view, by)
    by_key = {code: {str(row["key"]): row for row in table.to_dict("records")} for code, table in judged.items()}
    known = [key for key in names if any(key in by_key[code] for code in RATES)]
    rows = [
        Row(
            code=key,
            cells={
                "name": Cell(names[key][0], sort=key if by == "category" else names[key][1], title=names[key][1]),
                **{name: cell for code in RATES for name, cell in _cells(by_key[code][key], catalogue[code], lang)},
            },
        )
        for key in known
    ]
    whole = "district" if around == view.root else "township"
    total = Row(
        code=around,
        total=True,
        cells={
            "name": Cell(text(f"issues.repeats.total.{whole}", lang)),
            **{name: cell for code in RATES for name, cell in _cells(totals[code].to_dict(), catalogue[code], lang)},
        },
    )
    columns = [Column("name", text(f"issues.repeats.columns.{by}", lang), kind="name")]
    for code in RATES:
        columns += _columns(catalogue[code], judged[code], totals[code], lang)
    mark = text("frame.demonstration.band", lang) if demonstration else ""
    table = {
        "columns": columns,
        "rows": [total, *rows],
        "caption": text("issues.repeats.caption", lang),
        "comparison": text(f"issues.repeats.comparison.{by}", lang),
        "footnotes": (text("issues.repeats.footnote", lang),),
        "sort": ("repeat_rate", "desc"),
        "download": Download(
            file_name=text(f"issues.repeats.file_name.{by}", lang, mark=f"{mark}_" if mark else "",
                           first=view.first, last=view.last),
            mark=mark,
            notes=(text(f"issues.repeats.comparison.{by}", lang),
                   text("overview.details.version_value", lang, number=view.version)),
        ),
        "max_height": 760,
    }  # fmt: skip
    return TablePart(
        title=title,
        sentence=text(
            "issues.repeats.sentence",
            lang,
            area=text(f"issues.repeats.total.{whole}", lang),
            **{code: evidence_text(totals[code].to_dict(), catalogue[code], lang) for code in RATES},
        ),
        period=period,
        table=table,
        ready=packed(place_table.payload(**table, selected=township, lang=lang)),
        empty="",
        opens=by == "place",
    )


def _names(view: View, by: str) -> dict[str, tuple[str, str]]:
    """Key to the name shown and the whole name, in reading order."""
    lang = view.lang
    if by == "place":
        register = measures.townships(view)
        return {
            code: (place_name(name, lang, short=True), place_name(name, lang))
            for code, name in zip(register["code"], register["name"], strict=True)
        }
    values = cached_reads.catalogue().dimensions["category"].values
    return {value: (name[lang], name[lang]) for value, name in values.items()}


def _cells(row: Mapping[str, Any], indicator: Indicator, lang: str) -> list[tuple[str, Cell]]:
    if "verdict" in row:
        rate = rate_cell(row, indicator, lang)
    else:
        rate = Cell(figure_text(row, indicator, lang), title=evidence_text(row, indicator, lang))
    count = Cell(number(row["x"]), sort=float(row["x"]), title=rate.title) if has_figure(row) else Cell("")
    return [
        (f"{indicator.code}_x", count),
        (indicator.code, rate),
        (f"{indicator.code}_interval", interval_cell(row, indicator, lang)),
    ]


def _columns(indicator: Indicator, judged: pd.DataFrame, total: pd.Series, lang: str) -> list[Column]:
    ends = judged[["low", "high", "value"]].stack().dropna()
    high = float(ends.max()) * 1.05 if len(ends) and ends.max() > 0 else 1.0
    name = indicator.name[lang]
    return [
        Column(f"{indicator.code}_x", text(f"issues.repeats.columns.{indicator.code}_x", lang),
               hint=indicator.numerator_text[lang]),
        Column(indicator.code, name, kind="rate", hint=indicator.description[lang]),
        Column(f"{indicator.code}_interval", text("issues.repeats.columns.interval", lang), kind="interval",
               hint=f"{name} · {text('issues.repeats.columns.interval', lang)}", axis_low=0.0, axis_high=min(high, 1.0),
               reference=float(total["value"]) if has_figure(total.to_dict()) else None),
    ]  # fmt: skip
