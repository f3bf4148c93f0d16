"""Estates or firms as points by their last inspection: map, legend and table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import pandas as pd
import streamlit as st

from geo.map_layers import site_layer
from geo.point_marks import Mark, mark_picture
from indicators.last_inspections import CLASSES, STALE_AFTER, inspection_class, worst_first
from ui import cached_points
from ui.charts import palette
from ui.measures import View
from ui.payloads.points_ground import drawn, points_ground
from ui.payloads.points_page import (
    MOST_ROWS,
    PointsPage,
    area_name,
    file_stem,
    legend_html,
    mark_text,
    place_words,
)
from ui.texts import date_text, month_text, number, text

KINDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"estates": ("estate", "office_building"), "firms": ("firm",)}
)
VERDICTS: Final[Mapping[str, str]] = MappingProxyType(
    {"failed": "much_worse", "never": "too_few", "stale": "similar", "passed": "much_better"}
)
"""Class to the verdict whose colour and sign it carries: worse, nothing to judge by, no telling, better."""
_SHAPES: Final = {"▼": "down", "○": "ring", "●": "disc", "▲": "up"}
TOOLTIP: Final = "<b>{n}</b><br>{g}<br>{d}<br>{w}"


def site_marks() -> dict[str, Mark]:
    """How each class is drawn: the palette's colour, the shape of its sign, and a rim that parts it from the ground."""
    marks = {}
    for name, verdict in VERDICTS.items():
        fill = palette.VERDICT_COLOURS[verdict]
        rim = palette.INK_SOFT if name in ("never", "stale") else palette.PAPER
        marks[name] = Mark(_SHAPES[palette.MARKS[verdict]], fill, rim)
    return marks


@st.cache_resource(show_spinner=False, max_entries=40)
def site_points_page(view: View, within: str, shown: str, demonstration: bool) -> PointsPage:
    """The page of "estates" or "firms" within a district or township. The same object for everybody: never change it.

    The register and the inspections are those of the view's last month. Raises NotPermitted.
    """
    lang, kinds = view.lang, KINDS[shown]
    month = view.scope.last_month(view.last)
    found = cached_points.site_points(view, within=within, kinds=kinds, month=month)
    missing = cached_points.sites_without_position(view, within=within, kinds=kinds, month=month)
    sites = worst_first(found, classes=inspection_class(found, month=month))
    words = place_words(view, within)
    whole = _table(sites, words, shown, lang)
    counts = sites["class"].value_counts()
    facts = {
        "place": area_name(view, within), "kind": text(f"points.kinds.{shown}", lang),
        "month": month_text(month, lang), "count": number(len(sites)),
        **{name: number(int(counts.get(name, 0))) for name in CLASSES},
    }  # fmt: skip
    mark = mark_text(demonstration, lang)
    return PointsPage(
        title=text(f"points.title.{shown}" if len(sites) else "points.title.no_sites", lang, **facts),
        note=text("points.note.sites", lang, month=facts["month"]),
        alt=text("points.alt.sites", lang, **facts),
        hint=text("points.hint.sites", lang),
        spec=_spec(view, within, sites, whole, words) if len(sites) else None,
        legend=_legend(counts, lang),
        table=whole.head(MOST_ROWS),
        whole=whole,
        villages=tuple(sites["place"].head(MOST_ROWS)),
        left_out=text("points.left_out.sites", lang, count=number(missing)) if missing else "",
        more=_more(len(whole), lang),
        file_name=text("points.file.sites", lang, mark=file_stem(mark), place=facts["place"], kind=facts["kind"]),
        mark=mark,
        dates=(text("points.columns.inspected_on", lang),),
    )


def _spec(view: View, within: str, sites: pd.DataFrame, whole: pd.DataFrame, words: Mapping[str, str]) -> Any:
    lang = view.lang
    kind, group, state, day, items = (whole[text(f"points.columns.{name}", lang)] for name in _COLUMNS[3:])
    township, village = sites["place"].str[:9].map(words), sites["place"].map(words)
    frame = pd.DataFrame(
        {
            "lon": sites["lon"], "lat": sites["lat"], "mark": sites["class"], "n": sites["name"], "c": sites["place"],
            "g": [f"{one} · {two}" for one, two in zip(kind, group, strict=True)],
            "d": [
                " · ".join([one, *([date_text(when, lang), passed] if when is not None else [])])
                for one, when, passed in zip(state, day, items, strict=True)
            ],
            "w": [f"{one} · {two}" for one, two in zip(township, village, strict=True)],
        }
    )  # fmt: skip
    # What is worst lies on top.
    layer = site_layer(frame.iloc[::-1], marks=site_marks(), carried=("n", "g", "d", "w", "c"))
    return drawn(points_ground(view, within=within), [layer], frame, tooltip=TOOLTIP)


_COLUMNS: Final = ("township", "village", "name", "kind", "group", "state", "inspected_on", "items")


def _table(sites: pd.DataFrame, words: Mapping[str, str], shown: str, lang: str) -> pd.DataFrame:
    dimension = "management" if shown == "estates" else "firm_size"
    columns = {
        "township": [words[code[:9]] for code in sites["place"]],
        "village": [words[code] for code in sites["place"]],
        "name": sites["name"].tolist(),
        "kind": [text(f"points.site_kinds.{kind}", lang) for kind in sites["kind"]],
        "group": [_group(dimension, one, lang) for one in sites["group"]],
        "state": [class_words(one, lang) for one in sites["class"]],
        "inspected_on": sites["inspected_on"].tolist(),
        "items": [
            "" if pd.isna(checked) else text("points.items", lang, passed=number(passed), checked=number(checked))
            for passed, checked in zip(sites["passed_items"], sites["checked_items"], strict=True)
        ],
    }
    return pd.DataFrame({text(f"points.columns.{name}", lang): columns[name] for name in _COLUMNS}, dtype="object")


def class_words(name: str, lang: str) -> str:
    """A class with its sign: "▼ 上次检查有不合格项"."""
    return f"{palette.MARKS[VERDICTS[name]]} {text(f'points.classes.{name}', lang, months=STALE_AFTER)}"


def _group(dimension: str, value: object, lang: str) -> str:
    return text(f"village.{dimension}.{value if isinstance(value, str) else 'unknown'}", lang)


def _legend(counts: pd.Series, lang: str) -> str:
    signs = {name: f'<img alt="" src="{mark_picture(mark)}">' for name, mark in site_marks().items()}
    entries = [
        (signs[name], text(f"points.classes.{name}", lang, months=STALE_AFTER), number(int(counts.get(name, 0))))
        for name in CLASSES
    ]
    return legend_html(text("points.legend.sites", lang), entries)


def _more(count: int, lang: str) -> str:
    return text("points.more", lang, shown=number(MOST_ROWS), count=number(count)) if count > MOST_ROWS else ""
