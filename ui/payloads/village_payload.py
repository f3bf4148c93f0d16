"""Everything the page of one village mounts, for one set of choices. Small numbers are said to be small."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import streamlit as st

from indicators.catalogue import Catalogue, Indicator
from indicators.verdicts import smallest_perfect_record
from ui import cached_reads, measures, place_table, scoreboard
from ui.component_base import packed
from ui.measures import View
from ui.payloads.place_tiles import HEADLINE, Circle, judged_places, place_tile, reported_tile, row_of, standing
from ui.payloads.register_tables import PLACE_SITES, firm_table, place_site_table
from ui.payloads.village_registers import register_sentences
from ui.payloads.village_table import village_name
from ui.place_names import place_name
from ui.place_table import Cell, Column, Row
from ui.scoreboard import Tile
from ui.texts import date_text, month_span, month_text, number, percent_interval, text
from ui.wording import evidence_text, figure_text, has_figure, interval_text

SITES_HEIGHT: Final = 420
FIRMS_HEIGHT: Final = 900
LEADING: Final = "resolution_rate"
STRENGTH_DOMAINS: Final = ("strength", "base_data")


@dataclass(frozen=True)
class Village:
    """What the page mounts, ready. Each table is the arguments of `place_table` without key, or None: nothing there.

    ``facts`` says what kind of place it is; ``period`` which months the figures cover and what they compare with, and
    ``months`` these months alone. ``waiting`` says which "sites" and which "firms" wait for an inspection.
    """

    district: str
    township: str
    name: str
    title: str
    facts: str
    period: str
    months: str
    tiles: tuple[Tile, ...]
    register_note: str
    waiting: Mapping[str, tuple[str, ...]]
    sites: Mapping[str, Any] | None
    firms: Mapping[str, Any] | None
    strength: Mapping[str, Any] | None


@dataclass(frozen=True)
class MountedVillage:
    """The page's components as they are sent: each one's data packed; None for a table with nothing in it."""

    scoreboard: bytes
    sites: bytes | None
    firms: bytes | None
    strength: bytes | None


@st.cache_resource(show_spinner=False, max_entries=400)
def mounted_village(view: View, code: str, as_of: dt.date | None, demonstration: bool) -> MountedVillage:
    """The packed data of the components of :func:`village_page`, for the same arguments."""
    page, lang = village_page(view, code, as_of, demonstration), view.lang

    def table(arguments: Mapping[str, Any] | None, height: int | None) -> bytes | None:
        return packed(place_table.payload(**arguments, max_height=height, lang=lang)) if arguments else None

    return MountedVillage(
        scoreboard=packed(scoreboard.payload(tiles=page.tiles, lang=lang)),
        sites=table(page.sites, SITES_HEIGHT),
        firms=table(page.firms, FIRMS_HEIGHT),
        strength=table(page.strength, None),
    )


@st.cache_resource(show_spinner=False, max_entries=400)
def village_page(view: View, code: str, as_of: dt.date | None, demonstration: bool) -> Village:
    """The page of the village ``code`` for one view. The same object for everybody: never change it.

    The figures cover at least the twelve months up to the last one chosen and are compared with the other villages of
    the township; the registers are those of the day ``as_of``, or of the last day the view may read. Raises
    NotPermitted where the view's scope does not reach the village, KeyError where the register does not know it.
    """
    catalogue, lang, year = cached_reads.catalogue(), view.lang, measures.rolling_year(view)
    township = code[:9]
    as_of = measures.register_day(view, as_of)
    view.scope.check(level="village", within=township)
    register = cached_reads.places(view.scope, level="village", within=township, version=view.version)
    villages = register.set_index("code").to_dict("index")
    circle = Circle(level="village", within=township, places=tuple(register["code"]), rest="villages")
    rows = {one: row_of(judged_places(year, catalogue[one], circle), code) for one in HEADLINE}
    name = village_name(villages[code], lang)
    sites = cached_reads.sites(view.scope, village=code, month=_register_month(view, as_of), version=view.version)
    return Village(
        district=_name(view, "district", view.root),
        township=_name(view, "township", township),
        name=name,
        title=village_title(year, name, rows[LEADING], catalogue[LEADING]),
        facts=_facts(villages[code], lang),
        period=_period(view, year, lang),
        months=month_span(year.first, year.last, lang),
        tiles=(
            reported_tile(year, catalogue, place=code, circle=circle),
            *(place_tile(year, catalogue[one], rows[one], place=code, circle=circle) for one in HEADLINE),
        ),
        register_note=text("village.register.as_of", lang, date=date_text(as_of, lang)) if as_of else "",
        waiting={
            part: register_sentences(sites, kinds, as_of=as_of, lang=lang)
            for part, kinds in (("sites", PLACE_SITES), ("firms", ("firm",)))
        },
        sites=place_site_table(sites, name=name, as_of=as_of, lang=lang, demonstration=demonstration),
        firms=firm_table(sites, name=name, as_of=as_of, lang=lang, demonstration=demonstration),
        strength=_strength(year, catalogue, code, township),
    )


def _name(view: View, level: str, code: str) -> str:
    found = cached_reads.places(view.scope, level=level, within=code, version=view.version)
    return place_name(str(found["name"].iloc[0]), view.lang)


def _register_month(view: View, as_of: dt.date | None) -> int:
    return as_of.year * 100 + as_of.month if as_of else view.last


def _period(view: View, year: View, lang: str) -> str:
    first, last = year.months("issues")
    parts = [text(f"village.period.{'short' if year.first < view.first else 'plain'}", lang,
                  months=month_span(year.first, year.last, lang))]  # fmt: skip
    if (first, last) != (year.first, year.last):
        parts.append(text("overview.settled_note", lang, month=month_text(last, lang)))
    return text("village.period.joined", lang).join(parts)


def _facts(village: Mapping[str, Any], lang: str) -> str:
    """What the register says of the place, in one line; what it does not say is said to be unknown."""
    area = village["area_type"] if isinstance(village["area_type"], str) else "unknown"
    parts = [text(f"township.kinds.{village['kind']}", lang), text(f"village.area.{area}", lang)]
    for field in ("residents", "households"):
        value = village[field]
        key = f"village.facts.{field}" if not pd.isna(value) else f"village.facts.no_{field}"
        parts.append(text(key, lang, count=number(value)) if not pd.isna(value) else text(key, lang))
    age = village["settlement_age"]
    if isinstance(age, str):
        parts.append(text(f"village.age.{age}", lang))
    return text("village.facts.joined", lang).join(parts)


def village_title(view: View, name: str, row: Mapping[str, Any], indicator: Indicator) -> str:
    """The leading figure said so that a small number is not taken for a proof."""
    lang = view.lang
    months = month_span(*view.months(indicator), lang)
    if not has_figure(row):
        return text("village.title.none", lang, place=name, months=months)
    x, n = int(row["x"]), int(row["n"])
    facts = {"place": name, "months": months, "n": number(n), "x": number(x), "left": number(n - x)}
    perfect = x == n
    if row["verdict"] == "too_few":
        return text(f"village.title.{'few_perfect' if perfect else 'few'}", lang, **facts)
    stands = standing(str(row["verdict"]), text("township.rest.villages", lang), lang)
    if not perfect:
        interval = interval_text(row, indicator)
        value = figure_text(row, indicator, lang)
        return text("village.title.some", lang, **facts, value=value, interval=interval, standing=stands)
    facts["interval"] = percent_interval(row["low"], row["high"], n=n)
    if row["verdict"] != "similar":
        return text("village.title.perfect_better", lang, **facts, standing=stands)
    needed = smallest_perfect_record(row["rest_value"]) if 0 < row["rest_value"] < 1 else 0
    if needed > n:
        return text("village.title.perfect_needs", lang, **facts, needed=number(needed))
    return text("village.title.perfect_similar", lang, **facts)


def _strength(view: View, catalogue: Catalogue, village: str, township: str) -> dict[str, Any] | None:
    """What is reported village by village about staff and base data, with the township's figure beside it."""
    lang = view.lang
    wanted = [
        one
        for one in catalogue.values()
        if one.domain in STRENGTH_DOMAINS and one.reported_at == "village" and one.available
    ]
    codes = tuple(one.code for one in wanted)
    months = {"first": view.first, "last": view.last, "version": view.version}
    own = cached_reads.measurements(view.scope, indicators=codes, level="village", within=village, **months)
    if own.empty:
        return None
    reported = own.groupby("indicator")["month"].max()
    rows = []
    for one in wanted:
        mine = row_of(measures.rates(view, one, level="village", within=village, places=(village,)), village)
        theirs = row_of(measures.rates(view, one, level="township", within=township, places=(township,)), township)
        rows.append(
            Row(
                code=one.code,
                cells={
                    "name": Cell(one.name[lang], sort=one.order, title=one.description[lang]),
                    "own": _figure(mine, one, lang),
                    "counts": _counts(mine, one, lang),
                    "township": _figure(theirs, one, lang),
                    "month": _month(reported.get(one.code), lang),
                },
            )
        )

    def label(name: str) -> str:
        return text(f"village.strength.{name}", lang)

    return {
        "columns": [
            Column("name", label("name"), kind="name"),
            Column("own", label("own"), hint=label("own_hint")),
            Column("counts", label("counts"), hint=label("counts_hint")),
            Column("township", label("township"), hint=label("township_hint")),
            Column("month", label("month"), hint=label("month_hint")),
        ],
        "rows": rows,
        "caption": label("caption"),
        "footnotes": (label("note"),),
    }


def _figure(row: Mapping[str, Any], indicator: Indicator, lang: str) -> Cell:
    shown = figure_text(row, indicator, lang)
    if not has_figure(row):
        return Cell(shown)
    verdict = "too_few" if row["state"] == "too_few" else None
    return Cell(shown, sort=float(row["value"]), verdict=verdict, title=evidence_text(row, indicator, lang))


def _counts(row: Mapping[str, Any], indicator: Indicator, lang: str) -> Cell:
    if not has_figure(row):
        return Cell("")
    x, n = number(row["x"]), number(row["n"])
    return Cell(f"{x}/{n}", title=f"{indicator.numerator_text[lang]} {x} · {indicator.denominator_text[lang]} {n}")


def _month(month: float | None, lang: str) -> Cell:
    return Cell("") if month is None or pd.isna(month) else Cell(month_text(int(month), lang), sort=int(month))
