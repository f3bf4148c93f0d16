"""One gap as computed: district, townships, the earlier period and what the gap is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import streamlit as st

from indicators.catalogue import Indicator, Pairing
from indicators.decomposition import Decomposition, kitagawa
from indicators.findings import GapEvidence
from indicators.gaps import gap_change, pairing_gaps
from ui import cached_reads, measures
from ui.measures import View
from ui.payloads.gap_payload import gap_evidence
from ui.payloads.pairing_words import one_sided

ORDERS: Final = ("gap", "a", "b", "change")


@dataclass(frozen=True)
class PairingFigures:
    """One gap as computed: the evidence of the district, one row for every township, and the earlier period."""

    evidence: GapEvidence
    rows: pd.DataFrame
    before: Mapping[str, Any]
    changes: Mapping[str, Any]
    parts: Decomposition | None
    names: Mapping[str, str]

    @property
    def drawable(self) -> bool:
        """Whether the gap is one of shares and any group of any township has cases."""
        return self.evidence.indicator.counts_share and self.has_data

    @property
    def has_data(self) -> bool:
        """Whether any group of any township has cases."""
        return bool(self.rows[["a_n", "b_n"]].fillna(0).gt(0).any(axis=None))

    @property
    def comparable(self) -> int:
        """Townships in which both groups have enough cases."""
        return int(self.rows["ahead"].notna().sum())


@st.cache_resource(show_spinner=False, max_entries=300)
def pairing_figures(view: View, pairing_code: str, indicator_code: str) -> PairingFigures:
    """The figures of one gap. The same object for everybody: never change it."""
    catalogue = cached_reads.catalogue()
    pairing, indicator = catalogue.pairings[pairing_code], catalogue[indicator_code]
    register = measures.townships(view)
    evidence = gap_evidence(view, indicator, pairing)
    rows = _place_gaps(view, pairing, indicator, register, view.months(indicator))
    earlier = view.before(indicator)
    before = _place_gaps(view, pairing, indicator, register, earlier) if earlier else None
    moved = gap_change(rows, before) if before is not None else None
    parts = kitagawa(*measures.sides(view, pairing, indicator)) if indicator.counts_share else None
    return PairingFigures(
        evidence=evidence,
        rows=rows,
        before=_by_place(before),
        changes=_by_place(moved),
        parts=parts,
        names=dict(zip(register["code"], register["name"], strict=True)),
    )


def ordered_rows(figures: PairingFigures, order: str) -> pd.DataFrame:
    """The townships in one of ORDERS: widest gap in the district's direction, worst of A or B, or most widened first.

    Without the value to sort by a township stands after the others: too few cases, then one group only, then none.
    """
    rows, row = figures.rows, figures.evidence.district.iloc[0]
    downward = not pd.isna(row["difference"]) and row["difference"] > 0
    if order in ("a", "b"):
        by, downward = rows[f"{order}_value"], figures.evidence.indicator.better == "lower"
    elif order == "change":
        by = rows["place"].map({code: moved["difference"] for code, moved in figures.changes.items()})
    else:
        by = rows["difference"]
    groups = rows[["a_n", "b_n"]].fillna(0).gt(0).sum(axis=1)
    ranked = rows.assign(_by=-by if downward else by, _groups=-groups)
    return ranked.sort_values(["_by", "_groups"], kind="stable", na_position="last").drop(columns=["_by", "_groups"])


def gap_class(row: Mapping[str, Any]) -> str:
    """The class of the gap map: who is behind, none, or why it is not judged (not_applicable: one group only)."""
    if row["ahead"] in ("a", "b"):
        return "b_behind" if row["ahead"] == "a" else "a_behind"
    if row["ahead"] == "none":
        return "none"
    if one_sided(row) and row["state"] == "no_data":
        return "not_applicable"
    return "too_few" if row["state"] == "value" else str(row["state"])


def _place_gaps(
    view: View, pairing: Pairing, indicator: Indicator, register: pd.DataFrame, months: tuple[int, int]
) -> pd.DataFrame:
    counts = measures.read_counts(view, indicator, level="township", dimension=pairing.dimension, months=months)
    return pairing_gaps(counts, indicator, pairing, places=tuple(register["code"]))


def _by_place(table: pd.DataFrame | None) -> dict[str, Any]:
    return {} if table is None else {str(row["place"]): row for row in table.to_dict("records")}
