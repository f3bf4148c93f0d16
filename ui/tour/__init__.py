"""The first visit: three things to know, for each role, until the reader says that they are known."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ui.component_base import mount_of
from ui.texts import text

HERE: Final = Path(__file__).resolve().parent
STEPS: Final = 3
PLACES: Final = {
    "leader": (".st-key-scoreboard", ".st-key-map", ".st-key-header_search"),
    "head": (".st-key-filter_row", ".st-key-scoreboard", ".st-key-header_search"),
    "researcher": (".st-key-page_head", ".st-key-page_facts", ".st-key-header_search"),
    "steward": (".st-key-page_head", ".st-key-filter_row", ".st-key-header_search"),
}
"""Where on the first page of a role each step lies; it is ringed while the reader points at the step."""

_MOUNT = mount_of(
    "tour",
    html='<div class="tour" hidden></div>',
    css=(HERE / "component.css").read_text(encoding="utf-8"),
    js=(HERE / "component.js").read_text(encoding="utf-8"),
)


def tour(role: str, *, lang: str) -> None:
    """Draw the strip; it hides itself in a browser whose reader has said that the role's steps are known."""
    steps = [
        {"title": text(f"tour.{role}.title_{number}", lang), "words": text(f"tour.{role}.words_{number}", lang),
         "place": PLACES[role][number - 1]}
        for number in range(1, STEPS + 1)
    ]  # fmt: skip
    labels = {name: text(f"tour.{name}", lang) for name in ("heading", "done")}
    _MOUNT(data={"role": role, "steps": steps, **labels}, key="tour", width="stretch")
