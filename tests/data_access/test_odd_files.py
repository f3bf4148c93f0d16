"""Files as they really come: titles, other separators, passwords, stray cells, shifted rows, endless text."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
import xlsxwriter
from sqlalchemy.engine import Engine

from data_access.engine import reading
from data_access.errors import UserError
from data_access.ingestion import workbook_extent
from data_access.ingestion.file_plan import plan_file
from data_access.ingestion.file_reader import open_table_file
from data_access.ingestion.source_form import source_form
from data_access.tables import batch, issue, rejected_row
from tests.data_access.small_district import (
    ISSUE_COLUMNS,
    VISIT_COLUMNS,
    issue_row,
    load,
    registers,
    visit,
    write_issues,
)


@pytest.fixture
def engine(database_url: str, tmp_path: Path):
    made = registers(database_url, tmp_path)
    yield made
    made.dispose()


def read(path: Path, source: str = "issues") -> pd.DataFrame:
    with open_table_file(path, max_megabytes=10) as file:
        plan = plan_file(file, source_form(source), {})
        return pd.concat(chunk for match in plan.matches for chunk in file.chunks(match.sheet, match=match))


def table(separator: str = ",", *, end: str = "\n", rows: int = 2) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator=end)
    writer.writerow(ISSUE_COLUMNS)
    writer.writerows([issue_row(number).values() for number in range(rows)])
    return text.getvalue()


def sheet_part(body: str) -> dict[str, str]:
    return {"xl/worksheets/sheet1.xml": f'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/'
            f'spreadsheetml/2006/main"><sheetData>{body}</sheetData></worksheet>'}  # fmt: skip


def workbook_with(path: Path, parts: dict[str, str]) -> Path:
    """A workbook of one sheet with some of its parts replaced."""
    sound = path.with_name("sound.xlsx")
    with xlsxwriter.Workbook(sound) as workbook:
        workbook.add_worksheet().write(0, 0, "工单编号")
    with zipfile.ZipFile(sound) as origin, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as changed:
        for member in origin.infolist():
            changed.writestr(member.filename, parts.get(member.filename) or origin.read(member.filename))
    return path


@pytest.mark.parametrize("separator", [",", "\t", ";", "，", "|"])
@pytest.mark.parametrize("title", ["", "二〇二〇年二月工单，共 2 件；制表人：某某\n\n", "sep=;\n"])
def test_any_usual_separator_is_found_under_any_title(tmp_path: Path, separator: str, title: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(title + table(separator), encoding="utf-8")
    found = read(path)
    assert found["case_no"].tolist() == ["G00000", "G00001"]
    assert found["_row"].tolist() == [2 + title.count("\n"), 3 + title.count("\n")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_is_understood(tmp_path: Path, end: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(table(end=end).encode("gb18030"))
    assert len(read(path)) == 2


def test_a_line_break_inside_a_cell_does_not_shift_the_row_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_issues(path, [issue_row(1, 所属村社='城兴\n社区"甲"'), issue_row(2)])
    found = read(path)
    assert found["_row"].tolist() == [2, 3]
    assert found["village"].tolist() == ['城兴\n社区"甲"', "城兴社区"]


def test_an_unpaired_quote_is_refused_instead_of_swallowing_rows(tmp_path: Path) -> None:
    lines = table(rows=5).splitlines()
    lines[2] = lines[2].replace("城兴社区", '"城兴社区')
    lines[4] = lines[4].replace("城兴社区", '"城兴社区')
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(UserError, match="引号不成对"):
        read(path)


def test_a_row_that_a_stray_comma_has_shifted_is_set_aside(engine: Engine, tmp_path: Path) -> None:
    lines = table(rows=3).splitlines()
    lines[2] = lines[2].replace("2020-02-03 15:00", "2020-02-03 15:00,转办") + "G00007"
    lines[3] += ",,"
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    summary = load(engine, "issues", path)
    assert [(one.row, one.reason) for one in summary.problems] == [(3, "too_many_cells")]
    assert summary.rows_new == 2


def test_totals_below_the_table_are_left_out_and_counted(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(table() + "合计" + "," * 21 + "\n合计：,2" + "," * 20 + "\n,,,\n", encoding="utf-8")
    summary = load(engine, "issues", path)
    assert (summary.rows_new, summary.problems, summary.totals_skipped) == (2, (), 2)


def test_texts_longer_than_the_database_keeps_are_set_aside(engine: Engine, tmp_path: Path) -> None:
    rows = [issue_row(1), issue_row(2, 工单编号="G" * 65), issue_row(3, 重复工单号="G" * 65),
            issue_row(4, 小区编号="X" * 5_000), issue_row(5, 所属村社="村" * 5_000, 村社代码="9" * 5_000),
            issue_row(6, 渠道来源="飞" * 5_000)]  # fmt: skip
    path = write_issues(tmp_path / "a.csv", rows)
    text = path.read_text(encoding="gb18030").replace("工单编号", "工单编号（" + "说明" * 300 + "）", 1)
    path.write_text(text, encoding="gb18030")
    summary = load(engine, "issues", path)
    assert summary.rows_new == 1
    assert sorted((one.row, one.reason) for one in summary.problems) == [
        (3, "too_long"), (4, "too_long"), (5, "not_on_register"), (6, "unknown_village"), (7, "not_understood"),
    ]  # fmt: skip
    with reading(engine) as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(rejected_row)).scalar_one() == 5


MISFITS = {
    "firms": [
        "企业编号,企业名称,所属镇街,所属村社,行业,从业人数",
        "Q9," + "厂" * 201 + ",姜山镇,翻石渡村,,",
        "Q9,厂,姜山镇,翻石渡村," + "业" * 121 + ",",
        "Q9,厂,姜山镇,翻石渡村,,3000000000",
        "Q8,厂,姜山镇,翻石渡村,,8",
    ],
    "estates": [
        "小区编号,小区名称,所属镇街,所属村社,物业公司",
        "X9,苑,姜山镇,翻石渡村," + "司" * 201,
        "X" * 33 + ",苑,姜山镇,翻石渡村,",
        "X8,苑,姜山镇,翻石渡村,司",
    ],
    "places": [
        "区划代码,名称,层级,上级代码,类别,曾用名,民政代码,常住人口",
        "330212110009," + "村" * 121 + ",村社,330212110,村,,,",
        "330212110009,甲,村社,330212110,村," + "村" * 121 + ",,",
        "330212110009,甲,村社,330212110,村,," + "9" * 33 + ",",
        "330212110009,甲,村社,330212110,村,,,3e9",
        "330212110008,甲,村社,330212110,村,,,9",
    ],
    "measurements": [
        "指标代码,单位代码,月份,分子,分母",
        "supply_days,330212110,2020-03,1e300,1",
        "supply_days,330212110,438901,1,1",
        "supply_days,330212110,2020-03,1,1",
    ],
}


@pytest.mark.parametrize("source", list(MISFITS))
def test_what_does_not_fit_is_set_aside_and_the_rest_taken(engine: Engine, tmp_path: Path, source: str) -> None:
    (tmp_path / "r.csv").write_text("\n".join(MISFITS[source]), encoding="utf-8")
    summary = load(engine, source, tmp_path / "r.csv")
    assert [one.row for one in summary.problems] == list(range(2, len(MISFITS[source])))
    assert summary.rows_new == 1


def test_control_characters_are_set_aside_with_a_sentence(engine: Engine, tmp_path: Path) -> None:
    padding = [issue_row(number) for number in range(1_500)]
    path = write_issues(tmp_path / "a.csv", [*padding, issue_row(9_998, 工单编号="G\x00\x1b9"), issue_row(9_999)])
    summary = load(engine, "issues", path)
    assert [one.reason for one in summary.problems] == ["not_text"]
    with reading(engine) as connection:
        assert connection.execute(sa.select(rejected_row.c.found)).scalar_one() == "G��9"


def test_a_file_name_that_is_no_text_is_kept_readable(engine: Engine, tmp_path: Path) -> None:
    path = write_issues(tmp_path / "a\udcff.csv", [issue_row(1)])
    load(engine, "issues", path)
    with reading(engine) as connection:
        names = connection.execute(sa.select(batch.c.file_name).order_by(batch.c.id.desc())).scalars().all()
    assert names[0] == "a�.csv"


def test_times_of_spreadsheets_keep_their_seconds_and_their_row_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("工单")
        moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet.write_row(2, 1, ISSUE_COLUMNS)
        for number in range(40):
            sheet.write_row(3 + number, 1, list(issue_row(number).values()))
            sheet.write_datetime(3 + number, 2, dt.datetime(2020, 2, 3, 9, number, 37), moment)
    frame = read(path)
    assert frame["reported_at"].tolist() == [f"2020-02-03 09:{number:02d}:37" for number in range(40)]
    assert frame["_row"].tolist() == list(range(4, 44))


def test_sheets_that_are_not_taken_are_named(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        for name, heading in (("一月", VISIT_COLUMNS), ("二月", VISIT_COLUMNS), ("三月", VISIT_COLUMNS[1:])):
            sheet = workbook.add_worksheet(name)
            sheet.write_row(0, 0, heading)
            if name != "二月":
                sheet.write_row(1, 0, visit(1, "Q001", "2020-02-05", ("合格", "", ""))[-len(heading) :])
        workbook.add_worksheet("说明").write(0, 0, "请按时报送")
        workbook.add_worksheet("空白")
        chart = workbook.add_chart({"type": "line"})
        chart.add_series({"values": "=一月!$A$1:$A$2"})
        workbook.add_chartsheet("图").set_chart(chart)
    summary = load(engine, "inspections", path)
    assert (summary.rows_new, summary.unused_sheets) == (1, ("三月", "说明"))


@pytest.mark.parametrize("cell", ['<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
                                  '<row r="7"><c r="XFD7"><v>1</v></c></row><row r="99999"></row>'])  # fmt: skip
def test_a_stray_cell_far_away_is_refused_before_it_fills_the_memory(tmp_path: Path, cell: str) -> None:
    path = workbook_with(tmp_path / "a.xlsx", sheet_part(f'<row r="1"><c r="A1"><v>1</v></c></row>{cell}'))
    with pytest.raises(UserError, match="表格之外") as refused:
        read(path)
    assert "delete the rows and columns outside the table" in refused.value.en


def test_a_workbook_that_unpacks_to_too_many_cells_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_extent, "MAX_CELLS", 10_000)
    path = workbook_with(tmp_path / "a.xlsx", sheet_part("<row><c><v>1</v></c></row>" * 20_000))
    with pytest.raises(UserError, match="按月份拆分"):
        read(path)
    monkeypatch.setattr(workbook_extent, "MAX_UNPACKED_BYTES", 1_000)
    with pytest.raises(UserError, match="解压后过大"):
        read(path)


def test_a_million_formatted_rows_without_content_cost_nothing(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{number}"><c r="A{number}" s="1"/></row>' for number in range(1, 200_000))
    with pytest.raises(UserError, match="表头"):
        read(workbook_with(tmp_path / "a.xlsx", sheet_part(rows)))


def test_a_workbook_with_a_password_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4_000))
    with pytest.raises(UserError, match="打开密码"):
        read(path)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("damage", ["cut", "changed"])
def test_a_damaged_workbook_says_so(tmp_path: Path, kept: float, damage: str) -> None:
    whole = workbook_with(tmp_path / "whole.xlsx", sheet_part("<row><c><v>1</v></c></row>" * 300)).read_bytes()
    here = int(len(whole) * kept)
    path = tmp_path / "a.xlsx"
    path.write_bytes(whole[:here] if damage == "cut" else whole[:here] + b"\xff" * 8 + whole[here + 8 :])
    with pytest.raises(UserError):
        read(path)


@pytest.mark.parametrize("name", ["a.xls", "a.xlsx", "a.csv"])
def test_a_web_page_named_as_a_table_says_so(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("<html><table><tr><td>工单编号</td></tr></table></html>", encoding="utf-8")
    with pytest.raises(UserError, match="网页"):
        read(path)


def test_a_value_is_a_value_even_when_it_looks_like_sql(engine: Engine, tmp_path: Path) -> None:
    nasty = "G1'); DROP TABLE issue; --"
    load(engine, "issues", write_issues(tmp_path / "a.csv", [issue_row(1, 工单编号=nasty)]))
    load(engine, "issues", write_issues(tmp_path / "b.csv", [issue_row(1, 工单编号=nasty, 是否满意="否")]))
    with reading(engine) as connection:
        assert connection.execute(sa.select(issue.c.case_no)).scalars().all() == [nasty, nasty]
