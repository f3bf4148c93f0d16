"""Everything the page of one township mounts, for one set of choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd
import streamlit as st

from indicators.catalogue import Catalogue, Indicator
from indicators.place_findings import PlaceFindings
from indicators.rankings import rank_table
from ui import cached_reads, choropleth, findings_list, gap_strips, measures, place_table, scoreboard
from ui.address import MAP_COLOURS
from ui.component_base import packed
from ui.findings_list import FindingText
from ui.gap_strips import Strip
from ui.measures import View
from ui.payloads.finding_words import finding_text
from ui.payloads.gap_payload import gap_strip, paper_gaps
from ui.payloads.map_payload import map_label, verdict_map
from ui.payloads.overview_figures import GAP_INDICATOR
from ui.payloads.place_matters import place_matters
from ui.payloads.place_tiles import (
    HEADLINE,
    Circle,
    judged_places,
    place_tile,
    reported_tile,
    row_of,
    standing,
)
from ui.payloads.value_map import value_map
from ui.payloads.village_table import chance_sentence, village_table
from ui.place_names import place_name
from ui.scoreboard import Tile
from ui.texts import month_span, month_text, number, rank_text, text
from ui.wording import figure_text, has_figure

MAP_HEIGHT: Final = 560
TABLE_HEIGHT: Final = 640
MOST_MATTERS: Final = 4
"""Sentences about what matters, beside the one about the rank."""
_TONES: Final = {"much_worse": "worse", "worse": "worse", "better": "better", "much_better": "better"}


@dataclass(frozen=True)
class Villages:
    """The part of the page about villages: how many look bad beside chance, the map and the table.

    ``values`` gives the map for other colours ("groups", "shades").
    """

    title: str
    note: str
    period: str
    map_title: str
    map_period: str
    map: Mapping[str, Any]
    table: Mapping[str, Any]
    values: Callable[[str], Mapping[str, Any]]

    def drawn(self, colours: str) -> Mapping[str, Any]:
        """The arguments of `choropleth` for the map in these colours, one of `MAP_COLOURS`."""
        return self.map if colours == MAP_COLOURS[0] else self.values(colours)


@dataclass(frozen=True)
class Township:
    """What the page mounts, ready. ``villages`` is None where the viewer may not read this township's villages."""

    district: str
    name: str
    title: str
    note: str
    tiles: tuple[Tile, ...]
    highlights: tuple[FindingText, ...]
    matters_note: str
    strips: tuple[Strip, ...]
    villages: Villages | None


@dataclass(frozen=True)
class MountedTownship:
    """The page's components as they are sent: each one's data packed; None where the part is left out."""

    scoreboard: bytes
    highlights: bytes | None
    strips: bytes
    table: bytes | None


@st.cache_resource(show_spinner=False, max_entries=300)
def mounted_township(view: View, code: str, indicator_code: str, demonstration: bool) -> MountedTownship:
    """The packed data of the components of :func:`township_page`, for the same arguments."""
    page, lang = township_page(view, code, indicator_code, demonstration), view.lang
    villages = page.villages
    return MountedTownship(
        scoreboard=packed(scoreboard.payload(tiles=page.tiles, lang=lang)),
        highlights=packed(findings_list.payload(findings=page.highlights, lang=lang)) if page.highlights else None,
        strips=packed(gap_strips.payload(strips=page.strips, lang=lang)),
        table=packed(place_table.payload(**villages.table, max_height=TABLE_HEIGHT, lang=lang)) if villages else None,
    )


@st.cache_resource(show_spinner=False, max_entries=300)
def mounted_village_map(
    view: View, code: str, indicator_code: str, demonstration: bool, colours: str = MAP_COLOURS[0]
) -> bytes | None:
    """The packed map of the township's villages; None where the viewer may not see them."""
    villages = township_page(view, code, indicator_code, demonstration).villages
    if villages is None:
        return None
    return packed(choropleth.map_data(**villages.drawn(colours), selected=None))


@st.cache_resource(show_spinner=False, max_entries=300)
def township_page(view: View, code: str, indicator_code: str, demonstration: bool) -> Township:
    """The page of the township ``code`` for one view and one indicator. The same object for everybody: never change it.

    The township is compared with the others of the view's township set; with all of them where it is not in the set.
    Raises KeyError for a township that is not on the register.
    """
    catalogue = cached_reads.catalogue()
    if code not in set(measures.townships(view)["code"]):
        view = replace(view, township_set="all")
    register = measures.townships(view)
    name = place_name(dict(zip(register["code"], register["name"], strict=True))[code], view.lang)
    district = cached_reads.places(view.scope, level="district", version=view.version)["name"].iloc[0]
    circle = Circle(level="township", within=None, places=tuple(register["code"]), rest=view.township_set)
    shown = catalogue[indicator_code]
    judged = {one: judged_places(view, catalogue[one], circle) for one in dict.fromkeys((*HEADLINE, shown.code))}
    rows = {one: row_of(table, code) for one, table in judged.items()}
    ranks = rank_table(judged[shown.code], shown)
    gaps = tuple(paper_gaps(view, catalogue, indicator=GAP_INDICATOR, within=code))
    found = place_matters(view, catalogue, circle, place=code, gaps=gaps, limit=MOST_MATTERS)
    names = _village_names(view, code)
    return Township(
        district=place_name(district, view.lang),
        name=name,
        title=_title(view, name, rows[shown.code], shown, row_of(ranks, code), len(register)),
        note=settled_note(view),
        tiles=(
            reported_tile(view, catalogue, place=code, circle=circle),
            *(place_tile(view, catalogue[one], rows[one], place=code, circle=circle) for one in HEADLINE),
        ),
        highlights=(
            *_rank_highlight(view, rows[shown.code], shown, row_of(ranks, code), ranks),
            *_matters(view, catalogue, found, names),
        ),
        matters_note=_matters_note(view, found),
        strips=tuple(gap_strip(view, gap, within=code) for gap in gaps),
        villages=_villages(view, catalogue, shown, code, name, demonstration),
    )


def _village_names(view: View, code: str) -> dict[str, str]:
    """Names of the township's villages by code; none where the viewer may not read them."""
    if not view.scope.may_read(level="village", within=code):
        return {}
    register = cached_reads.places(view.scope, level="village", within=code, version=view.version)
    return {row["code"]: str(row["short_name"] or row["name"]) for row in register.to_dict("records")}


def settled_note(view: View) -> str:
    """That rates leave out the months that are not wholly due; empty where all chosen months are."""
    first, last = view.months("issues")
    if (first, last) == (view.first, view.last):
        return ""
    return text("overview.settled_note", view.lang, month=month_text(last, view.lang))


def _title(
    view: View, name: str, row: Mapping[str, Any], shown: Indicator, ranked: Mapping[str, Any], count: int
) -> str:
    lang = view.lang
    facts = {"place": name, "indicator": shown.name[lang]}
    if not has_figure(row):
        return text("township.title.none", lang, **facts, months=month_span(*view.months(shown), lang))
    facts["value"] = figure_text(row, shown, lang)
    if pd.isna(ranked["rank"]):
        return text("township.title.few", lang, **facts)
    where = text(f"township.where.{view.township_set}", lang, count=count)
    stands = standing(str(row["verdict"]), text(f"township.rest.{view.township_set}", lang), lang)
    order = "neutral" if shown.better == "neutral" else "ranked"
    return text(f"township.title.{order}", lang, **facts, where=where, rank=_rank(ranked, lang), standing=stands)


def _rank(ranked: Mapping[str, Any], lang: str) -> str:
    rank = int(ranked["rank"])
    low, high = (rank, rank) if pd.isna(ranked["rank_low"]) else (int(ranked["rank_low"]), int(ranked["rank_high"]))
    return rank_text(rank, low, high, lang, tied=bool(ranked["tied"]))


def _rank_highlight(
    view: View, row: Mapping[str, Any], shown: Indicator, ranked: Mapping[str, Any], ranks: pd.DataFrame
) -> list[FindingText]:
    """From how many others the township cannot be told apart."""
    if pd.isna(ranked["rank"]) or pd.isna(ranked["rank_low"]):
        return []
    lang = view.lang
    low, high, count = int(ranked["rank_low"]), int(ranked["rank_high"]), int(ranks["rank"].notna().sum())
    order = "neutral" if shown.better == "neutral" else "ranked"
    if high - low == count - 1:
        groups = [("nobody", count - 1)]
    else:
        groups = [("alike", high - low), (f"{order}_ahead", low - 1), (f"{order}_behind", count - high)]
    said = [text(f"township.rank.{key}", lang, count=number(size)) for key, size in groups if size]
    facts = {"indicator": shown.name[lang], "rank": _rank(ranked, lang)}
    return [
        FindingText(
            code=f"briefing/overview|{shown.code}|",
            text=text(f"township.rank.{order}", lang, **facts, groups=text("township.rank.joined", lang).join(said)),
            tone=_TONES.get(str(row["verdict"]), "similar"),
            note=text("township.rank.note", lang),
        )
    ]


def _matters(view: View, catalogue: Catalogue, found: PlaceFindings, names: Mapping[str, str]) -> list[FindingText]:
    return [finding_text(finding, catalogue, names, view) for finding in found.findings]


def _matters_note(view: View, found: PlaceFindings) -> str:
    """How many indicators were looked at for the sentences."""
    key = "township.matters.note" if found.findings else "township.matters.nothing"
    return text(key, view.lang, count=number(found.indicators_examined))


def _villages(
    view: View, catalogue: Catalogue, shown: Indicator, code: str, name: str, demonstration: bool
) -> Villages | None:
    if not view.scope.may_read(level="village", within=code):
        return None
    lang, year = view.lang, measures.rolling_year(view)
    register = cached_reads.places(view.scope, level="village", within=code, version=view.version)
    circle = Circle(level="village", within=code, places=tuple(register["code"]), rest="villages")
    judged = judged_places(year, shown, circle)
    names = _village_names(view, code)
    months = month_span(*year.months(shown), lang)
    drawn = verdict_map(
        year, judged, shown, level="village", names=names, height=MAP_HEIGHT, within=code, months=months,
        comparison=text("township.villages.comparison", lang),
    )  # fmt: skip
    covered = month_span(year.first, year.last, lang)
    period = "period_short" if year.first < view.first else "period"
    alt = text("township.villages.alt", lang, township=name, indicator=shown.name[lang], months=months)

    def values(colours: str) -> Mapping[str, Any]:
        shaded = value_map(year, drawn, judged, shown, names=names, colours=colours, months=months)
        return shaded | {"labels": _labels(view, shaded["labels"])}

    title = text("township.villages.title", lang, indicator=shown.name[lang], count=number(len(register)))
    return Villages(
        title=title,
        note=chance_sentence(judged, shown, lang),
        period=text(f"township.villages.{period}", lang, months=covered),
        map_title=f"{name}{'：' if lang == 'zh' else ': '}{title}",
        map_period=months,
        map=drawn | {"alt": alt, "labels": _labels(view, drawn["labels"])},
        values=values,
        table=village_table(
            year, catalogue, shown, judged, register, circle, township=name, demonstration=demonstration
        ),
    )


def _labels(view: View, villages: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The villages' labels with those of the townships around them; None where the registered names are wanted."""
    if villages is None:
        return None
    around = cached_reads.places(view.scope, level="township", version=view.version)
    return {code: map_label(name, view.lang) for code, name in zip(around["code"], around["name"], strict=True)} | dict(
        villages
    )
