"""Targets in whole cases: what is missing, granted, reaches the target, and one case fewer does not."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.targets import cases_over, cases_short, target_tails

targets = st.integers(0, 1000).map(lambda thousandths: thousandths / 1000)


@given(st.integers(0, 5000), st.integers(0, 5000), targets)
def test_the_cases_short_reach_the_target_and_one_fewer_does_not(x: int, more: int, target: float) -> None:
    n, exact = x + more, Fraction(str(target))
    short = cases_short(x, n, target=target)
    assert x + short >= exact * n
    assert short == 0 or x + short - 1 < exact * n
    assert x + short <= n


@given(st.integers(0, 5000), st.integers(0, 5000), targets)
def test_the_cases_over_are_just_those_too_many_for_a_limit(x: int, more: int, target: float) -> None:
    n, exact = x + more, Fraction(str(target))
    over = cases_over(x, n, target=target)
    assert x - over <= exact * n
    assert over == 0 or x - over + 1 > exact * n


def test_190_of_200_reach_95_percent_exactly() -> None:
    assert cases_short(190, 200, target=0.95) == 0
    assert cases_short(189, 200, target=0.95) == 1
    assert cases_over(58, 200, target=0.29) == 0


def test_the_tails_are_those_of_the_binomial() -> None:
    below, above = target_tails(8, 10, target=0.9)
    assert below == pytest.approx(1 - 0.9**10 - 10 * 0.9**9 * 0.1)
    assert above == pytest.approx(0.9**10 + 10 * 0.9**9 * 0.1 + 45 * 0.9**8 * 0.01)
    assert target_tails(9, 10, target=1.0)[0] == 0.0
