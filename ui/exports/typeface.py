"""The font of exported pictures: found on this machine or named by the setting EXPORT_FONT; and how wide words are.

A server may have any Chinese font or none. The first of :data:`KNOWN_FONTS` that is installed is taken, so that the
picture, the room left for its names and the text inside the PDF all come from one and the same file.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from PIL import ImageFont

from indicators.errors import UserError

SETTING: Final = "EXPORT_FONT"
MEASURED_AT: Final = 200
FACES_LOOKED_AT: Final = 16

KNOWN_FONTS: Final = (
    ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc"),
    ("NotoSansCJKsc-Regular.otf", "NotoSansCJKsc-Bold.otf"),
    ("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf"),
    ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf"),
    ("SourceHanSansSC-Regular.otf", "SourceHanSansSC-Bold.otf"),
    ("SourceHanSansCN-Regular.otf", "SourceHanSansCN-Bold.otf"),
    ("SourceHanSans-Regular.ttc", "SourceHanSans-Bold.ttc"),
    ("msyh.ttc", "msyhbd.ttc"),
    ("msyh.ttf", "msyhbd.ttf"),
    ("PingFang.ttc", ""),
    ("Hiragino Sans GB.ttc", ""),
    ("STHeiti Medium.ttc", ""),
    ("Deng.ttf", "Dengb.ttf"),
    ("simhei.ttf", ""),
    ("wqy-microhei.ttc", ""),
    ("wqy-zenhei.ttc", ""),
    ("DroidSansFallbackFull.ttf", ""),
)
"""File names of fonts that hold Chinese, each with its bold companion ("" where there is none), best first."""

_WIDE: Final = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_SINGLE: Final = re.compile(f"[{_WIDE}]")
_PIECES: Final = re.compile(rf"\s+|[{_WIDE}]|[^\s{_WIDE}]+")
_NEVER_FIRST: Final = "，。、；：！？）》」』】”’,.;:!?)%"
_NEVER_LAST: Final = "（《「『【“‘("


@dataclass(frozen=True)
class Typeface:
    """One family of letters: its name, the file of its regular cut and, where there is one, that of its bold cut."""

    family: str
    regular: Path
    index: int
    bold: Path | None
    bold_index: int

    @property
    def files(self) -> tuple[Path, ...]:
        """The font files a picture needs."""
        return (self.regular,) if self.bold is None else (self.regular, self.bold)

    def width(self, words: str, size: float, *, bold: bool = False) -> float:
        """How wide ``words`` are at ``size``, in the units of ``size``."""
        heavy = bold and self.bold is not None
        path, index = (self.bold, self.bold_index) if heavy and self.bold else (self.regular, self.index)
        return _width(words, str(path), index) * size

    def wrapped(self, words: str, width: float, size: float, *, bold: bool = False) -> list[str]:
        """``words`` in lines no wider than ``width``, nothing left out but spaces at breaks.

        Latin breaks at spaces, Chinese anywhere but before a stop or after an opening bracket; a Latin word wider than
        a line is broken inside.
        """
        lines, line = [], ""
        for piece in self._pieces(words, width, size, bold=bold):
            if line and self.width(line + piece.rstrip(), size, bold=bold) > width:
                lines.append(line.rstrip())
                line = piece.lstrip()
            else:
                line += piece
        return [*lines, line.rstrip()] if line.strip() else lines

    def _pieces(self, words: str, width: float, size: float, *, bold: bool) -> list[str]:
        """What must stay on one line: a Chinese character with its stops and brackets, a Latin word."""
        joined: list[str] = []
        for piece in _PIECES.findall(" ".join(words.split())):
            closes = piece[0] in _NEVER_FIRST and joined and not joined[-1].isspace()
            if joined and (closes or joined[-1][-1] in _NEVER_LAST):
                joined[-1] += piece
            else:
                joined.append(piece)
        whole = []
        for piece in joined:
            whole += [piece] if self.width(piece, size, bold=bold) <= width else list(piece)
        return whole


def is_chinese(words: str) -> bool:
    """Whether ``words`` holds a character as wide as it is high."""
    return _SINGLE.search(words) is not None


def typeface() -> Typeface:
    """The font of exported pictures: the file named by the setting EXPORT_FONT, else the first known one installed.

    A bold companion is looked for beside the file (``-Regular`` → ``-Bold``, ``msyh`` → ``msyhbd``, …).
    Raises UserError where the setting names no font that holds Chinese, or where the machine has none.
    """
    return _typeface(os.environ.get(SETTING, "").strip(), _font_folders())


@lru_cache(maxsize=8)
def _typeface(setting: str, folders: tuple[Path, ...]) -> Typeface:
    if setting:
        path = Path(setting).expanduser()
        face = _opened(path, _bold_beside(path)) if path.is_file() else None
        if face is None:
            raise UserError(
                zh=f"设置 {SETTING} 写的“{setting}”不是含中文的字体文件；请写一个 .ttf、.otf 或 .ttc 文件的完整路径。",
                en=f"The setting {SETTING} names '{setting}', which is no font file with Chinese characters; write the "
                "full path of a .ttf, .otf or .ttc file.",
            )
        return face
    installed = _installed(folders)
    for name, companion in KNOWN_FONTS:
        found = installed.get(name.lower())
        face = None if found is None else _opened(found, installed.get(companion.lower()))
        if face is not None:
            return face
    raise UserError(
        zh="这台服务器上没有找到中文字体，所以导出不了图片；请安装思源黑体（Noto Sans CJK），"
        f"或在设置 {SETTING} 中写明字体文件。",
        en="No Chinese font was found on this server, so pictures cannot be exported; install Noto Sans CJK, or name a "
        f"font file in the setting {SETTING}.",
    )


def _font_folders() -> tuple[Path, ...]:
    """Where the fonts of this system lie: Windows, macOS, or the places fontconfig looks in."""
    home = Path.home()
    if sys.platform == "win32":
        own = Path(os.environ.get("LOCALAPPDATA", str(home))) / "Microsoft" / "Windows" / "Fonts"
        return (Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts", own)
    if sys.platform == "darwin":
        return (Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library" / "Fonts")
    shared = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
    return (*shared, home / ".fonts", home / ".local" / "share" / "fonts")


def _installed(folders: tuple[Path, ...]) -> dict[str, Path]:
    """File name in small letters → path, for every font file below ``folders``; the first folder wins."""
    found: dict[str, Path] = {}
    for folder in folders:
        for place, below, names in os.walk(folder):
            below.sort()
            for name in sorted(names):
                if name.lower().endswith((".ttf", ".otf", ".ttc")):
                    found.setdefault(name.lower(), Path(place) / name)
    return found


def _bold_beside(path: Path) -> Path | None:
    pairs = {regular.lower(): bold for regular, bold in KNOWN_FONTS if bold}
    guesses = [pairs.get(path.name.lower(), ""), path.name.replace("Regular", "Bold")]
    for guess in guesses:
        if guess and guess != path.name and (path.parent / guess).is_file():
            return path.parent / guess
    return None


def _opened(regular: Path, bold: Path | None) -> Typeface | None:
    """The face for simplified Chinese in a font file, with the bold one of the same family; None if it holds none."""
    index = _chinese_face(regular)
    if index is None:
        return None
    family = _family(regular, index)
    bold_index = None if bold is None else _chinese_face(bold)
    if bold is None or bold_index is None or _family(bold, bold_index) != family:
        return Typeface(family, regular, index, None, 0)
    return Typeface(family, regular, index, bold, bold_index)


def _chinese_face(path: Path) -> int | None:
    """Which face of a font file to use: one for simplified Chinese if it says so, else the first that has 鄞."""
    usable = []
    for index in range(FACES_LOOKED_AT):
        try:
            face = _loaded(str(path), 40, index)
        except (OSError, ValueError):
            break
        if bytes(face.getmask("鄞")) != bytes(face.getmask("\U0010ffff")):
            usable.append((index, str(face.getname()[0])))
    simplified = [index for index, family in usable if family.endswith((" SC", " CN", "GB"))]
    return simplified[0] if simplified else usable[0][0] if usable else None


def _family(path: Path, index: int) -> str:
    return str(_face(str(path), index).getname()[0])


@lru_cache(maxsize=8)
def _face(path: str, index: int) -> ImageFont.FreeTypeFont:
    return _loaded(path, MEASURED_AT, index)


def _loaded(path: str, size: int, index: int) -> ImageFont.FreeTypeFont:
    """Exactly this file: ``ImageFont.truetype`` would look for another of the same name when it cannot be read."""
    return ImageFont.FreeTypeFont(path, size, index, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=8192)
def _width(words: str, path: str, index: int) -> float:
    """Width of ``words`` in em."""
    return float(_face(path, index).getlength(words)) / MEASURED_AT
