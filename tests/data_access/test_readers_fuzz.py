"""Whatever bytes a file holds, it comes out as rows or is refused with a sentence."""

from __future__ import annotations

import struct
import zipfile
from functools import cache
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_access.errors import UserError
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
from tests.data_access.test_readers import HEADING, ROWS, Match, text_of

CALM = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
TEXTS = (".csv", ".tsv", ".txt")
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".et", ".ods")
NASTY = st.sampled_from(
    [b"\0", b"\xff", b'"', b"\r", b"\n", b"<", b">", b"/", b"&a;", b"-1", b"99999999999", b"1048576", b"",
     b"\xff\xff\xff\xff", b"\0\0\0\x80", b"\xef\xbb\xbf", b"\xff\xfe", "，".encode("gb18030")]
)  # fmt: skip
BEGINNINGS = st.sampled_from([b"", b"PK\3\4", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"a,b\n"])
CHANGES = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 9), NASTY | st.binary(max_size=5)), min_size=1, max_size=6)


def outcome(path: Path) -> str:
    """ "rows" or "sentence"; anything else is raised."""
    try:
        with open_table_file(path, max_megabytes=5) as file:
            for sheet in file.sheets:
                width = min(max(map(len, file.head(sheet)), default=1) or 1, 300)
                match = Match(width, 1, {"a": 0, "z": width - 1})
                for chunk in file.chunks(sheet, match=match, rows=1_000):
                    assert (len(chunk) > 0, str(chunk["a"].dtype)) == (True, "str")
                assert 0 <= (file.position() or 0) <= 1
    except UserError as refused:
        assert refused.zh.endswith("。")
        assert refused.en.endswith(".")
        return "sentence"
    return "rows"


def changed(content: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    """`content` with some stretches replaced: where (share of the length), how many bytes, by what."""
    made = bytearray(content)
    for where, length, instead in changes:
        at = int(where * len(made))
        made[at : at + length] = instead
    return bytes(made)


@cache
def parts(suffix: str, folder: Path) -> dict[str, bytes]:
    """The parts of a sound workbook; one part "" for the old format."""
    table = [HEADING, *ROWS, *ROWS]
    if suffix in (".xls", ".et"):
        cells = b"".join(cell_record(row, at, cell) for row, cells in enumerate(table) for at, cell in enumerate(cells))
        bounds = record(0x0200, struct.pack("<IIHHH", 0, 6, 0, 4, 0))
        several = record(0x00BD, struct.pack("<HHHIHIH", 5, 0, 0, 5, 0, 9, 1))
        formula = record(0x0006, struct.pack("<HHHdHIH", 5, 2, 0, 1.5, 0, 0, 0))
        return {"": old_stream({"表": bounds + cells + several + formula, "二": cell_record(0, 0, 1.0)})}
    path = folder / f"sound{suffix}"
    if suffix == ".ods":
        wide = f"<table:table-row>{document_cell('x', repeated=9)}</table:table-row>"
        write_document(path, {"表": document_rows(table) + empty_rows(7) + wide, "二": wide})
    else:
        with xlsxwriter.Workbook(path) as workbook:
            sheet = workbook.add_worksheet("表")
            for number, row in enumerate(table):
                sheet.write_row(number, 0, row)
            sheet.write_formula(9, 0, "=1+1", workbook.add_format({"num_format": "yyyy-mm-dd"}), 43895)
            sheet.write_boolean(9, 1, True)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path: Path, found: dict[str, bytes]) -> bytes:
    if "" in found:
        return compound_file({"Workbook": found[""]})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in found.items():
            archive.writestr(name, content)
    return path.read_bytes()


@pytest.mark.parametrize("suffix", TEXTS + WORKBOOKS)
@CALM
@given(content=st.binary(max_size=300), begin=BEGINNINGS)
def test_any_bytes_under_any_name(tmp_path: Path, suffix: str, content: bytes, begin: bytes) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(begin + content)
    outcome(path)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
@CALM
@given(changes=CHANGES, separator=st.sampled_from(",\t;，|"), quoting=st.integers(0, 1))
def test_damaged_text_files(tmp_path: Path, encoding: str, changes: list, separator: str, quoting: int) -> None:
    content = text_of([HEADING, *(ROWS * 5)], separator=separator, quoting=quoting).encode(encoding)
    path = tmp_path / "a.csv"
    path.write_bytes(changed(content, changes) or b"\n")
    outcome(path)


@pytest.mark.parametrize("suffix", WORKBOOKS)
@CALM
@given(changes=CHANGES, which=st.integers(0, 20))
def test_damaged_workbooks(tmp_path: Path, suffix: str, changes: list, which: int) -> None:
    """Damaged as a whole, or in one part of what is then packed again, so that the archive itself is sound."""
    found = dict(parts(suffix, tmp_path))
    path = tmp_path / f"a{suffix}"
    if which:
        name = sorted(found)[which % len(found)]
        found[name] = changed(found[name], changes)
        path.write_bytes(packed(path, found))
    else:
        path.write_bytes(changed(packed(path, found), changes) or b"\n")
    outcome(path)


@pytest.mark.parametrize("suffix", WORKBOOKS)
def test_the_undamaged_workbooks_are_rows(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(packed(path, parts(suffix, tmp_path)))
    assert outcome(path) == "rows"
