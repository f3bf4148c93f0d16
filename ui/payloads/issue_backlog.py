"""The issues that are open today: how old they are, when they are due, and where they lie."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import streamlit as st

from data_access.issue_durations import AGES, DEADLINES
from indicators.verdicts import verdict_table
from ui import cached_durations, cached_reads, measures, place_table
from ui.address import add_months
from ui.charts.frozen import Frozen
from ui.charts.heat_table import count_heat
from ui.charts.tone import tone_named
from ui.component_base import packed
from ui.measures import View
from ui.payloads.circular_table import rate_cell
from ui.payloads.issue_chain import section_words
from ui.payloads.issue_parts import FigurePart, TablePart
from ui.place_names import place_name
from ui.place_table import Cell, Column, Download, Row
from ui.texts import date_text, month_text, number, percent, text
from ui.wording import evidence_text, figure_text

RATE: Final = "overdue_open_rate"
CLASSES: Final = tuple(range(len(AGES) + 1))


@dataclass(frozen=True)
class BacklogPart:
    """How many issues are open, how many of them overdue, and the part of the page.

    Its table lists the townships, or the villages of the chosen township where the reader may see them.
    """

    open: int
    overdue: int
    part: FigurePart


@st.cache_resource(show_spinner=False, max_entries=200)
def backlog_part(view: View, township: str | None, *, as_of: dt.date, tone: str, demonstration: bool) -> BacklogPart:
    """The open issues of the district, or of one township, at the end of ``as_of``; of all months, not the chosen."""
    lang, within = view.lang, township or view.root
    rows = cached_durations.backlog(view, level="township", within=within, as_of=as_of)
    table = rows.pivot_table(index="age", columns="deadline", values="cases", aggfunc="sum", fill_value=0)
    table = table.reindex(index=list(CLASSES), columns=list(DEADLINES), fill_value=0)
    shown = [one for one in DEADLINES if one != "none" or table["none"].sum()]
    day, total = date_text(as_of, lang), int(rows["cases"].sum())
    level = "village" if township else "township"
    figure = count_heat(
        table[shown].to_numpy().tolist(),
        rows=[text(f"issues.backlog.age.{age}", lang) for age in CLASSES],
        columns=[text(f"issues.backlog.deadline.{one}", lang) for one in shown],
        bad=[shown.index("overdue")],
        words=section_words("issues.backlog.chart.", lang),
        tone=tone_named(tone),
    )
    sentence = _sentence(table, total, day, lang)
    part = FigurePart(
        figure=Frozen(figure) if total else None,
        alt=sentence,
        title=text("issues.section.backlog", lang),
        period=day,
        sentences=(sentence, _left_out(view, as_of)),
        table=_listed(view, level, within, as_of, demonstration),
        empty="" if total else text("issues.backlog.empty", lang, day=day),
    )
    return BacklogPart(open=total, overdue=int(table["overdue"].sum()), part=part)


def _listed(view: View, level: str, within: str, as_of: dt.date, demonstration: bool) -> TablePart:
    """The table of the places; a sentence instead where the reader may not see these villages."""
    lang, day = view.lang, date_text(as_of, view.lang)
    title = text(f"issues.backlog.table.{level}", lang)
    if not view.scope.may_read(level=level, within=within):
        return TablePart(title, "", day, {}, b"", text("issues.backlog.not_permitted", lang))
    table = _table(view, level, within, as_of, demonstration)
    return TablePart(title, "", day, table, packed(place_table.payload(**table, lang=lang)), "")


def _left_out(view: View, as_of: dt.date) -> str:
    """That open issues of months which the reader may not see yet are not among these; empty where all are."""
    if view.until is None or view.until >= as_of.year * 100 + as_of.month or not view.until:
        return ""
    return text("issues.backlog.unreleased", view.lang, month=month_text(add_months(view.until, 1), view.lang))


def _sentence(table: pd.DataFrame, total: int, day: str, lang: str) -> str:
    if not total:
        return ""
    oldest = int(table.loc[CLASSES[-1]].sum())
    key = "sentence_old" if oldest else "sentence"
    return text(
        f"issues.backlog.{key}", lang, day=day, total=number(total), oldest=number(oldest),
        share=percent(oldest, total), **{one: number(int(table[one].sum())) for one in DEADLINES[:3]},
    )  # fmt: skip


def _table(view: View, level: str, within: str, as_of: dt.date, demonstration: bool) -> dict[str, Any]:
    lang, indicator = view.lang, cached_reads.catalogue()[RATE]
    rows = cached_durations.backlog(view, level=level, within=within, as_of=as_of)
    register = cached_reads.places(view.scope, level=level, within=within, version=view.version)
    codes = tuple(register["code"])
    judged = verdict_table(measures.rates(view, indicator, level=level, within=within, places=codes), indicator)
    verdicts = {str(row["place"]): row for row in judged.to_dict("records")}
    by_deadline = rows.pivot_table(index="place", columns="deadline", values="cases", aggfunc="sum", fill_value=0)
    by_age = rows.pivot_table(index="place", columns="age", values="cases", aggfunc="sum", fill_value=0)
    by_deadline = by_deadline.reindex(index=list(codes), columns=list(DEADLINES), fill_value=0)
    by_age = by_age.reindex(index=list(codes), columns=list(CLASSES), fill_value=0)
    shown = [one for one in DEADLINES if one != "none" or by_deadline["none"].sum()]
    name_of = "short_name" if level == "village" else "name"
    listed = [
        Row(
            code=place["code"],
            cells={
                "name": _name_cell(str(place[name_of] or place["name"]), lang),
                **_cells(by_deadline.loc[place["code"]], by_age.loc[place["code"]], shown, lang),
                RATE: rate_cell(verdicts[place["code"]], indicator, lang),
            },
        )
        for place in register.to_dict("records")
    ]
    around = None if within == view.root else within
    whole = measures.rates(view, indicator, within=around, by=()).iloc[0].to_dict()
    total = Row(
        code=within,
        total=True,
        cells={"name": Cell(text(f"issues.backlog.total.{level}", lang)),
               **_cells(by_deadline.sum(), by_age.sum(), shown, lang),
               RATE: Cell(figure_text(whole, indicator, lang), title=evidence_text(whole, indicator, lang))},
    )  # fmt: skip
    mark = text("frame.demonstration.band", lang) if demonstration else ""
    return {
        "columns": _columns(indicator.name[lang], indicator.description[lang], shown, lang),
        "rows": [total, *listed],
        "caption": text("issues.backlog.caption", lang, day=date_text(as_of, lang)),
        "comparison": text(f"issues.backlog.comparison.{level}", lang, indicator=indicator.name[lang]),
        "footnotes": (text("issues.backlog.footnote", lang, indicator=indicator.name[lang]),),
        "sort": ("overdue", "desc"),
        "download": Download(
            file_name=text("issues.backlog.file_name", lang, mark=f"{mark}_" if mark else "", day=as_of.isoformat()),
            mark=mark,
            notes=(text("overview.details.version_value", lang, number=view.version),),
        ),
        "max_height": 760,
    }


def _columns(rate: str, definition: str, shown: list[str], lang: str) -> list[Column]:
    def label(name: str) -> str:
        return text(f"issues.backlog.columns.{name}", lang)

    return [
        Column("name", label("name"), kind="name"),
        Column("open", label("open"), hint=label("open_hint")),
        *(Column(one, label(one), hint=label(f"{one}_hint")) for one in shown),
        Column(RATE, rate, kind="rate", hint=definition),
        *(Column(f"age_{age}", text(f"issues.backlog.age.{age}", lang), hint=label("age_hint")) for age in CLASSES),
    ]


def _cells(deadlines: pd.Series, ages: pd.Series, shown: list[str], lang: str) -> dict[str, Cell]:
    total = int(deadlines.sum())
    counts = {one: (int(deadlines[one]), text(f"issues.backlog.deadline.{one}", lang)) for one in shown}
    counts |= {f"age_{age}": (int(ages[age]), text(f"issues.backlog.age.{age}", lang)) for age in CLASSES}
    cells = {
        "open": Cell(number(total), sort=total, title=text("issues.backlog.whole_cell", lang, total=number(total)))
    }
    for code, (count, what) in counts.items():
        title = text("issues.backlog.cell", lang, what=what, count=number(count), total=number(total))
        cells[code] = Cell(number(count), sort=count, title=title)
    return cells


def _name_cell(name: str, lang: str) -> Cell:
    return Cell(place_name(name, lang, short=True), sort=name, title=place_name(name, lang))
