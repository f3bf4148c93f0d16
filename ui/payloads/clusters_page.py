"""Everything the page of clusters mounts, for one set of choices; and what it says where nothing may be computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from data_access.permissions import NotPermitted
from ui import cached_reads, choropleth, place_table
from ui.component_base import packed
from ui.measures import View
from ui.payloads.cluster_figures import Tested, clusters_of, failing_name, short_names
from ui.payloads.cluster_map import drawn_clusters, judged_one_by_one
from ui.payloads.cluster_table import drawn_table, results_csv, results_name
from ui.payloads.cluster_words import Words
from ui.texts import month_span, text


@dataclass(frozen=True)
class ClustersPage:
    """One choice, ready. ``empty`` says why there is nothing but the title ("" where there is something).

    map, packed_map  the arguments of the map, and the same packed
    table            packed; None where nothing is listed, and then ``no_table`` says so
    table_arguments  what it was packed from
    judged           whether places were tested one by one
    whole, figures   the result for the whole map in words and figures; how: how it was computed, line by line
    """

    title: str
    note: str
    places_with_data: tuple[int, int] | None
    empty: str
    period: str = ""
    judged: bool = False
    map_title: str = ""
    map_note: str = ""
    map: Mapping[str, Any] | None = None
    packed_map: bytes = b""
    whole: str = ""
    figures: str = ""
    how: tuple[str, ...] = ()
    table_title: str = ""
    table: bytes | None = None
    table_arguments: dict[str, Any] | None = None
    no_table: str = ""
    file_name: str = ""


def refusal(layer: int) -> str:
    """Why nothing may be computed on a boundary layer ("schematic", "none" where there is none); "" for a surveyed."""
    record = cached_reads.boundary_layer_record(layer)
    if record is None:
        return "none"
    return "" if record.surveyed else "schematic"


@st.cache_resource(show_spinner=False, max_entries=200)
def clusters_page(view: View, code: str, level: str, demonstration: bool) -> ClustersPage:
    """The page of one indicator and level, on a surveyed layer. The same object for everybody: never change it.

    Raises ValueError where the view's layer is not surveyed: ask :func:`refusal` first.
    """
    lang = view.lang
    try:
        result = clusters_of(view, code, level)
    except NotPermitted:
        failing = failing_name(code, lang)
        return ClustersPage(failing, "", None, text("clusters.not_permitted", lang))
    words = _words(view, result)
    if words is None:
        return ClustersPage(failing_name(code, lang), "", None, text(f"clusters.no_{level}s_drawn", lang))
    months = month_span(*result.months, lang)
    drawn = drawn_clusters(view, words, months=months)
    table = drawn_table(view, words, months=months, demonstration=demonstration)
    whole, figures = words.whole()
    judged = judged_one_by_one(words.found)
    counted = words.found.table["state"] != "no_data"
    return ClustersPage(
        title=words.title(),
        note=words.say(f"note.{_period_kind(view, result)}", months=months),
        places_with_data=(int(counted.sum()), len(counted)),
        empty="",
        period=months,
        judged=judged,
        map_title=words.say("section.map" if judged else "section.values"),
        map_note=words.say("section.map_note" if judged else "section.values_note"),
        map=drawn,
        packed_map=packed(choropleth.map_data(**drawn, selected=None)),
        whole=whole,
        figures=figures,
        how=tuple(words.how()),
        table_title=words.say("section.table" if judged else "section.beside"),
        table=None if table is None else packed(place_table.payload(**table, lang=lang)),
        table_arguments=table,
        no_table=words.say("table.empty") if table is None else "",
        file_name=results_name(words, demonstration=demonstration),
    )


def results_file(view: View, code: str, level: str, demonstration: bool) -> bytes:
    """The CSV with the results of all places. Raises LookupError where nothing was tested."""
    result = clusters_of(view, code, level)
    words = _words(view, result)
    if words is None:
        raise LookupError(f"the layer draws no {level}.")
    months = month_span(*result.months, view.lang)
    return results_csv(view, words, months=months, demonstration=demonstration)


def _period_kind(view: View, result: Tested) -> str:
    """Whether the months shown are those chosen, fewer because the others are not due, or more for the villages."""
    if result.months == (view.first, view.last):
        return "chosen"
    return "rolling" if result.rolled else "period"


def _words(view: View, result: Tested) -> Words | None:
    if result.found is None:
        return None
    return Words(result, result.found, short_names(view, result.level), view.lang)
