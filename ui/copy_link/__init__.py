"""The button that copies the address of the view in front of the reader."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ui.component_base import mount_of

HERE: Final = Path(__file__).resolve().parent

_MOUNT = mount_of(
    "copy_link",
    html='<button type="button" hidden><span class="sign" aria-hidden="true"></span>\n<span class="word"></span>'
    "</button>",
    css=(HERE / "component.css").read_text(encoding="utf-8"),
    js=(HERE / "component.js").read_text(encoding="utf-8"),
)


def copy_link(*, label: str, copied: str, failed: str, key: str = "copy_link") -> None:
    """Draw the button. ``copied`` and ``failed`` replace ``label`` for a moment after it was pressed."""
    _MOUNT(data={"label": label, "copied": copied, "failed": failed}, key=key, width="content")
