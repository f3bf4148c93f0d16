"""The rank of a place among its peers only: towns among towns, or a place among the five most like it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from indicators.catalogue import Indicator
from indicators.rankings import rank_table

RANKS = ("rank", "tied", "rank_low", "rank_high")


def peer_ranks(
    table: pd.DataFrame, indicator: Indicator, groups: Mapping[str, Sequence[str]], *, alpha: float = 0.05
) -> pd.DataFrame:
    """The ranks of ``rankings.rank_table`` of each place of a ``rate_table`` among its own group.

    ``groups``: place to the codes it is ranked among; itself is always one of them, codes that are not in the table
    count for nothing. Places with the same group are ranked once. The ranges of one group hold together with
    confidence 1 - ``alpha``; those of different groups are separate claims.

    Returns place, ranked (how many of the group have a value) and rank, tied, rank_low, rank_high (<NA>, and tied
    False, for a place without a value, without a group or alone in it), rows as in ``table``.
    Raises CountError for impossible counts.
    """
    codes = [str(code) for code in table["place"]]
    known = set(codes)
    members = [frozenset({code, *groups[code]} & known) if code in groups else frozenset[str]() for code in codes]
    kept: dict[frozenset[str], pd.DataFrame] = {}
    empty = rank_table(table.iloc[:0], indicator)
    rows = []
    for code, group in zip(codes, members, strict=True):
        if group not in kept:
            inside = table[np.isin(np.array(codes, dtype=object), list(group))]
            kept[group] = rank_table(inside, indicator, alpha=alpha) if group else empty
        ranked = kept[group]
        own = ranked[ranked["place"] == code]
        size = int(ranked["rank"].notna().sum())
        absent = own.empty or size < 2
        rows.append(
            {"place": code, "ranked": size, "tied": False, "rank": pd.NA, "rank_low": pd.NA, "rank_high": pd.NA}
            if absent
            else {"place": code, "ranked": size, **{name: own.iloc[0][name] for name in RANKS}}
        )
    result = pd.DataFrame(rows, columns=["place", "ranked", *RANKS])
    whole = {name: "Int64" for name in ("rank", "rank_low", "rank_high")}
    return result.astype({"ranked": "int64", "tied": "bool", **whole}).set_index(table.index)
