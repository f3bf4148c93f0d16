"""A page with nothing but the map, run by the browser test from a folder of its own."""

import json
import os
from pathlib import Path

import geopandas as gpd
import streamlit as st

from geo import svg_paths
from ui.choropleth import choropleth, geometry_address, legend_entries, map_strings

GEOGRAPHY = Path(os.environ["GEOGRAPHY"])
TEXTS = json.loads(os.environ["TEXTS"])


def text(key: str) -> str:
    node = TEXTS
    for part in key.split(".")[1:]:
        node = node[part]
    return node


@st.cache_resource
def address() -> tuple[str, list[str]]:
    layer = gpd.read_file(GEOGRAPHY / "townships_schematic.geojson").set_crs(4490, allow_override=True)
    content = svg_paths.drawing_bytes(svg_paths.drawing_geometry(None, layer))
    return geometry_address(content, static_folder=Path(__file__).parent / "static"), list(layer["code"])


def note(event: str) -> None:
    st.session_state.events = [*st.session_state.get("events", []), event]


st.session_state.turn = st.session_state.get("turn", 0) + 1
url, codes = address()
kinds = ["worse", "similar", "much_better", "too_few", "no_data"]
classes = {code: kinds[(number + st.session_state.turn) % 5] for number, code in enumerate(codes)}
hover = {code: ["<b>名</b>", "97.9%", "无变化", "全区 98.1%"] for code in codes}
choropleth(
    geometry_url="app/static/geometry/missing.json" if "broken" in st.query_params else url,
    level="township",
    classes=classes,
    hover=hover,
    palette="verdict",
    legend=legend_entries("verdict", {kind: 5 for kind in kinds}, text),
    alt="各镇街与其余镇街相比",
    watermark=TEXTS["watermark"],
    strings=map_strings(text),
    key="map",
    on_pick=lambda: note(st.session_state["map"].pick),
    on_back=lambda: note("back"),
)
st.button("再来一次")
st.write("事件：" + " ".join(st.session_state.get("events", [])))
