"""Workbooks that no library here writes: old binary ones (.xls, as WPS writes .et) and OpenDocuments, byte by byte."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

_FREE, _LAST, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)


def record(kind: int, content: bytes = b"") -> bytes:
    """One record of the old binary format."""
    return struct.pack("<HH", kind, len(content)) + content


def cell_record(row: int, column: int, value: str | float) -> bytes:
    """A text or a number in one cell."""
    where = struct.pack("<HHH", row, column, 0)
    if isinstance(value, str):
        return record(0x0204, where + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))
    return record(0x0203, where + struct.pack("<d", value))


def old_stream(sheets: Mapping[str, bytes]) -> bytes:
    """The workbook stream: name of sheet → records of its cells."""
    begin = struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6)
    bodies = [
        record(0x0809, begin.replace(b"\x05\x00", b"\x10\x00", 1)) + body + record(0x0A) for body in sheets.values()
    ]
    names = [name.encode("utf-16-le") for name in sheets]
    start = len(record(0x0809, begin)) + sum(len(name) + 12 for name in names) + len(record(0x0A))
    found = record(0x0809, begin)
    for name, body in zip(names, bodies, strict=True):
        found += record(0x0085, struct.pack("<IBBBB", start, 0, 0, len(name) // 2, 1) + name)
        start += len(body)
    return found + record(0x0A) + b"".join(bodies)


def compound_file(streams: Mapping[str, bytes]) -> bytes:
    """An old Office container with these streams."""
    contents = [content.ljust(max(4096, -(-len(content) // 512) * 512), b"\0") for content in streams.values()]
    counts = [len(content) // 512 for content in contents]
    tables = -(-(sum(counts) + 2) // 126)
    chain = [_TABLE] * tables + [_LAST]
    starts = []
    for count in counts:
        starts.append(len(chain))
        chain += [*range(len(chain) + 1, len(chain) + count), _LAST]
    chain += [_FREE] * (tables * 128 - len(chain))
    entries = _entry("Root Entry", 5, _LAST, 0, child=1)
    for number, (name, start, content) in enumerate(zip(streams, starts, contents, strict=True), 1):
        entries += _entry(name, 2, start, len(content), right=number + 1 if number < len(streams) else _FREE)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, tables, tables, 0, 4096, _LAST, 0, _LAST, 0)
    header += struct.pack("<109I", *range(tables), *[_FREE] * (109 - tables))
    return header + struct.pack(f"<{len(chain)}I", *chain) + entries.ljust(512, b"\0")[:512] + b"".join(contents)


def _entry(name: str, kind: int, start: int, size: int, *, child: int = _FREE, right: int = _FREE) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    return text.ljust(64, b"\0") + struct.pack("<HBBIII36xIQ", len(text), kind, 1, _FREE, right, child, start, size)


def write_old(path: Path, sheets: Mapping[str, Sequence[Sequence[str | float]]]) -> Path:
    """A workbook of the old binary format: name of sheet → rows; "" is an empty cell."""
    cells = {
        name: b"".join(
            cell_record(row, column, value)
            for row, values in enumerate(rows)
            for column, value in enumerate(values)
            if value != ""
        )
        for name, rows in sheets.items()
    }
    path.write_bytes(compound_file({"Workbook": old_stream(cells)}))
    return path


def write_document(path: Path, sheets: Mapping[str, str], *, before: str = "") -> Path:
    """An OpenDocument: name of sheet → XML of its rows."""
    tables = "".join(f'<table:table table:name="{name}">{rows}</table:table>' for name, rows in sheets.items())
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<office:document-content {_SPACES}><office:body>'
        f"<office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    return path


def document_rows(rows: Sequence[Sequence[str]]) -> str:
    """Rows of text as XML of an OpenDocument."""
    return "".join(
        "<table:table-row>" + "".join(document_cell(cell) for cell in row) + "</table:table-row>" for row in rows
    )


def document_cell(text: str, *, repeated: int = 1) -> str:
    """One cell of an OpenDocument; "" is an empty one."""
    times = f' table:number-columns-repeated="{repeated}"' if repeated > 1 else ""
    if not text:
        return f"<table:table-cell{times}/>"
    return f'<table:table-cell office:value-type="string"{times}><text:p>{text}</text:p></table:table-cell>'


def empty_rows(count: int) -> str:
    """Rows without content, as spreadsheet programs write them up to the end of a sheet."""
    return (
        f'<table:table-row table:number-rows-repeated="{count}">{document_cell("", repeated=16384)}</table:table-row>'
    )
