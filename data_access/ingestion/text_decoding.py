"""Bytes of a text file as whole lines of text: encoding recognised, every byte verified, bounded memory."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

from data_access.errors import UserError

LONGEST_LINE = 8_000_000  # letters; a longer line is no row of a table
_BLOCK, _SAMPLE = 1 << 20, 1 << 16
_SURE = 6  # letters outside ASCII that are UTF-8: by then bytes of GB18030 would have failed, but for a rare chance
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class WrongByte(Exception):
    """A byte that the recognised encoding does not have; the text before it was given out already."""


def text_encoding(path: Path) -> tuple[str, int]:
    """The codec of a text file and how many bytes its mark takes.

    UTF-8 is verified over the whole file, once, which costs less than reading it as a table. What is not UTF-8 is
    GB18030 when its beginning, middle and end look like writing in it; UTF-16 without a mark shows in its zero bytes.

    Raises
    ------
    UserError
        When the file is in none of them.
    """
    for mark, codec in _BOMS:
        if _starts_with(path, mark):
            if _looks_like_writing(path, codec, len(mark)):
                return codec, len(mark)
            raise _unknown(path)
    codec = _utf16_without_mark(path)
    if codec is None:
        codec = "utf-8" if _is_utf8(path) else "gb18030"
    if not _looks_like_writing(path, codec, 0):
        raise _unknown(path)
    return codec, 0


def line_blocks(
    path: Path, codec: str, skip: int, *, size: int = _BLOCK, seen: Callable[[int], None] = lambda count: None
) -> Iterator[bytes]:
    """Blocks of whole lines as UTF-8 in NFC, about `size` bytes of the file each; the last may lack its line end.

    A line ends with LF, CR LF or CR. `seen` is told how many bytes of the file have been read.

    Raises
    ------
    WrongByte
        After everything before the wrong byte has been given out (the last piece then ends inside a line).
    UserError
        When a line never ends.
    """
    decoder = codecs.getincrementaldecoder(codec)()
    pending = ""
    with path.open("rb") as file:
        read = file.seek(skip)
        while True:
            content = file.read(size)
            read += len(content)
            seen(read)
            try:
                text = pending + decoder.decode(content, final=not content)
            except UnicodeDecodeError as problem:
                text = pending + problem.object[: problem.start].decode(codec)
                if text:
                    yield _composed(text)
                raise WrongByte from problem
            if not content:
                if text:
                    yield _composed(text)
                return
            # A CR at the end may be half of a CR LF.
            end = max(text.rfind("\n"), text.rfind("\r", 0, len(text) - 1)) + 1
            if end:
                yield _composed(text[:end])
            pending = text[end:]
            if len(pending) > LONGEST_LINE:
                raise UserError(
                    zh=f"“{path.name}”有一行超过 {LONGEST_LINE:,} 个字，不像表格；请重新导出为 CSV 或 XLSX。",
                    en=f"'{path.name}' has a line of more than {LONGEST_LINE:,} letters and is no table; "
                    "export it again as CSV or XLSX.",
                )


def _composed(text: str) -> bytes:
    return (text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)).encode()


def _starts_with(path: Path, mark: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(mark)) == mark


def _is_utf8(path: Path) -> bool:
    """Whether the file is UTF-8, or was until a byte was damaged."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    letters = 0
    with path.open("rb") as file:
        while content := file.read(_BLOCK):
            try:
                text = decoder.decode(content)
            except UnicodeDecodeError as problem:
                before = problem.object[: problem.start].decode("utf-8")
                return letters + _outside_ascii(before[-_SAMPLE:]) >= _SURE
            if letters < _SURE:
                letters += _outside_ascii(text)
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return letters >= _SURE
    return True


def _outside_ascii(text: str) -> int:
    return 0 if text.isascii() else sum(1 for letter in text if letter >= "\x80")


def _utf16_without_mark(path: Path) -> str | None:
    """The half of each pair of bytes that holds the zeros of digits, separators and line ends tells the order."""
    sample = b"".join(_samples(path, 0))
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) < max(len(sample) // 20, 2) or min(even, odd) > max(even, odd) // 8:
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _samples(path: Path, skip: int) -> list[bytes]:
    """Beginning, middle and end of the file (all of a small file); each begins at an even distance from `skip`."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(skip)
        if size <= 3 * _SAMPLE:
            return [file.read()]
        found = [file.read(_SAMPLE)]
        for start in (size // 2, size - _SAMPLE):
            file.seek(start - (start - skip) % 2)
            found.append(file.read(_SAMPLE))
        return found


def _looks_like_writing(path: Path, codec: str, skip: int) -> bool:
    """False for text that is full of control or private-use letters, as bytes of another encoding come out.

    Bytes that are no letter count too, but not in UTF-8, which `_is_utf8` knows better.
    """
    odd = letters = 0
    for number, sample in enumerate(_samples(path, skip)):
        if number and codec in ("utf-8", "gb18030"):  # begin behind a line end: no letter has that byte inside
            sample = sample[sample.find(b"\n") + 1 :]
        text = codecs.getincrementaldecoder(codec)(errors="replace").decode(sample)
        letters += len(text)
        odd += sum(
            text.count(letter)
            for letter in set(text) - {"\r", "\n", "\t"}
            if (letter == "�" and codec != "utf-8") or unicodedata.category(letter) in ("Cc", "Co", "Cn", "Cs")
        )
    return letters > 0 and odd <= letters / 200


def _unknown(path: Path) -> UserError:
    return UserError(
        zh=f"“{path.name}”的文字编码无法识别；请另存为 UTF-8 或 GB18030（“ANSI”）编码的 CSV。",
        en=f"The text encoding of '{path.name}' is not known; save it as CSV in UTF-8 or GB18030.",
    )
