"""All gaps there are, tested together: every indicator of every pairing, in every township or in the whole area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from indicators.catalogue import Indicator, Pairing
from indicators.counts import PLACE_ATTRIBUTES
from indicators.exact_tests import fdr
from indicators.gaps import pairing_gaps
from ui import cached_reads, measures
from ui.measures import View

WHERE: Final = ("township", "area")
ALPHA: Final = 0.05
"""The share of false claims that is tolerated among what is said to stand, and the level of a single test."""


@dataclass(frozen=True)
class FinderFigures:
    """What was looked at and what stands.

    rows     one row a gap that was tested: pairing, indicator, domain, place, the columns of ``gap_table`` (a − b),
             behind ("a", "b", None), lead (by how much A is better than B, in units of the indicator), touches (cases
             of the group behind that would have turned out otherwise at the other group's level), stands; those that
             touch most first
    untested gaps that could not be tested: a group is missing or has too few cases
    flagged  how many have an interval that excludes 0, each looked at alone; by_chance: how many would if no gap were
             real
    """

    rows: pd.DataFrame
    untested: int
    flagged: int
    by_chance: float

    @property
    def tested(self) -> int:
        """How many gaps were tested."""
        return len(self.rows)

    @property
    def standing(self) -> pd.DataFrame:
        """The gaps that stand among all that were tested."""
        return self.rows[self.rows["stands"]]

    @property
    def false_at_most(self) -> float:
        """How many of those that stand are expected to be chance, at most."""
        return ALPHA * len(self.standing)


def pairs_examined() -> list[tuple[Pairing, Indicator]]:
    """Every pairing with each of its indicators that is computed, has a better side and knows chance."""
    catalogue = cached_reads.catalogue()
    return [
        (pairing, catalogue[code])
        for pairing in catalogue.pairings.values()
        for code in pairing.indicators
        if catalogue[code].available and catalogue[code].better != "neutral" and catalogue[code].interval == "chance"
    ]


@st.cache_resource(show_spinner=False, max_entries=60)
def finder_figures(view: View, where: str) -> FinderFigures:
    """All gaps of the view's months and townships; ``where`` "township" (each alone) or "area" (all together)."""
    read: dict[tuple[str, str], pd.DataFrame] = {}
    tables = [
        _gaps(view, pairing, indicator, where, _counts(view, pairing, indicator, read))
        for pairing, indicator in pairs_examined()
    ]
    every = pd.concat(tables, ignore_index=True)
    rows = every[every["p"].notna() & every["ahead"].notna()].reset_index(drop=True)
    clear = rows["ahead"].isin(["a", "b"]).to_numpy(dtype=bool)
    rows = rows.assign(stands=fdr(rows["p"].to_numpy(dtype=np.float64), alpha=ALPHA) & clear)
    rows = rows.sort_values(["touches", "pairing", "indicator", "place"], ascending=[False, True, True, True])
    return FinderFigures(
        rows=rows.reset_index(drop=True),
        untested=len(every) - len(rows),
        flagged=int(clear.sum()),
        by_chance=ALPHA * len(rows),
    )


def _counts(
    view: View, pairing: Pairing, indicator: Indicator, read: dict[tuple[str, str], pd.DataFrame]
) -> pd.DataFrame:
    """The counts of an indicator by the groups of a pairing; ``read`` keeps those that its neighbours share."""
    shared = indicator.source != "measurements" and indicator.denominator not in PLACE_ATTRIBUTES
    key = (indicator.source if shared else indicator.code, pairing.dimension)
    if key not in read:
        read[key] = measures.read_counts(view, indicator, level="township", dimension=pairing.dimension)
    return read[key]


def _gaps(view: View, pairing: Pairing, indicator: Indicator, where: str, counts: pd.DataFrame) -> pd.DataFrame:
    if where == "township":
        places = tuple(measures.townships(view)["code"])
        table = pairing_gaps(counts, indicator, pairing, places=places)
    else:
        table = pairing_gaps(counts, indicator, pairing, by=()).assign(place=view.root)
    lead = table["difference"] * (-1 if indicator.better == "lower" else 1)
    behind = np.select([lead < 0, lead > 0], ["a", "b"], default="")
    cases = np.where(behind == "a", table["a_n"], table["b_n"])
    touches = lead.abs().to_numpy(dtype=np.float64) / indicator.per * cases
    return table.assign(
        pairing=pairing.code, indicator=indicator.code, domain=indicator.domain, lead=lead,
        behind=pd.Series(behind, index=table.index, dtype=object).where(behind != "", None),
        touches=touches,
    )  # fmt: skip
