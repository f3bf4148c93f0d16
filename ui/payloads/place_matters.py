"""What matters in one township: the findings of ``indicators.place_findings`` for the choices of a view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from indicators.catalogue import Catalogue, Indicator
from indicators.findings import GapEvidence
from indicators.place_findings import PlaceEvidence, PlaceFindings, place_findings
from indicators.scorecard import count_matrix, scorecard
from indicators.verdicts import verdict_table
from ui import measures
from ui.measures import View
from ui.payloads.place_tiles import HEADLINE, Circle, change_of


def place_matters(
    view: View, catalogue: Catalogue, circle: Circle, *, place: str, gaps: Sequence[GapEvidence], limit: int
) -> PlaceFindings:
    """At most ``limit`` findings about the township ``place`` of the ``circle``, for the chosen months.

    Every indicator with a better direction is compared with the other townships and its target; those of ``HEADLINE``
    also over time and by village, where the viewer may read villages.
    """
    indicators = [
        one for one in catalogue.values() if one.available and one.better != "neutral" and one.interval == "chance"
    ]
    rows = _rows(view, indicators, circle, place)
    called_back = measures.rates(
        view, catalogue["callback_reach_rate"], level="township", within=place, places=(place,)
    ).iloc[0]["n"]
    evidence = [
        PlaceEvidence(
            one,
            judged=rows[one.code],
            called_back=int(called_back) if one.denominator == "reached" and called_back > 0 else None,
            **(_over_time_and_villages(view, one, place) if one.code in HEADLINE else {}),
        )
        for one in indicators
    ]
    return place_findings(evidence, gaps, limit=limit)


def _rows(view: View, indicators: Sequence[Indicator], circle: Circle, place: str) -> Mapping[str, Mapping[str, Any]]:
    """The place's row of the scorecard by indicator."""
    x, n = count_matrix(measures.source_counts(view, indicators), indicators, circle.places)
    card = scorecard(x, n, indicators, circle.places, ranks=False)
    return {str(row["indicator"]): row for row in card[card["place"] == place].to_dict("records")}


def _over_time_and_villages(view: View, indicator: Indicator, place: str) -> dict[str, Any]:
    whole = measures.whole_period(view)
    months = measures.rates(whole, indicator, within=place, by=("month",), months=(whole.first, view.last))
    provisional = [view.is_provisional(int(month)) for month in months["month"]]
    found: dict[str, Any] = {
        "change": change_of(view, indicator, place, level="township"),
        "months": months.assign(provisional=pd.array(provisional, dtype=bool)),
    }
    if view.scope.may_read(level="village", within=place):
        year = measures.rolling_year(view)
        villages = measures.rates(year, indicator, level="village", within=place)
        found["villages"] = verdict_table(villages, indicator)
    return found
