"""The rates of a month and the table of durations: which cases count, when a month is known, impossible dates."""

import numpy as np
import pandas as pd
import pytest

from indicators.cohort_rates import cohort_rate, period_rate
from indicators.duration_table import case_durations, duration_table
from indicators.durations import kaplan_meier, share_closed_within
from indicators.errors import MethodError


def frame(rows: list[tuple[str, str | None, str]]) -> pd.DataFrame:
    opened, closed, place = zip(*rows, strict=True)
    return pd.DataFrame(
        {"opened": pd.to_datetime(list(opened)), "closed": pd.to_datetime(list(closed)), "place": place}
    )


def test_cases_of_a_month_are_followed_equally_long_and_a_fresh_month_is_immature() -> None:
    table = frame([
        ("2020-01-05", "2020-01-20", "a"), ("2020-01-31", "2020-03-01", "a"), ("2020-01-31", "2020-03-02", "a"),
        ("2020-02-10", None, "a"), ("2020-02-11", "2020-02-12", "b"),
    ])  # fmt: skip
    found = cohort_rate(table, as_of="2020-03-29")
    assert found["month"].tolist() == [202001, 202002]
    assert found["reason"].tolist() == [None, "immature"]
    assert found["x"].iloc[0] == 2 and found["n"].tolist() == [3, 2]
    assert found["value"].iloc[0] == pytest.approx(2 / 3) and np.isnan(found["value"].iloc[1])
    later = cohort_rate(table, as_of="2020-03-30", by=("place",))
    assert later[["place", "month"]].to_numpy().tolist() == [["a", 202001], ["a", 202002], ["b", 202002]]
    assert later["value"].tolist() == pytest.approx([2 / 3, 0.0, 1.0])
    assert later["low"].iloc[1] == 0.0 and later["high"].iloc[2] == 1.0


def test_the_period_rate_looks_at_the_cases_due_in_a_month() -> None:
    table = frame([
        ("2019-12-20", "2020-01-31", "a"), ("2020-01-05", "2020-02-01", "a"), ("2020-01-08", None, "a"),
        ("2020-02-01", "2020-02-02", "a"), ("2020-02-01", None, "a"),
    ])  # fmt: skip
    table["due"] = pd.to_datetime(["2020-01-15", "2020-01-20", "2020-01-30", "2020-02-20", None])
    found = period_rate(table, as_of="2020-02-28")
    assert found[["month", "n"]].to_numpy().tolist() == [[202001, 3], [202002, 1]]
    assert found["x"].iloc[0] == 1 and found["reason"].tolist() == [None, "immature"]
    assert period_rate(table, as_of="2020-02-29")["value"].tolist() == pytest.approx([1 / 3, 1.0])


def made_cases(size: int, places: int) -> pd.DataFrame:
    random = np.random.default_rng(20200331)
    opened = pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 120, size), unit="D")
    closed = pd.Series(opened + pd.to_timedelta(random.geometric(0.12, size), unit="D"))
    return pd.DataFrame({
        "opened": opened, "closed": closed.where(closed <= pd.Timestamp("2020-04-30")),
        "place": [f"p{k:04d}" for k in random.integers(0, places, size)],
    })  # fmt: skip


def test_a_table_has_a_row_per_place_whatever_the_order_of_the_cases() -> None:
    table = made_cases(3000, 60)
    found = duration_table(table, as_of="2020-04-30", days=(7, 30))
    mixed = duration_table(table.sample(frac=1.0, random_state=3), as_of="2020-04-30", days=(7, 30))
    pd.testing.assert_frame_equal(found, mixed)
    assert found["place"].tolist() == sorted(set(table["place"])) and found["cases"].sum() == 3000
    mine = table[table["place"] == found["place"].iloc[5]]
    days, closed = case_durations(mine, as_of="2020-04-30")
    share = share_closed_within(kaplan_meier(days, closed), 7)
    assert found["closed_within_7"].iloc[5] == pytest.approx(float(share.share))
    assert found["still_open"].iloc[5] == mine["closed"].isna().sum()
    whole = duration_table(table, as_of="2020-04-30", by=())
    assert len(whole) == 1 and whole["median"].iloc[0] == 6 and whole["median_reason"].iloc[0] is None
    assert (whole["p90_low"].iloc[0], whole["p90"].iloc[0]) <= (whole["p90"].iloc[0], whole["p90_high"].iloc[0])


def test_thousands_of_places_have_their_rates() -> None:
    table = made_cases(12_000, 4000)
    found = cohort_rate(table, as_of="2020-06-30", by=("place",))
    assert found["n"].sum() == 12_000 and found["reason"].isna().all()
    expected = (table["closed"] - table["opened"]).dt.days.le(30).sum()
    assert found["x"].sum() == expected


@pytest.mark.parametrize(
    ("opened", "closed", "words"),
    [
        (None, "2020-01-02", "has no opening day"),
        ("2020-01-03", "2020-01-02", "closes before it opens"),
        ("2020-02-03", None, "opens after the as-of day"),
        ("2020-01-03", "2020-02-02", "closes after the as-of day"),
    ],
)
def test_dates_that_cannot_be_are_said(opened: str | None, closed: str | None, words: str) -> None:
    table = pd.DataFrame({
        "opened": pd.to_datetime(["2020-01-01", opened]), "closed": pd.to_datetime(["2020-01-01", closed]),
        "due": pd.to_datetime(["2020-01-09"] * 2),
    })  # fmt: skip
    for method in (cohort_rate, period_rate, case_durations):
        with pytest.raises(MethodError, match=f"Case 2 {words}"):
            method(table, as_of="2020-01-31")


@pytest.mark.parametrize("as_of", ["hello", None, pd.NaT, "2020-13-40"])
def test_an_as_of_day_that_is_none_is_refused_in_words(as_of: object) -> None:
    cases = pd.DataFrame({"place": ["a"], "opened": ["2020-03-01"], "closed": ["2020-03-02"]})
    for method in (cohort_rate, case_durations, duration_table):
        with pytest.raises(MethodError, match="is no date") as caught:
            method(cases, as_of=as_of)
        assert caught.value.zh.startswith("数据截止日")
