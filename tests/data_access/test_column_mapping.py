"""Headings as departments write them: found, matched, suggested, remembered."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from data_access import schema
from data_access.engine import create_engine, reading, writing
from data_access.errors import UserError
from data_access.ingestion.column_mapping import REASON_COLUMNS, TableMatch, match_table, normal_heading
from data_access.ingestion.heading_answers import confirmed_headings, forget_headings, keep_headings
from data_access.ingestion.source_form import LOAD_ORDER, SourceForm, source_form
from tests.data_access.small_district import ISSUE_COLUMNS, VISIT_COLUMNS, issue_row

ISSUES = source_form("issues")
ROW = list(issue_row(1).values())


def matched(*rows: list[str], form: SourceForm = ISSUES, **given: object) -> TableMatch:
    found = match_table(list(rows), form, **given)  # type: ignore[arg-type]
    assert found is not None
    return found


def suggested(found: TableMatch) -> dict[str, str]:
    return {one.heading: one.field for one in found.suggestions}


def test_a_plain_heading_is_matched_column_by_column() -> None:
    found = matched(ISSUE_COLUMNS, ROW)
    assert found.data_from == 1
    assert found.columns == {field: position for position, field in enumerate(found.columns)}
    assert len(found.columns) == found.width == 22
    assert (found.missing, found.unknown, found.ignored, found.suggestions) == ((), {}, (), ())
    assert found.headings["case_no"] == "工单编号"


@pytest.mark.parametrize("titles", [0, 1, 3, 12])
def test_titles_above_the_heading_are_passed_over(titles: int) -> None:
    title = ["鄞州区问题工单月报"] + [""] * 21
    assert matched(*[title] * titles, ISSUE_COLUMNS, ROW).data_from == titles + 1


@pytest.mark.parametrize(
    "written",
    ["*工单编号", " 工单 编号 ", "工单编号：", "工单编号（必填）", "1.工单编号", "（1）工单编号", "一、工单编号",
     "★工单编号", "工单编号\n(系统自动生成)", "工单号", "案件编号（12345）", "工单编号【必填】"],
)  # fmt: skip
def test_widths_spaces_stars_numbers_and_brackets_do_not_matter(written: str) -> None:
    found = matched([written, *ISSUE_COLUMNS[1:]], ROW)
    assert found.columns["case_no"] == 0
    assert found.headings["case_no"] == written


def test_a_heading_of_merged_cells_over_two_rows_is_read_as_one() -> None:
    upper = ["工单编号", "诉求时间", "渠道来源", "问题类型", "位置", "", "", "企业", "", "办理", ""]
    lower = ["", "", "", "", "所属镇街", "所属村社", "村社代码", "编号", "名称", "结果", "经过"]
    found = matched(["月报"] + [""] * 10, upper, lower, ROW[:11])
    assert found.data_from == 3
    assert found.missing == ()
    assert {found.columns[field]: field for field in ("township", "village_code", "firm_code", "solved")} == {
        4: "township", 6: "village_code", 7: "firm_code", 9: "solved",
    }  # fmt: skip
    assert found.unknown == {8: "企业名称", 10: "办理经过"}
    assert found.headings["township"] == "所属镇街"


def test_a_heading_of_merged_cells_over_three_rows_is_read_as_one() -> None:
    top = ["检查编号", "检查日期", "对象", "", "检查结果", "", "是否复查"]
    middle = ["", "", "编号", "名称", "防控", "", ""]
    low = ["", "", "", "", "卡口封闭管理", "测温验码", ""]
    found = matched(top, middle, low, form=source_form("inspections"))
    assert (found.data_from, found.missing) == (3, ())
    assert [found.columns[field] for field in ("site_code", "gate_control", "temperature_check", "recheck")] == [
        2, 4, 5, 6,
    ]  # fmt: skip


def test_a_first_row_of_data_is_never_taken_for_the_second_row_of_a_heading() -> None:
    assert matched(["指标代码", "单位代码", "月份", "分子", "分母"], ["分类", "1", "2020-03", "1", "2"],
                   form=source_form("measurements")).data_from == 1  # fmt: skip


def test_the_forms_own_heading_counts_before_a_synonym_and_the_first_of_two_equals() -> None:
    found = matched(["类别", "问题类型", "工单编号", "工单编号", "诉求时间"])
    assert (found.columns["category"], found.columns["case_no"]) == (1, 2)
    assert found.unknown == {0: "类别", 3: "工单编号"}
    assert found.unanswered == (), "both repeat a field that is found; there is nothing to ask"


def test_missing_required_columns_are_named() -> None:
    assert matched(["工单编号", "诉求时间", "渠道"]).missing == ("问题类型", "所属镇街", "所属村社")
    visits = matched(list(VISIT_COLUMNS[:8]), form=source_form("inspections"))
    assert visits.missing[0].startswith("检查项目（如 ")


def test_a_sheet_of_words_is_no_table() -> None:
    assert match_table([["请按时报送"], ["联系人：", "某某"], []], ISSUES) is None
    assert match_table([], ISSUES) is None
    assert match_table([[], [""]], ISSUES) is None


def test_departments_own_words_are_suggested_and_not_applied() -> None:
    heading = [
        "工单编码",
        "诉求日期",
        "来电渠道",
        "诉求性质",
        "街镇",
        "村居",
        "是否已回访",
        "办结日期",
        "答复期限",
        "来电人",
    ]
    row = [
        "G1",
        "2020-03-05",
        "12345电话",
        "民生求助",
        "中河街道",
        "城兴社区",
        "是",
        "2020-03-06",
        "2020-03-06",
        "某某",
    ]
    found = matched(heading, row)
    assert suggested(found) == {
        "工单编码": "case_no", "诉求日期": "reported_at", "来电渠道": "channel", "诉求性质": "category",
        "街镇": "township", "村居": "village", "是否已回访": "called_back", "办结日期": "closed_at",
        "答复期限": "answer_due_at",
    }  # fmt: skip
    assert found.columns == {}
    assert all(0.7 < one.likeness <= 1 for one in found.suggestions)


def test_a_column_whose_cells_are_of_another_kind_is_not_suggested() -> None:
    fits = matched([*ISSUE_COLUMNS[:15], "办结日期"], [*ROW[:15], "2020-03-06"])
    assert suggested(fits) == {"办结日期": "closed_at"}
    strange = matched([*ISSUE_COLUMNS[:15], "办结日期"], [*ROW[:15], "张三"])
    assert suggested(strange) == {}


def test_a_column_full_of_a_fields_words_is_suggested_whatever_it_is_called() -> None:
    assert suggested(matched([*ISSUE_COLUMNS[:2], "F3"], [*ROW[:2], "网格巡查"])) == {"F3": "channel"}


def test_each_field_is_suggested_once() -> None:
    found = matched(["工单编号", "诉求时间", "办结日期", "办结时刻"])
    assert len(suggested(found)) == 1
    assert found.unanswered == ("办结日期", "办结时刻")


def test_confirmed_headings_are_applied_and_columns_to_leave_out_are_not_asked_again() -> None:
    confirmed = {"街 镇": "township", "备注": None, "工单号*": None, "诉求性质": "category", "甲": "no_such_field"}
    found = matched(["工单号", "诉求时间", "街镇", "备注", "诉求性质", "甲"], confirmed=confirmed)
    assert found.columns == {"reported_at": 1, "township": 2, "category": 4}
    assert (found.ignored, found.unanswered) == (("工单号", "备注", "甲"), ("甲",))
    assert suggested(found) == {}


def test_the_columns_of_a_workbook_of_rejected_rows_are_known() -> None:
    for names in REASON_COLUMNS.values():
        found = matched([*names, *ISSUE_COLUMNS], ["不明", "3", "表一", *ROW])
        assert (found.unknown, found.ignored, found.suggestions) == ({}, (), ())
        assert found.columns["case_no"] == 3


def test_the_cells_of_a_row_stand_under_unique_headings_in_the_order_of_the_file() -> None:
    found = matched(["备注", "工单编号", "诉求时间", "备注", "", "备注"])
    assert found.cell_headings() == {
        "?0": "备注", "case_no": "工单编号", "reported_at": "诉求时间", "?3": "备注 (2)", "?5": "备注 (3)",
    }  # fmt: skip


@pytest.mark.parametrize("source", LOAD_ORDER)
def test_every_form_knows_its_own_headings_and_no_two_fields_share_one(source: str) -> None:
    form = source_form(source)
    said: dict[str, str] = {}
    for field, column in form.columns.items():
        for heading in (column.heading, *column.synonyms):
            assert said.setdefault(normal_heading(heading), field) == field
    found = matched([column.heading for column in form.columns.values()], form=form)
    assert list(found.columns) == list(form.columns)


def test_measurements_alone_have_a_day_by_which_they_are_due() -> None:
    due = {source: source_form(source).submission for source in LOAD_ORDER}
    assert due.pop("measurements").due_day == 15  # type: ignore[union-attr]
    assert set(due.values()) == {None}


@pytest.fixture
def engine(database_url: str):
    made = create_engine(database_url)
    schema.upgrade(made)
    yield made
    made.dispose()


def test_what_a_steward_confirms_is_remembered_for_that_source_only(engine: Engine) -> None:
    with writing(engine) as connection:
        keep_headings(connection, "issues", {"街 镇*": "township", "备注": None, "长" * 300: None, " ": None}, "a")
        keep_headings(connection, "issues", {"街镇": "village"}, "b")
    with reading(engine) as connection:
        kept = confirmed_headings(connection, "issues")
        assert kept == {"街镇": "village", "备注": None, "长" * 120: None}
        assert confirmed_headings(connection, "firms") == {}
    found = matched(["工单编号", "诉求时间", "街镇", "长" * 300], confirmed=kept)
    assert (found.columns["village"], found.unanswered) == (2, ())
    with writing(engine) as connection:
        forget_headings(connection, "issues", ["街镇（必填）"])
        assert "街镇" not in confirmed_headings(connection, "issues")


def test_a_heading_cannot_mean_a_field_that_the_source_does_not_have(engine: Engine) -> None:
    with pytest.raises(UserError, match="重新选择"), writing(engine) as connection:
        keep_headings(connection, "issues", {"备注": "households"}, "a")
    with writing(engine) as connection:
        keep_headings(connection, "inspections", {"测温": "temperature_check"}, "a")


def test_the_folder_of_sources_holds_one_form_each() -> None:
    folder = Path(__file__).parents[2] / "data_access" / "ingestion" / "sources"
    assert {path.stem for path in folder.glob("*.toml")} == set(LOAD_ORDER)
