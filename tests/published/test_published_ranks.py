"""Worked examples on ranks and letters: probabilities of being ahead, and compact letter displays as printed."""

import itertools

import numpy as np
import pytest
from scipy import stats

from indicators.letters import compact_letters
from indicators.posterior_ranks import posterior_ranks, quarter_probabilities, rankability
from indicators.rankings import rank_sets
from indicators.shrinkage import Prior

UNIFORM = Prior(mean=0.5, tau2=1 / 12, alpha=1.0, beta=1.0, areas=2, reason=None)
"""Bayes' and Laplace's prior: all rates equally likely. Two areas: being in the best quarter is being first."""

# Laplace 1812, Theorie analytique des probabilites, livre II, no. 29: boys and girls baptised in Paris 1745-1784 and in
# London 1664-1758. "328268 to 1" that a boy is more likely in London, by two terms of an asymptotic series.
PARIS, LONDON = (393_386, 377_555), (737_629, 698_958)
LAPLACE = 328_269


def test_boys_are_likelier_in_london_than_in_paris_with_the_odds_laplace_printed() -> None:
    boys, births = [PARIS[0], LONDON[0]], [sum(PARIS), sum(LONDON)]
    paris = quarter_probabilities(boys, births, UNIFORM).top[0]
    assert 1 / paris == pytest.approx(LAPLACE, rel=0.002)


def test_the_seller_with_fewer_stars_but_more_reviews_is_ahead_with_cooks_printed_probability() -> None:
    """J. D. Cook 2011, A Bayesian view of Amazon resellers: 90 of 100 against 2 of 2, probability 0.713."""
    found = quarter_probabilities([90, 2], [100, 2], UNIFORM)
    assert round(float(found.top[0]), 3) == 0.713
    drawn = posterior_ranks([90, 2], [100, 2], UNIFORM, draws=100_000)
    assert float(drawn.p_first[0]) == pytest.approx(0.713, abs=0.005)


@pytest.mark.parametrize(
    ("x1", "n1", "x2", "n2"), [(3, 10, 5, 9), (0, 7, 0, 3), (20, 20, 198, 200), (41, 60, 41, 60), (985, 1000, 3, 3)]
)
def test_two_rates_are_in_order_with_the_probability_of_liebermeister(x1: int, n1: int, x2: int, n2: int) -> None:
    """Liebermeister 1877 (Seneta & Phipps 2001, Biometrical Journal 43:23; Thompson 1933, Biometrika 25:285).

    With uniform priors P(second rate above the first) is the hypergeometric tail of Fisher's test in the table with
    one success added to the first side and one failure to the second.
    """
    tail = float(stats.hypergeom.sf(x1, n1 + n2 + 2, x1 + x2 + 1, n1 + 1))
    found = quarter_probabilities([x1, x2], [n1, n2], UNIFORM)
    assert found.top[1] == pytest.approx(tail, abs=2e-4)
    assert found.top.sum() == pytest.approx(1, abs=2e-4)


def test_equal_places_share_the_better_rank_as_in_the_ranking_called_1224() -> None:
    """Wikipedia, "Ranking", standard competition ranking: A before B and C, which are equal, and both before D."""
    assert rank_sets([4, 3, 6, 1], [5, 5, 10, 5]).rank.tolist() == [1, 2, 2, 4]


def test_ranks_are_hidden_where_rankability_is_poor_as_van_dishoeck_and_colleagues_call_it() -> None:
    """van Dishoeck et al. 2011, BMJ Quality & Safety 20:869: tau^2/(tau^2 + median s^2), poor below 50 %.

    They print no variances; these, of two areas with half of their cases resolved, are worked out by hand.
    """
    poor, moderate = rankability([1, 1], [2, 2], UNIFORM), rankability([2, 2], [4, 4], UNIFORM)
    assert (poor.rho, poor.ranks_shown) == (pytest.approx((1 / 12) / (1 / 12 + 1 / 8)), False)
    assert (moderate.rho, moderate.ranks_shown) == (pytest.approx((1 / 12) / (1 / 12 + 1 / 16)), True)


def letters_of_means(means: list[float], error: float, freedom: int, *, sweep: bool = False) -> list[str]:
    """Letters after Tukey's honest significant difference, "a" for the highest mean."""
    value = np.array(means)
    honest = stats.studentized_range.ppf(0.95, len(means), freedom) * error
    differ = np.abs(value[:, None] - value[None, :]) > honest
    return list(compact_letters(differ, -value, sweep=sweep).letters)


# Stata 12 Base Reference Manual, pwcompare, data "yield" (200 plots, 5 fertilizers by 2 irrigations): margins, their
# standard error and the Tukey groups; the same letters from the other end by R agricolae::HSD.test.
YIELD = {
    "2.1": (51.17547, "a"), "4.1": (50.7529, "ab"), "3.1": (47.36229, "abc"), "1.1": (45.81229, "bcd"),
    "5.1": (44.55313, "cd"), "4.0": (41.81757, "de"), "2.0": (38.79482, "ef"), "1.0": (36.91257, "ef"),
    "3.0": (36.34383, "f"), "5.0": (35.69507, "f"),
}  # fmt: skip
STATA = {"1.0": "AB", "1.1": "CDE", "2.0": "AB", "2.1": "F", "3.0": "A", "3.1": "DEF", "4.0": "BC", "4.1": "EF",
         "5.0": "A", "5.1": "CD"}  # fmt: skip


def test_fertilizer_and_irrigation_get_the_letters_printed_by_agricolae_and_stata() -> None:
    means = [mean for mean, _ in YIELD.values()]
    found = letters_of_means(means, 1.116571, 190)
    assert found == [letters for _, letters in YIELD.values()]
    backward = {place: "".join(sorted("FEDCBA"["abcdef".index(one)] for one in letters))
                for place, letters in zip(YIELD, found, strict=True)}  # fmt: skip
    assert backward == STATA


def test_sweeping_says_the_same_as_the_printed_letters_with_fewer_of_them() -> None:
    means = [mean for mean, _ in YIELD.values()]
    full, swept = letters_of_means(means, 1.116571, 190), letters_of_means(means, 1.116571, 190, sweep=True)
    for one, other in itertools.combinations(range(len(means)), 2):
        assert bool(set(full[one]) & set(full[other])) == bool(set(swept[one]) & set(swept[other]))
    assert len("".join(swept)) < len("".join(full))


def test_tooth_growth_gets_the_letters_printed_by_greenwood() -> None:
    """Greenwood, Intermediate Statistics with R, section 3.6: cld of Tukey's comparisons of six groups of ten.

    OJ.0.5 "b", OJ.1 "c", OJ.2 "c", VC.0.5 "a", VC.1 "b", VC.2 "c", from the lowest mean upward.
    """
    means, variances = [13.23, 22.70, 26.06, 7.98, 16.77, 26.14], [4.46**2, 3.91**2, 2.66**2, 2.75**2, 2.52**2, 4.80**2]
    found = letters_of_means([-one for one in means], float(np.sqrt(np.mean(variances) / 10)), 54)
    assert found == ["b", "c", "c", "a", "b", "c"]


def test_underlined_treatments_get_the_groups_of_the_emmeans_vignette() -> None:
    """Lenth, emmeans, vignette "Re-engineering CLDs": trt1 and ctrl underlined, ctrl, trt3 and trt2 underlined, and
    trt4 above all the others.
    """
    names = ["trt1", "ctrl", "trt3", "trt2", "trt4"]
    differ = np.zeros((5, 5), dtype=bool)
    for one, other in [("trt1", "trt3"), ("trt1", "trt2"), *((name, "trt4") for name in names[:4])]:
        differ[names.index(one), names.index(other)] = differ[names.index(other), names.index(one)] = True
    for sweep in (False, True):
        assert list(compact_letters(differ, range(5), sweep=sweep).letters) == ["a", "ab", "b", "b", "c"]


def test_the_example_of_multcompview_puts_the_one_between_on_both_sides() -> None:
    """R multcompView, help of multcompLetters, example 1: only B and C differ; A shares a letter with either."""
    differ = np.array([[False, False, False], [False, False, True], [False, True, False]])
    assert list(compact_letters(differ, [2, 1, 3]).letters) == ["ab", "a", "b"]
