"""A map taken away: as a picture, as a drawing, as a page to print; made only when somebody asks."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import streamlit as st

from data_access.releases import DataVersion
from ui.choropleth import map_data
from ui.measures import View
from ui.payloads.map_ground import is_invented, map_credit, map_drawing
from ui.texts import date_text, text

FORMATS: Final = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}
_NO_NAME: Final = re.compile(r'[/\\:*?"<>|\s]+')


def map_downloads(
    drawn: Callable[[], Mapping[str, Any]], *, view: View, version: DataVersion, title: str, period: str, key: str
) -> None:
    """Draw the small menu under a map.

    drawn    gives the arguments of `choropleth` for the map, as it stands on the screen
    title    the map's heading; it becomes that of the sheet
    period   the months the figures are of, in words
    key      of the menu
    Nothing is drawn where there are no shapes.
    """
    lang = view.lang
    with st.popover(text("choropleth.download.label", lang), type="tertiary", key=f"{key}_downloads"):
        for kind, mime in FORMATS.items():
            st.download_button(
                text(f"choropleth.download.{kind}", lang),
                data=lambda kind=kind: map_file(kind, drawn(), view=view, version=version, title=title, period=period),
                file_name=file_name(title, period, version, kind=kind, lang=lang),
                mime=mime,
                key=f"{key}_{kind}",
                on_click="ignore",
                type="tertiary",
                width="stretch",
            )


def map_file(
    kind: str, drawn: Mapping[str, Any], *, view: View, version: DataVersion, title: str, period: str
) -> bytes:
    """The map as a file of one of `FORMATS`. Raises UserError where no Chinese font is found."""
    from ui.exports.map_sheet import map_sheet  # the font and the type setter are loaded when first wanted
    from ui.exports.pictures import pdf, png

    drawing = map_drawing(view, level=str(drawn["level"]))
    if drawing is None:
        raise LookupError("there is no drawing to take away.")
    data = map_data(**{"selected": None, **drawn})
    invented = is_invented(view.layer)
    sheet = map_sheet(
        drawing.drawing,
        data if invented else data | {"watermark": ""},
        title=title,
        source=source_text(version, view.lang),
        as_of=period,
        attribution="" if invented else map_credit(view.layer, view.lang),
    )
    return {"svg": lambda: sheet.encode("utf-8"), "png": lambda: png(sheet), "pdf": lambda: pdf(sheet)}[kind]()


def source_text(version: DataVersion, lang: str) -> str:
    """Where the figures come from: the dashboard, its data version and as-of date, and that they are made up."""
    parts = [
        text("frame.product", lang),
        text("choropleth.download.version", lang, number=version.number),
        text("choropleth.download.as_of", lang, day=date_text(version.as_of, lang)) if version.as_of else "",
        text("choropleth.download.made", lang, day=date_text(dt.date.today(), lang)),
        text("frame.demonstration.band", lang) if version.demonstration else "",
    ]
    return " · ".join(part for part in parts if part)


def file_name(title: str, period: str, version: DataVersion, *, kind: str, lang: str) -> str:
    """A name that every computer takes: what, when, and that it is a demonstration."""
    mark = text("frame.demonstration.band", lang) if version.demonstration else ""
    words = "_".join(part for part in (mark, title, period) if part)
    return f"{_NO_NAME.sub('_', words)[:120]}.{kind}"
