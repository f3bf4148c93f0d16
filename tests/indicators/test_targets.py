"""Targets in whole cases: what is missing, granted, reaches the target, and one case fewer does not."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.errors import CountError, MethodError
from indicators.targets import (
    backlog_needed,
    cases_over,
    cases_short,
    cases_to_rank,
    exact_share,
    new_cases_to_rank,
    new_clean_needed,
    new_successes_needed,
    target_tails,
)

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


def smallest(reached: list[bool]) -> int | None:
    """The first count at which the goal is reached, by trying them one after the other."""
    return reached.index(True) if True in reached else None


@settings(max_examples=60)
@given(st.integers(0, 60), st.integers(0, 60), targets, st.integers(0, 60))
def test_the_backlog_needed_is_the_first_that_reaches_the_target(x: int, more: int, target: float, part: int) -> None:
    n, exact, still_open = x + more, Fraction(str(target)), min(part, more)
    tried = [n > 0 and Fraction(x + k, n) >= exact for k in range(more + 1)]
    assert backlog_needed(x, n, target=target) == smallest(tried)
    assert backlog_needed(x, n, target=target, still_open=still_open) == smallest(tried[: still_open + 1])


@settings(max_examples=60)
@given(st.integers(0, 25), st.integers(0, 6), st.integers(0, 20).map(lambda part: part / 20))
def test_new_cases_needed_are_the_first_that_reach_the_target(x: int, failed: int, target: float) -> None:
    n, exact = x + failed, Fraction(str(target))
    up = [n + k > 0 and Fraction(x + k, n + k) >= exact for k in range(200)]
    down = [n + k > 0 and Fraction(failed, n + k) <= exact for k in range(200)]
    assert new_successes_needed(x, n, target=target) == smallest(up)
    assert new_clean_needed(failed, n, target=target) == smallest(down)


def test_the_target_is_the_decimal_it_is_written_as() -> None:
    assert exact_share(0.95) == Fraction(19, 20) == exact_share(Decimal("0.95"))
    assert backlog_needed(190, 200, target=0.95) == 0
    assert new_successes_needed(94, 100, target=0.95) == 20
    assert new_clean_needed(6, 100, target=0.05) == 20
    assert new_successes_needed(1, 4, target=Fraction(1, 3)) == 1


def test_what_is_impossible_is_answered_by_none() -> None:
    assert new_successes_needed(99, 100, target=1) is None
    assert new_successes_needed(100, 100, target=1.0) == 0
    assert new_clean_needed(1, 100, target=0) is None
    assert backlog_needed(90, 100, target=0.95, still_open=4) is None
    assert backlog_needed(90, 100, target=0.95, still_open=5) == 5
    assert backlog_needed(0, 0, target=0.5) is None
    assert (new_successes_needed(0, 0, target=0.5), new_clean_needed(0, 0, target=0.5)) == (1, 1)


others_lists = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 6)).map(lambda one: (one[0], one[0] + one[1])), max_size=6
)


def place(rate: Fraction, others: list[tuple[int, int]], better: str) -> int:
    """Competition rank: one more than the number of others that are strictly better."""
    sign = 1 if better == "higher" else -1
    return 1 + sum(sign * Fraction(x, n) > sign * rate for x, n in others if n)


@settings(max_examples=60)
@given(st.integers(0, 12), st.integers(0, 8), others_lists, st.integers(1, 7), st.sampled_from(["higher", "lower"]))
def test_the_cases_to_a_rank_are_the_first_that_reach_it(
    x: int, more: int, others: list[tuple[int, int]], rank: int, better: str
) -> None:
    n = x + more
    step, room = (1, more) if better == "higher" else (-1, x)
    tried = [n > 0 and place(Fraction(x + step * k, n), others, better) <= rank for k in range(room + 1)]
    assert cases_to_rank(x, n, others, rank=rank, better=better) == smallest(tried)
    few = cases_to_rank(x, n, others, rank=rank, better=better, still_open=min(2, room))
    assert few == smallest(tried[: min(2, room) + 1])
    gain = 1 if better == "higher" else 0
    tried = [n + k > 0 and place(Fraction(x + gain * k, n + k), others, better) <= rank for k in range(400)]
    assert new_cases_to_rank(x, n, others, rank=rank, better=better) == smallest(tried)


def test_places_with_equal_rates_share_the_better_rank_and_order_does_not_matter() -> None:
    others = [(19, 20), (38, 40), (10, 10), (0, 0)]
    assert cases_to_rank(18, 20, others, rank=2, better="higher") == 1
    assert cases_to_rank(18, 20, others[::-1], rank=2, better="higher") == 1
    assert cases_to_rank(18, 20, others, rank=1, better="higher") == 2
    assert cases_to_rank(18, 20, others, rank=4, better="higher") == 0
    assert new_cases_to_rank(18, 20, others, rank=1, better="higher") is None
    assert new_cases_to_rank(18, 20, others, rank=2, better="higher") == 20


def test_a_rank_among_thousands_is_found_exactly() -> None:
    others = [(k, 10_000) for k in range(5000, 10_000)]
    assert cases_to_rank(50, 100, others, rank=1000, better="higher") == 40
    assert place(Fraction(90, 100), others, "higher") == 1000
    assert place(Fraction(89, 100), others, "higher") == 1100


def test_impossible_counts_targets_and_ranks_are_refused() -> None:
    for x, n in ((-1, 2), (3, 2), (float("nan"), 2), (0.5, 2)):
        for needed in (backlog_needed, new_successes_needed, new_clean_needed):
            with pytest.raises(CountError):
                needed(x, n, target=0.5)  # type: ignore[operator]
        with pytest.raises(CountError):
            cases_to_rank(1, 2, [(x, n)], rank=1, better="higher")  # type: ignore[list-item]
    with pytest.raises(CountError):
        backlog_needed(5, 10, target=0.9, still_open=6)
    for target in (1.01, -0.5, float("nan"), float("inf")):
        with pytest.raises(MethodError, match="give a share"):
            backlog_needed(1, 2, target=target)
    with pytest.raises(MethodError, match="start at 1"):
        cases_to_rank(1, 2, [(1, 2)], rank=0, better="higher")
    with pytest.raises(MethodError, match="better is"):
        new_cases_to_rank(1, 2, [(1, 2)], rank=1, better="up")


def test_missing_cases_are_counted_in_whole_numbers_and_impossible_ones_refused() -> None:
    assert cases_short(7, 100, target=0.07) == 0 and cases_over(7, 100, target=0.07) == 0
    assert cases_short(7.0, 100.0, target=0.07) == 0  # type: ignore[arg-type]
    for wrong in (lambda: cases_short(-5, 10, target=0.5), lambda: cases_over(11, 10, target=0.5)):
        with pytest.raises(CountError):
            wrong()
    with pytest.raises(MethodError, match=r"1\.5"):
        cases_short(5, 10, target=1.5)
