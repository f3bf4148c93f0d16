"""Registers that are corrected after the events came: the counts follow, and nothing known is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from data_access.engine import reading
from data_access.permissions import Scope
from data_access.places import read_places
from data_access.registers import read_sites
from data_access.tables import place_code, site
from tests.data_access.small_district import (
    ESTATES,
    agree,
    changed_places,
    counted,
    issue_row,
    load,
    registers,
    visit,
    write_issues,
    write_measurements,
    write_sheet,
    write_visits,
)

ALL = Scope(root="330212")
CHENGXING, DONGYU, FANSHIDU = "330212005001", "330212005002", "330212110001"


@pytest.fixture
def engine(database_url: str, tmp_path: Path):
    made = registers(database_url, tmp_path)
    yield made
    made.dispose()


def test_a_site_that_moves_in_the_register_takes_its_results_along(engine: Engine, tmp_path: Path) -> None:
    visits = [visit(1, "X001", "2020-02-05", ("合格", "不合格", "")), visit(2, "X002", "2020-02-05", ("合格", "", ""))]
    load(engine, "inspections", write_visits(tmp_path / "v.xlsx", visits))
    moved = [ESTATES[0], (*ESTATES[1][:4], "东裕社区", "330212005002", *ESTATES[1][6:])]
    assert load(engine, "estates", write_sheet(tmp_path / "e.xlsx", moved)).rows_changed == 1
    assert counted(engine, CHENGXING, source="inspections")["all"]["items_checked"] == 0
    there = counted(engine, DONGYU, source="inspections")["all"]
    assert (there["items_checked"], there["sites_inspected"], there["sites_registered"]) == (3, 2, 3)
    items = counted(engine, DONGYU, source="inspections", dimension="item")
    assert (items["temperature_check"]["items_checked"], items["temperature_check"]["items_passed"]) == (1, 0)
    frame = read_sites(engine, scope=ALL, village=DONGYU, month=202002).set_index("code")
    assert frame.at["X001", "checked"] == 2
    assert agree(engine)
    again = load(engine, "inspections", write_visits(tmp_path / "again.xlsx", [*visits, visits[0]]))
    assert (again.rows_new, again.rows_changed, again.rows_unchanged) == (0, 0, 3), "where a site lies is not news"
    assert agree(engine)


def test_a_village_that_changes_its_group_takes_all_its_counts_along(engine: Engine, tmp_path: Path) -> None:
    load(engine, "issues", write_issues(tmp_path / "a.csv", [issue_row(1)]))
    load(engine, "inspections", write_visits(tmp_path / "v.xlsx", [visit(1, "X001", "2020-02-05", ("合格", "", ""))]))
    measured = [("officials_per_1000", CHENGXING, "2020-02", "", "6", "5000")]
    load(engine, "measurements", write_measurements(tmp_path / "m.xlsx", measured))
    load(engine, "places", changed_places(tmp_path / "p.csv", c330212005001={"城乡": "农村", "成立日期": "2018-01-01"}))
    for source in ("issues", "inspections"):
        assert "rural" in counted(engine, "330212005", source=source, dimension="area_type")
        assert "new" in counted(engine, "330212005", source=source, dimension="settlement_age")
    assert agree(engine)


def test_a_place_is_not_put_under_a_parent_that_its_code_does_not_name(engine: Engine, tmp_path: Path) -> None:
    load(engine, "issues", write_issues(tmp_path / "a.csv", [issue_row(1)]))
    moved = changed_places(
        tmp_path / "p.csv", c330212005001={"上级代码": "330212110"}, c330212005002={"上级代码": ""},
        c330212110001={"常住人口": "1300"},
    )  # fmt: skip
    summary = load(engine, "places", moved)
    assert [(one.reason, one.row) for one in summary.problems] == [("wrong_parent", 5), ("wrong_parent", 6)]
    assert summary.rows_changed == 1
    assert counted(engine, "330212005")["all"]["reported"] == 1
    assert agree(engine)


def test_a_code_that_does_not_fit_its_level_is_set_aside(engine: Engine, tmp_path: Path) -> None:
    codes = ("33021200500", "33021200500A", "３３０２１２００５００９", "330212005")
    rows = [f"{code},新社区,村社,330212005,社区" for code in codes]
    text = "\n".join(["区划代码,名称,层级,上级代码,类别", *rows, "330212006,新街道,镇街,330212,街道"])
    (tmp_path / "p.csv").write_text(text, encoding="utf-8")
    summary = load(engine, "places", tmp_path / "p.csv")
    assert [(one.row, one.reason) for one in summary.problems] == [(row, "bad_code") for row in (2, 3, 4, 5)]
    assert summary.rows_new == 1


def test_the_counts_of_a_district_reach_the_city_that_is_registered_later(engine: Engine, tmp_path: Path) -> None:
    load(engine, "issues", write_issues(tmp_path / "a.csv", [issue_row(1)]))
    load(engine, "inspections", write_visits(tmp_path / "v.xlsx", [visit(1, "X001", "2020-02-05", ("合格", "", ""))]))
    (tmp_path / "city.csv").write_text(
        "区划代码,名称,层级,上级代码,类别\n3302,宁波市,市,,区\n330212,鄞州区,区,3302,区\n", encoding="utf-8"
    )
    load(engine, "places", tmp_path / "city.csv")
    assert agree(engine)


def test_a_register_without_a_column_leaves_what_is_known_and_an_empty_cell_empties_it(
    engine: Engine, tmp_path: Path
) -> None:
    (tmp_path / "p.csv").write_text(
        "区划代码,名称,层级,上级代码,类别,户数\n330212005001,城兴新社区,村社,330212005,社区,\n", encoding="utf-8"
    )
    load(engine, "places", tmp_path / "p.csv")
    row = read_places(engine, scope=ALL, level="village").set_index("code").loc[CHENGXING]
    assert (row["name"], row["area_type"], row["settlement_age"], row["residents"], row["short_name"]) == (
        "城兴新社区", "urban", "established", 5000, "城兴社区"
    )  # fmt: skip
    assert row.isna()["households"]
    (tmp_path / "f.csv").write_text(
        "企业编号,企业名称,所属镇街,所属村社,企业规模\nQ001,甲厂,姜山镇,翻石渡村,中型\n", encoding="utf-8"
    )
    load(engine, "firms", tmp_path / "f.csv")
    (tmp_path / "e.csv").write_text(
        "小区编号,小区名称,所属镇街,所属村社,管理方式\nX003,丙楼,中河街道,城兴社区,\n", encoding="utf-8"
    )
    load(engine, "estates", tmp_path / "e.csv")
    firm = read_sites(engine, scope=ALL, village=FANSHIDU, month=200412).set_index("code")
    assert "Q001" not in firm.index, "it was registered in 2005, and the file does not say otherwise"
    frame = read_sites(engine, scope=ALL, village=FANSHIDU, month=202002).set_index("code")
    assert (frame.at["Q001", "size"], frame.at["Q001", "employees"]) == ("medium", 1200)
    estates = read_sites(engine, scope=ALL, village=CHENGXING, month=202002).set_index("code")
    assert estates.at["X003", "kind"] == "office_building"
    assert estates.at[CHENGXING, "name"] == "城兴新社区", "the gate is called after its village"


def test_a_number_of_one_register_cannot_be_taken_by_another(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(
        "企业编号,企业名称,所属镇街,所属村社,企业规模\nX001,冒名厂,姜山镇,翻石渡村,中型\n"
        "330212110001,冒名厂,姜山镇,翻石渡村,中型\nQ009,新厂,姜山镇,翻石渡村,中型\n",
        encoding="utf-8",
    )
    summary = load(engine, "firms", tmp_path / "f.csv")
    assert (summary.rows_new, [one.reason for one in summary.problems]) == (1, ["code_taken", "code_taken"])
    with reading(engine) as connection:
        kinds = dict(connection.execute(sa.select(site.c.code, site.c.kind)).all())
    assert (kinds["X001"], kinds[FANSHIDU]) == ("estate", "village_gate")


def test_a_corrected_civil_affairs_code_replaces_the_wrong_one(engine: Engine, tmp_path: Path) -> None:
    load(engine, "places", changed_places(tmp_path / "p.csv", c330212110={"民政代码": "330212105", "常住人口": "1"}))
    with reading(engine) as connection:
        codes = sa.select(place_code.c.code).where(place_code.c.place == "330212110", place_code.c.system == "MCA")
        assert connection.execute(codes).scalars().all() == ["330212105"]


def test_an_issue_of_an_office_building_has_no_management_group(engine: Engine, tmp_path: Path) -> None:
    rows = [issue_row(1, 小区编号="X003"), issue_row(2, 小区编号="X001")]
    load(engine, "issues", write_issues(tmp_path / "a.csv", rows))
    assert set(counted(engine, "330212005", dimension="management")) == {"managed"}
    assert agree(engine)


def test_a_name_borne_today_is_not_taken_for_the_former_name_of_a_neighbour(engine: Engine, tmp_path: Path) -> None:
    load(engine, "places", changed_places(tmp_path / "p.csv", c330212110001={"曾用名": "陆家堰村"}))
    row = issue_row(1, 所属镇街="姜山镇", 所属村社="陆家堰村", 村社代码="")
    load(engine, "issues", write_issues(tmp_path / "a.csv", [row]))
    assert set(counted(engine, "330212110002")) == {"all"}
