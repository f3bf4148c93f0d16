"""The figures behind the submission strip, without words: reports on time, late and missing by place and office."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import pandas as pd
import streamlit as st

from data_access.data_quality import LATE, MISSING, NOT_DUE
from indicators.catalogue import Catalogue, Indicator
from indicators.values import rate_table
from indicators.verdicts import verdict_table
from ui import cached_quality, cached_reads
from ui.measures import View

ALL_REPORTS: Final = "reports"
EVENT_SOURCES: Final = ("issues", "inspections")
REPORTED: Final = "measurements"
_COUNTED: Final = {"late": LATE, "missing": MISSING, "not_due": NOT_DUE}


@dataclass(frozen=True)
class ReportFigures:
    """What became of the chosen reports.

    ``by_place`` and ``by_office``: one row a unit and month with unit, month, expected, late, missing, not_due.
    ``places`` and ``offices``: verdict tables (column place = unit), the unit furthest behind first.
    ``slips``: one row a report that was late or never came (source, stream, place, office, month, days; NaN missing).
    """

    by_place: pd.DataFrame
    by_office: pd.DataFrame
    places: pd.DataFrame
    offices: pd.DataFrame
    slips: pd.DataFrame


def choices(catalogue: Catalogue, streams: list[str]) -> list[str]:
    """What can be chosen for the strip: all reports, the domains and indicators that anybody reported, the events."""
    reported = [one for one in catalogue.of_source(REPORTED) if one.code in streams]
    domains = [code for code in catalogue.domains if any(one.domain == code for one in reported)]
    return [ALL_REPORTS, *domains, *EVENT_SOURCES, *(one.code for one in reported)]


def report_figures(view: View, chosen: str) -> ReportFigures:
    """The figures of the chosen reports; the same object for everybody and both languages: never change it."""
    return _report_figures(replace(view, lang=""), chosen)


def office_of(source: str, stream: str, catalogue: Catalogue) -> str:
    """Whose reports a stream is: the Chinese name of the office that owns the indicator."""
    if source == REPORTED:
        return catalogue[stream].owner.zh if stream in catalogue else stream
    return catalogue.of_source(source)[0].owner.zh


@st.cache_resource(show_spinner=False, max_entries=300)
def _report_figures(view: View, chosen: str) -> ReportFigures:
    catalogue = cached_reads.catalogue()
    every = cached_quality.reports(view)
    reports = every.loc[_chosen(every, chosen, catalogue)].copy()
    owners = {
        (source, stream): office_of(source, stream, catalogue)
        for source, stream in reports[["source", "stream"]].drop_duplicates().itertuples(index=False)
    }
    reports["office"] = [owners[key] for key in zip(reports["source"], reports["stream"], strict=True)]
    for name, state in _COUNTED.items():
        reports[name] = (reports["state"] == state).astype(int)
    by_place, by_office = _counted(reports, "place"), _counted(reports, "office")
    indicator = catalogue["reports_on_time"]
    wrong = reports.loc[reports["state"].isin((LATE, MISSING))]
    days = wrong["days_late"].where(wrong["state"] == LATE)
    return ReportFigures(
        by_place=by_place,
        by_office=by_office,
        places=_judged(by_place, indicator),
        offices=_judged(by_office, indicator),
        slips=wrong[["source", "stream", "place", "office", "month"]].assign(days=days),
    )


def _chosen(reports: pd.DataFrame, chosen: str, catalogue: Catalogue) -> pd.Series:
    if chosen in EVENT_SOURCES:
        return reports["source"] == chosen
    own = reports["source"] == REPORTED
    if chosen == ALL_REPORTS:
        return own
    if chosen in catalogue.domains:
        return own & reports["stream"].isin([one.code for one in catalogue.of_domain(chosen)])
    return own & (reports["stream"] == chosen)


def _counted(reports: pd.DataFrame, unit: str) -> pd.DataFrame:
    keys = [unit, "month"]
    counted = reports.groupby(keys, as_index=False)[list(_COUNTED)].sum()
    counted["expected"] = reports.groupby(keys).size().to_numpy()
    return counted.rename(columns={unit: "unit"})


def _judged(counted: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    """The share on time of each unit against the rest; reports whose day has not passed do not count."""
    sums = counted.groupby("unit", as_index=False)[["expected", *_COUNTED]].sum()
    due = sums["expected"] - sums["not_due"]
    counts = pd.DataFrame(
        {"place": sums["unit"], "numerator": due - sums["late"] - sums["missing"], "denominator": due}
    )
    judged = verdict_table(rate_table(counts, indicator), indicator)
    judged = judged.assign(late=sums["late"].to_numpy(), missing=sums["missing"].to_numpy())
    return judged.sort_values(["value", "n", "place"], ascending=[True, False, True], ignore_index=True)


def monthly(counted: pd.DataFrame) -> pd.DataFrame:
    """All units together, one row a month: month, numerator (on time) and denominator (due)."""
    sums = counted.groupby("month", as_index=False)[["expected", *_COUNTED]].sum()
    due = sums["expected"] - sums["not_due"]
    return pd.DataFrame({"month": sums["month"], "numerator": due - sums["late"] - sums["missing"], "denominator": due})
