"""How likely is an area among the best or the worst? Ranks read off the posterior, for areas too small to be ranked.

A rank of many small areas is mostly noise, and a list ordered by shrunken rates is no better: small areas drift to its
middle. What the data can answer is a probability. Given a beta prior for the true rates of the district
(:mod:`indicators.shrinkage`) each area has a beta posterior; all of them together say how likely an area is to belong
to the best or to the worst quarter (Louis 1984; Laird & Louis 1989; Shen & Louis 1998). From these probabilities come
three bands: *leading*, *middle*, *trailing*. A band is for attention, not a verdict. It is given only where the areas
differ beyond chance (:mod:`indicators.homogeneity`, 5 %) and rests on a mean over the priors the counts leave possible
(:mod:`indicators.likely_priors`): with one estimated prior taken for the truth, four of ten areas called trailing were
not, near 98 % with few cases. Ratios of two counts have no beta posterior; they get no band.

``posterior_ranks`` draws from the posteriors and gives the whole distribution of the ranks of a few hundred areas.
``quarter_probabilities`` finds the two probabilities without draws and is what a table of many areas uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from indicators.catalogue import Indicator
from indicators.comparison import Mask, counts_of
from indicators.counts import Floats, check_counts, check_enough, check_share
from indicators.homogeneity import homogeneity_p
from indicators.likely_priors import likely_priors
from indicators.quarters import FINE, ROUGH, quarter_size, quarters
from indicators.shrinkage import Prior, beta_binomial_moments

SEED = 20_200_401
LEAST_AREAS = 4
"""Fewer areas have no quarters."""
RANKABLE = 0.5
"""Rankability from which ranks may be shown (Lingsma et al. 2010)."""
BEYOND_CHANCE = 0.05
"""Level of the test that the areas differ at all, without which there are no bands."""


class PosteriorRanks(NamedTuple):
    """Median rank with the bounds of its 95 % interval (1 is best, whole numbers), the probabilities of lying in the
    best quarter, in the worst quarter and of being first; arrays of the shape of the counts, NaN where not ranked.
    """

    median: Floats
    low: Floats
    high: Floats
    p_top_quarter: Floats
    p_bottom_quarter: Floats
    p_first: Floats


class QuarterProbabilities(NamedTuple):
    """Probabilities of lying in the best and in the worst quarter; arrays of the shape of the counts, or NaN."""

    top: Floats
    bottom: Floats


class Rankability(NamedTuple):
    """Share of the differences between areas that is not chance, and whether that is enough to show ranks."""

    rho: float
    ranks_shown: bool


class Band(StrEnum):
    """Where an area very likely lies; *middle* also means that it cannot be told."""

    LEADING = "leading"
    MIDDLE = "middle"
    TRAILING = "trailing"


class NoBand(StrEnum):
    """Why an area has no band; the words of ``shrinkage.PriorReason`` among them."""

    NOT_A_SHARE = "not_a_share"
    NO_VARIATION = "no_variation"
    NOT_BEYOND_CHANCE = "not_beyond_chance"
    TOO_FEW_AREAS = "too_few_areas"
    SINGLE_CASES = "single_cases"
    ALL_OR_NOTHING = "all_or_nothing"
    NO_DATA = "no_data"
    FEW_CASES = "few_cases"


class Bands(NamedTuple):
    """The two probabilities, the band (word of ``Band`` or None) and why there is none (word of ``NoBand`` or None)."""

    p_top: Floats
    p_bottom: Floats
    band: npt.NDArray[np.object_]
    reason: npt.NDArray[np.object_]


def seed_of(month: int) -> int:
    """The seed of a month (202003): fixed, so that figures do not flicker, and another one every month."""
    return int(np.random.SeedSequence([SEED, month]).generate_state(1)[0])


def posterior_ranks(
    x: Any, n: Any, prior: Prior, *, draws: int = 10_000, seed: int = SEED, lower_is_better: bool = False
) -> PosteriorRanks:
    """The posterior distribution of the rank of each area with ``x`` successes in ``n`` cases, all areas together.

    In each of the ``draws`` every rate is drawn from its posterior Beta(alpha + x, beta + n - x) and the k areas with
    cases are ranked, 1 for the highest (with ``lower_is_better`` the lowest). A quarter is the best (worst)
    ceil(k / 4) areas. Areas with the same counts get the same answer, and the order of the areas has no effect. Areas
    without cases take no part (NaN); all are NaN where the prior says that nothing varies (tau2 = 0) or is unknown.
    The Monte Carlo error of a probability is at most 0.5 / sqrt(draws), 0.005 by default. Time and memory grow with
    areas times draws; for tens of thousands of areas use :func:`quarter_probabilities`.

    Source: Louis 1984, JASA 79:393; Laird & Louis 1989, J Educ Stat 14:29; Goldstein & Spiegelhalter 1996,
    JRSS-A 159:385; Shen & Louis 1998, JRSS-B 60:455. Raises CountError for impossible counts, MethodError for no draws.
    """
    check_enough(draws, 1, what="draws", zh="抽样次数")
    xs, ns = check_counts(x, n)
    found = np.full((6, xs.size), np.nan)
    ranked = np.flatnonzero(ns.ravel() > 0)
    if ranked.size and _varies(prior):
        # Drawn in the order of the counts and pooled over equal counts, so that the order of the areas cannot matter.
        canonical = ranked[np.lexsort((xs.ravel()[ranked], ns.ravel()[ranked]))]
        found[:, canonical] = _ranked(xs.ravel()[canonical], ns.ravel()[canonical], prior, draws, seed, lower_is_better)
    return PosteriorRanks(*(one.reshape(xs.shape) for one in found))


def quarter_probabilities(
    x: Any, n: Any, prior: Prior | Sequence[Prior], *, lower_is_better: bool = False
) -> QuarterProbabilities:
    """P(best quarter) and P(worst quarter) of each area, as :func:`posterior_ranks` but without random draws.

    Numerical integration over the true rate of the area; the number of other areas above it is Poisson-binomial,
    exactly for up to 50 areas, by the skewness-corrected normal approximation beyond. Its error is mostly below 0.001
    and below 0.03 where alpha or beta is 1 or more; where the prior is heaped at both ends and the border of the
    quarter falls among a handful of areas it was 0.07 at worst (10,000 random districts). All areas together fill the
    quarter to 2 %. Of several priors, each as likely as the others, the mean. NaN for areas without cases and where a
    prior says that nothing varies (tau2 = 0) or is unknown, or there is none. One area alone is both.

    Source: Shen & Louis 1998, JRSS-B 60:455; Hong 2013, Comput Stat Data Anal 59:41. Raises CountError for impossible
    counts.
    """
    xs, ns = check_counts(x, n)
    top, bottom = np.full(xs.shape, np.nan), np.full(xs.shape, np.nan)
    ranked = ns > 0
    priors = [prior] if isinstance(prior, Prior) else list(prior)
    if ranked.any() and priors and all(_varies(one) for one in priors):
        x, n, grid = xs[ranked], ns[ranked], FINE if len(priors) == 1 else ROUGH
        found = np.array([quarters(one.alpha + x, one.beta + n - x, grid=grid) for one in priors])
        top[ranked], bottom[ranked] = found.mean(axis=0)
    return QuarterProbabilities(bottom, top) if lower_is_better else QuarterProbabilities(top, bottom)


def rankability(x: Any, n: Any, prior: Prior) -> Rankability:
    """tau2 / (tau2 + median s2): the share of what is seen between areas that is not chance; 0 nothing, 1 everything.

    s2 is the sampling variance p(1 - p)/n of each area with cases at its shrunken rate p = (alpha + x)/(alpha + beta +
    n): at the raw rate a spotless record of three cases would have none. Ranks are shown from 0.5 on. 0 where nothing
    varies (tau2 = 0); NaN, and no ranks, where the prior is unknown or no area has cases.

    Source: Lingsma et al. 2010, QJM 103:99; van Dishoeck et al. 2011, BMJ Qual Saf 20:869.
    Raises CountError for impossible counts.
    """
    xs, ns = check_counts(x, n)
    xs, ns = xs[ns > 0], ns[ns > 0]
    if prior.tau2 == 0 and xs.size:
        return Rankability(0.0, False)
    if not _varies(prior) or not xs.size:
        return Rankability(float("nan"), False)
    shrunk = (prior.alpha + xs) / (prior.alpha + prior.beta + ns)
    rho = float(prior.tau2 / (prior.tau2 + np.median(shrunk * (1 - shrunk) / ns)))
    return Rankability(rho, rho >= RANKABLE)


def bands(
    x: Any,
    n: Any,
    prior: Prior | None = None,
    *,
    lower_is_better: bool = False,
    minimum: int = 10,
    threshold: float = 0.8,
) -> Bands:
    """Leading where P(best quarter) reaches ``threshold``, trailing where P(worst quarter) does, else middle.

    Without a ``prior`` the areas must differ beyond chance, else nobody has a band (not_beyond_chance), and the
    probabilities are means over 12 likely priors for up to 25 areas, fewer for more, one from 1,600 on (60/√areas). A
    ``prior`` that is given is taken for the truth. An area with fewer than ``minimum`` cases takes part and has
    probabilities but no band (few_cases), one without cases has neither (no_data); nobody has a band where nothing
    varies (no_variation), where fewer than four areas have cases (too_few_areas) or where the prior is refused for
    another reason. Arrays of the shape of the counts.

    In simulations at 98 % (25 and 407 areas, about 25 and 250 cases, SD 0.5 to 3 points) at least four in five areas
    in a band truly lay in that quarter wherever one run in ten or more gave bands; with equal rates one in fifty did.

    Source: Normand, Glickman & Gatsonis 1997, JASA 92:803. Raises CountError for impossible counts, MethodError for a
    threshold outside 0..1.
    """
    check_share(threshold, what="threshold", zh="判定概率")
    xs, ns = check_counts(x, n)
    areas = int((ns > 0).sum())
    general = _no_bands(areas, prior or beta_binomial_moments(xs, ns))
    priors: list[Prior] = []
    if prior is not None:
        priors = [prior]
    elif general is None and homogeneity_p(xs, ns) > BEYOND_CHANCE:
        general = NoBand.NOT_BEYOND_CHANCE
    elif general is None:
        priors = likely_priors(xs, ns, many=min(12, max(1, round(60 / areas**0.5))))
    top, bottom = quarter_probabilities(xs, ns, priors, lower_is_better=lower_is_better)
    reason = np.full(xs.shape, None, dtype=object)
    reason[ns < minimum] = NoBand.FEW_CASES.value
    reason[ns == 0] = NoBand.NO_DATA.value
    if general is not None:
        reason[ns > 0] = general.value
    band = np.full(xs.shape, None, dtype=object)
    judged = reason == None  # noqa: E711 - elementwise
    band[judged] = Band.MIDDLE.value
    with np.errstate(invalid="ignore"):
        band[judged & (top >= threshold)] = Band.LEADING.value
        band[judged & (bottom >= threshold)] = Band.TRAILING.value
    return Bands(top, bottom, band, reason)


def band_table(table: pd.DataFrame, indicator: Indicator, *, within: str | None = None) -> pd.DataFrame:
    """The ``rate_table`` with p_top, p_bottom (0..1, NaN where none), band and band_reason (None or a word).

    As :func:`bands`, the prior being found from the table itself, per value of the column ``within`` (a township, a
    month) if one is named. Rows with counts take part; a band is given to rows whose state is value and
    that have at least 10 cases. Best is high, low where ``indicator.better`` is lower; for a neutral indicator "best"
    only means highest. Ratios and figures to which chance does not apply have no bands (not_a_share). The order of
    the rows has no effect.
    """
    x, n = counts_of(table)
    known = ~np.isnan(x) & ~np.isnan(n)
    top, bottom = np.full(len(table), np.nan), np.full(len(table), np.nan)
    band = np.full(len(table), None, dtype=object)
    reason = np.full(len(table), NoBand.NO_DATA.value, dtype=object)
    if not indicator.counts_share or indicator.interval != "chance":
        reason[known] = NoBand.NOT_A_SHARE.value
    else:
        for rows in _groups(table, known, within):
            found = bands(x[rows], n[rows], lower_is_better=indicator.better == "lower")
            top[rows], bottom[rows], band[rows], reason[rows] = found
        few = known & (table["state"] != "value").to_numpy(dtype=bool) & pd.notna(band)
        band[few], reason[few] = None, NoBand.FEW_CASES.value
    result = table.copy()
    result["p_top"], result["p_bottom"] = top, bottom
    result["band"] = pd.Series(band, index=table.index, dtype=object)
    result["band_reason"] = pd.Series(reason, index=table.index, dtype=object)
    return result


def _groups(table: pd.DataFrame, known: Mask, within: str | None) -> list[npt.NDArray[np.intp]]:
    if within is None:
        return [np.flatnonzero(known)] if known.any() else []
    codes = pd.factorize(table[within])[0]
    return [np.flatnonzero(known & (codes == code)) for code in np.unique(codes[known & (codes >= 0)])]


def _varies(prior: Prior) -> bool:
    return bool(prior.alpha > 0 and prior.beta > 0)


def _no_bands(areas: int, prior: Prior) -> NoBand | None:
    if areas < LEAST_AREAS:
        return NoBand.TOO_FEW_AREAS
    if _varies(prior):
        return None
    return NoBand.NO_VARIATION if prior.tau2 == 0 else NoBand(str(prior.reason))


def _ranked(x: Floats, n: Floats, prior: Prior, draws: int, seed: int, lower_is_better: bool) -> Floats:
    """Six rows (see ``PosteriorRanks``) for areas in the order of their counts, all with cases."""
    size = len(x)
    generator = np.random.default_rng(seed)
    ranks = np.empty((size, draws), dtype=np.uint32 if size > 65_535 else np.uint16)
    places = np.arange(1, size + 1, dtype=ranks.dtype)
    step = max(1, 2_000_000 // size)
    for start in range(0, draws, step):
        many = min(step, draws - start)
        odds = _log_gammas(prior.alpha + x, many, generator) - _log_gammas(prior.beta + n - x, many, generator)
        order = np.argsort(odds if lower_is_better else -odds, axis=1)
        drawn = np.empty_like(order, dtype=ranks.dtype)
        np.put_along_axis(drawn, order, places[None, :], axis=1)
        ranks[:, start : start + many] = drawn.T
    quarter = quarter_size(size)
    firsts = np.flatnonzero(np.r_[True, (np.diff(x) != 0) | (np.diff(n) != 0)])
    found = np.empty((6, size))
    for first, last in zip(firsts, np.r_[firsts[1:], size], strict=True):
        pooled = np.sort(ranks[first:last], axis=None)
        quantiles = pooled[np.ceil(np.array([0.5, 0.025, 0.975]) * pooled.size).astype(np.intp) - 1]
        top, above, first_place = np.searchsorted(pooled, [quarter, size - quarter, 1], side="right") / pooled.size
        found[:, first:last] = np.array([*quantiles, top, 1 - above, first_place])[:, None]
    return found


def _log_gammas(shape: Floats, draws: int, generator: np.random.Generator) -> npt.NDArray[np.float32]:
    """Logarithms of gamma variates (draws, areas); below shape 1 by Gamma(a) = Gamma(a + 1) U^(1/a), never 0."""
    small = shape < 1
    raised = np.where(small, shape + 1, shape).astype(np.float32)
    logs = np.log(generator.standard_gamma(raised, size=(draws, len(shape)), dtype=np.float32))
    if small.any():
        logs[:, small] -= generator.standard_exponential((draws, int(small.sum())), dtype=np.float32) / shape[small]
    return logs
