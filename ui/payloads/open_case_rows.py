"""Open issues as a table to work through, the most overdue first, and the sentence that says how many there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
import streamlit as st

from data_access.open_issues import SOON, OpenTotals
from geo.place_codes import level_of
from indicators.catalogue import Catalogue
from ui import cached_open_issues, cached_reads, measures
from ui.measures import View
from ui.place_names import place_name
from ui.place_table import Cell, Column, Download, Row
from ui.texts import date_text, number, text

MOST_ROWS: Final = 200
DIMENSIONS: Final = ("category", "channel", "campaign")


@st.cache_resource(show_spinner=False, max_entries=300)
def open_case_table(
    view: View, within: str, as_of: dt.date | None, demonstration: bool
) -> tuple[str, Mapping[str, Any] | None]:
    """How many issues of ``within`` (township or village) are open, in a sentence, and the arguments of their table.

    Open is what was accepted and not closed on the day ``as_of`` (or the last day that the view may read), in whatever
    month it was reported. The table is None where nothing is open, where the viewer may not read these villages and
    where there are no data; the sentence then says which. Row codes begin with the village's code
    (:func:`village_of_case`). The same object for everybody: never change it.
    """
    lang, day = view.lang, measures.register_day(view, as_of)
    if not view.scope.may_read(level="village", within=within):
        return text("open_cases.not_permitted", lang), None
    if day is None:
        return text("open_cases.no_data", lang), None
    totals = cached_open_issues.open_totals(view.scope, within=within, as_of=day, version=view.version)
    if not totals.total:
        return text("open_cases.none", lang, date=date_text(day, lang)), None
    cases = cached_open_issues.open_issues(view.scope, within=within, as_of=day, limit=MOST_ROWS, version=view.version)
    name = _name(view, within)
    return open_sentence(totals, lang), _table(view, cases, totals, within, name, day, demonstration)


def open_sentence(totals: OpenTotals, lang: str) -> str:
    """The open issues by deadline: 未结78件：26件已超期，12件7天内到期，40件期限更晚."""
    counts = {"overdue": totals.overdue, "soon": totals.soon, "later": totals.later, "no_deadline": totals.no_deadline}
    parts = [text(f"open_cases.parts.{name}", lang, count=number(count), days=SOON)
             for name, count in counts.items() if count or name == "overdue"]  # fmt: skip
    return text("open_cases.title", lang, total=number(totals.total), parts=text("open_cases.joined", lang).join(parts))


def village_of_case(row_code: str) -> str:
    """The code of the village of a row of the table."""
    return row_code.partition("|")[0]


def _name(view: View, within: str) -> str:
    known = cached_reads.places(view.scope, level=level_of(within), within=within, version=view.version)
    row = known[known["code"] == within].iloc[0]
    return place_name(str(row["short_name"] or row["name"]), view.lang)


def _table(
    view: View, cases: pd.DataFrame, totals: OpenTotals, within: str, name: str, day: dt.date, demonstration: bool
) -> dict[str, Any]:
    lang, catalogue = view.lang, cached_reads.catalogue()
    several = level_of(within) != "village"
    mark = text("frame.demonstration.band", lang) if demonstration else ""
    date = date_text(day, lang)
    footnotes = [text("open_cases.open_means", lang, date=date)]
    if len(cases) < totals.total:
        footnotes.insert(0, text("open_cases.cut", lang, shown=number(len(cases)), total=number(totals.total)))
    return {
        "columns": _columns(lang, villages=several),
        "rows": [_row(row, catalogue, day, lang, villages=several) for row in cases.to_dict("records")],
        "caption": text("open_cases.caption", lang, place=name, date=date),
        "footnotes": tuple(footnotes),
        "download": Download(
            file_name=text("open_cases.file_name", lang, mark=mark + ("_" if mark else ""), place=name,
                           date=day.isoformat()),
            mark=mark,
            notes=(
                text("open_cases.open_means", lang, date=date),
                text("overview.details.version_value", lang, number=view.version),
            ),
        ),
    }  # fmt: skip


def _columns(lang: str, *, villages: bool) -> list[Column]:
    def column(code: str, kind: str = "text", *, wide_only: bool = False) -> Column:
        return Column(code, text(f"open_cases.columns.{code}", lang), kind=kind, wide_only=wide_only,
                      hint=text(f"open_cases.hints.{code}", lang))  # fmt: skip

    return [
        column("case_no", "name"),
        column("days_overdue", "number"),
        *([column("village")] if villages else []),
        column("category"),
        column("site"),
        column("due_at", "number"),
        column("reported_at", "number"),
        column("channel", wide_only=True),
        column("campaign", wide_only=True),
    ]


def _row(case: Mapping[str, Any], catalogue: Catalogue, day: dt.date, lang: str, *, villages: bool) -> Row:
    cells = {
        "case_no": Cell(str(case["case_no"]), sort=str(case["case_no"])),
        "days_overdue": _days(case["days_overdue"], day, lang),
        "due_at": _date(case["due_at"], lang),
        "reported_at": _date(case["reported_at"], lang),
        "site": Cell(case["site"] or "—", sort=case["site"],
                     title="" if case["site"] else text("open_cases.no_site", lang)),
    }  # fmt: skip
    if villages:
        village = str(case["village"])
        cells["village"] = Cell(
            place_name(village, lang, short=True), sort=str(case["place"]), title=place_name(village, lang)
        )
    for name in DIMENSIONS:
        values = catalogue.dimensions[name].values
        known = values.get(str(case[name]))
        said = known[lang] if known is not None else str(case[name])
        cells[name] = Cell(said, sort=said)
    return Row(code=f"{case['place']}|{case['case_no']}", cells=cells)


def _days(days: float, day: dt.date, lang: str) -> Cell:
    """How far past its deadline an issue is, or how long it still has."""
    if pd.isna(days):
        return Cell(text("open_cases.days.unknown", lang), title=text("open_cases.days.unknown_title", lang))
    key = "past" if days > 0 else "today" if days == 0 else "left"
    count = int(days) if days >= 0 else -int(days)
    title = text(f"open_cases.days.{key}_title", lang, count=number(count), date=date_text(day, lang))
    return Cell(text(f"open_cases.days.{key}", lang, count=number(count)), sort=float(days), title=title)


def _date(moment: pd.Timestamp, lang: str) -> Cell:
    if pd.isna(moment):
        return Cell(text("open_cases.days.unknown", lang))
    return Cell(
        moment.strftime("%Y-%m-%d"), sort=float(moment.timestamp()),
        title=f"{date_text(moment.date(), lang)} {moment:%H:%M}",
    )  # fmt: skip
