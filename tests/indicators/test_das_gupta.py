"""Das Gupta's decomposition: exact sums, agreement with slow walks over all orders, and what it refuses."""

from itertools import permutations
from math import prod

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.counts import Floats
from indicators.das_gupta import decompose_structure, standardise, standardise_structure, structure_factors
from indicators.decomposition import kitagawa_parts
from indicators.errors import CountError, MethodError

Populations = list[list[list[float]]]
values = st.integers(0, 40).map(lambda one: one / 8)


@st.composite
def populations(draw: st.DrawFn, most: int = 4) -> Populations:
    """Populations × factors × cells."""
    size, factors, cells = draw(st.integers(2, most)), draw(st.integers(1, 4)), draw(st.integers(1, 4))
    row = st.lists(values, min_size=cells, max_size=cells)
    return draw(st.lists(st.lists(row, min_size=factors, max_size=factors), min_size=size, max_size=size))


def crude(factors: list[list[float]]) -> float:
    return sum(prod(one[cell] for one in factors) for cell in range(len(factors[0])))


def slow_effects(first: list[list[float]], second: list[list[float]]) -> list[float]:
    """The mean effect of exchanging a factor over all orders in which the factors might be exchanged."""
    factors = len(first)
    effects = [0.0] * factors
    orders = list(permutations(range(factors)))
    for order in orders:
        now = list(second)
        for f in order:
            before = crude(now)
            now[f] = first[f]
            effects[f] += (crude(now) - before) / len(orders)
    return effects


@settings(max_examples=50)
@given(populations(most=2))
def test_the_effects_are_the_mean_over_all_orders_of_exchanging_the_factors(both: Populations) -> None:
    assert standardise(both).effects() == pytest.approx(slow_effects(*both), abs=1e-9)


@settings(max_examples=50)
@given(populations())
def test_effects_add_up_to_the_gap_for_every_pair_and_chain_without_contradiction(
    all_: Populations,
) -> None:
    found = standardise(all_)
    assert found.crude == pytest.approx([crude(one) for one in all_], abs=1e-9)
    for a in range(len(all_)):
        for b in range(len(all_)):
            assert found.effects(a, b).sum() == pytest.approx(found.crude[a] - found.crude[b], abs=1e-8)
            chained = found.effects(a, 0) + found.effects(0, b)
            assert found.effects(a, b) == pytest.approx(chained, abs=1e-8)


@settings(max_examples=40)
@given(populations())
def test_several_populations_follow_equation_6_11_written_out(all_: Populations) -> None:
    size, factors = len(all_), len(all_[0])
    found = standardise(all_)
    pairs = {(i, j): standardise([all_[i], all_[j]]).rates[:, 0] for i in range(size) for j in range(size) if i != j}
    for f in range(factors):
        for one in range(size):
            others = [i for i in range(size) if i != one]
            value = sum(pairs[one, i][f] for i in others) / (size - 1)
            for i in others:
                rest = sum(pairs[i, j][f] for j in others if j != i) - (size - 2) * pairs[i, one][f]
                value += rest / (size * (size - 1))
            assert found.rates[f, one] == pytest.approx(value, abs=1e-8)


@settings(max_examples=30)
@given(populations(), st.randoms())
def test_the_order_of_cells_and_populations_never_changes_a_result(all_: Populations, chance: object) -> None:
    found = standardise(all_)
    turned = standardise([[one[::-1] for one in factors] for factors in all_[::-1]])
    assert turned.rates[:, ::-1] == pytest.approx(found.rates, abs=1e-9)


def test_populations_that_are_all_alike_have_the_same_standardised_rates_and_no_effect() -> None:
    found = standardise([[[1, 2], [0.5, 0.25]]] * 3)
    assert found.effects(0, 2) == pytest.approx([0, 0], abs=1e-15)


def test_a_rate_may_be_any_function_of_the_factors() -> None:
    # Das Gupta 1993 chapter 3: a difference of two factors; each effect is the difference of that factor.
    found = standardise([[23.7, 9.5], [19.4, 10.8]], rate=lambda born, died: (born - died).sum(axis=-1))
    assert found.effects() == pytest.approx([4.3, 1.3])


def test_thousands_of_cells_agree_with_the_slow_walk() -> None:
    chance = np.random.default_rng(4)
    both = chance.random((2, 3, 5000)).tolist()
    assert standardise(both).effects() == pytest.approx(slow_effects(*both), abs=1e-8)


def test_factors_that_do_not_fit_are_refused_in_words() -> None:
    for wrong in ([[[1, 2]]], [[1, 2], [1]], [[], []], [[[1, 2]], [[1, 2, 3]]], [[1] * 7] * 2, [[[[1]]], [[[1]]]]):
        with pytest.raises(MethodError, match="factor"):
            standardise(wrong)


sizes_2 = st.lists(st.integers(0, 30), min_size=12, max_size=12).filter(lambda one: sum(one[:6]) * sum(one[6:]) > 0)
sizes_3 = st.lists(st.integers(0, 30), min_size=16, max_size=16).filter(lambda one: sum(one[:8]) * sum(one[8:]) > 0)


@settings(max_examples=50)
@given(sizes_3)
def test_the_symmetric_factors_multiply_to_the_share_and_follow_the_printed_formula(counts: list[int]) -> None:
    n = np.array(counts, dtype=float).reshape(2, 2, 2, 2)
    found = structure_factors(n, factors=3)
    totals = n.sum(axis=(1, 2, 3), keepdims=True)
    assert found.prod(axis=0) == pytest.approx(n / totals, abs=1e-12)
    for p in range(2):
        for i, j, k in np.ndindex(2, 2, 2):
            m = n[p]
            if not m[i, j, k]:
                assert found[0, p, i, j, k] == 0
                continue
            first = (
                (m[i, j, k] / m[:, j, k].sum()) ** (1 / 3)
                * (m[i, j].sum() / m[:, j].sum() * m[i, :, k].sum() / m[:, :, k].sum()) ** (1 / 6)
                * (m[i].sum() / m.sum()) ** (1 / 3)
            )
            assert found[0, p, i, j, k] == pytest.approx(first, abs=1e-12)


def slow_structure(n: Floats, t: Floats) -> list[float]:
    """Effects (first minus second) of two classifications and of the rates, cell by cell."""
    effects = [0.0, 0.0, 0.0]
    for i, j in np.ndindex(*n.shape[1:]):
        a, b, w, r = [0.0] * 2, [0.0] * 2, [0.0] * 2, [0.0] * 2
        for p in range(2):
            m = n[p]
            if m[i, j]:
                w[p] = m[i, j] / m.sum()
                a[p] = (m[i, j] / m[:, j].sum() * m[i].sum() / m.sum()) ** 0.5
                b[p] = (m[i, j] / m[i].sum() * m[:, j].sum() / m.sum()) ** 0.5
            r[p] = t[p][i, j] if m[i, j] else (t[1 - p][i, j] if n[1 - p][i, j] else 0.0)
        effects[0] += (r[0] + r[1]) / 2 * (b[0] + b[1]) / 2 * (a[0] - a[1])
        effects[1] += (r[0] + r[1]) / 2 * (a[0] + a[1]) / 2 * (b[0] - b[1])
        effects[2] += (w[0] + w[1]) / 2 * (r[0] - r[1])
    return effects


@settings(max_examples=60)
@given(sizes_2, st.lists(st.integers(0, 8), min_size=12, max_size=12))
def test_two_classifications_agree_with_a_slow_walk_over_the_cells(counts: list[int], eighths: list[int]) -> None:
    n = np.array(counts, dtype=float).reshape(2, 2, 3)
    t = np.where(n > 0, np.array(eighths).reshape(2, 2, 3) / 8, np.nan)
    found = standardise_structure(n, t)
    assert found.effects() == pytest.approx(slow_structure(n, t), abs=1e-12)
    assert found.effects().sum() == pytest.approx(found.crude[0] - found.crude[1], abs=1e-12)
    assert found.crude == pytest.approx([np.nansum(n[p] * t[p]) / n[p].sum() for p in (0, 1)], abs=1e-12)


@settings(max_examples=40)
@given(sizes_2, st.lists(st.integers(0, 8), min_size=12, max_size=12))
def test_one_classification_is_kitagawas_decomposition(counts: list[int], eighths: list[int]) -> None:
    n, t = np.array(counts, dtype=float).reshape(2, 6), np.array(eighths).reshape(2, 6) / 8
    composition, level = kitagawa_parts(n[0] * t[0], n[0], n[1] * t[1], n[1])
    assert standardise_structure(n, t).effects() == pytest.approx([composition.sum(), level.sum()], abs=1e-12)


def test_a_population_without_cases_has_no_rate_and_leaves_nothing_to_compare() -> None:
    found = standardise_structure([[1, 2], [0, 0]], [[0.5, 0.5], [np.nan, np.nan]])
    assert np.isnan(found.rates).all()
    assert found.crude[0] == 0.5 and np.isnan(found.crude[1])


def test_shapes_that_do_not_fit_are_refused_in_words() -> None:
    for sizes, rates in (
        ([1, 2], [1, 2]),
        ([[1, 2]], [[1, 2]]),
        ([[1, 2], [-1, 2]], [[1, 1]] * 2),
        ([[1]] * 2, [1, 1]),
    ):
        with pytest.raises(MethodError, match="both must be"):
            standardise_structure(sizes, rates)


def frame(rows: list[tuple[str, str, float, float]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["channel", "kind", "x", "n"])


TOWN = frame([("phone", "noise", 8, 10), ("phone", "waste", 9, 10), ("app", "noise", 40, 50)])
REST = frame(
    [("app", "waste", 90, 100), ("phone", "noise", 70, 90), ("app", "noise", 30, 40), ("phone", "waste", 5, 5)]
)


def test_frames_are_added_up_and_aligned_and_their_order_does_not_matter() -> None:
    first = decompose_structure({"town": TOWN, "rest": REST}, by=["channel", "kind"])
    halves = pd.concat([TOWN.assign(x=TOWN["x"] - 2, n=TOWN["n"] - 3), TOWN.assign(x=2, n=3)])
    halves = halves.sample(frac=1, random_state=2)
    second = decompose_structure({"town": halves, "rest": REST[::-1]}, by=["channel", "kind"])
    assert first is not None and second is not None
    pd.testing.assert_frame_equal(first.rates, second.rates)
    assert first.parts == ("channel", "kind", "rate")
    assert first.effects("town", "rest").sum() == pytest.approx(57 / 70 - 195 / 235, abs=1e-15)


def test_three_frames_by_one_classification_chain() -> None:
    found = decompose_structure({"a": TOWN, "b": REST, "c": REST[1:]}, by=["kind"])
    assert found is not None
    chained = found.effects("a", "b") + found.effects("b", "c")
    assert found.effects("a", "c").to_numpy() == pytest.approx(chained.to_numpy(), abs=1e-15)


def test_hidden_counts_and_empty_frames_are_not_taken_apart() -> None:
    hidden = TOWN.assign(state=["value", "hidden", "value"])
    assert decompose_structure({"a": hidden, "b": REST}, by=["kind"]) is None
    assert decompose_structure({"a": TOWN[:0], "b": REST}, by=["kind"]) is None


def test_rows_without_data_are_left_out_and_impossible_counts_refused() -> None:
    missing = pd.concat([TOWN, frame([("app", "waste", np.nan, np.nan)])])
    first = decompose_structure({"a": missing, "b": REST}, by=["kind"])
    second = decompose_structure({"a": TOWN, "b": REST}, by=["kind"])
    assert first is not None and second is not None
    pd.testing.assert_frame_equal(first.rates, second.rates)
    for x in (-1, 11, 0.5, np.nan):
        with pytest.raises(CountError):
            decompose_structure({"a": frame([("app", "waste", x, 10)]), "b": REST}, by=["kind"])
    with pytest.raises(MethodError, match="at least two"):
        decompose_structure({"a": TOWN}, by=["kind"])


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_a_row_without_its_category_is_refused_in_words_and_one_without_data_too_is_left_out(missing: object) -> None:
    nowhere = frame([("app", missing, 3, 4)])  # type: ignore[list-item]
    for by in (["kind"], ["channel", "kind"]):
        with pytest.raises(MethodError, match="town has 1 rows without a category in kind") as caught:
            decompose_structure({"town": pd.concat([TOWN, nowhere]), "rest": REST}, by=by)
        assert "“town”有1行" in caught.value.zh
        silent = pd.concat([TOWN, nowhere.assign(x=np.nan, n=np.nan)])
        first = decompose_structure({"town": silent, "rest": REST}, by=by)
        second = decompose_structure({"town": TOWN, "rest": REST}, by=by)
        assert first is not None and second is not None
        pd.testing.assert_frame_equal(first.rates, second.rates)
