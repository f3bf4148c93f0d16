"""Maps of verdicts: classes, hover lines and legend for the choropleth, and the address of its shapes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
import streamlit as st

from geo.svg_paths import drawing_bytes, drawing_geometry
from indicators.catalogue import Indicator
from ui import cached_reads
from ui.choropleth import geometry_address, legend_entries, map_strings
from ui.measures import View
from ui.navigation import PROJECT
from ui.place_names import place_name
from ui.texts import text
from ui.wording import change_text, evidence_text, verdict_text

STATIC: Final = PROJECT / "static"
NO_SHAPES: Final = "app/static/geometry/none.json"


@st.cache_resource(show_spinner=False, max_entries=4)
def shapes_address(*, level: str, version: int) -> str:
    """Where the browser fetches the shapes: townships alone, or villages with their townships; `NO_SHAPES` where no
    boundary layer has been loaded."""
    townships = cached_reads.boundary_layer(level="township", version=version)
    if townships.empty:
        return NO_SHAPES
    villages = cached_reads.boundary_layer(level="village", version=version) if level == "village" else None
    if villages is not None and villages.empty:
        return NO_SHAPES
    return geometry_address(drawing_bytes(drawing_geometry(villages, townships)), static_folder=STATIC)


def map_words(address: str, lang: str) -> dict[str, str]:
    """The fixed words of a map; where there are no shapes, the sentence in its place says so and what to do."""
    words = map_strings(lambda key: text(key, lang))
    return words | {"failed": text("choropleth.no_layer", lang)} if address == NO_SHAPES else words


def verdict_map(
    view: View,
    judged: pd.DataFrame,
    indicator: Indicator,
    *,
    level: str,
    names: Mapping[str, str],
    height: int,
    within: str | None = None,
    changes: Mapping[str, Any] | None = None,
    months: str,
    than: str = "",
    comparison: str,
) -> dict[str, Any]:
    """Arguments of `choropleth` for a verdict table: everything but key, selection and callbacks.

    ``names`` are the registered names by code; ``changes`` the rows of a change table by code; ``months`` the period
    in words; ``comparison`` what the places are compared with.
    """
    lang = view.lang
    palette = "neutral" if indicator.better == "neutral" else "verdict"
    rows = {str(row["place"]): row for row in judged.to_dict("records")}
    classes = {code: str(row["verdict"]) for code, row in rows.items()}
    hover = {}
    for code, row in rows.items():
        lines = [
            text("overview.map.hover_place", lang, place=place_name(names[code], lang), months=months),
            f"{indicator.name[lang]} {evidence_text(row, indicator, lang)}",
            verdict_text(row, indicator, lang),
        ]
        if changes is not None:
            lines.insert(2, change_text(changes.get(code), indicator, lang, than=than))
        hover[code] = lines[:4]

    def words(key: str) -> str:
        return text(key, lang)

    address = shapes_address(level=level, version=view.version)
    return {
        "geometry_url": address,
        "level": level,
        "within": within,
        "classes": classes,
        "hover": hover,
        "palette": palette,
        "legend": legend_entries(palette, Counter(classes.values()), words),
        "legend_title": comparison,
        "labels": map_labels(view, names),
        "alt": text("overview.map.alt", lang, indicator=indicator.name[lang], months=months),
        "watermark": text("choropleth.watermark", lang),
        "strings": map_words(address, lang),
        "height": height,
    }


def map_labels(view: View, names: Mapping[str, str]) -> dict[str, list[str]] | None:
    """Labels of ``names`` and of every township around them; None where the names in the drawing will do."""
    if view.lang == "zh":
        return None
    register = cached_reads.places(view.scope, level="township", version=view.version)
    townships = dict(zip(register["code"], register["name"], strict=True))
    return {code: map_label(name, view.lang) for code, name in (townships | dict(names)).items()}


def map_label(name: str, lang: str) -> list[str]:
    """A place's label from long to short."""
    return [place_name(name, lang), place_name(name, lang, short=True)]
