"""Numbers as figures print them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.charts.numbers import percent, percent_interval, point_ends, points, whole


@pytest.mark.parametrize(
    ("value", "n", "printed"),
    [
        (0.9841, 300, "98.4%"),
        (0.9841, 5000, "98.41%"),
        (0.99996, 300, "99.9%"),
        (0.999999, 9000, "99.99%"),
        (1.0, 300, "100%"),
        (0.0, 300, "0%"),
        (0.00001, 300, "0.1%"),
        (math.nan, 300, "–"),
        (None, None, "–"),
    ],
)
def test_a_share_prints_no_surer_than_its_cases(value: float | None, n: int | None, printed: str) -> None:
    assert percent(value, n=n) == printed


@given(st.integers(1, 20_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_only_a_perfect_record_prints_as_a_hundred_percent(counts: tuple[int, int]) -> None:
    x, n = counts
    printed = percent(x / n, n=n)
    assert printed.startswith("100") == (x == n)
    assert (float(printed.rstrip("%")) == 0) == (x == 0)


def test_the_ends_of_an_interval_are_rounded_outward() -> None:
    assert percent_interval(0.97512, 0.99101) == "97.5–99.2%"
    assert percent_interval(0.8381, 1.0) == "83.8–100%"
    assert percent_interval(0.983, 0.991) == "98.3–99.1%", "binary noise must not push an exact tenth outward"
    assert point_ends(0.0061, 0.0341) == ("+0.6", "+3.5")
    assert point_ends(-0.0061, 0.0) == ("−0.7", "0.0")


def test_a_difference_has_a_real_minus_and_zero_has_no_sign() -> None:
    assert points(0.0642) == "+6.4"
    assert points(-0.008) == "−0.8"
    assert points(0.0) == "0.0"
    assert points(-0.0001) == "0.0"
    assert points(math.nan) == "–"


def test_zero_is_a_count_and_missing_is_not() -> None:
    assert whole(0) == "0"
    assert whole(12345) == "12,345"
    assert whole(None) == "–"
