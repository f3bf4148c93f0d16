"""The two groups of a pairing in like conditions: by township, age of settlement, kind of issue, checklist item."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

import pandas as pd
import streamlit as st

from data_access.estate_ages import AGES, VISIT_COUNTERS, read_estate_ages
from data_access.permissions import Scope
from data_access.tables import ISSUE_COUNTERS
from indicators.catalogue import Catalogue, Indicator, Pairing
from indicators.values import rate_table
from ui import cached_reads, measures
from ui.measures import View
from ui.payloads.query_reads import crossed_counts
from ui.place_names import place_name
from ui.texts import text

TOWNSHIP: Final = "township"
ESTATE_AGE: Final = "estate_age"
OF_PLACES: Final = ("settlement_age", "area_type")
BY_ITEM: Final = ("prevention_compliance", "rectified_on_recheck")
"""The indicators whose cases each belong to one checklist item."""
STRATUM: Final = "group"
"""The column that names the stratum, in every table given here."""


def part_dimension(indicator: Indicator) -> str | None:
    """What the cases of an indicator can be told apart by: checklist item, kind of issue, or nothing."""
    if indicator.code in BY_ITEM:
        return "item"
    return "category" if indicator.source == "issues" and indicator.counts_share else None


def offered_strata(pairing: Pairing, indicator: Indicator) -> tuple[str, ...]:
    """The conditions that can be held alike, in the order of the choice: "township", then dimensions."""
    offered = [TOWNSHIP]
    counted = {*ISSUE_COUNTERS, *VISIT_COUNTERS}
    if pairing.dimension == "management" and {indicator.numerator, indicator.denominator} <= counted:
        offered.append(ESTATE_AGE)
    if indicator.source != "measurements":
        offered += [one for one in OF_PLACES if one != pairing.dimension]
    if indicator.source == "issues":
        offered += ["category", "channel"]
    if indicator.code in BY_ITEM:
        offered.append("item")
    return tuple(offered)


def strata_sides(
    view: View, pairing: Pairing, indicator: Indicator, within: str, *, as_of: dt.date | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The ``rate_table`` of group A and of group B by stratum (column STRATUM). Without an as-of day both are empty of
    cases for every ``within`` but "township"."""
    if within == TOWNSHIP:
        first, second = measures.sides(view, pairing, indicator)
        return tuple(_named(side) for side in (first, second))  # type: ignore[return-value]
    if as_of is None:
        empty = pd.DataFrame(columns=[STRATUM, indicator.numerator, indicator.denominator])
        return rate_table(empty, indicator, by=(STRATUM,)), rate_table(empty, indicator, by=(STRATUM,))
    if within == ESTATE_AGE:
        counts = estate_age_counts(view, indicator, as_of=as_of)
    else:
        counts = crossed_counts(view, indicator, (pairing.dimension, within), as_of=as_of)
    first, second = (
        rate_table(
            counts[counts[pairing.dimension].isin(group.values)].rename(columns={within: STRATUM}),
            indicator,
            by=(STRATUM,),
        )
        for group in (pairing.a, pairing.b)
    )
    return first, second


def estate_age_counts(view: View, indicator: Indicator, *, as_of: dt.date) -> pd.DataFrame:
    """Counts of the indicator's source by management and age of estates, as
    :func:`data_access.estate_ages.read_estate_ages` gives them. One frame for everybody: never change it."""
    chosen = tuple(measures.townships(view)["code"]) if view.township_set != "all" else None
    limits = (view.root, view.villages_of, view.until)
    return _estate_ages(*limits, indicator.source, chosen, *view.months(indicator), as_of, view.version)


@st.cache_resource(show_spinner=False, max_entries=60)
def _estate_ages(
    root: str,
    villages_of: tuple[str, ...] | None,
    until: int | None,
    source: str,
    townships: tuple[str, ...] | None,
    first: int,
    last: int,
    as_of: dt.date,
    version: int,
) -> pd.DataFrame:
    scope = Scope(root=root, villages_of=villages_of, until=until)
    return read_estate_ages(
        cached_reads.engine(), scope=scope, source=source, townships=townships, first=first, last=last, as_of=as_of
    )


def _named(side: pd.DataFrame) -> pd.DataFrame:
    renamed = side.rename(columns={"place": STRATUM})
    renamed.attrs = dict(side.attrs)
    return renamed


def strata_names(within: str, *, catalogue: Catalogue, places: Mapping[str, str], lang: str) -> dict[str, str]:
    """The name of every stratum by code; ``places`` are the registered names of the townships."""
    if within == TOWNSHIP:
        return {code: place_name(name, lang) for code, name in places.items()}
    if within == ESTATE_AGE:
        return {code: text(f"pairings.estate_age.{code}", lang) for code in AGES}
    return {code: name[lang] for code, name in catalogue.dimensions[within].values.items()}


def condition_name(within: str, *, catalogue: Catalogue, lang: str) -> str:
    """What the strata are called together: 镇街, 新老村社, 问题类型."""
    if within in (TOWNSHIP, ESTATE_AGE):
        return text(f"pairings.adjusted.{within}", lang)
    return catalogue.dimensions[within].name[lang]
