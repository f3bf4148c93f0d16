"""Figures as they are printed, by one set of rules.

One decimal, two from 5,000 cases; never 100.0% while one case is missing; intervals are rounded outward; differences
are 个百分点 (pp), never %. Rounding is decimal and half up, so 98.25 is 98.3 wherever it is printed.
"""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Final

from indicators.language_files import text

TWO_DECIMALS_FROM: Final = 5_000
"""Number of cases from which a rate earns a second decimal."""
MINUS: Final = "−"


def number(value: float, *, decimals: int = 0) -> str:
    """1234.5 as 1,235 (or with ``decimals``); a true minus sign. Raises ValueError for a missing value."""
    rounded = _decimal(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    sign = MINUS if rounded < 0 else ""
    return f"{sign}{abs(rounded):,.{decimals}f}"


def percent(x: float, n: float) -> str:
    """x of n as 98.5%; two decimals from 5,000 cases; 99.9% at most while x < n; <0.1% for a few above zero.

    Raises ValueError where there is no rate to print (n is 0 or missing, or x is not between 0 and n).
    """
    if not (math.isfinite(x) and math.isfinite(n)) or n <= 0 or not 0 <= x <= n:
        raise ValueError(f"{x} of {n} is not a rate; print the state (no data, hidden) instead.")
    decimals = decimals_for(n)
    step = Decimal(1).scaleb(-decimals)
    share = Fraction(x) * 100 / Fraction(n)
    exact = Decimal(share.numerator) / Decimal(share.denominator)
    shown = exact.quantize(step, ROUND_HALF_UP)
    if x < n:
        shown = min(shown, 100 - step)
    if x > 0 and shown == 0:
        return f"<{step}%"
    return f"{shown}%"


def percent_at_least(x: float, n: float) -> str:
    """x of n as a share that is certain: rounded down, 39.456 % as 39.4% (or 39.45% from 5,000 cases)."""
    share = Fraction(x) * 100 / Fraction(n)
    exact = Decimal(share.numerator) / Decimal(share.denominator)
    return f"{exact.quantize(Decimal(1).scaleb(-decimals_for(n)), ROUND_FLOOR)}%"


def target_text(target: float) -> str:
    """A target as it is written in rules: 0.985 as 98.5%, 0.98 as 98%, 0.9975 as 99.75%."""
    return f"{(_decimal(target) * 100).normalize():f}%"


def percent_of(value: float, *, n: float) -> str:
    """A share between 0 and 1 that rests on ``n`` cases, by the rules of :func:`percent`; 100.0% only for exactly 1."""
    if not 0 <= value <= 1:
        raise ValueError(f"{value} is not a share between 0 and 1.")
    step = Decimal(1).scaleb(-decimals_for(n))
    shown = (_decimal(value) * 100).quantize(step, ROUND_HALF_UP)
    if value < 1:
        shown = min(shown, 100 - step)
    return f"<{step}%" if value > 0 and shown == 0 else f"{shown}%"


def percent_interval(low: float, high: float, *, n: float) -> str:
    """Two shares as 97.5%–99.1%, the lower rounded down and the upper up."""
    _check_order(low, high)
    return f"{_outward(low, n, ROUND_FLOOR)}%–{_outward(high, n, ROUND_CEILING)}%"


def points(difference: float, lang: str, *, n: float = 0, signed: bool = True) -> str:
    """A difference of two shares (0.018) as +1.8个百分点 or +1.8 pp; 不足0.1 where it would read as zero."""
    step = Decimal(1).scaleb(-decimals_for(n))
    exact = _decimal(difference) * 100
    shown = abs(exact).quantize(step, ROUND_HALF_UP)
    if shown == 0 and exact != 0:
        return text("figures.points_under", lang, step=step)
    sign = "" if shown == 0 or not signed else "+" if exact > 0 else MINUS
    return text("figures.points", lang, value=f"{sign}{shown}")


def points_interval(low: float, high: float, lang: str, *, n: float = 0) -> str:
    """Two differences of shares as −3.4至−0.6个百分点 or −3.4 to −0.6 pp, rounded outward."""
    _check_order(low, high)
    ends = (_outward(low, n, ROUND_FLOOR), _outward(high, n, ROUND_CEILING))
    shown = [f"{MINUS if end < 0 else ''}{abs(end)}" for end in ends]
    return text("figures.points_interval", lang, low=shown[0], high=shown[1])


def number_interval(low: float, high: float, *, decimals: int = 1) -> str:
    """Two figures that are not shares as 3.2–5.8, rounded outward."""
    _check_order(low, high)
    step = Decimal(1).scaleb(-decimals)
    ends = (_decimal(low).quantize(step, ROUND_FLOOR), _decimal(high).quantize(step, ROUND_CEILING))
    return "–".join(f"{end:,.{decimals}f}".replace("-", MINUS) for end in ends)


def rank_text(rank: int, low: int, high: int, lang: str, *, tied: bool = False) -> str:
    """A rank with what it may plausibly be: 第3名（可能区间2–7）, 并列第1名（…）; 3rd (plausibly 2–7)."""
    if not 1 <= low <= rank <= high:
        raise ValueError(f"Rank {rank} is not between {low} and {high}.")
    key = "figures.rank_tied" if tied else "figures.rank"
    return text(key, lang, rank=rank if lang == "zh" else ordinal(rank), low=low, high=high)


def ordinal(number: int) -> str:
    """3 as 3rd, 11 as 11th (English)."""
    last_two, last = number % 100, number % 10
    ending = "th" if last_two in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(last, "th")
    return f"{number}{ending}"


def decimals_for(n: float) -> int:
    """Decimals that a rate from ``n`` cases is printed with."""
    return 2 if n >= TWO_DECIMALS_FROM else 1


def _decimal(value: float) -> Decimal:
    if value is None or not math.isfinite(value):
        raise ValueError(f"{value} is missing; print its state instead.")
    return Decimal(str(value))


def _outward(share: float, n: float, rounding: str) -> Decimal:
    return (_decimal(share) * 100).quantize(Decimal(1).scaleb(-decimals_for(n)), rounding)


def _check_order(low: float, high: float) -> None:
    if not low <= high:
        raise ValueError(f"The interval from {low} to {high} is upside down or has a missing end.")
