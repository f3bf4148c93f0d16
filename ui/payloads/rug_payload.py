"""The table of all indicators as the page mounts it: lines by domain, columns in the chosen order, and its workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import streamlit as st
from pypinyin import lazy_pinyin

from indicators.catalogue import Catalogue, Indicator
from ui import cached_reads, measures, tartan_rug
from ui.component_base import packed
from ui.measures import View
from ui.payloads.circular_table import DISTRICT, rate_cell
from ui.payloads.rug_figures import BETTER, WORSE, RugFigures, rug_figures, rug_trends
from ui.payloads.rug_words import cell_text, chance_sentence, footnotes, rug_title, trend_change, trend_phrase
from ui.place_names import place_name
from ui.place_table import Cell, Column, Download, Row
from ui.tartan_rug import Line, Place
from ui.texts import month_span, number, text
from ui.wording import evidence_text, figure_text, verdict_text

MODES: Final = ("values", "trends", "both")
ORDERS: Final = ("worse", "kind", "name")
"""Orders of the townships: by number of ▼ (most first), by kind as the register lists them, by name."""

Rows = dict[tuple[str, str], dict[str, Any]]


@dataclass(frozen=True)
class Rug:
    """What the page draws. ``table`` are the arguments of the workbook's table."""

    title: str
    chance: str
    notes: tuple[str, ...]
    places_with_data: tuple[int, int]
    period: str
    packed: bytes
    table: Mapping[str, Any]


@st.cache_resource(show_spinner=False, max_entries=200)
def rug(view: View, mode: str, order: str, selected: str | None, demonstration: bool) -> Rug | None:
    """The rug of a view in one mode and order, with the place ``selected`` lit; None where there is nothing to show.

    The same object for everybody: never change it.
    """
    found = rug_figures(view)
    if found is None:
        return None
    catalogue, lang = cached_reads.catalogue(), view.lang
    register = measures.townships(view).set_index("code")
    judged = _rows(found.card)
    trends = _rows(rug_trends(view)) if mode != "values" else {}
    totals = {code: row for (code, _), row in _rows(found.totals).items()}
    codes = ordered_places(register, found, order)
    full = {code: place_name(str(register.at[code, "name"]), lang) for code in codes}
    worse, better = found.count(WORSE), found.count(BETTER)
    places = [
        Place(code, place_name(str(register.at[code, "name"]), lang, short=True), worse[code], better[code], full[code],
              text(f"overview.kinds.{register.at[code, 'kind']}", lang) if order == "kind" else "")
        for code in codes
    ]  # fmt: skip
    lines = [
        _line(one, catalogue, [judged[one.code, code] for code in codes],
              [trends.get((one.code, code)) for code in codes] if mode != "values" else None, totals[one.code], lang)
        for one in found.indicators
    ]  # fmt: skip
    title, notes = rug_title(view, found, full), tuple(footnotes(view, catalogue, trends=mode != "values"))
    have = found.card.loc[~found.card["state"].isin(["no_data", "not_applicable"]), "place"].nunique()
    period = month_span(view.first, view.last, lang)
    sent = tartan_rug.payload(
        lines=lines, places=places, mode=mode, lang=lang, selected=selected if selected in full else None,
        total=text(f"overview.area_short.{view.township_set}", lang),
        caption=text("rug.caption", lang, months=period, mode=text(f"rug.modes.{mode}", lang)),
        comparison=text(f"rug.comparison.{mode}", lang),
    )  # fmt: skip
    return Rug(
        title=title,
        chance=chance_sentence(found, lang),
        notes=notes,
        places_with_data=(int(have), len(found.places)),
        period=period,
        packed=packed(sent),
        table=_table(view, found, codes, full, judged, trends, totals, notes, demonstration=demonstration),
    )


def ordered_places(register: pd.DataFrame, found: RugFigures, order: str) -> list[str]:
    """The codes of the townships in the chosen order; equal ones by name, as Hanyu Pinyin spells it."""
    worse = found.count(WORSE)
    spelled = {code: "".join(lazy_pinyin(str(register.at[code, "name"]))) for code in found.places}
    listed = {code: place for place, code in enumerate(found.places)}
    kinds = {code: str(register.at[code, "kind"]) != "subdistrict" for code in found.places}
    keys: dict[str, Any] = {
        "worse": lambda code: (-worse[code], spelled[code]),
        "kind": lambda code: (kinds[code], listed[code]),
        "name": lambda code: spelled[code],
    }
    return sorted(found.places, key=keys[order])


def _rows(table: pd.DataFrame) -> Rows:
    return {(str(row["indicator"]), str(row["place"])): row for row in table.to_dict("records")}


def _line(
    indicator: Indicator,
    catalogue: Catalogue,
    rows: Sequence[Mapping[str, Any]],
    trends: Sequence[Mapping[str, Any] | None] | None,
    total: Mapping[str, Any],
    lang: str,
) -> Line:
    cells = []
    for place, row in enumerate(rows):
        moved: dict[str, Any] = {}
        if trends is not None:
            trend = trends[place]
            stated = None if trend is None else trend["trend"]
            moved = {
                "trend": stated or "unknown",
                "good": None if trend is None else trend["good"],
                "change": trend_change(trend, indicator),
                "trend_words": trend_phrase(trend, indicator, lang),
            }
        cells.append(
            tartan_rug.Cell(
                text=cell_text(row, indicator, lang),
                verdict=str(row["verdict"]),
                value=evidence_text(row, indicator, lang),
                words=verdict_text(row, indicator, lang) if indicator.interval == "chance" else text("rug.stock", lang),
                **moved,
            )
        )
    return Line(
        code=indicator.code,
        name=indicator.name[lang],
        unit=text("rug.lower_better", lang, unit=indicator.unit[lang])
        if indicator.better == "lower" else indicator.unit[lang],
        domain=catalogue.domain_names[indicator.domain][lang],
        definition=indicator.description[lang],
        total=cell_text(total, indicator, lang),
        total_words=evidence_text(total, indicator, lang),
        cells=cells,
    )  # fmt: skip


def _table(
    view: View, found: RugFigures, codes: Sequence[str], names: Mapping[str, str], judged: Rows, trends: Rows,
    totals: Mapping[str, Mapping[str, Any]], notes: Sequence[str], *, demonstration: bool,
) -> dict[str, Any]:  # fmt: skip
    """The same as a `place_table`, a row an indicator, for the workbook."""
    catalogue, lang = cached_reads.catalogue(), view.lang
    rows = []
    for one in found.indicators:
        cells = {
            "name": Cell(one.name[lang]),
            "unit": Cell(one.unit[lang]),
            "better": Cell(text(f"definitions.better.{one.better}", lang)),
            "worse": _count(found, one, WORSE),
            DISTRICT: Cell(figure_text(totals[one.code], one, lang), sort=_value(totals[one.code]),
                           title=evidence_text(totals[one.code], one, lang)),
        }  # fmt: skip
        for code in codes:
            cell = rate_cell(judged[one.code, code], one, lang)
            words = trend_phrase(trends.get((one.code, code)), one, lang) if trends else ""
            cells[code] = Cell(
                cell.text, sort=cell.sort, verdict=cell.verdict,
                title=" · ".join(part for part in (cell.title, words) if part),
            )  # fmt: skip
        rows.append(Row(one.code, cells, group=catalogue.domain_names[one.domain][lang]))
    mark = text("frame.demonstration.band", lang) if demonstration else ""
    return {
        "columns": [
            Column("name", text("components.tartan_rug.indicator", lang), kind="name"),
            Column("unit", text("definitions.fields.unit", lang), kind="text"),
            Column("better", text("definitions.fields.better", lang), kind="text"),
            Column("worse", text("components.tartan_rug.worse_count", lang)),
            Column(DISTRICT, text(f"overview.area_short.{view.township_set}", lang), kind="rate"),
            *(Column(code, names[code], kind="rate") for code in codes),
        ],
        "rows": rows,
        "comparison": text("rug.comparison.values", lang),
        "footnotes": (chance_sentence(found, lang), *notes),
        "download": Download(file_name=f"{text('rug.file', lang)}.csv", mark=mark),
    }


def _count(found: RugFigures, indicator: Indicator, verdicts: Sequence[str]) -> Cell:
    """How many townships carry one of the verdicts on this indicator."""
    own = found.card.loc[found.card["indicator"] == indicator.code, "verdict"]
    count = int(own.isin(list(verdicts)).sum())
    return Cell(number(count), sort=count)


def _value(row: Mapping[str, Any]) -> float | None:
    return None if pd.isna(row["value"]) else float(row["value"])
