"""Funnel plots: exact limits and tails against plain sums, flags, what is drawn and when nothing is."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indicators.catalogue import Indicator
from indicators.counts import CountError
from indicators.errors import MethodError
from indicators.exact_tests import Tails
from indicators.funnels import (
    LIMITS,
    TAILS,
    binomial_tails,
    chance_of_low,
    exact_limits,
    funnel_flags,
    funnel_table,
    limit_curves,
)
from indicators.values import rate_table

RATES = st.sampled_from([0.02, 0.3, 0.5, 0.9, 0.95, 0.985])


def masses(n: int, rate: float) -> list[float]:
    return [math.comb(n, k) * rate**k * (1 - rate) ** (n - k) for k in range(n + 1)]


def naive_tails(x: int, n: int, rate: float) -> tuple[float, float]:
    mass = masses(n, rate)
    return math.fsum(mass[: x + 1]), math.fsum(mass[x:])


def naive_limit(n: int, rate: float, q: float) -> float:
    """Walks up the distribution until it passes q and goes back by the part of the last step that was too much."""
    total = 0.0
    for count, mass in enumerate(masses(n, rate)):
        if total + mass >= q:
            return min(1.0, max(0.0, (count - (total + mass - q) / mass) / n))
        total += mass
    raise AssertionError("the masses do not add to one")


def naive_flag(x: int, n: int, rate: float) -> str | None:
    if n == 0:
        return None
    low, high = naive_tails(x, n, rate)
    if low < 0.025:
        return "very_low" if low < 0.001 else "low"
    if high < 0.025:
        return "very_high" if high < 0.001 else "high"
    return "inside"


@st.composite
def areas(draw: st.DrawFn, *, least: int = 1, largest: int = 90) -> tuple[list[int], list[int]]:
    n = draw(st.lists(st.integers(0, largest), min_size=least, max_size=25))
    return [draw(st.sampled_from([0, one, draw(st.integers(0, one))])) for one in n], n


def frame(x: list[int], n: list[int], **attrs: object) -> pd.DataFrame:
    """A rate table as far as the funnel looks at it."""
    table = pd.DataFrame({"place": [f"{row:04d}" for row in range(len(n))], "x": x, "n": n}, dtype=object)
    table = table.astype({"x": float, "n": float})
    table["state"] = np.where(table["n"] > 0, "value", "no_data")
    table.attrs = {"kind": "proportion", "interval": "chance", **attrs}
    return table


@settings(max_examples=50)
@given(areas(), RATES)
@example(([0], [0]), 0.985)
@example(([3, 3, 3], [3, 3, 3]), 0.985)
def test_tails_and_flags_are_the_sums_over_all_counts(counts: tuple[list[int], list[int]], rate: float) -> None:
    x, n = counts
    tails = binomial_tails(x, n, rate)
    for row, (successes, cases) in enumerate(zip(x, n, strict=True)):
        if cases == 0:
            assert np.isnan(tails.low[row]) and np.isnan(tails.high[row])
        else:
            assert (tails.low[row], tails.high[row]) == pytest.approx(naive_tails(successes, cases, rate), abs=1e-12)
    assert funnel_flags(tails).tolist() == [naive_flag(*pair, rate) for pair in zip(x, n, strict=True)]


@settings(max_examples=40)
@given(st.lists(st.integers(0, 150), min_size=1, max_size=15), RATES)
def test_limits_are_those_found_by_walking_up_the_distribution(n: list[int], rate: float) -> None:
    found = exact_limits(n, rate)
    assert found.shape == (len(n), 4)
    for row, cases in enumerate(n):
        if cases == 0:
            assert np.isnan(found[row]).all()
        else:
            assert found[row] == pytest.approx([naive_limit(cases, rate, tail) for tail in TAILS], abs=1e-9)


def test_thousands_of_sizes_have_ordered_limits_within_0_and_1_that_close_in_on_the_rate() -> None:
    n = np.arange(1, 6_001)
    found = exact_limits(n, 0.98)
    assert ((found >= 0) & (found <= 1)).all() and (np.diff(found, axis=1) >= 0).all()
    np.testing.assert_allclose(found[4_321], [naive_limit_large(4_322, 0.98, tail) for tail in TAILS], atol=1e-9)
    assert np.abs(found[-1] - 0.98).max() < 0.006


def naive_limit_large(n: int, rate: float, q: float) -> float:
    """As naive_limit, with masses from logarithms."""
    total = 0.0
    for k in range(n + 1):
        log = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
        mass = math.exp(log + k * math.log(rate) + (n - k) * math.log1p(-rate))
        if total + mass >= q:
            return (k - (total + mass - q) / mass) / n
        total += mass
    raise AssertionError("the masses do not add to one")


@settings(max_examples=60)
@given(st.integers(1, 400), RATES)
def test_exactly_the_flagged_counts_lie_beyond_the_drawn_curves(n: int, rate: float) -> None:
    curve = limit_curves([n], rate).loc[0] * n
    x = np.arange(n + 1)
    flags = funnel_flags(binomial_tails(x, n, rate))
    gap = 1e-9
    assert (np.isin(flags, ["low", "very_low"]) == (x < curve["low95"] - gap)).all()
    assert (np.isin(flags, ["high", "very_high"]) == (x > curve["high95"] + gap)).all()
    assert ((flags == "very_low") == (x < curve["low998"] - gap)).all()
    assert ((flags == "very_high") == (x > curve["high998"] + gap)).all()


@settings(max_examples=40)
@given(st.lists(st.integers(1, 3_000), min_size=1, max_size=10), RATES)
def test_the_funnel_of_the_failures_is_the_funnel_turned_over(n: list[int], rate: float) -> None:
    up, down = limit_curves(n, rate), limit_curves(n, 1 - rate)
    for name, other in zip(LIMITS, reversed(LIMITS), strict=True):
        np.testing.assert_allclose(up[name], 1 - down[other], atol=1e-9)


@settings(max_examples=40)
@given(st.integers(1, 120), RATES)
def test_the_chance_of_a_flag_is_the_mass_of_the_counts_that_are_flagged(n: int, rate: float) -> None:
    mass = masses(n, rate)
    low = math.fsum(part for x, part in enumerate(mass) if "low" in (naive_flag(x, n, rate) or ""))
    high = math.fsum(part for x, part in enumerate(mass) if "high" in (naive_flag(x, n, rate) or ""))
    assert float(chance_of_low(n, rate)) == pytest.approx(low, abs=1e-12)
    assert float(chance_of_low(n, 1 - rate)) == pytest.approx(high, abs=1e-12)


def test_a_rate_of_0_or_1_is_its_own_limit() -> None:
    assert (exact_limits([1, 50], 1.0) == 1).all() and (exact_limits([1, 50], 0.0) == 0).all()


def test_the_upper_limit_is_drawn_at_one_until_a_faultless_record_can_be_above_it() -> None:
    """183 cases at 98 % for the 95 % limit, 342 for the 99.8 % limit (METHODS §0.2)."""
    curves = limit_curves(np.arange(1, 2_001), 0.98)
    n = curves["n"]
    assert (curves["high95"] == 1).equals(n < 183) and (curves["high998"] == 1).equals(n < 342)
    assert (curves["low998"][n < 2] == 0).all() and not curves[list(LIMITS)].isna().any().any()
    assert len(curves) <= 200 and n.iloc[[0, -1]].tolist() == [1, 2_000]


def test_a_funnel_of_a_rate_table_holds_the_pooled_rate_flags_and_limits(
    resolution: Indicator, counts_of: Callable[..., pd.DataFrame]
) -> None:
    x, n = [99, 190, 0, 480, 20, 3, 820], [100, 200, 0, 500, 20, 5, 1000]
    funnel = funnel_table(rate_table(counts_of(x, n), resolution))
    assert funnel.reason is None and not funnel.is_target
    assert funnel.rate == pytest.approx(sum(x) / sum(n))
    expected = [naive_flag(*pair, funnel.rate) if pair[1] >= 10 else None for pair in zip(x, n, strict=True)]
    assert funnel.rows["flag"].tolist() == expected and expected[-1] == "very_low"
    assert funnel.rows["adjusted_flag"].tolist() == expected  # too few areas to adjust
    assert funnel.overdispersion is not None and funnel.overdispersion.reason == "too_few_large_areas"
    assert funnel.limits["adjusted_low95"].isna().all() and funnel.limits["n"].max() == 1000
    tested = [one for one in n if one >= 10]
    assert funnel.expected_low == pytest.approx(sum(float(chance_of_low(one, funnel.rate)) for one in tested))
    assert funnel.expected_high == pytest.approx(sum(float(chance_of_low(one, 1 - funnel.rate)) for one in tested))


def test_a_target_takes_the_place_of_the_pooled_rate() -> None:
    x = [80, 85, 89, 95, 100]
    funnel = funnel_table(frame(x, [100] * 5), rate=0.95)
    assert funnel.is_target and funnel.rate == 0.95
    assert funnel.rows["flag"].tolist() == ["very_low", "very_low", "low", "inside", "high"]
    assert funnel.rows["flag"].tolist() == [naive_flag(one, 100, 0.95) for one in x]


@settings(max_examples=30)
@given(areas(least=5), st.integers(0, 2**32 - 1))
def test_the_order_of_the_rows_never_changes_a_funnel(counts: tuple[list[int], list[int]], seed: int) -> None:
    table = frame(*counts)
    order = np.random.default_rng(seed).permutation(len(table))
    there, back = funnel_table(table), funnel_table(table.iloc[order])
    pd.testing.assert_frame_equal(there.rows, back.rows.sort_index(), check_exact=True)
    pd.testing.assert_frame_equal(there.limits, back.limits, check_exact=True)
    for name in ("rate", "reason", "expected_low", "expected_high", "overdispersion"):
        assert repr(getattr(there, name)) == repr(getattr(back, name))


@pytest.mark.parametrize(
    ("x", "n", "attrs", "reason"),
    [
        ([20] * 6, [20] * 6, {}, "all_alike"),
        ([0] * 6, [5, 9, 30, 1, 1, 400], {}, "all_alike"),
        ([9], [10], {}, "too_few_areas"),
        ([9, 8, 0, 0, 0], [10, 10, 0, 0, 0], {}, "too_few_areas"),
        ([0], [0], {}, "too_few_areas"),
        ([9] * 6, [10] * 6, {"interval": "none"}, "no_chance"),
    ],
)
def test_where_a_funnel_says_nothing_a_code_says_why(
    x: list[int], n: list[int], attrs: dict[str, object], reason: str
) -> None:
    funnel = funnel_table(frame(x, n, **attrs))
    assert funnel.reason == reason and funnel.limits.empty and funnel.overdispersion is None
    assert funnel.rows["flag"].isna().all() and funnel.rows["p_low"].isna().all()
    assert funnel.expected_low == funnel.expected_high == 0


def test_overdispersion_only_ever_weakens_a_flag() -> None:
    random = np.random.default_rng(3)
    n = random.integers(12, 4_000, 300)
    x = random.binomial(n, random.beta(0.9 * 60, 0.1 * 60, 300))
    funnel = funnel_table(frame(x.tolist(), n.tolist()))
    assert funnel.overdispersion is not None and funnel.overdispersion.adjusted
    step = {"very_low": -2, "low": -1, "inside": 0, "high": 1, "very_high": 2}
    exact, adjusted = (funnel.rows[name].map(step) for name in ("flag", "adjusted_flag"))
    assert (adjusted.abs() <= exact.abs()).all() and (adjusted * exact >= 0).all()
    assert (exact != 0).mean() > 0.5 and (adjusted != 0).mean() < 0.15
    wide = funnel.limits["adjusted_high998"] >= funnel.limits["high998"] - 0.02
    assert wide.all() and funnel.limits["adjusted_low998"].iloc[-1] < funnel.limits["low998"].iloc[-1]


def test_no_true_difference_flags_at_most_2_areas_in_1000_at_998() -> None:
    """METHODS §4: all areas truly 98 %, n from 3 to 2000."""
    random = np.random.default_rng(98)
    n = random.integers(3, 2_001, size=(100, 400))
    flags = funnel_flags(binomial_tails(random.binomial(n, 0.98), n, 0.98))
    very_low, very_high = (flags == "very_low").mean(), (flags == "very_high").mean()
    print(f"flagged at 99.8 %: low {very_low:.3%}, high {very_high:.3%}; at 95 %: {(flags != 'inside').mean():.2%}")
    assert very_low <= 0.001 and very_high <= 0.001
    funnel = funnel_table(frame(random.binomial(n[0], 0.98).tolist(), n[0].tolist()))
    assert funnel.overdispersion is not None and not funnel.overdispersion.adjusted


def test_impossible_counts_rates_and_kinds_are_refused() -> None:
    for x, n in ((-1, 5), (6, 5), (math.nan, 5), (1.5, 5)):
        with pytest.raises(CountError):
            binomial_tails([x], [n], 0.9)
    with pytest.raises(CountError):
        exact_limits([-1], 0.9)
    with pytest.raises(CountError):
        funnel_table(frame([11] * 6, [10] * 6))
    for rate in (-0.1, 1.1, math.nan):
        with pytest.raises(MethodError):
            exact_limits([10], rate)
    with pytest.raises(MethodError, match="target"):
        funnel_table(frame([9] * 6, [10] * 6), rate=1.0)
    with pytest.raises(MethodError, match="proportions"):
        funnel_table(frame([9] * 6, [10] * 6, kind="ratio"))
    with pytest.raises(MethodError):
        exact_limits([10], 0.9, tails=(0.0,))


def test_tails_broadcast_to_the_shape_of_the_counts() -> None:
    tails = binomial_tails([[3], [4]], [5, 10, 20], 0.5)
    assert isinstance(tails, Tails) and tails.low.shape == (2, 3)
    assert exact_limits([[3], [4]], [0.5, 0.6]).shape == (2, 2, 4)
