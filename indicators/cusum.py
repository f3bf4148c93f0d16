"""CUSUM charts: has a rate drifted a little, for long enough?

A control chart judges each month by itself and sees a small lasting change late. A cumulative sum adds up what each
month says for the change against what it says for no change, never falls below zero, and signals when it reaches a
decision interval ``h``. Two are given: the standardised CUSUM of z-scores, for large monthly counts, and the binomial
log-likelihood CUSUM for rare failures, where it is the fastest detector of a stated odds ratio. ``h`` sets how often an
unchanged process signals; the average run length says so exactly, and a chart should not be shown without it. A CUSUM
is for the researcher who watches one series: it is no verdict between places and it does not say when the change began.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats

from indicators.counts import Floats, check_counts, check_share
from indicators.errors import MethodError

Flags = npt.NDArray[np.bool_]

REFERENCE, DECISION = 0.5, 5.0
"""k and h of the standardised CUSUM: tuned to a shift of one standard deviation, one false signal in 465 points."""
BINOMIAL_DECISION = 4.5
"""h of Steiner et al. for a doubling of the odds."""


class Cusum(NamedTuple):
    """The sum after each point (NaN where the point is missing) and whether it has reached h there."""

    sums: Floats
    signal: Flags


class TwoSidedCusum(NamedTuple):
    """Upward and downward sums, both counted positive, and where they have reached h."""

    up: Floats
    down: Floats
    signal_up: Flags
    signal_down: Flags


def standardised_cusum(z: Any, *, k: float = REFERENCE, h: float = DECISION, restart: bool = False) -> TwoSidedCusum:
    """C⁺ = max(0, C⁺ + z − k) and C⁻ = max(0, C⁻ − z − k) along the last axis, starting at 0.

    ``z`` are deviations in standard deviations (``control_charts.rate_z``); NaN is a gap, over which the sums stand
    still. A sum signals where it is above ``h``. With ``restart`` it begins again at 0 after a signal, otherwise it
    runs on. Source: Page 1954, Biometrika 41:100; Montgomery 2013, Introduction to Statistical Quality Control, 9.1.
    Raises MethodError for h not above 0 or k below 0.
    """
    _check_decision(h, k)
    z = np.atleast_1d(np.asarray(z, dtype=np.float64))
    up, down = _accumulated(z - k, h, restart=restart), _accumulated(-z - k, h, restart=restart)
    with np.errstate(invalid="ignore"):
        return TwoSidedCusum(up, down, up > h, down > h)


def log_likelihood_weights(x: Any, n: Any, rate: Any, *, odds_ratio: float = 2.0) -> Floats:
    """ln of the likelihood of ``x`` events in ``n`` cases with the odds times ``odds_ratio``, over that with ``rate``.

    W = x ln R − n ln(1 − p + R p). ``rate`` p is the share expected of an unchanged process, 0 < p < 1, and
    broadcasts with the counts (expected rates may differ by month or case mix). n = 0 gives 0: no evidence.
    Source: Steiner, Cook, Farewell & Treasure 2000, Biostatistics 1:441. Raises CountError for impossible counts,
    MethodError for a rate outside 0..1 or an odds ratio that is 1 or not above 0.
    """
    x, n = check_counts(x, n, what="events")
    if not odds_ratio > 0 or odds_ratio == 1:
        raise MethodError(
            zh=f"要识别的比值比是{odds_ratio!r}；请给出大于0且不等于1的数，例如2。",
            en=f"The odds ratio to detect is {odds_ratio!r}; give a number above 0 other than 1, such as 2.",
        )
    rates = np.asarray(rate, dtype=np.float64)
    if not ((rates > 0) & (rates < 1)).all():
        raise MethodError(
            zh="基准率必须严格介于0与1之间；请用较长时期的合计率。",
            en="The expected rate must lie between 0 and 1, both excluded; use the pooled rate of a longer period.",
        )
    return np.asarray(x * np.log(odds_ratio) - n * np.log1p(rates * (odds_ratio - 1)))


def binomial_cusum(
    x: Any, n: Any, rate: Any, *, odds_ratio: float = 2.0, h: float = BINOMIAL_DECISION, restart: bool = False
) -> Cusum:
    """The log-likelihood CUSUM S = max(0, S + W) of monthly counts of rare events (failures), along the last axis.

    W is ``log_likelihood_weights``; an ``odds_ratio`` above 1 looks for more events, below 1 for fewer (run one of
    each). Signals where S ≥ ``h``; a month without cases is NaN and the sum stands still. ``restart`` as above.
    Feed the failures, not the successes: 2 % becoming 4 % is a doubling, 98 % becoming 96 % looks like nothing.
    Source and errors as for the weights; MethodError for h not above 0.
    """
    _check_decision(h)
    weights = np.atleast_1d(log_likelihood_weights(x, n, rate, odds_ratio=odds_ratio))
    empty = np.broadcast_to(np.asarray(n, dtype=np.float64) == 0, weights.shape)
    sums = _accumulated(np.where(empty, np.nan, weights), h, restart=restart, reached=True)
    with np.errstate(invalid="ignore"):
        return Cusum(sums, sums >= h)


def run_length(*, shift: float = 0.0, k: float = REFERENCE, h: float = DECISION, two_sided: bool = True) -> float:
    """Average number of points until the standardised CUSUM signals, for normal z with mean ``shift``.

    One side solves L(s) = 1 + L(0) Φ(k − s − δ) + ∫₀ʰ L(y) φ(y + k − s − δ) dy by Gauss–Legendre quadrature (Page
    1954; Goel & Wu 1971, Technometrics 13:221); two sides by 1/L = 1/L⁺ + 1/L⁻. MethodError as above.
    """
    _check_decision(h, k)
    if two_sided:
        sides = [run_length(shift=delta, k=k, h=h, two_sided=False) for delta in (shift, -shift)]
        return 1 / (1 / sides[0] + 1 / sides[1])
    nodes, weights = np.polynomial.legendre.leggauss(64)
    y, w = (nodes + 1) * h / 2, weights * h / 2
    start = np.concatenate([[0.0], y])
    moves = np.empty((len(start), len(start)))
    moves[:, 0] = stats.norm.cdf(k - start - shift)
    moves[:, 1:] = w * stats.norm.pdf(y[None, :] + k - start[:, None] - shift)
    return float(np.linalg.solve(np.eye(len(start)) - moves, np.ones(len(start)))[0])


def binomial_run_length(
    n: int,
    rate: float,
    *,
    odds_ratio: float = 2.0,
    h: float = BINOMIAL_DECISION,
    true_rate: float | None = None,
    states: int = 400,
) -> float:
    """Average number of months until ``binomial_cusum`` signals when every month has ``n`` cases.

    ``true_rate`` is the rate the process really has (``rate`` if None: the run length to a false signal). Markov
    chain on ``states`` steps of size h/states, sums rounded to the nearest (Brook & Evans 1972, Biometrika 59:539);
    more states, more exact. Infinite where the sum cannot reach h in the model. Raises as ``binomial_cusum``.
    """
    _check_decision(h)
    real = check_share(rate if true_rate is None else true_rate, what="true rate", zh="真实率")
    x = np.arange(n + 1)
    gains = log_likelihood_weights(x, n, rate, odds_ratio=odds_ratio)
    chances = stats.binom.pmf(x, n, real)
    step = h / states
    moves = np.zeros((states, states))
    sums = np.arange(states) * step
    for gain, chance in zip(gains, chances, strict=True):
        after = sums + gain
        at = np.maximum(np.rint(after / step).astype(np.int64), 0)
        on = (after < h - step * 1e-9) & (at < states)
        moves[np.flatnonzero(on), at[on]] += chance
    try:
        return float(np.linalg.solve(np.eye(states) - moves, np.ones(states))[0])
    except np.linalg.LinAlgError:
        return float("inf")


def _accumulated(gains: Floats, h: float, *, restart: bool, reached: bool = False) -> Floats:
    """Sums of the gains never below 0, along the last axis; NaN gains are stepped over."""
    sums = np.full(gains.shape, np.nan)
    now = np.zeros(gains.shape[:-1])
    for t in range(gains.shape[-1]):
        gain = gains[..., t]
        missing = np.isnan(gain)
        now = np.where(missing, now, np.maximum(0.0, now + np.where(missing, 0.0, gain)))
        sums[..., t] = np.where(missing, np.nan, now)
        if restart:
            now = np.where(now >= h if reached else now > h, 0.0, now)
    return sums


def _check_decision(h: float, k: float = 0.0) -> None:
    if not h > 0 or not k >= 0:
        raise MethodError(
            zh=f"累积和的判定值h={h!r}、参考值k={k!r}无法使用；h须大于0，k不小于0。",
            en=f"The CUSUM cannot use h={h!r} and k={k!r}; h must be above 0 and k not below 0.",
        )
