"""Which source a file is, told by its headings alone."""

from __future__ import annotations

import pytest

from data_access.ingestion.source_form import LOAD_ORDER, source_form
from data_access.ingestion.source_recognition import recognise_source
from tests.data_access.small_district import ESTATES, FIRMS, ISSUE_COLUMNS, PLACES, VISIT_COLUMNS, issue_row

MEASURED = ["指标代码", "指标名称", "单位代码", "单位名称", "月份", "分类", "分子", "分母", "核查日期"]
REAL = {
    "places": PLACES.splitlines()[0].split(","),
    "estates": list(ESTATES[0]),
    "firms": FIRMS.splitlines()[0].split(","),
    "issues": ISSUE_COLUMNS,
    "inspections": list(VISIT_COLUMNS),
    "measurements": MEASURED,
}


def sources(*heads: list[list[str]]) -> list[str]:
    return [one.source for one in recognise_source(heads)]


@pytest.mark.parametrize("source", LOAD_ORDER)
def test_a_departments_file_is_recognised(source: str) -> None:
    best = recognise_source([[["说明"]], [["某某表"], REAL[source], ["1"] * len(REAL[source])]])[0]
    assert (best.source, best.share, best.sure) == (source, 1.0, True)
    assert best.known == 1.0


@pytest.mark.parametrize("source", LOAD_ORDER)
def test_the_required_columns_alone_are_enough(source: str) -> None:
    form = source_form(source)
    heading = [column.heading for column in form.columns.values() if column.required]
    assert sources([heading + (["测温验码"] if form.items else [])])[0] == source


def test_short_headings_that_several_registers_share_are_told_apart_by_the_rest() -> None:
    shared = ["编号", "名称", "街道", "社区"]
    assert sources([[*shared, "规模", "从业人数"]])[0] == "firms"
    assert sources([[*shared, "管理方式", "物业公司"]])[0] == "estates"
    assert {"firms", "estates"} <= set(sources([shared])), "nothing tells them apart: both are offered"


def test_a_file_in_a_departments_own_words_is_still_offered() -> None:
    heading = ["工单编码", "诉求日期", "来电渠道", "诉求性质", "街镇", "村居"]
    cells = [issue_row(1)[name] for name in ("工单编号", "诉求时间", "渠道来源", "问题类型", "所属镇街", "所属村社")]
    best = recognise_source([[heading, cells]])[0]
    assert (best.source, best.sure) == ("issues", False)
    assert set(best.likely) == {"case_no", "reported_at", "channel", "category", "township", "village"}


def test_what_stewards_confirmed_counts() -> None:
    heading = ["甲", "乙", "丙", "丁", "戊", "己"]
    fields = ("case_no", "reported_at", "channel", "category", "township", "village")
    confirmed = {"issues": dict(zip(heading, fields, strict=True))}
    assert sources([heading]) == []
    assert recognise_source([[heading]], confirmed=confirmed)[0].sure


@pytest.mark.parametrize(
    "heads", [[], [[]], [[[]]], [[["日期", "天气", "温度"]]], [[["姓名", "电话", "备注"], ["某某", "1", ""]]]]
)
def test_a_file_of_something_else_fits_nothing(heads: list[list[list[str]]]) -> None:
    assert recognise_source(heads) == []
