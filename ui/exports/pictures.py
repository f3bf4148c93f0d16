"""A sheet as PNG or PDF, drawn by Typst inside this process: no browser, no network, no library of the system.

The PDF keeps paths as paths and words as words, in the font of :mod:`ui.exports.typeface`, so it stays sharp at any
size and can be searched. The same sheet gives the same bytes.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import tempfile
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import typst

from ui.exports.typeface import is_chinese, typeface

LARGEST_SCALE: Final = 8.0
POINTS_PER_PIXEL: Final = 0.75
"""CSS: 96 pixels or 72 points to the inch."""

NO_TIME: Final = datetime.fromtimestamp(0, UTC)
_SHEET: Final = rb"""
#set document(title: sys.inputs.title)
#set text(lang: sys.inputs.lang)
#set page(width: float(sys.inputs.width) * 1pt, height: float(sys.inputs.height) * 1pt, margin: 0pt)
#image(bytes(sys.inputs.svg), format: "svg", width: 100%, height: 100%, alt: sys.inputs.alt)
"""
_SPACE: Final = "{http://www.w3.org/2000/svg}"
_DECLARED: Final = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_OUTSIDE: Final = re.compile(r"url\(\s*['\"]?(?!#)|@import", re.IGNORECASE)
_REFUSED: Final = ("image", "feImage", "foreignObject", "script", "style")


def png(svg: str, *, scale: float = 2) -> bytes:
    """``svg`` (a sheet of this package) as PNG, ``scale`` times as many pixels as the sheet has.

    Raises ValueError for a scale that is not above 0 and at most 8, and for an SVG that is broken, has no size, or
    points at anything outside itself; UserError where no Chinese font is found.
    """
    if not 0 < scale <= LARGEST_SCALE:
        raise ValueError(f"scale is {scale}; write a number above 0 and at most {LARGEST_SCALE:g}.")
    return _one_page(_compiler(svg, points=1.0).compile(format="png", ppi=72.0 * scale))


def pdf(svg: str) -> bytes:
    """``svg`` (a sheet of this package) as one page of PDF, 96 pixels to the inch, its words searchable.

    Raises as :func:`png` does.
    """
    return _one_page(_compiler(svg, points=POINTS_PER_PIXEL).compile(format="pdf", timestamp=NO_TIME))


def _compiler(svg: str, *, points: float) -> typst.Compiler:
    """A page with nothing but ``svg`` on it; ``points`` to one of its pixels."""
    root = _checked(svg)
    width, height = (float(root.get(side, "0")) * points for side in ("width", "height"))
    if not (width > 0 and height > 0):
        raise ValueError("the SVG does not say how large it is: it needs a width and a height in pixels.")
    inputs = {"svg": svg, "width": repr(width), "height": repr(height)}
    for name, tag in (("title", "title"), ("alt", "desc")):
        inputs[name] = root.findtext(f"{_SPACE}{tag}") or ""
    inputs["lang"] = "zh" if is_chinese(inputs["title"]) else "en"
    return typst.Compiler(_SHEET, font_paths=_fonts(typeface().files), sys_inputs=inputs)


def _one_page(made: bytes | list[bytes] | None) -> bytes:
    if not isinstance(made, bytes):
        raise ValueError("the sheet was not drawn as one page.")
    return made


def _checked(svg: str) -> ElementTree.Element:
    """The root of an SVG that stands by itself: no declarations, no pictures, scripts or addresses in it."""
    if _DECLARED.search(svg):
        raise ValueError("the SVG declares a document type or entities.")
    try:
        root = ElementTree.fromstring(svg)
    except ElementTree.ParseError as problem:
        raise ValueError(f"this is no SVG: {problem}.") from problem
    for node in root.iter():
        if node.tag.removeprefix(_SPACE) in _REFUSED:
            raise ValueError(f"the SVG holds a <{node.tag.removeprefix(_SPACE)}>, which a sheet never does.")
        for name, value in node.attrib.items():
            if name.rsplit("}", 1)[-1] == "href" and not value.startswith("#"):
                raise ValueError(f"the SVG points outside itself: {value[:80]}.")
            if _OUTSIDE.search(value):
                raise ValueError(f"the SVG points outside itself: {value[:80]}.")
    return root


@lru_cache(maxsize=4)
def _fonts(files: tuple[Path, ...]) -> typst.Fonts:
    """Exactly these fonts and no other: a folder with links to them, which lasts as long as the process."""
    folder = tempfile.mkdtemp(prefix="export-fonts-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for file in files:
        target = Path(folder) / file.name
        try:
            os.symlink(file.resolve(), target)
        except OSError:
            shutil.copyfile(file, target)
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
