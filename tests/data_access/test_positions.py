"""Points for a map, and villages found anew when another layer counts."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from data_access.engine import reading, writing
from data_access.errors import UserError
from data_access.permissions import NotPermitted, Scope
from data_access.positions import (
    ISSUE_COLUMNS,
    SITE_COLUMNS,
    count_issues_without_position,
    count_without_position,
    read_issue_points,
    read_site_points,
    relocate,
)
from data_access.releases import current_data_version
from data_access.tables import audit_event, issue, place, register_row, site
from tests.data_access.small_district import (
    agree,
    counted,
    issue_row,
    load,
    open_case,
    registers,
    visit,
    write_visits,
)
from tests.data_access.surveyed_district import (
    CHENGXING,
    DONGYU,
    FANSHIDU,
    LUJIAYAN,
    MAOSHAN,
    VILLAGES,
    case_at,
    firm_at,
    middle,
    survey,
    write_rows,
)

ALL = Scope(root="330212")
JIANGSHAN = "330212110"


@pytest.fixture
def engine(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    made = registers(database_url, tmp_path)
    yield made
    made.dispose()


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Engine]:
    """The same on SQLite alone."""
    made = registers(f"sqlite:///{tmp_path / 'one.db'}", tmp_path)
    yield made
    made.dispose()


def bring_sites(engine: Engine, folder: Path) -> None:
    """Q001 in 翻石渡村 and Q002 in 茅山村 get positions; Q003 of 城兴社区 has none."""
    rows = [
        firm_at("Q001", middle(FANSHIDU), 所属镇街="姜山镇", 所属村社="翻石渡村", 企业规模="大型"),
        firm_at("Q002", middle(MAOSHAN), 所属镇街="姜山镇", 所属村社="茅山村", 企业规模=""),
    ]
    load(engine, "firms", write_rows(folder / "positions.csv", rows))


def test_points_of_sites_come_with_their_last_inspection(engine: Engine, tmp_path: Path) -> None:
    bring_sites(engine, tmp_path)
    visits = [
        visit(1, "Q001", "2020-02-05", ("合格", "合格", "合格")),
        visit(2, "Q001", "2020-03-05", ("合格", "不合格", "")),
        visit(3, "Q001", "2020-03-05", ("", "", "合格")), visit(4, "Q003", "2020-03-05", ("合格", "", "")),
    ]  # fmt: skip
    load(engine, "inspections", write_visits(tmp_path / "v.xlsx", visits))
    frame = read_site_points(engine, scope=ALL, month=202003)
    assert tuple(frame.columns) == SITE_COLUMNS
    rows = frame.set_index("code").to_dict("index")
    assert set(rows) == {"Q001", "Q002"}
    first, second = rows["Q001"], rows["Q002"]
    assert (first["place"], first["kind"], first["group"], first["located_by"]) == (FANSHIDU, "firm", "large", "stated")
    assert (first["lon"], first["lat"]) == tuple(map(float, middle(FANSHIDU)))
    assert (first["inspected_on"], first["passed_items"], first["checked_items"]) == (dt.date(2020, 3, 5), 2, 3)
    assert (
        second["group"] is None
        and second["inspected_on"] is None
        and second["checked_items"] != second["checked_items"]
    )
    february = read_site_points(engine, scope=ALL, month=202002).set_index("code")
    assert february.at["Q001", "inspected_on"] == dt.date(2020, 2, 5)
    assert february.at["Q001", "checked_items"] == 3
    until = read_site_points(engine, scope=Scope("330212", until=202002), month=202012).set_index("code")
    assert until.at["Q001", "inspected_on"] == dt.date(2020, 2, 5)


def test_sites_without_a_position_are_counted_apart(one: Engine, tmp_path: Path) -> None:
    bring_sites(one, tmp_path)
    assert count_without_position(one, scope=ALL, kind="firm", month=202002) == 1
    assert count_without_position(one, scope=ALL, month=202002) == 4, (
        "three buildings and a firm; gates have no position"
    )
    assert count_without_position(one, scope=ALL, kind=("firm", "estate"), month=202002) == 3
    assert count_without_position(one, scope=ALL, within=JIANGSHAN, month=202002) == 0
    assert read_site_points(one, scope=ALL, kind=["estate", "firm"], month=202002)["code"].tolist() == ["Q001", "Q002"]
    assert read_site_points(one, scope=ALL, kind="firm", month=201001)["code"].tolist() == ["Q001"], "Q002 came in 2015"
    assert read_site_points(one, scope=ALL, kind="estate", month=202002).empty


def test_points_of_issues_bear_no_number_and_keep_to_the_months_asked_for(engine: Engine, tmp_path: Path) -> None:
    rows = [
        case_at(1, middle(CHENGXING)), case_at(2, ("", "")),
        case_at(3, middle(CHENGXING), 问题类型="投诉", 办理结果="未解决"),
        open_case(4) | dict(zip(("经度", "纬度"), middle(CHENGXING), strict=True)),
        case_at(5, middle(CHENGXING), 诉求时间="2020-01-30 09:00"),
    ]  # fmt: skip
    load(engine, "issues", write_rows(tmp_path / "i.csv", rows))
    frame = read_issue_points(engine, scope=ALL, first=202002, last=202002)
    assert tuple(frame.columns) == ISSUE_COLUMNS
    assert frame["solved"].tolist() == [True, False, None]
    assert set(frame["place"]) == {CHENGXING} and set(frame["month"]) == {202002}
    assert len(read_issue_points(engine, scope=ALL, first=202001, last=202012)) == 4
    assert len(read_issue_points(engine, scope=ALL, first=202001, last=202012, category="complaint")) == 1
    assert len(read_issue_points(engine, scope=Scope("330212", until=202001), first=202001, last=202012)) == 1
    assert count_issues_without_position(engine, scope=ALL, first=202001, last=202012) == 1
    assert count_issues_without_position(engine, scope=ALL, within=JIANGSHAN, first=202001, last=202012) == 0
    empty = read_issue_points(engine, scope=ALL, within=JIANGSHAN, first=202001, last=202012)
    assert empty.empty and tuple(empty.columns) == ISSUE_COLUMNS


def test_points_keep_to_what_a_viewer_may_read(one: Engine, tmp_path: Path) -> None:
    bring_sites(one, tmp_path)
    head = Scope("330212", villages_of=(JIANGSHAN,))
    assert len(read_site_points(one, scope=head, within=JIANGSHAN, month=202002)) == 2
    for within in (None, "330212", "330212005", CHENGXING, "330213"):
        for read in (read_site_points, count_without_position):
            with pytest.raises(NotPermitted):
                read(one, scope=head, within=within, month=202002)
        for read in (read_issue_points, count_issues_without_position):
            with pytest.raises(NotPermitted):
                read(one, scope=head, within=within, first=202001, last=202002)


def test_the_points_of_a_closed_village_are_those_of_the_one_that_carries_its_history(
    one: Engine, tmp_path: Path
) -> None:
    bring_sites(one, tmp_path)
    load(one, "issues", write_rows(tmp_path / "i.csv", [
        case_at(1, middle(MAOSHAN), 所属镇街="姜山镇", 所属村社="茅山村", 村社代码=MAOSHAN)]))  # fmt: skip
    with writing(one) as connection:
        for closed, heir in ((MAOSHAN, LUJIAYAN), (LUJIAYAN, FANSHIDU)):
            change = place.update().where(place.c.code == closed)
            connection.execute(change.values(valid_to=dt.date(2021, 6, 30), successor=heir))
    assert set(read_site_points(one, scope=ALL, within=FANSHIDU, month=202112)["place"]) == {FANSHIDU}
    assert len(read_site_points(one, scope=ALL, within=FANSHIDU, month=202112)) == 2
    assert read_issue_points(one, scope=ALL, first=202001, last=202012)["place"].tolist() == [FANSHIDU]


def where(engine: Engine) -> tuple[dict[str, str], dict[str, str]]:
    """Sites and current issues → their villages."""
    with reading(engine) as connection:
        sites = connection.execute(sa.select(site.c.code, site.c.place_code).where(site.c.lon.is_not(None)))
        issues = sa.select(issue.c.case_no, issue.c.place_code).where(issue.c.superseded_by.is_(None))
        return dict(map(tuple, sites)), dict(map(tuple, connection.execute(issues)))


def located_district(engine: Engine, folder: Path) -> None:
    """Firms and cases, some located by their position on a first survey, some with a village of their own."""
    survey(engine)
    rows = [firm_at("Q010", middle(DONGYU)), firm_at("Q011", middle(DONGYU), 所属镇街="中河街道", 所属村社="东裕社区")]
    load(engine, "firms", write_rows(folder / "f.csv", rows))
    visits = [visit(1, "Q010", "2020-02-05", ("合格", "不合格", "")), visit(2, "Q011", "2020-02-05", ("合格", "", ""))]
    load(engine, "inspections", write_visits(folder / "v.xlsx", visits))
    cases = [
        case_at(1, middle(DONGYU), named=False),
        case_at(2, middle(CHENGXING)),
        issue_row(3) | {"经度": "", "纬度": ""},
    ]
    load(engine, "issues", write_rows(folder / "i.csv", cases))


def test_what_was_located_by_its_position_moves_with_a_new_layer_and_is_counted_there(
    engine: Engine, tmp_path: Path
) -> None:
    located_district(engine, tmp_path)
    before = current_data_version(engine)
    survey(engine, VILLAGES[::-1], since="2021-01-01")
    done = relocate(engine, by="tester")
    assert (done.sites_moved, done.issues_moved, done.sites_outside, done.issues_outside) == (1, 1, 0, 0)
    assert (done.sites_elsewhere, done.issues_elsewhere) == (1, 1)
    far = done.elsewhere.to_dict("records")
    there = VILLAGES[::-1][VILLAGES.index(DONGYU)]
    assert [(row["code"], row["place"], row["found"]) for row in far] == [("Q011", DONGYU, there)]
    assert far[0]["metres"] == pytest.approx(4830, rel=0.01), "two and a half squares of 1.93 km"
    assert before is not None and done.version is not None and done.version.number == before.number + 1
    sites, issues = where(engine)
    assert sites == {"Q010": there, "Q011": DONGYU}
    assert issues == {"G00001": there, "G00002": CHENGXING, "G00003": CHENGXING}
    assert counted(engine, there)["all"]["reported"] == 1 and counted(engine, DONGYU) == {}
    assert counted(engine, there, source="inspections")["all"]["items_checked"] == 2
    assert counted(engine, DONGYU, source="inspections")["all"]["items_checked"] == 1
    assert agree(engine)
    again = relocate(engine, by="tester")
    assert (again.sites_moved, again.issues_moved, again.version) == (0, 0, None)
    with reading(engine) as connection:
        deeds = (
            connection.execute(sa.select(audit_event.c.subject).where(audit_event.c.action == "relocate"))
            .scalars()
            .all()
        )
    assert [deed.partition(": ")[2] for deed in deeds] == ["1 sites, 1 issues", "0 sites, 0 issues"]


def test_the_same_rows_are_no_news_after_they_moved(one: Engine, tmp_path: Path) -> None:
    located_district(one, tmp_path)
    survey(one, VILLAGES[::-1], since="2021-01-01")
    relocate(one, by="tester")
    with reading(one) as connection:
        kept = connection.execute(sa.select(sa.func.count()).select_from(register_row)).scalar_one()
        current = sa.select(register_row.c.content).where(
            register_row.c.code == "Q010", register_row.c.superseded_by.is_(None)
        )
        content = connection.execute(current).scalar_one()
    assert content["place_code"] == where(one)[0]["Q010"], json.dumps(content)
    for source, name in (("firms", "f.csv"), ("issues", "i.csv")):
        lines = (tmp_path / name).read_text(encoding="utf-8").splitlines()
        (tmp_path / f"again-{name}").write_text("\n".join([lines[0], *lines[:0:-1]]), encoding="utf-8")
        summary = load(one, source, tmp_path / f"again-{name}")
        assert (summary.rows_new, summary.rows_changed) == (0, 0), source
    with reading(one) as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(register_row)).scalar_one() == kept
    assert agree(one)


def test_what_lies_in_no_village_of_the_new_layer_stays_and_is_told(one: Engine, tmp_path: Path) -> None:
    located_district(one, tmp_path)
    survey(one, VILLAGES[:1], since="2021-01-01")
    before = where(one)
    done = relocate(one, by="tester")
    assert (done.sites_outside, done.issues_outside, done.sites_moved, done.version) == (1, 1, 0, None)
    assert where(one) == before


def test_nothing_is_located_anew_without_a_survey(one: Engine, tmp_path: Path) -> None:
    bring_sites(one, tmp_path)
    with pytest.raises(UserError, match="测绘边界"):
        relocate(one, by="tester")
    survey(one, precision="schematic")
    with pytest.raises(UserError, match="测绘边界"):
        relocate(one, by="tester")
