"""Issues on the map as columns or heat, with the villages they lie in as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
import streamlit as st

from geo.map_layers import issue_columns, issue_heat
from geo.point_marks import rgb
from ui import cached_points
from ui.choropleth.palettes import class_styles
from ui.measures import View
from ui.payloads.points_ground import drawn, points_ground
from ui.payloads.points_page import PointsPage, area_name, file_stem, legend_html, mark_text, place_words
from ui.texts import month_span, number, text

CELL_METRES: Final = {"district": 500, "township": 200}
TALLEST_METRES: Final = {"district": 6_000, "township": 1_600}
PITCH: Final = 45.0
TOOLTIP: Final = "<b>{a}</b><br>{b}<br>{e}"
_COLUMNS: Final = ("township", "village", "count", "unsolved", "open", "solved")


def shades() -> tuple[str, ...]:
    """The colours from few to many: the five groups of the palette "sequential"."""
    return tuple(str(class_styles("sequential")[f"group_{step}"].fill) for step in range(1, 6))


@st.cache_resource(show_spinner=False, max_entries=40)
def issue_points_page(view: View, within: str, shown: str, demonstration: bool) -> PointsPage:
    """The page of "columns" or "heat" for the view's months. The same object for everybody: never change it.

    Raises NotPermitted.
    """
    lang = view.lang
    issues = cached_points.issue_points(view, within=within)
    missing = cached_points.issues_without_position(view, within=within)
    villages = by_village(issues)
    last = view.scope.last_month(view.last)
    facts = {
        "place": area_name(view, within), "count": number(len(issues)),
        "months": month_span(min(view.first, last), last, lang), "unsolved": number(int(villages["unsolved"].sum())),
        "open": number(int(villages["open"].sum())),
    }  # fmt: skip
    spec, legend = None, ""
    if len(issues):
        spec, legend = (_columns if shown == "columns" else _heat)(view, within, issues)
    whole = _table(villages, place_words(view, within), lang)
    mark = mark_text(demonstration, lang)
    return PointsPage(
        title=text("points.title.issues" if len(issues) else "points.title.no_issues", lang, **facts),
        note=text("points.note.issues", lang),
        alt=text(f"points.alt.{shown}", lang, **facts),
        hint=text(f"points.hint.{shown}", lang),
        spec=spec,
        legend=legend,
        table=whole,
        whole=whole,
        villages=tuple(villages["place"]),
        left_out=text("points.left_out.issues", lang, count=number(missing)) if missing else "",
        more="",
        file_name=text("points.file.issues", lang, mark=file_stem(mark), place=facts["place"]),
        mark=mark,
    )


def by_village(issues: pd.DataFrame) -> pd.DataFrame:
    """place, count, unsolved, open (not known yet) and solved, the most unsolved first, then the most."""
    known = issues["solved"].notna()
    solved = known & issues["solved"].eq(True)
    counted = pd.DataFrame(
        {"place": issues["place"], "count": 1, "unsolved": known & ~solved, "open": ~known, "solved": solved}
    )
    summed = counted.groupby("place", as_index=False).sum()
    order = ["unsolved", "count", "place"]
    return summed.sort_values(order, ascending=[False, False, True], ignore_index=True).astype(
        dict.fromkeys(("count", "unsolved", "open", "solved"), "int64")
    )


def _level(view: View, within: str) -> str:
    return "district" if within == view.root else "township"


def _columns(view: View, within: str, issues: pd.DataFrame) -> tuple[Any, str]:
    lang, level = view.lang, _level(view, within)
    colours = [rgb(one) for one in shades()]
    layer, cells = issue_columns(
        issues, cell_metres=CELL_METRES[level], colours=colours, tallest_metres=TALLEST_METRES[level]
    )
    for row in layer.data:
        row["a"] = text("points.cell.count", lang, count=number(int(row["count"])), metres=CELL_METRES[level])
        row["b"] = text("points.cell.unsolved", lang, count=number(int(row["unsolved"])))
        row["e"] = text("points.cell.rest", lang, open=number(int(row["open"])), solved=number(int(row["solved"])))
    spec = drawn(points_ground(view, within=within), [layer], issues, tooltip=TOOLTIP, pitch=PITCH)
    entries = []
    for step, inside in cells.groupby("step")["count"]:
        low, high = int(inside.min()), int(inside.max())
        words = text("points.cell.range", lang, range=number(low) if low == high else f"{number(low)}–{number(high)}")
        entries.append((_swatch(shades()[int(step)]), words, ""))
    return spec, legend_html(text("points.legend.columns", lang, metres=CELL_METRES[level]), entries)


def _heat(view: View, within: str, issues: pd.DataFrame) -> tuple[Any, str]:
    lang = view.lang
    layer = issue_heat(issues, colours=[rgb(one) for one in shades()])
    spec = drawn(points_ground(view, within=within), [layer], issues)
    few, many = text("points.cell.few", lang), text("points.cell.many", lang)
    words = [few, *[""] * (len(shades()) - 2), many]
    entries = [(_swatch(colour), word, "") for colour, word in zip(shades(), words, strict=True)]
    return spec, legend_html(text("points.legend.heat", lang), entries)


def _swatch(colour: str) -> str:
    return f'<i style="background:{colour}"></i>'


def _table(villages: pd.DataFrame, words: Mapping[str, str], lang: str) -> pd.DataFrame:
    columns = {
        "township": [words[code[:9]] for code in villages["place"]],
        "village": [words[code] for code in villages["place"]],
        **{name: villages[name] for name in _COLUMNS[2:]},
    }
    return pd.DataFrame({text(f"points.columns.{name}", lang): columns[name] for name in _COLUMNS})
