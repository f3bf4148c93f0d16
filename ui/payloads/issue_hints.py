"""The figures behind the hints: faultless records, closings on the last day, satisfied people of unsolved cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from indicators.catalogue import Indicator
from indicators.values import rate_table
from indicators.verdicts import NAME, smallest_perfect_record, verdict_table
from ui import cached_durations, cached_reads, measures
from ui.measures import View

LOOKED_AT: Final = ("on_time_rate", "resolution_rate", "satisfaction_rate", "callback_reach_rate")
CUTS: Final = ("whole", "category", "month")


@dataclass(frozen=True)
class PerfectRecords:
    """Faultless records that chance hardly explains (columns place, indicator, cut, group, n, rest_value, needed).

    ``looked_at`` counts the fields with enough cases to be judged; ``expected`` how many of them would be faultless
    though the place were like the rest; ``largest`` is the largest faultless record found at all, 0 without one.
    """

    rows: pd.DataFrame
    looked_at: int
    expected: float
    largest: int


def perfect_records(view: View) -> PerfectRecords:
    """Every indicator of ``LOOKED_AT``, by township alone, by category and by month, of months wholly due."""
    catalogue = cached_reads.catalogue()
    found, largest, looked_at, expected = [], 0, 0, 0.0
    for code in LOOKED_AT:
        indicator = catalogue[code]
        for cut in CUTS:
            judged = _judged(view, indicator, cut)
            rest = judged["rest_value"].to_numpy(dtype=float)
            n, x = judged["n"].to_numpy(dtype=float), judged["x"].to_numpy(dtype=float)
            needed = np.array([smallest_perfect_record(one, tail=NAME) if 0 < one < 1 else np.inf for one in rest])
            enough = n >= needed
            looked_at += int(enough.sum())
            expected += float((rest[enough] ** n[enough]).sum())
            faultless = (x == n) & (n > 0)
            largest = max(largest, int(n[faultless].max(initial=0)))
            group = judged["group"] if "group" in judged else judged.get("month", "")
            table = judged.assign(indicator=code, cut=cut, group=group, needed=needed)
            found.append(table.loc[faultless & enough, ["place", "indicator", "cut", "group", "n", "rest_value",
                                                        "needed"]])  # fmt: skip
    rows = pd.concat(found, ignore_index=True).sort_values(["n", "place"], ascending=[False, True], ignore_index=True)
    return PerfectRecords(rows, looked_at, expected, largest)


def _judged(view: View, indicator: Indicator, cut: str) -> pd.DataFrame:
    if cut == "whole":
        return verdict_table(measures.rates(view, indicator), indicator)
    if cut == "month":
        return verdict_table(measures.rates(view, indicator, by=("place", "month")), indicator, within=("month",))
    counts = measures.read_counts(view, indicator, level="township", dimension="category")
    return verdict_table(rate_table(counts, indicator, by=("place", "group")), indicator, within=("group",))


def last_day_rows(view: View) -> pd.DataFrame:
    """By township: the share of closings on time that fell on the day of the deadline, against the others.

    A verdict table with, besides, ``next_day``: closings on the day after the deadline.
    """
    first, last = view.months("issues")
    margins = cached_durations.margins(view, within=view.root, first=first, last=last)
    on_time, cases = margins["on_time"], margins["cases"]
    counts = pd.DataFrame(
        {
            "place": margins["place"],
            "last_day": cases.where(on_time & (margins["days"] == 0), 0),
            "closed_on_time": cases.where(on_time, 0),
            "next_day": cases.where(margins["days"] == 1, 0),
        }
    )
    indicator = last_day_indicator()
    places = tuple(measures.townships(view)["code"])
    judged = verdict_table(rate_table(counts, indicator, by=("place",), places=places), indicator)
    after = counts.groupby("place")["next_day"].sum()
    return judged.assign(next_day=judged["place"].map(after).fillna(0).astype(int))


def last_day_indicator() -> Indicator:
    """The share of closings on time that fell on the day of the deadline: neither good nor bad in itself."""
    known = cached_reads.catalogue()["on_time_rate"]
    return known.model_copy(
        update={"code": "closed_on_last_day", "numerator": "last_day", "denominator": "closed_on_time",
                "better": "neutral", "target": None}
    )  # fmt: skip


def unsolved_but_satisfied(paths: pd.DataFrame) -> pd.DataFrame:
    """By township (index): people satisfied, those among them whose case is not verified as solved, and cases verified
    as solved that nobody called back (columns satisfied, unsolved, solved, uncalled)."""
    cases = paths["cases"]
    counts = pd.DataFrame(
        {
            "satisfied": cases.where(paths["satisfied"], 0),
            "unsolved": cases.where(paths["satisfied"] & ~paths["solved"], 0),
            "solved": cases.where(paths["solved"], 0),
            "uncalled": cases.where(paths["solved"] & ~paths["called_back"], 0),
        }
    )
    return counts.groupby(paths["place"]).sum()
