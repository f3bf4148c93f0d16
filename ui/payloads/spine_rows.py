"""All indicators of one township on their own scales: its figure, the others, its peers, and the range they span."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from indicators.catalogue import Catalogue, Indicator
from indicators.counts import PLACE_ATTRIBUTES
from indicators.peers import peer_benchmark
from indicators.scorecard import count_matrix, scorecard
from indicators.values import State
from ui import cached_reads, measures
from ui.measures import View
from ui.payloads.peer_groups import similar_townships
from ui.payloads.place_tiles import Circle, judged_places
from ui.payloads.township_circle import township_view

NO_PEERS: Final = {"peer_value": np.nan, "peer_x": np.nan, "peer_n": np.nan, "peers": 0}
JUDGED: Final = (
    "x", "n", "value", "low", "high", "state", "rest_x", "rest_n", "rest_value", "difference", "difference_low",
    "difference_high", "verdict", "immaterial",
)  # fmt: skip


@st.cache_resource(show_spinner=False, max_entries=200)
def spine_rows(view: View, code: str, last_month: int) -> pd.DataFrame:
    """One row per indicator that any township of the set has a figure for, by domain in reading order.

    Returns indicator; x, n, value, low, high, state, rest_x, rest_n, rest_value, difference, difference_low,
    difference_high, verdict and immaterial of the township (as in ``verdict_table``; the rest is the other townships of
    the set, never the district that holds it); worst, best, quartile_low and quartile_high (the ends and the middle
    half of the figures of the townships that have enough cases, this one included, in units of value; for a neutral
    indicator worst is the lowest; NaN where fewer than two, for the quartiles four, have enough); worst_place and
    best_place (the code of the first that has it, None), worst_shared and best_shared (how many have it);
    with_figure (how many have enough cases), left_out (how many have too few); peer_value, peer_x, peer_n (what the
    similar townships reach together) and peers (how many there are).
    One frame for everybody: never change it. Raises KeyError for a township that is not on the register.

    ``last_month`` is the last month with data: the peers are those of that month.
    """
    catalogue, own_view = cached_reads.catalogue(), replace(township_view(view, code), lang="")
    card = _card(own_view)
    together = _together(replace(own_view, township_set="all", members=()), last_month)
    rows = []
    for one in _available(catalogue):
        if one.code not in card:
            continue
        own, span = card[one.code]
        rows.append({"indicator": one.code, **own[code], **span, **together[one.code].get(code, NO_PEERS)})
    return pd.DataFrame(rows)


def in_words_of(catalogue: Catalogue, rows: pd.DataFrame) -> list[tuple[Indicator, dict[str, Any]]]:
    """The rows with their indicators."""
    return [(catalogue[str(row["indicator"])], _named(row)) for row in rows.to_dict("records")]


def _available(catalogue: Catalogue) -> list[Indicator]:
    return [one for one in catalogue.values() if one.available]


@st.cache_resource(show_spinner=False, max_entries=60)
def _verdicts(view: View) -> dict[str, pd.DataFrame]:
    """The verdict table of each indicator over the townships of the view's set."""
    indicators = _available(cached_reads.catalogue())
    places = tuple(measures.townships(view)["code"])
    circle = Circle(level="township", within=None, places=places, rest=view.township_set)
    counted = [one for one in indicators if one.denominator not in PLACE_ATTRIBUTES]
    x, n = count_matrix(measures.source_counts(view, counted), counted, places)
    whole = scorecard(x, n, counted, places, ranks=False)
    tables = {str(one): table for one, table in whole.groupby("indicator", sort=False)}
    return tables | {one.code: judged_places(view, one, circle) for one in indicators if one.code not in tables}


@st.cache_resource(show_spinner=False, max_entries=60)
def _card(view: View) -> dict[str, tuple[dict[str, dict[str, Any]], dict[str, Any]]]:
    """Each indicator that anybody has a figure for: the rows of the townships by code, and the range they span."""
    catalogue, card = cached_reads.catalogue(), {}
    for code, table in _verdicts(view).items():
        if table["state"].isin([State.VALUE.value, State.TOO_FEW.value]).any():
            rows = dict(zip(table["place"].astype(str), table[list(JUDGED)].to_dict("records"), strict=True))
            card[code] = ({place: _named(row) for place, row in rows.items()}, _span(table, catalogue[code]))
    return card


@st.cache_resource(show_spinner=False, max_entries=60)
def _together(view: View, last_month: int) -> dict[str, dict[str, dict[str, Any]]]:
    """What the peers of each township reach together, by indicator and township; townships without peers are absent."""
    catalogue, near = cached_reads.catalogue(), similar_townships(view.root, view.until, last_month, view.version)
    found = {}
    for code, table in _verdicts(view).items():
        bench = peer_benchmark(table.reset_index(drop=True), near, catalogue[code])
        bench = bench[bench["peers"] > 0]
        rows = bench[list(NO_PEERS)].to_dict("records")
        found[code] = dict(zip(bench["place"].astype(str), (_named(row) for row in rows), strict=True))
    return found


def _named(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in row.items()}


def _span(table: pd.DataFrame, one: Indicator) -> dict[str, Any]:
    known = table[table["state"] == State.VALUE.value]
    values = known["value"].to_numpy(dtype=np.float64)
    span: dict[str, Any] = {
        "worst": np.nan, "best": np.nan, "quartile_low": np.nan, "quartile_high": np.nan, "worst_place": None,
        "best_place": None, "worst_shared": 0, "best_shared": 0, "with_figure": len(known),
        "left_out": int((table["state"] == State.TOO_FEW.value).sum()),
    }  # fmt: skip
    if len(known) < 2:
        return span
    low, high = int(values.argmin()), int(values.argmax())
    worst, best = (high, low) if one.better == "lower" else (low, high)
    places = known["place"].to_numpy()
    span |= {"worst": values[worst], "best": values[best], "worst_place": str(places[worst]),
             "best_place": str(places[best]), "worst_shared": int((values == values[worst]).sum()),
             "best_shared": int((values == values[best]).sum())}  # fmt: skip
    if len(known) >= 4:
        span["quartile_low"], span["quartile_high"] = np.quantile(values, [0.25, 0.75])
    return span
