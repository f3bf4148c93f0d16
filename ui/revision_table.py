"""The revised figures of released months as a table that sorts and downloads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

import pandas as pd
import streamlit as st

from ui.messages import empty
from ui.payloads.revised_figures import COLUMNS, RevisedFigure
from ui.texts import number, text

LONGEST: Final = 2_000
"""Rows sent to the browser; a correction that changes more is better read in the files."""


def revision_table(figures: Sequence[RevisedFigure], *, all_rows: int, key: str, lang: str) -> None:
    """Draw the figures, of which there are ``all_rows``."""
    if not figures:
        empty(text("releases.revised.none", lang))
        return
    if all_rows > len(figures):
        st.caption(text("releases.revised.cut", lang, count=number(len(figures)), all=number(all_rows)))
    columns = {name: st.column_config.TextColumn(text(f"releases.revised.{name}", lang)) for name in COLUMNS}
    rows = pd.DataFrame([asdict(one) for one in figures], columns=list(COLUMNS))
    st.dataframe(rows, hide_index=True, column_config=columns, key=key, height=min(420, 38 + 35 * len(rows)))
