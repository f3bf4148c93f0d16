"""How many unchanged series the leading rules would flag: against a Markov chain, and against series charted anew."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from indicators.catalogue import Catalogue
from indicators.control_charts import control_chart, p_chart
from indicators.run_rules import chart_signals, expected_signals, run_rules
from indicators.values import rate_table


def chart_of(x: np.ndarray, n: np.ndarray, catalogue: Catalogue, *, baseline: list[int] | None = None) -> pd.DataFrame:
    """Charts of series × months of the share solved."""
    size, steps = n.shape
    months = [200001 + 100 * (month // 12) + month % 12 for month in range(steps)]
    resolution = catalogue["resolution_rate"]
    counts = {"place": np.repeat([f"p{row:03d}" for row in range(size)], steps), "month": months * size}
    frame = pd.DataFrame(counts | {"verified_solved": x.ravel(), "due": n.ravel()})
    table = rate_table(frame, resolution, by=("place", "month"))
    return control_chart(table, resolution, within=("place",), baseline=baseline)


def chance_by_markov_chain(n: int, steps: int, theta: float) -> float:
    """Chance of a sign within ``steps`` months of ``n`` cases, centre and exact limits known beforehand."""
    law = stats.binom(n, theta)
    out = stats.norm.sf(3)
    low, high, middle = law.ppf(out), law.isf(out), law.ppf(0.5)
    above, below = law.cdf(high) - law.cdf(middle), law.cdf(middle - 1) - law.cdf(low - 1)
    state = {0: 1.0}  # signed length of the run so far
    for _ in range(steps):
        after: dict[int, float] = {}
        for run, chance in state.items():
            steps_to = ((max(run, 0) + 1, above), (min(run, 0) - 1, below), (0, law.pmf(middle)))
            for reached, step in steps_to:
                if abs(reached) < 7:
                    after[reached] = after.get(reached, 0.0) + chance * step
        state = after
    return 1 - sum(state.values())


def test_over_many_months_the_expected_signs_are_those_of_the_markov_chain_with_a_known_centre(
    catalogue: Catalogue,
) -> None:
    steps, n = 180, np.full((1, 180), 100)
    found = expected_signals(chart_of(n - 5, n, catalogue), within=("place",))
    known = chance_by_markov_chain(100, steps, 0.95)
    assert 0.3 < known < 0.7
    # A centre taken from the same months follows them, so the chance is a little smaller.
    assert 0.80 * known < found.expected_series < 1.03 * known


@pytest.mark.parametrize(("cases", "rate", "rest_on"), [(300, 0.98, 36), (2000, 0.9, 36), (60, 0.9, 24)])
def test_the_expected_signs_are_as_many_as_unchanged_series_charted_anew_show(
    cases: int, rate: float, rest_on: int, catalogue: Catalogue
) -> None:
    # The slow way: series at one rate, each with its own centre and limits.
    random = np.random.default_rng(17)
    n = random.poisson(cases, (1500, 36))
    x = random.binomial(n, rate)
    used = np.arange(36) < rest_on
    few = np.minimum(n * rate, n * (1 - rate)) < 20
    chart = p_chart(x, n, used=used, exact=few)
    flags = run_rules(*(chart[at] for at in (0, 6, 2, 3, 4, 5)), leading=True)
    signs = (flags.beyond_limit != 0) | (flags.one_side != 0)
    frame = chart_of(x[:12], n[:12], catalogue, baseline=[200001 + 100 * (t // 12) + t % 12 for t in range(rest_on)])
    found = expected_signals(frame, within=("place",))
    assert found.series == 12 and found.points == 12 * 36
    assert found.expected_series / 12 == pytest.approx(signs.any(axis=1).mean(), abs=0.035)
    assert found.expected_points / 12 == pytest.approx(signs.sum(axis=1).mean(), abs=0.35)


def test_the_observed_signs_are_those_of_the_chart_and_the_order_of_rows_changes_nothing(catalogue: Catalogue) -> None:
    random = np.random.default_rng(4)
    n = random.poisson(80, (9, 30))
    x = random.binomial(n, 0.9)
    x[0, 15:], x[1], n[2], x[2] = n[0, 15:] // 2, n[1], 0, 0  # a fall, a perfect series, one without cases
    frame = chart_of(x, n, catalogue)
    found = expected_signals(frame, within=("place",), draws=200)
    signals = chart_signals(frame, within=("place",), leading=True)
    assert found.series == 7
    assert found.observed_points == signals["signal"].isin(["beyond_limit", "run_on_one_side"]).sum()
    flagged = signals[signals["signal"].isin(["beyond_limit", "run_on_one_side"])]
    assert found.observed_series == flagged["place"].nunique() >= 1
    assert 0 < found.expected_series < 3
    mixed = frame.sample(frac=1.0, random_state=2)
    mixed.attrs = dict(frame.attrs)
    assert expected_signals(mixed, within=("place",), draws=200) == found
    renamed = frame.assign(place="q" + frame["place"].str[::-1])
    assert expected_signals(renamed, within=("place",), draws=200) == found


def test_laneys_and_individuals_charts_have_the_signs_of_normal_series(catalogue: Catalogue) -> None:
    random = np.random.default_rng(9)
    n = np.full((8, 36), 20_000)
    frame = chart_of(random.binomial(n, random.normal(0.9, 0.02, n.shape)), n, catalogue)
    assert set(frame["chart"]) == {"laney_p"}
    found = expected_signals(frame, within=("place",))
    # Series of 36 normal values, charted by their own mean and moving range: about 0.23 show a sign.
    assert 0.17 < found.expected_series / 8 < 0.29
    individuals = expected_signals(frame.assign(chart="xmr"), within=("place",))
    assert individuals.expected_series == pytest.approx(found.expected_series)


def test_without_limits_nothing_is_expected(catalogue: Catalogue) -> None:
    frame = chart_of(np.full((3, 8), 9), np.full((3, 8), 10), catalogue)
    assert expected_signals(frame, within=("place",)) == (0, 0, 0.0, 0, 0, 0.0)
    assert expected_signals(frame.iloc[:0], within=("place",)) == (0, 0, 0.0, 0, 0, 0.0)


def test_thousands_of_series_are_counted_with_fewer_draws(catalogue: Catalogue) -> None:
    random = np.random.default_rng(1)
    n = random.poisson(200, (2500, 14))
    found = expected_signals(chart_of(random.binomial(n, 0.97), n, catalogue), within=("place",), draws=100)
    assert found.series == 2500
    assert abs(found.observed_series - found.expected_series) < 5 * math.sqrt(found.expected_series)
