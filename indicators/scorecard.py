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
    for source, frame in counts.items():
        rows = [row for row, one in enumerate(indicators) if one.source == source]
        where = pd.Index(list(places)).get_indexer(pd.Index(frame["place"]))
        if "indicator" in frame.columns:
            own = pd.Index([indicators[row].code for row in rows]).get_indexer(pd.Index(frame["indicator"]))
        else:
            own = np.zeros(len(frame), dtype=np.intp)
        kept = (where >= 0) & (own >= 0)
        sizes = (len(rows) if "indicator" in frame.columns else 1, len(places))
        cell = (own * sizes[1] + where)[kept]
        summed: dict[str, Floats] = {}
        for at, row in enumerate(rows):
            for part, name in ((x, indicators[row].numerator), (n, indicators[row].denominator)):
                if name not in summed:
                    values = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)[kept]
                    summed[name] = _per_cell(values, cell, sizes, once=name in PLACE_ATTRIBUTES)
                part[row] = summed[name][at % sizes[0]]
    return x, n


def _per_cell(values: Floats, cell: npt.NDArray[np.intp], sizes: tuple[int, int], *, once: bool) -> Floats:
    """The values added per cell (indicator × place), or the first known one of each; NaN where there are none."""
    size = sizes[0] * sizes[1]
    if once:
        result = np.full(size, np.nan)
        known = ~np.isnan(values)
        result[cell[known][::-1]] = values[known][::-1]
        return result.reshape(sizes)
    added = np.bincount(cell, weights=values, minlength=size)
    return np.where(np.bincount(cell, minlength=size) > 0, added, np.nan).reshape(sizes)


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
