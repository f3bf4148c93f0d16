"""The last look at a frame before it is written: whatever the row checks let slip through stops the load."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from data_access.engine import reading
from data_access.ingestion import issue_rows
from data_access.ingestion.frame_schemas import validate_frame
from data_access.ingestion.source_form import source_form
from data_access.tables import batch, issue
from tests.data_access.small_district import issue_row, load, registers, write_issues

TIME, HOUR = pd.Timestamp("2020-02-03 09:00"), pd.Timedelta("1h")


def anything(*values: object) -> pd.Series:
    """A column of Python values as the row checks leave it."""
    return pd.Series(values, dtype=object)


def issue_frame() -> pd.DataFrame:
    """Two cases as they are about to be written: one closed and called back, one open."""
    times = pd.Series([TIME, TIME])
    never = pd.Series([pd.NaT, pd.NaT], dtype="datetime64[us]")
    return pd.DataFrame({
        "_sheet": "", "_row": [2, 3], "case_no": anything("G1", "G2"), "reported_at": times,
        "channel": anything("hotline", "web"), "category": anything("complaint", "dispute"),
        "campaign": anything("none", "none"),
        "township": anything("中河街道", "中河街道"), "village": anything("城兴社区", "城兴社区"),
        "village_code": anything(None, None), "estate_code": anything("X001", None), "firm_code": anything(None, None),
        "accepted_at": times, "assigned_at": never, "first_answered_at": never, "answer_due_at": never,
        "due_at": times, "closed_at": pd.Series([TIME, pd.NaT]), "solved": pd.Series([True, None], dtype=object),
        "called_back": pd.Series([True, False], dtype=object), "reached": pd.Series([True, False], dtype=object),
        "satisfied": pd.Series([False, None], dtype=object), "reopened": pd.Series([False, False], dtype=object),
        "repeat_of": anything(None, None), "updated_at": never, "place_code": anything("330212005001", "330212005001"),
        "month": pd.Series([202002, 202002], dtype=object),
    })  # fmt: skip


def measurement_frame() -> pd.DataFrame:
    """Two measurements as they are about to be written."""
    return pd.DataFrame({
        "_sheet": "表一", "_row": [3, 4], "indicator": anything("plans_current", "plans_current"),
        "place_code": anything("330212005", "330212110"), "month": pd.Series([202003, 202003], dtype=object),
        "dimension": anything("all", "all"), "value": anything("all", "all"),
        "numerator": pd.Series([9.0, 8.0], dtype=object), "denominator": pd.Series([10.0, 10.0], dtype=object),
        "bounded": pd.Series([True, True], dtype=object),
        "verified_on": pd.Series([dt.date(2020, 2, 1), None], dtype=object),
    })  # fmt: skip


def inspection_frame() -> pd.DataFrame:
    """Two results of one visit as they are about to be written."""
    return pd.DataFrame({
        "_sheet": "表一", "_row": [3, 3], "record_no": anything("J1", "J1"),
        "item": anything("gate_control", "disinfection"),
        "site_code": anything("Q001", "Q001"), "inspected_on": pd.Series([dt.date(2020, 2, 5)] * 2, dtype=object),
        "recheck": pd.Series([False, False], dtype=object), "passed": pd.Series([True, False], dtype=object),
        "place_code": anything("330212110001", "330212110001"), "month": pd.Series([202002, 202002]),
    })  # fmt: skip


def firm_frame() -> pd.DataFrame:
    """Two firms as they are about to be written."""
    return pd.DataFrame({
        "_sheet": "", "_row": [2, 3], "code": anything("Q001", "Q002"),
        "name": anything("甲厂", "乙厂"), "kind": "firm",
        "size": anything("large", None), "employees": pd.Series([1200, None], dtype=object),
        "industry": anything("制造", None), "place_code": anything("330212110001", "330212110004"),
        "registered_from": pd.Series([200501, None], dtype=object),
        "registered_to": pd.Series([None, 202001], dtype=object),
    })  # fmt: skip


FRAMES = {
    "issues": issue_frame(), "measurements": measurement_frame(), "inspections": inspection_frame(),
    "firms": firm_frame(),
}  # fmt: skip


@pytest.mark.parametrize("source", FRAMES)
def test_a_sound_frame_passes_and_is_not_changed(source: str) -> None:
    frame = FRAMES[source].copy(deep=True)
    validate_frame(source, frame, source_form(source))
    pd.testing.assert_frame_equal(frame, FRAMES[source])
    validate_frame(source, frame.iloc[:0], source_form(source))


@pytest.mark.parametrize(
    ("source", "changes", "said"),
    [
        ("issues", {"closed_at": pd.Series([TIME - HOUR, pd.NaT])}, "closed before reported; 1 rows, such as row 2"),
        ("issues", {"accepted_at": TIME - HOUR}, "accepted before reported"),
        ("issues", {"accepted_at": pd.NaT}, "closed without having been accepted"),
        ("issues", {"called_back": anything(True, True)}, "called back or reopened while open; 1 rows, such as row 3"),
        ("issues", {"called_back": anything(False, False)}, "reached without having been called back"),
        ("issues", {"satisfied": anything(True, False)}, "satisfied or not without having been reached"),
        ("issues", {"month": 202003}, "month is not that of the report"),
        ("issues", {"month": 202013}, "month: not every value is a month"),
        ("issues", {"case_no": anything("G1", "G1")}, "natural key repeated; 1 rows, such as row 3"),
        ("issues", {"case_no": anything("G1", None)}, "case_no: not every value is a text, or some are empty; 1 rows"),
        ("issues", {"channel": anything("hotline", "pigeon")}, "channel: not every value is a word"),
        ("issues", {"solved": anything("yes", None)}, "solved: not every value is a yes_no"),
        ("issues", {"reached": anything(True, None)}, "reached: not every value is a yes_no, or some are empty"),
        ("issues", {"reported_at": anything("2020-02-03", "2020-02-03")}, "reported_at: not every value is a time"),
        ("issues", {"place_code": None}, "place_code: "),
        ("measurements", {"numerator": anything(11.0, 8.0)}, "numerator above denominator; 1 rows, such as row 3"),
        ("measurements", {"numerator": anything(9.0, -1.0)}, "negative amount; 1 rows, such as row 4"),
        ("measurements", {"denominator": anything(10.0, None)}, "denominator: not every value is a amount"),
        ("measurements", {"verified_on": pd.Series([dt.datetime(2020, 2, 1), None], dtype=object)}, "verified_on: "),
        ("measurements", {"place_code": anything("330212005", "330212005")}, "natural key repeated"),
        ("inspections", {"item": anything("gate_control", "gate_control")}, "natural key repeated"),
        ("inspections", {"item": anything("gate_control", "卡口封闭管理")}, "item: not every value is a word"),
        ("inspections", {"passed": anything(True, None)}, "passed: "),
        ("firms", {"registered_to": pd.Series([200412, None], dtype=object)}, "deregistered before registered; 1 rows"),
        ("firms", {"employees": pd.Series([1200.5, None], dtype=object)}, "employees: not every value is a count"),
        ("firms", {"code": anything("Q001", "Q001")}, "natural key repeated"),
    ],
)  # fmt: skip
def test_a_frame_that_is_wrong_is_refused_with_column_or_rule_and_row(
    source: str, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(ValueError, match=f"^{source}: {said}"):
        validate_frame(source, FRAMES[source].assign(**changes), source_form(source))


@pytest.mark.parametrize(("source", "column"), [("issues", "month"), ("measurements", "bounded"), ("firms", "name")])
def test_a_column_that_is_not_there_is_named(source: str, column: str) -> None:
    with pytest.raises(ValueError, match=f"^{source}: there is no column {column}$"):
        validate_frame(source, FRAMES[source].drop(columns=column), source_form(source))


def test_columns_may_be_of_the_kinds_pandas_chooses_itself() -> None:
    frame = issue_frame()
    frame = frame.assign(
        case_no=frame["case_no"].astype("str"), month=frame["month"].astype(np.int64),
        called_back=frame["called_back"].astype(bool), reached=frame["reached"].astype(bool),
    )  # fmt: skip
    validate_frame("issues", frame, source_form("issues"))


def test_a_load_whose_frame_is_wrong_leaves_nothing(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = registers(database_url, tmp_path)
    path = write_issues(tmp_path / "a.csv", [issue_row(1), issue_row(2, 办结时间="2020-02-01 10:00")])
    monkeypatch.setattr(issue_rows, "_reject_before_reported", lambda *given: None)
    with pytest.raises(ValueError, match="closed before reported"):
        load(engine, "issues", path)
    with reading(engine) as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(issue)).scalar_one() == 0
        loaded = sa.select(sa.func.count()).select_from(batch).where(batch.c.source == "issues")
        assert connection.execute(loaded).scalar_one() == 0
    engine.dispose()
