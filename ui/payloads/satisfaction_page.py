"""Everything the page on satisfaction mounts, for one set of choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import streamlit as st

from indicators.catalogue import Catalogue, Indicator
from ui import cached_reads, choropleth, measures, place_table, scoreboard
from ui.address import MAP_COLOURS
from ui.component_base import packed
from ui.measures import View
from ui.payloads import overview_figures
from ui.payloads.map_payload import map_label, verdict_map
from ui.payloads.overview_payload import number_details, than_words, trend_points
from ui.payloads.place_tiles import change_of
from ui.payloads.satisfaction_figures import (
    COVERAGE,
    DIMENSIONS,
    REACH,
    SATISFACTION,
    SOLVED,
    Places,
    everywhere,
    group_rows,
    places_of,
    survey_of,
    township_row,
)
from ui.payloads.satisfaction_tables import group_table, places_table
from ui.payloads.satisfaction_words import (
    borne_out,
    comparability_note,
    places_period,
    sentences,
    sure_text,
    title_text,
    township_standing,
)
from ui.payloads.township_payload import settled_note
from ui.payloads.value_map import value_map
from ui.place_names import place_name
from ui.scoreboard import Tile
from ui.texts import month_span, percent, text
from ui.wording import change_state, change_text, evidence_text, figure_text, interval_text, target_words

PAGE: Final = "service/satisfaction"
TILES: Final = (SATISFACTION, REACH, SOLVED, COVERAGE)
_WITH_THE_SILENT: Final = {"supported": "met", "refuted": "missed", "open_met": "unclear", "open_missed": "unclear"}
"""Whether the target of satisfaction is met once those are counted who were not reached."""
MAP_HEIGHT: Final = 560
TABLE_HEIGHT: Final = 640


@dataclass(frozen=True)
class PlacesPart:
    """Map and table of the townships or villages; ``values`` gives the map for other colours."""

    title: str
    click_note: str
    period: str
    notes: tuple[str, ...]
    map: Mapping[str, Any]
    table: Mapping[str, Any]
    values: Callable[[str], Mapping[str, Any]]

    def drawn(self, colours: str) -> Mapping[str, Any]:
        """The arguments of `choropleth` for the map in these colours, one of `MAP_COLOURS`."""
        return self.map if colours == MAP_COLOURS[0] else self.values(colours)


@dataclass(frozen=True)
class Satisfaction:
    """The page. ``facts`` are sentences, the leading one first; ``places`` is None where they may not be read."""

    district: str
    name: str
    title: str
    note: str
    months: str
    asked: bool
    places_with_data: tuple[int, int] | None
    tiles: tuple[Tile, ...]
    facts: tuple[str, ...]
    dimensions: Mapping[str, str]
    places: PlacesPart | None

    def crumbs(self, township: str | None) -> list[tuple[str, str, dict[str, str | None]]]:
        """The way back from the township to the district on this page, for ``page_head``; empty for the district."""
        if township is None:
            return []
        return [(self.district, PAGE, {"township": None}), (self.name, PAGE, {"township": township})]


@dataclass(frozen=True)
class MountedSatisfaction:
    """The page's components as they are sent: each one's data packed."""

    tiles: bytes
    places: bytes | None


@st.cache_resource(show_spinner=False, max_entries=300)
def mounted_satisfaction(view: View, township: str | None, demonstration: bool) -> MountedSatisfaction:
    """The packed data of the components of :func:`satisfaction_page`, for the same arguments."""
    page, lang = satisfaction_page(view, township, demonstration), view.lang
    places = page.places
    return MountedSatisfaction(
        tiles=packed(scoreboard.payload(tiles=page.tiles, lang=lang)),
        places=packed(place_table.payload(**places.table, max_height=TABLE_HEIGHT, lang=lang)) if places else None,
    )


@st.cache_resource(show_spinner=False, max_entries=300)
def mounted_places_map(view: View, township: str | None, demonstration: bool, colours: str) -> bytes | None:
    """The packed map of the places; None where they may not be read."""
    places = satisfaction_page(view, township, demonstration).places
    return packed(choropleth.map_data(**places.drawn(colours), selected=None)) if places else None


@st.cache_resource(show_spinner=False, max_entries=600)
def groups_table(
    view: View, township: str | None, demonstration: bool, *, dimension: str
) -> tuple[Mapping[str, Any], bytes]:
    """The table of one dimension's groups: its arguments, and packed."""
    page, lang = satisfaction_page(view, township, demonstration), view.lang
    table = group_table(
        view, cached_reads.catalogue(), group_rows(view, township, dimension), dimension, place=page.name,
        months=page.months, demonstration=demonstration,
    )  # fmt: skip
    return table, packed(place_table.payload(**table, max_height=None, lang=lang))


@st.cache_resource(show_spinner=False, max_entries=300)
def satisfaction_page(view: View, township: str | None, demonstration: bool) -> Satisfaction:
    """The page of the district (None) or of one township. The same object for everybody: never change it.

    Raises KeyError for a township that is not on the register.
    """
    view = everywhere(view)
    catalogue, lang = cached_reads.catalogue(), view.lang
    register = measures.townships(view)
    known = dict(zip(register["code"], register["name"], strict=True))
    district = cached_reads.places(view.scope, level="district", version=view.version)["name"].iloc[0]
    name = text("overview.area_short.all", lang) if township is None else place_name(known[township], lang)
    months = month_span(*view.months("issues"), lang)
    survey, indicator = survey_of(view, township), catalogue[SATISFACTION]
    facts = sentences(survey, indicator, lang)
    if township is not None and facts:
        facts = (facts[0], township_standing(township_row(view, township), lang), *facts[1:])
    places = places_of(view, township)
    return Satisfaction(
        district=place_name(district, lang),
        name=name,
        title=title_text(survey, indicator, place=name, months=months, lang=lang),
        note=settled_note(view),
        months=months,
        asked=bool(survey["invited"]),
        places_with_data=_with_data(places),
        tiles=tuple(_tile(view, catalogue[code], township, survey) for code in TILES),
        facts=facts,
        dimensions={code: catalogue.dimensions[code].name[lang] for code in DIMENSIONS},
        places=_places(view, catalogue, places, survey, name, demonstration) if places else None,
    )


def _with_data(places: Places | None) -> tuple[int, int] | None:
    return (int((places.rows["answered"] > 0).sum()), len(places.rows)) if places else None


def _tile(view: View, indicator: Indicator, township: str | None, survey: Mapping[str, Any]) -> Tile:
    """One rate of the area; under satisfaction stand reach and bounds instead of the interval alone."""
    lang = view.lang
    row, moved = _total(view, indicator, township)
    shown = figure_text(row, indicator, lang)
    target, target_state = target_words(row, indicator, lang)
    changed = change_text(moved, indicator, lang, than=than_words(view, indicator))
    value, unit = (shown.removesuffix("%"), "%") if shown.endswith("%") else (shown, "")
    interval = interval_text(row, indicator)
    under = text("overview.interval", lang, interval=interval) if interval else ""
    if indicator.code == SATISFACTION and survey["answered"]:
        under = text("satisfaction.tile.beside", lang, sure=sure_text(survey),
                     reach=percent(survey["answered"], survey["invited"]))  # fmt: skip
        if indicator.target is not None:
            target_state = _WITH_THE_SILENT.get(borne_out(survey, indicator.target), target_state)
    return Tile(
        code=indicator.code,
        name=indicator.name[lang],
        value_text=value,
        unit_text=unit,
        state=str(row["state"]),
        target_text=target,
        target_state=target_state if target else None,
        interval_text=under,
        change_text=changed,
        change_state=change_state(moved),
        points=trend_points(view, indicator, within=township),
        target=indicator.target,
        details=number_details(view, indicator, row),
        alt=f"{indicator.name[lang]} {evidence_text(row, indicator, lang)} {under} {target} {changed}".strip(),
    )


def _total(
    view: View, indicator: Indicator, township: str | None
) -> tuple[Mapping[str, Any], Mapping[str, Any] | None]:
    """The rate of the area, and the row of its change."""
    if township is None:
        found = overview_figures.figures(view, indicator.code)
        return found.total.iloc[0], found.change.iloc[0] if found.change is not None else None
    row = measures.rates(view, indicator, within=township, places=(township,)).iloc[0]
    return row, change_of(view, indicator, township, level="township")


def _places(
    view: View, catalogue: Catalogue, places: Places, survey: Mapping[str, Any], name: str, demonstration: bool
) -> PlacesPart:
    lang, indicator, level = view.lang, catalogue[SATISFACTION], places.level
    own = replace(places.view, lang=lang)
    months = month_span(*own.months("issues"), lang)
    drawn = verdict_map(
        own, places.rows, indicator, level=level, names=places.names, height=MAP_HEIGHT, within=places.within,
        months=months,
        comparison=text(f"satisfaction.places.{level}_comparison", lang),
    )  # fmt: skip
    drawn["alt"] = text(f"satisfaction.places.{level}_alt", lang, place=name, months=months)

    def values(colours: str) -> Mapping[str, Any]:
        shaded = value_map(own, drawn, places.rows, indicator, names=places.names, colours=colours, months=months)
        return {**shaded, "labels": _labels(own, shaded["labels"])} if level == "village" else shaded

    return PlacesPart(
        title=text(f"satisfaction.section.{level}", lang, place=name),
        click_note=text(f"satisfaction.section.{level}_note", lang),
        period=months,
        notes=tuple(one for one in (places_period(places, view, lang), comparability_note(places, lang)) if one),
        map=drawn,
        table=places_table(own, catalogue, places, survey, place=name, months=months, demonstration=demonstration),
        values=values,
    )


def _labels(view: View, villages: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The villages' labels with those of the townships around them; None where the names in the drawing will do."""
    if villages is None:
        return None
    around = cached_reads.places(view.scope, level="township", version=view.version)
    named = {code: map_label(name, view.lang) for code, name in zip(around["code"], around["name"], strict=True)}
    return {**named, **villages}
