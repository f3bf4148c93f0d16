"""Numbers as figures print them: never more certain than the cases behind them.

One decimal, two from 5,000 cases on. A share below one never prints as 100 %, one above zero never as 0 %; the ends of
an interval are rounded outward. A missing number (None or NaN) prints as an en dash.
"""

import math

MISSING = "–"
MINUS = "−"
MANY_CASES = 5000


def is_missing(number: float | None) -> bool:
    """True for None and NaN; zero is a number."""
    return number is None or math.isnan(number)


def decimals(n: float | None) -> int:
    """Decimals that ``n`` cases justify."""
    return 2 if n is not None and not math.isnan(n) and n >= MANY_CASES else 1


def percent(value: float | None, *, n: float | None = None) -> str:
    """A share (0..1) as ``98.4%``; exactly one is ``100%`` and exactly zero ``0%``."""
    if value is None or is_missing(value):
        return MISSING
    if value in (0.0, 1.0):
        return f"{value * 100:.0f}%"
    places = decimals(n)
    smallest = 10.0**-places
    printed = min(max(value * 100, smallest), 100 - smallest) if 0 < value < 1 else value * 100
    return f"{printed:.{places}f}%"


def percent_interval(low: float | None, high: float | None, *, n: float | None = None) -> str:
    """An interval of a share as ``97.5–99.1%``, rounded outward."""
    if low is None or high is None or is_missing(low) or is_missing(high):
        return MISSING
    places = decimals(n)
    return f"{_outward(low * 100, down=True, places=places)}–{_outward(high * 100, down=False, places=places)}%"


def points(difference: float | None, *, n: float | None = None) -> str:
    """A difference of shares in percentage points with its sign, ``+6.4`` or ``−0.8``; zero has no sign."""
    if difference is None or is_missing(difference):
        return MISSING
    return _signed(f"{difference * 100:+.{decimals(n)}f}")


def point_ends(low: float | None, high: float | None, *, n: float | None = None) -> tuple[str, str]:
    """Both ends of the interval of a difference, in percentage points with sign, rounded outward."""
    if low is None or high is None or is_missing(low) or is_missing(high):
        return MISSING, MISSING
    places = decimals(n)
    scale = 10**places
    lower = math.floor(_steady(low * 100 * scale)) / scale
    upper = math.ceil(_steady(high * 100 * scale)) / scale
    return _signed(f"{lower:+.{places}f}"), _signed(f"{upper:+.{places}f}")


def whole(number: float | None) -> str:
    """A count with thousands separators."""
    return MISSING if number is None or is_missing(number) else f"{number:,.0f}"


def _outward(number: float, *, down: bool, places: int) -> str:
    scale = 10**places
    steady = _steady(number * scale)
    rounded = (math.floor(steady) if down else math.ceil(steady)) / scale
    rounded = min(max(rounded, 0.0), 100.0)
    return f"{rounded:.0f}" if rounded in (0.0, 100.0) else f"{rounded:.{places}f}"


def _steady(number: float) -> float:
    """Take back binary noise: 98.30000000000001 must not be rounded up to 98.4."""
    return round(number, 6)


def _signed(text: str) -> str:
    unsigned = text.lstrip("+-")
    return unsigned if float(unsigned) == 0 else text.replace("-", MINUS)
