"""A table on a page: shown, and ready to be taken away as a workbook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import pandas as pd
import streamlit as st
from pandas.api.types import is_numeric_dtype

from data_access.releases import DataVersion
from ui import cached_reads, place_table
from ui.map_downloads import file_name, source_text
from ui.place_table import Cell, Column, Row
from ui.texts import text

WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def table_block(
    ready: bytes,
    table: Mapping[str, Any],
    *,
    key: str,
    title: str,
    period: str,
    version: DataVersion,
    lang: str,
    on_pick: Callable[[], None] | None = None,
) -> None:
    """Show a `place_table` (which offers itself as CSV where it has a ``download``) with its workbook.

    ready   the packed payload of the table
    table   the arguments it was packed from: columns, rows, caption, comparison, footnotes
    title   heading of the sheet; ``period`` the months the figures are of, in words
    """
    place_table.mount(ready, key=key, on_pick=on_pick)
    st.download_button(
        text("take_away.workbook", lang),
        data=lambda: table_file(table, title=title, period=period, version=version, lang=lang),
        file_name=file_name(title, period, version, kind="xlsx", lang=lang),
        mime=WORKBOOK,
        key=f"{key}_workbook",
        on_click="ignore",
        type="tertiary",
        icon=":material/table_view:",
    )


def frame_workbook(frame: pd.DataFrame, *, key: str, title: str, period: str, version: DataVersion, lang: str) -> None:
    """The workbook's button alone, for a table of records (a frame whose columns are headings in words)."""
    st.download_button(
        text("take_away.workbook", lang),
        data=lambda: table_file(_as_table(frame), title=title, period=period, version=version, lang=lang),
        file_name=file_name(title, period, version, kind="xlsx", lang=lang),
        mime=WORKBOOK,
        key=f"{key}_records",
        on_click="ignore",
        type="tertiary",
        icon=":material/table_view:",
    )


def _as_table(frame: pd.DataFrame) -> dict[str, Any]:
    """The frame as arguments of a `place_table`: numbers as numbers, the rest as text, nothing where it is missing."""
    names = [str(name) for name in frame.columns]
    columns = [
        Column(f"c{index}", name, kind="name" if not index else "number" if is_numeric_dtype(frame[name]) else "text")
        for index, name in enumerate(names)
    ]
    rows = [
        Row(code=str(number), cells={f"c{index}": _as_cell(value) for index, value in enumerate(values)})
        for number, values in enumerate(frame.itertuples(index=False, name=None), start=1)
    ]
    return {"columns": columns, "rows": rows, "caption": "", "footnotes": ()}


def _as_cell(value: Any) -> Cell:
    if pd.isna(value):
        return Cell("")
    return Cell(str(value), sort=float(value)) if isinstance(value, int | float) else Cell(str(value))


def table_file(table: Mapping[str, Any], *, title: str, period: str, version: DataVersion, lang: str) -> bytes:
    """The workbook of a table: the figures, and a sheet of definitions and method."""
    from ui.exports.workbook import workbook  # loaded when first wanted

    return workbook(
        table,
        title=title,
        period=period,
        source=source_text(version, lang),
        catalogue=cached_reads.catalogue(),
        lang=lang,
    )
