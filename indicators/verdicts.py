"""Is a place clearly different from the rest? One fixed order of reasons, exact tests, chance findings held down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from indicators.catalogue import Indicator
from indicators.comparison import Mask, counts_of, difference_table
from indicators.counts import Floats
from indicators.exact_tests import Tails, chance_masses, exact_tails, fdr, two_sided
from indicators.intervals import Difference
from indicators.values import State

LOOK = 0.025
"""One tail of 95 %: worth a look."""
NAME = 0.001
"""One tail of 99.8 %: fit to be named in a report, if it also stands among all the places tested."""


class Verdict(StrEnum):
    """What may be said of a row against the rest of the rows."""

    NO_DATA = "no_data"
    NOT_APPLICABLE = "not_applicable"
    HIDDEN = "hidden"
    TOO_FEW = "too_few"
    MUCH_WORSE = "much_worse"
    WORSE = "worse"
    SIMILAR = "similar"
    BETTER = "better"
    MUCH_BETTER = "much_better"
    MUCH_LOWER = "much_lower"
    LOWER = "lower"
    HIGHER = "higher"
    MUCH_HIGHER = "much_higher"


_WORDS: dict[str, tuple[Verdict, Verdict, Verdict, Verdict]] = {
    "higher": (Verdict.MUCH_WORSE, Verdict.WORSE, Verdict.BETTER, Verdict.MUCH_BETTER),
    "lower": (Verdict.MUCH_BETTER, Verdict.BETTER, Verdict.WORSE, Verdict.MUCH_WORSE),
    "neutral": (Verdict.MUCH_LOWER, Verdict.LOWER, Verdict.HIGHER, Verdict.MUCH_HIGHER),
}
"""By what is better: the words for much lower, lower, higher and much higher than the rest."""


def verdict_table(
    table: pd.DataFrame,
    indicator: Indicator,
    *,
    minimum: int = 10,
    materiality: float = 0.003,
    within: Sequence[str] = (),
) -> pd.DataFrame:
    """Compare every row of a ``rate_table`` with the rest of the rows (all others together, never including itself).

    ``within`` names columns (month, group) inside which rows are compared with each other. The tests are one-sided
    and exact, allowing for the chance in the row and in the rest (Fisher; for ratios the conditional binomial test).
    First hit wins: no data, not applicable, hidden, fewer than ``minimum`` cases, then much_* if a tail is below
    0.001 and the row stands among all rows tested (false discovery rate 5 %), then the plain word below 0.025,
    else similar. ``not_applicable`` also where there is no rest, or where chance does not apply (interval "none").
    ``immaterial`` marks a real difference smaller than ``materiality`` (a share; for ratios relative to the rest).

    Returns the table with rest_x, rest_n, rest_value, difference, difference_low, difference_high (value minus rest,
    in units of value, 95 %), p_low, p_high (NaN if not tested), verdict, immaterial. The order of rows has no effect.
    """
    x, n = counts_of(table)
    rest_x, rest_n = _rest(table, x, within), _rest(table, n, within)
    judged = judge(
        x, n, rest_x, rest_n, table["state"].to_numpy(dtype=object), proportion=indicator.counts_share,
        better=indicator.better, per=indicator.per, chance=indicator.interval == "chance", minimum=minimum,
        materiality=materiality, standing=(lambda p: _stands_within(table, p, within)) if within else fdr,
    )  # fmt: skip
    columns: dict[str, Any] = {str(name): table[name].array for name in table.columns}
    columns |= {
        "rest_x": rest_x, "rest_n": rest_n, "rest_value": judged.rest_value,
        "difference": judged.difference.difference,
        "difference_low": judged.difference.low, "difference_high": judged.difference.high,
        "p_low": judged.tails.low, "p_high": judged.tails.high,
        "verdict": pd.array(judged.verdict, dtype="str"), "immaterial": judged.immaterial,
    }  # fmt: skip
    frame = pd.DataFrame(columns, index=table.index, copy=False)
    frame.attrs = dict(table.attrs)
    return frame


class Judged(NamedTuple):
    """What ``judge`` found, arrays of the shape of the counts: the rest's value, value minus rest with its 95 %
    interval, the exact tails, the verdict (words of ``Verdict``), and whether a real difference is too small to matter.
    """

    rest_value: Floats
    difference: Difference
    tails: Tails
    verdict: npt.NDArray[np.object_]
    immaterial: Mask


def judge(
    x: Floats, n: Floats, rest_x: Floats, rest_n: Floats, state: npt.NDArray[np.object_], *, proportion: bool,
    better: Any, per: Any, chance: Any, minimum: int, materiality: float, standing: Callable[[Floats], Mask],
) -> Judged:  # fmt: skip
    """The verdicts of ``verdict_table`` for counts of any shape; the rest of each is given.

    ``better``, ``per`` and ``chance`` (whether chance applies) broadcast against ``x``, so that one call judges many
    indicators of one kind. ``standing`` is given the two-sided p-values (NaN where there was no test) and says which
    of them stand among all that were tested.
    """
    cases = n if proportion else np.fmax(x, n)
    few = (state != State.VALUE) | ~(cases >= minimum)
    tested = ~few & (rest_n > 0) & chance
    low, high = np.full(tested.shape, np.nan), np.full(tested.shape, np.nan)
    low[tested], high[tested] = exact_tails(x[tested], n[tested], rest_x[tested], rest_n[tested], proportion=proportion)
    tails = Tails(low, high)
    difference = difference_table(
        (np.where(tested, x, np.nan), np.where(tested, n, np.nan)), (rest_x, rest_n),
        kind="proportion" if proportion else "ratio", per=per,
    )  # fmt: skip
    with np.errstate(invalid="ignore", divide="ignore"):
        rest_value = np.where(rest_n > 0, rest_x / rest_n * per, np.nan)
    stands = standing(two_sided(tails))
    is_low, is_high = low < LOOK, high < LOOK
    words = [np.broadcast_to(column, x.shape) for column in _words(better)]
    verdict = np.full(x.shape, Verdict.SIMILAR.value, dtype=object)
    for holds, word in (  # the last that holds wins
        (is_high, words[2]),
        ((high < NAME) & stands, words[3]),
        (is_low, words[1]),
        ((low < NAME) & stands, words[0]),
        (~tested, Verdict.NOT_APPLICABLE.value),
        (few, Verdict.TOO_FEW.value),
        (state == State.HIDDEN, Verdict.HIDDEN.value),
        (state == State.NOT_APPLICABLE, Verdict.NOT_APPLICABLE.value),
        (state == State.NO_DATA, Verdict.NO_DATA.value),
    ):
        verdict[holds] = word if isinstance(word, str) else word[holds]
    scale = 1.0 if proportion else rest_value
    small = np.abs(difference.difference) < materiality * scale - 1e-12
    return Judged(rest_value, difference, tails, verdict, (is_low | is_high) & small)


def _words(better: Any) -> npt.NDArray[np.object_]:
    """The four words of every direction, the words along the first axis."""
    directions = np.atleast_1d(np.asarray(better, dtype=object))
    words = np.empty((4, *directions.shape), dtype=object)
    for direction, four in _WORDS.items():
        for row, word in enumerate(four):
            words[row, directions == direction] = word.value
    return words


@dataclass(frozen=True)
class ExpectedFlags:
    """How many rows were tested, how many are flagged, and how many chance alone would flag.

    ``low`` and ``high`` speak of the value, whatever is better. ``p_low`` (``p_high``) is the probability of at least
    as many flags if every row had the same true rate.
    """

    tested: int
    observed_low: int
    expected_low: float
    p_low: float
    observed_high: int
    expected_high: float
    p_high: float


def expected_flags(judged: pd.DataFrame, indicator: Indicator) -> ExpectedFlags:
    """Observed flags of a ``verdict_table`` (at 0.025 each side) beside the number expected by chance.

    The expected number is the exact sum over the tested rows of P(flag), each given its own size and the rate of all
    rows together; flags of different rows are taken as independent (they are nearly so with ten rows and more). The
    order of rows has no effect, not even in the last digit.
    """
    tested = judged["p_low"].notna().to_numpy(dtype=bool)
    counts = [*counts_of(judged), *(judged[name].to_numpy(dtype=np.float64) for name in ("rest_x", "rest_n"))]
    x, n, rest_x, rest_n = (one[tested] for one in counts)
    order = np.lexsort((rest_x, rest_n, x, n))
    chance_low, chance_high = _chance_of_flag(indicator, *(one[order] for one in (x, n, rest_x, rest_n)))
    low = int((judged["p_low"] < LOOK).sum())
    high = int((judged["p_high"] < LOOK).sum())
    return ExpectedFlags(
        tested=int(tested.sum()),
        observed_low=low, expected_low=float(chance_low.sum()), p_low=_at_least(low, chance_low),
        observed_high=high, expected_high=float(chance_high.sum()), p_high=_at_least(high, chance_high),
    )  # fmt: skip


def smallest_perfect_record(rate: float, *, tail: float = LOOK) -> int:
    """Cases that a faultless record (x = n) needs before it is distinguishable from ``rate`` (a share below 1).

    72 for 95 %, 183 for 98 %, 245 for 98.5 %. Raises ValueError unless 0 < rate < 1.
    """
    if not 0 < rate < 1:
        raise ValueError(f"rate is {rate!r}; give a share between 0 and 1, both excluded.")
    return int(np.ceil(np.log(tail) / np.log(rate)))


def _rest(table: pd.DataFrame, counts: Floats, within: Sequence[str]) -> Floats:
    """The sum over the other rows; rows without counts take no part and have the whole as their rest."""
    own = np.nan_to_num(counts)
    if not within:
        return np.asarray(own.sum() - own)
    total = pd.Series(own, index=table.index).groupby([table[name] for name in within], dropna=False).transform("sum")
    return np.asarray(total.to_numpy() - own)


def _stands_within(table: pd.DataFrame, p: Floats, within: Sequence[str]) -> Mask:
    column = pd.Series(p, index=table.index)
    kept = column.groupby([table[name] for name in within], dropna=False).transform(lambda one: fdr(one.to_numpy()))
    return kept.to_numpy(dtype=bool)


def _chance_of_flag(indicator: Indicator, *counts: Floats) -> tuple[Floats, Floats]:
    """The probability, for each row, that equal rates put it below (above) the limit: the attained size of the test."""
    x1, n1, x2, n2 = counts
    low = _attained(n1, x1 + x2, n2, indicator)
    if not indicator.counts_share:
        return low, _attained_above(n1, x1 + x2, n2)
    # As many successes or more is as few failures or fewer.
    return low, _attained(n1, n1 + n2 - x1 - x2, n2, indicator)


def _attained(n1: Floats, total: Floats, n2: Floats, indicator: Indicator) -> Floats:
    """P(X ≤ the largest count still flagged), 0 where no count is flagged.

    By Cantelli's inequality the count lies less than seven standard deviations below the mean.
    """
    share = n1 / (n1 + n2)
    middle, spread = total * share, np.sqrt(total * share * (1 - share))
    below, above = np.maximum(-1.0, np.floor(middle - 7 * spread) - 1), np.ceil(middle) + 1
    while (above - below > 1).any():
        between = np.floor((below + above) / 2)
        flagged = _at_most(between, n1, total, n2, indicator) < LOOK
        below, above = np.where(flagged, between, below), np.where(flagged, above, between)
    return np.where(below < 0, 0.0, _at_most(below, n1, total, n2, indicator))


def _at_most(k: Floats, n1: Floats, total: Floats, n2: Floats, indicator: Indicator) -> Floats:
    return chance_masses(k, n1, total, n2, proportion=indicator.counts_share).at_most


def _attained_above(n1: Floats, total: Floats, n2: Floats) -> Floats:
    """The same for too many events of a ratio: P(X ≥ the smallest count flagged)."""
    share = n1 / (n1 + n2)
    limit = stats.binom.isf(LOOK, total, share) + 1
    # isf gives the smallest k with P(X > k) at or below the limit; flagged are counts k with P(X ≥ k) below it.
    at_limit = stats.binom.sf(limit - 1, total, share)
    return np.where(at_limit < LOOK, at_limit, stats.binom.sf(limit, total, share))


def _at_least(count: int, chances: Floats) -> float:
    """P(at least ``count`` flags) when the rows are flagged independently with these chances (Poisson-binomial)."""
    mass = np.ones(1)
    for chance in chances:
        mass = np.convolve(mass, [1 - chance, chance])
    return float(min(1.0, mass[count:].sum()))
