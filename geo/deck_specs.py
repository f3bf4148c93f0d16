"""A map for WebGL as one compact specification: layers, view, tooltip, and the base map under them or none.

Nothing is asked of another host: without a base map the specification says so in the one way that keeps Streamlit's
front end from fetching a style of its own. Its tile layer cannot draw pictures from a specification (it takes tiles for
GeoJSON; tried with Streamlit 1.67), so base maps go in as a style.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pydeck as pdk
from pydeck.bindings.json_tools import default_serialize

from geo.base_maps import BaseMap

NO_BASE_MAP: Final = "__MAP_STYLE__"
"""pydeck's word for "not chosen". Streamlit drops it and draws nothing; a missing style it would fetch outside."""
WORLD_PIXELS: Final = 512
"""Width of the world at zoom 0 in deck.gl."""

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


@dataclass(frozen=True)
class DeckSpec:
    """A map ready to be sent: ``json`` in deck.gl's own notation, ``tooltip`` as its front end takes it.

    Made once and kept; `st.pydeck_chart` takes it in place of a pydeck Deck, of which it only wants ``to_json`` and
    the tooltip.
    """

    json: str = field(repr=False)
    tooltip: Mapping[str, Any] = field(repr=False)

    def to_json(self) -> str:
        """The specification as it is."""
        return self.json

    @property
    def _tooltip(self) -> dict[str, Any]:
        return dict(self.tooltip)


def fitting_view(bounds: Bounds, *, width: int, height: int, pitch: float = 0, margin: float = 0.05) -> pdk.ViewState:
    """The view in which ``bounds`` fill a map of ``width`` × ``height`` pixels but for ``margin``, a share of a side.

    Zoom is that of Web Mercator with a world of 512 pixels at zoom 0. In a tilted view (``pitch`` in degrees) the
    ground is foreshortened, and a fifth of the height is left for what stands on it. Raises ValueError for bounds
    without an inside or beyond 85° of latitude.
    """
    west, south, east, north = bounds
    if not (math.isfinite(sum(bounds)) and west < east and south < north and south >= -85 and north <= 85):
        raise ValueError(f"{bounds} bounds nothing that can be shown.")
    low, high = _mercator(south), _mercator(north)
    room, seen = 1 - 2 * margin, 0.8 / math.cos(math.radians(pitch)) if pitch else 1.0
    zoom = min(
        math.log2(width * room / WORLD_PIXELS * 360 / (east - west)),
        math.log2(height * room * seen / WORLD_PIXELS * 2 * math.pi / (high - low)),
    )
    middle = math.degrees(2 * math.atan(math.exp((low + high) / 2)) - math.pi / 2)
    return pdk.ViewState(
        longitude=round((west + east) / 2, 5), latitude=round(middle, 5),
        zoom=round(zoom, 2), pitch=pitch, bearing=0,
    )  # fmt: skip


def deck(
    layers: Sequence[pdk.Layer],
    view: pdk.ViewState,
    *,
    tooltip: str = "",
    tooltip_style: Mapping[str, str] | None = None,
    under: BaseMap | None = None,
) -> DeckSpec:
    """The layers, first at the bottom, as a compact specification.

    ``tooltip`` is HTML in which {name} stands for what the pointed-at row carries under that name (the front end
    escapes it). ``under`` is the base map; None means none, and no request.
    """
    style = under.style() if under else NO_BASE_MAP
    whole = {
        "initialViewState": view,
        "layers": list(layers),
        # A style that is not an address has to stand in a list: that is how the front end hands it on.
        "mapStyle": style if isinstance(style, str) else [style],
        "views": [pdk.View("MapView", controller=True, id="map")],
    }
    text = json.dumps(whole, default=default_serialize, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return DeckSpec(text, {"html": tooltip, "style": dict(tooltip_style or {})} if tooltip else {})


def _mercator(latitude: float) -> float:
    return math.asinh(math.tan(math.radians(latitude)))
