"""The container of old Office files (.xls, .et, password-wrapped .xlsx): which streams it holds, and their bytes.

After Microsoft's [MS-CFB]. Only what is needed to look at a workbook before it is opened.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END, _HEADER_TABLE, _ENTRY = 0xFFFFFFFA, 109, 128  # numbers from _END on are marks, not sectors
_SMALL = 4096  # shorter streams lie in the root's mini stream


class DamagedContainer(ValueError):
    """The container's tables contradict themselves."""


def compound_streams(path: Path) -> dict[str, bytes]:
    """Name → content of every stream; of streams of one name the first counts.

    Raises
    ------
    DamagedContainer
        When a chain of sectors leaves the file or runs in a circle.
    """
    content = path.read_bytes()
    if len(content) < 512 or not content.startswith(MAGIC):
        raise DamagedContainer
    shift, mini_shift = struct.unpack_from("<HH", content, 30)
    if shift not in (9, 12) or mini_shift != 6:
        raise DamagedContainer
    directory_start, mini_start, extra = (struct.unpack_from("<I", content, at)[0] for at in (48, 60, 68))
    sectors = _Sectors(content, shift, extra)
    directory = b"".join(sectors.chain(directory_start))
    entries = [directory[at : at + _ENTRY] for at in range(0, len(directory) - _ENTRY + 1, _ENTRY)]
    if not entries:
        raise DamagedContainer
    mini_table = _numbers(b"".join(sectors.chain(mini_start)))
    mini = b"".join(sectors.chain(_start(entries[0])))
    found: dict[str, bytes] = {}
    for entry in entries:
        if entry[66] != 2:  # neither a folder nor unused
            continue
        name = entry[: max(struct.unpack_from("<H", entry, 64)[0] - 2, 0)].decode("utf-16-le", "replace")
        size = struct.unpack_from("<I", entry, 120)[0]
        if size < _SMALL:
            pieces = (mini[at << 6 : (at + 1) << 6] for at in _chain(_start(entry), mini_table))
        else:
            pieces = sectors.chain(_start(entry))
        found.setdefault(name, b"".join(pieces)[:size])
    return found


class _Sectors:
    def __init__(self, content: bytes, shift: int, extra: int) -> None:
        self._content, self._shift = content, shift
        tables = list(struct.unpack_from(f"<{_HEADER_TABLE}I", content, 76))
        seen: set[int] = set()
        while extra < _END:  # the list of tables goes on in sectors of its own
            if extra in seen:
                raise DamagedContainer
            seen.add(extra)
            *more, extra = _numbers(self._sector(extra))
            tables.extend(more)
        self._table = _numbers(b"".join(self._sector(one) for one in tables if one < _END))

    def _sector(self, number: int) -> bytes:
        start = (number + 1) << self._shift
        if start >= len(self._content):
            raise DamagedContainer
        return self._content[start : start + (1 << self._shift)].ljust(1 << self._shift, b"\0")

    def chain(self, start: int) -> Iterator[bytes]:
        return (self._sector(one) for one in _chain(start, self._table))


def _chain(start: int, table: tuple[int, ...]) -> Iterator[int]:
    for _ in range(len(table) + 1):
        if start >= _END:
            return
        if start >= len(table):
            raise DamagedContainer
        yield start
        start = table[start]
    raise DamagedContainer


def _start(entry: bytes) -> int:
    return struct.unpack_from("<I", entry, 116)[0]


def _numbers(content: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(content) // 4}I", content[: len(content) // 4 * 4])
