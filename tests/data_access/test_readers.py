"""Readers: every usual format, encoding and separator comes out as the same rows, in chunks of bounded size."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from data_access.errors import UserError
from data_access.ingestion import file_reader
from data_access.ingestion.file_reader import TableFile, open_table_file
from data_access.ingestion.text_reader import TextTable
from tests.data_access.made_workbooks import document_cell, document_rows, empty_rows, write_document, write_old

HEADING = ["工单编号", "诉求时间", "所属镇街", "备注"]
ROWS = [["G1", "2020-02-03 09:00", "中河街道", ""], ["G2", "2020-02-04 10:30", "姜山镇", "请回电"]]
NUMBERED = [["编号", "件数", "日期"], ["甲", 3.0, 43895.0], ["乙", "", 43896.5]]


@dataclass(frozen=True)
class Match:
    """What the reader is told about a table: data from the second row on unless said otherwise."""

    width: int = 4
    data_from: int = 1
    columns: dict[str, int] = field(default_factory=lambda: {"number": 0, "moment": 1, "township": 2, "remark": 3})


def read(path: Path, match: Match | None = None, *, rows: int = 50_000, sheet: str | None = None) -> pd.DataFrame:
    """All chunks of one sheet (the first one) together."""
    with open_table_file(path, max_megabytes=50) as file:
        return together(file, match or Match(), rows=rows, sheet=file.sheets[0] if sheet is None else sheet)


def together(file: TableFile, match: Match, *, rows: int = 50_000, sheet: str = "") -> pd.DataFrame:
    chunks = list(file.chunks(sheet, match=match, rows=rows))
    assert all(0 < len(chunk) <= rows for chunk in chunks)
    return pd.concat(chunks, ignore_index=True) if chunks else pd.DataFrame()


def cells(frame: pd.DataFrame) -> list[list[str]]:
    return frame[[name for name in frame if not name.startswith("_")]].to_numpy().tolist()


def text_of(rows: Sequence[Sequence[str]], *, separator: str = ",", end: str = "\r\n", quoting: int = 0) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator=end, quoting=quoting).writerows(rows)
    return text.getvalue()


ENCODINGS = {
    "utf-8": b"",
    "utf-8 ": codecs.BOM_UTF8,
    "gb18030": b"",
    "gbk": b"",
    "utf-16-le": b"",
    "utf-16-be": b"",
    "utf-16-le ": codecs.BOM_UTF16_LE,
    "utf-16-be ": codecs.BOM_UTF16_BE,
}


@pytest.mark.parametrize("encoding", list(ENCODINGS))
@pytest.mark.parametrize("separator", [",", "\t", ";", "，", "|"])
def test_every_encoding_and_separator_gives_the_same_rows(tmp_path: Path, encoding: str, separator: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(ENCODINGS[encoding] + text_of([HEADING, *ROWS], separator=separator).encode(encoding.strip()))
    with open_table_file(path, max_megabytes=1) as file:
        assert file.sheets == ("",)
        assert file.head("") == [HEADING, *ROWS]
        assert cells(together(file, Match())) == ROWS
        assert file.position() == 1.0


def write_new(path: Path, sheets: dict[str, Sequence[Sequence[str | float]]]) -> Path:
    with xlsxwriter.Workbook(path) as workbook:
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


@pytest.mark.parametrize(
    "name", ["a.xlsx", "a.xlsm", "b.xlsx.XLSX", "a.xls", "a.et", "a.ods", "x.xls", "o.xlsx", "c.et"]
)
def test_every_workbook_gives_the_same_rows_whatever_its_name_says(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    sheets = {"工单": [HEADING, *ROWS], "另一": [HEADING, ["", "", "", ""], ROWS[1]]}
    if name in ("a.xls", "a.et", "o.xlsx"):
        write_old(path, sheets)
    elif name in ("a.ods", "c.et"):
        write_document(path, {sheet: document_rows(rows) + empty_rows(9) for sheet, rows in sheets.items()})
    else:
        write_new(path, sheets)
    with open_table_file(path, max_megabytes=1) as file:
        assert file.sheets == ("工单", "另一")
        assert file.head("工单") == [HEADING, *ROWS]
        assert cells(together(file, Match(), sheet="工单")) == ROWS
        second = together(file, Match(), sheet="另一")
        assert (cells(second), second["_row"].tolist(), set(second["_sheet"])) == ([ROWS[1]], [3], {"另一"})
        assert file.position() == 1.0


def test_numbers_and_days_of_an_old_workbook_come_as_they_are(tmp_path: Path) -> None:
    found = read(write_old(tmp_path / "a.xls", {"表": NUMBERED}), Match(3, 1, {"code": 0, "count": 1, "day": 2}))
    assert cells(found) == [["甲", "3", "43895"], ["乙", "", "43896.5"]]


def test_a_formula_is_what_was_last_computed_and_never_computed(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("表")
        sheet.write_row(0, 0, HEADING)
        sheet.write_row(1, 0, ["G1", "x"])
        sheet.write_formula(1, 2, '=HYPERLINK("http://x")', None, "中河街道")
        sheet.write_formula(1, 3, "=1+1", None, "")
        sheet.write_string(2, 0, "=1+1")
    assert cells(read(path)) == [["G1", "x", "中河街道", ""], ["=1+1", "", "", ""]]


def test_what_is_named_as_a_workbook_but_is_text_is_read_as_text(tmp_path: Path) -> None:
    path = tmp_path / "导出.xls"
    path.write_bytes(text_of([HEADING, *ROWS], separator="\t").encode("gb18030"))
    assert cells(read(path)) == ROWS


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", b"", "空文件"), ("a.docx", b"x", "另存为 CSV"), ("a.csv", b"\x7fELF\1", "程序文件"),
        ("a.csv", b"%PDF-1.4", "PDF"), ("a.xlsx", b"%PDF-1.4", "PDF"), ("a.xls", b"\x89PNG\r\n", "图片"),
        ("a.csv", b"PK\3\4xxxx", "压缩包"), ("a.xlsx", b"PK\3\4xxxx", "损坏"), ("a.xls", b"\xd0\xcf\x11\xe0ab", "损坏"),
        ("a.csv", b"\x1f\x8b\x08\x00", "压缩包"), ("a.csv", bytes(range(256)) * 9, "编码"),
        ("a.csv", b"\xff\xfe\x00\x00a\x00\x00\x00", "编码"), ("a.csv", b"\x00" * 500, "编码"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_a_sentence(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=sentence):
        read(tmp_path / name)


def test_missing_and_large_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="找不到"):
        read(tmp_path / "a.csv")
    (tmp_path / "a.csv").write_bytes(b"a,b\n" * 300_000)
    with pytest.raises(UserError, match="超过上限"), open_table_file(tmp_path / "a.csv", max_megabytes=1):
        pass


def test_chunks_are_bounded_and_keep_numbers_order_and_types(tmp_path: Path) -> None:
    rows = [[f"G{number}", "2020-02-03", "", "\n" if number % 7 else "注"] for number in range(2_500)]
    path = tmp_path / "a.csv"
    path.write_text(text_of([["标题", "", "", ""], HEADING, *rows]), encoding="utf-8")
    match = Match(4, 2, {"number": 0, "remark": 3})
    with open_table_file(path, max_megabytes=1) as file:
        sizes = [len(chunk) for chunk in file.chunks("", match=match, rows=1_000)]
        assert sizes == [1_000, 1_000, 500]
        found = together(file, match, rows=999)
    assert list(found) == ["number", "?1", "?2", "remark", "_sheet", "_row", "_surplus", "_cut"]
    assert found["_row"].tolist() == list(range(3, 2_503))
    assert found["number"].tolist() == [row[0] for row in rows]
    assert {str(found[name].dtype) for name in ("number", "?1", "?2", "remark", "_sheet", "_surplus")} == {"str"}
    assert (str(found["_row"].dtype), str(found["_cut"].dtype)) == ("int64", "bool")


@pytest.mark.parametrize("last", ["G3,2020-02-05,中河街道,\udcff", '"G3,2020-02-05'])
def test_a_fault_far_behind_names_its_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str) -> None:
    monkeypatch.setattr(file_reader, "TextTable", lambda path: TextTable(path, block=1 << 16))
    body = text_of([HEADING, *(ROWS * 40_000)])
    path = tmp_path / "a.csv"
    path.write_bytes((body + last + "\r\nG4,,,").encode("utf-8", "surrogateescape"))
    with pytest.raises(UserError, match="第 80002 行"):
        read(path)


def test_a_file_put_together_from_two_encodings_is_refused_with_its_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text_of([HEADING, *ROWS]).encode() + text_of(ROWS).encode("gb18030"))
    with pytest.raises(UserError, match=r"第 4 行有不属于 UTF-8"):
        read(path)


def test_letters_split_between_two_reads_come_out_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [[f"编号{number}", "e\u0301" if number % 2 else "\u00e9", "甲,乙", '"'] for number in range(60)]
    expected = [[row[0], "\u00e9", *row[2:]] for row in rows]
    for block in (1, 2, 3, 7, 64):
        monkeypatch.setattr(file_reader, "TextTable", lambda path, block=block: TextTable(path, block=block))
        for encoding in ("utf-8", "gb18030", "utf-16"):
            (tmp_path / "a.csv").write_bytes(text_of([HEADING, *rows]).encode(encoding))
            assert cells(read(tmp_path / "a.csv")) == expected


def test_totals_and_repeated_headings_are_left_out_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    kept = [
        ["合计街道", "2020-02-03", "中河街道", ""],
        ["总计", "2020-02-03", "中河街道", "1"],
        ["", "", "合计办", "3"],
    ]
    out = [["合计", "", "", "5"], ["", "总 计：", "1,234", "—"], HEADING, ["中河街道小计", "", "", "98.5%"],
           ["Total", "", "", "3"], ["合计：2件", "", "", ""]]  # fmt: skip
    path.write_text(text_of([["标题"], HEADING, *ROWS, *out, *kept]), encoding="utf-8")
    with open_table_file(path, max_megabytes=1) as file:
        found = together(file, Match(data_from=2))
        assert file.totals_skipped == len(out)
    assert found["number"].tolist() == ["G1", "G2", "合计街道", "总计", ""]


def test_surplus_cells_of_a_text_file_are_told_and_empty_ones_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("甲,乙\n1,2\n3,4,,\n5,6,7, ,8\n", encoding="utf-8")
    found = read(path, Match(2, 1, {"a": 0, "b": 1}))
    assert found["_surplus"].tolist() == ["", "", "7，8"]


def cut(tmp_path: Path, text: str, match: Match) -> list[bool]:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    return read(tmp_path / "a.csv", match)["_cut"].tolist()


def test_a_row_broken_in_the_middle_is_told(tmp_path: Path) -> None:
    match = Match(5, 1, {"a": 0, "e": 4})
    assert cut(tmp_path, "a,b,c,d,e\n1,2,3,4,5\n1,2\n3,4,5\n1,2,3,4,\n", match) == [False, True, True, False]
    assert cut(tmp_path, "a,b,c,d,e\n1,2,3,4,\n1,2,3,4,\n1,2,3\n", match) == [False, False, True]
    assert cut(tmp_path, "a,b,c,d,e\n" + "1,2,3,4,5\n" * 99 + "1,2,3\n", match) == [False] * 99 + [True]


def test_rows_without_their_empty_ends_are_whole_where_the_file_leaves_them_out(tmp_path: Path) -> None:
    match = Match(5, 1, {"a": 0, "e": 4})
    assert cut(tmp_path, "a,b,c,d,e\n1,2,3,4,5\n1,2\n1,2,3\n1,2,3,4\n1,2,3,4,5\n", match) == [False] * 5
    assert cut(tmp_path, "a,b,c,d,e\n" + "1,2,3,\n" * 9 + "1,2\n", match) == [False] * 9 + [True]


def test_columns_behind_the_last_known_one_may_be_missing(tmp_path: Path) -> None:
    assert cut(tmp_path, "a,b,c,d,e\n1,2,3,4,5\n1,2,3\n", Match(5, 1, {"a": 0, "c": 2})) == [False, False]


ANY_TEXT = st.text(st.sampled_from('甲乙a1 ,;"\n\r\t\u3000\x00\x1c\x85\xa0\u2028\u00e9e\u0301'), max_size=6)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(ANY_TEXT, min_size=1, max_size=5), min_size=1, max_size=12),
    loose=st.text(st.sampled_from('a,"\n\r甲'), max_size=40),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    block=st.integers(1, 400),
)
@example(rows=[["a", "b"], ["c", "d"]], loose='"a""b",c\n', quoting=csv.QUOTE_ALL, block=5)
@example(rows=[["a", "b"]], loose='"x"y,c\n', quoting=csv.QUOTE_MINIMAL, block=400)
def test_the_fast_way_gives_what_the_slow_way_gives(
    tmp_path: Path, rows: list[list[str]], loose: str, quoting: int, block: int
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("工单编号,b\n" + text_of(rows, quoting=quoting) + loose, encoding="utf-8", newline="")
    match = Match(3, 1, {"a": 0, "c": 2})

    def outcome(*, fast: bool, block: int) -> object:
        try:
            found = together(TableFile(path, TextTable(path, block=block, fast=fast)), match)
        except UserError as refused:
            return refused.zh
        return found.to_dict("list")

    slow = outcome(fast=False, block=1 << 20)
    assert outcome(fast=True, block=1 << 20) == slow
    assert outcome(fast=True, block=block) == slow
    assert outcome(fast=False, block=block) == slow


def test_merged_cells_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("表")
        sheet.merge_range(0, 0, 0, 2, "标题")
        sheet.write_row(1, 0, ["甲", "乙", "丙"])
    with open_table_file(path, max_megabytes=1) as file:
        assert file.head("表") == [["标题", "", ""], ["甲", "乙", "丙"]]


def test_repeated_cells_of_a_document_are_written_out(tmp_path: Path) -> None:
    cells = document_cell("甲", repeated=3) + document_cell("", repeated=2) + document_cell("乙")
    path = write_document(tmp_path / "a.ods", {"表": f"<table:table-row>{cells}</table:table-row>" + empty_rows(3)})
    with open_table_file(path, max_megabytes=1) as file:
        assert file.head("表") == [["甲", "甲", "甲", "", "", "乙"]]
