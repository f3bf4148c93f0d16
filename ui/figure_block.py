"""A figure on a page: drawn, told in words for those who cannot see it, and ready to be taken away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from data_access.releases import DataVersion
from ui.charts.canvas import CONFIG
from ui.map_downloads import file_name, source_text
from ui.picture_menu import picture_menu
from ui.texts import text


def figure_block(
    figure: Any,
    *,
    key: str,
    alt: str,
    title: str,
    period: str,
    version: DataVersion,
    lang: str,
    on_select: Callable[[], None] | None = None,
) -> None:
    """Draw a Plotly figure with its menu.

    figure     a ``Frozen`` figure or a ``plotly.graph_objects.Figure``
    alt        the finding of the figure in a sentence, for screen readers
    title      heading of the picture that is taken away
    period     the months the figures are of, in words
    on_select  callback for a click on a mark (its customdata begins with a code); read ``st.session_state[key]``
    """
    picks = {"on_select": on_select, "selection_mode": "points"} if on_select else {}
    st.plotly_chart(figure, key=key, theme=None, config=CONFIG, alt=alt, **picks)
    picture_menu(
        figure=key,
        title=title,
        source=" · ".join((period, source_text(version, lang))),
        watermark=text("frame.demonstration.band", lang) if version.demonstration else "",
        file_name=file_name(title, period, version, kind="", lang=lang).rstrip("."),
        labels={name: text(f"take_away.{name}", lang) for name in ("label", "png", "svg", "failed")},
        key=f"{key}_picture",
    )
