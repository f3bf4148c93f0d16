"""One step of the way: number, name, how it stands, and room for what belongs to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Literal

import streamlit as st

from ui.texts import text

Standing = Literal["done", "now", "later", "stopped"]


@contextmanager
def step(number: int, name: str, *, standing: Standing, note: str = "", lang: str) -> Iterator[None]:
    """Draw the head of a step and put what follows below it. A step to come shows its note only."""
    spoken = text("upload.step", lang, number=number)
    how = text(f"upload.step_{'now' if standing == 'stopped' else standing}", lang)
    sign = "✓" if standing == "done" else "!" if standing == "stopped" else str(number)
    with st.container(key=f"upload_step_{number}_{standing}"):
        st.html(
            f'<div class="gb-step-head {standing}"><span class="disc" aria-hidden="true">{sign}</span>'
            f'<h2><span class="spoken">{escape(spoken)}（{escape(how)}）</span>{escape(text(name, lang))}</h2>'
            f'<span class="note">{escape(note)}</span></div>'
        )
        yield
