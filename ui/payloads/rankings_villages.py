"""Villages in bands, never ranked: how many of each township are leading or trailing, and which."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd
import streamlit as st

from indicators.catalogue import Indicator
from indicators.posterior_ranks import Band, NoBand, band_table
from ui import cached_reads, measures, place_table
from ui.charts.band_bars import BANDS, MARKS, band_bars
from ui.charts.frozen import Frozen
from ui.charts.tone import tone_named
from ui.component_base import packed
from ui.filters import go_to
from ui.measures import View
from ui.payloads.circular_table import interval_cell
from ui.payloads.rankings_words import chart_words
from ui.payloads.village_table import village_name
from ui.place_names import place_name
from ui.place_table import Cell, Column, Download, Row
from ui.texts import month_span, number, percent_of, text
from ui.wording import evidence_text

LIST_HEIGHT: Final = 760
LISTED: Final = (Band.TRAILING.value, Band.LEADING.value)


@dataclass(frozen=True)
class VillageBands:
    """The part of the page about villages.

    ``refusal`` is why there are no bands at all for this reader or these figures; the rest is empty then, but for
    ``own``, the note that a head sees only the own township. ``chart`` is None where there is nothing to draw.
    """

    period: str
    own: str
    refusal: str
    sentence: str
    list_title: str
    table: Mapping[str, Any]
    ready: bytes
    months: str


@st.cache_resource(show_spinner=False, max_entries=300)
def bands_of(view: View, indicator_code: str) -> pd.DataFrame | None:
    """The ``band_table`` of the villages that may be read, over at least twelve months, with a column township.

    All of the chosen townships are banded together; a head's own villages among themselves. None where the reader may
    see no village. One frame for everybody: never change it.
    """
    year, indicator = measures.rolling_year(view), cached_reads.catalogue()[indicator_code]
    if view.villages_of is None:
        rates = measures.rates(year, indicator, level="village", places=_codes(year, None))
        rates = rates[rates["place"].str[:9].isin(measures.townships(view)["code"])].reset_index(drop=True)
    elif view.villages_of:
        parts = [
            measures.rates(year, indicator, level="village", within=one, places=_codes(year, one))
            for one in view.villages_of
        ]
        rates = pd.concat(parts, ignore_index=True)
        rates.attrs = parts[0].attrs
    else:
        return None
    return band_table(rates, indicator).assign(township=rates["place"].str[:9])


def _codes(view: View, within: str | None) -> tuple[str, ...]:
    return tuple(cached_reads.places(view.scope, level="village", within=within, version=view.version)["code"])


@st.cache_resource(show_spinner=False, max_entries=300)
def village_bands(view: View, indicator_code: str, demonstration: bool) -> VillageBands:
    """Sentences and the list, for one view and indicator. The same object for everybody: never change it."""
    lang, indicator = view.lang, cached_reads.catalogue()[indicator_code]
    bands = bands_of(view, indicator_code)
    year = measures.rolling_year(view)
    short = "period_short" if year.first < view.first else "period"
    months = month_span(*year.months(indicator), lang)
    period = text(f"rankings.villages.{short}", lang, months=months)
    if bands is None:
        return VillageBands(period, "", text("rankings.villages.refused", lang), "", "", {}, b"", months)
    own = _own_words(view)
    refusal = _refusal(bands, indicator, lang)
    if refusal:
        return VillageBands(period, own, refusal, "", "", {}, b"", months)
    table = _table(year, bands, indicator, own=bool(own), demonstration=demonstration)
    return VillageBands(
        period=period,
        own=own,
        refusal="",
        sentence=_sentence(bands, lang),
        list_title=text(f"rankings.villages.head_list{'_own' if own else ''}", lang),
        table=table,
        ready=packed(place_table.payload(**table, lang=lang)),
        months=months,
    )


@st.cache_resource(show_spinner=False, max_entries=300)
def band_chart(view: View, indicator_code: str, *, tone: str) -> Frozen | None:
    """The counts of each township's villages by band; None where there are no bands."""
    bands, lang = bands_of(view, indicator_code), view.lang
    if bands is None or not bands["band"].notna().any():
        return None
    register = measures.townships(replace(view, township_set="all"))
    names = {
        code: place_name(name, lang, short=True) for code, name in zip(register["code"], register["name"], strict=True)
    }
    return Frozen(band_bars(band_counts(bands), names=names, words=chart_words(lang), tone=tone_named(tone)))


def band_counts(bands: pd.DataFrame) -> pd.DataFrame:
    """Villages by township and band (columns place and those of `BANDS`), most trailing first, then fewest leading."""
    counted = pd.crosstab(bands["township"], kind_of(bands)).reindex(columns=list(BANDS), fill_value=0)
    table = counted.rename_axis(columns=None).reset_index().rename(columns={"township": "place"})
    return table.sort_values(["trailing", "leading", "place"], ascending=[False, True, True], ignore_index=True)


def open_township_of_bar(key: str, view: View, indicator_code: str) -> Callable[[], None]:
    """A callback for the figure ``key``, whose bars stand in the order of `band_counts`: the page of the township."""

    def opened() -> None:
        points, bands = st.session_state[key].selection.points, bands_of(view, indicator_code)
        if not points or bands is None:
            return
        codes, row = list(band_counts(bands)["place"]), int(points[0]["y"])
        if 0 <= row < len(codes):
            go_to("places/township", township=str(codes[row]), village=None)

    return opened


def kind_of(bands: pd.DataFrame) -> pd.Series:
    """The band of every village, or why it has none: few_cases, no_data."""
    return bands["band"].where(bands["band"].notna(), bands["band_reason"])


def _own_words(view: View) -> str:
    """That only the own villages are compared; empty for those who may see all."""
    if view.villages_of is None:
        return ""
    register = cached_reads.places(view.scope, level="township", version=view.version).set_index("code")["name"]
    names = [place_name(register[one], view.lang) for one in view.villages_of if one in register.index]
    township = text("rankings.places_joined", view.lang).join(names)
    return text("rankings.villages.own", view.lang, township=township)


def _refusal(bands: pd.DataFrame, indicator: Indicator, lang: str) -> str:
    """Why nobody has a band; empty where somebody has one."""
    if bands["band"].notna().any():
        return ""
    reasons = [one for one in bands["band_reason"].dropna() if one != NoBand.NO_DATA.value]
    reason = max(set(reasons), key=reasons.count) if reasons else NoBand.NO_DATA.value
    return text(f"rankings.villages.reason.{reason}", lang, indicator=indicator.name[lang])


def _sentence(bands: pd.DataFrame, lang: str) -> str:
    counts = kind_of(bands).value_counts()
    trailing, leading = (int(counts.get(one, 0)) for one in LISTED)
    total = {"total": number(len(bands))}
    if not trailing and not leading:
        return text("rankings.villages.sentence_none", lang, **total)
    return text("rankings.villages.sentence", lang, **total, trailing=number(trailing), leading=number(leading))


def _table(year: View, bands: pd.DataFrame, indicator: Indicator, *, own: bool, demonstration: bool) -> dict[str, Any]:
    """The villages in a band (a head: every own village), surest first, as arguments of `place_table`."""
    lang = year.lang
    shown = bands.assign(kind=kind_of(bands), chance=bands[["p_top", "p_bottom"]].max(axis=1))
    shown = shown if own else shown[shown["kind"].isin(LISTED)]
    rank = {band: position for position, band in enumerate(("trailing", "leading", "middle", "few_cases", "no_data"))}
    shown = shown.assign(_band=shown["kind"].map(rank)).sort_values(
        ["_band", "chance", "place"], ascending=[True, False, True], kind="stable"
    )
    villages, townships = (
        {} if frame.empty else frame.set_index("code").to_dict("index")
        for frame in (_register(year), cached_reads.places(year.scope, level="township", version=year.version))
    )
    rows = []
    for position, row in enumerate(shown.to_dict("records")):
        word = text(f"rankings.villages.bands.{row['kind']}", lang)
        township = str(townships[row["township"]]["name"])
        sure = row["kind"] in LISTED
        chance = percent_of(row["chance"], n=1) if sure else ""
        cells = {
            "name": Cell(
                village_name(villages[row["place"]], lang, short=True), sort=str(villages[row["place"]]["name"]),
                title=village_name(villages[row["place"]], lang),
            ),
            "township": Cell(place_name(township, lang, short=True), sort=township),
            "band": Cell(
                f"{MARKS[row['kind']]} {word}", sort=f"{position:04d}",
                title=text("rankings.villages.probability", lang, share=chance) if sure else word,
            ),
            "chance": Cell(chance, sort=float(row["chance"])) if sure else Cell(""),
            indicator.code: interval_cell(row, indicator, lang),
            "cases": Cell("") if pd.isna(row["n"]) else Cell(
                number(row["n"]), sort=float(row["n"]), title=evidence_text(row, indicator, lang)
            ),
        }  # fmt: skip
        rows.append(Row(code=str(row["place"]), cells=cells))
    mark = text("frame.demonstration.band", lang) if demonstration else ""
    note = text("rankings.villages.note", lang)
    columns = _columns(shown, indicator, lang)
    if own:
        columns = [column for column in columns if column.code != "township"]
        rows = [replace(row, cells={c: cell for c, cell in row.cells.items() if c != "township"}) for row in rows]
    return {
        "columns": columns,
        "rows": rows,
        "caption": text("rankings.villages.caption", lang, months=month_span(*year.months(indicator), lang),
                        indicator=indicator.name[lang]),
        "footnotes": [note],
        "max_height": LIST_HEIGHT,
        "sort": ("band", "asc"),
        "download": Download(
            file_name=text("rankings.villages.file_name", lang, mark=f"{mark}_" if mark else "",
                           indicator=indicator.code, first=year.first, last=year.last),
            mark=mark,
            notes=(note, text("overview.details.version_value", lang, number=year.version)),
        ),
    }  # fmt: skip


def _register(view: View) -> pd.DataFrame:
    within = view.villages_of or (None,)
    return pd.concat(
        [cached_reads.places(view.scope, level="village", within=one, version=view.version) for one in within]
    )


def _columns(shown: pd.DataFrame, indicator: Indicator, lang: str) -> list[Column]:
    def label(name: str, **facts: str) -> str:
        return text(f"rankings.villages.columns.{name}", lang, **facts)

    known = shown[shown["state"] == "value"]
    cases = text(f"rankings.cases.{'inspections' if indicator.source == 'inspections' else 'issues'}", lang)
    low, high = (float(known["low"].min()), float(known["high"].max())) if len(known) else (0.0, 1.0)
    return [
        Column("name", label("name"), kind="name"),
        Column("township", label("township"), kind="text"),
        Column("band", label("band"), kind="text", hint=label("band_hint")),
        Column("chance", label("chance"), hint=label("chance_hint")),
        Column(
            indicator.code, label("value", indicator=indicator.name[lang]), kind="interval", hint=label("value_hint"),
            axis_low=max(0.0, low - 0.005), axis_high=min(1.0, high + 0.005),
        ),
        Column("cases", label("cases", cases=cases), hint=indicator.denominator_text[lang]),
    ]  # fmt: skip
