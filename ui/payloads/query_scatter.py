"""The answer to "scatter …": do two indicators of the same places go together, and which places leave the line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from indicators.catalogue import Indicator
from indicators.matching import joined
from indicators.rank_correlation import MiddleLine, RankCorrelation, middle_line, rank_correlation
from ui import cached_reads, measures
from ui.charts.frozen import Frozen
from ui.charts.scatters import ScatterAxis, scatter
from ui.charts.tone import tone_named
from ui.measures import View
from ui.payloads.circular_table import DISTRICT
from ui.payloads.pairing_charts import chart_words
from ui.payloads.query_board import QueryBoard, file_mark, nothing, packed_table
from ui.payloads.query_choices import Query, span_words
from ui.payloads.query_files import frame_file, heads_of
from ui.payloads.query_hidden import hidden_keys
from ui.payloads.query_table import count_cell, hidden_cell, name_heading, table_height
from ui.payloads.query_words import chance_text, months_words, named, place_words, where_words
from ui.place_names import place_name
from ui.place_table import Cell, Column, Row
from ui.texts import MINUS, number, text
from ui.wording import evidence_text, figure_text, has_figure

MOST_NAMED: Final = 12
"""Places named in the figure where none lies far off: the outermost ones."""
_FIGURES: Final = ("a_x", "a_n", "a_value", "a_low", "a_high", "b_x", "b_n", "b_value", "b_low", "b_high", "cases",
                   "judged", "far")  # fmt: skip


@dataclass(frozen=True)
class Scattered:
    """Two indicators place by place.

    rows   place, a_x, a_n, a_value, a_low, a_high, a_state and b_… the same, cases (the smaller n of both), judged
           (enough cases on both sides), far (off the line). The correlation is of judged rows only.
    totals the two ``rate_table``s of all places together
    """

    indicators: tuple[Indicator, Indicator]
    rows: pd.DataFrame
    totals: tuple[pd.DataFrame, pd.DataFrame]
    names: Mapping[str, str]
    correlation: RankCorrelation
    line: MiddleLine | None


@st.cache_resource(show_spinner=False, max_entries=200)
def scattered(view: View, query: Query) -> Scattered:
    """The figures of a question of the form "scatter". Raises NotPermitted for villages out of reach."""
    catalogue = cached_reads.catalogue()
    both = (catalogue[query.indicator], catalogue[query.other])
    level, within = ("village", query.township) if query.by == "village" else ("township", None)
    register = cached_reads.places(view.scope, level="village", within=within, version=view.version) if within else (
        measures.townships(view)
    )  # fmt: skip
    places = tuple(register["code"])
    tables = [measures.rates(view, one, level=level, within=within, places=places) for one in both]
    totals = [measures.rates(view, one, level=level, within=within, by=()) for one in both]
    rows = joined(*tables, ["place"], sides=("a", "b"))
    judged = rows["a_state"].eq("value") & rows["b_state"].eq("value")
    cases = rows[["a_n", "b_n"]].min(axis=1)
    values = [rows[f"{side}_value"].where(judged).to_numpy(dtype=float) for side in "ab"]
    line = middle_line(*values)
    far = line.far if line else np.zeros(len(rows), dtype=bool)
    return Scattered(
        both,
        rows.assign(judged=judged, cases=cases, far=far),
        (totals[0], totals[1]),
        dict(zip(register["code"], register["name"], strict=True)),
        rank_correlation(*values, cases.where(judged, 0).fillna(0).to_numpy(dtype=float)),
        line,
    )


@st.cache_resource(show_spinner=False, max_entries=200)
def scatter_board(view: View, query: Query, *, tone: str) -> QueryBoard:
    """Title, figure, tests and table. Raises NotPermitted for villages out of reach."""
    found, lang = scattered(view, query), view.lang
    names = _indicator_names(found, lang)
    question = _question(view, query, found)
    months = _months(view, found)
    known = found.rows[["a_value", "b_value"]].notna().all(axis=1)
    if not known.any():
        empty = text("query.empty.no_scatter", lang, months=months, **names)
        return nothing(question, question, empty, months=months)
    table = _table(view, query, found, question)
    hidden = {side: hidden_keys(found.rows, one, keys=("place",), x=f"{side}_x", n=f"{side}_n")
              for side, one in zip("ab", found.indicators, strict=True)}  # fmt: skip
    return QueryBoard(
        title=_title(found, lang, len(found.rows)),
        question=question,
        months=months,
        note="",
        places_with_data=(int(known.sum()), len(found.rows)),
        figure=_figure(view, query, found, tone),
        figure_note=text(f"query.figure_note.scatter_{query.by}", lang),
        empty="",
        lines=_lines(found, lang),
        table=table,
        exported=_table(view, query, found, question, hidden=hidden) if any(hidden.values()) else table,
        packed_table=packed_table(table, lang),
        table_note=text("query.table.note_places", lang),
        picks=query.by,
    )


def scatter_file(view: View, query: Query, *, as_of: dt.date | None, demonstration: bool) -> bytes:
    """Both indicators place by place as a CSV file with the definitions; small counts of issues hidden."""
    found, lang = scattered(view, query), view.lang
    rows, hid = [], False
    hidden = {side: hidden_keys(found.rows, one, keys=("place",), x=f"{side}_x", n=f"{side}_n")
              for side, one in zip("ab", found.indicators, strict=True)}  # fmt: skip
    for row in found.rows.to_dict("records"):
        full = {**row, "name": place_name(found.names[row["place"]], lang)}
        for side, keys in hidden.items():
            if (row["place"],) in keys:
                full |= dict.fromkeys(name for name in (*full, "cases") if name.startswith(f"{side}_"))
                full |= {"cases": None, f"{side}_state": "hidden"}
                hid = True
        rows.append(full)
    notes = [text("query.file.line", lang, heading=heading, sentence=sentence)
             for heading, sentence in _lines(found, lang)]  # fmt: skip
    heads = heads_of(["place", "name", *_FIGURES, "a_state", "b_state"], lang)
    return frame_file(
        view, question=_question(view, query, found), months=_months(view, found), indicators=found.indicators,
        pairing=None, heads=heads, rows=rows, notes=[*notes, *([text("query.table.hidden", lang)] if hid else [])],
        mark=file_mark(view, demonstration=demonstration), as_of=as_of,
    )  # fmt: skip


def _indicator_names(found: Scattered, lang: str) -> dict[str, str]:
    return {side: one.name[lang] for side, one in zip("ab", found.indicators, strict=True)}


def _months(view: View, found: Scattered) -> str:
    """The months of both indicators; both stretches where they differ (rates of issues wait for deadlines)."""
    spans = list(dict.fromkeys(view.months(one) for one in found.indicators))
    if len(spans) == 1:
        return months_words(view, found.indicators[0])
    joiner = "、" if view.lang == "zh" else " and "
    return joiner.join(span_words(*span, view.lang) for span in spans)


def _question(view: View, query: Query, found: Scattered) -> str:
    return text("query.question.scatter", view.lang, where=where_words(view, query), months=_months(view, found),
                **_indicator_names(found, view.lang))  # fmt: skip


def _strength(found: Scattered) -> str:
    """Whether there is a direction (the interval excludes 0, or the test says so) and which."""
    one = found.correlation
    if one.reason is not None:
        return str(one.reason.value)
    if one.p >= 0.05 or one.low <= 0 <= one.high:
        return "none"
    return "together" if one.rho > 0 else "opposite"


def _title(found: Scattered, lang: str, listed: int) -> str:
    one = found.correlation
    facts = {**_indicator_names(found, lang), "areas": number(one.areas), "listed": number(listed)}
    if one.reason is None:
        facts["rho"] = _rho(one.rho)
    return text(f"query.scatter.title_{_strength(found)}", lang, **facts)


def _rho(value: float) -> str:
    return f"{value:+.2f}".replace("-", MINUS)


def _lines(found: Scattered, lang: str) -> list[tuple[str, str]]:
    one = found.correlation
    say = _sayer(lang)
    if one.reason is not None:
        return [(say("heading"), say(f"refused_{one.reason.value}", areas=number(one.areas)))]
    interval = say("interval", low=_rho(one.low), high=_rho(one.high)) if one.low == one.low else ""
    lines = [(say("heading"), say("correlation", rho=_rho(one.rho), interval=interval, p=chance_text(one.p),
                                  areas=number(one.areas)))]  # fmt: skip
    if one.weighted == one.weighted:
        lines.append((say("weighted"), say("weighted_rho", rho=_rho(one.weighted))))
    far = list(found.rows.loc[found.rows["far"], "place"])
    if found.line is not None:
        lines.append((say("far"), named(far, found.names, lang) if far else say("far_none")))
    left_out = int((~found.rows["judged"]).sum())
    if left_out:
        lines.append((say("left_out"), say("left_out_count", count=number(left_out))))
    return [*lines, (text("query.test.note", lang), say("no_cause"))]


def _sayer(lang: str) -> Any:
    return lambda key, **facts: text(f"query.scatter.{key}", lang, **facts)


def _figure(view: View, query: Query, found: Scattered, tone: str) -> Frozen:
    labels = {code: place_name(name, view.lang, short=True) for code, name in found.names.items()}
    axes = [
        ScatterAxis(
            title=one.name[view.lang], share=one.counts_share, unit="" if one.counts_share else one.unit[view.lang],
            level=float(total.iloc[0]["value"]) if has_figure(total.iloc[0]) else None,
        )
        for one, total in zip(found.indicators, found.totals, strict=True)
    ]  # fmt: skip
    line = found.line if found.line and _strength(found) in ("together", "opposite") else None
    return Frozen(
        scatter(
            found.rows.assign(named=_named(found)),
            names=labels,
            axes=(axes[0], axes[1]),
            words=chart_words(view.lang) | {"scatter_key": _key(view, query, line is not None)},
            tone=tone_named(tone),
            line=(line.slope, line.intercept) if line else None,
        )
    )


def _key(view: View, query: Query, line: bool) -> str:
    area = place_words(view, query)
    return text(f"query.scatter.key{'_line' if line else ''}", view.lang, area=area)


def _named(found: Scattered) -> pd.Series:
    """The places off the line, then the outermost by rank on either axis."""
    ranks = found.rows[["a_value", "b_value"]].where(found.rows["judged"]).rank(pct=True) - 0.5
    outward = (ranks**2).sum(axis=1, min_count=2)
    outermost = outward.rank(ascending=False, method="first") <= MOST_NAMED
    return found.rows["far"] | outermost.fillna(False)


def _table(
    view: View, query: Query, found: Scattered, question: str, *, hidden: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    lang, (first, second) = view.lang, found.indicators
    columns = [
        Column("name", name_heading(query, lang), kind="name"),
        Column(first.code, first.name[lang], hint=first.description[lang]),
        Column(second.code, second.name[lang], hint=second.description[lang]),
        Column("a_n", text("query.columns.n", lang, group=first.name[lang]), hint=first.denominator_text[lang]),
        Column("b_n", text("query.columns.n", lang, group=second.name[lang]), hint=second.denominator_text[lang]),
        Column("far", text("query.scatter.far", lang), kind="text", hint=text("query.scatter.far_hint", lang)),
    ]

    def cells(row: Mapping[str, Any], gone: list[str]) -> dict[str, Cell]:
        made = {}
        for side, one in zip("ab", found.indicators, strict=True):
            parts = {name: row[f"{side}_{name}"] for name in ("x", "n", "value", "low", "high", "state")}
            if side in gone:
                made |= {one.code: hidden_cell(lang), f"{side}_n": hidden_cell(lang)}
            elif has_figure(parts):
                made |= {one.code: Cell(figure_text(parts, one, lang), sort=float(parts["value"]),
                                        title=evidence_text(parts, one, lang)),
                         f"{side}_n": count_cell(parts["n"])}  # fmt: skip
            else:
                made[one.code] = Cell("", title=figure_text(parts, one, lang))
        return made

    total = {f"{side}_{name}": table.iloc[0][name] for side, table in zip("ab", found.totals, strict=True)
             for name in ("x", "n", "value", "low", "high", "state")}  # fmt: skip
    rows = [Row(code=DISTRICT, total=True, cells={"name": Cell(place_words(view, query)), **cells(total, [])})]
    for row in found.rows.to_dict("records"):
        gone = [side for side, keys in (hidden or {}).items() if (row["place"],) in keys]
        name = found.names[row["place"]]
        mark = text("query.scatter.far_mark", lang) if row["far"] else ""
        rows.append(Row(code=row["place"], cells={"name": Cell(place_name(name, lang), sort=name), **cells(row, gone),
                                                  "far": Cell(mark, sort=mark)}))  # fmt: skip
    return {
        "columns": columns,
        "rows": rows,
        "caption": question,
        "comparison": _months(view, found),
        "footnotes": [*([text("query.table.hidden", lang)] if hidden and any(hidden.values()) else []),
                      text("query.scatter.no_cause", lang)],
        "max_height": table_height(len(rows)),
    }  # fmt: skip
