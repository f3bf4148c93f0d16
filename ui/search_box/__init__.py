"""The search in the head of the app: a place, an indicator or a page, by name, pinyin or code, from the keyboard."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import streamlit as st

from ui.component_base import labels, mount_of, triggers
from ui.filters import go_to
from ui.navigation import HEADLINE, page_entry
from ui.payloads.search_entries import entries_address
from ui.selections import picked
from ui.session import Viewer

HERE: Final = Path(__file__).resolve().parent
KEY: Final = "search_box"
LABELS: Final = ("open", "hint", "none", "page", "indicator", "township", "village", "close", "results", "failed")

_MOUNT = mount_of(
    "search_box",
    html='<div class="box"></div>',
    css=(HERE / "component.css").read_text(encoding="utf-8"),
    js=(HERE / "component.js").read_text(encoding="utf-8"),
)


def search_box(viewer: Viewer, *, lang: str, version: int) -> None:
    """Draw it in the header. What is chosen opens its own page; villages outside the viewer's rights are not found."""
    data = {
        "address": entries_address(lang, viewer.role, viewer.scope().root, version),
        "villages_of": viewer.scope().villages_of,
        "labels": labels("search_box", names=LABELS, lang=lang),
    }
    with st.container(key="header_search"):
        _MOUNT(data=data, key=KEY, width="content", **triggers(pick=_open))


def _open() -> None:
    """The chosen entry ("kind|code") was picked: its page."""
    kind, _, code = (picked(KEY) or "").partition("|")
    if kind == "page":
        go_to(page_entry(code).key)
    elif kind == "indicator":
        page = "places/rankings" if code in HEADLINE else "about/definitions"
        go_to(page, indicator=code)
    elif kind == "township":
        go_to("places/township", township=code, village=None)
    elif kind == "village":
        go_to("places/village", township=code[:9], village=code)
