"""Tables of shrunken rates: who lends strength to whom, which rows have figures, and what is refused."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.catalogue import Indicator
from indicators.counts import CountError
from indicators.errors import MethodError
from indicators.intervals import wilson
from indicators.shrinkage import beta_binomial_moments, bootstrap_interval, reliability, shrunken_rates
from indicators.shrunk_table import shrunk_table
from indicators.values import rate_table

Counts = tuple[list[int], list[int]]

NEW = ["shrunk", "shrunk_low", "shrunk_high", "weight", "prior_mean", "prior_level", "prior_reason"]


@st.composite
def areas(draw: st.DrawFn) -> Counts:
    n = draw(st.lists(st.integers(0, 40), min_size=4, max_size=15))
    return [draw(st.sampled_from([0, one, draw(st.integers(0, one))])) for one in n], n


def frame(x: list[int], n: list[int], **columns: object) -> pd.DataFrame:
    table = pd.DataFrame({"place": [f"{row:04d}" for row in range(len(n))], "x": x, "n": n}, dtype=object)
    table = table.astype({"x": float, "n": float}).assign(**columns)
    table["state"] = np.where(table["n"] > 0, "value", "no_data")
    table.attrs = {"kind": "proportion", "interval": "chance"}
    return table


def test_a_table_is_shrunk_to_its_group_where_that_has_enough_areas() -> None:
    random = np.random.default_rng(8)
    n = random.integers(20, 60, 30)
    x = random.binomial(n, np.repeat([0.95, 0.6, 0.8], [12, 12, 6]) + random.uniform(-0.15, 0.05, 30))
    town = ["a"] * 12 + ["b"] * 12 + ["c"] * 5 + [None]
    table = frame(x.tolist(), n.tolist(), town=town)
    found = shrunk_table(table, within="town")
    assert found["prior_level"].tolist() == ["group"] * 24 + ["district"] * 6
    for rows, of in ((slice(0, 12), slice(0, 12)), (slice(12, 24), slice(12, 24)), (slice(24, 30), slice(0, 30))):
        prior = beta_binomial_moments(x[of], n[of])
        np.testing.assert_allclose(found["shrunk"][rows], shrunken_rates(x[rows], n[rows], prior))
        np.testing.assert_allclose(found["weight"][rows], reliability(n[rows], prior))
        np.testing.assert_allclose(found["prior_mean"][rows], prior.mean)
        bounds = bootstrap_interval(x[of], n[of], prior)
        here = slice(rows.start - of.start, rows.stop - of.start)
        np.testing.assert_allclose(found["shrunk_low"][rows], bounds.low[here])
        np.testing.assert_allclose(found["shrunk_high"][rows], bounds.high[here])
    assert (found["shrunk_low"] < found["shrunk"]).all() and (found["shrunk"] < found["shrunk_high"]).all()
    assert shrunk_table(table)["prior_level"].tolist() == ["district"] * 30


def test_a_group_that_is_all_at_100_percent_is_shrunk_to_the_district() -> None:
    x = [3] * 9 + [17, 20, 15, 19, 20, 11, 20, 20, 18]
    table = frame(x, [3] * 9 + [20] * 9, town=["a"] * 9 + ["b"] * 9)
    found = shrunk_table(table, within="town")
    assert found["prior_level"].tolist() == ["district"] * 9 + ["group"] * 9
    assert (found["shrunk"] < 1).all()


def test_where_all_areas_are_at_100_percent_the_interval_is_that_of_the_pooled_counts() -> None:
    found = shrunk_table(frame([3, 5, 9, 20], [3, 5, 9, 20]))
    assert (found["shrunk"] == 1).all() and (found["shrunk_high"] == 1).all()
    np.testing.assert_allclose(found["shrunk_low"], float(wilson(37, 37).low))
    assert found["prior_reason"].tolist() == ["no_variation"] * 4


def test_rows_without_cases_and_hidden_rows_keep_their_state_and_have_no_figures(
    resolution: Indicator, counts_of: Callable[..., pd.DataFrame]
) -> None:
    counts = counts_of([19, 30, 0, 25, 8, 40, 2], [20, 40, 0, 25, 12, 41, 3])
    counts["hidden"] = [False] * 5 + [True, False]
    table = rate_table(counts, resolution)
    found = shrunk_table(table)
    pd.testing.assert_frame_equal(found[list(table.columns)], table)
    assert list(found.columns) == [*table.columns, *NEW]
    blank = [2, 5]
    assert found.loc[blank, NEW].isna().all().all() and found["state"][blank].tolist() == ["no_data", "hidden"]
    known = [0, 1, 3, 4, 6]  # the small one too: small areas are what this is for
    prior = beta_binomial_moments(table["x"][known], table["n"][known])
    np.testing.assert_allclose(found["shrunk"][known], shrunken_rates(table["x"][known], table["n"][known], prior))
    counted = table.copy()
    counted.attrs["interval"] = "none"
    assert shrunk_table(counted)[NEW].isna().all().all()


@pytest.mark.parametrize("size", [0, 1, 3])
def test_a_table_of_too_few_areas_has_no_shrunken_rates(size: int) -> None:
    found = shrunk_table(frame([9] * size, [10] * size))
    assert found["shrunk"].isna().all() and found["prior_reason"].tolist() == ["too_few_areas"] * size


@settings(max_examples=20)
@given(areas(), st.integers(0, 2**32 - 1))
def test_the_order_of_the_rows_never_changes_a_figure(counts: Counts, seed: int) -> None:
    groups = [f"t{row % 2}" for row in range(len(counts[0]))]
    table = frame(*counts, town=groups)
    order = np.random.default_rng(seed).permutation(len(table))
    for within, least in ((None, 8), ("town", 4)):
        there = shrunk_table(table, within=within, least_areas=least)
        back = shrunk_table(table.iloc[order], within=within, least_areas=least)
        pd.testing.assert_frame_equal(there, back.sort_index(), check_exact=True)


def test_what_cannot_be_shrunk_is_refused() -> None:
    with pytest.raises(CountError):
        shrunk_table(frame([11] * 6, [10] * 6))
    with pytest.raises(MethodError, match="no column town"):
        shrunk_table(frame([1], [2]), within="town")
    ratio = frame([1], [2])
    ratio.attrs["kind"] = "ratio"
    with pytest.raises(MethodError, match="proportion"):
        shrunk_table(ratio)


def test_a_prior_that_was_refused_gives_neither_a_rate_nor_an_interval() -> None:
    table = shrunk_table(pd.DataFrame({"x": [20, 20, 20], "n": [20, 20, 20], "state": "value"}))
    assert table[["shrunk", "shrunk_low", "shrunk_high"]].isna().all().all()
    assert (table["prior_reason"] == "too_few_areas").all()
