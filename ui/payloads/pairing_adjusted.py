"""Is the gap still there in like conditions, where does it come from, and is it the same everywhere?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import streamlit as st

from indicators.catalogue import Indicator, Pairing
from indicators.decomposition import Decomposition, kitagawa
from indicators.gaps import gap_table
from indicators.sentences import gap_sentence
from indicators.strata import AdjustedGap, adjusted_gap
from ui import cached_reads
from ui.charts.frozen import Frozen
from ui.charts.gap_intervals import DifferenceRow, gap_intervals
from ui.charts.tone import tone_named
from ui.measures import View
from ui.payloads.circular_table import DISTRICT
from ui.payloads.pairing_charts import chart_words
from ui.payloads.pairing_figures import pairing_figures
from ui.payloads.pairing_strata import (
    ESTATE_AGE,
    STRATUM,
    TOWNSHIP,
    condition_name,
    offered_strata,
    strata_names,
    strata_sides,
)
from ui.payloads.pairing_words import group_names, interval_words, side_value, signed_interval, signed_points
from ui.place_table import Cell, Column, Row
from ui.texts import month_span, number, points, state_text, text

BEHIND: Final = {"a": "b", "b": "a", "none": "none"}


@dataclass(frozen=True)
class AdjustedFigures:
    """One gap held against one condition: pooled, stratum by stratum, and taken apart."""

    gap: AdjustedGap
    parts: Decomposition | None
    strata: pd.DataFrame
    """``gap_table`` by stratum (column STRATUM)."""


@dataclass(frozen=True)
class AdjustedBoard:
    """What the section mounts: the answer, remarks under it, the figure (None: ``answer`` says why), the table.

    ``method`` is the line for researchers: tests and their p-values.
    """

    answer: str
    remarks: tuple[str, ...]
    method: str
    figure: Frozen | None
    table: Mapping[str, Any] | None
    period: str


def within_choices(view: View, pairing_code: str, indicator_code: str) -> dict[str, str]:
    """The conditions that can be held alike, by code, in words; the first is the default."""
    catalogue = cached_reads.catalogue()
    offered = offered_strata(catalogue.pairings[pairing_code], catalogue[indicator_code])
    return {code: text(f"pairings.within.{code}", view.lang) for code in offered}


@st.cache_resource(show_spinner=False, max_entries=300)
def adjusted_figures(
    view: View, pairing_code: str, indicator_code: str, within: str, *, as_of: dt.date | None
) -> AdjustedFigures:
    """The figures of one gap in one condition. The same object for everybody: never change it."""
    catalogue = cached_reads.catalogue()
    pairing, indicator = catalogue.pairings[pairing_code], catalogue[indicator_code]
    first, second = strata_sides(view, pairing, indicator, within, as_of=as_of)
    return AdjustedFigures(
        gap=adjusted_gap(first, second, by=STRATUM),
        parts=kitagawa(first, second, by=STRATUM) if indicator.counts_share else None,
        strata=gap_table(first, second, by=(STRATUM,), indicator=indicator),
    )


@st.cache_resource(show_spinner=False, max_entries=300)
def adjusted_board(
    view: View, pairing_code: str, indicator_code: str, within: str, *, tone: str, as_of: dt.date | None
) -> AdjustedBoard:
    """The section for one condition ("township" or a dimension)."""
    catalogue = cached_reads.catalogue()
    pairing, indicator, lang = catalogue.pairings[pairing_code], catalogue[indicator_code], view.lang
    found = adjusted_figures(view, pairing_code, indicator_code, within, as_of=as_of)
    groups = group_names(pairing, lang)
    condition = condition_name(within, catalogue=catalogue, lang=lang)
    months = month_span(*view.months(indicator), lang)
    if found.gap.reason is not None:
        answer = text(f"pairings.adjusted.refused.{found.gap.reason}", lang, condition=condition, **groups)
        return AdjustedBoard(answer, (), "", None, None, months)
    places = pairing_figures(view, pairing_code, indicator_code).names
    names = strata_names(within, catalogue=catalogue, places=places, lang=lang)
    rows = difference_rows(found, indicator, names, within=within, condition=condition, lang=lang)
    drawn = gap_intervals(
        rows, groups=(groups["a"], groups["b"]), lower_better=indicator.better == "lower", words=chart_words(lang),
        tone=tone_named(tone),
    )  # fmt: skip
    return AdjustedBoard(
        answer=answer_words(found.gap, indicator, groups, condition=condition, lang=lang),
        remarks=_remarks(found, pairing, within=within, condition=condition, lang=lang),
        method=_method(found.gap, lang),
        figure=Frozen(drawn),
        table=_table(found, indicator, groups, names, condition=condition, months=months, lang=lang),
        period=months,
    )


def answer_words(
    gap: AdjustedGap, indicator: Indicator, groups: Mapping[str, str], *, condition: str, lang: str
) -> str:
    """Whether the gap is still there like for like, beside what it was before."""
    adjusted = gap.adjusted
    crude, value, low, high = (float(one) for one in (gap.crude.difference, *adjusted[:3]))
    facts: dict[str, Any] = {
        **groups,
        "condition": condition,
        "crude": points(crude, lang, signed=False),
        "crude_way": text(f"pairings.adjusted.way.{_way(crude)}", lang),
        "size": points(value, lang, signed=False),
        "way": text(f"pairings.adjusted.way.{_way(value)}", lang),
    }
    if low != low or high != high:
        return text("pairings.adjusted.answer.no_variation", lang, **facts)
    facts["interval"] = interval_words(low, high, indicator, lang)
    was = float(gap.crude.low) > 0 or float(gap.crude.high) < 0
    remains = low > 0 or high < 0
    if was and remains:
        key = "still" if crude * value > 0 else "reversed"
    else:
        key = "gone" if was else "appears" if remains else "neither"
    return text(f"pairings.adjusted.answer.{key}", lang, **facts)


def _way(difference: float) -> str:
    return "higher" if difference > 0 else "lower" if difference < 0 else "same"


def _remarks(found: AdjustedFigures, pairing: Pairing, *, within: str, condition: str, lang: str) -> tuple[str, ...]:
    gap, said = found.gap, []
    facts: dict[str, Any] = {"condition": condition}
    if gap.same_everywhere is None:
        said.append(text(f"pairings.adjusted.same.{gap.homogeneity_reason}", lang, **facts))
    else:
        said.append(text(f"pairings.adjusted.same.{'yes' if gap.same_everywhere else 'no'}", lang, **facts))
    if found.parts is not None:
        said.append(
            text("pairings.adjusted.parts", lang, sentence=gap_sentence(found.parts, lang, pairing=pairing.name[lang]))
        )
    dropped = int(gap.adjusted.strata_dropped)
    if dropped:
        said.append(text("pairings.adjusted.dropped", lang, count=dropped, **facts))
    if within == ESTATE_AGE:
        said.append(text("pairings.adjusted.estate_age_note", lang))
    return tuple(said)


def _method(gap: AdjustedGap, lang: str) -> str:
    facts = {
        "used": int(gap.adjusted.strata_used),
        "p": _p_text(gap.p, lang),
        "same": _p_text(gap.homogeneity_p, lang),
    }
    return text(f"pairings.adjusted.method{'_exact' if gap.p_exact else ''}", lang, **facts)


def _p_text(p: float, lang: str) -> str:
    if p != p:
        return text("pairings.adjusted.no_p", lang)
    return "< 0.001" if p < 0.001 else f"= {p:.3f}"


def difference_rows(
    found: AdjustedFigures, indicator: Indicator, names: Mapping[str, str], *, within: str, condition: str, lang: str
) -> list[DifferenceRow]:
    """The rows of the figure: as it stands, like for like, the two parts, and the strata (but townships, which have a
    figure of their own)."""
    gap, lower = found.gap, indicator.better == "lower"
    pooled = found.strata[["a_n", "b_n"]].sum().min()

    def row(name: str, kind: str, value: float, low: float, high: float, n: float) -> DifferenceRow:
        side = "a" if (low > 0) == lower else "b"
        return DifferenceRow(name, kind, value, low, high, side if low > 0 or high < 0 else "none", n=n)

    rows = [
        row(text("pairings.adjusted.rows.crude", lang), "whole", *(float(one) for one in gap.crude), pooled),
        row(text("pairings.adjusted.rows.adjusted", lang, condition=condition), "whole",
            *(float(one) for one in gap.adjusted[:3]), pooled),
    ]  # fmt: skip
    if found.parts is not None:
        rows += [
            row(text(f"pairings.adjusted.rows.{name}", lang, condition=condition), "part", *part, pooled)
            for name, part in (("level", found.parts.level), ("composition", found.parts.composition))
        ]
    if within == TOWNSHIP:
        return rows
    for one in _in_order(found.strata, names).to_dict("records"):
        judged = one["ahead"] is not None
        state = "no_data" if not judged and one["state"] == "value" else str(one["state"])
        rows.append(
            DifferenceRow(
                names[one[STRATUM]], "stratum", one["difference"], one["low"], one["high"],
                BEHIND[one["ahead"]] if judged else None,
                reason="" if judged else _missing(one, lang) or state_text(state, lang),
                n=min(one["a_n"], one["b_n"]) if judged else 0,
            )
        )  # fmt: skip
    return rows


def _missing(row: Mapping[str, Any], lang: str) -> str:
    absent = [pd.isna(row[f"{side}_n"]) or not row[f"{side}_n"] for side in "ab"]
    return text("pairings.map.only_one", lang) if absent[0] != absent[1] else ""


def _in_order(strata: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """The strata in the order of the vocabulary (or of the register)."""
    order = {code: at for at, code in enumerate(names)}
    return strata.assign(_at=strata[STRATUM].map(order)).sort_values("_at", kind="stable").drop(columns="_at")


def _table(
    found: AdjustedFigures,
    indicator: Indicator,
    groups: Mapping[str, str],
    names: Mapping[str, str],
    *,
    condition: str,
    months: str,
    lang: str,
) -> dict[str, Any]:
    """Arguments of `place_table` without key, selection and callback: one row a stratum."""
    total = found.gap
    fewest = found.strata[["a_n", "b_n"]].sum().min()
    pooled = [
        Row(
            code=code,
            total=True,
            cells={
                "name": Cell(text(f"pairings.adjusted.rows.{key}", lang, condition=condition)),
                "difference": Cell(signed_points(float(value), indicator, n=fewest), sort=float(value)),
                "interval": Cell(signed_interval(float(low), float(high), indicator, lang, n=fewest))
                if float(low) == float(low) else Cell(""),
            },
        )
        for code, key, (value, low, high) in (
            (DISTRICT, "crude", total.crude), ("adjusted", "adjusted", total.adjusted[:3])
        )
    ]  # fmt: skip
    listed = [
        Row(
            code=str(row[STRATUM]),
            cells={
                "name": Cell(names[row[STRATUM]], sort=names[row[STRATUM]]),
                **{side: _side(row, side, indicator) for side in "ab"},
                **_difference(row, indicator, lang),
            },
        )
        for row in _in_order(found.strata, names).to_dict("records")
    ]
    return {
        "columns": [
            Column("name", condition, kind="name"),
            Column("a", groups["a"], hint=indicator.description[lang]),
            Column("b", groups["b"], hint=indicator.description[lang]),
            Column("difference", text("pairings.columns.difference", lang),
                   hint=text("pairings.columns.difference_hint", lang,
                             unit=text("pairings.table.points_unit", lang), **groups)),
            Column("interval", text("pairings.columns.interval", lang), kind="text"),
        ],
        "rows": [*pooled, *listed],
        "caption": text("pairings.adjusted.caption", lang, months=months, indicator=indicator.name[lang],
                        condition=condition, **groups),
        "comparison": text("pairings.table.comparison", lang, **groups),
        "footnotes": [text("pairings.adjusted.note_table", lang, condition=condition)],
        "max_height": 420,
    }  # fmt: skip


def _side(row: Mapping[str, Any], side: str, indicator: Indicator) -> Cell:
    if pd.isna(row[f"{side}_n"]) or not row[f"{side}_n"] or pd.isna(row[f"{side}_value"]):
        return Cell("")
    counts = f"{number(row[f'{side}_x'])}/{number(row[f'{side}_n'])}"
    return Cell(side_value(row, side, indicator), sort=float(row[f"{side}_value"]), title=counts)


def _difference(row: Mapping[str, Any], indicator: Indicator, lang: str) -> dict[str, Cell]:
    if row["ahead"] is None or pd.isna(row["difference"]):
        said = _missing(row, lang) or state_text("too_few" if row["state"] == "value" else str(row["state"]), lang)
        return {"difference": Cell("", title=said), "interval": Cell(said)}
    n = min(row["a_n"], row["b_n"])
    interval = signed_interval(row["low"], row["high"], indicator, lang, n=n)
    return {
        "difference": Cell(signed_points(row["difference"], indicator, n=n), sort=float(row["difference"]),
                           title=interval),
        "interval": Cell(interval),
    }  # fmt: skip
