"""Non-response: printed values of response rates, bounds without assumptions, and weighted shares."""

import numpy as np
import pytest

from indicators.nonresponse import manski_bounds, middle_way, post_stratified, response_rates


def test_aapor_rates_are_those_of_the_outcomerate_manual() -> None:
    # rOpenSci package outcomerate, README (AAPOR Standard Definitions): I 4, P 2, R 1, NC 1, O 1, UH 1, UO 1
    # gives RR1 0.364, CON1 0.727, COOP1 0.500. Reached: interviews, partial ones, refusals and others.
    found = response_rates(invited=4 + 2 + 1 + 1 + 1 + 1 + 1, reached=4 + 2 + 1 + 1, answered=4)
    assert [round(float(one), 3) for one in found] == [0.727, 0.500, 0.364]


def test_aapor_rates_of_its_second_example_are_those_printed() -> None:
    # outcomerate, example of the function: I 6, P 2, NC 3, R 1 gives RR1 0.50, COOP1 0.6667, CON1 0.75.
    found = response_rates(invited=12, reached=9, answered=6)
    assert [round(float(one), 4) for one in found] == [0.75, 0.6667, 0.5]


@pytest.mark.parametrize(
    ("satisfied", "answered", "invited", "low", "high"),
    [
        # Baltagi, Econometrics (Springer), "Sample selection and non-response", after Manski 1995: of 100 men 70 were
        # found and 60 worked; of 50 women 40 were found and 20 worked.
        (60, 70, 100, 0.6, 0.9),
        (20, 40, 50, 0.4, 0.6),
        # Dearden, "Survey nonresponse in Stan": 100 asked, 80 answered, 60 said yes: between 60 and 80 percent.
        (60, 80, 100, 0.6, 0.8),
        # METHODS 1(i): 394 of 400 answers among 1,000 invited; 39.4-99.4 % guaranteed.
        (394, 400, 1000, 0.394, 0.994),
    ],
)
def test_manskis_bounds_are_those_printed(satisfied: int, answered: int, invited: int, low: float, high: float) -> None:
    found = manski_bounds(satisfied, answered, invited)
    assert (float(found.low), float(found.high)) == (pytest.approx(low), pytest.approx(high))


def test_the_middle_way_gives_the_percentage_of_the_method_paper() -> None:
    assert round(float(middle_way(394, 400, 1000)), 4) == 0.925


def test_post_stratification_gets_back_the_share_of_the_whole_town() -> None:
    # Mastny, "Poststratification with dplyr": groups of 25 and 50 in town, 19 of 25 and 3 of 10 answers are yes; the
    # town's own mean is 0.4533333, the unweighted mean of the answers is not.
    found = post_stratified([19, 3], [25, 10], [25, 50])
    assert float(found.rate) == pytest.approx(0.4533333, abs=5e-8)


def test_post_stratified_means_follow_the_weights_of_the_population() -> None:
    # Computed from the definition, after the teaching example of Penn State's STAT 506, lesson 6.3 (not seen in print
    # again): 20 men of mean 180 and 80 women of mean 120, sampled where the population is half and half: 132 without,
    # 150 with post-stratification. Here shares on the same scale: 0.18 and 0.12.
    x, n = np.array([18, 48]), np.array([100, 400])
    assert x.sum() / n.sum() == pytest.approx(0.132)
    assert float(post_stratified(x, n, [0.5, 0.5]).rate) == pytest.approx(0.150)


def test_equal_weights_leave_the_number_of_answers_as_it_is_and_doubling_half_costs_a_tenth() -> None:
    # Kish 1965, Survey Sampling, 11.7: the loss is 1 + cv²(w); weights 1 and 2 in equal parts cost 1/9 = 11 %.
    assert float(post_stratified([5, 5], [50, 50], [50, 50]).effective) == pytest.approx(100)
    assert 100 / float(post_stratified([5, 5], [50, 50], [1, 2]).effective) == pytest.approx(1 + 1 / 9)
