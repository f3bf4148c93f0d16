"""Posterior ranks: naive twins, agreement of draws and integration, bands and rankability."""

import itertools
import random
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from indicators.catalogue import Catalogue, load_catalogue
from indicators.errors import CountError, MethodError
from indicators.homogeneity import homogeneity_p
from indicators.posterior_ranks import (
    band_table,
    bands,
    posterior_ranks,
    quarter_probabilities,
    rankability,
    seed_of,
)
from indicators.quarters import quarter_size, quarters
from indicators.shrinkage import Prior, beta_binomial_moments
from indicators.values import rate_table

RESOLUTION = load_catalogue()["resolution_rate"]
PRIOR = Prior(mean=0.9, tau2=0.09 / 21, alpha=18.0, beta=2.0, areas=6, reason=None)
NOTHING_VARIES = Prior(mean=0.9, tau2=0.0, alpha=float("nan"), beta=float("nan"), areas=6, reason="no_variation")
UNKNOWN = Prior(mean=0.9, tau2=float("nan"), alpha=float("nan"), beta=float("nan"), areas=1, reason="too_few_areas")


@st.composite
def districts(draw: st.DrawFn, largest: int = 6) -> tuple[list[int], list[int]]:
    """Areas with 0 to 2000 cases, among them empty, spotless, hopeless and equal ones."""
    n = draw(st.lists(st.sampled_from([0, 1, 3, 25, 25, 200, 2000]), min_size=1, max_size=largest))
    return [draw(st.sampled_from([0, one, one - one // 10, one // 2])) for one in n], n


def naive_quarters(x: list[int], n: list[int], prior: Prior) -> list[tuple[float, float]]:
    """Every set of other areas that may lie above, over 300 equally likely rates of the area's own posterior."""
    shapes = [(prior.alpha + one, prior.beta + all_of - one) for one, all_of in zip(x, n, strict=True) if all_of]
    quarter = -(-len(shapes) // 4)
    levels = (np.arange(300) + 0.5) / 300
    found = []
    for own, (a, b) in enumerate(shapes):
        rates = stats.beta.ppf(levels, a, b)
        above = {j: stats.beta.sf(rates, *shape) for j, shape in enumerate(shapes) if j != own}
        top, bottom = np.zeros(300), np.zeros(300)
        for chosen in itertools.product([False, True], repeat=len(above)):
            chance = np.ones(300)
            for taken, probability in zip(chosen, above.values(), strict=True):
                chance = chance * (probability if taken else 1 - probability)
            if sum(chosen) < quarter:
                top += chance
            if len(above) - sum(chosen) < quarter:
                bottom += chance
        found.append((float(top.mean()), float(bottom.mean())))
    return found


@given(districts())
@settings(max_examples=40)
def test_quarter_probabilities_are_those_of_all_sets_of_areas(district: tuple[list[int], list[int]]) -> None:
    x, n = district
    found = quarter_probabilities(x, n, PRIOR)
    known = np.array(n) > 0
    assert (np.isnan(found.top) == ~known).all() and (np.isnan(found.bottom) == ~known).all()
    naive = np.array(naive_quarters(x, n, PRIOR)).reshape(-1, 2)
    np.testing.assert_allclose(found.top[known], naive[:, 0], atol=0.004)
    np.testing.assert_allclose(found.bottom[known], naive[:, 1], atol=0.004)


@given(districts(largest=5))
@settings(max_examples=30)
def test_posterior_ranks_are_those_of_a_plain_loop_over_draws(district: tuple[list[int], list[int]]) -> None:
    x, n = district
    rng, rows, draws = random.Random(5), [row for row, cases in enumerate(n) if cases], 1000
    ranks: dict[int, list[int]] = {row: [] for row in rows}
    for _ in range(draws):
        rate = {row: rng.betavariate(PRIOR.alpha + x[row], PRIOR.beta + n[row] - x[row]) for row in rows}
        for row in rows:
            ranks[row].append(1 + sum(rate[other] > rate[row] for other in rows))
    found = posterior_ranks(x, n, PRIOR, draws=3000)
    quarter = quarter_size(len(rows))
    for row in range(len(x)):
        if row not in rows:
            assert all(np.isnan(one[row]) for one in found)
            continue
        assert found.p_top_quarter[row] == pytest.approx(sum(one <= quarter for one in ranks[row]) / draws, abs=0.08)
        worst = sum(one > len(rows) - quarter for one in ranks[row]) / draws
        assert found.p_bottom_quarter[row] == pytest.approx(worst, abs=0.08)
        assert found.p_first[row] == pytest.approx(sum(one == 1 for one in ranks[row]) / draws, abs=0.08)
        assert sum(one <= found.median[row] for one in ranks[row]) / draws >= 0.4
        assert sum(one < found.median[row] for one in ranks[row]) / draws <= 0.6
        assert sum(found.low[row] <= one <= found.high[row] for one in ranks[row]) / draws >= 0.9


@given(districts(largest=9), st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_the_order_of_the_areas_never_changes_a_result(
    district: tuple[list[int], list[int]], shuffle: random.Random
) -> None:
    x, n = (np.array(one) for one in district)
    order = list(range(len(x)))
    shuffle.shuffle(order)
    for straight, shuffled in (
        (posterior_ranks(x, n, PRIOR, draws=200), posterior_ranks(x[order], n[order], PRIOR, draws=200)),
        (quarter_probabilities(x, n, PRIOR), quarter_probabilities(x[order], n[order], PRIOR)),
    ):
        for one, other in zip(straight, shuffled, strict=True):
            np.testing.assert_array_equal(one[order], other)


@given(districts(largest=9))
@settings(max_examples=30)
def test_the_probabilities_of_all_areas_add_up_to_the_places_there_are(district: tuple[list[int], list[int]]) -> None:
    x, n = district
    areas = sum(cases > 0 for cases in n)
    found = quarter_probabilities(x, n, PRIOR)
    assert np.nansum(found.top) == pytest.approx(quarter_size(areas), abs=0.01)
    assert np.nansum(found.bottom) == pytest.approx(quarter_size(areas), abs=0.01)
    drawn = posterior_ranks(x, n, PRIOR, draws=500)
    assert np.nansum(drawn.p_top_quarter) == pytest.approx(quarter_size(areas))
    assert np.nansum(drawn.p_bottom_quarter) == pytest.approx(quarter_size(areas))
    assert np.nansum(drawn.p_first) == pytest.approx(float(areas > 0))


@given(districts(largest=9))
@settings(max_examples=30)
def test_where_low_is_better_the_best_quarter_is_the_worst_one_of_the_failures(
    district: tuple[list[int], list[int]],
) -> None:
    x, n = district
    failures = [cases - one for one, cases in zip(x, n, strict=True)]
    turned = Prior(mean=0.1, tau2=PRIOR.tau2, alpha=PRIOR.beta, beta=PRIOR.alpha, areas=6, reason=None)
    straight, reverse = (
        quarter_probabilities(x, n, PRIOR),
        quarter_probabilities(failures, n, turned, lower_is_better=True),
    )
    np.testing.assert_allclose(straight.top, reverse.top, atol=0.003)
    np.testing.assert_allclose(straight.bottom, reverse.bottom, atol=0.003)


@pytest.mark.parametrize(
    ("areas", "spread", "cases"), [(51, 0.03, 300), (60, 0.02, 20_000), (407, 0.02, 25), (407, 0.03, 2000)]
)
def test_integration_agrees_with_the_draws_for_many_areas(areas: int, spread: float, cases: int) -> None:
    x, n, prior = simulated(areas, spread, cases)
    found, drawn = quarter_probabilities(x, n, prior), posterior_ranks(x, n, prior, draws=4000)
    apart = np.abs(np.concatenate([found.top - drawn.p_top_quarter, found.bottom - drawn.p_bottom_quarter]))
    assert apart.max() < 0.04 and apart.mean() < 0.006


def test_integration_agrees_with_the_draws_for_thousands_of_areas() -> None:
    x, n, prior = simulated(3000, 0.03, 50)
    found, drawn = quarter_probabilities(x, n, prior), posterior_ranks(x, n, prior, draws=400)
    apart = found.top - drawn.p_top_quarter
    assert np.abs(apart).max() < 0.12 and np.abs(apart).mean() < 0.02
    assert found.top.sum() == pytest.approx(750, abs=0.5)


def test_the_approximation_agrees_with_the_exact_sum_near_the_limit_where_it_takes_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    x, n, prior = simulated(50, 0.03, 300)
    exact = quarters(prior.alpha + x, prior.beta + n - x)
    monkeypatch.setattr("indicators.quarters.EXACT", 49)
    np.testing.assert_allclose(quarters(prior.alpha + x, prior.beta + n - x), exact, atol=0.01)


def test_integration_agrees_with_the_draws_where_nearly_nobody_fails() -> None:
    rare = Prior(mean=0.005, tau2=0.005 * 0.995 / 11, alpha=0.05, beta=9.95, areas=200, reason=None)
    rng = np.random.default_rng(4)
    n = rng.integers(1, 400, 200)
    x = rng.binomial(n, rng.beta(0.05, 9.95, 200))
    found, drawn = quarter_probabilities(x, n, rare), posterior_ranks(x, n, rare, draws=4000)
    np.testing.assert_allclose(found.top, drawn.p_top_quarter, atol=0.04)
    np.testing.assert_allclose(found.bottom, drawn.p_bottom_quarter, atol=0.04)


def simulated(areas: int, spread: float, cases: int) -> tuple[np.ndarray, np.ndarray, Prior]:
    rng = np.random.default_rng(8)
    n = rng.negative_binomial(1, 1 / cases, areas) + 1
    size = 0.9 * 0.1 / spread**2 - 1
    x = rng.binomial(n, rng.beta(0.9 * size, 0.1 * size, areas))
    return x, n, Prior(mean=0.9, tau2=spread**2, alpha=0.9 * size, beta=0.1 * size, areas=areas, reason=None)


def test_a_prior_heaped_at_the_ends_leaves_no_area_at_exactly_the_same_rate() -> None:
    heaped = Prior(mean=0.5, tau2=0.2, alpha=0.002, beta=0.002, areas=4, reason=None)
    found = posterior_ranks([0, 0, 5, 5], [3, 5, 5, 9], heaped, draws=20_000)
    exact = quarter_probabilities([0, 0, 5, 5], [3, 5, 5, 9], heaped)
    np.testing.assert_allclose(found.p_top_quarter, exact.top, atol=0.02)


def test_areas_that_are_all_alike_share_every_rank_evenly() -> None:
    found = quarter_probabilities([90] * 20, [100] * 20, PRIOR)
    np.testing.assert_allclose(found.top, 0.25, atol=0.001)
    drawn = posterior_ranks([90] * 20, [100] * 20, PRIOR, draws=1000)
    assert set(drawn.p_first) == {0.05} and set(drawn.median) == {10.0}


def test_one_area_is_best_and_worst_and_none_at_all_is_nothing() -> None:
    assert [float(one[0]) for one in posterior_ranks([3], [3], PRIOR, draws=10)] == [1, 1, 1, 1, 1, 1]
    assert quarter_probabilities([3, 0], [3, 0], PRIOR).top.tolist() == pytest.approx([1, float("nan")], nan_ok=True)
    assert quarter_probabilities([], [], PRIOR).top.shape == (0,)
    assert posterior_ranks([], [], PRIOR).median.shape == (0,)


def test_arrays_of_two_dimensions_come_back_in_their_shape() -> None:
    x, n = np.array([[9, 8], [0, 10]]), np.array([[10, 10], [0, 10]])
    flat = quarter_probabilities(x.ravel(), n.ravel(), PRIOR)
    np.testing.assert_array_equal(quarter_probabilities(x, n, PRIOR).top, flat.top.reshape(2, 2))
    assert posterior_ranks(x, n, PRIOR, draws=50).median.shape == (2, 2)


@pytest.mark.parametrize("prior", [NOTHING_VARIES, UNKNOWN])
def test_without_a_prior_nobody_has_a_rank_or_a_probability(prior: Prior) -> None:
    assert all(np.isnan(one).all() for one in posterior_ranks([9, 5], [10, 10], prior))
    assert all(np.isnan(one).all() for one in quarter_probabilities([9, 5], [10, 10], prior))


def test_the_same_seed_gives_the_same_figures_and_another_month_another_seed() -> None:
    first, again = (posterior_ranks([90, 80, 70], [100] * 3, PRIOR, draws=100) for _ in range(2))
    np.testing.assert_array_equal(first.p_first, again.p_first)
    assert seed_of(202003) == seed_of(202003) != seed_of(202004)


@pytest.mark.parametrize("bad", [([-1], [5]), ([6], [5]), ([float("nan")], [5]), ([2.5], [5])])
def test_impossible_counts_are_refused(bad: tuple[list[float], list[float]]) -> None:
    for method in (posterior_ranks, quarter_probabilities, rankability, bands):
        with pytest.raises(CountError):
            method(*bad, PRIOR)


def test_no_draws_and_a_threshold_that_is_no_share_are_refused() -> None:
    with pytest.raises(MethodError):
        posterior_ranks([1], [2], PRIOR, draws=0)
    with pytest.raises(MethodError):
        bands([1], [2], PRIOR, threshold=1.0)


def test_an_area_is_leading_or_trailing_only_if_that_is_very_likely() -> None:
    x, n = [3, 9, 990, 700, 900, 0, 890, 895, 905], [3, 9, 1000, 1000, 1000, 0, 1000, 1000, 1000]
    found = bands(x, n, PRIOR)
    assert found.band.tolist()[:6] == [None, None, "leading", "trailing", "middle", None]
    assert found.reason.tolist()[:6] == ["few_cases", "few_cases", None, None, None, "no_data"]
    assert not np.isnan(found.p_top[:2]).any() and np.isnan(found.p_top[5])
    low = bands(x, n, PRIOR, lower_is_better=True)
    assert low.band.tolist()[2:4] == ["trailing", "leading"]


def test_no_variation_or_fewer_than_four_areas_leave_no_band_but_a_reason() -> None:
    nothing = bands([90, 91, 92, 93, 0], [100] * 4 + [0], NOTHING_VARIES)
    assert nothing.band.tolist() == [None] * 5 and nothing.reason.tolist() == ["no_variation"] * 4 + ["no_data"]
    assert bands([90, 91, 1], [100, 100, 100], PRIOR).reason.tolist() == ["too_few_areas"] * 3
    assert bands([90] * 4, [100] * 4, UNKNOWN).reason.tolist() == ["too_few_areas"] * 4


def test_areas_that_differ_no_more_than_by_chance_have_neither_bands_nor_probabilities() -> None:
    x, n = [95, 96, 97, 99, 100, 3, 0], [100] * 5 + [3, 0]
    assert beta_binomial_moments(x, n).reason is None and homogeneity_p(x, n) > 0.05
    found = bands(x, n)
    assert found.reason.tolist() == ["not_beyond_chance"] * 6 + ["no_data"]
    assert found.band.tolist() == [None] * 7 and np.isnan(found.p_top).all() and np.isnan(found.p_bottom).all()
    known = bands(x, n, beta_binomial_moments(x, n))
    assert known.reason.tolist() == [None] * 5 + ["few_cases", "no_data"] and not np.isnan(known.p_top[:6]).any()


def test_of_several_priors_the_mean_is_taken_and_of_none_nothing() -> None:
    x, n, other = [990, 700, 900, 5, 0], [1000, 1000, 1000, 5, 0], replace(PRIOR, alpha=4.0, beta=1.0)
    both = quarter_probabilities(x, n, [PRIOR, other])
    apart = [quarter_probabilities(x, n, one) for one in (PRIOR, other)]
    np.testing.assert_allclose(both.top, (apart[0].top + apart[1].top) / 2, atol=0.005)
    np.testing.assert_allclose(both.bottom, (apart[0].bottom + apart[1].bottom) / 2, atol=0.005)
    for prior in ([], [PRIOR, NOTHING_VARIES]):
        assert np.isnan(quarter_probabilities(x, n, prior).top).all()


def test_an_uncertain_spread_makes_the_probabilities_less_certain() -> None:
    x, n = [25, 24, 25, 25, 17, 25, 24, 25], [25] * 8
    averaged, taken = bands(x, n), bands(x, n, beta_binomial_moments(x, n))
    assert averaged.reason[0] is None and averaged.p_bottom[4] < taken.p_bottom[4]


@pytest.mark.parametrize(("areas", "cases", "spread", "runs"), [(25, 25, 0.0, 40), (25, 250, 0.01, 20),
                                                                (407, 250, 0.005, 4)])  # fmt: skip
def test_four_in_five_areas_in_a_band_are_truly_there_and_with_equal_rates_hardly_ever_one_is(
    areas: int, cases: int, spread: float, runs: int
) -> None:
    rng = np.random.default_rng(12)
    quarter, called, true, any_called = quarter_size(areas), 0, 0, 0
    for _ in range(runs):
        n = np.maximum(3, np.round(rng.lognormal(-0.32, 0.8, areas) * cases)).astype(int)
        size = 0.98 * 0.02 / spread**2 - 1 if spread else 0.0
        rate = rng.beta(0.98 * size, 0.02 * size, areas) if spread else np.full(areas, 0.98)
        band = bands(rng.binomial(n, rate), n).band
        order = np.argsort(rate)
        lowest, highest = band[order[:quarter]] == "trailing", band[order[-quarter:]] == "leading"
        here = int((band == "leading").sum() + (band == "trailing").sum())
        called, true, any_called = called + here, true + int(lowest.sum() + highest.sum()), any_called + (here > 0)
    held = f", {true} of {called} true" if spread else ""
    print(f"{areas} areas, {cases} cases, SD {spread}: bands in {any_called} of {runs} runs{held}")
    assert any_called <= 0.05 * runs if not spread else true >= 0.8 * called >= 1


def banded(x: list[int], n: list[int], within: str | None = None, **more: list[str]) -> pd.DataFrame:
    columns = {"place": [f"{row}" for row in range(len(x))], **more}
    counts = pd.DataFrame({**columns, RESOLUTION.numerator: x, RESOLUTION.denominator: n})
    table = rate_table(counts, RESOLUTION, by=list(columns))
    return band_table(table, RESOLUTION, within=within)


def test_the_band_table_takes_its_prior_from_the_table() -> None:
    x, n = [990, 985, 700, 710, 900, 880, 2, 0], [1000, 1000, 1000, 1000, 1000, 1000, 2, 0]
    table = banded(x, n)
    expected = bands(x[:7], n[:7])
    np.testing.assert_array_equal(table["p_top"].to_numpy()[:7], expected.p_top)
    assert table["band"].tolist()[:6] == ["leading", "leading", "trailing", "trailing", "middle", "middle"]
    assert table["band"].tolist()[6:] == [None, None] and table["band_reason"].tolist()[6:] == ["few_cases", "no_data"]


def test_each_group_has_its_own_prior_and_bands() -> None:
    x, n = [990, 900, 800, 700, 890, 900, 910, 905], [1000] * 8
    table = banded(x, n, within="town", town=["a"] * 4 + ["b"] * 4)
    assert table["band"].tolist()[:4] == ["leading", "middle", "middle", "trailing"]
    assert set(table["band_reason"].tolist()[4:]) == {"no_variation"}
    alone = banded(x[:4], n[:4])
    np.testing.assert_array_equal(alone["p_bottom"], table["p_bottom"].iloc[:4])


def test_the_order_of_the_rows_never_changes_a_band_nor_do_repeated_labels_of_the_index() -> None:
    x, n = [990, 985, 700, 710, 900, 880, 2, 0, 25], [1000] * 6 + [2, 0, 25]
    straight = banded(x, n)
    turned = band_table(straight[::-1].drop(columns=["p_top", "p_bottom", "band", "band_reason"]), RESOLUTION)
    pd.testing.assert_frame_equal(turned[::-1], straight)
    labelled = straight.set_axis([0] * len(straight))
    again = band_table(labelled.drop(columns=["p_top", "p_bottom", "band", "band_reason"]), RESOLUTION)
    pd.testing.assert_frame_equal(again, labelled)


def test_bands_turn_round_where_low_is_better_and_are_not_made_of_ratios(catalogue: Catalogue) -> None:
    reopen, ratio = catalogue["reopen_rate"], catalogue["officials_per_1000"]
    for indicator, first, reason in ((reopen, "trailing", None), (ratio, None, "not_a_share")):
        counts = pd.DataFrame(
            {"place": list("abcd"), indicator.numerator: [990, 800, 700, 300], indicator.denominator: [1000] * 4}
        )
        table = band_table(rate_table(counts, indicator), indicator)
        assert (table["band"].iloc[0], table["band_reason"].iloc[0]) == (first, reason)
    empty = band_table(
        rate_table(pd.DataFrame({"place": [], reopen.numerator: [], reopen.denominator: []}), reopen), reopen
    )
    assert len(empty) == 0 and "band" in empty


def test_hidden_rows_take_no_part_in_the_bands() -> None:
    counts = pd.DataFrame({"place": list("abcde"), RESOLUTION.numerator: [990, 900, 800, 700, 5],
                           RESOLUTION.denominator: [1000] * 4 + [6], "hidden": [False] * 4 + [True]})  # fmt: skip
    table = band_table(rate_table(counts, RESOLUTION), RESOLUTION)
    without = band_table(rate_table(counts.iloc[:4], RESOLUTION), RESOLUTION)
    assert table["band_reason"].iloc[4] == "no_data"
    np.testing.assert_array_equal(table["p_top"].iloc[:4], without["p_top"])


@given(districts())
@settings(max_examples=30)
def test_rankability_is_the_share_of_the_true_variance(district: tuple[list[int], list[int]]) -> None:
    x, n = district
    sampling = []
    for one, cases in zip(x, n, strict=True):
        if cases:
            rate = (18 + one) / (20 + cases)
            sampling.append(rate * (1 - rate) / cases)
    found = rankability(x, n, PRIOR)
    if not sampling:
        assert np.isnan(found.rho) and not found.ranks_shown
        return
    ordered = sorted(sampling)
    middle = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    assert found.rho == pytest.approx(PRIOR.tau2 / (PRIOR.tau2 + middle))
    assert found.ranks_shown == (found.rho >= 0.5)


def test_nothing_can_be_ranked_where_nothing_varies_or_nothing_is_known() -> None:
    assert rankability([90, 91], [100, 100], NOTHING_VARIES) == (0.0, False)
    assert np.isnan(rankability([90], [100], UNKNOWN).rho) and not rankability([90], [100], UNKNOWN).ranks_shown


def test_small_villages_cannot_be_ranked_and_large_ones_can() -> None:
    small, large = simulated(407, 0.01, 25), simulated(407, 0.01, 20_000)
    assert not rankability(*small).ranks_shown and rankability(*large).ranks_shown
