"""Which villages and which kinds of case make a township's distance from the others: their contributions in cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from indicators.contributions import contribution_table
from ui import cached_reads, measures
from ui.measures import View
from ui.payloads.township_circle import Compared, compared
from ui.payloads.village_table import village_name

GROUPS: Final = {"issues": "category", "inspections": "item"}
"""Source of an indicator to the dimension its cases are listed by."""
LEAST: Final = 0.05
COLUMNS: Final = ("code", "name", "x", "n", "cases", "contribution")


@dataclass(frozen=True)
class Parts:
    """The distance of a township from the others taken apart.

    reference  the pooled rate of the others, exactly; ``x``, ``n`` the township's own counts
    cases      x − n · reference, the whole distance in cases: negative, that many fewer than the others' rate gives
    lower      whether few is good, so that a positive number of cases pulls down
    villages   code, name, x, n, cases, contribution (share), what pulls down most first; None where the viewer may
               not read the villages or a count is hidden
    groups     the same by category or checklist item; ``dimension`` says which
    """

    reference: Fraction
    x: int
    n: int
    cases: float
    lower: bool
    villages: pd.DataFrame | None
    groups: pd.DataFrame | None
    dimension: str

    def pulling_down(self, table: pd.DataFrame) -> pd.DataFrame:
        """The rows of ``villages`` or ``groups`` that pull down by as much as prints (a twentieth of a case)."""
        return table[table["cases"] >= LEAST] if self.lower else table[table["cases"] <= -LEAST]


@st.cache_resource(show_spinner=False, max_entries=300)
def township_parts(view: View, code: str, indicator_code: str) -> Parts | None:
    """The parts for the months of the indicator; None where there is no distance to take apart.

    That is so for figures that are no shares of cases or neither good nor bad, for a township without enough cases,
    and where nobody else has any. The same object for everybody: never change it.
    """
    found = compared(view, code, indicator_code)
    one, reference = found.indicator, found.rest_rate
    if reference is None or not one.counts_share or one.better == "neutral" or found.row["state"] != "value":
        return None
    x, n = int(found.row["x"]), int(found.row["n"])
    dimension = GROUPS.get(one.source, "")
    return Parts(
        reference=reference,
        x=x,
        n=n,
        cases=float(x - n * reference),
        lower=one.better == "lower",
        villages=_villages(found, code, reference),
        groups=_groups(found, code, reference, dimension) if dimension in one.dimensions else None,
        dimension=dimension,
    )


def _villages(found: Compared, code: str, reference: Fraction) -> pd.DataFrame | None:
    view = found.view
    if not view.scope.may_read(level="village", within=code):
        return None
    register = cached_reads.places(view.scope, level="village", within=code, version=view.version)
    names = {str(row["code"]): village_name(row, view.lang, short=True) for row in register.to_dict("records")}
    rates = measures.rates(view, found.indicator, level="village", within=code)
    return _ordered(contribution_table(rates, reference), "place", names, lower=found.indicator.better == "lower")


def _groups(found: Compared, code: str, reference: Fraction, dimension: str) -> pd.DataFrame | None:
    values = cached_reads.catalogue().dimensions[dimension].values
    names = {value: words[found.view.lang] for value, words in values.items()}
    rates = measures.rates(found.view, found.indicator, within=code, by=("value",), dimension=dimension)
    parts = contribution_table(rates, reference, by="group")
    return _ordered(parts, "group", names, lower=found.indicator.better == "lower")


def _ordered(parts: pd.DataFrame | None, by: str, names: Mapping[str, str], *, lower: bool) -> pd.DataFrame | None:
    """What pulls down most first; names for codes."""
    if parts is None:
        return None
    table = parts[parts["n"] > 0].rename(columns={by: "code"})
    table = table.assign(name=[names.get(str(code), str(code)) for code in table["code"]])
    order = np.lexsort((table["code"].to_numpy(dtype=str), table["cases"].to_numpy() * (-1 if lower else 1)))
    return table.iloc[order].reset_index(drop=True)[list(COLUMNS)]
