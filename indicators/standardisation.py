"""Direct standardisation: what a place's rate would be if its cases were mixed like the district's.

A place that inspects many restaurants and few offices looks worse than one that does the reverse, even where each
restaurant and each office does equally well. The standardised rate weighs the rates of the strata by one fixed mix,
the same for every place, so that what is left to differ is the rates. It is a comparison figure, not what happened:
show it beside the raw rate, and only where the strata hold enough cases. It hides strata that move in opposite
directions, and a mix unlike the place's own gives a few cases a great weight; ``n_eff`` says how many cases it is
worth. To explain a gap rather than remove the mix from it, use ``decomposition``; to compare two groups, ``strata``.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np

from indicators.counts import Floats, check_counts
from indicators.errors import MethodError
from indicators.intervals import CONFIDENCE, byar, wilson_effective

LEAST_EVENTS = 10
"""Fewer events carry no interval of a standardised event rate (the rule of English public health)."""


class Standardised(NamedTuple):
    """Standardised rates, shares or events per unit of exposure, of the shape of the counts without their last axis.

    rate, low, high  the rate with its interval; NaN where it cannot be computed
    n_eff            how many independent cases it is worth (Wilson); NaN for ``method`` "dobson"
    covered          the share of the weight that lies on strata with cases; below 1 a stratum is missing
    """

    rate: Floats
    low: Floats
    high: Floats
    n_eff: Floats
    covered: Floats


def standardised_rate(
    x: Any,
    n: Any,
    weights: Any,
    *,
    method: Literal["wilson", "dobson"] = "wilson",
    drop_empty: bool = False,
    confidence: float = CONFIDENCE,
    least_events: int = LEAST_EVENTS,
) -> Standardised:
    """The rate ΣW·x/n over strata (last axis), W being ``weights`` rescaled to 1, with its interval.

    A stratum without cases but with weight has no rate to weigh: the result is NaN, or, with ``drop_empty``, the other
    strata are rescaled to 1 and ``covered`` says what they stand for. Strata of weight 0 play no part.

    "wilson" (shares): Wilson's interval on n_eff cases, n_eff = min(p(1 − p)/ΣW²p(1 − p)/n, 1/Σ(W²/n)). The first is
    how many cases the stratified estimate is worth; the second, Kish's number, is what it would be if all strata had
    one rate. The cap is needed because a small stratum that is all successes by luck claims to have no variance: at
    rates near 100 % and unequal weights the first alone covers the truth in 40 to 85 % of the cases instead of 95 %.
    Where strata do differ the capped interval is somewhat too wide. Source: Kish 1965, Survey Sampling, section 11.7;
    Franco, Little, Louis & Slud 2019, J Survey Statistics and Methodology 7:334.

    "dobson" (rare events, where n may be person-years and x exceed it): rate + √(var/O)·(limit − O), var = ΣW²x/n², O
    the events of the weighted strata, limit Byar's; no interval below ``least_events`` events.
    Source: Dobson, Kuulasmaa, Eberle & Scherer 1991, Statistics in Medicine 10:457; PHEindicatormethods, phe_dsr.

    Raises CountError for impossible counts and MethodError for weights that are missing, negative or all 0, or that do
    not fit the strata.
    """
    shares = method == "wilson"
    x, n = check_counts(x, n, proportion=shares, what="strata")
    x, n, weight = _with_weights(x, n, weights)
    filled = (weight > 0) & (n > 0)
    covered = np.where(filled, weight, 0.0).sum(axis=-1) / weight.sum(axis=-1)
    computable = (covered > 0) & (drop_empty | ~((weight > 0) & (n == 0)).any(axis=-1))
    weight = np.where(filled, weight, 0.0)
    cases = np.where(filled, n, 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = weight / weight.sum(axis=-1, keepdims=True)
        rate = np.where(computable, (weight * x / cases).sum(axis=-1), np.nan)
        # Rounding must not turn all into nearly all.
        rate = np.where(shares & computable & (~filled | (x == n)).all(axis=-1), 1.0, rate)
        if shares:
            own = (weight**2 * x * (cases - x) / cases**3).sum(axis=-1)
            alike = (weight**2 / cases).sum(axis=-1)
            rate = np.clip(rate, 0.0, 1.0)
            n_eff = np.where(computable, 1 / np.fmax(alike, own / (rate * (1 - rate))), np.nan)
            low, high = wilson_effective(rate, n_eff, confidence=confidence)
        else:
            n_eff = np.full(rate.shape, np.nan)
            low, high = _dobson(rate, np.where(filled, x, 0.0), weight / cases, confidence, least_events)
    return Standardised(rate, low, high, n_eff, np.asarray(covered))


def _dobson(rate: Floats, x: Floats, weight: Floats, confidence: float, least: int) -> tuple[Floats, Floats]:
    """``x`` and ``weight`` per unit of exposure with the strata along the last axis."""
    events = x.sum(axis=-1)
    limits = byar(events, 1, confidence=confidence)
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = np.where(events >= max(least, 1), np.sqrt((weight**2 * x).sum(axis=-1) / events), np.nan)
    return rate + scale * (limits.low - events), rate + scale * (limits.high - events)


def _with_weights(x: Floats, n: Floats, weights: Any) -> tuple[Floats, Floats, Floats]:
    weight = np.asarray(weights, dtype=np.float64)
    if not np.isfinite(weight).all() or (weight < 0).any():
        raise MethodError(
            zh="有的权重缺失、为负或不是有限数；请给出各层的标准构成（不小于0）。",
            en="A weight is missing, negative or infinite; give the standard mix of the strata, each 0 or more.",
        )
    try:
        x, n, weight = np.broadcast_arrays(*np.atleast_1d(x, n, weight))
    except ValueError as error:
        raise MethodError(
            zh=f"权重与各层计数的形状不相配（{error}）；请为每一层给出一个权重。",
            en=f"The weights do not fit the strata ({error}); give one weight for every stratum.",
        ) from error
    if not (weight.sum(axis=-1) > 0).all():
        raise MethodError(
            zh="全部权重都是0；请给出各层的标准构成。", en="All weights are 0; give the standard mix of the strata."
        )
    return x, n, weight
