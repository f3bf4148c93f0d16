"""The map of clusters: what each place is among its neighbours; or, where too few are tested, their values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from indicators.spatial_clusters import ClusterMap
from ui.choropleth import legend_entries
from ui.measures import View
from ui.payloads.cluster_figures import full_names
from ui.payloads.cluster_words import Words
from ui.payloads.map_ground import map_ground
from ui.payloads.map_payload import map_labels
from ui.payloads.value_map import value_map
from ui.place_names import place_name
from ui.texts import text
from ui.wording import evidence_text

HEIGHT: Final = 560
_SILENT: Final = {
    "no_data": "no_data", "too_few_cases": "too_few", "no_neighbours": "not_applicable", "not_drawn": "not_applicable",
}  # fmt: skip
"""Why a place is not judged to the class that says so."""


def place_class(row: Mapping[str, Any]) -> str:
    """The class of one row of a cluster table: its label, or the way in which nothing is said of it."""
    if row["state"] == "hidden":
        return "hidden"
    return _SILENT[row["reason"]] if isinstance(row["reason"], str) else str(row["label"])


def drawn_clusters(view: View, words: Words, *, months: str) -> dict[str, Any]:
    """Arguments of `choropleth` but key, selection and callbacks. ``months`` the period in words."""
    tested, lang = words.tested, view.lang
    names = full_names(view, tested.level)
    rows = words.found.table.to_dict("records")
    neutral = tested.indicator.better == "neutral"
    palette = "clusters_neutral" if neutral else "clusters"
    classes = {str(row["place"]): place_class(row) for row in rows}
    drawn = {
        **map_ground(view, level=tested.level),
        "within": None,
        "classes": classes,
        "hover": {str(row["place"]): _lines(row, words, names, months) for row in rows},
        "palette": palette,
        "legend": legend_entries(palette, Counter(classes.values()), lambda key: text(key, lang)),
        "legend_title": words.say("map.legend"),
        "labels": map_labels(view, names),
        "alt": words.say("map.alt_neutral" if neutral else "map.alt", months=months),
        "height": HEIGHT,
    }
    if judged_one_by_one(words.found):
        return drawn
    judged = words.found.table
    return value_map(view, drawn, judged, tested.indicator, names=names, colours="groups", months=months) | {
        "alt": words.say("map.alt_values", months=months)
    }


def judged_one_by_one(found: ClusterMap) -> bool:
    """Whether any place has a result of its own."""
    return found.local.reason is None and found.local.tested > 0


def _lines(row: Mapping[str, Any], words: Words, names: Mapping[str, str], months: str) -> list[str]:
    lang, code = words.lang, str(row["place"])
    return [
        text("overview.map.hover_place", lang, place=place_name(names[code], lang), months=months),
        f"{words.failing} {evidence_text(row, words.tested.indicator, lang)}",
        words.near(row),
        words.verdict(row),
    ]
