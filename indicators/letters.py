"""Letters that say which areas differ: two areas share a letter exactly where they cannot be told apart.

Whether k areas differ is k(k - 1)/2 answers, too many to print. A compact letter display puts a letter or several
beside each area: areas with a letter in common do not differ beyond chance, areas without one do. Sharing a letter is
not being equal - A may share one with B, and B with C, while A and C differ. It is a display for researchers and for a
few dozen areas; readers who see "ab" and think of grades should be shown ranks with their ranges instead.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from indicators.catalogue import Indicator
from indicators.comparison import Mask, counts_of
from indicators.counts import Floats, check_counts
from indicators.errors import MethodError
from indicators.exact_tests import exact_tails, holm, two_sided

ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
MOST_LETTERS = 400
TOO_MANY = "too_many_letters"


class LetterDisplay(NamedTuple):
    """``letters`` of each area (None where there is no display), the areas by letters as a matrix of booleans, and
    ``reason``: None, or "too_many_letters" where the pattern would need more than ``MOST_LETTERS``.
    """

    letters: npt.NDArray[np.object_]
    shared: Mask
    reason: str | None


def compact_letters(significant: Any, rank: Any, *, labels: Any = None, sweep: bool = True) -> LetterDisplay:
    """Letters from ``significant``, a symmetric boolean matrix (k, k) of the pairs that differ, False on the diagonal.

    ``rank`` (k numbers, none missing) orders the areas: letter "a" holds the best one. Equal ranks are ordered by how
    the areas compare with the others, then by ``labels`` (codes), so that the order of the rows has no effect; without
    labels only areas that are alike in all this depend on it.
    Insert: each pair that differs splits every letter that holds both in two. Absorb: a letter within another goes.
    Sweep: an area loses a letter if it shares another with each other holder. Without ``sweep`` the letters are all
    largest sets of areas that do not differ, a unique display that runs without gaps ("abc"); sweeping is shorter
    ("ac") and says the same. After 52 letters they begin again with a dot before them.

    Source: Piepho 2004, J Comput Graph Stat 13:456. Raises MethodError for a matrix that is not square and symmetric or
    ranks that do not fit.
    """
    differ, ranks = _checked(significant, rank)
    order = _order(differ, ranks, labels)
    columns = _inserted(differ[np.ix_(order, order)])
    if columns is None:
        nothing = np.full(len(order), None, dtype=object)
        return LetterDisplay(nothing, np.zeros((len(order), 0), dtype=bool), TOO_MANY)
    if sweep:
        columns = _swept(columns)
    columns = _sorted(columns)
    shared = np.empty_like(columns)
    shared[order] = columns
    names = [_name(position) for position in range(columns.shape[1])]
    letters = np.array(["".join(name for name, has in zip(names, row, strict=True) if has) for row in shared], object)
    return LetterDisplay(letters, shared, None)


def differing_pairs(x: Any, n: Any, *, proportion: bool = True, alpha: float = 0.05) -> Mask:
    """Which of the k areas with ``x`` successes (events) in ``n`` cases (exposure) differ, (k, k), symmetric.

    Two-sided mid-p tests (Fisher; ratios: conditional binomial) of all pairs with Holm's correction: the chance of any
    false claim is at most ``alpha``. Areas without cases differ from nobody. Raises CountError for impossible counts,
    MethodError for counts that are no one-dimensional list of areas.
    """
    xs, ns = check_counts(x, n, proportion=proportion)
    if xs.ndim != 1:
        raise MethodError(
            zh=f"计数有{xs.ndim}维；请给出一列地方，每个地方一个分子和一个分母。",
            en=f"The counts have {xs.ndim} dimensions; give one list of areas, a numerator and a denominator for each.",
        )
    first, second = np.triu_indices(xs.size, 1)
    p = two_sided(exact_tails(xs[first], ns[first], xs[second], ns[second], proportion=proportion, mid=True))
    differ = np.zeros((xs.size, xs.size), dtype=bool)
    differ[first, second] = holm(p, alpha=alpha)
    return differ | differ.T


def letter_table(table: pd.DataFrame, indicator: Indicator, *, sweep: bool = True) -> pd.DataFrame:
    """The ``rate_table`` with a column letters for the rows whose state is value; None elsewhere, and for all rows
    where chance does not apply (interval "none") or the display needs too many letters. "a" holds the best area.
    """
    shown = (table["state"] == "value").to_numpy(dtype=bool) & (indicator.interval == "chance")
    found = np.full(len(table), None, dtype=object)
    if shown.any():
        x, n = (one[shown] for one in counts_of(table))
        value = x / n
        found[shown] = compact_letters(
            differing_pairs(x, n, proportion=indicator.counts_share),
            value if indicator.better == "lower" else -value,
            labels=table["place"].to_numpy(dtype=object)[shown],
            sweep=sweep,
        ).letters
    result = table.copy()
    result["letters"] = pd.Series(found, index=table.index, dtype=object)
    return result


def _checked(significant: Any, rank: Any) -> tuple[Mask, Floats]:
    differ = np.asarray(significant, dtype=bool)
    ranks = np.asarray(rank, dtype=np.float64)
    if differ.ndim != 2 or differ.shape[0] != differ.shape[1] or (differ != differ.T).any() or differ.diagonal().any():
        raise MethodError(
            zh="显著性矩阵必须是对称方阵，且对角线为否；请逐对给出结果。",
            en="The matrix of differing pairs must be square and symmetric, False on its diagonal.",
        )
    if ranks.shape != differ.shape[:1] or np.isnan(ranks).any():
        raise MethodError(
            zh=f"名次有{ranks.size}个，矩阵有{len(differ)}个地方；请为每个地方给出一个名次。",
            en=f"There are {ranks.size} ranks for {len(differ)} areas; give every area one rank, none missing.",
        )
    return differ, ranks


def _order(differ: Mask, ranks: Floats, labels: Any) -> npt.NDArray[np.intp]:
    names = [""] * len(ranks) if labels is None else [str(label) for label in labels]
    pattern = [(ranks[row], int(differ[row].sum()), tuple(sorted(ranks[differ[row]]))) for row in range(len(ranks))]
    return np.array(sorted(range(len(ranks)), key=lambda row: (*pattern[row], names[row])), dtype=np.intp)


def _inserted(differ: Mask) -> Mask | None:
    """All largest sets of areas none of which differ, as columns; None if there are too many.

    All pairs of one area are inserted at once: a set that holds an area which differs from the new one is kept without
    the new one and doubled with it, less those that differ.
    """
    columns = np.ones((len(differ), int(len(differ) > 0)), dtype=bool)
    columns[1:] = False
    for area in range(1, len(differ)):
        split = (columns & differ[area][:, None]).any(axis=0)
        joined = columns & ~differ[area][:, None]
        joined[area] = True
        columns = np.column_stack([columns[:, split], _absorbed(joined)])
        if columns.shape[1] > MOST_LETTERS:
            return None
    return columns


def _absorbed(columns: Mask) -> Mask:
    """Without the columns that lie within another one; of equal columns the first stays."""
    counts = columns.astype(np.float32)
    sizes = counts.sum(axis=0)
    within = counts.T @ counts == sizes[:, None]
    equal = within & (sizes[:, None] == sizes)
    return columns[:, ~(within & ~equal | np.tril(equal, -1)).any(axis=1)]


def _swept(columns: Mask) -> Mask:
    """Without the memberships that no pair needs, looked for from the last letter and the last area upward."""
    columns = _sorted(columns)
    together = columns.astype(np.int64) @ columns.T.astype(np.int64)
    for column in range(columns.shape[1] - 1, -1, -1):
        for area in np.flatnonzero(columns[:, column])[::-1]:
            holders = np.flatnonzero(columns[:, column])
            if (together[area, holders] >= 2).all():
                together[area, holders] -= 1
                together[holders, area] -= holders != area
                columns[area, column] = False
    return _absorbed(columns[:, columns.any(axis=0)])


def _sorted(columns: Mask) -> Mask:
    """Letters in the order of the best areas that hold them."""
    return columns[:, np.lexsort(~columns[::-1])] if columns.size else columns


def _name(position: int) -> str:
    return "." * (position // len(ALPHABET)) + ALPHABET[position % len(ALPHABET)]
