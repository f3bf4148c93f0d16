"""The statistics behind the page of clusters, without words: kept once for both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import streamlit as st

from geo.neighbours import Neighbours, find_neighbours
from indicators.catalogue import Indicator
from indicators.spatial_clusters import ClusterMap, cluster_map
from ui import cached_reads, measures
from ui.measures import View
from ui.place_names import place_name
from ui.texts import text

LEVELS: Final = ("village", "township")
"""The levels that can be looked at, the first by default."""


@dataclass(frozen=True)
class Tested:
    """One map tested, with what has to be said beside it.

    months     the months the figures are of; rolled: more than were chosen, because single villages have few cases
    layer      the name of the boundary layer
    found      the result; None where the layer draws no place of the level
    rate       failures of all places together by their cases (times the indicator's ``per``); NaN without any
    """

    indicator: Indicator
    level: str
    months: tuple[int, int]
    rolled: bool
    layer: str
    found: ClusterMap | None
    rate: float


def clusters_of(view: View, code: str, level: str) -> Tested:
    """The clusters of one indicator; the same object for everybody and both languages: never change it.

    Raises NotPermitted where the villages of the whole district may not be read, and ValueError where the view's layer
    is not surveyed: nothing may be computed on invented shapes.
    """
    return _clusters_of(replace(view, lang="", township_set="all"), code, level)


@st.cache_resource(show_spinner=False, max_entries=200)
def _clusters_of(view: View, code: str, level: str) -> Tested:
    layer = cached_reads.boundary_layer_record(view.layer)
    if layer is None or not layer.surveyed:
        raise ValueError("clusters are looked for on surveyed boundaries only.")
    indicator = cached_reads.catalogue()[code]
    seen = measures.rolling_year(view) if level == "village" else view
    register = cached_reads.places(view.scope, level=level, version=view.version)
    rates = measures.rates(seen, indicator, level=level, places=tuple(register["code"]))
    near = neighbours(view.layer, level, view.version)
    found = None
    if near.ids:
        found = cluster_map(rates, indicator, near, precision=layer.origin.precision, filled=near.filled)
    months, chosen = seen.months(indicator), view.months(indicator)
    name = layer.origin.name
    rate = float("nan")
    if found is not None:
        known = found.table.dropna(subset=["x", "n"])
        rate = float(known["x"].sum() / known["n"].sum() * indicator.per) if known["n"].sum() > 0 else rate
    return Tested(indicator, level, months, months != chosen, name, found, rate)


@st.cache_resource(show_spinner=False, max_entries=12)
def neighbours(layer: int, level: str, version: int) -> Neighbours:
    """Who is whose neighbour in one layer; without places where the layer draws none of the level."""
    return find_neighbours(cached_reads.boundary_layer(layer=layer, level=level, version=version).set_index("code"))


def failing_name(code: str, lang: str) -> str:
    """What is counted when the indicator is not met: 未解决率."""
    return text(f"clusters.failing.{code}", lang)


def full_names(view: View, level: str) -> Mapping[str, str]:
    """Code to registered name, for maps."""
    register = cached_reads.places(view.scope, level=level, version=view.version)
    return dict(zip(register["code"].astype(str), register["name"].astype(str), strict=True))


def short_names(view: View, level: str) -> Mapping[str, str]:
    """Code to name in the reader's language: villages without their township, townships in English without the kind."""
    register = cached_reads.places(view.scope, level=level, version=view.version)
    if level == "township":
        named = zip(register["code"], register["name"], strict=True)
        return {str(code): place_name(str(name), view.lang, short=True) for code, name in named}
    names = register["short_name"].where(register["short_name"].notna(), register["name"])
    return {str(code): place_name(str(name), view.lang) for code, name in zip(register["code"], names, strict=True)}
