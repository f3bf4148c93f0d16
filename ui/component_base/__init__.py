"""What the page components share: their common look, their drawing of small month series, and clean figures.

A component is a folder with ``component.js`` and ``component.css``. Both are read here, put behind the common parts
(``base.js``, ``sparkline.js``, ``base.css``) and registered with Streamlit once, when the component is imported.
"""

import gzip
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from ui import texts
from ui.charts import palette
from ui.static_files import publish

HERE: Final = Path(__file__).resolve().parent
HTML: Final = '<div class="frame">\n<div class="sheet"></div>\n</div>'
VERDICTS: Final = tuple(palette.MARKS)


def read_script(folder: Path) -> str:
    """One JavaScript module for the component in ``folder``: the common parts, its own, ``component.js`` last."""
    own = sorted(folder.glob("*.js"), key=lambda part: (part.name == "component.js", part.name))
    parts = (HERE / "base.js", HERE / "sparkline.js", *own)
    return "\n".join(part.read_text(encoding="utf-8") for part in parts)


def read_style(folder: Path) -> str:
    """The style sheet of the component in ``folder``: the common rules first, then its own."""
    parts = (HERE / "base.css", folder / "component.css")
    return "\n".join(part.read_text(encoding="utf-8") for part in parts)


def register(name: str, *, folder: Path) -> ComponentRenderer:
    """Register the component kept in ``folder`` under ``name`` and return the callable that mounts it."""
    return mount_of(name, html=HTML, css=read_style(folder), js=read_script(folder))


def mount_of(name: str, *, html: str, css: str, js: str) -> ComponentRenderer:
    """Register a component whose script and style the browser fetches once.

    Streamlit sends a component's script and style along with every change of its data. A small loader goes in their
    place; script and style stand in one static file named by its content. Where the static folder cannot be written
    they go the usual way.
    """
    module = f"export const sheet = new CSSStyleSheet();\nsheet.replaceSync({json.dumps(css)});\n{js}"
    try:
        address = publish(module.encode("utf-8"), folder="components", suffix=".js")
    except OSError:
        return st.components.v2.component(name, html=html, css=css, js=js, isolate_styles=True)
    loader = (HERE / "loader.js").read_text(encoding="utf-8").replace("ADDRESS", address)
    return st.components.v2.component(name, html=html, js=loader, isolate_styles=True)


def packed(payload: Mapping[str, Any]) -> bytes:
    """``payload`` as compressed JSON, which the loader unpacks in the browser: a fifth of the bytes on every change.

    Raises ValueError for NaN or infinity, which JSON does not know.
    """
    plain = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return gzip.compress(plain.encode("utf-8"), compresslevel=6, mtime=0)


def unpacked(content: bytes) -> Any:
    """What :func:`packed` packed."""
    return json.loads(gzip.decompress(content))


def labels(section: str, *, names: Sequence[str], lang: str) -> dict[str, str]:
    """The fixed words of one component in one language: ``components.<section>.<name>`` for each of ``names``."""
    return {name: texts.text(f"components.{section}.{name}", lang) for name in names}


def colours() -> dict[str, Any]:
    """The palette as the browser needs it: verdict fills, marks, gap colours and the few inks."""
    return {
        "better": palette.BETTER,
        "worse": palette.WORSE,
        "similar": palette.SIMILAR,
        "gap-a": palette.GAP_A,
        "gap-b": palette.GAP_B,
        "neutral-high": palette.NEUTRAL_HIGH,
        "neutral-low": palette.NEUTRAL_LOW_TINT,
        "accent": palette.ACCENT,
        "demonstration": palette.DEMONSTRATION,
        "verdicts": dict(palette.VERDICT_COLOURS),
        "marks": dict(palette.MARKS),
    }


def figure(value: Any) -> float | None:
    """``value`` as a plain float; None where it is missing, NaN or infinite. Zero stays zero."""
    if value is None:
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def require_text(**named: str) -> None:
    """Raise ValueError, naming the field, where one of the given texts is empty."""
    for name, text in named.items():
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"{name} is empty; give the text a reader should see.")


def require_choice(name: str, *, value: str | None, allowed: Sequence[str | None]) -> None:
    """Raise ValueError where ``value`` is none of ``allowed``."""
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}; write one of {', '.join(map(str, allowed))}.")


def require_unique(codes: Sequence[str], *, what: str) -> None:
    """Raise ValueError where two of ``codes`` are the same: a pick could not tell them apart."""
    twice = sorted({code for code in codes if list(codes).count(code) > 1})
    if twice:
        raise ValueError(f"{what} with the same code: {', '.join(twice)}.")


@dataclass(frozen=True)
class Point:
    """One month of a small series. A missing month has ``value`` None (a gap in the line, never zero).

    ``text`` is the figure with its interval as the reader sees it under the pointer; empty lets the browser write it
    with one decimal.
    """

    month: str
    value: float | None
    low: float | None = None
    high: float | None = None
    provisional: bool = False
    text: str = ""

    def __post_init__(self) -> None:
        require_text(month=self.month)
        low, high = figure(self.low), figure(self.high)
        if low is not None and high is not None and low > high:
            raise ValueError(f"{self.month}: interval from {low} to {high} is upside down.")

    def to_list(self) -> list[Any]:
        """Month, value, low, high, provisional, text: ready for JSON, NaN turned into None."""
        return [self.month, figure(self.value), figure(self.low), figure(self.high), bool(self.provisional), self.text]


PointLike = Point | tuple[str, float | None, float | None, float | None, bool]


def points_payload(points: Sequence[PointLike]) -> list[list[Any]]:
    """``points`` (of either form) as lists for JSON. Raises ValueError for a point that cannot be right."""
    return [(point if isinstance(point, Point) else Point(*point)).to_list() for point in points]


def triggers(**callbacks: Callable[[], None] | None) -> dict[str, Any]:
    """Mount arguments for the triggers of a component: a callback for each name, an idle one where none was given."""
    return {f"on_{name}_change": callback or _idle for name, callback in callbacks.items()}


def _idle() -> None:
    """Nothing: a trigger without a listener still has to be declared."""
