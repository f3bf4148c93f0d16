"""Clusters of failures on a map: planted and pure chance, with plain-loop twins of everything beside the tests."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.catalogue import Indicator, load_catalogue
from indicators.intervals import wilson
from indicators.local_moran import local_moran
from indicators.moran import Neighbouring
from indicators.spatial_clusters import (
    ALPHA,
    ClusterMap,
    arrangements_as_large,
    cluster_map,
    failing_rates,
    is_clustered,
    local_permutations,
)
from indicators.values import rate_table

CATALOGUE = load_catalogue()
SOLVED, REPEATS, PER_1000 = (CATALOGUE[code] for code in ("resolution_rate", "repeat_rate", "issues_per_1000"))


def grid(side: int) -> Neighbouring:
    """Queen neighbours of a square grid, named by row and column."""
    cells = [(x, y) for x in range(side) for y in range(side)]
    number = {cell: row for row, cell in enumerate(cells)}
    around = [(dx, dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1) if dx or dy]
    pairs = [
        (number[x, y], number[x + dx, y + dy]) for x, y in cells for dx, dy in around if (x + dx, y + dy) in number
    ]
    return SimpleNamespace(ids=tuple(f"{x:02d}{y:02d}" for x, y in cells), pairs=np.array(pairs, dtype=np.int64))


def rates_of(failed: list[int], due: list[int], near: Neighbouring, indicator: Indicator = SOLVED) -> pd.DataFrame:
    x = [all_ - bad for bad, all_ in zip(failed, due, strict=True)] if indicator.better == "higher" else failed
    counts = pd.DataFrame({"place": near.ids, indicator.numerator: x, indicator.denominator: due})
    return rate_table(counts, indicator, places=list(near.ids))


def chance(seed: int, near: Neighbouring, *, due: int = 60, share: float = 0.1) -> list[int]:
    return np.random.default_rng(seed).binomial(due, share, size=len(near.ids)).tolist()


def found_on(failed: list[int], due: list[int], near: Neighbouring, indicator: Indicator = SOLVED) -> ClusterMap:
    return cluster_map(rates_of(failed, due, near, indicator), indicator, near, precision="surveyed")


def friends(near: Neighbouring, usable: set[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {code: set() for code in near.ids}
    for i, j in near.pairs:
        if {near.ids[i], near.ids[j]} <= usable:
            found[near.ids[i]].add(near.ids[j])
    return found


# Rates of failures


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), min_size=1, max_size=8))
def test_failures_are_what_is_left_of_the_cases_with_the_interval_of_their_own(pairs: list[tuple[int, int]]) -> None:
    near = SimpleNamespace(ids=tuple(str(at) for at in range(len(pairs))), pairs=np.empty((0, 2), dtype=np.int64))
    failed, due = [min(pair) for pair in pairs], [max(pair) for pair in pairs]
    turned = failing_rates(rates_of(failed, due, near), SOLVED)
    for row, x, n in zip(turned.to_dict("records"), failed, due, strict=True):
        if n == 0:
            assert row["state"] == "no_data" and math.isnan(row["value"])
            continue
        assert (row["x"], row["n"]) == (x, n) and row["value"] == pytest.approx(x / n)
        if row["state"] == "value":
            assert (row["low"], row["high"]) == pytest.approx(tuple(map(float, wilson(x, n))), abs=1e-12)


def test_where_lower_or_nothing_is_better_the_rates_stay_as_they_are() -> None:
    near = grid(6)
    rates = rates_of(chance(1, near), [60] * 36, near, REPEATS)
    assert failing_rates(rates, REPEATS) is rates
    people = rate_table(pd.DataFrame({"place": near.ids, "reported": 7, "residents": 1_000}), PER_1000)
    assert failing_rates(people, PER_1000) is people
    odd = PER_1000.model_copy(update={"better": "higher"})
    with pytest.raises(ValueError, match="no share of cases"):
        failing_rates(people, odd)


# Twins


def adjusted_by_hand(p: list[float]) -> list[float]:
    """Benjamini–Hochberg by hand: the smallest m·p/rank among the p that are as large or larger."""
    ordered = sorted(p)
    return [
        min(min(1.0, len(p) * one / (ordered.index(one) + ordered.count(one))) for one in p if one >= own) for own in p
    ]


def flooded(labels: dict[str, str], around: dict[str, set[str]]) -> set[tuple[str, tuple[str, ...]]]:
    found, left = set(), {code for code, label in labels.items() if label in ("high_high", "low_low")}
    while left:
        patch, edge = set(), {left.pop()}
        while edge:
            one = edge.pop()
            patch.add(one)
            edge |= {other for other in around[one] if labels[other] == labels[one]} - patch
        left -= patch
        found.add((labels[min(patch)], tuple(sorted(patch))))
    return found


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(0, 5))
def test_adjusted_p_neighbours_and_clusters_are_those_of_plain_loops(seed: int, empty: int) -> None:
    near = grid(7)
    random = np.random.default_rng(seed)
    share = np.where(random.random(49) < 0.15, 0.02, 0.1) + 0.5 * (np.arange(49) % 7 < 2) * (np.arange(49) < 21)
    due = random.integers(10, 90, size=49)
    due[random.choice(49, size=empty, replace=False)] = 0
    failed = random.binomial(due, share)
    found = found_on(failed.tolist(), due.tolist(), near)
    table = found.table.set_index("place")
    bad, all_ = dict(zip(near.ids, failed, strict=True)), dict(zip(near.ids, due, strict=True))
    around = friends(near, {code for code in near.ids if all_[code]})
    for code, others in around.items():
        row = table.loc[code]
        assert row["neighbours"] == len(others)
        assert (row["near_x"], row["near_n"]) == (sum(bad[one] for one in others), sum(all_[one] for one in others))
        if row["near_n"]:
            assert row["near_value"] == pytest.approx(row["near_x"] / row["near_n"])
        else:
            assert math.isnan(row["near_value"])
    assert found.links == sum(map(len, around.values())) // 2
    judged = table[table["reason"].isna()]
    assert len(judged) == found.local.tested == int((table["n"] >= 20).sum())
    np.testing.assert_allclose(judged["adjusted"], adjusted_by_hand(judged["p"].tolist()), rtol=1e-12)
    assert (judged["label"] != "none").tolist() == (judged["adjusted"] <= ALPHA).tolist()
    assert table.loc[table["reason"].notna(), "adjusted"].isna().all()
    clusters = [(one.label, one.places) for one in found.clusters]
    assert set(clusters) == flooded(table["label"].to_dict(), around) and len(set(clusters)) == len(clusters)
    assert [len(places) for _, places in clusters] == sorted((len(places) for _, places in clusters), reverse=True)


def test_the_draws_are_those_that_the_local_test_would_take_by_itself() -> None:
    near = grid(9)
    failed = chance(3, near)
    found = found_on(failed, [60] * 81, near)
    alone = local_moran(near.ids, failed, [60] * 81, near, precision="surveyed")
    assert found.permutations == local_permutations(81) == 3239
    np.testing.assert_array_equal(found.table["p"], alone.areas["p"])
    assert local_permutations(10) == 999 and local_permutations(407) == 16_279 and local_permutations(10**6) == 19_999


# What is found


def test_a_planted_cluster_is_found_where_it_is_and_called_by_its_kind() -> None:
    near = grid(12)
    failed = chance(11, near)
    planted = {f"{x:02d}{y:02d}" for x in range(3, 6) for y in range(7, 10)}
    for at, code in enumerate(near.ids):
        failed[at] = 30 if code in planted else failed[at]
    found = found_on(failed, [60] * 144, near)
    assert is_clustered(found.whole) and arrangements_as_large(found.whole) == 0
    first = found.clusters[0]
    assert first.label == "high_high" and "0408" in first.places
    assert set(first.places) <= planted and len(first.places) >= 5
    assert sum(one.label == "high_high" for one in found.clusters) == 1


def test_of_successes_turned_round_the_same_map_is_a_better_cluster() -> None:
    near = grid(10)
    failed = [2 if code[:2] < "03" and code[2:] < "03" else 30 for code in near.ids]
    found = found_on(failed, [60] * 100, near)
    assert [one.label for one in found.clusters if len(one.places) > 3] == ["low_low"]
    assert set(found.clusters[0].places) <= {code for code in near.ids if code[:2] < "03" and code[2:] < "03"}


def test_chance_alone_is_named_on_few_maps_and_never_as_a_large_cluster() -> None:
    near = grid(10)
    maps = [found_on(chance(seed, near), [60] * 100, near) for seed in range(40)]
    assert sum(bool((one.table["label"] != "none").any()) for one in maps) <= 5
    assert all(len(cluster.places) <= 2 for one in maps for cluster in one.clusters)
    assert sum(is_clustered(one.whole) for one in maps) <= 6


# What is not said


def test_nothing_is_computed_on_a_schematic_map() -> None:
    near = grid(8)
    found = cluster_map(rates_of([30] * 20 + [1] * 44, [60] * 64, near), SOLVED, near, precision="schematic")
    assert found.whole.reason == found.local.reason == "schematic"
    assert found.table[["lag", "statistic", "p", "adjusted"]].isna().all(axis=None)
    assert (found.table["label"] == "none").all() and found.clusters == () and found.permutations == 0
    assert not is_clustered(found.whole)
    with pytest.raises(ValueError, match="not tested"):
        arrangements_as_large(found.whole)


def test_few_areas_are_tested_as_a_whole_only() -> None:
    near = grid(5)
    found = found_on([30] * 10 + [1] * 15, [60] * 25, near)
    assert is_clustered(found.whole) and found.local.reason == "too_few_areas"
    assert found.table["reason"].isna().all() and found.table["adjusted"].isna().all() and found.clusters == ()


def test_areas_without_data_cases_neighbours_or_a_shape_are_told_apart() -> None:
    near = grid(8)
    alone = near.ids.index("0000")
    pairs = near.pairs[~(near.pairs == alone).any(axis=1)]
    drawn = SimpleNamespace(ids=near.ids, pairs=pairs)
    failed, due = [*chance(5, near), 3], [60] * 65
    due[1] = failed[1] = 0
    due[2], failed[2] = 12, 1
    places = SimpleNamespace(ids=(*near.ids, "nowhere"), pairs=pairs)
    found = cluster_map(rates_of(failed, due, places), SOLVED, drawn, precision="surveyed", filled=("0707",))
    reasons = found.table.set_index("place")["reason"]
    assert reasons[["0000", "0001", "0002", "nowhere"]].tolist() == [
        "no_neighbours", "no_data", "too_few_cases", "not_drawn",
    ]  # fmt: skip
    assert reasons.notna().sum() == 4 and found.filled == ("0707",)


def test_hidden_figures_count_as_no_data_and_their_neighbours_do_not_give_them_away() -> None:
    near = grid(8)
    counts = pd.DataFrame(
        {"place": near.ids, "verified_solved": 50, "due": 60, "hidden": [code == "0101" for code in near.ids]}
    )
    counts.loc[10:20, "verified_solved"] = 30
    found = cluster_map(rate_table(counts, SOLVED), SOLVED, near, precision="surveyed")
    row = found.table.set_index("place").loc["0101"]
    assert row["reason"] == "no_data" and row["state"] == "hidden" and math.isnan(row["p"])
    beside = found.table.set_index("place").loc["0000"]
    assert beside["neighbours"] == 2 and beside["near_n"] == 120
