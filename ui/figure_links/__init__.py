"""Pointing at a place in one figure or table of a page rings it in the others, on pages that have no map to do so."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ui.component_base import HERE as BASE
from ui.component_base import mount_of

HERE: Final = Path(__file__).resolve().parent
PLOTS: Final = HERE.parent / "choropleth" / "plots.js"

_MOUNT = mount_of(
    "figure_links",
    html="<div></div>",
    css="",
    js="\n".join(part.read_text(encoding="utf-8") for part in (BASE / "base.js", PLOTS, HERE / "component.js")),
)


def figure_links(*, key: str = "figure_links") -> None:
    """Join the figures and tables of the page. Out of sight; once a page, and not on one with a map."""
    _MOUNT(data={}, key=key, width="content", height="content")
