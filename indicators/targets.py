"""Targets in whole cases: what is missing, what it would take, and whether a count is clearly above or below.

"Three more solved cases reach 95 %" is the sentence a township head can act on. It is arithmetic and not inference:
reaching a target or a rank on paper is no evidence of a better level, so such a sentence belongs beside an interval.
Everything here is exact. Floating point turns 0.95 · 200 into a number a little beside 190 and asks for one case too
many, so a target is taken as the decimal it is written as and all comparisons are made in whole numbers. Asking for
something impossible is answered by None.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from scipy import stats

from indicators.counts import check_counts
from indicators.errors import MethodError


def cases_short(x: int, n: int, *, target: float) -> int:
    """How many more of the ``n`` cases would have had to succeed to reach ``target`` (a share); 0 if it is reached.

    Exact: the target is taken as the decimal it is written as, so that 190 of 200 does reach 0.95.
    Raises CountError for impossible counts and MethodError for a target outside 0 to 1.
    """
    x, n = _counts(x, n)
    return max(0, math.ceil(exact_share(target) * n) - x)


def cases_over(x: int, n: int, *, target: float) -> int:
    """How many of the counted cases are too many where ``target`` (a share) is an upper limit; 0 if it is kept.

    Exact and checked as ``cases_short``.
    """
    x, n = _counts(x, n)
    return max(0, x - math.floor(exact_share(target) * n))


def target_tails(x: int, n: int, *, target: float) -> tuple[float, float]:
    """P(X ≤ x) and P(X ≥ x) among ``n`` cases if the true share were exactly ``target`` (exact binomial)."""
    (x, n), share = _counts(x, n), float(exact_share(target))
    return float(stats.binom.cdf(x, n, share)), float(stats.binom.sf(x - 1, n, share))


def exact_share(target: float | Decimal | Fraction) -> Fraction:
    """A target as the decimal it is written as: 0.95 is 19/20. A Fraction (the rate x/n of a district) stays itself.

    0 and 1 are allowed. Raises MethodError for anything outside.
    """
    try:
        exact = Fraction(target) if isinstance(target, (Fraction, Decimal)) else Fraction(str(target))
    except (ValueError, OverflowError):
        exact = Fraction(-1)
    if not 0 <= exact <= 1:
        raise MethodError(
            zh=f"目标是{target}；请给出0到1之间的数，例如0.95。",
            en=f"The target is {target}; give a share from 0 to 1, such as 0.95.",
        )
    return exact


def backlog_needed(x: int, n: int, *, target: float | Fraction, still_open: int | None = None) -> int | None:
    """How many of the open cases must still succeed for x/n to reach ``target``; 0 if it is reached.

    k = max(0, ⌈T·n − x⌉). ``still_open`` says how many of the n − x cases without success can still succeed (all of
    them, if it is not given). None if even all of them are too few, or if there are no cases.
    Raises CountError for impossible counts (also more open cases than n − x), MethodError for a target outside 0..1.
    """
    x, n = _counts(x, n)
    share = exact_share(target)
    can = _open(x, n, still_open)
    needed = max(0, math.ceil(share * n) - x)
    return needed if n and needed <= can else None


def new_successes_needed(x: int, n: int, *, target: float | Fraction) -> int | None:
    """How many new cases, all of them successful, bring x/n to ``target``: k = max(0, ⌈(T·n − x)/(1 − T)⌉).

    None if the target is 1 and x < n: a failure never leaves the rate. Without cases one is needed, because no cases
    have no rate. Raises CountError for impossible counts, MethodError for a target outside 0..1.
    """
    x, n = _counts(x, n)
    share = exact_share(target)
    if n == 0:
        return 1
    if x >= share * n:
        return 0
    return None if share == 1 else math.ceil((share * n - x) / (1 - share))


def new_clean_needed(x: int, n: int, *, target: float | Fraction) -> int | None:
    """The same where lower is better: how many new cases without the event bring x/n down to the limit ``target``.

    k = max(0, ⌈x/T⌉ − n); None if the limit is 0 and an event has happened; 1 if there are no cases.
    Raises CountError for impossible counts, MethodError for a target outside 0..1.
    """
    x, n = _counts(x, n)
    share = exact_share(target)
    if n == 0:
        return 1
    if x <= share * n:
        return 0
    return None if share == 0 else math.ceil(x / share) - n


def cases_to_rank(
    x: int, n: int, others: Iterable[tuple[int, int]], *, rank: int, better: str, still_open: int | None = None
) -> int | None:
    """How many of the ``n`` cases must turn out otherwise to stand at ``rank`` or better among the ``others``.

    Rank 1 is best and equal rates share the better rank, so the rank is reached once at most ``rank`` − 1 of the
    others are strictly better: with q the ``rank``-th best rate of the others, k = max(0, ⌈q·n − x⌉) for ``better``
    "higher" (further successes) and max(0, x − ⌊q·n⌋) for "lower" (events less). The others stay as they are; those
    without cases have no rate and no place. 0 if the rank is reached, or fewer than ``rank`` others have cases.
    ``still_open`` says how many cases can still turn out otherwise (all n − x, or for "lower" all x, if not given);
    None if they are too few, or if there are no cases.
    Raises CountError for impossible counts, MethodError for a rank below 1 or an unknown ``better``.
    """
    x, n = _counts(x, n)
    bar = _bar(others, rank=rank, better=better)
    can = _open(n - x if better == "lower" else x, n, still_open)
    if n == 0:
        return None
    if bar is None:
        return 0
    needed = x - math.floor(bar * n) if better == "lower" else math.ceil(bar * n) - x
    needed = max(0, needed)
    return needed if needed <= can else None


def new_cases_to_rank(x: int, n: int, others: Iterable[tuple[int, int]], *, rank: int, better: str) -> int | None:
    """How many new cases, all successful (for ``better`` "lower": all without the event), lead to ``rank``.

    As `cases_to_rank`, but the denominator grows; None if no number of new cases is enough: the bar is a perfect
    record and there is a failure. Without cases at least one is needed, because no cases have no rate.
    Raises CountError for impossible counts, MethodError for a rank below 1 or an unknown ``better``.
    """
    x, n = _counts(x, n)
    bar = _bar(others, rank=rank, better=better)
    if bar is None:
        return 0 if n else 1
    needed = new_clean_needed if better == "lower" else new_successes_needed
    return needed(x, n, target=bar)


def _counts(x: int, n: int) -> tuple[int, int]:
    xs, ns = check_counts(x, n)
    return int(xs), int(ns)


def _open(x: int, n: int, still_open: int | None) -> int:
    """How many cases can still turn: at most n − x."""
    return n - x if still_open is None else _counts(still_open, n - x)[0]


def _bar(others: Iterable[tuple[int, int]], *, rank: int, better: str) -> Fraction | None:
    """The ``rank``-th best rate of the others, None if there are fewer."""
    if better not in ("higher", "lower"):
        raise MethodError(
            zh=f"“better”是{better!r}；请给出“higher”或“lower”。", en=f'better is {better!r}; give "higher" or "lower".'
        )
    if rank < 1:
        raise MethodError(zh=f"名次是{rank}；名次从1开始。", en=f"The rank is {rank}; ranks start at 1.")
    listed = list(others)
    check_counts([x for x, _ in listed], [n for _, n in listed])
    rates = [Fraction(int(x), int(n)) for x, n in listed if n]
    rates.sort(reverse=better == "higher")
    return rates[rank - 1] if len(rates) >= rank else None
