"""Satisfaction as surveyed: the rate of those reached, and everything that must stand beside it, place by place and
group by group. Numbers only; the words are those of ``satisfaction_words``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from indicators.nonresponse import Comparability, NoComparison, comparable, post_stratified, satisfaction_table
from indicators.values import rate_table
from indicators.verdicts import verdict_table
from ui import cached_reads, measures
from ui.measures import View
from ui.payloads.place_tiles import row_of

SATISFACTION: Final = "satisfaction_rate"
REACH: Final = "callback_reach_rate"
SOLVED: Final = "solved_but_dissatisfied"
COVERAGE: Final = "callback_coverage"
DIMENSIONS: Final = ("category", "channel", "management", "firm_size", "area_type", "settlement_age", "campaign")
"""The ways to split the answers, the first is shown at first."""
STRATUM: Final = "category"
"""What the answers are weighted by: the kind of issue of everybody who was called."""
UNKNOWN: Final = "unknown"
UNGROUPED: Final = (UNKNOWN, "none")
"""Values that name no group: they are listed last and never compared."""
_COUNTED: Final = ["invited", "reached", "answered", "satisfied"]
_CLEAR: Final = {"much_worse": -1, "worse": -1, "better": 1, "much_better": 1}


@dataclass(frozen=True)
class Places:
    """The places below an area: the townships of the district, or the villages ``within`` a township.

    ``rows``: one row a place, in the order of the register: the columns of a verdict table of satisfaction and those of
    ``satisfaction_table`` (rate, response and reach, sure_low, sure_high, middle, reason); weighted, weighted_low,
    weighted_high (NaN where nobody answered); withheld, why a verdict was taken back (None: it was not).
    ``solved``: the verdict table of solved but dissatisfied, in the same order.
    """

    level: str
    within: str | None
    view: View
    names: Mapping[str, str]
    rows: pd.DataFrame
    solved: pd.DataFrame
    comparability: Comparability


def everywhere(view: View) -> View:
    """The view over all townships: the page offers no set of them."""
    return replace(view, township_set="all", members=())


def survey_of(view: View, township: str | None, *, months: tuple[int, int] | None = None) -> dict[str, Any]:
    """The survey of the district (None) or of one township: a row of ``satisfaction_table`` with closed beside it.

    Everything is 0 and every share NaN where nobody was called back.
    """
    return _survey_of(replace(everywhere(view), lang=""), township, months)


@st.cache_resource(show_spinner=False, max_entries=400)
def _survey_of(view: View, township: str | None, months: tuple[int, int] | None) -> dict[str, Any]:
    indicator = cached_reads.catalogue()[SATISFACTION]
    counts = measures.read_counts(view, indicator, level="township", within=township, months=months)
    added = {name: int(counts[name].sum()) for name in _NEEDED}
    row = satisfaction_table(pd.DataFrame([added]), by=()).to_dict("records")[0]
    return {**{str(name): value for name, value in row.items()}, **added}


_NEEDED: Final = ("closed", "called_back", "reached", "satisfied", "solved_reached", "solved_dissatisfied")


def group_rows(view: View, township: str | None, dimension: str) -> pd.DataFrame:
    """The groups of one dimension, in the catalogue's order: the columns of :class:`Places`' rows by ``group``.

    ``solved_x`` and ``solved_n``: solved but dissatisfied, of those solved and reached. Every group is judged against
    the others of the dimension together; what no register names comes last and is not compared. Empty without cases.
    The same frame for everybody.
    """
    return _group_rows(replace(everywhere(view), lang=""), township, dimension)


@st.cache_resource(show_spinner=False, max_entries=400)
def _group_rows(view: View, township: str | None, dimension: str) -> pd.DataFrame:
    catalogue = cached_reads.catalogue()
    indicator = catalogue[SATISFACTION]
    counts = measures.read_counts(view, indicator, level="township", within=township, dimension=dimension)
    survey = satisfaction_table(counts, by=("value",)).drop(columns=["low", "high"])
    named = [value for value in catalogue.dimensions[dimension].values if value not in UNGROUPED]
    order = [*named, *UNGROUPED]
    rates = rate_table(counts, indicator, by=("value",))
    compared = verdict_table(rates[rates["group"].isin(named)].reset_index(drop=True), indicator)
    others = rates[~rates["group"].isin(named)].assign(verdict="not_applicable", difference=np.nan)
    table = pd.concat([compared, others], ignore_index=True)
    solved = counts.groupby("value")[["solved_dissatisfied", "solved_reached"]].sum()
    table = table.merge(survey.rename(columns={"value": "group"}), on="group")
    table["solved_x"] = table["group"].map(solved["solved_dissatisfied"])
    table["solved_n"] = table["group"].map(solved["solved_reached"])
    table["verdict"] = table["verdict"].where(table["reason"] != NoComparison.LOW_RESPONSE, "not_applicable")
    rank = {value: place for place, value in enumerate(order)}
    return table.sort_values("group", key=lambda column: column.map(rank), ignore_index=True)


def township_row(view: View, township: str) -> dict[str, Any]:
    """One township's row of :func:`places_of` for the district: judged against all other townships."""
    return row_of(_places_of(replace(everywhere(view), lang=""), None).rows, township)


def places_of(view: View, township: str | None) -> Places | None:
    """The townships of the district (None), or the villages of a township over at least twelve months.

    None where the view's scope may not read those villages. The same object for everybody: never change it.
    """
    if township is not None and not view.scope.may_read(level="village", within=township):
        return None
    return _places_of(replace(everywhere(view), lang=""), township)


@st.cache_resource(show_spinner=False, max_entries=200)
def _places_of(view: View, township: str | None) -> Places:
    catalogue = cached_reads.catalogue()
    level = "township" if township is None else "village"
    shown = view if township is None else measures.rolling_year(view)
    register = cached_reads.places(view.scope, level=level, within=township, version=view.version)
    codes = list(register["code"])
    indicator, solved = catalogue[SATISFACTION], catalogue[SOLVED]
    counts = measures.read_counts(shown, indicator, level=level, within=township)
    judged = verdict_table(rate_table(counts, indicator, places=codes), indicator)
    survey = satisfaction_table(counts).drop(columns=["low", "high"])
    rows = judged.merge(survey, on="place", how="left")
    rows[_COUNTED] = rows[_COUNTED].fillna(0)
    rows["reason"] = rows["reason"].where(rows["invited"] > 0, NoComparison.NO_DATA)
    strata = measures.read_counts(shown, indicator, level=level, within=township, dimension=STRATUM)
    rows = rows.assign(**_weighted(strata, codes))
    whole = comparable(rows["answered"], rows["invited"])
    rows["withheld"] = [_withheld(row, together=whole.together) for row in rows.to_dict("records")]
    rows["verdict"] = rows["verdict"].where(rows["withheld"].isna(), "not_applicable")
    known = register["short_name"].where(register["short_name"].notna(), register["name"])
    return Places(
        level=level,
        within=township,
        view=shown,
        names=dict(zip(register["code"], known if level == "village" else register["name"], strict=True)),
        rows=rows,
        solved=verdict_table(rate_table(counts, solved, places=codes), solved),
        comparability=whole,
    )


def _weighted(strata: pd.DataFrame, codes: Sequence[str]) -> dict[str, Any]:
    """Satisfaction weighted to the kinds of issues of everybody who was called, for ``codes`` in their order."""
    wide = {
        name: strata.pivot_table(index="place", columns="value", values=name, aggfunc="sum", fill_value=0)
        .reindex(list(codes), fill_value=0).to_numpy(dtype=float)
        for name in ("satisfied", "reached", "called_back")
    }  # fmt: skip
    figures = np.full((3, len(codes)), np.nan)
    asked = wide["called_back"].sum(axis=1) > 0
    if asked.any():
        found = post_stratified(*(wide[name][asked] for name in ("satisfied", "reached", "called_back")))
        figures[:, asked] = found.rate, found.low, found.high
    return dict(zip(("weighted", "weighted_low", "weighted_high"), figures, strict=True))


def _withheld(row: Mapping[str, Any], *, together: bool) -> str | None:
    """Why a verdict does not stand: hardly anybody was reached, or weighting does not bear it out.

    Where response rates lie far apart only what the weighted rate confirms is said: its interval has to lie on the same
    side of the rest.
    """
    if row["reason"] == NoComparison.LOW_RESPONSE:
        return str(NoComparison.LOW_RESPONSE.value)
    side = _CLEAR.get(str(row["verdict"]), 0)
    if together or not side:
        return None
    end = row["weighted_high"] if side < 0 else row["weighted_low"]
    return None if (end - row["rest_value"]) * side > 0 else "weighting"


def month_rows(view: View, township: str | None, indicator_code: str, *, last_month: int) -> pd.DataFrame:
    """Satisfaction or reach month by month over all months known: a ``rate_table`` by month."""
    indicator = cached_reads.catalogue()[indicator_code]
    months = (view.first_month, view.scope.last_month(max(last_month, view.last)))
    return measures.rates(everywhere(view), indicator, by=("month",), level="township", within=township, months=months)


def rest_months(view: View, township: str, indicator_code: str, *, last_month: int) -> pd.DataFrame:
    """The same for all other townships together."""
    indicator = cached_reads.catalogue()[indicator_code]
    months = (view.first_month, view.scope.last_month(max(last_month, view.last)))
    counts = measures.read_counts(everywhere(view), indicator, level="township", by_month=True, months=months)
    return rate_table(counts[counts["place"] != township], indicator, by=("month",))
