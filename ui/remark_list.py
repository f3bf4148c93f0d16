"""What looks odd in the batches, as a list: the first few open, the rest behind a line to open."""

from __future__ import annotations

import streamlit as st

from ui.measures import View
from ui.payloads import intake_tables
from ui.texts import text


def draw_remarks(view: View) -> None:
    """Draw the flags of the view's months, or that there are none."""
    told = intake_tables.remarks(view)
    if not told:
        st.html(f"<p>{text('data_quality.no_flags', view.lang)}</p>")
        return
    st.html(intake_tables.flags_html(told[: intake_tables.FIRST_REMARKS], view.lang))
    if rest := told[intake_tables.FIRST_REMARKS :]:
        with st.expander(text("data_quality.more_flags", view.lang, count=len(rest))):
            st.html(intake_tables.flags_html(rest, view.lang))
