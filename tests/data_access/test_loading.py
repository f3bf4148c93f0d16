"""Loading: what comes in, what is set aside, what is refused, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from data_access.counts import read_counts, read_measurements
from data_access.engine import reading
from data_access.errors import UserError
from data_access.permissions import Scope
from data_access.places import read_places
from data_access.releases import current_data_version
from data_access.rollup_check import differences
from data_access.tables import audit_event, batch, issue, issue_monthly, name_alias, rejected_row
from tests.data_access.small_district import (
    ISSUE_COLUMNS,
    issue_row,
    load,
    open_case,
    registers,
    visit,
    write_issues,
    write_measurements,
    write_sheet,
    write_visits,
)

ALL = Scope(root="330212")


@pytest.fixture
def engine(database_url: str, tmp_path: Path):
    made = registers(database_url, tmp_path)
    yield made
    made.dispose()


def township(engine: Engine, code: str, *, source: str = "issues", dimension: str = "all") -> dict[str, dict]:
    frame = read_counts(
        engine, scope=ALL, source=source, level="township", within=code, first=202001, last=202012, dimension=dimension
    )
    return frame.set_index("value").to_dict("index")


def stored(engine: Engine) -> dict[str, int]:
    with reading(engine) as connection:
        return {
            table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in (batch, issue, issue_monthly, rejected_row, audit_event)
        }


def test_a_case_export_is_counted_for_village_township_and_district(engine: Engine, tmp_path: Path) -> None:
    rows = [issue_row(1), issue_row(2, 办理结果="未解决", 是否满意="否"), open_case(3, 办理时限="2020-02-06 18:00")]
    summary = load(engine, "issues", write_issues(tmp_path / "二月.csv", rows))
    assert (summary.rows_new, summary.problems) == (3, ())
    counted = township(engine, "330212005")["all"]
    assert counted["reported"] == 3
    assert counted["due"] == 1, "only the case due on the 6th lies before the as-of day, the 7th"
    assert (counted["overdue_open"], counted["closed"], counted["reached"], counted["satisfied"]) == (1, 2, 2, 1)
    for level, within in (("district", "330212"), ("village", "330212005001")):
        frame = read_counts(engine, scope=ALL, source="issues", level=level, within=within, first=202002, last=202002)
        assert frame["reported"].tolist() == [3], level


def test_deadlines_that_pass_when_the_as_of_date_moves_are_counted_due(engine: Engine, tmp_path: Path) -> None:
    load(engine, "issues", write_issues(tmp_path / "a.csv", [issue_row(1), open_case(2)]))
    assert township(engine, "330212005")["all"]["due"] == 0
    later = issue_row(3, 诉求时间="2020-03-01 08:00", 受理时间="2020-03-01 09:00", 首次答复时间="", 办结时间="",
                      办理时限="2020-03-20 18:00", 办理结果="", 是否回访="", 是否接通="", 是否满意="",
                      是否退回重办="")  # fmt: skip
    load(engine, "issues", write_issues(tmp_path / "b.csv", [later]))
    counted = township(engine, "330212005")["all"]
    assert (counted["due"], counted["overdue_open"], counted["verified_solved"]) == (2, 1, 1)
    version = current_data_version(engine)
    assert version is not None
    assert (version.as_of.isoformat(), version.provisional_from) == ("2020-03-01", 202003)


def test_the_same_file_twice_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    path = write_issues(tmp_path / "a.csv", [issue_row(1), issue_row(2)])
    load(engine, "issues", path)
    before = stored(engine)
    again = load(engine, "issues", path)
    assert again.already_loaded
    assert stored(engine) == before


def test_the_same_rows_in_another_file_are_recognised_as_unchanged(engine: Engine, tmp_path: Path) -> None:
    load(engine, "issues", write_issues(tmp_path / "a.csv", [issue_row(1), issue_row(2)]))
    summary = load(engine, "issues", write_issues(tmp_path / "b.csv", [issue_row(2), issue_row(1), issue_row(3)]))
    assert (summary.rows_new, summary.rows_changed, summary.rows_unchanged) == (1, 0, 2)
    assert township(engine, "330212005")["all"]["reported"] == 3


def test_a_corrected_case_replaces_its_older_version_which_stays_readable(engine: Engine, tmp_path: Path) -> None:
    load(engine, "issues", write_issues(tmp_path / "a.csv", [issue_row(1)]))
    moved = issue_row(1, 所属镇街="姜山镇", 所属村社="茅山村", 村社代码="330212110004")
    summary = load(engine, "issues", write_issues(tmp_path / "b.csv", [moved]))
    assert (summary.rows_new, summary.rows_changed) == (0, 1)
    assert township(engine, "330212005") == {}
    assert township(engine, "330212110")["all"]["reported"] == 1
    with reading(engine) as connection:
        history = connection.execute(
            sa.select(issue.c.place_code, issue.c.superseded_by).order_by(issue.c.id)
        ).all()  # fmt: skip
    assert [row.superseded_by is None for row in history] == [False, True]
    assert [row.place_code for row in history] == ["330212005001", "330212110004"]


def test_rejected_rows_are_kept_with_row_number_column_and_reason(engine: Engine, tmp_path: Path) -> None:
    rows = [
        issue_row(1),
        issue_row(2, 诉求时间="2020-13-01"),
        issue_row(3, 所属村社="不存在村", 村社代码=""),
        issue_row(4, 办结时间="2020-02-01 10:00"),
        issue_row(5, 渠道来源="飞鸽"),
        issue_row(6, 小区编号="X999"),
        issue_row(7, 受理时间=""),
        issue_row(8, 是否接通="否"),
        issue_row(9, 所属镇街="无名镇", 村社代码=""),
        issue_row(10, 诉求时间="2999-01-01 10:00", 受理时间="", 首次答复时间="", 办结时间=""),
    ]
    summary = load(engine, "issues", write_issues(tmp_path / "a.csv", rows))
    assert (summary.rows_read, summary.rows_new, len(summary.problems)) == (10, 1, 9)
    with reading(engine) as connection:
        kept = connection.execute(sa.select(rejected_row).order_by(rejected_row.c.row_number)).all()
    assert [(row.row_number, row.reason) for row in kept] == [
        (3, "not_understood"), (4, "unknown_village"), (5, "order_of_dates"), (6, "not_understood"),
        (7, "not_on_register"), (8, "contradiction"), (9, "contradiction"), (10, "unknown_township"),
        (11, "in_the_future"),
    ]  # fmt: skip
    assert kept[0].column_name == "诉求时间"
    assert "2020-13-01" in kept[0].sentence_zh
    assert "2020-13-01" in kept[0].sentence_en


def test_a_case_repeated_inside_one_file_counts_once_with_its_last_row(engine: Engine, tmp_path: Path) -> None:
    rows = [issue_row(1, 办理结果="未解决"), issue_row(1)]
    summary = load(engine, "issues", write_issues(tmp_path / "a.csv", rows))
    assert [problem.reason for problem in summary.problems] == ["duplicate"]
    counted = township(engine, "330212005")["all"]
    assert (counted["reported"], counted["solved_reached"]) == (1, 1)


@pytest.mark.parametrize(
    ("township_name", "village", "expected"),
    [
        ("中河街道", "城兴社区", "330212005001"),
        ("中河街道", "中河街道城兴社区居委会", "330212005001"),
        ("中河街道", "浙江省宁波市鄞州区中河街道城兴社区", "330212005001"),
        ("姜山镇", "茅山社区", "330212110003"),
        ("姜山镇", "茅山村委会", "330212110004"),
        ("姜山镇", "翻石村", "330212110001"),
        ("姜山镇", "陆家堰", "330212110002"),
        ("姜山镇", "陆家偃村", "330212110002"),
    ],
)
def test_a_village_without_code_is_found_by_its_name(
    engine: Engine, tmp_path: Path, township_name: str, village: str, expected: str
) -> None:
    row = issue_row(1, 所属镇街=township_name, 所属村社=village, 村社代码="")
    summary = load(engine, "issues", write_issues(tmp_path / "a.csv", [row]))
    assert summary.problems == ()
    with reading(engine) as connection:
        assert connection.execute(sa.select(issue.c.place_code)).scalar_one() == expected


def test_a_name_that_two_villages_bear_is_set_aside(engine: Engine, tmp_path: Path) -> None:
    row = issue_row(1, 所属镇街="姜山镇", 所属村社="茅山", 村社代码="")
    summary = load(engine, "issues", write_issues(tmp_path / "a.csv", [row, issue_row(2)]))
    assert [problem.reason for problem in summary.problems] == ["ambiguous_village"]


def test_former_names_are_remembered(engine: Engine) -> None:
    with reading(engine) as connection:
        assert connection.execute(sa.select(name_alias.c.name, name_alias.c.place_code)).all() == [
            ("翻石村", "330212110001")
        ]


def test_inspections_count_items_sites_and_rechecks(engine: Engine, tmp_path: Path) -> None:
    visits = [
        visit(1, "Q001", "2020-02-05", ("合格", "不合格", "合格")),
        visit(2, "Q001", "2020-02-15", ("", "合格", ""), recheck="是"),
        visit(3, "Q002", "2020-02-06", ("合格", "", "合格")),
        visit(4, "330212110001", "2020-02-07", ("合格", "合格", "")),
    ]
    load(engine, "inspections", write_visits(tmp_path / "v.xlsx", visits))
    everything = township(engine, "330212110", source="inspections")["all"]
    assert everything == {
        "place": "330212110", "items_checked": 7, "items_passed": 6, "rechecked": 1, "rectified": 1,
        "sites_inspected": 3, "sites_fully_passed": 2, "sites_registered": 6,
    }  # fmt: skip
    sizes = township(engine, "330212110", source="inspections", dimension="firm_size")
    assert {size: (row["items_checked"], row["items_passed"]) for size, row in sizes.items()} == {
        "large": (3, 2), "micro": (2, 2)
    }  # fmt: skip
    items = township(engine, "330212110", source="inspections", dimension="item")
    assert (items["temperature_check"]["items_checked"], items["temperature_check"]["items_passed"]) == (2, 1)
    other = township(engine, "330212005", source="inspections")["all"]
    assert (other["sites_inspected"], other["sites_registered"]) == (0, 6), "not inspected is zero of the register"


def test_a_group_the_register_does_not_know_is_unknown_not_absent(engine: Engine, tmp_path: Path) -> None:
    load(engine, "inspections", write_visits(tmp_path / "v.xlsx", [visit(1, "Q003", "2020-02-05", ("合格", "", ""))]))
    assert township(engine, "330212005", source="inspections", dimension="firm_size")["unknown"]["items_checked"] == 1
    assert set(township(engine, "330212005", source="inspections", dimension="management")) == {
        "managed", "self_governed"
    }, "an office building has no management group"  # fmt: skip


def test_a_corrected_register_moves_the_counts_of_its_events(engine: Engine, tmp_path: Path) -> None:
    load(engine, "inspections", write_visits(tmp_path / "v.xlsx", [visit(1, "Q003", "2020-02-05", ("合格", "", ""))]))
    load(engine, "issues", write_issues(tmp_path / "i.csv", [issue_row(1, 企业编号="Q003")]))
    (tmp_path / "firms2.csv").write_text(
        "企业编号,企业名称,所属镇街,所属村社,企业规模\nQ003,丙店,中河街道,城兴社区,微型\n", encoding="utf-8"
    )
    summary = load(engine, "firms", tmp_path / "firms2.csv")
    assert summary.rows_changed == 1
    assert set(township(engine, "330212005", source="inspections", dimension="firm_size")) == {"micro"}
    assert set(township(engine, "330212005", dimension="firm_size")) == {"micro"}
    with reading(engine) as connection:
        assert differences(connection) == []


def test_measurements_of_villages_add_up_and_those_of_townships_stand(engine: Engine, tmp_path: Path) -> None:
    rows = [
        ("officials_per_1000", "330212110001", "2020-03", "", "6", "1200"),
        ("officials_per_1000", "330212110003", "2020年3月", "", "9", "2500"),
        ("plans_current", "330212110", "2020-03", "", "9", "10", "2020-02-01"),
        ("cogovernance_bodies", "330212110", "2020-03", "党建+社会组织", "3", "4"),
    ]
    summary = load(engine, "measurements", write_measurements(tmp_path / "m.xlsx", rows))
    assert [problem.reason for problem in summary.problems if problem.row != 6] == []
    read = read_measurements(
        engine, scope=ALL, indicators=["officials_per_1000", "plans_current"], level="township",
        first=202001, last=202012,
    )  # fmt: skip
    officials, plans = read.itertuples()
    assert (officials.numerator, officials.denominator, officials.places_counted) == (15, 3700, 2)
    assert (plans.numerator, plans.denominator) == (9, 10)
    groups = read_measurements(
        engine, scope=ALL, indicators=["officials_per_1000"], level="district", first=202001, last=202012,
        dimension="area_type",
    )  # fmt: skip
    assert groups.set_index("value")["numerator"].to_dict() == {"rural": 6, "urban": 9}
    with reading(engine) as connection:
        assert differences(connection) == []


def test_measurements_that_make_no_sense_are_set_aside(engine: Engine, tmp_path: Path) -> None:
    rows = [
        ("plans_current", "330212110", "2020-03", "", "9", "10"),
        ("plans_current", "330212005", "2020-03", "", "11", "10"),
        ("plans_current", "330212005", "2020-04", "", "-1", "10"),
        ("plans_current", "330212110001", "2020-03", "", "9", "10"),
        ("no_such_thing", "330212110", "2020-03", "", "9", "10"),
        ("records_valid", "330212110", "2020-03", "", "9", "10"),
        ("plans_current", "339999999", "2020-03", "", "9", "10"),
        ("plans_current", "330212110", "2020-05", "没有的分类", "9", "10"),
    ]
    summary = load(engine, "measurements", write_measurements(tmp_path / "m.xlsx", rows))
    assert summary.rows_new == 1
    assert sorted((problem.row, problem.reason) for problem in summary.problems) == [
        (4, "part_above_whole"), (5, "not_understood"), (6, "wrong_level"), (7, "unknown_indicator"),
        (8, "computed_here"), (9, "unknown_place"), (10, "unknown_part"),
    ]  # fmt: skip


def test_a_township_code_of_civil_affairs_is_translated_by_its_name(engine: Engine, tmp_path: Path) -> None:
    heading = ("指标代码", "单位代码", "单位名称", "月份", "分子", "分母")
    rows = [heading, ("plans_current", "330212121", "姜山镇", "2020-03", "9", "10")]
    load(engine, "measurements", write_sheet(tmp_path / "m.xlsx", rows))
    read = read_measurements(
        engine, scope=ALL, indicators=["plans_current"], level="township", first=202001, last=202012
    )
    assert read["place"].tolist() == ["330212110"]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_text_files_are_read_in_every_usual_encoding(engine: Engine, tmp_path: Path, encoding: str) -> None:
    summary = load(engine, "issues", write_issues(tmp_path / "a.csv", [issue_row(1)], encoding=encoding))
    assert summary.rows_new == 1


def bad_files(folder: Path) -> dict[str, tuple[str, Path]]:
    folder.mkdir(exist_ok=True)
    made = {name: folder / file for name, file in {
        "empty": "空.csv", "headings only": "只有表头.csv", "missing column": "缺列.csv", "wrong sheet": "别的表.xlsx",
        "wrong encoding": "乱码.csv", "program": "工单.csv", "not a spreadsheet": "假表格.xlsx", "picture": "图.png",
        "no usable row": "全错.csv", "lost": "没有这个文件.csv",
    }.items()}  # fmt: skip
    made["empty"].write_bytes(b"")
    made["headings only"].write_text(",".join(ISSUE_COLUMNS) + "\n", encoding="utf-8")
    made["missing column"].write_text("诉求时间,渠道来源,所属镇街\n2020-02-01,12345电话,中河街道\n", encoding="gb18030")
    write_sheet(made["wrong sheet"], [("姓名", "电话"), ("甲", "1")])
    made["wrong encoding"].write_bytes(bytes(range(128, 256)) * 40)
    made["program"].write_bytes(b"MZ\x90\x00\x03" + bytes(2000))
    made["not a spreadsheet"].write_text("这不是表格", encoding="utf-8")
    made["picture"].write_bytes(b"\x89PNG\r\n\x1a\n")
    write_issues(made["no usable row"], [issue_row(1, 诉求时间="2020-13-01")])
    return {name: ("issues", path) for name, path in made.items()}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("empty", "空文件"),
        ("headings only", "没有数据行"),
        ("missing column", "工单编号"),
        ("wrong sheet", "表头"),
        ("wrong encoding", "编码"),
        ("program", "Windows"),
        ("not a spreadsheet", "找不到"),
        ("picture", "CSV 或 XLSX"),
        ("no usable row", "2020-13-01"),
        ("lost", "找不到"),
    ],
)
def test_a_file_that_cannot_be_taken_gives_a_clear_sentence_and_changes_nothing(
    engine: Engine, tmp_path: Path, name: str, said: str
) -> None:
    before = stored(engine)
    source, path = bad_files(tmp_path / "bad")[name]
    with pytest.raises(UserError) as refused:
        load(engine, source, path)
    assert said in refused.value.zh
    assert refused.value.en.isprintable()
    assert stored(engine) == before


def test_a_file_above_the_limit_is_refused_before_it_is_read(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "大.csv"
    with path.open("wb") as file:
        file.truncate(1_200_000_000)  # sparse: it takes no room
    before = stored(engine)
    with pytest.raises(UserError, match="1200 MB") as refused:
        load(engine, "issues", path)
    assert "按月份拆分" in refused.value.zh
    assert stored(engine) == before


def test_places_outside_the_scope_are_not_read(engine: Engine, tmp_path: Path) -> None:
    load(engine, "issues", write_issues(tmp_path / "a.csv", [issue_row(1)]))
    head = Scope(root="330212", villages_of=("330212110",))
    assert len(read_counts(engine, scope=head, source="issues", level="township", first=202001, last=202012)) == 1
    with pytest.raises(UserError):
        read_counts(engine, scope=head, source="issues", level="village", within="330212005", first=202001, last=202012)
    with pytest.raises(UserError):
        read_counts(engine, scope=head, source="issues", level="village", first=202001, last=202012)
    with pytest.raises(UserError):
        read_counts(engine, scope=head, source="issues", level="township", within="330106", first=202001, last=202012)


def test_both_township_sets_can_be_told_apart(engine: Engine) -> None:
    read = read_places(engine, scope=ALL, level="township")
    assert read["managed_by"].tolist() == ["district", "district"]
    assert read["kind"].tolist() == ["subdistrict", "town"]


def test_rows_set_aside_for_a_missing_register_come_in_when_the_same_file_is_loaded_again(
    engine: Engine, tmp_path: Path
) -> None:
    path = write_issues(tmp_path / "a.csv", [issue_row(1), issue_row(2, 企业编号="Q777"), issue_row(3, 诉求时间="坏")])
    assert load(engine, "issues", path).rows_new == 1
    (tmp_path / "more.csv").write_text(
        "企业编号,企业名称,所属镇街,所属村社,企业规模\nQ777,丁厂,中河街道,城兴社区,小型\n", encoding="utf-8"
    )
    load(engine, "firms", tmp_path / "more.csv")
    again = load(engine, "issues", path)
    assert (again.already_loaded, again.rows_new, again.rows_changed) == (False, 1, 0)
    assert township(engine, "330212005")["all"]["reported"] == 2
    before = stored(engine)
    assert load(engine, "issues", path).already_loaded
    assert stored(engine) == before


def test_an_old_file_loaded_again_does_not_undo_a_later_correction(engine: Engine, tmp_path: Path) -> None:
    first = write_issues(tmp_path / "a.csv", [issue_row(1, 办理结果="未解决"), issue_row(1, 办理结果="未解决")])
    load(engine, "issues", first)
    load(engine, "issues", write_issues(tmp_path / "b.csv", [issue_row(1)]))
    before = stored(engine)
    assert load(engine, "issues", first).already_loaded
    assert stored(engine) == before
    assert township(engine, "330212005")["all"]["solved_reached"] == 1


def test_a_row_that_was_cut_off_does_not_empty_the_case_it_names(engine: Engine, tmp_path: Path) -> None:
    path = write_issues(tmp_path / "a.csv", [issue_row(1), issue_row(2)], encoding="utf-8")
    load(engine, "issues", path)
    heading, first, second, *_ = path.read_text(encoding="utf-8").splitlines()
    cut = tmp_path / "cut.csv"
    cut.write_text(
        "\n".join([heading, ",".join(first.split(",")[:12]), second.replace("已解决", "未解决")]), encoding="utf-8"
    )
    summary = load(engine, "issues", cut)
    assert [(problem.row, problem.reason) for problem in summary.problems] == [(2, "too_few_cells")]
    assert (summary.rows_changed, township(engine, "330212005")["all"]["verified_solved"]) == (1, 0)
    assert township(engine, "330212005")["all"]["solved_reached"] == 1
