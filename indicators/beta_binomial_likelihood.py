"""The likelihood of beta-binomial counts, and where it is highest.

Counts that vary more than binomial ones are described by a mean μ and an intra-class correlation ρ = 1/(α+β+1); ρ = 0
is the binomial. The likelihood is searched over (logit μ, logit ρ), where it has no edges, and the best interior point
is compared with the binomial itself, which those coordinates cannot reach. Use it for many counts of one kind; with a
handful of areas the maximum often lies on the edge and says little.

Source: Skellam 1948, JRSS-B 10:257; Griffiths 1973, Biometrics 29:637; Williams 1975, Biometrics 31:949.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from indicators.counts import Floats

LOGIT_RHO = (-14.0, 10.0)
"""Range searched: ρ from 0.0000008 to 0.99995. Beyond it stand the binomial and the counts that are all or nothing."""
_STARTS = (-8.0, -3.0, 0.0)
_GAIN = (1e-6, 1e-8)
"""Log likelihood, in all and per area, by which ρ > 0 must beat the binomial: what rounding may bring."""
_STEPS = 100
_FLAT = 1e-9


def maximum_likelihood(x: Floats, n: Floats, *, rho: float) -> tuple[float, float]:
    """μ and ρ at the maximum, for ``x`` of ``n`` cases; ``rho`` is a first guess (any share; three more are tried).

    ρ is exactly 0 where nothing above it does better than the binomial (μ is then Σx/Σn) and exactly 1 where it runs
    into the upper end of the range. One-dimensional counts with cases everywhere and 0 < Σx < Σn.
    """
    pooled = float(x.sum() / n.sum())
    parts = tuple(np.unique(one, return_counts=True) for one in (x, n - x, n))
    own = float(special.logit(np.clip(rho, 1e-6, 0.999)))
    found = [_climb(float(special.logit(pooled)), start, parts) for start in (own, *_STARTS)]
    value, logit_mu, logit_rho = max(found)
    binomial = float(x.sum() * np.log(pooled) + (n - x).sum() * np.log1p(-pooled))
    if logit_rho <= LOGIT_RHO[0] or value - binomial <= _GAIN[0] + _GAIN[1] * n.size:
        return pooled, 0.0
    return float(special.expit(logit_mu)), 1.0 if logit_rho >= LOGIT_RHO[1] else float(special.expit(logit_rho))


def _climb(logit_mu: float, logit_rho: float, parts: Any) -> tuple[float, float, float]:
    """The log likelihood and the point that damped Newton steps reach from a start.

    Two unknowns need no library: scipy's L-BFGS-B took ten times as long on a busy machine.
    """
    at = (logit_mu, logit_rho)
    value, slope, curve = _log_likelihood(*at, parts)
    for _ in range(_STEPS):
        step = _newton_step(slope, curve)
        for _ in range(30):
            there = (at[0] + step[0], min(max(at[1] + step[1], LOGIT_RHO[0]), LOGIT_RHO[1]))
            reached = _log_likelihood(*there, parts)
            if reached[0] > value:
                break
            step = (step[0] / 2, step[1] / 2)
        else:
            break
        moved = max(abs(there[0] - at[0]), abs(there[1] - at[1]))
        at, (value, slope, curve) = there, reached
        if moved < 1e-9:
            break
    return value, *at


def _newton_step(slope: tuple[float, float], curve: tuple[float, float, float]) -> tuple[float, float]:
    """Uphill by Newton's rule, at most two units each way.

    Along each of the two axes of the surface the step is slope over curvature, upwards also where it is no hilltop.
    """
    aa, ab, bb = curve
    turn = 0.5 * np.arctan2(2 * ab, aa - bb)
    cos, sin = np.cos(turn), np.sin(turn)
    first = aa * cos**2 + 2 * ab * cos * sin + bb * sin**2
    second = aa + bb - first
    along = (cos * slope[0] + sin * slope[1]) / max(abs(first), _FLAT)
    across = (cos * slope[1] - sin * slope[0]) / max(abs(second), _FLAT)
    steps = (cos * along - sin * across, sin * along + cos * across)
    longest = max(1.0, abs(steps[0]) / 2, abs(steps[1]) / 2)
    return float(steps[0] / longest), float(steps[1] / longest)


def _log_likelihood(
    logit_mu: float, logit_rho: float, parts: Any
) -> tuple[float, tuple[float, float], tuple[float, float, float]]:
    """The log likelihood without the binomial coefficients, its slope, and its second derivatives (aa, ab, bb).

    α + β = (1 - ρ)/ρ = exp(-logit ρ). ``parts`` holds the distinct successes, failures and cases with how often each
    occurs.
    """
    mu, nu, size = float(special.expit(logit_mu)), float(special.expit(-logit_mu)), float(np.exp(-logit_rho))
    shapes = (mu * size, nu * size, size)
    sums = [
        [
            sign * float((times * (function(shape + counts) - function(shape))).sum())
            for function in (special.gammaln, special.digamma, _trigamma)
        ]
        for sign, shape, (counts, times) in zip((1, 1, -1), shapes, parts, strict=True)
    ]
    (_, a1, a2), (_, b1, b2), (_, c1, c2) = sums
    alpha, beta, turn = shapes[0], shapes[1], mu * nu * size
    across = (a1 - b1) * turn
    along = a1 * alpha + b1 * beta + c1 * size
    curve = (
        (a2 + b2) * turn**2 + across * (nu - mu),
        (b2 * beta - a2 * alpha) * turn - across,
        a2 * alpha**2 + b2 * beta**2 + c2 * size**2 + along,
    )
    return sum(one[0] for one in sums), (across, -along), curve


def _trigamma(at: Any) -> Any:
    return special.zeta(2.0, at)
