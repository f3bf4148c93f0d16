"""What departments measure, township by township, held against the rules of peacetime or an emergency; no words."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import streamlit as st

from indicators.catalogue import Indicator
from indicators.readiness import (
    Readiness,
    ReadinessModes,
    Rule,
    load_readiness_modes,
    reaches,
    readiness_table,
    runs_out_soon,
    together,
)
from indicators.values import rate_table
from indicators.verdicts import verdict_table
from ui import cached_reads, measures
from ui.measures import View

UNKNOWN = "unknown"
NOT_READY = (Readiness.NO.value, Readiness.PARTLY.value, Readiness.STALE.value)


@dataclass(frozen=True)
class Measured:
    """One indicator under one mode.

    ``rows`` by township of the set: the verdict table with month (newest in the period, NaN without data), verified_on,
    expires_on, days_left, readiness, soon (runs out within the next days) and villages (how many reported it, None
    where the township itself does); ``total`` the rate row of all of them together; ``month`` the newest month of
    any of them (None without data); ``late`` how many have only an older one.
    """

    indicator: Indicator
    rule: Rule
    rows: Mapping[str, Mapping[str, Any]]
    total: Mapping[str, Any]
    month: int | None
    late: int

    @property
    def tally(self) -> Counter[str]:
        """How many townships stand in each state."""
        return Counter(str(row["readiness"]) for row in self.rows.values())

    @property
    def judged(self) -> pd.DataFrame:
        """The rows as a table, as the map of verdicts wants it."""
        return pd.DataFrame(list(self.rows.values()))

    @property
    def total_reaches(self) -> bool | None:
        """Whether all townships together are at what is asked for; None where nothing is asked or known."""
        return reaches(float(self.total["value"]), self.rule, self.indicator)


@st.cache_resource(show_spinner=False, max_entries=1)
def readiness_modes() -> ReadinessModes:
    """The rules of peacetime and emergency, read once a process."""
    return load_readiness_modes(cached_reads.catalogue())


def judging_day(view: View, as_of: dt.date | None) -> dt.date:
    """The day on which answers are looked at: the last of the chosen months, but not after the as-of date."""
    last = _month_end(view.last)
    known = measures.register_day(view, as_of)
    return last if known is None else min(last, known)


def measured_all(view: View, codes: Sequence[str], mode: str, as_of: dt.date | None) -> dict[str, Measured]:
    """The figures of several indicators by code, in that order."""
    return {code: measured(view, code, mode, as_of) for code in codes}


def measured(view: View, code: str, mode: str, as_of: dt.date | None) -> Measured:
    """The figures of one indicator; the same object for everybody and both languages: never change it."""
    return _measured(replace(view, lang=""), code, mode, judging_day(view, as_of))


@st.cache_resource(show_spinner=False, max_entries=600)
def _measured(view: View, code: str, mode: str, day: dt.date) -> Measured:
    indicator, rule = cached_reads.catalogue()[code], readiness_modes().rule(code, mode)
    counts = measures.read_counts(view, indicator, level="township")
    places = tuple(measures.townships(view)["code"])
    months = {str(place): int(month) for place, month in zip(counts["place"], counts["month"], strict=True)}
    table = verdict_table(rate_table(counts, indicator, places=places), indicator)
    table = readiness_table(table, _dates(counts, indicator), indicator, rule, day=day)
    table["month"] = [months.get(place) for place in table["place"]]
    parts = dict(zip(counts["place"], counts["places_counted"], strict=True))
    table["villages"] = [parts.get(place) if indicator.reported_at == "village" else None for place in table["place"]]
    table["soon"] = runs_out_soon(table)
    newest = max(months.values(), default=None)
    return Measured(
        indicator=indicator,
        rule=rule,
        rows=_by_place(table),
        total=dict(rate_table(counts, indicator, by=()).iloc[0]),
        month=newest,
        late=sum(month != newest for month in months.values()),
    )


def _by_place(table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    return {str(row["place"]): {str(name): value for name, value in row.items()} for row in table.to_dict("records")}


def _dates(counts: pd.DataFrame, indicator: Indicator) -> dict[str, dt.date | None]:
    """The day each answer was verified; where no verifying is asked for, the last day of its month."""
    if indicator.valid_days is not None:
        return dict(zip(counts["place"], counts["verified_on"], strict=True))
    return {str(place): _month_end(int(month)) for place, month in zip(counts["place"], counts["month"], strict=True)}


def _month_end(month: int) -> dt.date:
    year, number = divmod(month, 100)
    return dt.date(year, number, calendar.monthrange(year, number)[1])


def have_data(known: Mapping[str, Measured]) -> tuple[int, int]:
    """How many of the townships have data in any of the indicators, and how many there are."""
    places = {place for one in known.values() for place in one.rows}
    with_data = {
        place
        for one in known.values()
        for place, row in one.rows.items()
        if row["readiness"] not in (Readiness.NO_DATA.value, Readiness.NOT_APPLICABLE.value)
    }
    return len(with_data), len(places)


def all_together(known: Mapping[str, Measured]) -> dict[str, str]:
    """For each township the state of all indicators as one; see :func:`indicators.readiness.together`."""
    places = dict.fromkeys(place for one in known.values() for place in one.rows)
    return {place: together([str(one.rows[place]["readiness"]) for one in known.values()]) for place in places}


def furthest_from_ready(known: Mapping[str, Measured]) -> str | None:
    """The indicator in which most townships are not ready (no, partly or stale); None where all are, or none is asked.

    Of equals the first in the order given.
    """
    short = {code: sum(one.tally[state] for state in NOT_READY) for code, one in known.items()}
    worst = max(short, key=lambda code: short[code], default=None)
    return worst if worst is not None and short[worst] else None


def most_wanting_first(known: Mapping[str, Measured]) -> list[str]:
    """Townships in the order of the checklist: the fewest things ready first, of equals as the register lists them."""
    places = list(dict.fromkeys(place for one in known.values() for place in one.rows))
    ready = {
        place: sum(one.rows[place]["readiness"] == Readiness.YES.value for one in known.values()) for place in places
    }
    return sorted(places, key=lambda place: ready[place])


@dataclass(frozen=True)
class Part:
    """One value of a dimension, such as one kind of body: the verdict table by township and all of them together."""

    value: str
    indicator: Indicator
    rows: Mapping[str, Mapping[str, Any]]
    total: Mapping[str, Any]


def measured_parts(view: View, code: str) -> tuple[Part, ...]:
    """An indicator split by the first dimension of its definition, in the order of the vocabulary.

    Values without data are among them, but "unknown" only where something was reported so.
    """
    return _measured_parts(replace(view, lang=""), code)


@st.cache_resource(show_spinner=False, max_entries=200)
def _measured_parts(view: View, code: str) -> tuple[Part, ...]:
    catalogue = cached_reads.catalogue()
    indicator = catalogue[code]
    dimension = catalogue.dimensions[indicator.dimensions[0]]
    counts = measures.read_counts(view, indicator, level="township", dimension=dimension.code)
    places = tuple(measures.townships(view)["code"])
    found = []
    for value in dimension.values:
        own = counts[counts["value"] == value]
        if own.empty and value == UNKNOWN:
            continue
        table = verdict_table(rate_table(own, indicator, places=places), indicator)
        found.append(
            Part(
                value=value,
                indicator=indicator,
                rows=_by_place(table),
                total=dict(rate_table(own, indicator, by=()).iloc[0]),
            )
        )
    return tuple(found)
