"""One map as a sheet to print, to project or to put into a paper: an SVG without a browser and without Streamlit.

The sheet says everything the screen says in words: the finding as its title, the legend with counts and what the places
are compared with, the source, the date, and that the borders are schematic where they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from indicators.errors import UserError
from ui.charts import palette
from ui.exports.map_body import map_and_legend
from ui.exports.paper import USUAL, Paper
from ui.exports.places import Box
from ui.exports.svg_elements import element, words_in
from ui.exports.tones import TONES
from ui.exports.typeface import typeface

SMALLEST: Final = (480, 300)
TITLE_SIZES: Final = (38.0, 34.0, 30.0, 26.0)
MOST_TITLE_LINES: Final = 4
NOTE_SIZE: Final = 17.0


def map_sheet(
    drawing: Mapping[str, Any],
    data: Mapping[str, Any],
    *,
    title: str,
    source: str,
    as_of: str,
    attribution: str = "",
    size: tuple[int, int] = USUAL,
    tone: str = "light",
) -> str:
    """The map as one SVG document, in the same classes, words and watermark as on the screen.

    drawing      from ``geo.svg_paths.drawing_geometry``
    data         from ``ui.choropleth.map_data``; its hover lines, height and address are not used
    title        the finding in one sentence; long ones are wrapped and set smaller
    source       where the figures come from, in one sentence
    as_of        the period or day the figures are of, in words
    attribution  whose boundaries they are and the review number of the map, where a layer has them
    size         width and height in pixels
    tone         "light" or "dark"
    The same arguments and the same font give the same text. A name that fits nowhere, not even in an inset or beside
    the land, is left out. Raises ValueError for an empty title, source or date, an unknown tone or township, or a sheet
    smaller than 480 × 300, and UserError for a title too long for the sheet or where no Chinese font is found.
    """
    _check(drawing, data, title=title, source=source, as_of=as_of, size=size, tone=tone)
    unit = min(size[0] / USUAL[0], size[1] / USUAL[1])
    paper = Paper(size[0], size[1], unit, TONES[tone], typeface())
    head, head_bottom = _head(paper, title=title, as_of=as_of)
    foot, foot_top = _foot(paper, [source, attribution])
    content = Box(paper.margin, head_bottom + 14 * unit, paper.width - paper.margin, foot_top - 12 * unit)
    if content.height < 0.4 * paper.height:
        raise UserError(
            zh="标题或来源说明太长，图上放不下地图；请缩短后再导出。",
            en="The title or the source line is too long to leave room for the map; shorten it and export again.",
        )
    note, note_high = _watermark(paper, str(data["watermark"]), content)
    body = map_and_legend(
        paper, drawing, data, Box(content.left, content.top, content.right, content.bottom - note_high)
    )
    background = element("rect", width=paper.width, height=paper.height, fill=paper.tone.paper)
    return element(
        "svg",
        words_in("title", title),
        words_in("desc", data["alt"]),
        background,
        head,
        body,
        note,
        foot,
        xmlns="http://www.w3.org/2000/svg",
        width=paper.width,
        height=paper.height,
        viewBox=f"0 0 {paper.width} {paper.height}",
        font_family=f"'{paper.face.family}',{palette.FONTS}".replace('"', "'"),
        role="img",
    )


def _check(
    drawing: Mapping[str, Any],
    data: Mapping[str, Any],
    *,
    title: str,
    source: str,
    as_of: str,
    size: tuple[int, int],
    tone: str,
) -> None:
    for name, words in (("title", title), ("source", source), ("as_of", as_of)):
        if not words.strip():
            raise ValueError(f"{name} is empty: a sheet without it cannot be judged by who finds it.")
    if tone not in TONES:
        raise ValueError(f"tone is {tone!r}; write one of {', '.join(TONES)}.")
    if size[0] < SMALLEST[0] or size[1] < SMALLEST[1]:
        raise ValueError(f"a sheet of {size[0]} × {size[1]} is too small to read; the least is 480 × 300.")
    if data["within"] is not None and data["within"] not in drawing["boxes"]:
        raise ValueError(f"the drawing has no township {data['within']}.")
    if data["level"] == "village" and not drawing["villages"]:
        raise ValueError("the drawing has no villages.")


def _head(paper: Paper, *, title: str, as_of: str) -> tuple[str, float]:
    """Title and date, and where they end."""
    unit, face = paper.unit, paper.face
    for points in TITLE_SIZES:
        size = points * unit
        lines = face.wrapped(title, paper.inside, size, bold=True)
        if len(lines) <= (1 if points > TITLE_SIZES[-2] else 2):
            break
    if len(lines) > MOST_TITLE_LINES:
        raise UserError(
            zh=f"标题太长（{len(title)} 个字），图上放不下；请缩短后再导出。",
            en=f"The title is too long for the sheet ({len(title)} characters); shorten it and export again.",
        )
    left, y = paper.margin, 30 * unit
    written = []
    for line in lines:
        y += size * 1.3
        look = {"font_size": size, "font_weight": 700, "fill": paper.tone.ink}
        written.append(words_in("text", line, class_="sheet-title", x=left, y=y - size * 0.2, **look))
    small = 20 * unit
    for line in face.wrapped(as_of, paper.inside, small):
        y += small * 1.45
        look = {"font_size": small, "fill": paper.tone.muted}
        written.append(words_in("text", line, class_="as-of", x=left, y=y - small * 0.3, **look))
    return element("g", *written, class_="head"), y


def _foot(paper: Paper, notes: Sequence[str]) -> tuple[str, float]:
    """Source and attribution at the foot, and where they begin."""
    size = NOTE_SIZE * paper.unit
    lines = [line for note in notes for line in paper.face.wrapped(note, paper.inside, size)]
    top = paper.height - 26 * paper.unit - len(lines) * size * 1.4
    written = [
        words_in(
            "text",
            line,
            class_="source",
            x=paper.margin,
            y=top + size * (1.4 * row + 1.0),
            font_size=size,
            fill=paper.tone.muted,
        )
        for row, line in enumerate(lines)
    ]
    rule = element(
        "path",
        d=f"M{paper.margin:.1f} {top - 6 * paper.unit:.1f}H{paper.width - paper.margin:.1f}",
        stroke=paper.tone.rule,
        stroke_width=paper.unit,
    )
    return element("g", rule, *written, class_="foot"), top - 6 * paper.unit


def _watermark(paper: Paper, words: str, content: Box) -> tuple[str, float]:
    """The watermark at the foot of the map, and the height it takes."""
    size, gap = NOTE_SIZE * paper.unit, 12 * paper.unit
    lines = paper.face.wrapped(words, content.width, size, bold=True)
    high = len(lines) * size * 1.4 + gap if lines else 0.0
    top = content.bottom - high + gap
    look = {"class_": "watermark", "font_size": size, "font_weight": 700, "fill": paper.tone.muted}
    written = [
        words_in("text", line, x=content.left, y=top + size * (1.4 * row + 1.0), **look)
        for row, line in enumerate(lines)
    ]
    return "".join(written), high
