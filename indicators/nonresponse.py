"""What a satisfaction rate is worth when only part of those who were asked have answered.

The share of satisfied answers says something about those who answered. About everybody who was to be asked it says
only what the answers leave open: the silent may all be satisfied or none of them (Manski's bounds, which assume
nothing). A middle way states its assumption aloud: the silent are less satisfied by so many percentage points. Where
the make-up of all invited is known (channel, category of issue), weighting the answers to it removes the part of the
bias that comes from one kind answering more readily; it cannot remove the rest. None of this mends a selection that
happened earlier: usually only closed cases are called back at all.

A rate never stands without its response rate. Below 20 % it is shown in grey and not ranked; areas whose response
rates lie 10 percentage points or more apart are compared only after weighting.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from indicators.counts import Floats, check_counts, check_share
from indicators.errors import MethodError
from indicators.intervals import CONFIDENCE, Bounds, wilson
from indicators.standardisation import standardised_rate

LOWER_BY = 0.10
"""How much less satisfied the silent are assumed to be in the middle way, a share."""

LEAST_RESPONSE = 0.20
LARGEST_GAP = 0.10


class NoComparison(StrEnum):
    """Why an area, or the whole set of areas, is not compared."""

    NO_DATA = "no_data"
    LOW_RESPONSE = "low_response"
    RESPONSE_DIFFERS = "response_differs"


class ResponseRates(NamedTuple):
    """Shares: reached of invited, answered of reached, answered of invited; NaN where the whole is 0."""

    reach: Floats
    answer: Floats
    response: Floats


class PostStratified(NamedTuple):
    """A weighted share with its interval; all arrays have the shape of the counts without the last axis.

    effective  effective number of answers behind the interval
    covered    share of the weight that stands in strata with answers; below 1 the share speaks for those alone
    """

    rate: Floats
    low: Floats
    high: Floats
    effective: Floats
    covered: Floats


class Comparability(NamedTuple):
    """Whether areas may be compared with each other.

    together  True if the areas without a reason of their own may be compared
    spread    largest minus smallest response rate among those (NaN if there are none)
    reason    None, or NoComparison.RESPONSE_DIFFERS
    reasons   one entry an area: None, or NoComparison.NO_DATA or LOW_RESPONSE
    """

    together: bool
    spread: float
    reason: NoComparison | None
    reasons: npt.NDArray[np.object_]


def response_rates(invited: Any, reached: Any, answered: Any) -> ResponseRates:
    """How many of those drawn were reached and answered; counts of equal shape, answered ≤ reached ≤ invited.

    ``invited`` holds everybody who was to be asked, also those never reached and those of whom nothing is known, so
    that response is AAPOR's RR1 = I/((I+P)+(R+NC+O)+(UH+UO)), reach its CON1 and answer its COOP1.
    Raises CountError for impossible counts.

    Source: AAPOR 2023, Standard Definitions, 10th edition.
    """
    reached, invited = check_counts(reached, invited, what="reached")
    answered, reached = check_counts(answered, reached, what="answered")
    return ResponseRates(_share(reached, invited), _share(answered, reached), _share(answered, invited))


def manski_bounds(satisfied: Any, answered: Any, invited: Any) -> Bounds:
    """Between which shares the satisfaction of all invited must lie, whatever the silent think.

    [S/N, (S + N − R)/N] for S satisfied among R answers of N invited; width 1 − R/N. NaN where nobody was invited.
    Chance is not in it: the bounds hold for exactly these N. Raises CountError for impossible counts.

    Source: Manski 1989, Journal of Human Resources 24:343; Manski 2003, Partial Identification of Probability
    Distributions, ch. 1.
    """
    satisfied, answered, invited = _nested(satisfied, answered, invited)
    return Bounds(_share(satisfied, invited), _share(satisfied + invited - answered, invited))


def middle_way(satisfied: Any, answered: Any, invited: Any, *, lower_by: float = LOWER_BY) -> Floats:
    """Satisfaction of all invited if the silent are less satisfied by ``lower_by`` (a share, 0.10 = 10 points).

    r·p + (1 − r)·max(0, p − lower_by) with p = S/R, r = R/N; 394 of 400 answers among 1,000 give 92.5 %. It lies within
    Manski's bounds for any ``lower_by`` from 0 up. NaN where nobody answered. Raises CountError for impossible counts,
    MethodError for a ``lower_by`` below 0 or not below 1.

    Source: pattern-mixture sensitivity analysis, Rubin 1977, JASA 72:538; Little 1993, JASA 88:125.
    """
    if not 0 <= lower_by < 1:
        raise MethodError(
            zh=f"未作答者满意率低{lower_by!r}；请给出不小于0、小于1的数，例如0.10。",
            en=f"The silent are lower by {lower_by!r}; give a share from 0 up and below 1, such as 0.10.",
        )
    satisfied, answered, invited = _nested(satisfied, answered, invited)
    rate, response = _share(satisfied, answered), _share(answered, invited)
    return np.asarray(response * rate + (1 - response) * np.maximum(0.0, rate - lower_by))


def post_stratified(x: Any, n: Any, weights: Any, *, confidence: float = CONFIDENCE) -> PostStratified:
    """Σ W_h·x_h/n_h over strata (last axis), W_h known shares or totals of all invited, with Wilson's interval.

    ``x`` of ``n`` answers per stratum; ``weights`` of a shape that broadcasts, 0 or more, scaled to sum 1. This is
    :func:`indicators.standardisation.standardised_rate` with the make-up of the invited for its mix, and the same
    effective number: at most 1/Σ(W_h²/n_h), which is Kish's (Σw)²/Σw² for answers that weigh W_h/n_h each, and less
    where the strata's own variances make it less. (METHODS has Kish's alone. At a rate of 99 %, half of the weight on
    ten answers, a 95 % interval on that covered 86 to 90 %, on this one 93 % and more; where only eight answers carry
    so much, both may fall to 89 %.) A stratum with weight and no answers cannot speak: the others' weights are scaled
    up and ``covered`` falls below 1. NaN where no stratum with weight has answers. The interval covers chance only.
    Exactly 0 or 1 where every answer is alike.
    Raises CountError for impossible counts, MethodError for weights that are negative, missing or all 0.

    Source: Holt & Smith 1979, JRSS-A 142:33; effective number: Kish 1965, Survey Sampling, 11.7; Kish 1992, Journal of
    Official Statistics 8:183.
    """
    rate, low, high, n_eff, covered = standardised_rate(x, n, weights, drop_empty=True, confidence=confidence)
    return PostStratified(rate, low, high, np.where(covered > 0, n_eff, 0.0), covered)


def comparable(
    answered: Any,
    invited: Any,
    *,
    weighted: bool = False,
    largest_gap: float = LARGEST_GAP,
    least_response: float = LEAST_RESPONSE,
) -> Comparability:
    """Which areas (one-dimensional counts) may be ranked, and whether they may be compared with each other.

    An area with a response rate below ``least_response`` is not ranked (low_response), one without invitations has no
    data. The others are compared if their response rates differ by less than ``largest_gap``, or if the rates are
    ``weighted`` (see :func:`post_stratified`). Raises CountError, or MethodError for limits outside 0 to 1.
    """
    check_share(largest_gap, what="largest gap", zh="回应率差距上限")
    check_share(least_response, what="least response", zh="回应率下限")
    answered, invited = check_counts(answered, invited, what="answered")
    # Rounding: 0.45 - 0.35 must not pass for less than 0.10.
    response = np.round(_share(answered, invited), 12)
    reasons = np.full(response.shape, None, dtype=object)
    reasons[response < least_response] = NoComparison.LOW_RESPONSE
    reasons[np.isnan(response)] = NoComparison.NO_DATA
    left = response[reasons == None]  # noqa: E711 (element by element)
    if not left.size:
        return Comparability(False, math.nan, None, reasons)
    spread = float(np.round(np.ptp(left), 12))
    differs = spread >= largest_gap and not weighted
    return Comparability(not differs, spread, NoComparison.RESPONSE_DIFFERS if differs else None, reasons)


def satisfaction_table(
    counts: pd.DataFrame,
    *,
    by: Sequence[str] = ("place",),
    invited: str = "called_back",
    reached: str = "reached",
    answered: str = "reached",
    satisfied: str = "satisfied",
    lower_by: float = LOWER_BY,
) -> pd.DataFrame:
    """Satisfaction with everything that must stand beside it, one row per combination of ``by`` (in order of code).

    ``counts`` holds the four named counter columns; rows that share ``by`` (without ``by`` all of them) are added.
    Where only "reached" is recorded it counts as answered. Returns ``by``, invited, reached, answered, satisfied, rate
    with low and high (Wilson, 95 %, chance only), response, reach, sure_low and sure_high (Manski), middle (see
    :func:`middle_way`) and reason (None, no_data or low_response). Shares between 0 and 1; NaN where nobody answered.
    Raises CountError for impossible counts and KeyError for an absent column.
    """
    columns = {"invited": invited, "reached": reached, "answered": answered, "satisfied": satisfied}
    rows = pd.DataFrame(
        {name: counts[name].array for name in by} | {name: counts[source].array for name, source in columns.items()}
    )
    groups: Any = list(by) or (lambda _: 0)  # without ``by`` every row belongs to the one group
    table = rows.groupby(groups, sort=True, dropna=False).sum(min_count=1, skipna=False).reset_index(drop=not by)
    n, m, r, s = (table[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in columns)
    rates, (sure_low, sure_high) = response_rates(n, m, r), manski_bounds(s, r, n)
    table["rate"] = _share(s, r)
    table["low"], table["high"] = wilson(s, r)
    table["response"], table["reach"] = rates.response, rates.reach
    table["sure_low"], table["sure_high"] = sure_low, sure_high
    table["middle"] = middle_way(s, r, n, lower_by=lower_by)
    table["reason"] = pd.Series(comparable(r, n).reasons, dtype=object, index=table.index)
    return table


def _nested(satisfied: Any, answered: Any, invited: Any) -> tuple[Floats, Floats, Floats]:
    answered, invited = check_counts(answered, invited, what="answered")
    satisfied, answered = check_counts(satisfied, answered, what="satisfied")
    return tuple(np.broadcast_arrays(satisfied, answered, invited))  # type: ignore[return-value]


def _share(x: Floats, n: Floats) -> Floats:
    x, n = np.broadcast_arrays(x, n)
    return np.asarray(np.divide(x, n, out=np.full(n.shape, np.nan), where=n > 0))
