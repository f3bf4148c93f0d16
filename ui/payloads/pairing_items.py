"""Which checklist items (or kinds of issue) make the gap: A against B in each, and what each adds to the whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import streamlit as st

from indicators.catalogue import Indicator
from indicators.decomposition import Decomposition, kitagawa
from indicators.exact_tests import fdr
from indicators.gaps import gap_table
from ui import cached_reads, measures
from ui.charts.dumbbells import dumbbell
from ui.charts.frozen import Frozen
from ui.charts.tone import tone_named
from ui.measures import View
from ui.payloads.circular_table import DISTRICT
from ui.payloads.pairing_charts import chart_words
from ui.payloads.pairing_strata import STRATUM, part_dimension, strata_names, strata_sides
from ui.payloads.pairing_words import (
    gap_words,
    group_names,
    other,
    side_value,
    signed_interval,
    signed_points,
    size_text,
)
from ui.place_table import Cell, Column, Row
from ui.texts import month_span, number, state_text, text

MOST_NAMED: Final = 3


@dataclass(frozen=True)
class ItemFigures:
    """The gap by item, as computed.

    rows    ``gap_table`` by item (column STRATUM) with ``stands``: whether the difference holds among all items looked
            at (false discovery rate 5 %); sorted, the largest part of the gap first
    total   ``gap_table`` of the two groups as a whole (one row)
    parts   the gap taken apart by item; None where a group has no cases or counts are hidden
    """

    rows: pd.DataFrame
    total: pd.DataFrame
    parts: Decomposition | None


@dataclass(frozen=True)
class ItemsBoard:
    """What the section mounts. Without a figure ``answer`` says why there is none, and there is no table."""

    title: str
    note: str
    answer: str
    remarks: tuple[str, ...]
    figure: Frozen | None
    table: Mapping[str, Any] | None
    period: str


@st.cache_resource(show_spinner=False, max_entries=300)
def item_figures(view: View, pairing_code: str, indicator_code: str, *, as_of: dt.date | None) -> ItemFigures | None:
    """The gap by item; None where the indicator's cases belong to no item. One object for everybody."""
    catalogue = cached_reads.catalogue()
    pairing, indicator = catalogue.pairings[pairing_code], catalogue[indicator_code]
    part = part_dimension(indicator)
    if part is None:
        return None
    first, second = strata_sides(view, pairing, indicator, part, as_of=as_of)
    parts = kitagawa(first, second, by=STRATUM)
    rows = gap_table(first, second, by=(STRATUM,), indicator=indicator)
    rows = rows.assign(stands=fdr(rows["p"].to_numpy(dtype=float)) & rows["ahead"].isin(["a", "b"]).to_numpy())
    adds = {} if parts is None else dict(zip(parts.strata[STRATUM], parts.strata["level"], strict=True))
    rows = rows.assign(adds=rows[STRATUM].map(adds))
    sign = 1 if parts is not None and parts.difference < 0 else -1
    rows = rows.assign(_by=sign * rows["adds"]).sort_values("_by", kind="stable", na_position="last")
    return ItemFigures(
        rows=rows.drop(columns="_by").reset_index(drop=True),
        total=measures.gaps(view, pairing, indicator, by=()),
        parts=parts,
    )


@st.cache_resource(show_spinner=False, max_entries=300)
def items_board(view: View, pairing_code: str, indicator_code: str, *, tone: str, as_of: dt.date | None) -> ItemsBoard:
    """The section of one gap: figure, answer and table, or why there are none."""
    catalogue = cached_reads.catalogue()
    pairing, indicator, lang = catalogue.pairings[pairing_code], catalogue[indicator_code], view.lang
    part = part_dimension(indicator)
    months = month_span(*view.months(indicator), lang)
    kind = part or "item"
    title, note = text(f"pairings.items.{kind}.title", lang), text(f"pairings.items.{kind}.note", lang)
    found = item_figures(view, pairing_code, indicator_code, as_of=as_of)
    if part is None or found is None:
        why = "not_by_item" if indicator.source == "inspections" else "no_parts"
        answer = text(f"pairings.items.{why}", lang, indicator=indicator.name[lang])
        return ItemsBoard(title, "", answer, (), None, None, months)
    if not found.rows["ahead"].notna().any():
        answer = text("pairings.items.too_few", lang, part=text(f"pairings.items.{kind}.name", lang))
        return ItemsBoard(title, "", answer, (), None, None, months)
    groups = group_names(pairing, lang)
    names = strata_names(part, catalogue=catalogue, places={}, lang=lang)
    area = text(f"overview.area_short.{view.township_set}", lang)
    drawn = dumbbell(
        pd.concat([found.total.assign(place=DISTRICT), _said(found.rows).rename(columns={STRATUM: "place"})]),
        names={**names, DISTRICT: area},
        groups=(groups["a"], groups["b"]),
        words=chart_words(lang),
        tone=tone_named(tone),
        district=DISTRICT,
    )
    return ItemsBoard(
        title=title,
        note=note,
        answer=items_words(found, indicator, groups, names, part=kind, lang=lang),
        remarks=_remarks(found, indicator, groups, names, part=kind, lang=lang),
        figure=Frozen(drawn),
        table=_table(found, indicator, groups, names, part=kind, months=months, area=area, lang=lang),
        period=months,
    )


def _said(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with nobody behind where the difference does not stand among all that were looked at."""
    falls = rows["ahead"].isin(["a", "b"]) & ~rows["stands"]
    return rows.assign(ahead=rows["ahead"].mask(falls, "none").astype(object))


def items_words(
    found: ItemFigures,
    indicator: Indicator,
    groups: Mapping[str, str],
    names: Mapping[str, str],
    *,
    part: str,
    lang: str,
) -> str:
    """How many items differ, which way, and the widest of them."""
    rows = found.rows
    judged, stands = int(rows["ahead"].notna().sum()), rows[rows["stands"]]
    facts: dict[str, Any] = {"part": text(f"pairings.items.{part}.name", lang), "tested": judged,
                             "parts": text(f"pairings.items.{part}.names", lang)}  # fmt: skip
    if stands.empty:
        return text("pairings.items.none_differ", lang, **facts, **groups)
    counts = stands["ahead"].value_counts()
    ahead = str(counts.index[0])
    same = stands[stands["ahead"] == ahead].sort_values("difference", key=lambda one: -one.abs(), kind="stable")
    named = [
        text("pairings.items.named", lang, name=names[row[STRATUM]], size=size_text(row["difference"], indicator, lang))
        for row in same.head(MOST_NAMED).to_dict("records")
    ]
    facts |= {"behind": groups[other(ahead)], "ahead": groups[ahead], "count": len(same),
              "named": ("、" if lang == "zh" else ", ").join(named)}  # fmt: skip
    opposite = len(stands) - len(same)
    key = "differ_both" if opposite else "differ_all" if len(same) == judged else "differ"
    return text(f"pairings.items.{key}", lang, **facts, opposite=opposite)


def _remarks(
    found: ItemFigures,
    indicator: Indicator,
    groups: Mapping[str, str],
    names: Mapping[str, str],
    *,
    part: str,
    lang: str,
) -> tuple[str, ...]:
    said = []
    part_name, parts_name = (text(f"pairings.items.{part}.{form}", lang) for form in ("name", "names"))
    if found.parts is not None and found.total.iloc[0]["ahead"] in ("a", "b"):
        sign = -1.0 if found.parts.difference < 0 else 1.0
        main = [
            text("pairings.items.named", lang, name=names[row[STRATUM]], size=size_text(row["adds"], indicator, lang))
            for row in found.rows.head(MOST_NAMED).to_dict("records")
            if pd.notna(row["adds"]) and sign * row["adds"] >= 0.0005
        ]
        if main:
            joined = ("、" if lang == "zh" else ", ").join(main)
            said.append(text("pairings.items.adds", lang, part=part_name, named=joined,
                             size=size_text(found.parts.difference, indicator, lang)))  # fmt: skip
        mix = size_text(sign * found.parts.composition.value, indicator, lang, signed=True)
        said.append(text("pairings.items.mix", lang, part=part_name, parts=parts_name, size=mix))
    return (*said, text("pairings.items.together", lang, part=part_name, parts=parts_name))


def _table(
    found: ItemFigures,
    indicator: Indicator,
    groups: Mapping[str, str],
    names: Mapping[str, str],
    *,
    part: str,
    months: str,
    area: str,
    lang: str,
) -> dict[str, Any]:
    """Arguments of `place_table` without key, selection and callback: one row an item, the whole on top."""
    whole = found.total.iloc[0].to_dict() | {
        "adds": found.parts.level.value if found.parts is not None else float("nan"), "stands": True,
    }  # fmt: skip
    rows = [Row(DISTRICT, _cells(whole, indicator, groups, area, lang), total=True)]
    rows += [
        Row(str(row[STRATUM]), _cells(row, indicator, groups, names[row[STRATUM]], lang))
        for row in found.rows.to_dict("records")
    ]
    label, heading = (text(f"pairings.items.{part}.{form}", lang) for form in ("name", "heading"))
    return {
        "columns": [
            Column("name", heading, kind="name"),
            Column("adds", text("pairings.items.columns.adds", lang),
                   hint=text("pairings.items.columns.adds_hint", lang, part=label)),
            Column("difference", text("pairings.columns.difference", lang),
                   hint=text("pairings.columns.difference_hint", lang,
                             unit=text("pairings.table.points_unit", lang), **groups), wide_only=True),
            Column("verdict", text("pairings.columns.behind", lang), kind="text",
                   hint=text("pairings.items.columns.behind_hint", lang, part=label)),
            Column("a", groups["a"], hint=indicator.description[lang], wide_only=True),
            Column("b", groups["b"], hint=indicator.description[lang], wide_only=True),
            Column("interval", text("pairings.columns.interval", lang), kind="text", wide_only=True),
        ],
        "rows": rows,
        "caption": text("pairings.items.caption", lang, months=months, indicator=indicator.name[lang], part=label,
                        **groups),
        "comparison": text("pairings.items.comparison", lang, part=label, **groups),
        "footnotes": [],
        "max_height": None,
    }  # fmt: skip


def _cells(
    row: Mapping[str, Any], indicator: Indicator, groups: Mapping[str, str], name: str, lang: str
) -> dict[str, Cell]:
    judged = row["ahead"] is not None and not pd.isna(row["difference"])
    n = min(row["a_n"], row["b_n"]) if judged else 0
    said = gap_words(row, indicator, groups, lang)
    if not judged:
        behind = said
    elif row["ahead"] == "none" or not row["stands"]:
        behind = text("pairings.table.nobody", lang)
    else:
        behind = groups[other(row["ahead"])]
    return {
        "name": Cell(name, sort=name),
        "adds": Cell("") if pd.isna(row["adds"]) else Cell(_points(row["adds"], indicator),
                                                           sort=float(row["adds"])),
        "difference": Cell(signed_points(row["difference"], indicator, n=n), sort=float(row["difference"]), title=said)
        if judged else Cell("", title=said),
        "verdict": Cell(behind, sort=behind, title=said),
        "a": _side(row, "a", indicator, lang),
        "b": _side(row, "b", indicator, lang),
        "interval": Cell(signed_interval(row["low"], row["high"], indicator, lang, n=n)) if judged else Cell(""),
    }  # fmt: skip


def _points(size: float, indicator: Indicator) -> str:
    """A signed figure, without a sign where it is printed as nothing."""
    shown = signed_points(size, indicator, n=0)
    return shown.lstrip("+−") if not shown.strip("+−0.") else shown


def _side(row: Mapping[str, Any], side: str, indicator: Indicator, lang: str) -> Cell:
    if pd.isna(row[f"{side}_n"]) or not row[f"{side}_n"]:
        return Cell("", title=state_text("no_data", lang))
    counts = f"{number(row[f'{side}_x'])}/{number(row[f'{side}_n'])}"
    return Cell(side_value(row, side, indicator), sort=float(row[f"{side}_value"]), title=counts)
