"""How much cannot be told apart: the share of counts whose group (management, firm size, area) no register names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import pandas as pd
import streamlit as st

from indicators.catalogue import Indicator
from indicators.counts import PLACE_ATTRIBUTES
from ui import cached_reads, choropleth
from ui.choropleth import LegendEntry
from ui.choropleth.palettes import PALETTES
from ui.component_base import packed
from ui.measures import View
from ui.payloads.map_ground import map_ground
from ui.payloads.map_payload import map_labels
from ui.place_names import place_name
from ui.texts import month_span, number, percent, text

GROUPS: Final = ("management", "firm_size", "area_type", "settlement_age")
"""The dimensions that registers decide; the others stand in the case itself and are never unknown."""
STEPS: Final = (0.0, 0.01, 0.03, 0.1)
"""Upper ends of the first four classes of the map; the first holds exactly none."""
UNKNOWN: Final = "unknown"
MAP_HEIGHT: Final = 460
VILLAGE_MAP_HEIGHT: Final = 380
_SOURCES: Final = ("issues", "inspections")


def unknown_shares(view: View) -> pd.DataFrame:
    """By indicator and dimension: indicator, dimension, unknown, total (what stands below the line), share.

    A row only where the indicator is split by the dimension and anything was counted. The same object for everybody.
    """
    return _unknown_shares(replace(view, lang=""))


@st.cache_resource(show_spinner=False, max_entries=100)
def _unknown_shares(view: View) -> pd.DataFrame:
    catalogue, rows = cached_reads.catalogue(), []
    common = {"level": "township", "first": view.first, "last": view.last, "version": view.version}
    measured = [one.code for one in catalogue.of_source("measurements")]
    for dimension in GROUPS:
        frames = {source: cached_reads.counts(view.scope, source=source, dimension=dimension, **common)
                  for source in _SOURCES}  # fmt: skip
        reported = cached_reads.measurements(
            view.scope, indicators=measured, dimension=dimension, by_month=True, **common
        )
        for indicator in catalogue.values():
            if dimension not in indicator.dimensions or not indicator.available:
                continue
            frame = frames.get(indicator.source)
            if frame is None:
                frame = reported.loc[reported["indicator"] == indicator.code]
            counted = frame[_below_the_line(indicator)]
            total, unknown = float(counted.sum()), float(counted[frame["value"] == UNKNOWN].sum())
            if total > 0:
                rows.append((indicator.code, dimension, unknown, total, unknown / total))
    return pd.DataFrame(rows, columns=["indicator", "dimension", "unknown", "total", "share"])


def _below_the_line(indicator: Indicator) -> str:
    return indicator.numerator if indicator.denominator in PLACE_ATTRIBUTES else indicator.denominator


def unknown_issues(
    view: View, dimension: str, *, level: str = "township", within: str | None = None, by_month: bool = False
) -> pd.DataFrame:
    """Issues whose group is unknown, by place (and month): place, [month], unknown, total.

    A place without issues of the dimension is absent. Raises NotPermitted.
    """
    counts = cached_reads.counts(
        view.scope, source="issues", level=level, within=within, first=view.first, last=view.last, dimension=dimension,
        by_month=by_month, version=view.version,
    )  # fmt: skip
    keys = ["place", "month"] if by_month else ["place"]
    split = counts[keys].assign(total=counts["reported"], unknown=counts["reported"] * (counts["value"] == UNKNOWN))
    return split.groupby(keys, as_index=False)[["unknown", "total"]].sum()


def share_class(unknown: float, total: float) -> str:
    """The class of the map: none at all, then up to 1, 3, 10 per cent, then more; no_data without any issue."""
    if total <= 0:
        return "no_data"
    share = unknown / total
    return f"group_{1 + sum(share > step for step in STEPS)}"


def unknown_map(
    view: View, dimension: str, *, names: Mapping[str, str], level: str, height: int, within: str | None = None
) -> dict[str, Any]:
    """Arguments of `choropleth` but key, selection and callbacks: the share of issues whose group is unknown."""
    lang, catalogue = view.lang, cached_reads.catalogue()
    known = {
        str(one["place"]): one for one in unknown_issues(view, dimension, level=level, within=within).to_dict("records")
    }
    label = catalogue.dimensions[dimension].name[lang]
    span = month_span(view.first, view.last, lang)
    classes, hover = {}, {}
    for code, name in names.items():
        one = known.get(code, {"unknown": 0, "total": 0})
        classes[code] = share_class(one["unknown"], one["total"])
        lines = [text("overview.map.hover_place", lang, place=place_name(name, lang), months=span)]
        if one["total"] > 0:
            facts = {"share": percent(one["unknown"], one["total"]), "unknown": number(one["unknown"]),
                     "total": number(one["total"]), "dimension": label}  # fmt: skip
            lines.append(text("data_quality.unknown.hover", lang, **facts))
        else:
            lines.append(text("frame.states.no_data", lang))
        hover[code] = lines
    return {
        **map_ground(view, level=level),
        "within": within,
        "classes": classes,
        "hover": hover,
        "palette": "sequential",
        "legend": _legend(list(classes.values()), lang),
        "legend_title": text("data_quality.unknown.legend", lang, dimension=label),
        "labels": map_labels(view, names),
        "alt": text("data_quality.unknown.alt", lang, dimension=label, months=span),
        "height": height,
    }


@st.cache_resource(show_spinner=False, max_entries=200)
def packed_map(view: View, dimension: str, *, township: str | None = None, selected: str | None = None) -> bytes:
    """The map of townships, or of the villages of one ``township``, ready to mount. Raises NotPermitted."""
    level, within = ("village", township) if township else ("township", None)
    register = cached_reads.places(view.scope, level=level, within=within, version=view.version)
    names = dict(zip(register["code"], register["name"], strict=True))
    height = VILLAGE_MAP_HEIGHT if township else MAP_HEIGHT
    drawn = unknown_map(view, dimension, names=names, level=level, within=within, height=height)
    return packed(choropleth.map_data(**drawn, selected=selected))


def _legend(classes: Sequence[str], lang: str) -> list[LegendEntry]:
    counts = Counter(classes)
    entries = []
    for key, style in PALETTES["sequential"].items():
        if counts.get(key) or key.startswith("group_"):
            silent = not key.startswith("group_")
            words = text(f"choropleth.legend.silent.{key}" if silent else f"data_quality.unknown.{key}", lang)
            entries.append(LegendEntry(key, style.mark, words, counts.get(key, 0)))
    return entries
