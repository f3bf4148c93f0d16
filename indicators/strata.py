"""Two groups compared like with like: within strata, then put together (Mantel and Haenszel).

Urban and rural sites are found in different trades, villages and seasons; the plain difference of two rates mixes what
the groups do with where they stand. Here each stratum compares its own two sides, and the differences are averaged
with weights n1·n2/(n1 + n2), so that a stratum counts for as much as it can tell. The pooled difference answers "how
far apart are they, like for like?", the Cochran–Mantel–Haenszel test "could that be chance?", and Breslow and Day's
"is it the same everywhere?". If the last says no (p < 0.05), show the strata and not the pool: an average of a lead
and a lag describes no place. A stratum with one side empty compares nothing; it is dropped and counted. Not for
strata that the groups themselves bring about (outcomes), nor where one side has no strata in common with the other.

Arrays: x1 of n1 against x2 of n2, strata along the last axis; leading axes are places, done at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from indicators.counts import Floats, check_counts, check_share
from indicators.errors import MethodError
from indicators.exact_tests import Flags, Tails, two_sided
from indicators.intervals import CONFIDENCE, Difference, newcombe
from indicators.matching import matched

Integers = npt.NDArray[np.int64]

LEAST_EXPECTED = 5.0
"""Below this expected number the chi-square distribution is no guide."""


class Pooled(NamedTuple):
    """A pooled difference with its bounds, and how many strata gave and could not give evidence."""

    difference: Floats
    low: Floats
    high: Floats
    strata_used: Integers
    strata_dropped: Integers


class CommonTest(NamedTuple):
    """A chi-square statistic with one degree of freedom, its p, and where too little stands behind it."""

    statistic: Floats
    p: Floats
    sparse: Flags


class HomogeneityRefusal(StrEnum):
    """Why it cannot be tested whether the difference is the same in every stratum; first hit wins."""

    ONE_STRATUM = "one_stratum"
    """Fewer than two strata with cases on both sides (at ``least_expected`` 0: and not all of them alike)."""
    NO_ODDS_RATIO = "no_odds_ratio"
    """The common odds ratio is 0, infinite or undefined: one side has no successes, or no failures, anywhere."""
    SPARSE = "sparse"
    """Some cell of some stratum is expected to hold fewer than five."""


class Homogeneity(NamedTuple):
    """Statistic, degrees of freedom and p; where ``reason`` is not None all three are NaN."""

    statistic: Floats
    df: Floats
    p: Floats
    reason: npt.NDArray[np.object_]


def mantel_haenszel(x1: Any, n1: Any, x2: Any, n2: Any, *, confidence: float = CONFIDENCE) -> Pooled:
    """The Mantel–Haenszel difference of two proportions over strata (last axis), with Sato's interval.

    Σw(p1 − p2)/Σw, w = n1n2/N; variance (difference·ΣP + ΣQ)/(Σw)² with P = (n1²x2 − n2²x1 + n1n2(n2 − n1)/2)/N² and
    Q = (x1(n2 − x2) + x2(n1 − x1))/2N: consistent for few large strata and for many small ones. Shares, bounds kept
    within −1 to 1. NaN where no stratum has both sides; the bounds also where the estimated variance is not above 0
    (every stratum all or nothing), which is not certainty but silence.
    Source: Greenland & Robins 1985, Biometrics 41:55; Sato, Greenland & Robins 1989, Biometrics 45:1323.
    Raises CountError for impossible counts, MethodError for shapes that do not fit or an impossible confidence.
    """
    x1, n1, x2, n2, used = _strata(x1, n1, x2, n2)
    z = float(stats.norm.ppf((1 + check_share(confidence, what="confidence", zh="置信水平")) / 2))
    total = np.where(used, n1 + n2, 1.0)
    weight = _sum(n1 * n2 / total, used)
    p_part = _sum((n1**2 * x2 - n2**2 * x1 + n1 * n2 * (n2 - n1) / 2) / total**2, used)
    q_part = _sum((x1 * (n2 - x2) + x2 * (n1 - x1)) / (2 * total), used)
    with np.errstate(invalid="ignore", divide="ignore"):
        difference = _sum((x1 * n2 - x2 * n1) / total, used) / weight
        variance = (difference * p_part + q_part) / weight**2
        # What rounding leaves of a variance of 0 is not evidence.
        half = z * np.sqrt(np.where(variance * weight**2 > 1e-9 * (q_part + np.abs(p_part)), variance, np.nan))
    low, high = np.maximum(difference - half, -1.0), np.minimum(difference + half, 1.0)
    return Pooled(*(np.asarray(one) for one in (difference, low, high, used.sum(axis=-1), (~used).sum(axis=-1))))


def cochran_mantel_haenszel(x1: Any, n1: Any, x2: Any, n2: Any, *, continuity: bool = False) -> CommonTest:
    """Test that the two sides have the same rate within every stratum (last axis), against a shift in one direction.

    (|Σ(x1 − E)| − ½ with ``continuity``)²/ΣV with E = n1M/N, V = n1n2M(N − M)/(N²(N − 1)), M = x1 + x2. NaN where V is
    0 throughout: no stratum with both sides, or nobody differs. ``sparse`` where Σx1 cannot move by 5 from its
    expectation in both directions (Mantel & Fleiss 1980, Am J Epidemiol 112:129): take ``exact_stratified_tails``.
    Source: Mantel & Haenszel 1959, J Natl Cancer Inst 22:719; Cochran 1954, Biometrics 10:417.
    Raises CountError for impossible counts, MethodError for shapes that do not fit.
    """
    x1, n1, x2, n2, used = _strata(x1, n1, x2, n2)
    total, hits = np.where(used, n1 + n2, 2.0), x1 + x2
    expected = n1 * hits / total
    variance = _sum(n1 * n2 * hits * (total - hits) / (total**2 * (total - 1)), used)
    distance = np.abs(_sum(x1 - expected, used))
    if continuity:
        distance = np.maximum(distance - 0.5, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = np.where(variance > 0, distance**2 / variance, np.nan)
    room = np.minimum(_sum(expected - np.maximum(hits - n2, 0), used), _sum(np.minimum(hits, n1) - expected, used))
    return CommonTest(statistic, np.asarray(stats.chi2.sf(statistic, 1)), np.asarray(room < LEAST_EXPECTED))


def exact_stratified_tails(x1: Any, n1: Any, x2: Any, n2: Any, *, mid: bool = True) -> Tails:
    """P(T ≤ Σx1) and P(T ≥ Σx1) of the successes T on the first side, given every stratum's totals, if rates agree.

    One-dimensional: one place, its strata. T is a sum of independent hypergeometric counts; their probabilities are
    folded into each other. ``mid`` counts half of P(T = Σx1). For sparse strata; the work grows with the square of the
    cases that could fall either way. NaN where no stratum has both sides.
    Source: Birch 1964, JRSS-B 26:313; Agresti 2013, Categorical Data Analysis, chapter 7.
    Raises CountError for impossible counts, MethodError for more than one axis.
    """
    x1, n1, x2, n2, used = _strata(x1, n1, x2, n2)
    if x1.ndim != 1:
        raise MethodError(
            zh="分层精确检验一次只处理一个地方；请逐个给出各层计数。",
            en="The exact stratified test takes one place at a time; give its strata along a single axis.",
        )
    if not used.any():
        return Tails(np.array(np.nan), np.array(np.nan))
    masses, position = np.ones(1), 0
    for x, one, y, other in zip(x1[used], n1[used], x2[used], n2[used], strict=True):
        lowest = max(0.0, x + y - other)
        possible = np.arange(lowest, min(x + y, one) + 1)
        masses = np.convolve(masses, stats.hypergeom.pmf(possible, one + other, x + y, one))
        position += int(x - lowest)
    half = masses[position] / 2 if mid else 0.0
    low, high = masses[: position + 1].sum() - half, masses[position:].sum() - half
    return Tails(np.asarray(np.clip(low, 0.0, 1.0)), np.asarray(np.clip(high, 0.0, 1.0)))


def breslow_day(
    x1: Any, n1: Any, x2: Any, n2: Any, *, tarone: bool = True, least_expected: float = LEAST_EXPECTED
) -> Homogeneity:
    """Test that the odds ratio is the same in every stratum (last axis); df is the number of strata compared, less one.

    Σ(x1 − A)²/V − (Σ(x1 − A))²/ΣV, where A is the count that the Mantel–Haenszel odds ratio predicts from a stratum's
    totals and 1/V = 1/A + 1/(n1 − A) + 1/(M − A) + 1/(n2 − M + A); ``tarone`` False leaves the second term out. Not
    shown where a predicted cell is below ``least_expected``; at ``least_expected`` 0 strata in which all cases turned
    out alike are left out, as they hold no odds ratio. ``reason`` holds a HomogeneityRefusal or None.
    Source: Breslow & Day 1980, Statistical Methods in Cancer Research I:142; Tarone 1985, Biometrika 72:91.
    Raises CountError for impossible counts, MethodError for shapes that do not fit.
    """
    x1, n1, x2, n2, used = _strata(x1, n1, x2, n2)
    total, hits = np.where(used, n1 + n2, 1.0), x1 + x2
    with np.errstate(invalid="ignore", divide="ignore"):
        odds_ratio = _sum(x1 * (n2 - x2) / total, used) / _sum(x2 * (n1 - x1) / total, used)
    defined = np.isfinite(odds_ratio) & (odds_ratio > 0)
    predicted = _predicted(np.where(defined, odds_ratio, 1.0)[..., None], n1, n2, hits)
    cells = np.stack([predicted, n1 - predicted, hits - predicted, n2 - hits + predicted])
    smallest = np.where(used, cells.min(axis=0), np.inf).min(axis=-1, initial=np.inf)
    telling = used & (hits > 0) & (hits < n1 + n2)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = np.where(telling, 1 / (1 / cells).sum(axis=0), 1.0)
        statistic = _sum((x1 - predicted) ** 2 / variance, telling)
        if tarone:
            statistic = statistic - _sum(x1 - predicted, telling) ** 2 / _sum(variance, telling)
    df = np.asarray(telling.sum(axis=-1) - 1.0)
    sparse = smallest < least_expected
    single = (used.sum(axis=-1) < 2) | (defined & ~sparse & (df < 1))
    refused = sparse | ~defined | single
    reason = np.full(df.shape, None, dtype=object)
    reason[sparse] = HomogeneityRefusal.SPARSE
    reason[~defined] = HomogeneityRefusal.NO_ODDS_RATIO
    reason[single] = HomogeneityRefusal.ONE_STRATUM
    statistic, df = (np.where(refused, np.nan, one) for one in (np.maximum(statistic, 0.0), df))
    return Homogeneity(statistic, df, np.asarray(stats.chi2.sf(statistic, df)), reason)


def _predicted(odds_ratio: Floats, n1: Floats, n2: Floats, hits: Floats) -> Floats:
    """The first count that gives a table of these totals this odds ratio: a quadratic's root, without cancellation."""
    linear = n2 - hits + odds_ratio * (n1 + hits)
    root = np.sqrt(np.maximum(linear**2 + 4 * (1 - odds_ratio) * odds_ratio * n1 * hits, 0.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.where(
            linear >= 0, 2 * odds_ratio * n1 * hits / (linear + root), (root - linear) / (2 * (1 - odds_ratio))
        )
    return np.clip(np.nan_to_num(found), np.maximum(hits - n2, 0.0), np.minimum(hits, n1))


def _strata(x1: Any, n1: Any, x2: Any, n2: Any) -> tuple[Floats, Floats, Floats, Floats, Flags]:
    """The counts as float arrays of one shape with at least one axis, and which strata have both sides."""
    x1, n1 = check_counts(x1, n1, what="first side")
    x2, n2 = check_counts(x2, n2, what="second side")
    try:
        x1, n1, x2, n2 = np.broadcast_arrays(*np.atleast_1d(x1, n1, x2, n2))
    except ValueError as error:
        raise MethodError(
            zh=f"两方的分层计数形状不相配（{error}）；请给出同样多的层。",
            en=f"The strata of the two sides do not fit each other ({error}); give as many strata on both.",
        ) from error
    return x1, n1, x2, n2, (n1 > 0) & (n2 > 0)


def _sum(values: Floats, where: Flags) -> Floats:
    return np.asarray(np.where(where, values, 0.0).sum(axis=-1))


class GapRefusal(StrEnum):
    """Why two tables cannot be compared stratum by stratum; first hit wins."""

    NOT_A_SHARE = "not_a_share"
    """The indicator is a ratio of events to exposure, or a stock to which chance does not apply."""
    HIDDEN = "hidden"
    """Counts of some stratum may not be shown, and could be worked out from the result."""
    NO_CASES = "no_cases"
    """One group has no cases at all."""
    NOTHING_SHARED = "nothing_shared"
    """Both have cases, but in no stratum side by side: there is a crude difference, and no adjusted one."""


@dataclass(frozen=True)
class AdjustedGap:
    """The gap of two groups as it stands and like for like; shares, the first group minus the second.

    crude            difference of the two totals with Newcombe's interval; NaN if not computed
    adjusted         Mantel–Haenszel difference with its strata_used and strata_dropped; bounds NaN without variation
    p                whether there is any gap like for like: Cochran–Mantel–Haenszel, exact mid-p where ``p_exact``
    homogeneity_p    Breslow–Day–Tarone; NaN where ``homogeneity_reason`` says why not
    same_everywhere  True at homogeneity_p ≥ 0.05; False: show the strata, not the adjusted gap; None: cannot be told
    strata           one row a stratum: its key, a_x, a_n, b_x, b_n, difference, low, high (Newcombe), used; no row
                     where ``reason`` is not_a_share or hidden
    reason           a GapRefusal where there is no adjusted gap, else None
    """

    crude: Difference
    adjusted: Pooled
    p: float
    p_exact: bool
    homogeneity_p: float
    homogeneity_reason: str | None
    same_everywhere: bool | None
    strata: pd.DataFrame
    reason: str | None


def adjusted_gap(a: pd.DataFrame, b: pd.DataFrame, *, by: str = "place", confidence: float = CONFIDENCE) -> AdjustedGap:
    """Compare two ``rate_table``s by ``by`` (a minus b), stratum by stratum.

    Strata without data on one side are listed and counted, not used. Never raises for what cannot be compared: see
    ``AdjustedGap.reason``. The order of rows has no effect on any figure.
    Raises CountError for impossible counts and MethodError for an impossible confidence.
    """
    both = matched(a, b, [by], sides=("a", "b"))
    reason = _refusal(a, b, both)
    if reason in (GapRefusal.NOT_A_SHARE, GapRefusal.HIDDEN):
        both = both.iloc[:0]
    counts = {name: np.nan_to_num(both[name].to_numpy(dtype=np.float64)) for name in ("a_x", "a_n", "b_x", "b_n")}
    x1, n1, x2, n2 = counts.values()
    between = newcombe(x1, n1, x2, n2, confidence=confidence)
    strata = pd.DataFrame({by: both[by].array, **counts, **between._asdict(), "used": (n1 > 0) & (n2 > 0)})
    # Sums of fractions depend on their order in the last digit: always the same order.
    x1, n1, x2, n2 = (one[np.lexsort((n2, x2, n1, x1))] for one in (x1, n1, x2, n2))
    test, homogeneity = cochran_mantel_haenszel(x1, n1, x2, n2), breslow_day(x1, n1, x2, n2)
    p, refused, p_same = float(test.p), homogeneity.reason.item(), float(homogeneity.p)
    exact = bool(test.sparse) and not np.isnan(p)
    return AdjustedGap(
        crude=newcombe(x1.sum(), n1.sum(), x2.sum(), n2.sum(), confidence=confidence),
        adjusted=mantel_haenszel(x1, n1, x2, n2, confidence=confidence),
        p=float(two_sided(exact_stratified_tails(x1, n1, x2, n2))) if exact else p,
        p_exact=exact,
        homogeneity_p=p_same,
        homogeneity_reason=refused,
        same_everywhere=None if refused else p_same >= 0.05,
        strata=strata,
        reason=reason,
    )


def _refusal(a: pd.DataFrame, b: pd.DataFrame, both: pd.DataFrame) -> GapRefusal | None:
    kinds = {(one.attrs.get("kind", "proportion"), one.attrs.get("interval", "chance")) for one in (a, b)}
    if kinds != {("proportion", "chance")}:
        return GapRefusal.NOT_A_SHARE
    if (both[["a_state", "b_state"]] == "hidden").to_numpy().any():
        return GapRefusal.HIDDEN
    has_a, has_b = (both["a_n"] > 0).to_numpy(), (both["b_n"] > 0).to_numpy()
    if not has_a.any() or not has_b.any():
        return GapRefusal.NO_CASES
    return None if (has_a & has_b).any() else GapRefusal.NOTHING_SHARED
