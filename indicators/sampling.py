"""When cases are not independent draws: visits to the same firm, and lists of which a good part was inspected.

An interval for x of n supposes n separate chances. Ten visits to one firm tell less than visits to ten: the design
effect D says how much larger the chance variation is than it would be for separate cases, and x/D of n/D is what the
visits are worth. The other way round, once 40 of 50 sites have been seen, chance is left only in the ten unseen: the
finite population correction shortens the interval. Both speak of chance alone. Inspections are not drawn by lot
(suspicious sites come first), and neither correction mends that. D itself is uncertain with few firms, and cannot be
seen at all where every visit went the same way: take the pooled D of all places there.

Source: Rao & Scott 1992, Biometrics 48:577; Kish 1965, Survey Sampling; Cochran 1977, Sampling Techniques, chapter 2.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from indicators.counts import Floats, check_counts
from indicators.errors import MethodError
from indicators.hypergeometric import hypergeometric_masses
from indicators.intervals import CONFIDENCE, Bounds, wilson, wilson_effective

SUBSTANTIAL = 0.20
"""Share of a finite list from which on it matters that a site is not inspected twice."""

Codes = npt.NDArray[np.int64]


class Effective(NamedTuple):
    """Counts divided by the design effect, and Wilson's interval on them; shares in low and high."""

    x: Floats
    n: Floats
    low: Floats
    high: Floats


def design_effect(x: Any, n: Any, cluster: Any, *, least: float = 1.0) -> float:
    """How many times as large the variance of Σx/Σn is as that of Σn separate cases; rows belong to clusters (firms).

    D = n·v/(p(1 − p)), v = m/(m − 1)·Σ(x_j − p·n_j)²/n² over the m clusters j with cases (the linearised variance of a
    ratio). Never below ``least``: repeated visits cannot tell more than separate ones, so a smaller value is chance; 0
    gives the estimate as it comes. NaN with fewer than two clusters with cases, and where p is 0 or 1. One case a
    cluster gives n/(n − 1). Arrays of one length; ``cluster`` holds any labels. The order of rows has no effect.
    Raises CountError for impossible counts, MethodError for a row without a label or lengths that differ.
    """
    table = design_effects(x, n, cluster, np.zeros(np.shape(np.asarray(cluster)), dtype=np.int64), least=least)
    return float(table["design_effect"].iloc[0]) if len(table) else float("nan")


def design_effects(x: Any, n: Any, cluster: Any, place: Any, *, least: float = 1.0) -> pd.DataFrame:
    """``design_effect`` of every place at once; rows are visits (or firms in a month) with their cluster and place.

    One row per label in ``place``, in order of appearance: place, clusters (with cases), x, n, design_effect. The same
    cluster label in two places counts as two clusters. Raises as ``design_effect`` does.
    """
    places, parts = _parts(x, n, cluster, place)
    m, total_x, total_n, squares = parts
    with np.errstate(invalid="ignore", divide="ignore"):
        p = total_x / total_n
        effect = m / (m - 1) * squares / (total_n * p * (1 - p))
    known = (m >= 2) & (total_x > 0) & (total_x < total_n)
    effect = np.where(known, np.maximum(effect, least), np.nan)
    return pd.DataFrame(
        {"place": places, "clusters": m.astype(np.int64), "x": total_x, "n": total_n, "design_effect": effect}
    )


def pooled_design_effect(x: Any, n: Any, cluster: Any, place: Any, *, least: float = 1.0) -> float:
    """One design effect for all places: the sum of their cluster variances over the sum of their binomial ones.

    Σ m/(m − 1)·Σ_j(x_j − p·n_j)² / Σ n·p(1 − p), both over the places with two clusters or more, each with its own p.
    For places of their own too small, or too perfect, to show one. NaN where no place shows any. Raises as
    ``design_effect`` does. Source: after Rao & Scott 1992 (a common design effect).
    """
    _, (m, total_x, total_n, squares) = _parts(x, n, cluster, place)
    order = np.lexsort((squares, total_x, total_n, m))
    order = order[m[order] >= 2]
    m, total_x, total_n, squares = (one[order] for one in (m, total_x, total_n, squares))
    binomial = float((total_x * (total_n - total_x) / total_n).sum())
    return max(float((m / (m - 1) * squares).sum()) / binomial, least) if binomial > 0 else float("nan")


def effective_counts(x: Any, n: Any, d: Any, *, confidence: float = CONFIDENCE) -> Effective:
    """``x`` of ``n`` divided by the design effect ``d``, with Wilson's interval; all are broadcast.

    The share stays x/n; the interval widens by about √d. NaN where ``d`` is NaN (not known) or n = 0.
    Raises CountError for impossible counts, MethodError for a ``d`` that is not above 0 or shapes that do not fit.
    """
    x, n = check_counts(x, n)
    try:
        x, n, d = np.broadcast_arrays(x, n, np.asarray(d, dtype=np.float64))
    except ValueError as error:
        raise MethodError(
            zh=f"设计效应与计数的形状不相配（{error}）；请为每对计数给出一个设计效应。",
            en=f"The design effects do not fit the counts ({error}); give one for every pair of counts.",
        ) from error
    if ((d <= 0) | np.isinf(d)).any():
        raise MethodError(
            zh="设计效应必须大于0；相互独立的个案其值为1。",
            en="A design effect must be above 0; separate cases have 1.",
        )
    with np.errstate(invalid="ignore", divide="ignore"):
        share = x / n
    return Effective(np.asarray(x / d), np.asarray(n / d), *wilson_effective(share, n / d, confidence=confidence))


def finite_population_correction(n: Any, population: Any, *, above: float = SUBSTANTIAL) -> Floats:
    """√((N − n)/(N − 1)), by which a standard error shrinks when ``n`` of a list of ``population`` N were inspected.

    1 where n/N is not ``above`` the given share; 0 where the whole list was seen; NaN for an empty list. Each site
    counts once, however often it was visited. Source: Cochran 1977, section 2.6 (his √(1 − f) is for an s² with n − 1).
    Raises CountError for impossible counts and for more inspected than there are.
    """
    n, population = check_counts(n, population)
    with np.errstate(invalid="ignore", divide="ignore"):
        factor = np.sqrt((population - n) / np.maximum(population - 1, 1))
        return np.asarray(np.where(population == 0, np.nan, np.where(n / population > above, factor, 1.0)))


def corrected_bounds(
    x: Any, n: Any, population: Any, *, confidence: float = CONFIDENCE, above: float = SUBSTANTIAL
) -> Bounds:
    """The interval for the share of ``population`` sites that pass, from ``x`` of the ``n`` inspected.

    Where more than the share ``above`` of the list was seen, the exact interval of a finite list: all numbers of
    passing sites on the list under which ``x`` or fewer, and ``x`` or more, are each likelier than half of 1 -
    ``confidence`` (hypergeometric); a whole list seen gives x/N itself. Up to that share plain Wilson. A shortened
    standard error would not do near 100 %: with 40 of 50 sites seen and all passing it excludes one bad site among
    the ten unseen, which chance misses in one case of five. NaN where n = 0. For lists of sites each counted once,
    not for items or visits.
    Raises CountError for impossible counts and for more inspected than there are, MethodError for shapes that do not
    fit. Source: Buonaccorsi 1987, American Statistician 41:215; Wright 1991, Exact Confidence Bounds when Sampling
    from Small Finite Universes.
    """
    x, n = check_counts(x, n)
    try:
        x, n, population = np.broadcast_arrays(x, n, np.asarray(population, dtype=np.float64))
    except ValueError as error:
        raise MethodError(
            zh=f"名录数与计数的形状不相配（{error}）；请为每对计数给出名录数。",
            en=f"The list sizes do not fit the counts ({error}); give one for every pair of counts.",
        ) from error
    check_counts(n, population)
    with np.errstate(invalid="ignore", divide="ignore"):
        applies = (n > 0) & (n / population > above)
    low, high = (np.array(one) for one in wilson(x, n, confidence=confidence))
    seen, drawn, listed = (one[applies] for one in (x, n, population))
    tail = (1 - confidence) / 2
    passing = _fewest_passing(seen, drawn, listed, tail)
    failing = _fewest_passing(drawn - seen, drawn, listed, tail)
    low[applies], high[applies] = passing / listed, (listed - failing) / listed
    return Bounds(low, high)


def _fewest_passing(x: Floats, n: Floats, population: Floats, tail: float) -> Floats:
    """The fewest sites of the list that may pass: P(at least x of n) above ``tail``. By bisection, one-dimensional."""
    below, enough = x - 1, x + population - n
    while (enough - below > 1).any():
        middle = np.maximum(0.0, np.floor((below + enough) / 2))
        likely = hypergeometric_masses(x, population, middle, n).at_least > tail
        below, enough = np.where(likely, below, middle), np.where(likely, middle, enough)
    return enough


def _parts(x: Any, n: Any, cluster: Any, place: Any) -> tuple[Any, tuple[Floats, Floats, Floats, Floats]]:
    """Labels of the places and for each: clusters with cases, Σx, Σn and Σ(x_j − p·n_j)² over them."""
    x, n = (one.ravel() for one in check_counts(x, n))
    places, names = _codes(place, x.size)
    clusters, known = _codes(cluster, x.size)
    width = len(known) + 1
    pairs, row = np.unique(places * width + clusters, return_inverse=True)
    x_j, n_j = (_added(row, one, pairs.size) for one in (x, n))
    of, count = pairs // width, len(names)
    m, total_x, total_n = (_added(of, one, count) for one in (n_j > 0, x_j, n_j))
    # Sums of whole numbers are exact, so that the order of rows cannot show in the last digit.
    xx, xn, nn = (_added(of, one, count) for one in (x_j**2, x_j * n_j, n_j**2))
    p = np.divide(total_x, total_n, out=np.zeros(count), where=total_n > 0)
    return names, (m, total_x, total_n, np.maximum(xx - 2 * p * xn + p**2 * nn, 0.0))


def _added(of: Codes, values: npt.NDArray[Any], count: int) -> Floats:
    return np.bincount(of, weights=values, minlength=count).astype(np.float64)


def _codes(labels: Any, size: int) -> tuple[Codes, Any]:
    codes, names = pd.factorize(pd.Series(np.atleast_1d(np.asarray(labels, dtype=object)).ravel()))
    if codes.size != size or (codes < 0).any():
        raise MethodError(
            zh="每一行都要有单位（企业）和地方的标识，行数须与计数相同；请补上缺失的标识。",
            en="Every row needs the label of its firm and place, as many as there are counts; fill in what is missing.",
        )
    return codes.astype(np.int64), names
