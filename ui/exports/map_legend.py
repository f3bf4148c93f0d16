"""The legend of a sheet: what the places are compared with, then each class with its look, its words and its count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ui.exports.map_marks import mark_shape
from ui.exports.svg_elements import element, words_in
from ui.exports.tones import Tone
from ui.exports.typeface import Typeface

LINE: Final = 1.35
SWATCH: Final = (1.5, 1.15)
"""Width and height of the sample of a class, in em."""

AFTER_SWATCH: Final = 0.55
BEFORE_COUNT: Final = 0.7
BETWEEN: Final = 1.6
BELOW: Final = 0.45
BAR: Final = 0.8
STRIP_WIDTH: Final = 15.0


@dataclass(frozen=True)
class Entry:
    """One class, measured: its words in lines, and where it stands in the block (em turned into units of the sheet)."""

    key: str
    mark: str
    lines: tuple[str, ...]
    count: str
    x: float
    y: float
    count_x: float


@dataclass(frozen=True)
class Strip:
    """The strip of colours of a continuous map, measured: what stands at its ends, in one line or in two."""

    colours: tuple[str, ...]
    low: str
    high: str
    y: float
    width: float
    height: float
    two_lines: bool


@dataclass(frozen=True)
class Legend:
    """A legend that has been laid out: its size, and what is drawn by :meth:`svg`."""

    title: tuple[str, ...]
    strip: Strip | None
    entries: tuple[Entry, ...]
    size: float
    width: float
    height: float

    def svg(self, x: float, y: float, *, styles: Mapping[str, Mapping[str, Any]], tone: Tone) -> str:
        """The legend with its top left corner at (x, y)."""
        em = self.size
        written = [
            words_in(
                "text", line, class_="legend-title", x=x, y=y + em * (LINE * row + 1), fill=tone.muted, font_size=em
            )
            for row, line in enumerate(self.title)
        ]
        if self.strip is not None:
            written.append(self._strip(self.strip, x, y, tone=tone))
        for entry in self.entries:
            written.append(self._entry(entry, x, y, style=styles[entry.key], tone=tone))
        return element("g", *written, class_="legend")

    def _strip(self, strip: Strip, x: float, y: float, *, tone: Tone) -> str:
        em, top = self.size, y + strip.y
        last = max(1, len(strip.colours) - 1)
        stops = [
            element("stop", offset=f"{100 * index / last:g}%", stop_color=colour)
            for index, colour in enumerate(strip.colours)
        ]
        shade = element("defs", element("linearGradient", *stops, id="strip"))
        place = {"x": x, "y": top, "width": strip.width, "height": BAR * em, "rx": em * 0.1}
        bar = element("rect", **place, fill="url(#strip)", stroke=tone.rule, stroke_width=em * 0.06)
        baseline = top + em * (BAR + 1.1)
        look = {"class_": "strip-end", "font_size": em, "fill": tone.ink}
        low = words_in("text", strip.low, x=x, y=baseline, **look)
        below = baseline + (LINE * em if strip.two_lines else 0.0)
        high = words_in("text", strip.high, x=x + strip.width, y=below, text_anchor="end", **look)
        return element("g", shade, bar, low, high, class_="strip")

    def _entry(self, entry: Entry, x: float, y: float, *, style: Mapping[str, Any], tone: Tone) -> str:
        em = self.size
        left, top = x + entry.x, y + entry.y
        wide, high = SWATCH[0] * em, SWATCH[1] * em
        fill = "url(#hatch-legend)" if style["hatch"] else style["fill"] or "none"
        hollow = style["fill"] is None or style["rim"] or style["hatch"]
        rim = {"stroke": tone.faint, "stroke_width": em * 0.06} if hollow else {}
        over = top + (LINE * em - high) / 2
        size = {"x": left, "y": over, "width": wide, "height": high, "rx": em * 0.1}
        parts = [element("rect", class_="swatch", fill=fill, **size, **rim)]
        if entry.mark and not style["hatch"]:
            middle = (left + wide / 2, over + high / 2)
            ink = style["ink"] or tone.ink
            parts.append(mark_shape(entry.mark, x=middle[0], y=middle[1], em=em * 0.78, fill=ink))
        words_left = left + wide + AFTER_SWATCH * em
        for row, line in enumerate(entry.lines):
            baseline = top + em * (LINE * row + 1.03)
            parts.append(words_in("text", line, class_="word", x=words_left, y=baseline, fill=tone.ink, font_size=em))
        if entry.count:
            look = {"fill": tone.ink, "font_size": em, "font_weight": 700, "text_anchor": "end"}
            place = {"x": x + entry.count_x, "y": top + em * 1.03}
            parts.append(words_in("text", entry.count, class_="count", **place, **look))
        return element("g", *parts, data_class=entry.key)


def laid_out(data: Mapping[str, Any], *, face: Typeface, size: float, width: float, column: bool) -> Legend:
    """The legend of ``data`` with letters of ``size``, no wider than ``width``.

    column  one class under the other with the counts in a row, as narrow as the words allow; else side by side,
            wrapped where the width ends
    """
    title = face.wrapped(str(data["legend_title"]), width, size)
    top = size * (LINE * len(title) + BELOW) if title else 0.0
    strip = _strip_for(data.get("strip"), face=face, size=size, width=width, top=top)
    top += 0.0 if strip is None else strip.height + size * BELOW
    beside = size * (SWATCH[0] + AFTER_SWATCH)
    counts = [("" if item["count"] is None else str(item["count"])) for item in data["legend"]]
    count_widths = [face.width(count, size, bold=True) for count in counts]
    after = size * BEFORE_COUNT + max(count_widths, default=0.0) if any(counts) else 0.0
    words = [face.wrapped(str(item["word"]), width - beside - after, size) for item in data["legend"]]
    word_widths = [max((face.width(line, size) for line in lines), default=0.0) for lines in words]
    title_width = max((face.width(line, size) for line in title), default=0.0)
    entries: list[Entry] = []
    x, y, reached, row_high = 0.0, top, 0.0, 0.0
    for index, item in enumerate(data["legend"]):
        own = size * BEFORE_COUNT + count_widths[index] if counts[index] else 0.0
        wide = beside + (max(word_widths) + after if column else word_widths[index] + own)
        if entries and (column or x + wide > width):
            x, y, row_high = 0.0, y + row_high + size * BELOW, 0.0
        entries.append(Entry(item["key"], item["mark"], tuple(words[index]), counts[index], x, y, x + wide))
        reached = max(reached, x + wide)
        row_high = max(row_high, size * LINE * max(1, len(words[index])))
        x += wide + size * BETWEEN
    strip_width = 0.0 if strip is None else strip.width
    return Legend(tuple(title), strip, tuple(entries), size, max(reached, title_width, strip_width), y + row_high)


def _strip_for(
    said: Mapping[str, Any] | None, *, face: Typeface, size: float, width: float, top: float
) -> Strip | None:
    """The strip that ``data`` asks for, if any; its ends stand in two lines where they are too long for one."""
    if not said:
        return None
    low, high = str(said["low"]), str(said["high"])
    needed = face.width(low, size) + face.width(high, size) + size
    wide = min(width, max(STRIP_WIDTH * size, needed))
    lines = 2 if needed > wide else 1
    return Strip(tuple(said["colours"]), low, high, top, wide, size * (BAR + 0.2 + LINE * lines), lines == 2)
