"""Peers: plain loops, ties, missing values, dropped variables and the pooled benchmark."""

import math
import random
import statistics

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from indicators.catalogue import Catalogue, load_catalogue
from indicators.errors import CountError, MethodError
from indicators.intervals import newcombe, wilson
from indicators.peers import context_scores, nearest_peers, peer_benchmark
from indicators.values import rate_table

RESOLUTION = load_catalogue()["resolution_rate"]
NAN = float("nan")


@st.composite
def contexts(draw: st.DrawFn) -> pd.DataFrame:
    """A few places on a coarse grid, so that ties, equal places, constant and missing values are common."""
    places, variables = draw(st.integers(1, 8)), draw(st.integers(1, 4))
    cell = st.sampled_from([NAN, 0.0, 1.0, 1.0, 2.0, 5.0])
    rows = draw(st.lists(st.lists(cell, min_size=variables, max_size=variables), min_size=places, max_size=places))
    return pd.DataFrame(rows, index=[f"p{row}" for row in range(places)], columns=list("wxyz"[:variables]))


def naive_scores(context: pd.DataFrame, limit: float) -> dict[str, list[float]]:
    """Variable by variable with the statistics of the standard library."""
    scores: dict[str, list[float]] = {}
    for name in context.columns:
        values = [float(one) for one in context[name]]
        known = [one for one in values if not math.isnan(one)]
        if 2 * len(known) < len(values) or len(set(known)) < 2:
            continue
        if any(abs(naive_correlation(values, [float(one) for one in context[kept]])) > limit for kept in scores):
            continue
        mean, spread, median = statistics.mean(known), statistics.stdev(known), statistics.median(known)
        scores[str(name)] = [((median if math.isnan(one) else one) - mean) / spread for one in values]
    return scores


def naive_correlation(first: list[float], second: list[float]) -> float:
    pairs = [(a, b) for a, b in zip(first, second, strict=True) if not math.isnan(a + b)]
    if len(pairs) < 3 or len({a for a, _ in pairs}) < 2 or len({b for _, b in pairs}) < 2:
        return 0.0
    return statistics.correlation([a for a, _ in pairs], [b for _, b in pairs])


@given(contexts(), st.integers(1, 9), st.sampled_from([0.9, 1.0]))
@settings(max_examples=60)
def test_peers_are_those_of_plain_loops_over_pairs(context: pd.DataFrame, k: int, limit: float) -> None:
    scores = naive_scores(context, limit)
    # A correlation that is exactly 1 may be rounded to either side of it.
    assume(limit < 1 or set(context_scores(context, collinear=limit).scores.columns) == set(scores))
    found = nearest_peers(context, k=k, collinear=limit)
    places = list(context.index)
    expected = []
    for i, place in enumerate(places):
        others = [
            (round(math.sqrt(sum((z[i] - z[j]) ** 2 for z in scores.values())), 9), peer)
            for j, peer in enumerate(places)
            if j != i
        ]
        expected += [(place, peer, rank + 1) for rank, (_, peer) in enumerate(sorted(others)[:k])] if scores else []
    assert list(found[["place", "peer", "rank"]].itertuples(index=False, name=None)) == expected


@given(contexts(), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_the_order_of_the_places_never_changes_the_peers(context: pd.DataFrame, shuffle: random.Random) -> None:
    order = list(context.index)
    shuffle.shuffle(order)
    straight, turned = (nearest_peers(one, k=3).sort_values(["place", "rank"]) for one in (context, context.loc[order]))
    pd.testing.assert_frame_equal(straight.reset_index(drop=True), turned.reset_index(drop=True))


def test_thousands_of_places_have_the_peers_of_the_whole_matrix() -> None:
    rng = np.random.default_rng(2)
    context = pd.DataFrame(rng.normal(size=(3000, 5)), index=[f"{row:05d}" for row in range(3000)]).round(1)
    found = nearest_peers(context, k=10)
    scores = context_scores(context).scores.to_numpy()
    for row in range(0, 3000, 97):
        whole = np.round(cdist(scores[[row]], scores)[0], 10)
        whole[row] = np.inf
        expected = np.lexsort((np.arange(3000), whole))[:10]
        mine = found.iloc[10 * row : 10 * row + 10]
        assert mine["peer"].tolist() == [f"{one:05d}" for one in expected]
        np.testing.assert_allclose(mine["distance"], whole[expected])


def test_among_many_equal_places_the_lowest_codes_are_the_peers() -> None:
    context = pd.DataFrame({"size": [1.0] * 200 + [9.0]}, index=[f"{row:03d}" for row in range(201)])
    found = nearest_peers(context, k=3)
    assert found[found["place"] == "150"]["peer"].tolist() == ["000", "001", "002"]
    assert found[found["place"] == "000"]["peer"].tolist() == ["001", "002", "003"]
    assert found[found["place"] == "200"]["peer"].tolist() == ["000", "001", "002"]


def test_being_a_peer_is_not_mutual() -> None:
    found = nearest_peers(pd.DataFrame({"size": [0.0, 1.0, 1.5]}, index=list("abc")), k=1)
    assert dict(zip(found["place"], found["peer"], strict=True)) == {"a": "b", "b": "c", "c": "b"}


def test_variables_left_out_are_reported_with_the_reason() -> None:
    context = pd.DataFrame({"size": [1, 2, 4, 8.0], "twice": [2, 4, 8, 16.0], "flat": [3.0] * 4, "void": [NAN] * 4,
                            "rare": [1.0, NAN, NAN, NAN], "other": [4, 1, 3, 2.0]}, index=list("abcd"))  # fmt: skip
    dropped = {"twice": "correlated:size", "flat": "constant", "void": "no_data", "rare": "mostly_missing"}
    assert dict(context_scores(context).dropped) == dropped == nearest_peers(context).attrs["dropped"]
    assert list(context_scores(context).scores.columns) == ["size", "other"]


def test_a_missing_value_is_the_median_flagged_and_no_reason() -> None:
    context = pd.DataFrame({"size": [1.0, 2.0, 3.0, NAN], "rural": [1.0, 5.0, 1.0, 5.0]}, index=list("abcd"))
    scores = context_scores(context)
    assert scores.scores["size"].tolist() == [-1, 0, 1, 0]
    assert scores.imputed["size"].tolist() == [False, False, False, True]
    first = nearest_peers(context, k=1, weights={"rural": 2.0}).set_index("place")
    assert first["peer"].to_dict() == {"a": "c", "b": "d", "c": "a", "d": "b"}
    assert first["imputed"].to_dict() == {"a": False, "b": True, "c": False, "d": True}
    assert first["why"].to_dict() == {"a": ("rural",), "b": ("rural",), "c": ("rural",), "d": ("rural",)}


def test_the_reasons_are_the_closest_variables_and_at_most_three() -> None:
    context = pd.DataFrame([[0, 0, 0, 0], [0.02, 0.01, 0.03, 0.0], [1, -1, 1, -1.5], [-1, 1, 1.2, 1.0]],
                           columns=list("wxyz"), index=list("abcd"))  # fmt: skip
    first = nearest_peers(context, k=1, collinear=1.0).set_index("place")
    assert first.loc["a", "peer"] == "b" and first.loc["a", "why"] == ("z", "x", "w")


def test_a_logarithm_brings_sizes_of_different_orders_together() -> None:
    context = pd.DataFrame({"residents": [100.0, 1000, 10_000, 25_000]}, index=list("abcd"))
    plain, logged = (nearest_peers(context, k=1, log=log).set_index("place")["peer"] for log in ((), ("residents",)))
    assert plain["b"] == "a" and logged["b"] in ("a", "c") and logged["c"] == "d"
    doubled = nearest_peers(context * 2, k=3, log=("residents",))
    pd.testing.assert_frame_equal(doubled, nearest_peers(context, k=3, log=("residents",)))


def test_weights_count_a_variable_more_or_not_at_all() -> None:
    context = pd.DataFrame({"size": [0.0, 0.1, 3.0], "rural": [0.0, 9.0, 0.5]}, index=list("abc"))
    first = {
        name: nearest_peers(context, k=1, weights=weights).set_index("place").loc["a"]
        for name, weights in {"size": {"rural": 0.0}, "rural": {"size": 0.0}, "both": {}}.items()
    }
    assert (first["size"]["peer"], first["rural"]["peer"]) == ("b", "c")
    z = context_scores(context).scores
    apart = math.sqrt(sum((z.loc["a", name] - z.loc[first["both"]["peer"], name]) ** 2 for name in z.columns))
    assert first["both"]["distance"] == pytest.approx(apart)
    assert first["size"]["why"] == ("size",)
    fourfold = nearest_peers(context, k=1, weights={"size": 4.0, "rural": 4.0}).set_index("place").loc["a"]
    assert fourfold["distance"] == pytest.approx(2 * apart) and fourfold["why"] == first["both"]["why"]


def test_without_variables_or_others_there_are_no_peers() -> None:
    for context in (
        pd.DataFrame({"size": [1.0]}, index=["a"]),
        pd.DataFrame({"size": [1.0, 1.0]}, index=["a", "b"]),
        pd.DataFrame(index=["a", "b"]),
        pd.DataFrame({"size": []}),
    ):
        found = nearest_peers(context)
        assert len(found) == 0 and list(found.columns) == ["place", "peer", "rank", "distance", "why", "imputed"]


@pytest.mark.parametrize(
    "arguments",
    [{"k": 0}, {"weights": {"size": -1.0}}, {"weights": {"wide": 1.0}}, {"log": ["size"]}, {"log": ["wide"]}],
)
def test_arguments_that_cannot_be_used_are_refused(arguments: dict[str, object]) -> None:
    with pytest.raises(MethodError):
        nearest_peers(pd.DataFrame({"size": [0.0, 1.0, 2.0]}, index=list("abc")), **arguments)  # type: ignore[arg-type]


def test_a_place_twice_and_infinite_values_are_refused() -> None:
    with pytest.raises(MethodError, match="a occurs more than once"):
        nearest_peers(pd.DataFrame({"size": [0.0, 1.0]}, index=["a", "a"]))
    with pytest.raises(MethodError, match="size is infinite"):
        nearest_peers(pd.DataFrame({"size": [0.0, math.inf]}, index=["a", "b"]))


@pytest.mark.parametrize(
    "column",
    [["x", "y"], [1.0, "y"], pd.to_datetime(["2020-01-01", "2020-02-01"]), pd.Categorical(["1", "2"]), ["1", "2"]],
)
def test_columns_of_text_or_dates_are_refused_by_name(column: object) -> None:
    context = pd.DataFrame({"size": [1.0, 2.0], "kind": column}, index=["a", "b"])
    with pytest.raises(MethodError, match="kind is not a column of numbers"):
        nearest_peers(context)
    with pytest.raises(MethodError, match="kind is not a column of numbers"):
        context_scores(context)


def test_numbers_are_taken_in_whatever_column_they_come() -> None:
    plain = pd.DataFrame({"size": [1.0, 2.0, NAN, 5.0]}, index=list("abcd"))
    for column in (pd.array([1, 2, None, 5], dtype="Int64"), np.array([1, 2, None, 5], dtype=object)):
        found = nearest_peers(pd.DataFrame({"size": column}, index=list("abcd")))
        pd.testing.assert_frame_equal(found, nearest_peers(plain))


@st.composite
def benchmarks(draw: st.DrawFn) -> tuple[list[int], list[int], list[tuple[int, int]]]:
    n = draw(st.lists(st.sampled_from([0, 3, 20, 500]), min_size=1, max_size=6))
    x = [draw(st.integers(0, cases)) for cases in n]
    row = st.integers(0, len(n))
    return x, n, draw(st.lists(st.tuples(row, row), max_size=12))


@given(benchmarks())
@settings(max_examples=60)
def test_the_benchmark_is_the_pooled_rate_of_the_peers(
    data: tuple[list[int], list[int], list[tuple[int, int]]],
) -> None:
    x, n, pairs = data
    names = [f"{row}" for row in range(len(n) + 1)]  # the last one is in the list of peers only
    counts = pd.DataFrame({"place": names[:-1], RESOLUTION.numerator: x, RESOLUTION.denominator: n})
    peers = pd.DataFrame([(names[i], names[j]) for i, j in pairs], columns=["place", "peer"])
    found = peer_benchmark(rate_table(counts, RESOLUTION), peers, RESOLUTION)
    for row in range(len(n)):
        own = [j for j in sorted({j for i, j in pairs if i == row}) if j < len(n) and n[j]]
        line = found.iloc[row]
        assert line["peers"] == len(own)
        if not own:
            assert line[["peer_x", "peer_n", "peer_value", "peer_low", "peer_high", "difference"]].isna().all()
            continue
        pooled_x, pooled_n = sum(x[j] for j in own), sum(n[j] for j in own)
        assert (line["peer_x"], line["peer_n"], line["peer_value"]) == (pooled_x, pooled_n, pooled_x / pooled_n)
        assert (line["peer_low"], line["peer_high"]) == tuple(float(one) for one in wilson(pooled_x, pooled_n))
        gap = newcombe(x[row], n[row], pooled_x, pooled_n)
        mine = line[["difference", "difference_low", "difference_high"]].to_numpy(dtype=np.float64)
        np.testing.assert_array_equal(mine, np.array([float(one) for one in gap]))


def test_hidden_peers_are_not_pooled_and_ratios_have_their_own_intervals(catalogue: Catalogue) -> None:
    peers = pd.DataFrame({"place": ["a", "a"], "peer": ["b", "c"]})
    counts = pd.DataFrame({"place": list("abc"), RESOLUTION.numerator: [9, 8, 1], RESOLUTION.denominator: [10, 10, 2],
                           "hidden": [False, False, True]})  # fmt: skip
    assert peer_benchmark(rate_table(counts, RESOLUTION), peers, RESOLUTION)["peer_n"].iloc[0] == 10
    ratio = catalogue["officials_per_1000"]
    table = rate_table(
        pd.DataFrame({"place": list("abc"), ratio.numerator: [20, 200, 21], ratio.denominator: [10_000] * 3}), ratio
    )
    line = peer_benchmark(table, peers, ratio).iloc[0]
    assert line["peer_value"] == pytest.approx(221 / 20_000 * ratio.per)
    assert line["peer_low"] < line["peer_value"] < line["peer_high"] and line["difference_high"] < 0


def test_stock_over_flow_has_a_benchmark_without_an_interval(catalogue: Catalogue) -> None:
    days = catalogue["supply_days"]
    table = rate_table(pd.DataFrame({"place": ["a", "b"], days.numerator: [160, 40], days.denominator: [10, 10]}), days)
    line = peer_benchmark(table, pd.DataFrame({"place": ["a"], "peer": ["b"]}), days).iloc[0]
    assert line["peer_value"] == 4 * days.per and np.isnan(line["peer_low"]) and np.isnan(line["difference_low"])


def test_a_table_with_a_place_twice_or_impossible_counts_is_refused() -> None:
    counts = pd.DataFrame({"place": ["a", "b"], RESOLUTION.numerator: [9, 8], RESOLUTION.denominator: [10, 10]})
    table, peers = rate_table(counts, RESOLUTION), pd.DataFrame({"place": ["a"], "peer": ["b"]})
    with pytest.raises(MethodError, match="a occurs more than once"):
        peer_benchmark(pd.concat([table, table]), peers, RESOLUTION)
    with pytest.raises(MethodError, match="a occurs more than once"):
        peer_benchmark(pd.concat([table, table], ignore_index=True), peers, RESOLUTION)
    with pytest.raises(CountError):
        peer_benchmark(table.assign(x=[9.0, 11.0]), peers, RESOLUTION)
