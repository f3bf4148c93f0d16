"""Categories by townships: each field judged against the same category in the other townships."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
import streamlit as st

from indicators.values import rate_table
from indicators.verdicts import expected_flags, verdict_table
from ui import cached_reads, measures, place_table
from ui.component_base import packed
from ui.measures import View
from ui.payloads.circular_table import rate_cell
from ui.payloads.issue_parts import TablePart
from ui.place_names import place_name
from ui.place_table import Cell, Column, Download, Row
from ui.texts import month_span, number, text
from ui.wording import evidence_text, figure_text, has_figure

MEASURES: Final = ("on_time_rate", "resolution_rate", "satisfaction_rate", "repeat_rate", "reopen_rate")
DIMENSION: Final = "category"
ALL: Final = "all"


def matrix_rows(view: View, code: str) -> pd.DataFrame:
    """The verdict table of places × categories (columns place, group …), each within its category."""
    indicator = cached_reads.catalogue()[code]
    counts = measures.read_counts(view, indicator, level="township", dimension=DIMENSION)
    return verdict_table(rate_table(counts, indicator, by=("place", "group")), indicator, within=("group",))


@st.cache_resource(show_spinner=False, max_entries=200)
def matrix_part(view: View, code: str, *, selected: str | None, demonstration: bool) -> TablePart:
    """The table of one of ``MEASURES`` over the months that are wholly due, with the township ``selected`` lit."""
    lang, catalogue = view.lang, cached_reads.catalogue()
    indicator, judged = catalogue[code], matrix_rows(view, code)
    period = month_span(*view.months(indicator), lang)
    title = text("issues.matrix.title", lang, indicator=indicator.name[lang])
    if judged.empty or not judged["n"].fillna(0).gt(0).any():
        return TablePart(title, "", period, {}, b"", text("issues.matrix.empty", lang, months=period))
    names = {value: name[lang] for value, name in catalogue.dimensions[DIMENSION].values.items()}
    groups = [value for value in names if value in set(judged["group"])]
    register = measures.townships(view)
    whole = verdict_table(measures.rates(view, indicator, places=tuple(register["code"])), indicator)
    fields = {(str(row["place"]), str(row["group"])): row for row in judged.to_dict("records")}
    fields |= {(str(row["place"]), ALL): row for row in whole.to_dict("records")}
    columns = [
        Column("name", text("issues.matrix.columns.name", lang), kind="name"),
        Column(code, text("issues.matrix.columns.all", lang), kind="rate", hint=indicator.description[lang]),
        *(
            Column(group, names[group], kind="rate",
                   hint=text("issues.matrix.columns.hint", lang, category=names[group], indicator=indicator.name[lang],
                             definition=indicator.description[lang]))
            for group in groups
        ),
    ]  # fmt: skip
    rows = [
        Row(
            code=place["code"],
            group=text(f"overview.kinds.{place['kind']}", lang),
            cells={
                "name": Cell(place_name(place["name"], lang, short=True), sort=place["name"],
                             title=place_name(place["name"], lang)),
                code: _cell(fields.get((place["code"], ALL)), indicator, lang),
                **{group: _cell(fields.get((place["code"], group)), indicator, lang) for group in groups},
            },
        )
        for place in register.to_dict("records")
    ]  # fmt: skip
    table = {
        "columns": columns,
        "rows": [_district(view, code, groups), *rows],
        "caption": title,
        "comparison": text("issues.matrix.comparison", lang),
        "footnotes": (text("issues.matrix.footnote", lang),),
        "sort": ("name", "asc"),
        "download": _download(view, code, demonstration, lang),
        "max_height": 760,
    }
    ready = packed(place_table.payload(**table, selected=selected, lang=lang))
    return TablePart(title, _sentence(judged, code, lang), period, table, ready, "")


def _cell(row: Mapping[str, Any] | None, indicator: Any, lang: str) -> Cell:
    if row is None:
        return Cell("", title=text("frame.states.no_data", lang))
    cell = rate_cell(row, indicator, lang)
    note = number(row["n"]) if has_figure(row) else ""
    return Cell(cell.text, sort=cell.sort, verdict=cell.verdict, title=cell.title, note=note)


def _district(view: View, code: str, groups: list[str]) -> Row:
    """The whole as the first row: not judged, for nothing may be compared with a whole that holds it."""
    lang, indicator = view.lang, cached_reads.catalogue()[code]
    total = measures.rates(view, indicator, by=()).iloc[0].to_dict()
    counts = measures.read_counts(view, indicator, level="township", dimension=DIMENSION)
    parts = {str(row["group"]): row for row in rate_table(counts, indicator, by=("group",)).to_dict("records")}
    cells = {
        column: Cell(
            figure_text(row, indicator, lang),
            title=evidence_text(row, indicator, lang),
            note=number(row["n"]) if has_figure(row) else "",
        )
        for column, row in [(code, total), *((group, parts[group]) for group in groups)]
    }
    return Row(code=view.root, total=True, cells={"name": Cell(text("issues.matrix.district", lang)), **cells})


def _sentence(judged: pd.DataFrame, code: str, lang: str) -> str:
    indicator = cached_reads.catalogue()[code]
    flags = expected_flags(judged, indicator)
    if not flags.tested:
        return text("issues.matrix.none_tested", lang)
    low = indicator.better == "higher"
    observed, expected = (flags.observed_low, flags.expected_low) if low else (flags.observed_high, flags.expected_high)
    return text(
        "issues.matrix.sentence", lang, tested=number(flags.tested), observed=number(observed),
        expected=number(expected, decimals=1),
    )  # fmt: skip


def _download(view: View, code: str, demonstration: bool, lang: str) -> Download:
    mark = text("frame.demonstration.band", lang) if demonstration else ""
    name = cached_reads.catalogue()[code].name[lang]
    return Download(
        file_name=text("issues.matrix.file_name", lang, mark=f"{mark}_" if mark else "", indicator=name,
                       first=view.first, last=view.last),
        mark=mark,
        notes=(text("issues.matrix.comparison", lang),
               text("overview.details.version_value", lang, number=view.version)),
    )  # fmt: skip
