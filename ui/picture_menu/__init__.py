"""The menu under a figure: take it away as a picture or a drawing, made in the reader's browser when asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ui.component_base import mount_of

HERE: Final = Path(__file__).resolve().parent

_MOUNT = mount_of(
    "picture_menu",
    html='<div class="menu"></div>',
    css=(HERE / "component.css").read_text(encoding="utf-8"),
    js=(HERE / "component.js").read_text(encoding="utf-8"),
)


def picture_menu(
    *, figure: str, title: str, source: str, watermark: str, file_name: str, labels: dict[str, str], key: str
) -> None:
    """Draw the two buttons.

    figure     the key of the ``st.plotly_chart`` on the same page
    title      heading of the picture; ``source`` the line under it, ``watermark`` lies over it (empty: none)
    file_name  without ending
    labels     words for "label", "png", "svg", "failed"
    """
    data = {"figure": figure, "title": title, "source": source, "watermark": watermark, "file": file_name, **labels}
    _MOUNT(data=data, key=key, width="content")
