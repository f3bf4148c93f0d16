"""The page that `python -m bench province` measures: one map of areas; ?turn=N colours them anew."""

import os
import pickle
import time
from pathlib import Path

import streamlit as st

from geo.deck_specs import deck, fitting_view
from geo.map_layers import area_layer

FILLS = ((31, 78, 121), (91, 141, 190), (198, 220, 239), (189, 189, 189), (239, 168, 120), (213, 94, 0))

known = pickle.loads(Path(os.environ["BENCH_PROVINCE"]).read_bytes())
turn = int(st.query_params.get("turn", "0"))
st.button("colour anew", on_click=lambda: st.query_params.update(turn=str(turn + 1)))
began = time.perf_counter()
classes = [(index * 7 + index // 97 + turn) % len(FILLS) for index in range(known["places"])]
layer = area_layer("app/static/province.json", fills=FILLS, classes=classes)
spec = deck([layer], fitting_view(known["bounds"], width=1000, height=600), tooltip="{n}")
st.pydeck_chart(spec, height=600, key="province")
made = (time.perf_counter() - began) * 1000
st.html(f'<p id="made" data-turn="{turn}" data-ms="{made:.1f}" data-bytes="{len(spec.json)}">{turn}</p>')
