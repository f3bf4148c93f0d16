"""Every indicator of every place at once: rates, intervals, verdicts against the rest, and ranks with their range.

A page that shows forty indicators of twenty-five townships would ask ``rate_table``, ``verdict_table`` and
``rank_table`` forty times; most of that time goes into making small frames. Here the same figures are computed for all
indicators of one kind in one sweep over a matrix (indicators × places). Nothing else differs: row for row the
scorecard holds what the three tables give for that indicator alone, and each indicator is judged by itself (rest,
false discovery rate and Holm's correction run over the places of one indicator, never across indicators).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from indicators.catalogue import Indicator
from indicators.comparison import Mask
from indicators.counts import PLACE_ATTRIBUTES, Floats, check_counts
from indicators.errors import MethodError
from indicators.exact_tests import fdr
from indicators.intervals import garwood, wilson
from indicators.rankings import rank_sets, whole_numbers
from indicators.values import VILLAGE_DIGITS, State, figure_states
from indicators.verdicts import judge

Matrix = npt.NDArray[Any]


def scorecard(
    x: Any,
    n: Any,
    indicators: Sequence[Indicator],
    places: Sequence[str],
    *,
    hidden: Any = False,
    minimum: int = 10,
    materiality: float = 0.003,
    alpha: float = 0.05,
    ranks: bool = True,
) -> pd.DataFrame:
    """Rates, verdicts and ranks of ``indicators`` (rows) for ``places`` (columns) from their counts.

    ``x`` and ``n`` are numerators and denominators, shaped (indicators, places), NaN where nothing was counted (see
    :func:`count_matrix`); ``hidden`` marks counts that may not be shown. ``minimum`` and ``materiality`` as in
    ``verdict_table``, ``alpha`` as in ``rank_table``. Without ``ranks`` the rank columns are left out: rank sets grow
    with the square of the number of places, and villages have bands instead.

    Returns one row per indicator and place, in the order given: indicator, place, x, n, value, low, high, state,
    rest_x, rest_n, rest_value, difference, difference_low, difference_high, p_low, p_high, verdict, immaterial, rank,
    tied, rank_low, rank_high; units and missing values as in ``rate_table``, ``verdict_table`` and ``rank_table``.

    Raises CountError for impossible counts and MethodError where the shapes do not fit.
    """
    x, n = (np.asarray(one, dtype=np.float64) for one in (x, n))
    shape = (len(indicators), len(places))
    if x.shape != shape or n.shape != shape:
        raise MethodError(
            zh=f"计数矩阵的形状是{x.shape}和{n.shape}；应为（指标数，地方数），即{shape}。",
            en=f"The counts are shaped {x.shape} and {n.shape}; give (indicators, places), which is {shape}.",
        )
    villages = np.array([len(code) >= VILLAGE_DIGITS for code in places], dtype=bool)
    hidden = np.broadcast_to(np.asarray(hidden, dtype=bool), shape)
    columns: dict[str, Matrix] = {}
    for share in (True, False):
        rows = np.array([one.counts_share == share for one in indicators], dtype=bool)
        chosen = [one for one in indicators if one.counts_share == share]
        if chosen:
            block = _block(
                x[rows], n[rows], chosen, hidden[rows], villages, share=share, minimum=minimum,
                materiality=materiality, alpha=alpha, ranks=ranks,
            )  # fmt: skip
            for name, values in block.items():
                columns.setdefault(name, np.empty(shape, dtype=values.dtype))[rows] = values
    codes = np.repeat(np.array([one.code for one in indicators], dtype=object), len(places))
    frame: dict[str, Any] = {
        "indicator": pd.array(codes, dtype="str"),
        "place": pd.array(np.tile(np.array(places, dtype=object), len(indicators)), dtype="str"),
    }
    for name, values in columns.items():
        flat = values.ravel()
        if name in ("state", "verdict"):
            frame[name] = pd.array(flat, dtype="str")
        else:
            frame[name] = whole_numbers(flat) if name in ("rank", "rank_low", "rank_high") else flat
    return pd.DataFrame(frame, copy=False)


def count_matrix(
    counts: Mapping[str, pd.DataFrame], indicators: Sequence[Indicator], places: Sequence[str]
) -> tuple[Floats, Floats]:
    """Numerators and denominators of ``indicators`` × ``places`` from the counts of each source.

    ``counts`` maps "issues", "inspections" and "measurements" to the frames that ``rate_table`` takes (column place,
    the counters; measurements also the column indicator). Rows of one place are added; a missing part makes the sum
    missing; a place attribute (residents) is taken once. A place, an indicator or a source that is absent is NaN.

    Raises KeyError for a counter column that is absent from a frame that was given.
    """
    x, n = np.full((2, len(indicators), len(places)), np.nan)
    summed: dict[tuple[str, str], pd.DataFrame] = {}
    for row, indicator in enumerate(indicators):
        frame = counts.get(indicator.source)
        if frame is None:
            continue
        lot = (indicator.source, indicator.code if "indicator" in frame.columns else "")
        if lot not in summed:
            own = frame[frame["indicator"] == indicator.code] if lot[1] else frame
            summed[lot] = _per_place(own, places)
        x[row], n[row] = (summed[lot][name].to_numpy() for name in (indicator.numerator, indicator.denominator))
    return x, n


def _per_place(frame: pd.DataFrame, places: Sequence[str]) -> pd.DataFrame:
    """The numeric columns added per place, one row for each of ``places``."""
    numbers = frame.select_dtypes("number").columns.difference(["month"])
    own = frame[["place", *numbers]]
    if own["place"].duplicated().any():
        grouped = own.groupby("place", sort=False)
        added = grouped.sum(skipna=False)
        for name in numbers.intersection(list(PLACE_ATTRIBUTES)):
            added[name] = grouped[name].first()
    else:
        added = own.set_index("place")
    return added.reindex(list(places)).astype(np.float64)


def _block(
    x: Floats, n: Floats, indicators: list[Indicator], hidden: Mask, villages: Mask, *, share: bool, minimum: int,
    materiality: float, alpha: float, ranks: bool,
) -> dict[str, Matrix]:  # fmt: skip
    """The columns of the indicators of one kind, matrices of the shape of ``x``."""

    def each(values: list[Any]) -> Matrix:
        return np.array(values)[:, None]

    per = each([one.per for one in indicators])
    chance = each([one.interval == "chance" for one in indicators])
    outside = each([not one.available for one in indicators]) | (
        each([one.reported_at == "township" for one in indicators]) & villages
    )
    state = figure_states(
        x, n, proportion=share, hide_below=each([one.hide_below for one in indicators]), hidden=hidden,
        outside=outside, attribute=each([one.denominator in PLACE_ATTRIBUTES for one in indicators]),
    )  # fmt: skip
    present = (state == State.VALUE) | (state == State.TOO_FEW)
    for row, indicator in enumerate(indicators):
        counted = present[row] | (n[row] == 0)
        check_counts(x[row][counted], n[row][counted], proportion=share, what=indicator.code)
    x, n = np.where(hidden | np.isnan(n), np.nan, x), np.where(hidden, np.nan, n)
    value, low, high = np.full((3, *x.shape), np.nan)
    times = np.broadcast_to(per, x.shape)
    value[present] = x[present] / n[present] * times[present]
    clear = (state == State.VALUE) & chance
    bounds = (wilson if share else garwood)(x[clear], n[clear])
    low[clear], high[clear] = bounds.low * times[clear], bounds.high * times[clear]
    rest_x, rest_n = (np.nansum(one, axis=1, keepdims=True) - np.nan_to_num(one) for one in (x, n))
    judged = judge(
        x, n, rest_x, rest_n, state, proportion=share, better=each([one.better for one in indicators]), per=per,
        chance=chance, minimum=minimum, materiality=materiality,
        standing=lambda p: np.array([fdr(row) for row in p]).reshape(p.shape),
    )  # fmt: skip
    columns: dict[str, Matrix] = {
        "x": x, "n": n, "value": value, "low": low, "high": high, "state": state, "rest_x": rest_x, "rest_n": rest_n,
        "rest_value": judged.rest_value, "difference": judged.difference.difference,
        "difference_low": judged.difference.low, "difference_high": judged.difference.high,
        "p_low": judged.tails.low, "p_high": judged.tails.high, "verdict": judged.verdict,
        "immaterial": judged.immaterial,
    }  # fmt: skip
    if ranks:
        backward = each([one.better == "lower" for one in indicators])
        sets = rank_sets(
            np.where(state == State.VALUE, x, np.nan), n, proportion=share, lower_is_better=backward, chance=chance,
            alpha=alpha,
        )  # fmt: skip
        columns |= {"rank": sets.rank, "tied": sets.tied, "rank_low": sets.low, "rank_high": sets.high}
    return columns
