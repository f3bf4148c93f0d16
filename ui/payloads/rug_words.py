"""The sentences of the table of all indicators: its title, what chance would make, trends and footnotes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from indicators.catalogue import Catalogue, Indicator
from ui.definition_facts import joined
from ui.measures import View
from ui.payloads.rug_figures import BETTER, WORSE, RugFigures
from ui.texts import MINUS, month_span, month_text, number, number_interval, points, points_interval, text
from ui.wording import figure_text

MOST_NAMED = 2


def rug_title(view: View, found: RugFigures, names: Mapping[str, str]) -> str:
    """What the table says: how many cells stand out for sure, and who has most ▼."""
    lang, counts = view.lang, found.count(WORSE)
    most = max(counts.values())
    top = [names[place] for place, count in counts.items() if count == most]
    if most == 0:
        ending = text("rug.title.nobody", lang)
    elif len(top) > MOST_NAMED:
        ending = text("rug.title.many", lang, places=number(len(top)), count=number(most))
    else:
        key = "rug.title.most" if len(top) == 1 else "rug.title.two"
        ending = text(key, lang, names=text("rug.title.and", lang).join(top), count=number(most))
    return text(
        "rug.title.sentence", lang,
        where=text(f"overview.area.{view.township_set}", lang, count=number(len(found.places))),
        indicators=number(len(found.indicators)),
        worse=number(sum(found.count(("much_worse",)).values())),
        better=number(sum(found.count(("much_better",)).values())),
        ending=ending,
    )  # fmt: skip


def chance_sentence(found: RugFigures, lang: str) -> str:
    """The number of ▼ and ▲ beside the number of ▼ that chance alone would make."""
    worse, better = (sum(found.count(kind).values()) for kind in (WORSE, BETTER))
    sure_worse, sure_better = (sum(found.count((f"much_{kind}",)).values()) for kind in ("worse", "better"))
    judged = [one.code for one in found.indicators if one.better != "neutral"]
    tested = int(found.card.loc[found.card["indicator"].isin(judged), "p_low"].notna().sum())
    return text(
        "rug.chance", lang, tested=number(tested), worse=number(worse), better=number(better),
        sure_worse=number(sure_worse), sure_better=number(sure_better),
        expected=number(found.expected_worse, decimals=1),
        each=number(found.expected_worse / len(found.places), decimals=1),
    )  # fmt: skip


def footnotes(view: View, catalogue: Catalogue, *, trends: bool) -> list[str]:
    """What was left out and how trends were tested, a sentence each."""
    lang = view.lang
    first, last = view.months("issues")
    notes = []
    if (first, last) != (view.first, view.last):
        notes.append(text("rug.notes.settled", lang, month=month_text(last, lang)))
    elif view.is_provisional(view.last):
        notes.append(text("rug.notes.provisional", lang))
    plain = [one.name[lang] for one in catalogue.values() if one.available and one.interval == "none"]
    absent = [one.name[lang] for one in catalogue.values() if not one.available]
    if plain:
        notes.append(text("rug.notes.stock", lang, names=joined(plain, lang)))
    if absent:
        notes.append(text("rug.notes.absent", lang, names=joined(absent, lang)))
    if trends:
        notes.append(text("rug.notes.trends", lang, months=month_span(view.first_month, view.last, lang)))
    return notes


def cell_text(row: Mapping[str, Any], indicator: Indicator, lang: str) -> str:
    """The figure without its unit, which stands in the heading of the row; empty where there is none."""
    if pd.isna(row["value"]) or row["state"] not in ("value", "too_few"):
        return ""
    if indicator.kind == "proportion":
        return figure_text(row, indicator, lang).removesuffix("%")
    return number(row["value"], decimals=1)


def trend_change(row: Mapping[str, Any] | None, indicator: Indicator) -> str:
    """The change a year of a stated trend, without its unit; empty where none is stated or it rounds to zero."""
    if row is None or row["trend"] not in ("up", "down") or pd.isna(row["slope"]):
        return ""
    size = float(row["slope"]) * (100 if indicator.kind == "proportion" else 1)
    shown = number(size, decimals=1)
    if float(shown.replace(MINUS, "-").replace(",", "")) == 0:
        return ""
    return shown if shown.startswith(MINUS) else f"+{shown}"


def trend_phrase(row: Mapping[str, Any] | None, indicator: Indicator, lang: str) -> str:
    """The trend as a phrase: rising by how much a year with its interval, and whether that is for the better."""
    if row is None:
        return text("rug.trend.no_series", lang)
    if row["trend"] is None:
        return text(f"rug.trend.{row['reason']}", lang, points=number(row["points"]))
    if row["trend"] == "none":
        return text("rug.trend.none", lang, points=number(row["points"]))
    good = row["good"]
    way = "" if good is None else text(f"rug.trend.{'better' if good else 'worse'}", lang)
    return text(
        f"rug.trend.{row['trend']}", lang, points=number(row["points"]), size=_size(row, indicator, lang), way=way
    )


def _size(row: Mapping[str, Any], indicator: Indicator, lang: str) -> str:
    share = indicator.kind == "proportion"
    size = points(row["slope"], lang) if share else f"{number(row['slope'], decimals=1)} {indicator.unit[lang]}"
    if pd.isna(row["slope_low"]):
        return text("rug.trend.size", lang, size=size)
    low, high = float(row["slope_low"]), float(row["slope_high"])
    interval = points_interval(low, high, lang) if share else number_interval(low, high)
    return text("rug.trend.size_interval", lang, size=size, interval=interval)
