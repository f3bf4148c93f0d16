"""The map of the values themselves, beside that of the verdicts: in five groups, or shaded without steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pandas as pd

from geo.place_codes import label_names
from indicators.catalogue import Indicator
from indicators.value_groups import value_groups, value_steps
from ui.choropleth import LegendEntry, legend_entries, ramp
from ui.measures import View
from ui.payloads.map_payload import map_label
from ui.texts import text
from ui.wording import figure_text


def value_map(
    view: View, drawn: Mapping[str, Any], judged: pd.DataFrame, indicator: Indicator, *, names: Mapping[str, str],
    colours: str, months: str,
) -> dict[str, Any]:  # fmt: skip
    """The arguments of a verdict map turned into those of a map of values.

    ``drawn`` is what :func:`ui.payloads.map_payload.verdict_map` gave for ``judged``; ``names`` the registered names;
    ``colours`` "groups" (five, about equally many places in each) or "shades" (from the lowest to the highest value).
    """
    lang = view.lang
    rows = {str(row["place"]): row for row in judged.to_dict("records")}
    values = pd.Series(
        {code: row["value"] if row["state"] == "value" else None for code, row in rows.items()}, dtype=float
    )
    known = {code: figure_text(rows[code], indicator, lang) for code in values.dropna().index}
    found = value_groups(values) if colours == "groups" else value_steps(values)
    prefix = "group" if colours == "groups" else "step"
    classes = {
        code: f"{prefix}_{int(found.groups[code])}" if code in known else str(row["state"])
        for code, row in rows.items()
    }
    order = values.dropna().sort_values(kind="stable").index
    changed: dict[str, Any] = {
        "classes": classes,
        "labels": _labels(names, known, drawn["level"], lang),
        "alt": text(f"choropleth.{colours}_alt", lang, months=months, indicator=indicator.name[lang]),
        "legend_title": "",
    }
    if colours == "groups":
        spans = {f"group_{group}": _span(order, found.groups, group, known) for group in found.ranges}
        entries = legend_entries("sequential", Counter(classes.values()), lambda key: text(key, lang))
        legend = [
            LegendEntry(one.key, one.mark, spans.get(one.key, one.word), one.count)
            for one in entries
        ]  # fmt: skip
        title = text("choropleth.groups_title", lang)
        return dict(drawn) | changed | {"palette": "sequential", "legend": legend, "legend_title": title}
    legend = legend_entries("ramp", Counter(classes.values()), lambda key: text(key, lang))
    ends = (known[order[0]], known[order[-1]]) if len(order) else (text("frame.states.no_data", lang),) * 2
    said = text("choropleth.shades_strip", lang, low=ends[0], high=ends[1])
    strip = ramp(low=ends[0], high=ends[1], alt=said)
    return dict(drawn) | changed | {"palette": "ramp", "legend": legend, "strip": strip}


def _span(order: pd.Index, groups: pd.Series, group: int, known: Mapping[str, str]) -> str:
    """The values a group really holds, as printed: 97.1%–97.9%; one value where all are equal."""
    inside = [code for code in order if groups[code] == group]
    low, high = known[inside[0]], known[inside[-1]]
    return low if low == high else f"{low}–{high}"


def _labels(names: Mapping[str, str], known: Mapping[str, str], level: str, lang: str) -> dict[str, list[str]]:
    """The names with their values, from long to short. Where both do not fit, a township shows its value and a village
    its name: of sixty villages nobody knows which is which. A short name that two of them bear is left out."""
    forms = {
        code: list(label_names(name, level=level)) if lang == "zh" else map_label(name, lang)
        for code, name in names.items()
    }
    short = Counter(ones[-1] for ones in forms.values())
    labels = {}
    for code, ones in forms.items():
        mine = list(dict.fromkeys(one for one in ones if one == ones[0] or short[one] == 1))
        value = known.get(code)
        alone = [] if value is None else [value] if level == "township" else mine
        labels[code] = [f"{one} {value}" for one in mine] + alone if value is not None else mine
    return labels
