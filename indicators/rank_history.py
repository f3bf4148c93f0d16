"""Ranks month by month, and whether a move up or down is more than chance.

Ranks move even where nothing has changed: among twenty townships near 98 % a single case more or less is worth five
places. A move is called real only where the two periods leave no common rank: the *rank sets* of both (all the ranks
that the tests leave possible, see :mod:`indicators.rankings`) are disjoint. Each period's sets are made at half the
error, so that the chance of any false claim among all places of the comparison stays below 5 % even though both
periods are uncertain. The rule is strict on purpose. It speaks about the position among the others: a place can do
much better than before and still not move. Whether its own rate has changed is another question
(``changes.change_table``).
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import pandas as pd

from indicators.catalogue import Indicator
from indicators.errors import MethodError
from indicators.matching import matched
from indicators.rankings import rank_table, whole_numbers

RANKS = ["rank", "tied", "rank_low", "rank_high"]


class Move(StrEnum):
    """What may be said of a change of rank."""

    REAL_BETTER = "real_better"
    REAL_WORSE = "real_worse"
    WITHIN_CHANCE = "within_chance"
    NOT_COMPARABLE = "not_comparable"


def rank_history(tables: pd.DataFrame, indicator: Indicator, *, alpha: float = 0.05) -> pd.DataFrame:
    """Ranks with their ranges for every month of a long frame of rates: place, month, x, n, state, one row for each.

    Each month is ranked by itself with ``rankings.rank_table``: competition ranks, 1 is best, and the range in which
    the true ranks of all places of that month lie with confidence 1 - ``alpha``. ``ranked`` is the number of places
    that were ranked that month; ranks of months with different numbers are not on one scale. Rows without a value have
    <NA>. Returns place, month, ranked and the four rank columns, rows in the order given,
    with their index, whose labels may repeat.

    Raises MethodError where a place occurs twice in a month, CountError for impossible counts.
    """
    _once(tables, ["place", "month"])
    months = pd.factorize(tables["month"], use_na_sentinel=False)[0]
    rows = [np.flatnonzero(months == month) for month in range(months.max(initial=-1) + 1)]
    ranked = [rank_table(tables.iloc[one], indicator, alpha=alpha)[RANKS] for one in rows]
    result = tables[["place", "month"]].copy()
    result["ranked"] = np.zeros(len(tables), dtype=np.int64)
    ranks = rank_table(tables.iloc[:0], indicator, alpha=alpha)[RANKS]
    if ranked:
        # By position: the labels of the index may repeat, as they do when months have been put one under another.
        ranks = pd.concat(ranked).iloc[np.argsort(np.concatenate(rows))]
        numbers = np.array([one["rank"].notna().sum() for one in ranked])
        result["ranked"] = numbers[months]
    for name in RANKS:
        result[name] = ranks[name].array
    return result


def rank_moves(now: pd.DataFrame, before: pd.DataFrame, indicator: Indicator, *, alpha: float = 0.05) -> pd.DataFrame:
    """How each place has moved between two ``rate_table``s by place, and whether that is real.

    Only places with a value in both periods are ranked, in both among each other: that another place came or went is
    no move. ``move`` is rank_before - rank_now, positive for a climb. ``real`` is a word of ``Move``: real_better or
    real_worse where the rank sets of the two periods have no rank in common (each holds with confidence
    1 - ``alpha``/2 for all places at once, so any false claim has a chance of at most ``alpha``), else within_chance;
    not_comparable where a period has no value or chance does not apply (interval "none").

    Returns place, rank_now, rank_before, move (Int64), their ranges rank_low_now, rank_high_now, rank_low_before,
    rank_high_before, and real; places in the order of ``now``, then those only in ``before``. The order of rows has no
    other effect. Raises MethodError where a place occurs twice in a table, CountError for impossible counts.

    Source: the sets Mogstad, Romano, Shaikh & Wilhelm 2024, REStud 91:476; two periods joined by Bonferroni.
    """
    _once(now, ["place"])
    _once(before, ["place"])
    both = matched(now, before, ["place"], sides=("now", "before"))
    compared = ((both["now_state"] == "value") & (both["before_state"] == "value")).to_numpy(dtype=bool)
    result = both[["place"]].copy()
    columns = {}
    for side in ("now", "before"):
        counts = pd.DataFrame({"x": both[f"{side}_x"], "n": both[f"{side}_n"]})
        counts["state"] = np.where(compared, "value", "no_data")
        ranks = rank_table(counts, indicator, alpha=alpha / 2)
        columns[side] = {
            name: ranks[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in RANKS[:1] + RANKS[2:]
        }
    latest, earlier = columns["now"], columns["before"]
    result["rank_now"], result["rank_before"] = whole_numbers(latest["rank"]), whole_numbers(earlier["rank"])
    result["move"] = whole_numbers(earlier["rank"] - latest["rank"])
    for side in ("now", "before"):
        for name in ("rank_low", "rank_high"):
            result[f"{name}_{side}"] = whole_numbers(columns[side][name])
    real = np.full(len(both), Move.NOT_COMPARABLE.value, dtype=object)
    real[~np.isnan(latest["rank_low"])] = Move.WITHIN_CHANCE.value
    real[latest["rank_high"] < earlier["rank_low"]] = Move.REAL_BETTER.value
    real[latest["rank_low"] > earlier["rank_high"]] = Move.REAL_WORSE.value
    result["real"] = pd.array(real, dtype="str")
    return result


def _once(table: pd.DataFrame, keys: list[str]) -> None:
    twice = table.duplicated(keys)
    if twice.any():
        where = " ".join(str(one) for one in table.loc[twice, keys].iloc[0])
        raise MethodError(
            zh=f"{where}在表中出现不止一次；每个地方每期只给一行。",
            en=f"{where} occurs more than once in the table; give one row a place and period.",
        )
