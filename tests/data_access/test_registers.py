"""What stands in a village and when it was last inspected, on both databases."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy.engine import Engine

from data_access.permissions import NotPermitted, Scope
from data_access.registers import COLUMNS, read_sites
from tests.data_access.small_district import ESTATES, load, registers, visit, write_sheet, write_visits

ALL = Scope(root="330212")
CHENGXING, DONGYU, FANSHIDU, MAOSHAN = "330212005001", "330212005002", "330212110001", "330212110004"


@pytest.fixture
def engine(database_url: str, tmp_path: Path):
    made = registers(database_url, tmp_path)
    visits = [
        visit(1, "X001", "2020-02-05", ("合格", "不合格", "")),
        visit(2, "X001", "2020-02-20", ("合格", "合格", "不合格")),
        visit(3, "X001", "2020-02-20", ("", "不合格", "")),
        visit(4, "Q001", "2020-02-10", ("不合格", "", "合格")),
        visit(5, "Q001", "2020-02-12", ("合格", "", ""), recheck="是"),
        visit(6, CHENGXING, "2020-02-08", ("合格", "合格", "")),
    ]
    load(made, "inspections", write_visits(tmp_path / "visits.xlsx", visits))
    yield made
    made.dispose()


def sites(engine: Engine, village: str, *, month: int = 202002) -> dict[str, dict]:
    frame = read_sites(engine, scope=ALL, village=village, month=month)
    return frame.set_index("code").to_dict("index")


def test_every_kind_of_site_is_listed_with_what_the_register_says(engine: Engine) -> None:
    found = sites(engine, CHENGXING)
    assert {code: row["kind"] for code, row in found.items()} == {
        CHENGXING: "village_gate", "X001": "estate", "X003": "office_building", "Q003": "firm",
    }  # fmt: skip
    assert (found["X001"]["management"], found["X001"]["households"]) == ("managed", 600)
    assert found["X003"]["management"] is None
    assert pd.isna(found["X003"]["households"])
    assert (found["Q003"]["size"], found["Q003"]["employees"]) == (None, 3)
    assert sites(engine, FANSHIDU)["Q001"]["size"] == "large"


def test_the_last_inspection_adds_all_visits_of_its_day_and_nothing_of_earlier_days(engine: Engine) -> None:
    row = sites(engine, CHENGXING)["X001"]
    assert row["inspected_on"] == dt.date(2020, 2, 20)
    assert (row["checked"], row["passed"], row["recheck"]) == (4, 2, False)


def test_a_last_day_of_rechecks_only_is_marked_as_such(engine: Engine) -> None:
    row = sites(engine, FANSHIDU)["Q001"]
    assert (row["inspected_on"], row["checked"], row["passed"], row["recheck"]) == (dt.date(2020, 2, 12), 1, 1, True)


def test_a_site_never_inspected_has_neither_date_nor_counts(engine: Engine) -> None:
    row = sites(engine, MAOSHAN)["Q002"]
    assert row["inspected_on"] is None
    assert pd.isna(row["checked"]) and pd.isna(row["passed"])
    assert row["recheck"] is False


def test_sites_outside_their_time_on_the_register_are_left_out(engine: Engine, tmp_path: Path) -> None:
    later = [*ESTATES, ("X004", "丁苑", "住宅小区", "中河街道", "东裕社区", "330212005002", "", "80", "", "2020-06-01")]
    load(engine, "estates", write_sheet(tmp_path / "later.xlsx", later))
    assert set(sites(engine, DONGYU, month=202005)) == {DONGYU, "X002"}
    assert set(sites(engine, DONGYU, month=202006)) == {DONGYU, "X002", "X004"}


def test_a_village_of_another_township_is_refused_and_the_own_one_is_not(engine: Engine) -> None:
    own = Scope(root="330212", villages_of=("330212110",))
    assert len(read_sites(engine, scope=own, village=FANSHIDU, month=202002)) == 2
    with pytest.raises(NotPermitted):
        read_sites(engine, scope=own, village=CHENGXING, month=202002)


def test_a_village_without_sites_gives_an_empty_frame_with_all_columns(engine: Engine) -> None:
    frame = read_sites(engine, scope=ALL, village="330212999001", month=202002)
    assert frame.empty
    assert tuple(frame.columns) == COLUMNS


def test_a_corrected_result_replaces_the_one_before_it(engine: Engine, tmp_path: Path) -> None:
    load(
        engine, "inspections", write_visits(tmp_path / "again.xlsx", [visit(3, "X001", "2020-02-20", ("", "合格", ""))])
    )
    row = sites(engine, CHENGXING)["X001"]
    assert (row["checked"], row["passed"]) == (4, 3)
