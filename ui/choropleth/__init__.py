"""The map: places coloured by class, drawn as SVG in the page, without a map server and without WebGL.

Shapes come once from a static address (:func:`geometry_address`); each call only sends classes and words. Colour never
speaks alone: worse and better places carry ▼ and ▲ beside their name, and the legend says it in words with counts.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ui.choropleth.geometry import geometry_address
from ui.choropleth.legend import LegendEntry, Ramp, legend_entries, ramp
from ui.choropleth.palettes import PALETTES, class_styles
from ui.component_base import mount_of, packed, triggers

__all__ = [
    "PALETTES", "LegendEntry", "Ramp", "choropleth", "geometry_address", "legend_entries", "map_data", "map_strings",
    "ramp",
]  # fmt: skip

HERE: Final = Path(__file__).resolve().parent
SCRIPTS: Final = ("drawing.js", "labels.js", "magnifier.js", "view.js", "pointing.js", "plots.js", "component.js")
LEVELS: Final = ("township", "village")
STRINGS: Final = ("zoom_in", "zoom_out", "home", "wheel_hint", "magnifier", "failed")
HOVER_LINES: Final = 4

_mount = mount_of(
    "choropleth",
    html=(HERE / "component.html").read_text(encoding="utf-8"),
    css=(HERE / "component.css").read_text(encoding="utf-8"),
    js="\n".join((HERE / name).read_text(encoding="utf-8") for name in SCRIPTS),
)


def choropleth(
    *,
    geometry_url: str,
    level: str,
    classes: Mapping[str, str],
    hover: Mapping[str, Sequence[str]],
    palette: str,
    legend: Sequence[LegendEntry],
    alt: str,
    watermark: str,
    strings: Mapping[str, str],
    key: str,
    within: str | None = None,
    selected: str | None = None,
    height: int = 560,
    labels: Mapping[str, str | Sequence[str]] | None = None,
    legend_title: str = "",
    strip: Ramp | None = None,
    on_pick: Callable[[], None] | None = None,
    on_back: Callable[[], None] | None = None,
) -> str | None:
    """Draw the map and return the place picked in this run, or None.

    geometry_url  from :func:`geometry_address`; fetched once in the page, however many maps use it
    level         "township" or "village": which places are coloured
    classes       place code → class key of ``palette``; a place left out is drawn as no_data
    hover         place code → up to four lines shown beside the pointer, the first in bold
    palette       one of :data:`PALETTES`: "verdict", "neutral", "gap", "sequential", "ramp", "clusters" …
    legend        from :func:`legend_entries`
    within        township code: only its villages, filling the box, neighbours faded; needs level "village"
    selected      code of the place to outline
    height        pixels of the drawing; the legend comes below it
    labels        place code → name, or names from long to short, where those in the geometry are not wanted (English)
    alt           the map in one sentence, for screen readers
    watermark     printed inside the drawing, also on paper; empty only for surveyed boundaries
    strings       from :func:`map_strings`
    legend_title  what the places are compared with
    strip         from :func:`ramp`; needed with the palette "ramp"
    on_pick       called when a place is picked; read ``st.session_state[key].pick`` there
    on_back       called on Escape
    Zoom stays while the script reruns; another geometry, level or township starts anew.
    Raises ValueError for an unknown level, palette, class or missing string.
    """
    data = map_data(
        geometry_url=geometry_url,
        level=level,
        classes=classes,
        hover=hover,
        palette=palette,
        legend=legend,
        alt=alt,
        watermark=watermark,
        strings=strings,
        within=within,
        selected=selected,
        height=height,
        labels=labels,
        legend_title=legend_title,
        strip=strip,
    )
    return mount(packed(data), key=key, on_pick=on_pick, on_back=on_back)


def mount(
    data: bytes, *, key: str, on_pick: Callable[[], None] | None = None, on_back: Callable[[], None] | None = None
) -> str | None:
    """Draw a map whose ``map_data`` was packed before, for pages that keep it; the place picked now, or None."""
    result = _mount(data=data, key=key, height="content", **triggers(pick=on_pick, back=on_back))
    picked = result.pick
    return None if picked is None else str(picked)


def map_data(
    *,
    geometry_url: str,
    level: str,
    classes: Mapping[str, str],
    hover: Mapping[str, Sequence[str]],
    palette: str,
    legend: Sequence[LegendEntry],
    alt: str,
    watermark: str,
    strings: Mapping[str, str],
    within: str | None,
    selected: str | None,
    height: int,
    labels: Mapping[str, str | Sequence[str]] | None,
    legend_title: str,
    strip: Ramp | None = None,
) -> dict[str, Any]:
    """What the browser is sent, checked: the arguments of :func:`choropleth` as plain values."""
    styles = class_styles(palette)
    if level not in LEVELS:
        raise ValueError(f"level is {level!r}; write one of {', '.join(LEVELS)}.")
    if within is not None and level != "village":
        raise ValueError("within shows the villages of one township: it needs level 'village'.")
    occurring = {str(name) for name in classes.values()}
    unknown = sorted(occurring - set(styles))
    if unknown:
        raise ValueError(f"palette {palette!r} has no class {', '.join(unknown)}.")
    if (palette == "ramp") != (strip is not None):
        raise ValueError("a strip belongs to the palette 'ramp', and that palette needs one.")
    missing = [name for name in STRINGS if not strings.get(name)]
    if missing:
        raise ValueError(f"strings lack {', '.join(missing)}.")
    if not alt.strip():
        raise ValueError("alt is empty: say in one sentence what the map shows.")
    long = [code for code, lines in hover.items() if isinstance(lines, str) or len(lines) > HOVER_LINES]
    if long:
        raise ValueError(f"hover wants up to {HOVER_LINES} lines a place: {', '.join(sorted(long)[:5])}.")
    return {
        "geometry": geometry_url,
        "level": level,
        "classes": {code: str(name) for code, name in classes.items()},
        "hover": {code: [str(line) for line in lines] for code, lines in hover.items()},
        "styles": {name: style.to_dict() for name, style in styles.items() if _is_sent(name, occurring)},
        "strip": None if strip is None else strip.to_dict(),
        "words": {entry.key: entry.word for entry in legend},
        "legend": [entry.to_dict() for entry in legend],
        "legend_title": legend_title,
        "within": within,
        "selected": selected,
        "height": int(height),
        "labels": None if labels is None else {code: _forms(names) for code, names in labels.items()},
        "alt": alt,
        "watermark": watermark,
        "strings": {name: strings[name] for name in STRINGS},
    }


def map_strings(text: Callable[[str], str]) -> dict[str, str]:
    """The fixed words of the map: ``text`` gives ``choropleth.strings.<name>`` in the reader's language."""
    return {name: text(f"choropleth.strings.{name}") for name in STRINGS}


def _is_sent(name: str, occurring: set[str]) -> bool:
    """The many steps of a ramp are sent only where a place is in them."""
    return not name.startswith("step_") or name in occurring


def _forms(names: str | Sequence[str]) -> list[str]:
    return [names] if isinstance(names, str) else [str(name) for name in names]
