"""Workbooks made or damaged so as to fill the memory are refused in seconds, whatever they say about themselves."""

from __future__ import annotations

import resource
import struct
import time
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest
import xlsxwriter

from data_access.errors import UserError
from data_access.ingestion import text_decoding, workbook_extent
from data_access.ingestion.file_reader import open_table_file
from tests.data_access.made_workbooks import (
    cell_record,
    compound_file,
    document_cell,
    document_rows,
    empty_rows,
    old_stream,
    record,
    write_document,
)

_SPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_SHEET, _STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


@pytest.fixture(autouse=True)
def soon_and_small() -> Iterator[None]:
    """Each refusal within seconds, without the process growing by more than a little."""
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    yield
    assert time.process_time() - start < 30
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000, "kilobytes"


def refused(path: Path) -> str:
    with pytest.raises(UserError) as problem, open_table_file(path, max_megabytes=50) as file:
        for sheet in file.sheets:
            file.head(sheet)
    return problem.value.zh


def workbook(path: Path, parts: Mapping[str, bytes | Iterable[bytes]]) -> Path:
    """A workbook with some of its parts replaced, by bytes or by many pieces of bytes."""
    sound = path.with_name("sound.xlsx")
    with xlsxwriter.Workbook(sound) as made:
        made.add_worksheet("表").write(0, 0, "工单编号")
    with zipfile.ZipFile(sound) as origin, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as changed:
        for member in origin.infolist():
            content = parts.get(member.filename, origin.read(member.filename))
            with changed.open(member.filename, "w") as part:
                for piece in [content] if isinstance(content, bytes) else content:
                    part.write(piece)
    return path


def sheet_with(body: str, *, before: str = "") -> dict[str, bytes]:
    return {_SHEET: f"{before}<worksheet {_SPACE}><sheetData>{body}</sheetData></worksheet>".encode()}


def shared(*texts: str) -> dict[str, bytes]:
    entries = "".join(f"<si><t>{text}</t></si>" for text in texts)
    return {_STRINGS: f"<sst {_SPACE}>{entries}</sst>".encode()}


def test_ten_million_rows_are_refused(tmp_path: Path) -> None:
    rows = [f"<worksheet {_SPACE}><sheetData>".encode(), *[b"<row><c><v>1</v></c></row>" * 10_000] * 1_000]
    assert "另存为 CSV" in refused(workbook(tmp_path / "a.xlsx", {_SHEET: [*rows, b"</sheetData></worksheet>"]}))


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="XFD1048576"><v>1</v></c>', "<c r = 'xfd1048576'><v>1</v></c>", '<c r="A9999999999999999"><v>1</v></c>',
        '<c r="ZZZZZZZZZZZZZZ1"><v>1</v></c>', '<x:c r="XFD1048576"><x:v>1</x:v></x:c>',
    ],
)  # fmt: skip
def test_a_cell_far_away_is_refused_however_it_is_written(tmp_path: Path, cell: str) -> None:
    body = f'<row r="1"><c r="A1"><v>1</v></c></row><row>{cell}</row>'
    parts = sheet_with(body)
    parts[_SHEET] = parts[_SHEET].replace(b"<worksheet ", b'<worksheet xmlns:x="x" ')
    assert "表格之外" in refused(workbook(tmp_path / "a.xlsx", parts))


def test_cells_without_addresses_are_counted_across_and_down(tmp_path: Path) -> None:
    body = "<row>" + "<c/>" * 10_000 + "<c><v>1</v></c></row>" + "<row/>" * 1_000 + "<row><c><v>1</v></c></row>"
    assert "第 1,002 行、第 10,001 列" in refused(workbook(tmp_path / "a.xlsx", sheet_with(body)))


def test_one_long_text_in_many_cells_is_refused_and_in_one_cell_read(tmp_path: Path) -> None:
    body = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>{{}}</v></c></row>' for row in range(1, 20_001))
    texts = shared("甲" * 10_000, "乙")
    assert "解压后过大" in refused(workbook(tmp_path / "a.xlsx", sheet_with(body.replace("{}", "0")) | texts))
    hidden = body.replace("{}", "0").replace("<v>", "<f/><v>")
    assert "解压后过大" in refused(workbook(tmp_path / "b.xlsx", sheet_with(hidden) | texts))
    fine = workbook(tmp_path / "c.xlsx", sheet_with(body.replace("{}", "0", 1).replace("{}", "1")) | texts)
    with open_table_file(fine, max_megabytes=1) as file:
        assert [len(row[0]) for row in file.head("表")[:2]] == [10_000, 1]


@pytest.mark.parametrize("count", ["99999999999", "4000001"])
def test_what_the_shared_texts_say_about_their_number_is_not_believed(tmp_path: Path, count: str) -> None:
    texts = shared("甲")
    texts[_STRINGS] = texts[_STRINGS].replace(b"<sst ", f'<sst uniqueCount="{count}" '.encode())
    assert "解压后过大" in refused(workbook(tmp_path / "a.xlsx", texts))


def test_five_million_shared_texts_are_refused(tmp_path: Path) -> None:
    texts = [f"<sst {_SPACE}>".encode(), *[b"<si><t>a</t></si>" * 10_000] * 500, b"</sst>"]
    assert "解压后过大" in refused(workbook(tmp_path / "a.xlsx", {_STRINGS: texts}))


def test_entities_that_multiply_are_refused(tmp_path: Path) -> None:
    levels = "".join(f'<!ENTITY a{level + 1} "{f"&a{level};" * 10}">' for level in range(9))
    laughs = f'<!DOCTYPE l [<!ENTITY a0 "lol">{levels}]>'
    body = '<row r="1"><c r="A1" t="inlineStr"><is><t>&a9;</t></is></c></row>'
    assert "损坏" in refused(workbook(tmp_path / "a.xlsx", sheet_with(body, before=laughs)))
    document = write_document(tmp_path / "a.ods", {"表": document_rows([["&a9;"]])}, before=laughs)
    assert "损坏" in refused(document)


@pytest.mark.parametrize("content", [b"<worksheet><row>", b"\xff\xfe<\0w\0/\0>\0", b"<w>\xff</w>", b"<w>&x;</w>"])
def test_parts_that_are_no_sound_xml_are_refused(tmp_path: Path, content: bytes) -> None:
    assert "损坏" in refused(workbook(tmp_path / "a.xlsx", {_SHEET: content}))


def test_an_archive_that_lies_about_its_sizes_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {_SHEET: [b"<worksheet>", *[bytes(1_000_000)] * 100]})
    content = path.read_bytes()
    at = content.rindex(_SHEET.encode()) - 46  # its entry in the table at the end
    assert content[at : at + 4] == b"PK\1\2"
    path.write_bytes(content[: at + 24] + struct.pack("<I", 300) + content[at + 28 :])
    assert "损坏" in refused(path)


def test_an_archive_that_unpacks_to_gigabytes_is_refused_unopened(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(_SHEET, "w") as part:
        for _ in range(600):
            part.write(bytes(1_000_000))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    assert "解压后过大" in refused(path)


@pytest.mark.parametrize("name", ["word/document.xml", "xl/workbook.bin"])
def test_other_archives_are_no_workbooks(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr(name, "<w/>")
    assert "不是可读取的电子表格" in refused(tmp_path / "a.xlsx")


def row(cells: str, *, repeated: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{repeated}">{cells}</table:table-row>'


@pytest.mark.parametrize(
    "rows",
    [
        row(document_cell("x", repeated=10_000), repeated=10_000),
        row(document_cell("x", repeated=16_384), repeated=1_048_576),
        row(document_cell("x", repeated=4_000_000_000), repeated=1_000),
        row(document_cell("x")) + empty_rows(1_000_000) + row(document_cell("", repeated=99) + document_cell("x")),
        row("<table:table-cell office:x='a>b' table:number-columns-repeated='9999'>x</table:table-cell>", repeated=999),
    ],
)
def test_repeated_rows_and_columns_of_a_document_are_multiplied_out(tmp_path: Path, rows: str) -> None:
    assert "表格之外" in refused(write_document(tmp_path / "a.ods", {"表": rows}))


def test_many_sheets_of_a_document_count_together(tmp_path: Path) -> None:
    rows = row(document_cell("x", repeated=1_000), repeated=1_000)
    assert "表格之外" in refused(write_document(tmp_path / "a.ods", {f"表{number}": rows for number in range(5)}))


def test_a_long_text_that_a_document_repeats_is_refused(tmp_path: Path) -> None:
    rows = row(document_cell("甲" * 10_000, repeated=100), repeated=1_000)
    assert "解压后过大" in refused(write_document(tmp_path / "a.ods", {"表": rows}))


def test_empty_rows_up_to_the_end_of_a_document_cost_nothing(tmp_path: Path) -> None:
    rows = (
        document_rows([["甲", "乙"]])
        + row(document_cell("丙") + document_cell("", repeated=16_383))
        + empty_rows(1_048_574)
    )
    with open_table_file(write_document(tmp_path / "a.ods", {"表": rows}), max_megabytes=1) as file:
        assert file.head("表") == [["甲", "乙"], ["丙", ""]]


@pytest.mark.parametrize(
    "cells",
    [
        cell_record(65_535, 255, "x"), cell_record(65_535, 65_535, 1.0),
        record(0x0201, struct.pack("<HHH", 65_535, 255, 0)),
        record(0x00BD, struct.pack("<HHHIH", 65_535, 0, 0, 0, 65_535)),
        record(0x0200, struct.pack("<IIHHH", 0, 0xFFFFFFFF, 0, 0xFFFF, 0)),
        record(0x0200, struct.pack("<IIHHH", 0, 65_536, 0, 256, 0)),
    ],
)  # fmt: skip
def test_a_cell_far_away_in_an_old_workbook_is_refused(tmp_path: Path, cells: bytes) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(compound_file({"Workbook": old_stream({"表": cell_record(0, 0, "x") + cells})}))
    assert "表格之外" in refused(path)


def test_an_old_workbook_whose_sheet_ends_before_it_begins_is_refused(tmp_path: Path) -> None:
    cells = record(0x0200, struct.pack("<IIHHH", 5, 2, 9, 3, 0)) + cell_record(0, 0, "x")
    (tmp_path / "a.xls").write_bytes(compound_file({"Workbook": old_stream({"表": cells})}))
    assert "损坏" in refused(tmp_path / "a.xls")


def test_many_sheets_of_an_old_workbook_count_together(tmp_path: Path) -> None:
    sheets = {f"表{number}": cell_record(30_000, 30, 1.0) for number in range(6)}
    (tmp_path / "a.et").write_bytes(compound_file({"Workbook": old_stream(sheets)}))
    assert "表格之外" in refused(tmp_path / "a.et")


@pytest.mark.parametrize("suffix", [".xlsx", ".xls"])
def test_a_password_is_told(tmp_path: Path, suffix: str) -> None:
    wrapped = tmp_path / f"a{suffix}"
    wrapped.write_bytes(compound_file({"EncryptionInfo": bytes(99), "EncryptedPackage": bytes(9_999)}))
    assert "打开密码" in refused(wrapped)
    stream = old_stream({"表": cell_record(0, 0, "x")})
    locked = tmp_path / f"b{suffix}"
    locked.write_bytes(compound_file({"Workbook": stream[:20] + record(0x002F, bytes(54)) + stream[20:]}))
    assert "打开密码" in refused(locked)


def test_an_old_text_document_is_no_workbook(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes(compound_file({"WordDocument": bytes(5_000)}))
    assert "不是可读取的电子表格" in refused(tmp_path / "a.xls")


def test_a_container_that_runs_in_a_circle_is_refused(tmp_path: Path) -> None:
    content = bytearray(compound_file({"Workbook": old_stream({"表": cell_record(0, 0, "x")})}))
    struct.pack_into("<I", content, 512 + 4 * 3, 2)  # the second sector of the stream leads back to the first
    (tmp_path / "a.xls").write_bytes(content)
    assert "损坏" in refused(tmp_path / "a.xls")


def test_a_line_that_never_ends_and_a_quote_that_never_closes_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n" + b"x" * 10_000_000)
    assert "有一行超过" in refused(path)
    path.write_bytes(b'a,b\n1,"' + b"x,1\n" * 2_500_000)
    assert "第 2 行" in refused(path)
    monkeypatch.setattr(text_decoding, "LONGEST_LINE", 1_000)
    path.write_bytes(b"x" * 5_000_000)
    assert "有一行超过" in refused(path)


def test_the_limits_fit_together() -> None:
    assert workbook_extent.MAX_CELLS * 100 + workbook_extent.MAX_TEXT_BYTES < 600_000_000


@pytest.mark.parametrize(("begin", "size"), [(b"\xd0\xcf\x11\xe0", 100_000_001), (b"PK\3\4", 200_000_001)])
def test_a_large_workbook_is_refused_before_it_is_read(tmp_path: Path, begin: bytes, size: int) -> None:
    with (tmp_path / "a.xls").open("wb") as file:
        file.write(begin)
        file.truncate(size)
    with pytest.raises(UserError, match="另存为 CSV"), open_table_file(tmp_path / "a.xls", max_megabytes=1_000):
        pass
