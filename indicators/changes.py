"""Has a value really changed between two periods?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from indicators.catalogue import Indicator
from indicators.comparison import difference_table, enough, known_counts, p_values, worded
from indicators.matching import matched


def change_table(
    now: pd.DataFrame,
    before: pd.DataFrame,
    indicator: Indicator,
    *,
    by: Sequence[str] = ("place",),
    materiality: float = 0.005,
    minimum: int = 10,
) -> pd.DataFrame:
    """Two ``rate_table``s of one indicator for separate periods, matched on ``by`` (``by=()`` for the totals).

    Returns by..., now_x, now_n, now_value, before_x, before_n, before_value, difference (now minus before, in units
    of value), low, high (95 %), p (two-sided mid-p of the exact test), change and good. ``change`` is "up" or "down"
    only if the interval excludes 0 and the difference is at least ``materiality`` (a share; for ratios relative to
    before), else "none"; None where a period is missing, has fewer than ``minimum`` cases, or chance does not apply.
    ``good`` is True or False for a real change of an indicator with a better direction, else None. The same
    cases must not be in both periods.
    """
    keys = ["group" if name == "value" else name for name in by]
    both = matched(now, before, keys, sides=("now", "before"))
    counts = []
    for side in ("now", "before"):
        one = both[[f"{side}_x", f"{side}_n", f"{side}_state"]].set_axis(["x", "n", "state"], axis=1)
        clear = enough(one, kind=indicator.kind, minimum=minimum)
        counts.append(known_counts(one, clear))
    difference = difference_table(
        counts[0], counts[1], kind=indicator.kind, per=indicator.per, interval=indicator.interval
    )
    before_value = both["before_value"].to_numpy(dtype=np.float64)
    least = materiality * (1.0 if indicator.counts_share else before_value) - 1e-12
    real = np.abs(difference.difference) >= least
    up, down = real & (difference.low > 0), real & (difference.high < 0)
    words = np.select([up, down], ["up", "down"], default="none").astype(object)
    words[np.isnan(difference.low)] = None
    good = np.full(len(both), None, dtype=object)
    if indicator.better != "neutral":
        good[up] = indicator.better == "higher"
        good[down] = indicator.better == "lower"
    columns = [f"{side}_{name}" for side in ("now", "before") for name in ("x", "n", "value")]
    table = both[[*keys, *columns]].assign(difference=difference.difference, low=difference.low, high=difference.high)
    table["p"] = p_values(counts[0], counts[1], kind=indicator.kind, interval=indicator.interval)
    table["change"] = worded(words, index=table.index)
    table["good"] = worded(good, index=table.index)
    return table
