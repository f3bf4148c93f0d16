"""Maps of verdicts: classes, hover lines and legend for the choropleth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pandas as pd

from indicators.catalogue import Indicator
from ui import cached_reads
from ui.choropleth import legend_entries
from ui.measures import View
from ui.payloads.map_ground import map_ground
from ui.place_names import place_name
from ui.texts import text
from ui.wording import change_text, evidence_text, verdict_text


def verdict_map(
    view: View,
    judged: pd.DataFrame,
    indicator: Indicator,
    *,
    level: str,
    names: Mapping[str, str],
    height: int,
    within: str | None = None,
    changes: Mapping[str, Any] | None = None,
    months: str,
    than: str = "",
    comparison: str,
) -> dict[str, Any]:
    """Arguments of `choropleth` for a verdict table: everything but key, selection and callbacks.

    ``names`` are the registered names by code; ``changes`` the rows of a change table by code; ``months`` the period
    in words; ``comparison`` what the places are compared with.
    """
    lang = view.lang
    palette = "neutral" if indicator.better == "neutral" else "verdict"
    rows = {str(row["place"]): row for row in judged.to_dict("records")}
    classes = {code: str(row["verdict"]) for code, row in rows.items()}
    hover = {}
    for code, row in rows.items():
        lines = [
            text("overview.map.hover_place", lang, place=place_name(names[code], lang), months=months),
            f"{indicator.name[lang]} {evidence_text(row, indicator, lang)}",
            verdict_text(row, indicator, lang),
        ]
        if changes is not None:
            lines.insert(2, change_text(changes.get(code), indicator, lang, than=than))
        hover[code] = lines[:4]

    def words(key: str) -> str:
        return text(key, lang)

    return {
        **map_ground(view, level=level),
        "within": within,
        "classes": classes,
        "hover": hover,
        "palette": palette,
        "legend": legend_entries(palette, Counter(classes.values()), words),
        "legend_title": comparison,
        "labels": map_labels(view, names),
        "alt": text("overview.map.alt", lang, indicator=indicator.name[lang], months=months),
        "height": height,
    }


def map_labels(view: View, names: Mapping[str, str]) -> dict[str, list[str]] | None:
    """Labels of ``names`` and of every township around them; None where the names in the drawing will do."""
    if view.lang == "zh":
        return None
    register = cached_reads.places(view.scope, level="township", version=view.version)
    townships = dict(zip(register["code"], register["name"], strict=True))
    return {code: map_label(name, view.lang) for code, name in (townships | dict(names)).items()}


def map_label(name: str, lang: str) -> list[str]:
    """A place's label from long to short."""
    return [place_name(name, lang), place_name(name, lang, short=True)]
