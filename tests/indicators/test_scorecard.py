"""The scorecard: the same figures as the single tables, for all indicators in one sweep."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.catalogue import Catalogue, Indicator, load_catalogue
from indicators.errors import CountError, MethodError
from indicators.rankings import rank_table
from indicators.scorecard import count_matrix, scorecard
from indicators.values import rate_table
from indicators.verdicts import verdict_table

CATALOGUE = load_catalogue()
CHOSEN = [
    CATALOGUE[code]
    for code in (
        "resolution_rate", "reopen_rate", "issues_per_1000", "supply_days", "plans_current", "officials_per_1000",
        "resolution_days",
    )
]  # fmt: skip
VILLAGES = ["330212101201", "330212101202", "330212101203"]


def one_by_one(x: np.ndarray, n: np.ndarray, indicator: Indicator, places: list[str]) -> pd.DataFrame:
    """The three tables of one indicator."""
    known = ~(np.isnan(x) & np.isnan(n))
    counts = pd.DataFrame({"place": np.array(places)[known], indicator.numerator: x[known]})
    counts[indicator.denominator] = n[known]
    judged = verdict_table(rate_table(counts, indicator, places=places), indicator)
    return rank_table(judged, indicator).drop(columns="hidden", errors="ignore")


@st.composite
def matrices(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, list[str]]:
    size = draw(st.integers(0, 7))
    places = [f"3302121{row:02d}" for row in range(size)] + (VILLAGES if draw(st.booleans()) else [])
    cells = st.sampled_from([np.nan, 0, 3, 10, 60, 900, 5000])
    rows = len(CHOSEN)
    n = np.array([[draw(cells) for _ in places] for _ in range(rows)], dtype=float).reshape(rows, len(places))
    lost = np.array([[draw(st.integers(0, 40)) for _ in places] for _ in range(rows)]).reshape(n.shape)
    return np.where(np.isnan(n), np.nan, np.maximum(0, n - lost)), n, places


@given(matrices())
@settings(max_examples=15)
def test_the_scorecard_holds_what_the_three_tables_give_for_each_indicator(
    made: tuple[np.ndarray, np.ndarray, list[str]],
) -> None:
    x, n, places = made
    card = scorecard(x, n, CHOSEN, places)
    assert card["indicator"].tolist() == [one.code for one in CHOSEN for _ in places]
    for row, indicator in enumerate(CHOSEN):
        expected = one_by_one(x[row], n[row], indicator, places)
        found = card[card["indicator"] == indicator.code].drop(columns="indicator").reset_index(drop=True)
        pd.testing.assert_frame_equal(found[expected.columns], expected, check_dtype=False, rtol=1e-12)


def test_hidden_counts_stay_hidden_and_take_no_part() -> None:
    x, n = np.full((1, 3), 90.0), np.full((1, 3), 100.0)
    card = scorecard(x, n, CHOSEN[:1], ["a", "b", "c"], hidden=[[False, True, False]])
    assert card["state"].tolist() == ["value", "hidden", "value"]
    assert np.isnan(card["x"].iloc[1]) and card["rest_n"].tolist() == [100, 200, 100]
    assert card["rank"].isna().tolist() == [False, True, False]


def test_thousands_of_villages_are_judged_without_ranks() -> None:
    rng = np.random.default_rng(4)
    n = rng.integers(0, 200, (2, 5000)).astype(float)
    places = [f"3302121{row // 100:02d}{row % 100:03d}" for row in range(5000)]
    card = scorecard(rng.binomial(n.astype(int), 0.98), n, CHOSEN[:2], places, ranks=False)
    assert "rank" not in card and len(card) == 10_000
    one = verdict_table(
        rate_table(
            pd.DataFrame({"place": places, "verified_solved": card["x"][:5000], "due": card["n"][:5000]}), CHOSEN[0]
        ),
        CHOSEN[0],
    )
    assert card["verdict"][:5000].tolist() == one["verdict"].tolist()


def test_the_matrix_adds_what_a_rate_table_adds(catalogue: Catalogue) -> None:
    issues = pd.DataFrame(
        {
            "place": ["b", "a", "b"], "month": [1, 1, 2], "verified_solved": [5.0, 7.0, 4.0], "due": [6.0, 9.0, np.nan],
            "reported": [6.0, 9.0, 5.0], "residents": [1000.0, np.nan, 1000.0], "reopened": [0.0, 1.0, 2.0],
            "closed": [3.0, 4.0, 5.0],
        }
    )  # fmt: skip
    measured = pd.DataFrame(
        {"place": ["a", "a"], "indicator": ["plans_current", "drills_done"], "numerator": [3.0, 2.0],
         "denominator": [4.0, 2.0]}
    )  # fmt: skip
    codes = ("resolution_rate", "reopen_rate", "issues_per_1000", "plans_current", "prevention_compliance")
    x, n = count_matrix(
        {"issues": issues, "measurements": measured}, [catalogue[code] for code in codes], ["a", "b", "c"]
    )
    nan = np.nan
    np.testing.assert_array_equal(x, [[7, 9, nan], [1, 2, nan], [9, 11, nan], [3, nan, nan], [nan, nan, nan]])
    np.testing.assert_array_equal(n, [[9, nan, nan], [4, 8, nan], [nan, 1000, nan], [4, nan, nan], [nan, nan, nan]])


def test_impossible_counts_are_named_by_their_indicator_and_shapes_must_fit() -> None:
    with pytest.raises(CountError, match="reopen_rate: 9 of 8") as caught:
        scorecard([[1.0], [9.0]], [[8.0], [8.0]], CHOSEN[:2], ["a"])
    assert "分子大于分母" in caught.value.zh
    with pytest.raises(MethodError, match=r"\(2, 3\)"):
        scorecard([[1.0]], [[1.0]], CHOSEN[:2], ["a", "b", "c"])
