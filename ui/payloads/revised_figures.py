"""Figures of released months that were corrected since, in words: what was released and what it is now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import pandas as pd

from data_access.permissions import Scope
from geo.place_codes import level_of
from indicators.catalogue import Catalogue, Indicator
from ui import cached_reads
from ui.navigation import HEADLINE
from ui.place_names import place_name
from ui.texts import month_text, number, text, value_text

COLUMNS: Final = ("month", "place", "indicator", "before", "after")


@dataclass(frozen=True)
class RevisedFigure:
    """One figure as a reader sees it: where and when, its name, as released and as it is now."""

    month: str
    place: str
    indicator: str
    before: str
    after: str


def chosen_revisions(
    frame: pd.DataFrame, *, root: str, first: int, last: int, places: Sequence[str] | None = None
) -> pd.DataFrame:
    """The revisions of some months and places (None: all), the whole before its parts, headline figures first."""
    rows = frame[(frame["month"] >= first) & (frame["month"] <= last)]
    if places is not None:
        rows = rows[rows["place_code"].isin(places)]
    order = {code: position for position, code in enumerate(HEADLINE)}
    rank = rows["indicator"].map(order).fillna(len(order)).astype("int64")
    ordered = rows.assign(_part=rows["place_code"] != root, _rank=rank, _back=-rows["month"].astype("int64"))
    return ordered.sort_values(["_part", "_rank", "_back", "place_code"])[list(frame.columns)]


def place_names(scope: Scope, *, version: int, lang: str) -> dict[str, str]:
    """Names of the root and its townships by code."""
    levels = dict.fromkeys((level_of(scope.root), "township"))
    frames = [cached_reads.places(scope, level=level, version=version) for level in levels]
    known = {code: name for frame in frames for code, name in zip(frame["code"], frame["name"], strict=True)}
    return {code: place_name(name, lang) for code, name in known.items()}


def in_words(frame: pd.DataFrame, *, catalogue: Catalogue, names: Mapping[str, str], lang: str) -> list[RevisedFigure]:
    """Every row of a frame of revisions in the reader's language."""
    return [
        RevisedFigure(
            month=month_text(row.month, lang),
            place=names.get(row.place_code, row.place_code),
            indicator=catalogue[row.indicator].name[lang],
            before=_figure(catalogue[row.indicator], row.released_numerator, row.released_denominator, lang),
            after=_figure(catalogue[row.indicator], row.numerator, row.denominator, lang),
        )
        for row in frame.itertuples()
    ]


def revisions_html(figures: Sequence[RevisedFigure], *, left_out: int, lang: str) -> str:
    """A small table of the figures, and how many more there are."""
    heads = "".join(f"<th>{escape(text(f'releases.revised.{name}', lang))}</th>" for name in COLUMNS)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(getattr(one, name))}</td>" for name in COLUMNS) + "</tr>" for one in figures
    )
    more = f"<p>{escape(text('releases.revised.more', lang, count=left_out))}</p>" if left_out else ""
    lead = escape(text("releases.revised.lead", lang))
    return f'<div class="gb-revised"><p>{lead}</p><table><tr>{heads}</tr>{rows}</table>{more}</div>'


def _figure(indicator: Indicator, x: float, n: float, lang: str) -> str:
    """98.1%（1,203/1,226）; the words for no data where there is no pair."""
    if pd.isna(x) or pd.isna(n) or n <= 0:
        return text("releases.revised.absent", lang)
    if indicator.counts_share and x > n:
        return f"{number(x)}/{number(n)}"
    unit = "" if indicator.per != 1 or indicator.kind == "proportion" else indicator.unit[lang]
    value = value_text(kind=indicator.kind, x=x, n=n, value=x / n * indicator.per, unit=unit)
    return text("wording.evidence_plain", lang, value=value, counts=f"{number(x)}/{number(n)}")
