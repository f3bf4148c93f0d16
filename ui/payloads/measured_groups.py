"""Two kinds of villages compared in what departments measure: the figure and its finding in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import streamlit as st

from indicators.catalogue import Indicator
from indicators.printed_figures import TWO_DECIMALS_FROM
from ui import cached_reads, measures
from ui.charts.frozen import Frozen
from ui.charts.group_rows import GroupRow, group_rows
from ui.charts.tone import tone_named
from ui.measures import View
from ui.payloads.pairing_words import gap_words, group_names, other, side_value, signed_interval, size_text
from ui.texts import number, state_text, text


@dataclass(frozen=True)
class Groups:
    """The figure of one pairing and its finding; ``figure`` None where no indicator has both groups."""

    figure: Frozen | None
    finding: str


def group_gaps(view: View, codes: Sequence[str], pairing_code: str) -> dict[str, Mapping[str, Any]]:
    """For each indicator that is split so, and is better one way, the one row of its ``gap_table``; never change it."""
    return _group_gaps(replace(view, lang=""), tuple(codes), pairing_code)


@st.cache_resource(show_spinner=False, max_entries=200)
def _group_gaps(view: View, codes: tuple[str, ...], pairing_code: str) -> dict[str, Mapping[str, Any]]:
    catalogue = cached_reads.catalogue()
    pairing = catalogue.pairings[pairing_code]
    return {
        code: dict(measures.gaps(view, pairing, catalogue[code], by=()).iloc[0])
        for code in codes
        if pairing.dimension in catalogue[code].dimensions and catalogue[code].better != "neutral"
    }


@st.cache_resource(show_spinner=False, max_entries=200)
def groups(view: View, codes: tuple[str, ...], pairing_code: str, *, tone: str) -> Groups:
    """The figure of a pairing over several indicators, in their order, and who is behind in which."""
    lang, catalogue = view.lang, cached_reads.catalogue()
    pairing = catalogue.pairings[pairing_code]
    names = group_names(pairing, lang)
    found = group_gaps(view, codes, pairing_code)
    if not any(_known(row, "a") and _known(row, "b") for row in found.values()):
        return Groups(None, text("measured.groups.nothing", lang, **names))
    rows = [_row(code, catalogue[code], row, names, lang) for code, row in found.items()]
    figure = group_rows(
        rows,
        groups=(names["a"], names["b"]),
        heads=(text("measured.groups.scale", lang), text("measured.groups.difference", lang)),
        keys=(
            text("measured.groups.behind", lang, group=names["a"]),
            text("measured.groups.behind", lang, group=names["b"]),
            text("measured.groups.unclear", lang),
        ),
        tone=tone_named(tone),
    )
    return Groups(Frozen(figure), _finding(found, names, lang))


def _finding(found: Mapping[str, Mapping[str, Any]], names: Mapping[str, str], lang: str) -> str:
    catalogue, joint = cached_reads.catalogue(), text("measured.join", lang)
    parts = []
    for side in ("a", "b"):
        behind = [catalogue[code].name[lang] for code, row in found.items() if row["ahead"] == other(side)]
        if behind:
            parts.append(text("measured.groups.behind_in", lang, group=names[side], count=len(behind),
                              items=joint.join(behind)))  # fmt: skip
    tested = sum(row["ahead"] is not None for row in found.values())
    if not parts:
        return text("measured.groups.alike", lang, **names, tested=tested)
    return text("measured.groups.sentence", lang, **names, tested=tested,
                parts=text("measured.groups.and", lang).join(parts))  # fmt: skip


def _row(code: str, indicator: Indicator, row: Mapping[str, Any], names: Mapping[str, str], lang: str) -> GroupRow:
    texts = {side: _side_text(row, side, indicator, lang) for side in ("a", "b")}
    unit = "" if indicator.counts_share else text("measured.columns.unit", lang, unit=indicator.unit[lang])
    return GroupRow(
        code=code,
        name=indicator.name[lang],
        a=float(row["a_value"]) if _known(row, "a") else None,
        b=float(row["b_value"]) if _known(row, "b") else None,
        ahead=row["ahead"],
        a_text=texts["a"],
        b_text=texts["b"],
        difference_text=difference_text(row, indicator, lang),
        hover="<br>".join(
            (
                f"<b>{indicator.name[lang]}{unit}</b>",
                *(f"{names[side]} {texts[side]}{_counts(row, side)}" for side in ("a", "b")),
                gap_words(row, indicator, names, lang),
            )
        ),
    )


def _known(row: Mapping[str, Any], side: str) -> bool:
    return not pd.isna(row[f"{side}_value"])


def _side_text(row: Mapping[str, Any], side: str, indicator: Indicator, lang: str) -> str:
    return side_value(row, side, indicator) if _known(row, side) else state_text("no_data", lang)


def _counts(row: Mapping[str, Any], side: str) -> str:
    return f" ({number(row[f'{side}_x'])}/{number(row[f'{side}_n'])})" if _known(row, side) else ""


def difference_text(row: Mapping[str, Any], indicator: Indicator, lang: str) -> str:
    """The first group less the second with its sign, and its interval with the same signs; why, where not judged.

    An interval that leaves out 0 by less than one decimal shows is printed with two: it never ends in 0.0.
    """
    if row["ahead"] is None or pd.isna(row["difference"]):
        return state_text("too_few" if row["state"] == "value" else str(row["state"]), lang)
    low, high, share = float(row["low"]), float(row["high"]), indicator.kind == "proportion"
    n = float(min(row["a_n"], row["b_n"]))
    close = 0 < max(low, -high) * (100 if share else 1) < 0.1  # leaves 0 out, which one decimal would not show
    n = max(n, TWO_DECIMALS_FROM) if close else n
    size = size_text(row["difference"], indicator, lang, n=n, signed=True)
    interval = signed_interval(low, high, indicator, lang, n=n)
    if close and not share:
        ends = (number(end, decimals=2) for end in (low, high))
        interval = text("charts.interval", lang, **dict(zip(("low", "high"), ends, strict=True)))
    return text("measured.groups.difference_value", lang, size=size, interval=interval)


def pairing_options(codes: Sequence[str], lang: str) -> dict[str, str]:
    """The pairings to choose from: code to the names of both groups."""
    pairings = cached_reads.catalogue().pairings
    return {code: text("measured.groups.option", lang, **group_names(pairings[code], lang)) for code in codes}
