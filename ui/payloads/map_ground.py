"""What a map is drawn on: the shapes of the present boundary layer and the words that have to stand beside them."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from data_access.settings import read_settings
from geo.svg_paths import drawing_bytes, drawing_geometry
from ui import cached_reads
from ui.choropleth import geometry_address, map_strings
from ui.measures import View
from ui.navigation import PROJECT
from ui.texts import text

STATIC: Final = PROJECT / "static"
NO_SHAPES: Final = "app/static/geometry/none.json"


def map_ground(view: View, *, level: str) -> dict[str, Any]:
    """Arguments of `choropleth` that do not depend on figures: geometry_url, level, watermark and strings."""
    address = shapes_address(level=level, layer=view.layer, version=view.version)
    return {
        "geometry_url": address,
        "level": level,
        "watermark": map_credit(view.layer, view.lang),
        "strings": map_words(address, view.lang),
    }


@st.cache_resource(show_spinner=False, max_entries=16)
def shapes_address(*, level: str, layer: int, version: int) -> str:
    """Where the browser fetches the shapes: townships alone, or villages with their townships; `NO_SHAPES` where the
    layer does not draw them, or there is none."""
    townships = cached_reads.boundary_layer(layer=layer, level="township", version=version)
    if townships.empty:
        return NO_SHAPES
    villages = (
        cached_reads.boundary_layer(layer=layer, level="village", version=version) if level == "village" else None
    )
    if villages is not None and villages.empty:
        return NO_SHAPES
    return geometry_address(drawing_bytes(drawing_geometry(villages, townships)), static_folder=STATIC)


def map_credit(layer: int, lang: str) -> str:
    """What is printed in the corner of a map: that it is schematic, or who made it and its review number."""
    record = cached_reads.boundary_layer_record(layer)
    if record is None or not record.surveyed:
        return text("choropleth.watermark", lang)
    settings = read_settings()
    parts = [record.origin.attribution or settings.map_attribution]
    number = record.origin.review_number or settings.map_review_number
    if number:
        parts.append(text("choropleth.review_number", lang, number=number))
    return " · ".join(part for part in parts if part)


def map_words(address: str, lang: str) -> dict[str, str]:
    """The fixed words of a map; where there are no shapes, the sentence in its place says so and what to do."""
    words = map_strings(lambda key: text(key, lang))
    return words | {"failed": text("choropleth.no_layer", lang)} if address == NO_SHAPES else words
