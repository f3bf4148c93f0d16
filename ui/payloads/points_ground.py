"""What the points stand on: outlines and names of places, the view that fits them, and the base map or why there is
none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from data_access.settings import read_settings
from geo.base_maps import BaseMap
from geo.deck_specs import Bounds, DeckSpec, deck, fitting_view
from geo.map_layers import area_layer, area_rows, compact_json, label_layer, outline_layer, outline_rows
from geo.point_marks import rgb
from ui import cached_reads
from ui.charts import palette
from ui.measures import View
from ui.payloads.map_ground import is_invented, map_credit
from ui.place_names import place_name
from ui.static_files import publish
from ui.texts import text

WIDTH: Final = 1_300
HEIGHT: Final = 520
"""Pixels of the map; the width is that of a usual screen, the true one is only known in the browser."""
FOLDER: Final = "geometry"
TOOLTIP_STYLE: Final = {
    "backgroundColor": palette.NAVY, "color": palette.PAPER, "fontSize": "15px", "lineHeight": "1.55",
    "fontFamily": palette.FONTS, "borderRadius": "3px", "maxWidth": "22rem",
}  # fmt: skip


@dataclass(frozen=True)
class Ground:
    """Layers below the points (paper and outlines) and above them (names), the box they fill, and the base map."""

    below: tuple[Any, ...]
    above: tuple[Any, ...]
    bounds: Bounds | None
    under: BaseMap | None


def points_ground(view: View, *, within: str) -> Ground:
    """Townships of the district, or villages of the township ``within``; only shapes and names that anyone may see."""
    level = "township" if within == view.root else "village"
    below, names, bounds = _places(view.layer, view.version, level, within)
    above = ()
    if not names.empty:
        shown = names.assign(name=[place_name(one, view.lang, short=True) for one in names["name"]])
        ink, halo = rgb(palette.INK), rgb(palette.PAPER)
        above = (label_layer(shown, colour=ink, halo=halo, pixels=15 if level == "township" else 13),)
    under = usable_base_map(view.layer)
    return Ground(below[1:] if under else below, above, bounds, under)


@st.cache_resource(show_spinner=False, max_entries=60)
def _places(layer: int, version: int, level: str, within: str) -> tuple[tuple[Any, ...], pd.DataFrame, Bounds | None]:
    nobody = pd.DataFrame({"lon": [], "lat": [], "name": []})
    shapes = cached_reads.boundary_layer(layer=layer, level=level, version=version) if layer else None
    if shapes is not None and level == "village":
        shapes = shapes[shapes["parent"] == within]
    if shapes is None or shapes.empty:
        return (), nobody, None
    # A sheet of paper under the places, so that marks and names read the same on a dark page; no sheet on a base map.
    sheet = publish(compact_json(area_rows(shapes[["geometry"]])), folder=FOLDER, suffix=".json")
    paper = area_layer(sheet, fills=[rgb(palette.PAPER)], classes=[0] * len(shapes), pickable=False, layer_id="paper")
    address = publish(compact_json(outline_rows(shapes)), folder=FOLDER, suffix=".json")
    points = shapes.geometry.representative_point()
    lon = shapes["label_lon"].astype(float).fillna(points.x).to_numpy()
    lat = shapes["label_lat"].astype(float).fillna(points.y).to_numpy()
    names = pd.DataFrame({"lon": lon, "lat": lat, "name": shapes["name"].astype(str).to_numpy()})
    lines = outline_layer(address, colour=rgb(palette.INK_SOFT), pixels=1.4 if level == "township" else 1.0)
    west, south, east, north = (float(one) for one in shapes.total_bounds)
    return (paper, lines), names, (west, south, east, north)


def drawn(
    ground: Ground, layers: Sequence[Any], frame: pd.DataFrame, *, tooltip: str = "", pitch: float = 0
) -> DeckSpec:
    """The layers on their ground, fitted to the places or, where there are none, to the points of ``frame``."""
    bounds = ground.bounds or _around(frame)
    view = fitting_view(bounds, width=WIDTH, height=HEIGHT, pitch=pitch)
    whole = [*ground.below, *layers, *ground.above]
    return deck(whole, view, tooltip=tooltip, tooltip_style=TOOLTIP_STYLE, under=ground.under)


def _around(frame: pd.DataFrame) -> Bounds:
    low, high = np.min(frame[["lon", "lat"]].to_numpy(), axis=0), np.max(frame[["lon", "lat"]].to_numpy(), axis=0)
    return float(low[0]) - 0.01, float(low[1]) - 0.01, float(high[0]) + 0.01, float(high[1]) + 0.01


def usable_base_map(layer: int) -> BaseMap | None:
    """The configured base map; None under a schematic layer, whose shapes do not lie where the tiles do."""
    return None if is_invented(layer) else read_settings().base_map


def ground_notes(layer: int, lang: str) -> tuple[str, ...]:
    """What is printed under the map: whose shapes these are, whose base map, or why there is none."""
    settings = read_settings()
    notes = [map_credit(layer, lang)]
    if settings.base_map is not None:
        if is_invented(layer):
            notes.append(text("points.no_base_map", lang))
        else:
            notes.append(text("points.base_map", lang, attribution=settings.base_map.attribution))
    return tuple(note for note in notes if note)
