"""What a map is drawn on: the shapes of the present boundary layer and the words that have to stand beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from data_access.permissions import Scope
from data_access.settings import read_settings
from geo.svg_paths import drawing_bytes, drawing_geometry
from geo.tile_grid import tile_layers
from ui import cached_reads
from ui.choropleth import geometry_address, map_strings
from ui.measures import View
from ui.navigation import PROJECT
from ui.texts import text

if TYPE_CHECKING:
    import geopandas as gpd

STATIC: Final = PROJECT / "static"
NO_SHAPES: Final = "app/static/geometry/none.json"


def map_ground(view: View, *, level: str) -> dict[str, Any]:
    """Arguments of `choropleth` that do not depend on figures: geometry_url, level, watermark and strings."""
    drawing = map_drawing(view, level=level)
    address = NO_SHAPES if drawing is None else drawing.address
    return {
        "geometry_url": address,
        "level": level,
        "watermark": map_credit(view.layer, view.lang),
        "strings": map_words(address, view.lang),
    }


@dataclass(frozen=True, eq=False)
class MapDrawing:
    """The shapes as drawn: the address under which the browser fetches them, and the drawing itself."""

    address: str
    drawing: dict[str, Any]


def map_drawing(view: View, *, level: str) -> MapDrawing | None:
    """The drawing of a view's layer: townships alone, or villages with their townships; None where the layer does not
    draw them, or there is none. In public mode equal tiles take the place of invented shapes."""
    return _drawing(level, view.layer, view.version, shows_tiles(view.layer))


def shows_tiles(layer: int) -> bool:
    """Whether equal tiles stand in for the shapes of a layer: it is not surveyed, and the public may see the screen."""
    return read_settings().map_public_mode and is_invented(layer)


@st.cache_resource(show_spinner=False, max_entries=16)
def _drawing(level: str, layer: int, version: int, tiles: bool) -> MapDrawing | None:
    townships, villages = (_tiles if tiles else _shapes)(layer, version)
    if townships.empty or (level == "village" and villages.empty):
        return None
    drawing = drawing_geometry(villages if level == "village" else None, townships)
    return MapDrawing(geometry_address(drawing_bytes(drawing), static_folder=STATIC), drawing)


def _shapes(layer: int, version: int) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    townships, villages = (
        cached_reads.boundary_layer(layer=layer, level=level, version=version) for level in ("township", "village")
    )
    return townships, villages


def _tiles(layer: int, version: int) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    scope = Scope(root=read_settings().root_place)  # tiles say no more than that a place exists
    townships, villages = (
        cached_reads.places(scope, level=level, version=version) for level in ("township", "village")
    )
    villages = villages.drop(columns=["grid_column", "grid_row"])
    if townships.empty:
        return townships, villages
    named = [frame.assign(name=frame["short_name"]) for frame in (villages, townships)]
    lower, upper = tile_layers(*named)
    return upper, lower


def is_invented(layer: int) -> bool:
    """Whether the shapes say nothing about where places are: schematic ones, tiles, or none at all."""
    record = cached_reads.boundary_layer_record(layer)
    return record is None or not record.surveyed


def map_credit(layer: int, lang: str) -> str:
    """What is printed in the corner of a map: that it is schematic, or who made it and its review number."""
    record = cached_reads.boundary_layer_record(layer)
    if record is None or is_invented(layer):
        return text("choropleth.tiles" if shows_tiles(layer) else "choropleth.watermark", lang)
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
