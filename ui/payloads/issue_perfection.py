"""Figures too good to be taken unseen: hints for a closer look, never a proof.

Three kinds of hint, each against what the other townships show: faultless records over more cases than chance lets
stay faultless; closings crowded on the day of the deadline; satisfied people behind cases that were not solved, or
whom nobody had reached.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import streamlit as st

from ui import cached_durations, cached_reads, measures, place_table
from ui.charts.deadline_bars import deadline_bars
from ui.charts.frozen import Frozen
from ui.charts.tone import tone_named
from ui.component_base import packed
from ui.measures import View
from ui.payloads.circular_table import rate_cell
from ui.payloads.issue_chain import section_words
from ui.payloads.issue_hints import (
    PerfectRecords,
    last_day_indicator,
    last_day_rows,
    perfect_records,
    unsolved_but_satisfied,
)
from ui.payloads.issue_parts import FigurePart, TablePart
from ui.place_names import place_name
from ui.place_table import Cell, Column, Row
from ui.texts import month_span, month_text, number, percent, percent_of, text

ROLES: Final = ("researcher", "steward")
"""Who sees the hints."""


@dataclass(frozen=True)
class PerfectionPart:
    """The part of the page: what the hints are worth and how many there are, the faultless records, all by township."""

    sentences: tuple[str, ...]
    perfect: TablePart
    margins: FigurePart
    hints: TablePart


@st.cache_resource(show_spinner=False, max_entries=60)
def perfection_part(view: View, *, selected: str | None, as_of: dt.date, tone: str) -> PerfectionPart:
    """All hints of the district, for the readers of ``ROLES``, with the township ``selected`` lit."""
    lang, (first, last) = view.lang, view.months("issues")
    names = {
        code: place_name(name, lang)
        for code, name in zip(measures.townships(view)["code"], measures.townships(view)["name"], strict=True)
    }
    records = perfect_records(view)
    period = month_span(first, last, lang)
    unheard = cached_durations.unheard(view, first=first, last=last).set_index("place")["cases"]
    late = last_day_rows(view)
    answers = unsolved_but_satisfied(
        cached_durations.paths(view, within=view.root, first=first, last=last, as_of=as_of)
    )
    perfect = _perfect_table(records, names, lang)
    hints = _hints_table(late, answers, unheard, records, names, lang)
    flagged = int(late["verdict"].eq("much_higher").sum())
    sentence = text(
        "issues.perfection.hints_sentence" if flagged else "issues.perfection.hints_none", lang,
        flagged=number(flagged), unsolved=number(int(answers["unsolved"].sum())), unheard=number(int(unheard.sum())),
    )  # fmt: skip
    return PerfectionPart(
        sentences=(text("issues.perfection.warning", lang),),
        perfect=TablePart(
            text("issues.perfection.perfect_title", lang), _perfect_sentence(records, lang), period, perfect,
            packed(place_table.payload(**perfect, lang=lang, selected=None)),
            "" if len(records.rows) else _perfect_sentence(records, lang), opens=False,
        ),
        margins=_margins_figure(view, selected, names, period, tone),
        hints=TablePart(
            text("issues.perfection.hints_title", lang), sentence, period, hints,
            packed(place_table.payload(**hints, lang=lang, selected=selected)), "",
        ),
    )  # fmt: skip


def _margins_figure(view: View, selected: str | None, names: Mapping[str, str], period: str, tone: str) -> FigurePart:
    """The closings of the district, or of the chosen township, by their distance from the deadline."""
    lang, (first, last) = view.lang, view.months("issues")
    rows = cached_durations.margins(view, within=selected or view.root, first=first, last=last)
    title = text("issues.perfection.margins_title", lang)
    punctual, on_day = rows[rows["on_time"]], rows[rows["on_time"] & (rows["days"] == 0)]
    on_time = int(punctual["cases"].sum())
    if not on_time:
        return FigurePart(None, "", title, period, empty=text("issues.perfection.margins_empty", lang))
    said = text(
        "issues.perfection.margins", lang,
        area=names[selected] if selected else text("overview.area_short.all", lang), on_time=number(on_time),
        last=number(int(on_day["cases"].sum())), share=percent(int(on_day["cases"].sum()), on_time),
        next=number(int(rows.loc[rows["days"] == 1, "cases"].sum())),
    )  # fmt: skip
    closed = {(int(day), bool(timely)): int(count) for day, timely, count in
              rows.groupby(["days", "on_time"], as_index=False)["cases"].sum().itertuples(index=False)}  # fmt: skip
    words = section_words("issues.perfection.chart.", lang)
    drawn = deadline_bars(closed, words=words, tone=tone_named(tone))
    return FigurePart(Frozen(drawn), said, title, period, (said,))


def _perfect_sentence(records: PerfectRecords, lang: str) -> str:
    key = "found" if len(records.rows) else "none" if records.looked_at else "too_small"
    expected = number(records.expected, decimals=2) if records.expected >= 0.005 else text("issues.under_001", lang)
    return text(
        f"issues.perfection.{key}", lang, looked_at=number(records.looked_at), found=number(len(records.rows)),
        expected=expected, largest=number(records.largest),
    )  # fmt: skip


def _perfect_table(records: PerfectRecords, names: Mapping[str, str], lang: str) -> dict[str, Any]:
    catalogue = cached_reads.catalogue()
    categories = catalogue.dimensions["category"].values

    def label(name: str) -> str:
        return text(f"issues.perfection.columns.{name}", lang)

    def part(row: Mapping[str, Any]) -> str:
        if row["cut"] == "category":
            return str(categories[row["group"]][lang])
        return month_text(int(row["group"]), lang) if row["cut"] == "month" else label("whole")

    rows = [
        Row(
            code=f"{row['place']}|{number_of}",
            cells={
                "name": Cell(names[row["place"]], sort=row["place"]),
                "indicator": Cell(catalogue[row["indicator"]].name[lang], sort=row["indicator"]),
                "part": Cell(part(row), sort=part(row)),
                "cases": Cell(f"{number(row['n'])}/{number(row['n'])}", sort=float(row["n"])),
                "rest": Cell(percent_of(float(row["rest_value"]), n=row["n"]), sort=float(row["rest_value"])),
                "needed": Cell(number(row["needed"]), sort=float(row["needed"])),
            },
        )
        for number_of, row in enumerate(records.rows.to_dict("records"))
    ]
    return {
        "columns": [
            Column("name", label("name"), kind="name"),
            Column("indicator", label("indicator"), kind="text"),
            Column("part", label("part"), kind="text"),
            Column("cases", label("cases"), hint=label("cases_hint")),
            Column("rest", label("rest"), hint=label("rest_hint")),
            Column("needed", label("needed"), hint=label("needed_hint")),
        ],
        "rows": rows,
        "caption": text("issues.perfection.perfect_title", lang),
        "footnotes": (text("issues.perfection.footnote", lang),),
        "max_height": 420,
    }


def _hints_table(
    late: pd.DataFrame,
    answers: pd.DataFrame,
    unheard: pd.Series,
    records: PerfectRecords,
    names: Mapping[str, str],
    lang: str,
) -> dict[str, Any]:
    indicator, perfect = last_day_indicator(), records.rows["place"].value_counts()

    def label(name: str) -> str:
        return text(f"issues.perfection.columns.{name}", lang)

    def count(value: Any, title: str = "") -> Cell:
        return Cell(number(int(value)), sort=int(value), title=title)

    rows = []
    for row in late.to_dict("records"):
        place = str(row["place"])
        last_day, punctual = (0 if pd.isna(row[name]) else int(row[name]) for name in ("x", "n"))
        told = answers.loc[place] if place in answers.index else pd.Series(0, answers.columns)
        rows.append(
            Row(
                code=place,
                cells={
                    "name": Cell(names[place], sort=place),
                    "perfect": count(perfect.get(place, 0)),
                    indicator.code: rate_cell(row, indicator, lang),
                    "last_day": count(last_day, _of(last_day, punctual, lang)),
                    "next_day": count(
                        row["next_day"],
                        text("issues.perfection.next_cell", lang, last=number(last_day), next=number(row["next_day"])),
                    ),
                    "unsolved": count(told["unsolved"], _of(told["unsolved"], told["satisfied"], lang)),
                    "uncalled": count(told["uncalled"], _of(told["uncalled"], told["solved"], lang)),
                    "unheard": count(unheard.get(place, 0)),
                },
            )
        )
    codes = ("perfect", indicator.code, "last_day", "next_day", "unsolved", "uncalled", "unheard")
    return {
        "columns": [
            Column("name", label("name"), kind="name"),
            *(Column(code, label(code), kind="rate" if code == indicator.code else "number", hint=label(f"{code}_hint"))
              for code in codes),
        ],
        "rows": rows,
        "caption": text("issues.perfection.hints_title", lang),
        "comparison": text("issues.perfection.comparison", lang),
        "footnotes": (text("issues.perfection.footnote", lang),),
        "sort": (indicator.code, "desc"),
        "max_height": 640,
    }  # fmt: skip


def _of(count: Any, whole: Any, lang: str) -> str:
    return text("issues.perfection.of", lang, count=number(int(count)), whole=number(int(whole)))
