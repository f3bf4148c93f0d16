"""Sheets for tests: the demonstration's drawing, made-up classes, and a reader of the finished SVG."""

import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import geopandas as gpd
from PIL import ImageFont
from pypinyin import lazy_pinyin

from geo.svg_paths import drawing_geometry
from ui.choropleth import PALETTES, legend_entries, map_data, map_strings, ramp
from ui.exports import map_sheet
from ui.exports.typeface import typeface

PROJECT = Path(__file__).resolve().parents[2]
GEOGRAPHY = PROJECT / "data_access" / "demo_data" / "geography"
SVG = "{http://www.w3.org/2000/svg}"
WORDS: dict[str, Any] = {
    "title": "姜山镇的群众满意率明显低于其余镇街",
    "source": "来源：问题工单，演示数据",
    "as_of": "2026年第三季度",
}
SQUARES: dict[str, Any] = {
    "w": 400,
    "h": 200,
    "townships": [
        ["330212001", "甲街道", "330212", "M0 0l200 0 0 200-200 0z", 100, 100, 180, "甲"],
        ["330212002", "乙镇", "330212", "M200 0l200 0 0 200-200 0z", 300, 100, 180],
    ],
    "villages": [],
    "boxes": {"330212001": [0, 0, 200, 200], "330212002": [200, 0, 400, 200]},
}
"""Two townships side by side, each a square of 200 units."""


@lru_cache(maxsize=1)
def demonstration() -> dict[str, Any]:
    """The drawing of the demonstration's 25 townships and 407 villages."""
    layers = [gpd.read_file(GEOGRAPHY / f"{name}_schematic.geojson") for name in ("villages", "townships")]
    villages, townships = (layer.set_crs(4490, allow_override=True) for layer in layers)
    return drawing_geometry(villages, townships)


@lru_cache(maxsize=2)
def _texts(language: str) -> dict[str, Any]:
    return tomllib.loads((PROJECT / "ui" / "languages" / language / "choropleth.toml").read_text(encoding="utf-8"))


def classes_for(rows: list[list[Any]], palette: str) -> dict[str, str]:
    """Every class of a palette in turn."""
    keys = list(PALETTES[palette])
    return {row[0]: keys[number % len(keys)] for number, row in enumerate(rows)}


def english_labels(drawing: dict[str, Any]) -> dict[str, list[str]]:
    """Long and short names in pinyin, longer than most places are wide."""
    rows = [*drawing["townships"], *drawing["villages"]]
    short = {row[0]: "".join(lazy_pinyin(row[-1] if isinstance(row[-1], str) else row[1])).title() for row in rows}
    return {code: [f"{name} Subdistrict" if len(code) == 9 else name, name] for code, name in short.items()}


def data_for(
    drawing: dict[str, Any], *, palette: str = "verdict", language: str = "zh", **changed: Any
) -> dict[str, Any]:
    """What the browser would be sent for ``drawing``; ``changed`` replaces arguments of ``map_data``."""

    def text(key: str) -> str:
        node: Any = _texts(language)
        for part in key.split(".")[1:]:
            node = node[part]
        return str(node).replace("{a}", "农村").replace("{b}", "城市")

    within = changed.get("within")
    rows = drawing["villages" if changed.get("level") == "village" else "townships"]
    classes = classes_for([row for row in rows if not within or row[2] == within], palette)
    classes = changed.pop("classes", classes)
    usual = {
        "geometry_url": "app/static/geometry/0.json",
        "level": "township",
        "classes": classes,
        "hover": {},
        "palette": palette,
        "legend": legend_entries(palette, Counter(classes.values()), text),
        "alt": "各镇街与其余镇街相比",
        "watermark": text("choropleth.watermark"),
        "strings": map_strings(text),
        "within": within,
        "selected": None,
        "height": 560,
        "labels": english_labels(drawing) if language == "en" else None,
        "strip": ramp(low="72.1%", high="99.8%", alt="由浅到深") if palette == "ramp" else None,
        "legend_title": "与其余镇街相比" if language == "zh" else "Compared with the other townships",
    }
    return map_data(**{**usual, **changed})


def sheet(drawing: dict[str, Any], data: dict[str, Any], **changed: Any) -> str:
    """A sheet with the usual words."""
    return map_sheet(drawing, data, **{**WORDS, **changed})


@dataclass(frozen=True)
class Written:
    """Words as they stand on a sheet, measured with the font itself; ``code`` of the place they name, if they do."""

    words: str
    kind: str
    code: str | None
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "Written") -> bool:
        """Whether the two cover each other by more than a hair."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across > 0.5 and down > 0.5


def written_on(root: ElementTree.Element) -> list[Written]:
    """Every line of words and every mark on a sheet with the box of its ink."""
    found: list[Written] = []

    def visit(node: ElementTree.Element, kind: str, code: str | None) -> None:
        kind = node.get("class", kind)
        code = node.get("data-for", code)
        if node.tag == f"{SVG}text":
            found.append(_measured(node, kind, code))
        if node.get("data-mark") and code is not None and node.tag == f"{SVG}path":
            numbers = [float(part) for part in node.get("d", "").translate(str.maketrans("MLz", "   ")).split()]
            xs, ys = numbers[::2], numbers[1::2]
            found.append(Written(node.get("data-mark", ""), "mark", code, min(xs), min(ys), max(xs), max(ys)))
        for child in node:
            visit(child, kind, code)

    visit(root, "", None)
    return found


def _measured(node: ElementTree.Element, kind: str, code: str | None) -> Written:
    size, x, y = (float(node.get(name, "0")) for name in ("font-size", "x", "y"))
    face = typeface()
    bold = node.get("font-weight") == "700" and face.bold is not None
    path, index = (face.bold, face.bold_index) if bold else (face.regular, face.index)
    words = node.text or ""
    font = ImageFont.truetype(str(path), 100, index=index)
    ink_left, ink_top, ink_right, ink_bottom = (side * size / 100 for side in font.getbbox(words, anchor="ls"))
    wide = font.getlength(words) * size / 100
    start = x - {"middle": wide / 2, "end": wide}.get(node.get("text-anchor", "start"), 0.0)
    return Written(words, kind, code, start + ink_left, y + ink_top, start + ink_right, y + ink_bottom)
