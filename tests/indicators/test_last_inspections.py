"""Sites by their last inspection."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.last_inspections import CLASSES, inspection_class, last_day, months_before, worst_first


def sites(*rows: tuple[str, dt.date | None, float | None, float | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["code", "inspected_on", "checked_items", "passed_items"])
    frame["inspected_on"] = pd.Series([row[1] for row in rows], dtype=object)
    return frame.astype({"checked_items": "float64", "passed_items": "float64"})


def test_each_class_is_told_from_day_and_items() -> None:
    frame = sites(
        ("a", dt.date(2022, 12, 1), 10, 10),
        ("b", dt.date(2022, 12, 1), 10, 9),
        ("c", dt.date(2022, 6, 29), 10, 10),
        ("d", None, None, None),
        ("e", dt.date(2020, 1, 5), 3, 0),
    )
    assert inspection_class(frame, month=202212).tolist() == ["passed", "failed", "stale", "never", "failed"]


def test_the_day_itself_six_months_back_still_counts() -> None:
    frame = sites(("a", dt.date(2022, 6, 30), 1, 1), ("b", dt.date(2022, 6, 29), 1, 1))
    assert inspection_class(frame, month=202212).tolist() == ["passed", "stale"]
    assert inspection_class(frame, month=202212, stale_after=7).tolist() == ["passed", "passed"]
    assert inspection_class(frame, month=202212, stale_after=0).tolist() == ["stale", "stale"]


def test_nothing_found_wrong_where_nothing_was_looked_at_is_no_pass() -> None:
    with pytest.raises(ValueError, match="no items"):
        inspection_class(sites(("a", dt.date(2022, 12, 1), 0, 0)), month=202212)
    with pytest.raises(ValueError, match="no items"):
        inspection_class(sites(("a", dt.date(2022, 12, 1), None, None)), month=202212)
    with pytest.raises(ValueError, match="more of them passed"):
        inspection_class(sites(("a", dt.date(2022, 12, 1), 2, 3)), month=202212)


def test_an_inspection_from_the_future_and_a_month_that_is_none_are_refused() -> None:
    frame = sites(("a", dt.date(2023, 1, 1), 1, 1))
    with pytest.raises(ValueError, match="after the end of 202212"):
        inspection_class(frame, month=202212)
    with pytest.raises(ValueError, match="202213"):
        inspection_class(frame, month=202213)
    with pytest.raises(ValueError, match="stale_after"):
        inspection_class(frame, month=202301, stale_after=-1)


def test_no_sites_are_no_classes() -> None:
    assert inspection_class(sites(), month=202212).empty


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (dt.date(2022, 12, 31), 6, dt.date(2022, 6, 30)),
        (dt.date(2024, 2, 29), 12, dt.date(2023, 2, 28)),
        (dt.date(2022, 3, 31), 1, dt.date(2022, 2, 28)),
        (dt.date(2022, 1, 15), 1, dt.date(2021, 12, 15)),
        (dt.date(2022, 1, 15), 0, dt.date(2022, 1, 15)),
    ],
)
def test_months_are_counted_back_by_the_calendar(day: dt.date, months: int, before: dt.date) -> None:
    assert months_before(day, months) == before


def test_the_last_day_of_february_knows_leap_years() -> None:
    assert [last_day(month).day for month in (202302, 202402, 210002)] == [28, 29, 28]


@st.composite
def registers(draw: st.DrawFn) -> pd.DataFrame:
    rows = []
    for number in range(draw(st.integers(0, 12))):
        day = draw(st.none() | st.dates(dt.date(2020, 1, 1), dt.date(2022, 12, 31)))
        checked = draw(st.integers(1, 12))
        items = (None, None) if day is None else (checked, draw(st.integers(0, checked)))
        rows.append((f"s{number:02d}", day, *items))
    return sites(*rows)


@given(frame=registers(), months=st.integers(0, 24))
@settings(deadline=None, derandomize=True, max_examples=80)
def test_classes_are_those_of_reading_row_by_row_and_the_worst_come_first(frame: pd.DataFrame, months: int) -> None:
    classes = inspection_class(frame, month=202212, stale_after=months)
    oldest = months_before(dt.date(2022, 12, 31), months)
    slow = []
    for row in frame.to_dict("records"):
        if row["inspected_on"] is None:
            slow.append("never")
        elif row["passed_items"] < row["checked_items"]:
            slow.append("failed")
        else:
            slow.append("stale" if row["inspected_on"] < oldest else "passed")
    assert classes.tolist() == slow
    ordered = worst_first(frame, classes=classes)
    keys = [
        (CLASSES.index(row["class"]), row["inspected_on"] or dt.date.min, row["code"])
        for row in ordered.to_dict("records")
    ]
    assert keys == sorted(keys)
    assert sorted(ordered["code"]) == sorted(frame["code"])
    assert list(ordered.columns) == [*frame.columns, "class"]
