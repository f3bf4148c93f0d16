"""The campaigns as counted: their months and townships, and what changed there against the townships outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd
import streamlit as st

from data_access.words import CAMPAIGNS
from indicators.catalogue import Indicator
from indicators.changes import change_table
from indicators.gaps import gap_change, gap_table
from indicators.values import rate_table
from ui import cached_reads, measures
from ui.address import add_months
from ui.measures import View

NAMED: Final = tuple(code for code in CAMPAIGNS if code != "none")
SPAN: Final = 12
"""Months before the start and from it on that are compared, fewer where there are fewer."""
FEWEST_MONTHS: Final = 3


@dataclass(frozen=True)
class CampaignReach:
    """Where and since when issues of a campaign are on record: the months YYYYMM and the township codes."""

    code: str
    first_month: int
    last_month: int
    townships: tuple[str, ...]
    months: dict[int, int]


@dataclass(frozen=True)
class BeforeAfter:
    """One outcome in the townships of a campaign and in the others, before its start and from it on.

    ``rates``: rows inside_before, inside_after, outside_before, outside_after of a ``rate_table``. ``inside`` and
    ``outside`` are the changes (after minus before), ``effect`` how much more the inside changed than the outside, with
    its 95 % interval (difference in differences by square-and-add of the two gaps).
    """

    rates: pd.DataFrame
    inside: pd.Series
    outside: pd.Series
    effect: pd.Series
    before: tuple[int, int]
    after: tuple[int, int]


@st.cache_resource(show_spinner=False, max_entries=40)
def campaign_reach(view: View) -> dict[str, CampaignReach]:
    """The reach of every campaign with any issue in the months of the view."""
    counts = measures.read_counts(
        view, cached_reads.catalogue()["acceptance_rate"], level="township", dimension="campaign", by_month=True,
        months=(view.first, view.last),
    )  # fmt: skip
    found = {}
    for code in NAMED:
        own = counts[(counts["value"] == code) & (counts["reported"] > 0)]
        if own.empty:
            continue
        months = own.groupby("month")["reported"].sum()
        found[code] = CampaignReach(
            code=code,
            first_month=int(own["month"].min()),
            last_month=int(own["month"].max()),
            townships=tuple(sorted(own["place"].unique())),
            months={int(month): int(count) for month, count in months.items()},
        )
    return found


def outcome_lines(view: View, indicator: Indicator, townships: tuple[str, ...]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The outcome month by month, inside ``townships`` and outside: two ``rate_table``s by month."""
    counts = measures.read_counts(view, indicator, level="township", by_month=True, months=(view.first, view.last))
    within = counts["place"].isin(townships)
    return tuple(rate_table(part, indicator, by=("month",)) for part in (counts[within], counts[~within]))


def before_after(view: View, indicator: Indicator, reach: CampaignReach) -> BeforeAfter | None:
    """The outcome before and after; None without townships outside, or with fewer than three months on either side.

    Months whose issues are not wholly due are left out.
    """
    last = min(add_months(reach.first_month, SPAN - 1), view.months(indicator)[1])
    before = (max(view.first_month, add_months(reach.first_month, -SPAN)), add_months(reach.first_month, -1))
    after = (reach.first_month, last)
    lengths = [_months(*span) for span in (before, after)]
    outside = set(measures.townships(view)["code"]) - set(reach.townships)
    if min(lengths) < FEWEST_MONTHS or not outside:
        return None
    tables = {}
    for when, span in (("before", before), ("after", after)):
        counts = measures.read_counts(view, indicator, level="township", months=span)
        within = counts["place"].isin(reach.townships)
        tables[f"inside_{when}"] = rate_table(counts[within], indicator, by=())
        tables[f"outside_{when}"] = rate_table(counts[~within], indicator, by=())
    gaps = [gap_table(tables[f"inside_{when}"], tables[f"outside_{when}"], by=(), indicator=indicator)
            for when in ("after", "before")]  # fmt: skip
    moved = [change_table(tables[f"{side}_after"], tables[f"{side}_before"], indicator, by=()).iloc[0]
             for side in ("inside", "outside")]  # fmt: skip
    rates = pd.concat(tables).droplevel(1)
    return BeforeAfter(rates, moved[0], moved[1], gap_change(*gaps, by=()).iloc[0], before, after)


def _months(first: int, last: int) -> int:
    return (last // 100 - first // 100) * 12 + last % 100 - first % 100 + 1
