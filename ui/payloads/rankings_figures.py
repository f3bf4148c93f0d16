"""The statistics of the rankings page, without words: ranks, moves, ranks among peers and the funnel of a view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd
import streamlit as st

from indicators.catalogue import Indicator
from indicators.changes import change_table
from indicators.funnels import Funnel, funnel_table
from indicators.peer_ranks import peer_ranks
from indicators.rank_history import rank_moves
from indicators.rank_neighbours import neighbour_table
from indicators.verdicts import verdict_table
from ui import cached_reads, measures
from ui.address import add_months
from ui.measures import View
from ui.payloads.overview_figures import total_rate
from ui.payloads.peer_groups import similar_townships

ORDERS: Final = ("rank", "kind", "register")
"""Orders of the rows: by rank, by rank with subdistricts and towns apart, as the register lists them."""
SPANS: Final = ("period", "month")
"""What a move is measured over: the chosen months against the comparable ones before, the last month against its
predecessor."""
PEERS: Final = ("kind", "manager", "similar")


@dataclass(frozen=True)
class Moved:
    """The moves between two stretches of months.

    ``rows``: by place the row of ``rank_history.rank_moves``; ``changes``: by place the row of ``change_table``.
    """

    now: tuple[int, int]
    before: tuple[int, int]
    rows: Mapping[str, Any]
    changes: Mapping[str, Any]


@dataclass(frozen=True)
class RankingFigures:
    """One indicator over the chosen townships.

    places   the verdict table by township with the columns of ``rank_neighbours.neighbour_table``, as registered
    total    the one row of all of them together
    moved    by span of `SPANS`, those that the data allow
    peers    by kind of group of `PEERS`: place to its row of ``peer_ranks.peer_ranks``
    funnel   None for figures that are no shares
    """

    indicator: Indicator
    register: pd.DataFrame
    places: pd.DataFrame
    total: pd.DataFrame
    moved: Mapping[str, Moved]
    peers: Mapping[str, Mapping[str, Any]]
    funnel: Funnel | None

    @property
    def ranked(self) -> pd.DataFrame:
        """The townships that have a rank."""
        return self.places[self.places["rank"].notna()]

    @property
    def ranged(self) -> bool:
        """Whether ranks have ranges: with at least two places, and where chance applies."""
        return bool(self.places["rank_low"].notna().sum() >= 2)


def ranking_figures(view: View, indicator_code: str, *, last_month: int) -> RankingFigures:
    """The figures of one indicator; the same object for everybody and both languages: never change it.

    ``last_month`` is the newest month known, in whose registers alike townships are looked for.
    """
    return _ranking_figures(replace(view, lang=""), indicator_code, last_month)


@st.cache_resource(show_spinner=False, max_entries=400)
def _ranking_figures(view: View, indicator_code: str, last_month: int) -> RankingFigures:
    indicator = cached_reads.catalogue()[indicator_code]
    register = measures.townships(view)
    rates = measures.rates(view, indicator, places=tuple(register["code"]))
    places = neighbour_table(verdict_table(rates, indicator), indicator)
    groups = _groups(view, register, last_month)
    return RankingFigures(
        indicator=indicator,
        register=register,
        places=places,
        total=total_rate(view, indicator),
        moved=_moves(view, indicator, tuple(register["code"]), rates),
        peers={name: _by_place(peer_ranks(rates, indicator, group)) for name, group in groups.items()},
        funnel=funnel_table(rates) if indicator.kind == "proportion" else None,
    )


def in_order(figures: RankingFigures, order: str) -> pd.DataFrame:
    """The places in one of `ORDERS`; without a rank they stand last (in the register's order: where they are)."""
    places = figures.places
    if order == "register":
        return places
    kinds = dict(zip(figures.register["code"], figures.register["kind"], strict=True))
    keyed = places.assign(_rank=places["rank"].astype("float64"), _n=-places["n"], _kind=places["place"].map(kinds))
    # Equal rates stand by their cases: the larger one is the surer one.
    by = [*(["_kind"] if order == "kind" else []), "_rank", "_n", "place"]
    return keyed.sort_values(by, kind="stable", na_position="last")[list(places.columns)]


def _moves(view: View, indicator: Indicator, codes: tuple[str, ...], rates: pd.DataFrame) -> dict[str, Moved]:
    months = view.months(indicator)
    spans = {"period": (months, view.before(indicator))}
    last = months[1]
    month_before = add_months(last, -1)
    if month_before >= view.first_month:
        spans["month"] = ((last, last), (month_before, month_before))
    found = {}
    for span, (now_months, before_months) in spans.items():
        if before_months is None or any(
            now_months == one.now and before_months == one.before for one in found.values()
        ):
            continue
        now = rates if now_months == months else measures.rates(view, indicator, places=codes, months=now_months)
        before = measures.rates(view, indicator, places=codes, months=before_months)
        found[span] = Moved(
            now=now_months,
            before=before_months,
            rows=_by_place(rank_moves(now, before, indicator)),
            changes=_by_place(change_table(now, before, indicator)),
        )
    return found


def _groups(view: View, register: pd.DataFrame, last_month: int) -> dict[str, dict[str, list[str]]]:
    """By kind of group: place to the codes it is ranked among. A place whose kind or manager is unknown has none."""
    groups: dict[str, dict[str, list[str]]] = {}
    for name, column in (("kind", "kind"), ("manager", "managed_by")):
        alike = register[register[column].notna()].groupby(column)["code"].agg(list)
        known = register[register[column].notna()]
        groups[name] = {code: alike[word] for code, word in zip(known["code"], known[column], strict=True)}
    near = similar_townships(view.root, view.until, last_month, view.version)
    groups["similar"] = {str(code): list(rows["peer"]) for code, rows in near.groupby("place")}
    return groups


def _by_place(table: pd.DataFrame) -> dict[str, Any]:
    return {str(row["place"]): row for row in table.to_dict("records")}
