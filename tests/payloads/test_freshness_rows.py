"""When a source, an office or a register counts as overdue."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import streamlit as st

from ui import cached_quality
from ui.measures import View
from ui.payloads import freshness_rows
from ui.payloads.freshness_rows import fresh_rows, today_of
from ui.payloads.intake_tables import freshness_html

VIEW = View(root="330212", villages_of=None, first=202201, last=202212, township_set="all", version=1,
            first_month=202001, provisional_from=None, lang="zh")  # fmt: skip
TODAY = dt.date(2023, 1, 20)


def source(code: str, received: dt.date | None, gap: float = np.nan, month: float = np.nan) -> dict:
    return {"source": code, "received_on": received, "usual_gap": gap, "newest_month": month, "loaded_by": "王明"}


@pytest.fixture
def record(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cases come monthly and stopped in October, visits are in time, one register is two years old, one never came;
    one office owes a report."""
    st.cache_resource.clear()
    sources = pd.DataFrame(
        [
            source("issues", dt.date(2022, 10, 8), 30, 202209), source("inspections", dt.date(2023, 1, 8), 92, 202212),
            source("places", dt.date(2021, 1, 1)), source("estates", dt.date(2022, 6, 1)), source("firms", None),
        ]
    )  # fmt: skip
    streams = pd.DataFrame(
        [
            ("measurements", "drills_done", 202209, dt.date(2022, 10, 9), "陈波", 3, dt.date(2023, 1, 15)),
            ("measurements", "plans_current", 202212, dt.date(2023, 1, 9), "陈波", 3, dt.date(2023, 4, 15)),
            ("measurements", "fund_paid", 202212, dt.date(2023, 1, 9), "陈波", 3, dt.date(2023, 4, 15)),
            ("measurements", "no_longer_defined", 201912, dt.date(2020, 1, 9), "陈波", 3, dt.date(2020, 4, 15)),
        ],
        columns=["source", "stream", "newest_month", "received_on", "loaded_by", "usual_step", "next_due"],
    )
    monkeypatch.setattr(cached_quality, "freshness", lambda view: sources)
    monkeypatch.setattr(cached_quality, "stream_freshness", lambda view: streams)


def test_each_line_has_its_state_and_says_what_it_waits_for(record: None) -> None:
    rows = {one.name: one for one in fresh_rows(VIEW, today=TODAY)}
    assert {name: one.state for name, one in rows.items()} == {
        "问题工单": "overdue", "防控检查": "fresh", "区应急管理局": "overdue", "区财政局": "fresh",
        "区划名录": "overdue", "小区楼宇名录": "fresh", "企业名录": "never",
    }  # fmt: skip
    assert rows["问题工单"].why == "已104天没有新文件，通常约30天一次"
    assert rows["区应急管理局"].why == "演练完成率等1项应在2023年1月15日前报送"
    assert rows["区应急管理局"].newest == "2022年12月" and rows["企业名录"].days is None
    assert [name for name, one in rows.items() if one.office] == ["区应急管理局", "区财政局"]


def test_a_report_is_not_overdue_on_its_day(record: None) -> None:
    rows = {one.name: one.state for one in fresh_rows(VIEW, today=dt.date(2023, 1, 15))}
    assert rows["区应急管理局"] == "fresh"


def test_offices_in_time_are_folded_and_overdue_ones_are_not(record: None) -> None:
    html = freshness_html(VIEW, today=TODAY)
    shown, folded = html.split("<details")
    assert "区应急管理局" in shown and "区财政局" not in shown and "区财政局" in folded
    assert "名录已749天没有更新" in shown


def test_made_up_figures_are_judged_on_the_day_the_last_of_them_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freshness_rows.cached_quality, "newest_receipt", lambda view: TODAY)
    assert today_of(VIEW, demonstration=True) == TODAY
    assert today_of(VIEW, demonstration=False) == dt.date.today()
