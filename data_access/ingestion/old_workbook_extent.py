"""How much a workbook of the old binary format (.xls, WPS .et) holds, found out before it is opened.

The reader sets aside memory for the rectangle up to the last cell of every sheet, and for as much as a sheet's own
record of its size claims. After Microsoft's [MS-XLS]; the sheets are walked through as the reader does it: from where
the list of sheets says that they begin to their end mark.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from data_access.ingestion import workbook_extent
from data_access.ingestion.workbook_extent import DamagedWorkbook, Extent, too_much

_MOST_RECORDS = 20_000_000
_END, _SHEET, _LOCK, _SIZE, _NUMBERS = 0x000A, 0x0085, 0x002F, 0x0200, 0x00BD
_CELLS = {0x0203, 0x00FD, 0x0204, 0x00D6, 0x027E, 0x007E, _NUMBERS, 0x0006, 0x0205, 0x0201}
_SIZES = {10: "<HHHH", 14: "<IIHH"}


class LockedWorkbook(ValueError):
    """The file has a password."""


def refuse_oversized_old(path: Path, stream: bytes) -> None:
    """Refuse a workbook whose sheets together are too large; `stream` is its content inside the container.

    Raises
    ------
    UserError
        When it is too large.
    LockedWorkbook, DamagedWorkbook
        When it has a password; when it contradicts itself.
    """
    extents: dict[int, Extent] = {}
    cells = walked = 0
    for kind, start, length in _records(stream, 0):
        walked += 1
        if kind == _LOCK and length >= 4:  # what follows is encrypted
            raise LockedWorkbook
        if kind != _SHEET or length < 4 or start + 4 > len(stream):
            continue
        begin = struct.unpack_from("<I", stream, start)[0]
        if begin not in extents:
            extents[begin] = Extent()
            for step, extent in enumerate(_growing(stream, begin, extents[begin]), walked):
                if step > _MOST_RECORDS:
                    raise too_much(path)
                if cells + extent.rows * extent.columns > workbook_extent.MAX_CELLS:
                    Extent(extent.rows, extent.columns, workbook_extent.MAX_CELLS + 1).refuse(path)
                walked = step
        cells += extents[begin].rows * extents[begin].columns
        if cells > workbook_extent.MAX_CELLS:
            Extent(extents[begin].rows, extents[begin].columns, cells).refuse(path)


def _growing(stream: bytes, begin: int, extent: Extent) -> Iterator[Extent]:
    """`extent` once for every record of the sheet that begins at `begin`, grown by what the record holds."""
    for kind, start, length in _records(stream, begin):
        if kind == _SIZE and length in _SIZES and start + length <= len(stream):
            first_row, rows, first_column, columns = struct.unpack_from(_SIZES[length], stream, start)
            if first_row > max(rows - 1, 0) or first_column > max(columns - 1, 0):
                raise DamagedWorkbook
            extent.rows, extent.columns = max(extent.rows, rows), max(extent.columns, columns)
        elif kind in _CELLS and length >= 6 and start + length <= len(stream):
            row, column = struct.unpack_from("<HH", stream, start)
            if kind == _NUMBERS:  # several side by side; the last column stands at the end
                column = max(column, struct.unpack_from("<H", stream, start + length - 2)[0])
            extent.rows, extent.columns = max(extent.rows, row + 1), max(extent.columns, column + 1)
        yield extent


def _records(stream: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Kind, begin and length of each record up to the end mark."""
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        if kind == _END:
            return
        yield kind, at + 4, length
        at += 4 + length
