"""The figures of the pairings page, finished and frozen."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from indicators.catalogue import Indicator, Pairing
from ui import measures
from ui.address import months_between
from ui.charts.dumbbells import dumbbell
from ui.charts.frozen import Frozen
from ui.charts.month_lines import Campaign
from ui.charts.months import month_index
from ui.charts.over_time import gap_over_time
from ui.charts.palette import ACCENT
from ui.charts.quadrants import level_gap_quadrant
from ui.charts.tone import Tone, tone_named
from ui.measures import View
from ui.payloads.pairing_figures import PairingFigures, ordered_rows, pairing_figures
from ui.payloads.pairing_words import group_names, signed_points
from ui.place_names import place_name
from ui.texts import load_language, month_text, text


@st.cache_resource(show_spinner=False, max_entries=600)
def pairing_dumbbell(view: View, pairing_code: str, indicator_code: str, *, tone: str, order: str) -> Frozen | None:
    """The dumbbell in one order, the district on top; None where the gap is not drawable."""
    figures = pairing_figures(view, pairing_code, indicator_code)
    lang, evidence = view.lang, figures.evidence
    if not figures.drawable:
        return None
    rows = ordered_rows(figures, order)
    labels = {code: place_name(name, lang, short=True) for code, name in figures.names.items()}
    if order == "change":
        labels = {code: _with_change(label, figures, code, lang) for code, label in labels.items()}
    district = evidence.district.assign(place=view.root)
    names = group_names(evidence.pairing, lang)
    return Frozen(
        dumbbell(
            pd.concat([district, rows], ignore_index=True),
            names={**labels, view.root: text(f"overview.area_short.{view.township_set}", lang)},
            groups=(names["a"], names["b"]),
            words=chart_words(lang),
            tone=tone_named(tone),
            district=view.root,
        )
    )


def month_figure(
    view: View,
    pairing: Pairing,
    indicator: Indicator,
    *,
    tone: Tone,
    last_month: int,
    marks: tuple[Campaign, ...] = (),
) -> Frozen | None:
    """The district's gap over all months known, the chosen ones underlined, with the notes on it; None where no month
    has a gap."""
    if not indicator.counts_share:
        return None
    months = months_between(view.first_month, max(last_month, view.last))
    rows = measures.gaps(view, pairing, indicator, by=("month",), months=(months[0], months[-1]))
    if not rows["difference"].notna().any():
        return None
    names = group_names(pairing, view.lang)
    drawn = gap_over_time(
        rows,
        months={month: month_text(month, view.lang) for month in months},
        groups=(names["a"], names["b"]),
        words=chart_words(view.lang),
        tone=tone,
        provisional_from=view.provisional_from if indicator.source == "issues" else None,
        campaigns=marks,
    )
    if (view.first, view.last) != (months[0], months[-1]):
        _underline(drawn, view.first, view.last)
    return Frozen(drawn)


def _underline(figure: go.Figure, first: int, last: int) -> None:
    figure.add_shape(type="line", xref="x", yref="paper", x0=month_index(first) - 0.45, x1=month_index(last) + 0.45,
                     y0=0, y1=0, line={"color": ACCENT, "width": 5})  # fmt: skip


def quadrant(view: View, figures: PairingFigures, names: Mapping[str, str], *, tone: Tone) -> Frozen | None:
    """Level against gap; None for figures that are no shares and where fewer than two townships can be compared."""
    indicator, lang = figures.evidence.indicator, view.lang
    if not indicator.counts_share or figures.comparable < 2:
        return None
    total = measures.rates(view, indicator, by=()).iloc[0]
    levels = measures.rates(view, indicator, places=tuple(figures.rows["place"])).set_index("place")
    rows = figures.rows.assign(
        level=figures.rows["place"].map(levels["value"]), level_n=figures.rows["place"].map(levels["n"])
    )
    words = chart_words(lang)
    area = text(f"overview.area_short.{view.township_set}", lang)
    words["district"] = text("pairings.table.district_level", lang, area=area, value="{value}")
    if indicator.better == "lower":
        # A higher rate is then the one behind: the two fields of each half change places.
        for level in ("high", "low"):
            pair = (f"quadrant_{level}_a", f"quadrant_{level}_b")
            words[pair[0]], words[pair[1]] = words[pair[1]], words[pair[0]]
    labels = {code: place_name(name, lang, short=True) for code, name in figures.names.items()}
    return Frozen(
        level_gap_quadrant(
            rows, names=labels, groups=(names["a"], names["b"]), words=words, tone=tone,
            district_level=float(total["value"]),
        )
    )  # fmt: skip


def chart_words(lang: str) -> dict[str, str]:
    """The phrases inside figures in one language."""
    return {
        key.removeprefix("charts."): words for key, words in load_language(lang).items() if key.startswith("charts.")
    }


def _with_change(label: str, figures: PairingFigures, code: str, lang: str) -> str:
    """A row's name with how its gap has moved, where that is known."""
    moved = figures.changes.get(code)
    if moved is None or moved["change"] is None:
        return label
    size = signed_points(moved["difference"], figures.evidence.indicator, n=0)
    word = text(f"pairings.change.mark_{moved['change']}", lang)
    return f'{label}&nbsp;<span style="font-size:11px">{word}&nbsp;{size}</span>'
