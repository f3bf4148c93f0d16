"""Changes: real only beyond chance and beyond the agreed minimum, good only where a direction is better."""

import numpy as np
import pandas as pd
import pytest
from pandas.errors import MergeError

from indicators.catalogue import Catalogue, Indicator, load_catalogue
from indicators.changes import change_table
from indicators.intervals import newcombe
from indicators.values import rate_table

RESOLUTION = load_catalogue()["resolution_rate"]


def rates(pairs: dict[str, tuple[int, int]], indicator: Indicator = RESOLUTION) -> pd.DataFrame:
    x, n = zip(*pairs.values(), strict=True)
    counts = pd.DataFrame({"place": list(pairs), indicator.numerator: list(x), indicator.denominator: list(n)})
    return rate_table(counts, indicator)


def changed(now: tuple[int, int], before: tuple[int, int], indicator: Indicator = RESOLUTION) -> pd.Series:
    return change_table(rates({"p": now}, indicator), rates({"p": before}, indicator), indicator).iloc[0]


def test_a_change_is_now_minus_before_with_newcombes_interval() -> None:
    row = changed((950, 1000), (900, 1000))
    found = (row["difference"], row["low"], row["high"])
    assert found == pytest.approx(tuple(float(one) for one in newcombe(950, 1000, 900, 1000)))
    assert (row["change"], row["good"], row["now_value"], row["before_value"]) == ("up", True, 0.95, 0.9)


def test_98_6_to_98_2_on_800_cases_has_not_changed() -> None:
    row = changed((786, 800), (789, 800))
    assert (row["change"], row["good"]) == ("none", None)


def test_a_clear_change_below_the_agreed_minimum_is_none() -> None:
    row = changed((985_000, 1_000_000), (982_000, 1_000_000))
    assert row["low"] > 0 and row["change"] == "none"
    just = changed((985_000, 1_000_000), (980_000, 1_000_000))
    assert just["change"] == "up"


@pytest.mark.parametrize(
    ("code", "up_is_good"), [("resolution_rate", True), ("reopen_rate", False), ("caseload_per_grid_worker", None)]
)
def test_up_is_good_only_where_higher_is_better(catalogue: Catalogue, code: str, up_is_good: bool | None) -> None:
    row = changed((300, 1000), (100, 1000), catalogue[code])
    assert (row["change"], row["good"]) == ("up", up_is_good)
    back = changed((100, 1000), (300, 1000), catalogue[code])
    assert (back["change"], back["good"]) == ("down", None if up_is_good is None else not up_is_good)


def test_a_missing_or_small_period_leaves_the_change_unknown() -> None:
    now = rates({"p": (90, 100), "q": (9, 9), "r": (90, 100)})
    before = rates({"q": (90, 100), "r": (0, 0), "s": (90, 100)})
    table = change_table(now, before, RESOLUTION)
    assert table["place"].tolist() == ["p", "q", "r", "s"]
    assert [word is None for word in table["change"]] == [True] * 4
    assert table[["difference", "low", "high", "p"]].isna().all(axis=None)
    assert table["now_value"].iloc[1] == 1.0 and np.isnan(table["now_value"].iloc[3])


def test_the_minimum_of_a_ratio_is_relative_to_before(catalogue: Catalogue) -> None:
    indicator = catalogue["caseload_per_grid_worker"]
    assert changed((1_003_000, 1000), (1_000_000, 1000), indicator)["change"] == "none"
    assert changed((1_006_000, 1000), (1_000_000, 1000), indicator)["change"] == "up"


def test_stock_over_flow_never_changes_beyond_chance(catalogue: Catalogue) -> None:
    row = changed((48_000, 3000), (3000, 3000), catalogue["supply_days"])
    assert row["change"] is None and row["difference"] == 15.0


def test_totals_are_compared_without_a_place() -> None:
    total = [rate_table(pd.DataFrame({"place": ["p", "q"], "verified_solved": [x, x], "due": [100, 100]}), RESOLUTION,
                        by=()) for x in (95, 80)]  # fmt: skip
    table = change_table(*total, RESOLUTION, by=())
    assert len(table) == 1 and table["change"].iloc[0] == "up" and table["now_n"].iloc[0] == 200


def test_a_place_named_twice_is_refused() -> None:
    twice = pd.concat([rates({"p": (90, 100)})] * 2, ignore_index=True)
    with pytest.raises(MergeError):
        change_table(twice, twice, RESOLUTION)


def test_no_true_change_is_seldom_called_one() -> None:
    rng = np.random.default_rng(7)
    n = rng.integers(50, 4000, 3000)
    names = [f"{row}" for row in range(3000)]
    now, before = (rates(dict(zip(names, zip(rng.binomial(n, 0.98), n, strict=True), strict=True))) for _ in range(2))
    assert (change_table(now, before, RESOLUTION)["change"] != "none").mean() <= 0.06
