"""How much a workbook holds, found out before it is opened; one that would fill the memory is refused.

The reader sets aside memory for the whole rectangle up to the last filled cell and writes a shared text out for every
cell that has it: one stray cell in the last corner of an empty sheet, or one long text in many cells, would ask for
gigabytes and end the process. Sizes are therefore counted here, from the file's own parts, trusting none of the numbers
that it gives about itself.
"""

from __future__ import annotations

import copy
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.parsers import expat

import numpy as np

from data_access.errors import UserError

MAX_UNPACKED_BYTES = 500_000_000
MAX_CELLS = 4_000_000  # about 100 bytes each while a sheet is opened
MAX_TEXT_BYTES = 150_000_000
_CELL_BYTES = 120  # what a cell takes in a file beside its text
_CHUNK = 1 << 20
_ATTRIBUTE = rb"""\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*')"""
_ADDRESS = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]*\d*)["']""")
_LETTERS = bytes(range(65, 91)) + bytes(range(97, 123))
_WITHOUT_LETTERS = bytes.maketrans(_LETTERS, b" " * len(_LETTERS))
_COUNTS = re.compile(rb"""ount\s*=\s*["']\s*\+?(\d{1,30})""")
_HEAD_BYTES = 4096
_DIGITS = 9  # longer addresses are far outside any sheet, however they go on
_CELL, _ROW, _STRING = (re.compile(rb"<(?:\w+:)?" + name + rb"(?=[\s/>])") for name in (b"c", b"row", b"si"))
_SHARED_INDEX = re.compile(rb"""\st\s*=\s*["']s["'][^<>]*>\s*<v[^<>]*>\s*(\d{1,9})\s*<""")
_ODS_TAG = re.compile(rb"<table:(table|table-row|table-cell|covered-table-cell)((?:" + _ATTRIBUTE + rb")*)\s*(/?)>")
_ROWS_REPEATED = re.compile(rb"""table:number-rows-repeated\s*=\s*["'](\d{1,12})""")
_COLUMNS_REPEATED = re.compile(rb"""table:number-columns-repeated\s*=\s*["'](\d{1,12})""")
_MOST_ODS_ROWS, _MOST_ODS_COLUMNS = 1 << 20, 1 << 14


class DamagedWorkbook(ValueError):
    """The file's parts contradict what it says about them."""


@dataclass
class Extent:
    """Last row and column, cells with a value, and bytes of their text."""

    rows: int = 0
    columns: int = 0
    values: int = 0
    text: int = 0

    def refuse(self, path: Path) -> None:
        """Raise UserError when this is more than can be opened."""
        self.refuse_cells(path)
        if self.text > MAX_TEXT_BYTES:
            raise too_much(path)

    def refuse_cells(self, path: Path) -> None:
        """Raise UserError when these are more cells than can be opened."""
        if max(self.rows * self.columns, self.values) > MAX_CELLS:
            raise UserError(
                zh=f"“{path.name}”的工作表占到第 {self.rows:,} 行、第 {self.columns:,} 列，超过可打开的 {MAX_CELLS:,} "
                "格；请删去表格之外的行列、另存为 CSV（不受此限），或按月份拆分后再载入。",
                en=f"A sheet of '{path.name}' reaches to row {self.rows:,} and column {self.columns:,}, more than the "
                f"{MAX_CELLS:,} cells that can be opened; delete the rows and columns outside the table, save it as "
                "CSV (which has no such limit), or split it by month, and load again.",
            )


def refuse_oversized_archive(path: Path, *, document: bool) -> None:
    """Refuse a zipped workbook (`document`: an OpenDocument) that holds more than can be opened.

    Raises
    ------
    UserError
        When it is too large.
    DamagedWorkbook, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError
        When its parts cannot be read.
    """
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if not member.filename.endswith("/")]
        if sum(member.file_size for member in members) > MAX_UNPACKED_BYTES:
            raise too_much(path)
        if document:
            for member in members:
                if member.filename == "content.xml":
                    with _unpacked(archive, member) as pieces:
                        _refuse_document(path, pieces)
            return
        strings = [member for member in members if member.filename.lower().endswith("sharedstrings.xml")]
        if len(strings) > 1:
            raise DamagedWorkbook
        lengths = np.zeros(0, dtype=np.int64)
        for member in strings:
            with _unpacked(archive, member) as pieces:
                lengths = _text_lengths(path, pieces)
        longest = int(lengths.max(initial=0))
        for member in members:
            if member in strings:
                continue
            with _unpacked(archive, member) as pieces:
                extent = _sheet_extent(path, pieces)
            if extent.text * longest > MAX_TEXT_BYTES:  # here the number of cells that show a shared text
                with _unpacked(archive, member) as pieces:
                    extent.text = _shared_text(pieces, lengths, extent.text)
                extent.refuse(path)
            if member.file_size - _CELL_BYTES * extent.values > MAX_TEXT_BYTES:
                raise too_much(path)


def too_much(path: Path) -> UserError:
    """The sentence for a file that unpacks to more than can be opened."""
    return UserError(
        zh=f"“{path.name}”解压后过大；请另存为 CSV，或按月份拆分后再载入。",
        en=f"'{path.name}' unpacks to too much data; save it as CSV, or split it by month, and load again.",
    )


@contextmanager
def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[Iterator[bytes]]:
    """The part piece by piece, to its real end, wherever the archive says that it ends."""
    whole = copy.copy(member)
    whole.file_size = MAX_UNPACKED_BYTES + 1
    with archive.open(whole) as part:
        pieces = _pieces(part, member.file_size)
        yield _well_formed(pieces) if member.filename.lower().endswith((".xml", ".rels")) else pieces


def _pieces(part: IO[bytes], said: int) -> Iterator[bytes]:
    size = 0
    while piece := part.read(_CHUNK):
        size += len(piece)
        if size > said:
            raise DamagedWorkbook
        yield piece


def _well_formed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes, as long as they are XML without definitions of its own; the reader runs in circles on others."""
    parser = expat.ParserCreate("UTF-8")
    parser.StartDoctypeDeclHandler = _refuse_definitions
    first = True
    try:
        for piece in pieces:
            if first and b"\0" in piece[:4]:  # of two bytes a letter: nobody writes workbooks so
                raise DamagedWorkbook
            first = False
            parser.Parse(piece, False)
            yield piece
        parser.Parse(b"", True)
    except expat.ExpatError as problem:
        raise DamagedWorkbook from problem


def _refuse_definitions(*_: object) -> None:
    raise DamagedWorkbook


def _whole_tags(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes, cut only before a `<`."""
    rest = b""
    for piece in pieces:
        text = rest + piece
        end = text.rfind(b"<")
        if end < 0:
            end = len(text)
        rest = text[end:]
        if len(rest) > 8 * _CHUNK:
            raise DamagedWorkbook
        yield text[:end]
    yield rest


def _sheet_extent(path: Path, pieces: Iterator[bytes]) -> Extent:
    """What a part of the archive holds if it is a sheet; `text` is the number of cells that show a shared text.

    Cells and rows may lack their address; then they are counted.
    """
    extent, rows_seen, across = Extent(), 0, 0
    for text in _whole_tags(pieces):
        cells, rows_here = text.count(b"<c") + text.count(b":c"), text.count(b"<row") + text.count(b":row")
        extent.values += cells
        rows_seen += rows_here
        extent.text += text.count(b'"s"') + text.count(b"'s'")
        Extent(rows_seen, extent.columns, extent.values).refuse_cells(path)
        found = _ADDRESS.findall(text)
        if cells + rows_here > len(found):
            counts = _cells_between_rows(text)
            extent.columns = max(extent.columns, across + counts[0], *counts[1:])
            across = counts[-1] + (across if len(counts) == 1 else 0)
        addresses = b" ".join(found)
        columns = set(addresses.translate(None, b"0123456789").split())
        extent.columns = max(extent.columns, max(map(_column_number, columns), default=0))
        rows = set(addresses.translate(_WITHOUT_LETTERS).split())
        extent.rows = max(extent.rows, rows_seen, max((int(one[:_DIGITS]) for one in rows), default=0))
        extent.refuse_cells(path)
    return extent


def _cells_between_rows(text: bytes) -> list[int]:
    """How many cells stand before the first row begins, in each row, and in the last one so far."""
    if b":c" in text or b":row" in text:
        return [len(_CELL.findall(stretch)) for stretch in _ROW.split(text)]
    letters = np.frombuffer(text + b"  ", dtype=np.uint8)
    tags = np.flatnonzero(letters == ord("<"))
    first, second = letters[tags + 1], letters[tags + 2]
    cells = np.cumsum(first == ord("c"))[(first == ord("r")) & (second == ord("o"))]
    return np.diff(cells, prepend=0, append=int((first == ord("c")).sum())).tolist()


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper()[:_DIGITS]:
        number = number * 26 + letter - 64
    return number


def _text_lengths(path: Path, pieces: Iterator[bytes]) -> np.ndarray:
    """Bytes of each shared text, its formatting included."""
    starts, offset = [np.zeros(0, dtype=np.int64)], 0
    for text in _whole_tags(pieces):
        if not offset and max(map(int, _COUNTS.findall(text[:_HEAD_BYTES])), default=0) > MAX_CELLS:
            raise too_much(path)  # the reader believes it
        starts.append(np.array([one.start() + offset for one in _STRING.finditer(text)], dtype=np.int64))
        offset += len(text)
        count = sum(map(len, starts))
        if count > MAX_CELLS or offset - _CELL_BYTES * count > MAX_TEXT_BYTES:
            raise too_much(path)
    return np.diff(np.append(np.concatenate(starts), offset))


def _shared_text(pieces: Iterator[bytes], lengths: np.ndarray, cells: int) -> int:
    """Bytes of text that the cells of a sheet show; a cell whose text is not told counts as the longest."""
    used = told = 0
    rest = b""
    for text in _whole_tags(pieces):
        text, rest = rest + text, b""
        end = text.rfind(b"<c")  # an index follows its cell
        if end > 0:
            text, rest = text[:end], text[end:]
        indexes = np.array([int(one) for one in _SHARED_INDEX.findall(text)], dtype=np.int64)
        told += len(indexes)
        used += int(lengths[indexes[indexes < len(lengths)]].sum())
    indexes = [int(one) for one in _SHARED_INDEX.findall(rest)]
    used += sum(int(lengths[one]) for one in indexes if one < len(lengths))
    return used + max(cells - told - len(indexes), 0) * int(lengths.max(initial=0))


def _refuse_document(path: Path, pieces: Iterator[bytes]) -> None:
    """Count the cells of an OpenDocument's sheets, which are all opened together, with their repetitions."""
    sheets = _DocumentSheets()
    for piece in _whole_tags(pieces):
        for tag in _ODS_TAG.finditer(piece):
            sheets.take(tag)
        sheets.offset += len(piece)
        sheets.total().refuse(path)
    sheets.end_document()
    sheets.total().refuse(path)


class _DocumentSheets:
    """The sheets of an OpenDocument as their tags come by; empty cells and rows at the end of anything do not count."""

    def __init__(self) -> None:
        self.offset = 0  # bytes before the piece at hand
        self._before = 0  # cells of the sheets that ended
        self._text = 0  # bytes of text that stand there because something is repeated
        self._sheet = Extent()
        self._empty_rows = 0
        self._row_times, self._row_cells, self._row_width, self._row_text = 0, 0, 0, 0
        self._cell_times, self._cell_end = 0, 0

    def total(self) -> Extent:
        """All so far: place of the last cell of the sheet at hand, cells of all sheets, repeated text."""
        cells = self._before + self._sheet.rows * self._sheet.columns
        return Extent(self._sheet.rows, self._sheet.columns, cells, self._text)

    def take(self, tag: re.Match[bytes]) -> None:
        self._end_cell(tag.start() + self.offset)
        if tag[1] == b"table":
            self._end_sheet()
        elif tag[1] == b"table-row":
            self._end_row()
            self._row_times = _times(_ROWS_REPEATED, tag[2], _MOST_ODS_ROWS)
        else:
            times = _times(_COLUMNS_REPEATED, tag[2], _MOST_ODS_COLUMNS)
            self._row_cells = min(self._row_cells + times, _MOST_ODS_COLUMNS)
            if not tag[3] or b"office:value" in tag[2]:
                self._row_width = self._row_cells
                self._cell_times, self._cell_end = times, tag.end() + self.offset

    def end_document(self) -> None:
        self._end_cell(self.offset)
        self._end_sheet()

    def _end_sheet(self) -> None:
        self._end_row()
        self._before += self._sheet.rows * self._sheet.columns
        self._sheet, self._empty_rows = Extent(), 0

    def _end_row(self) -> None:
        if self._row_width:
            rows = self._sheet.rows + self._empty_rows + self._row_times
            self._sheet.rows, self._empty_rows = min(rows, _MOST_ODS_ROWS), 0
            self._sheet.columns = max(self._sheet.columns, self._row_width)
            self._text += self._row_text * self._row_times
        else:
            self._empty_rows += self._row_times
        self._row_times = self._row_cells = self._row_width = self._row_text = 0

    def _end_cell(self, start: int) -> None:
        if self._cell_times and (self._cell_times > 1 or self._row_times > 1):
            self._row_text += max(start - self._cell_end - _CELL_BYTES, 0) * self._cell_times
        self._cell_times = 0


def _times(pattern: re.Pattern[bytes], attributes: bytes, most: int) -> int:
    repeated = pattern.search(attributes)
    return min(int(repeated[1]), most) if repeated else 1
