"""Whom a township is compared with on its page, and its verdict in one indicator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import pandas as pd
import streamlit as st

from indicators.catalogue import Indicator
from indicators.rankings import rank_table
from ui import cached_reads, measures
from ui.measures import View
from ui.payloads.place_tiles import Circle, judged_places, row_of


@dataclass(frozen=True)
class Compared:
    """A township among those it is compared with, in one indicator.

    ``view`` is the view whose set holds the township (all of them where the chosen set does not); ``ranks`` the verdict
    table of the circle with rank, tied, rank_low and rank_high; ``row`` the township's row of it.
    """

    view: View
    circle: Circle
    indicator: Indicator
    ranks: pd.DataFrame
    row: Mapping[str, Any]

    @property
    def rest_rate(self) -> Fraction | None:
        """The exact pooled rate of the others; None without cases among them."""
        x, n = self.row["rest_x"], self.row["rest_n"]
        return Fraction(int(x), int(n)) if not pd.isna(n) and n > 0 else None


def township_view(view: View, code: str) -> View:
    """The view, over all townships where the chosen set does not hold the township ``code``."""
    if code in set(measures.townships(view)["code"]):
        return view
    return replace(view, township_set="all", members=())


@st.cache_resource(show_spinner=False, max_entries=300)
def compared(view: View, code: str, indicator_code: str) -> Compared:
    """The township ``code`` among the others. The same object for everybody: never change it.

    Raises KeyError for a township that is not on the register.
    """
    indicator, view = cached_reads.catalogue()[indicator_code], township_view(view, code)
    places = tuple(measures.townships(view)["code"])
    circle = Circle(level="township", within=None, places=places, rest=view.township_set)
    ranks = rank_table(judged_places(view, indicator, circle), indicator)
    return Compared(view=view, circle=circle, indicator=indicator, ranks=ranks, row=row_of(ranks, code))
