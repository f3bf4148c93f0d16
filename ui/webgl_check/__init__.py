"""Whether the reader's browser can draw with WebGL. Office computers and remote desktops often cannot, and a map that
needs it would be a silent blank there."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import streamlit as st

from ui.component_base import mount_of, triggers

HERE: Final = Path(__file__).resolve().parent
ANSWER: Final = "browser_has_webgl"
KEY: Final = "webgl_check"

_MOUNT = mount_of(KEY, html="<span hidden></span>", css="", js=(HERE / "component.js").read_text(encoding="utf-8"))


def webgl_works() -> bool | None:
    """What the browser of this session has answered; None while it has not.

    Draws the invisible check where there is no answer yet; the answer makes the page run again, once a session.
    """
    known = st.session_state.get(ANSWER)
    if known is None:
        with st.container(key="gb_unseen_webgl"):
            _MOUNT(data={}, key=KEY, **triggers(answer=_answered))
        return None
    return bool(known)


def _answered() -> None:
    answer = st.session_state[KEY].answer
    if answer in ("yes", "no"):
        st.session_state[ANSWER] = answer == "yes"
