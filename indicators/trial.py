"""Try it: what may be said of x successes among n cases, by the very rules that judge the places.

Somebody who types 20 of 20 and sees "plausibly 83.8 % to 100 %, no clear difference" has understood more about a
ranking than any manual explains. So the answer must be the real one: the interval of ``values``, the verdict of
``verdicts.judge``, the difference of ``intervals.newcombe``, nothing rebuilt. It is one comparison and not a screening:
where many places are judged at once, the false discovery rate asks more of each before it may be named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from indicators.counts import LARGEST_COUNT, check_counts
from indicators.exact_tests import exact_tails, fdr
from indicators.intervals import wilson
from indicators.targets import cases_over, cases_short
from indicators.values import State
from indicators.verdicts import LOOK, Verdict, judge

Better = Literal["higher", "lower", "neutral"]


@dataclass(frozen=True)
class Trial:
    """What may be said of ``x`` of ``n`` beside ``rest_x`` of ``rest_n``; shares, NaN where there is nothing to say.

    rate, low, high   x / n with its 95 % interval (Wilson)
    rest_rate         rest_x / rest_n
    difference, difference_low, difference_high   rate minus rest_rate with its 95 % interval (Newcombe)
    p_low, p_high     exact one-sided tails; NaN where nothing was tested (no cases, or fewer than the minimum)
    verdict           as in ``verdict_table``, of one single comparison
    immaterial        a real difference that is too small to matter
    flawless          the best record there can be: x = n, or x = 0 where lower is better
    flawless_needed   cases a flawless record needs before it stands out from this rest; None where none ever would
    target, short     the target (a share, or None) and how many cases are missing (lower is better: too many) for it
    """

    x: int
    n: int
    rest_x: int
    rest_n: int
    rate: float
    low: float
    high: float
    rest_rate: float
    difference: float
    difference_low: float
    difference_high: float
    p_low: float
    p_high: float
    verdict: Verdict
    immaterial: bool
    flawless: bool
    flawless_needed: int | None
    target: float | None
    short: int | None

    @property
    def judged(self) -> bool:
        """Whether there was a test: enough cases, and a rest to compare with."""
        return bool(np.isfinite(self.p_low))


def try_counts(
    x: int, n: int, rest_x: int, rest_n: int, *, better: Better = "higher", target: float | None = None,
    minimum: int = 10, materiality: float = 0.003,
) -> Trial:  # fmt: skip
    """Judge ``x`` successes among ``n`` cases against ``rest_x`` among ``rest_n``, which they are no part of.

    ``better`` says which way is good, ``target`` is a share or None; ``minimum`` and ``materiality`` as in
    ``verdict_table``. n = 0 is no data, rest_n = 0 leaves nothing to compare with. Raises CountError for counts that
    cannot be a rate.
    """
    own, rest = check_counts([x], [n], what="first side"), check_counts([rest_x], [rest_n], what="second side")
    state = np.array([State.VALUE.value if n else State.NO_DATA.value], dtype=object)
    judged = judge(
        *own, *rest, state, proportion=True, better=better, per=1, chance=True, minimum=minimum,
        materiality=materiality, standing=fdr,
    )  # fmt: skip
    bounds = wilson(*own)
    short = None
    if target is not None and n:
        short = cases_over(x, n, target=target) if better == "lower" else cases_short(x, n, target=target)
    return Trial(
        x=int(x), n=int(n), rest_x=int(rest_x), rest_n=int(rest_n),
        rate=x / n if n else float("nan"), low=float(bounds.low[0]), high=float(bounds.high[0]),
        rest_rate=float(judged.rest_value[0]),
        difference=float(judged.difference.difference[0]),
        difference_low=float(judged.difference.low[0]), difference_high=float(judged.difference.high[0]),
        p_low=float(judged.tails.low[0]), p_high=float(judged.tails.high[0]),
        verdict=Verdict(judged.verdict[0]), immaterial=bool(judged.immaterial[0]),
        flawless=n > 0 and x == (0 if better == "lower" else n),
        flawless_needed=flawless_needed(rest_x, rest_n, better=better), target=target, short=short,
    )  # fmt: skip


def flawless_needed(rest_x: int, rest_n: int, *, better: Better = "higher") -> int | None:
    """Cases that a flawless record needs before its exact tail against this rest falls below ``LOOK``.

    With a large rest this is ``verdicts.smallest_perfect_record`` of its rate; a small rest is itself uncertain and
    asks for more. None where the rest is empty or flawless itself, or no count that can be handled is enough.
    """
    failures = rest_x if better == "lower" else rest_n - rest_x
    if rest_n == 0 or failures == 0:
        return None

    def stands_out(size: int) -> bool:
        return bool(exact_tails(size, size, rest_n - failures, rest_n).high < LOOK)

    above = 1
    while not stands_out(above):
        if above > LARGEST_COUNT // 2:
            return None
        above *= 2
    below = above // 2
    while above - below > 1:
        middle = (below + above) // 2
        below, above = (below, middle) if stands_out(middle) else (middle, above)
    return above
