"""Why several rates differ when more than one thing differs: Das Gupta's standardisation and decomposition.

Kitagawa (`indicators.decomposition`) takes the gap of two groups apart by one structure. Das Gupta's method answers
three wider questions with the same idea, holding everything but one factor at the level common to both sides:

* the rate is a product of factors, or any function of them (cases per resident = reports per resident × cases per
  report): how much of the gap comes through each factor? (`standardise`)
* the cases are cross-classified (by channel and by category): how much comes from the mix of each classification,
  and how much from the rates themselves? (`standardise_structure`)
* there are more than two populations: pairwise answers contradict each other (A to B and B to C do not add up to A
  to C); a second averaging gives each population one standardised rate for each factor, consistent for all pairs.

The effects add up to the gap exactly, for any number of factors and in any order. For two factors the common level
is the plain average of both sides; for more it is the average over all orders in which the factors might be changed
(the same weights as the Shapley value). The method describes and does not explain: an effect is "numerically
attributable", not caused. It must not be used where cells are so small that their rates are noise, and the effects
depend on which factors are named.

Source: Das Gupta 1993, Standardization and Decomposition of Rates: A User's Manual, Current Population Reports
P23-186; Das Gupta 1991, Mathematical Population Studies 3:1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from indicators.counts import Floats, check_counts
from indicators.errors import MethodError

MOST_FACTORS = 6
"""The work doubles with each factor, and nobody can read more."""

Rate = Callable[..., Any]


class Standardised(NamedTuple):
    """What `standardise` finds for P factors and N populations, in the units of the rate.

    rates  (P, N): row f is the rate each population would have if it differed from the others in factor f alone
    crude  (N,): the rates as they are
    """

    rates: Floats
    crude: Floats

    def effects(self, first: int = 0, second: int = 1) -> Floats:
        """The effect of every factor on the rate of population ``first`` minus that of ``second``, shape (P,)."""
        return self.rates[:, first] - self.rates[:, second]


def product_rate(*factors: Floats) -> Floats:
    """The product of the factors, added over the cells (last axis)."""
    return np.asarray(np.prod(np.broadcast_arrays(*factors), axis=0).sum(axis=-1))


def standardise(populations: Sequence[Sequence[Any]], *, rate: Rate = product_rate) -> Standardised:
    """Rates of N ≥ 2 populations standardised for all factors but one, for each of P factors (at most six).

    ``populations[k][f]`` is factor f of population k: a number, or an array over the cells (age groups, categories),
    the same cells for all. ``rate`` makes the rate out of the factors; it is called with P arrays whose last axis is
    the cells and must reduce that axis, keeping any axes before it (default: the product added over the cells).
    For populations 1 and 2, factor a of 1 against a mixture of both in the others: Q = Σ over the sets S of other
    factors taken from 2 of rate(a₁, S) / (P·C(P−1, |S|)).
    For N > 2 the pairwise rates are made consistent by equation 6.11. Every effect is a difference of two standardised
    rates; the effects of all factors add up to the difference of the crude rates exactly (to rounding).
    NaN in a factor gives NaN. Raises MethodError for fewer than two populations, a differing or excessive number of
    factors, or cells that do not fit.
    """
    values = _stacked(populations)
    size = values.shape[1]
    i, j = np.triu_indices(size, 1)
    mixed = _pairwise(values[:, i], values[:, j], rate)
    crude = np.asarray(rate(*values), dtype=np.float64)
    return Standardised(_consistent(mixed, i, j, size), np.broadcast_to(crude, (size,)).copy())


def structure_factors(sizes: Any, *, factors: int) -> Floats:
    """The share of every cell as a product of one symmetric factor for each classification, shape (K, *sizes.shape).

    The last K = ``factors`` axes of ``sizes`` are the classifications; axes before them are populations. Factor A of
    cell (i, j): (N_ij/N_.j)^½ · (N_i./N_..)^½; with three classifications the exponents are 1/3, 1/6, 1/6, 1/3
    (equation 5.36), in general 1/(K·C(K−1, s)) for the ratio within s of the other classifications.
    The product over the factors is the share N_ij/N_.. exactly; a cell without cases has factors 0.
    """
    sizes = np.asarray(sizes, dtype=np.float64)
    axes = range(sizes.ndim - factors, sizes.ndim)
    result = np.ones((factors, *sizes.shape))
    for f, axis in enumerate(axes):
        others = [other for other in axes if other != axis]
        for count in range(factors):
            for within in combinations(others, count):
                summed = tuple(other for other in others if other not in within)
                upper = sizes.sum(axis=summed, keepdims=True)
                lower = upper.sum(axis=axis, keepdims=True)
                ratio = np.divide(upper, lower, out=np.zeros(upper.shape), where=lower > 0)
                result[f] *= ratio ** (1 / (factors * comb(factors - 1, count)))
    return np.where(sizes > 0, result, 0.0)


def standardise_structure(sizes: Any, rates: Any) -> Standardised:
    """Rates of N ≥ 2 populations whose cases are cross-classified by K = 1 to 4 classifications.

    ``sizes`` and ``rates`` have the shape (N, c₁, …, c_K): cases (any unit, not negative) and rate in every cell; the
    rate of a cell without cases may be NaN. Returns K + 1 rows of standardised rates: one for the composition by each
    classification in the order of the axes, the last for the rates themselves (the like-for-like difference).
    For two populations: rate effect Σ (t₁ − t₂)(w₁ + w₂)/2, composition effects Σ (t₁ + t₂)/2 · Q(factor) with the
    factors of `structure_factors`. With one classification it is Kitagawa's decomposition.
    If only one of two populations has cases in a cell, the other is given its rate, so the cell's effect is all
    composition. A population without cases gets NaN, and so do all others. Raises MethodError for shapes that do not
    fit or negative sizes.
    """
    sizes, rates = np.asarray(sizes, dtype=np.float64), np.asarray(rates, dtype=np.float64)
    classifications = sizes.ndim - 1
    if sizes.shape != rates.shape or not 1 <= classifications <= 4 or len(sizes) < 2 or (sizes < 0).any():
        raise MethodError(
            zh=f"分层的例数形状为{sizes.shape}，比率形状为{rates.shape}；两者须同为（人群，分类1，…，至多分类4），至少两个人群，例数不得为负。",
            en=f"Sizes have the shape {sizes.shape} and rates {rates.shape}; both must be (populations, classification"
            " 1, … at most 4), with at least two populations and no negative size.",
        )
    size = len(sizes)
    total = sizes.reshape(size, -1).sum(axis=1)
    parts = structure_factors(sizes, factors=classifications).reshape(classifications, size, -1)
    shares, rates = parts.prod(axis=0), rates.reshape(size, -1)
    empty = shares == 0
    i, j = np.triu_indices(size, 1)
    t_i = np.where(empty[i], np.where(empty[j], 0.0, rates[j]), rates[i])
    t_j = np.where(empty[j], np.where(empty[i], 0.0, rates[i]), rates[j])
    weight = (shares[i] + shares[j]) / 2
    level = np.stack([(t_i * weight).sum(axis=-1), (t_j * weight).sum(axis=-1)])
    middle = (t_i + t_j) / 2
    mixed = _pairwise(parts[:, i], parts[:, j], lambda *factors: (np.prod(factors, axis=0) * middle).sum(axis=-1))
    found = _consistent(np.concatenate([mixed, level[:, None]], axis=1), i, j, size)
    crude = np.where(empty, 0.0, shares * np.where(empty, 0.0, rates)).sum(axis=-1)
    return Standardised(np.where((total > 0).all(), found, np.nan), np.where(total > 0, crude, np.nan))


@dataclass(frozen=True)
class StructureDecomposition:
    """Standardised rates by part and population: ``rates`` has the rows of ``parts`` and "crude" as its last row."""

    parts: tuple[str, ...]
    rates: pd.DataFrame

    def effects(self, first: str, second: str) -> pd.Series:
        """What each part adds to the rate of ``first`` minus that of ``second``; the sum is the gap exactly."""
        return (self.rates[first] - self.rates[second]).loc[list(self.parts)]


def decompose_structure(tables: Mapping[str, pd.DataFrame], *, by: Sequence[str]) -> StructureDecomposition | None:
    """`standardise_structure` for named frames of counts: columns ``by`` (the classifications), x and n.

    Parts are named after the classifications; the last is "rate". Rows of a frame that share ``by`` are added; rows
    with NaN in n are places without data and are left out. None if a population has no cases or, where the frame has
    a column state (a ``rate_table``), if a count is hidden.
    Raises CountError for impossible counts, MethodError for fewer than two populations, no classification, or a row
    with cases whose category is missing.
    """
    if len(tables) < 2 or not by:
        raise MethodError(
            zh=f"有{len(tables)}个人群、{len(by)}种分类；至少需要两个人群和一种分类。",
            en=f"There are {len(tables)} populations and {len(by)} classifications; give at least two and one.",
        )
    if any("state" in table.columns and (table["state"] == "hidden").any() for table in tables.values()):
        return None
    if any(not table["n"].sum() > 0 for table in tables.values()):
        return None
    present = {name: table[table["n"].notna()] for name, table in tables.items()}
    counted = []
    for name, table in present.items():
        check_counts(table["x"], table["n"], what=str(name))
        for level in by:
            _check_categories(table[level], population=str(name))
        counted.append(table.groupby(list(by), observed=True)[["x", "n"]].sum())
    cells = pd.MultiIndex.from_product(
        [sorted({key for table in present.values() for key in table[level].unique()}, key=str) for level in by],
        names=list(by),
    )
    shape = (len(tables), *(len(level) for level in cells.levels))
    both = np.stack([one.reindex(_as_multi(cells, one)).fillna(0.0).to_numpy() for one in counted])
    x, n = (np.reshape(both[..., at], shape) for at in (0, 1))
    found = standardise_structure(n, np.divide(x, n, out=np.full(shape, np.nan), where=n > 0))
    parts = (*by, "rate")
    frame = pd.DataFrame(
        np.vstack([found.rates, found.crude]), index=pd.Index([*parts, "crude"], name="part"), columns=list(tables)
    )
    return StructureDecomposition(parts, frame)


def _check_categories(categories: pd.Series, *, population: str) -> None:
    missing = int(categories.isna().sum())
    if missing:
        raise MethodError(
            zh=f"“{population}”有{missing}行缺少“{categories.name}”的类别；请补上，或把它们单独归为一类（例如“未分类”）。",
            en=f"{population} has {missing} rows without a category in {categories.name}; fill it in, or give them one"
            " of their own such as “unclassified”.",
        )


def _as_multi(cells: pd.MultiIndex, counted: pd.DataFrame) -> pd.Index:
    return cells if counted.index.nlevels > 1 else cells.get_level_values(0)


def _stacked(populations: Sequence[Sequence[Any]]) -> Floats:
    """Factors × populations × cells."""
    counts = {len(one) for one in populations}
    if len(populations) < 2 or len(counts) != 1 or not 1 <= max(counts) <= MOST_FACTORS:
        raise MethodError(
            zh=f"共{len(populations)}个人群，因素个数为{sorted(counts)}；需要至少两个人群，因素个数相同且为1到{MOST_FACTORS}。",
            en=f"{len(populations)} populations with {sorted(counts)} factors; give at least two populations with the"
            f" same number of factors, 1 to {MOST_FACTORS}.",
        )
    arrays = [np.atleast_1d(np.asarray(value, dtype=np.float64)) for one in populations for value in one]
    try:
        fitted = np.broadcast_arrays(*arrays)
    except ValueError as error:
        raise MethodError(
            zh=f"各因素的分组数不一致（{error}）；请让所有人群、所有因素使用相同的分组。",
            en=f"The factors do not have the same cells ({error}); use the same cells for all populations and factors.",
        ) from error
    if fitted[0].ndim > 1:
        raise MethodError(
            zh="每个因素须是一个数或一列数。", en="Each factor must be a number or one row of numbers over the cells."
        )
    return np.stack(fitted).reshape(len(populations), max(counts), -1).swapaxes(0, 1)


def _pairwise(first: Floats, second: Floats, rate: Rate) -> Floats:
    """Standardised rates (2, P, pairs) of pairs given as factors × pairs × cells.

    The rate of every mixture is made once: bit f of the mixture says that factor f comes from the second population.
    """
    factors = len(first)
    mixtures = [
        np.asarray(rate(*(second[f] if mixture >> f & 1 else first[f] for f in range(factors))), dtype=np.float64)
        for mixture in range(2**factors)
    ]
    result = np.zeros((2, factors, first.shape[1]))
    for mixture in range(2**factors):
        for f in range(factors):
            if not mixture >> f & 1:
                weight = 1 / (factors * comb(factors - 1, mixture.bit_count()))
                result[0, f] += weight * mixtures[mixture]
                result[1, f] += weight * mixtures[mixture | 1 << f]
    return result


def _consistent(mixed: Floats, i: Any, j: Any, size: int) -> Floats:
    """One standardised rate for each factor and population out of the pairwise ones (2, P, pairs): equation 6.11."""
    pairs = np.zeros((mixed.shape[1], size, size))
    pairs[:, i, j], pairs[:, j, i] = mixed[0], mixed[1]
    own, against = pairs.sum(axis=2), pairs.sum(axis=1)
    rest = own.sum(axis=1, keepdims=True) - own - (size - 1) * against
    return own / (size - 1) + rest / (size * (size - 1))
