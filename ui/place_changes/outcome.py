"""What the last deed of this session came to, said once at the top of the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st

from ui import messages

_SAID: Final = "place_change_said"


def keep_outcome(*, done: bool, sentences: Mapping[str, str]) -> None:
    """Keep what there is to say, in both languages, for the next run."""
    st.session_state[_SAID] = (done, dict(sentences))


def draw_outcome(lang: str) -> None:
    """Say it, once."""
    said = st.session_state.pop(_SAID, None)
    if said is None:
        return
    done, sentences = said
    if done:
        st.success(sentences[lang], icon=":material/check:")
    else:
        messages.problem(sentences[lang])
