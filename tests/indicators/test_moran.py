"""Global and local Moran: plain-loop twins, planted clusters, pure noise, and the maps on which nothing is said."""

import math
import random
import threading
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.errors import CountError, MethodError
from indicators.local_moran import _distinct_draws, local_moran
from indicators.moran import LEAST_AREAS_GLOBAL, Neighbouring, assuncao_reis, global_moran, morans_i


def grid(side: int, across: int | None = None) -> Neighbouring:
    """Queen neighbours of a grid, named by row and column."""
    across = across or side
    cells = [(x, y) for x in range(side) for y in range(across)]
    number = {cell: row for row, cell in enumerate(cells)}
    pairs = [
        (number[x, y], number[x + dx, y + dy])
        for x, y in cells
        for dx in (-1, 0, 1)
        for dy in (-1, 0, 1)
        if (dx or dy) and (x + dx, y + dy) in number
    ]
    ids = tuple(f"{x:03d}{y:03d}" for x, y in cells)
    return SimpleNamespace(ids=ids, pairs=np.array(pairs, dtype=np.int64).reshape(-1, 2))


def naive_z(events: list[int], population: list[int]) -> list[float]:
    known = [(e, n) for e, n in zip(events, population, strict=True) if n]
    if not known:
        return [math.nan] * len(events)
    b = sum(e for e, _ in known) / sum(n for _, n in known)
    s2 = sum(n * (e / n - b) ** 2 for e, n in known) / sum(n for _, n in known)
    a = max(0.0, s2 - b / (sum(n for _, n in known) / len(known)))
    if len({e / n for e, n in known}) == 1:
        return [0.0 if n else math.nan for n in population]
    return [(e / n - b) / math.sqrt(a + b / n) if n else math.nan for e, n in zip(events, population, strict=True)]


def naive_moran(z: dict[str, float], neighbours: dict[str, list[str]]) -> float:
    mean = sum(z.values()) / len(z)
    top = sum((z[a] - mean) * (z[b] - mean) / len(others) for a, others in neighbours.items() for b in others)
    return top / sum((one - mean) ** 2 for one in z.values())


@st.composite
def maps(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    population = draw(st.lists(st.integers(0, 60), min_size=16, max_size=16))
    return [draw(st.integers(0, n)) for n in population], population


@settings(max_examples=50)
@given(maps())
def test_rates_and_morans_i_are_those_of_plain_loops(map_: tuple[list[int], list[int]]) -> None:
    events, population = map_
    z = naive_z(events, population)
    np.testing.assert_allclose(assuncao_reis(events, population).z, z, atol=1e-12)
    near = grid(4)
    full = {one for one, n in zip(near.ids, population, strict=True) if n}
    neighbours: dict[str, list[str]] = {}
    for i, j in near.pairs:
        if near.ids[i] in full and near.ids[j] in full:
            neighbours.setdefault(near.ids[i], []).append(near.ids[j])
    value = {one: z[near.ids.index(one)] for one in neighbours}
    found = global_moran(near.ids, events, population, near, precision="surveyed", permutations=9)
    if len(neighbours) < LEAST_AREAS_GLOBAL:
        assert found.reason == "too_few_areas" and math.isnan(found.statistic)
    elif max(value.values()) == min(value.values()):
        assert found.reason == "all_alike" and math.isnan(found.p)
    else:
        assert found.statistic == pytest.approx(naive_moran(value, neighbours), abs=1e-10)
        assert (found.areas, found.left_out) == (len(neighbours), 16 - len(neighbours))


def test_local_p_values_are_those_of_dealing_the_other_values_out_by_hand() -> None:
    near = grid(6)
    generator = np.random.default_rng(11)
    population = generator.integers(20, 80, 36)
    events = generator.binomial(population, 0.1)
    found = local_moran(near.ids, events, population, near, precision="surveyed", permutations=3_999).areas
    z = found["z"].to_numpy() - found["z"].mean()
    deal = random.Random(3)
    for i in (0, 7, 21, 35):
        mine = [int(j) for a, j in near.pairs if a == i]
        others = [one for j, one in enumerate(z) if j != i]
        observed = z[i] * sum(z[mine]) / len(mine)
        assert found["statistic"][i] == pytest.approx(35 * observed / (z @ z))
        dealt = [z[i] * sum(deal.sample(others, len(mine))) / len(mine) for _ in range(4_000)]
        tail = min(sum(one >= observed for one in dealt), sum(one <= observed for one in dealt))
        assert found["p"][i] == pytest.approx(min(1, 2 * (tail + 1) / 4_001), abs=0.05)


def test_draws_without_replacement_hold_every_selection_equally_often() -> None:
    drawn = _distinct_draws(4, 2, 12_000, seed=1)
    assert (drawn[:, 0] != drawn[:, 1]).all()
    counts = np.bincount(drawn[:, 0] * 4 + drawn[:, 1], minlength=16)
    np.testing.assert_allclose(counts[counts > 0], 1_000, rtol=0.12)
    assert (counts > 0).sum() == 12
    everything = _distinct_draws(5, 5, 50, seed=1)
    assert (np.sort(everything, axis=1) == np.arange(5)).all()


@settings(max_examples=10)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_rows_never_changes_a_result(shuffle: random.Random) -> None:
    near = grid(6)
    generator = np.random.default_rng(2)
    population = generator.integers(0, 60, 36)
    events = generator.binomial(population, 0.2)
    order = list(range(36))
    shuffle.shuffle(order)
    names = [near.ids[one] for one in order]
    first = local_moran(near.ids, events, population, near, precision="surveyed", permutations=199)
    second = local_moran(names, events[order], population[order], near, precision="surveyed", permutations=199)
    back = second.areas.set_index("place").loc[list(near.ids)].reset_index()
    np.testing.assert_array_equal(back["p"], first.areas["p"])
    assert back["label"].tolist() == first.areas["label"].tolist()
    assert second.areas["place"].tolist() == names
    whole = [
        global_moran(p, e, n, near, precision="surveyed", permutations=99)
        for p, e, n in ((near.ids, events, population), (names, events[order], population[order]))
    ]
    assert whole[0] == whole[1]


def test_a_planted_cluster_is_found_where_it_is_and_nowhere_else() -> None:
    near = grid(20)
    generator = np.random.default_rng(5)
    x, y = np.divmod(np.arange(400), 20)
    rate = np.where((x < 4) & (y < 4), 0.30, 0.04)
    population = np.full(400, 100)
    events = generator.binomial(population, rate)
    assert global_moran(near.ids, events, population, near, precision="surveyed").p == 0.001
    areas = local_moran(near.ids, events, population, near, precision="surveyed").areas
    high = areas["label"].eq("high_high").to_numpy()
    assert high[(x < 3) & (y < 3)].all()
    assert not high[(x > 4) | (y > 4)].any()
    turned = local_moran(near.ids, population - events, population, near, precision="surveyed").areas
    assert turned.loc[(x < 3) & (y < 3), "label"].isin(["low_low", "none"]).all()


def test_pure_noise_has_almost_no_clusters_after_the_false_discovery_rate() -> None:
    near = grid(20)
    generator = np.random.default_rng(6)
    named, small = 0, []
    for _ in range(6):
        population = generator.integers(20, 300, 400)
        events = generator.binomial(population, 0.02)
        found = local_moran(near.ids, events, population, near, precision="surveyed", permutations=1_999)
        named += int(found.areas["label"].ne("none").sum())
        small.append(float((found.areas["p"] < 0.05).mean()))
    assert named <= 4
    assert 0.02 < np.mean(small) < 0.08


def test_one_single_village_can_be_named_because_there_are_draws_enough() -> None:
    near = grid(20)
    events = np.full(400, 4)
    events[:200:3] = 5
    events[210] = 0
    for j in (one for i, one in near.pairs if i == 210):
        events[j] = 60
    areas = local_moran(near.ids, events, np.full(400, 100), near, precision="surveyed").areas
    assert areas["label"][210] == "low_high"
    assert areas["p"].min() <= 2 / 16_000


def test_areas_without_neighbours_data_or_cases_have_their_reason_and_no_label() -> None:
    near = grid(6)
    island = SimpleNamespace(ids=(*near.ids, "island"), pairs=near.pairs)
    places = [*near.ids, "island", "unknown to the map"]
    population = np.full(38, 50)
    population[0], population[1] = 0, 19
    events = np.minimum(population, np.arange(38) % 7)
    found = local_moran(places, events, population, island, precision="surveyed")
    reasons = found.areas["reason"].tolist()
    assert [reasons[one] for one in (0, 1, 2, 36, 37)] == [
        "no_data", "too_few_cases", None, "no_neighbours", "no_neighbours",
    ]  # fmt: skip
    assert found.tested == 34
    assert found.areas["p"].isna().tolist() == [one in (0, 36, 37) for one in range(38)]
    assert (found.areas["label"][[0, 1, 36, 37]] == "none").all()


@pytest.mark.parametrize("side", [1, 5])
def test_townships_are_too_few_for_local_statistics(side: int) -> None:
    near = grid(side)
    found = local_moran(near.ids, np.arange(side**2) % 3, np.full(side**2, 90), near, precision="surveyed")
    assert (found.reason, found.tested) == ("too_few_areas", 0)
    assert found.areas["p"].isna().all() and found.areas["label"].eq("none").all()
    whole = global_moran(near.ids, np.arange(side**2) % 3, np.full(side**2, 90), near, precision="surveyed")
    assert (whole.reason is None) == (side == 5)


def test_a_schematic_map_is_refused_and_so_is_one_where_all_rates_are_alike() -> None:
    near = grid(6)
    population = np.arange(36) * 10 + 10
    for test in (global_moran, local_moran):
        schematic = test(near.ids, np.arange(36), population, near, precision="schematic")
        assert schematic.reason == "schematic"
        assert test(near.ids, population // 10, population, near, precision="surveyed").reason == "all_alike"
        assert test(near.ids, np.zeros(36), population, near, precision="surveyed").reason == "all_alike"
        assert test(near.ids, np.zeros(36), np.zeros(36), near, precision="surveyed").reason == "too_few_areas"
        with pytest.raises(MethodError):
            test(near.ids, np.arange(36), population, near, precision="sketched")
    assert test([], [], [], near, precision="surveyed").reason == "too_few_areas"


def test_the_global_generator_of_numpy_is_neither_used_nor_touched() -> None:
    near = grid(6)
    events, population = np.arange(36) % 5, np.full(36, 40)
    before = np.random.get_state()[1].copy()
    calm = local_moran(near.ids, events, population, near, precision="surveyed", permutations=199).areas["p"]
    np.testing.assert_array_equal(before, np.random.get_state()[1])
    results = []
    threads = [
        threading.Thread(
            target=lambda: results.append(
                local_moran(near.ids, events, population, near, precision="surveyed", permutations=199).areas["p"]
            )
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in results:
        np.testing.assert_array_equal(one, calm)


def test_thousands_of_areas_agree_with_the_plain_loops() -> None:
    near = grid(50)
    generator = np.random.default_rng(8)
    population = generator.integers(1, 200, 2_500)
    events = generator.binomial(population, 0.05)
    found = global_moran(near.ids, events, population, near, precision="surveyed", permutations=49)
    z = dict(zip(near.ids, naive_z(events.tolist(), population.tolist()), strict=True))
    neighbours: dict[str, list[str]] = {one: [] for one in near.ids}
    for i, j in near.pairs:
        neighbours[near.ids[i]].append(near.ids[j])
    assert found.statistic == pytest.approx(naive_moran(z, neighbours), abs=1e-10)


def test_impossible_counts_repeated_places_and_levels_are_refused() -> None:
    near = grid(6)
    good = np.full(36, 40)
    for wrong in (np.full(36, -1), np.full(36, 41), np.full(36, 0.5), np.full(36, np.nan)):
        with pytest.raises(CountError):
            global_moran(near.ids, wrong, good, near, precision="surveyed")
    with pytest.raises(MethodError):
        global_moran(["a"] * 36, good, good, near, precision="surveyed")
    with pytest.raises(MethodError):
        morans_i(["a", "b"], [1.0, 2.0, 3.0], near)
    with pytest.raises(MethodError):
        local_moran(near.ids, good, good, near, precision="surveyed", alpha=1.5)
    assert math.isnan(morans_i(near.ids, np.ones(36), near))
