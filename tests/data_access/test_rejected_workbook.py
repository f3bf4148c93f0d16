"""The workbook of rows set aside: the steward's own rows, why, and nothing that runs."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from data_access.ingestion.column_mapping import REASON_COLUMNS, match_table
from data_access.ingestion.problems import MAX_PROBLEMS, Problem
from data_access.ingestion.rejected_workbook import LONGEST_CELL, write_rejected_workbook
from data_access.ingestion.source_form import source_form
from tests.data_access.small_district import ISSUE_COLUMNS, issue_row, load, registers, write_issues, write_sheet

ISSUES = source_form("issues")


def problem(row: int, *, sheet: str = "", column: str = "诉求时间", zh: str = "时间无法识别。",
            cells: dict[str, str] | None = None) -> Problem:  # fmt: skip
    cells = issue_row(row) if cells is None else cells
    return Problem(sheet, row, column, cells.get(column, ""), "not_understood", zh, "Not understood.", cells)


def written(path: Path, problems: list[Problem], **given: object) -> dict[str, list[list[str]]]:
    write_rejected_workbook(path, problems=problems, form=ISSUES, headings={}, **given)  # type: ignore[arg-type]
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_rows_stand_under_their_own_headings_and_load_as_they_are(tmp_path: Path, lang: str) -> None:
    rows = [issue_row(1, 备注="随便"), issue_row(2, 备注="")]
    sheets = written(tmp_path / "a.xlsx", [problem(n + 2, cells=row) for n, row in enumerate(rows)], lang=lang)
    (table,) = sheets.values()
    assert table[0] == [*REASON_COLUMNS[lang], *ISSUE_COLUMNS, "备注"]
    assert table[1][:3] == ["时间无法识别。" if lang == "zh" else "Not understood.", "2", ""]
    found = match_table(table, ISSUES)
    assert found is not None
    assert (found.missing, found.ignored) == ((), ("备注",))
    back = [{field: row[position] for field, position in found.columns.items()} for row in table[1:]]
    assert [one["case_no"] for one in back] == ["G00001", "G00002"]
    assert back[0]["reported_at"] == "2020-02-03 09:00"


def test_a_row_with_two_problems_stands_there_once_with_both(tmp_path: Path) -> None:
    cells = issue_row(1)
    two = [problem(9, cells=cells), problem(9, column="渠道来源", zh="渠道无法识别。", cells=cells)]
    (table,) = written(tmp_path / "a.xlsx", two).values()
    assert len(table) == 2
    assert table[1][0] == "时间无法识别。；渠道无法识别。"


def test_each_sheet_keeps_its_own_headings_and_its_name(tmp_path: Path) -> None:
    problems = [
        problem(3, sheet="一月", cells={"工单号": "G1"}),
        problem(2, sheet="二月/[补报]" + "长" * 40, cells={"工单编号": "G2", "": "没有表头"}),
        problem(4, sheet="二月_[补报]" + "长" * 40, cells={"工单编号": "G3"}),
        problem(4, sheet="History", cells={"工单编号": "G3"}),
    ]
    sheets = written(tmp_path / "a.xlsx", problems)
    assert len(sheets) == 4
    assert [table[0][3:] for table in sheets.values()] == [["工单号"], ["工单编号"], ["工单编号"], ["工单编号"]]
    assert [table[1][2] for table in sheets.values()] == [one.sheet for one in problems]
    assert all(len(name) <= 31 for name in sheets)


def test_rows_loaded_again_do_not_carry_the_reasons_of_the_last_time(tmp_path: Path) -> None:
    cells = {"退回原因": "旧的原因", "原行号": "7", "原工作表": "表", **issue_row(1)}
    (table,) = written(tmp_path / "a.xlsx", [problem(2, cells=cells)]).values()
    assert table[0] == [*REASON_COLUMNS["zh"], *ISSUE_COLUMNS]
    assert "旧的原因" not in table[1]


NASTY = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    '=HYPERLINK("http://x")',
    "\t=1",
    "http://example.org",
    "{=1}",
    "'=1",
    "_x003D_1",
]


def test_nothing_is_ever_a_formula_a_link_or_a_number(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    cells = {**{f"列{number}": text for number, text in enumerate(NASTY)}, "=1+2": "00123"}
    (table,) = written(path, [problem(2, column="=1+1", sheet="=x", zh="=1+1", cells=cells)]).values()
    assert table[0][3:] == [*[f"列{number}" for number in range(len(NASTY))], "=1+2"]
    assert table[1] == ["=1+1", "2", "=x", *NASTY, "00123"]
    with zipfile.ZipFile(path) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        assert not [name for name in parts.namelist() if "rels/sheet" in name or "calcChain" in name]
    assert "<f>" not in sheet
    assert "<v>" not in sheet.replace('t="s"><v>', ""), "every cell is text"


def test_what_a_workbook_cannot_hold_is_shown_as_far_as_it_goes(tmp_path: Path) -> None:
    cells = {"a\x00b": "\x07\ud800", "长": "长" * (LONGEST_CELL + 9)}
    (table,) = written(tmp_path / "a.xlsx", [problem(2, sheet="\x00", cells=cells)]).values()
    assert table[0][3:] == ["a�b", "长"]
    assert table[1][3:] == ["��", "长" * LONGEST_CELL]


def test_rows_without_their_cells_get_the_headings_of_the_file_or_of_the_form(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    bare = [problem(2, cells={})]
    write_rejected_workbook(path, problems=bare, form=ISSUES, headings={"case_no": "工单号"})
    assert CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[0][3:] == ["工单号"]
    assert written(path, bare)["退回的行"][0][3:5] == ["工单编号", "诉求时间"]
    assert list(written(path, [])) == ["退回的行"]


def test_it_is_bounded(tmp_path: Path) -> None:
    many = [problem(number) for number in range(MAX_PROBLEMS + 10)]
    write_rejected_workbook(tmp_path / "a.xlsx", problems=many, form=ISSUES, headings={})
    table = CalamineWorkbook.from_path(tmp_path / "a.xlsx").get_sheet_by_index(0).to_python()
    assert len(table) == MAX_PROBLEMS + 1


def test_rows_set_aside_are_downloaded_mended_and_loaded_again(database_url: str, tmp_path: Path) -> None:
    engine = registers(database_url, tmp_path)
    rows = [issue_row(1), issue_row(2, 诉求时间="2020-13-01"), issue_row(3, 渠道来源="飞鸽"), issue_row(4)]
    first = load(engine, "issues", write_issues(tmp_path / "a.csv", rows))
    assert (first.rows_new, len(first.problems)) == (2, 2)
    path = tmp_path / "要改的行.xlsx"
    write_rejected_workbook(path, problems=first.problems, form=ISSUES, headings=first.headings)
    (table,) = [sheet.to_python() for sheet in [CalamineWorkbook.from_path(path).get_sheet_by_index(0)]]
    assert [row[1] for row in table[1:]] == ["3", "4"]
    mended = [[{"2020-13-01": "2020-02-03 09:00", "飞鸽": "网格巡查"}.get(cell, cell) for cell in row] for row in table]
    second = load(engine, "issues", write_sheet(path, mended))
    assert (second.rows_new, second.problems, second.ignored_columns) == (2, (), ())
    engine.dispose()
