"""The rows of one source that wait to be mended, as a workbook under the department's own headings."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
from sqlalchemy.engine import Engine

from data_access.ingestion.problems import Problem
from data_access.ingestion.rejected_workbook import write_rejected_workbook
from data_access.ingestion.source_form import source_form
from data_access.permissions import Scope
from data_access.rejected_rows import read_open_rows


def open_rows_file(engine: Engine, *, scope: Scope, first: int, last: int, source: str, lang: str) -> bytes:
    """The workbook (XLSX) of the rows of `source` that wait to be mended; it loads again as it is.

    The rows of one batch and sheet stand on one sheet, so that equal row numbers of two files stay apart.

    Raises
    ------
    NotPermitted
        When the scope does not reach all villages.
    """
    rows = read_open_rows(engine, scope=scope, first=first, last=last, source=source)
    problems = [
        Problem(
            sheet=f"{one['batch_id']} {one['sheet']}".strip(),
            row=int(one["row"]),
            column=one["column"],
            found=one["found"],
            reason=one["reason"],
            zh=one["zh"],
            en=one["en"],
            cells=one["cells"] if isinstance(one["cells"], dict) else {},
            key_text=one["key_text"],
            place_code=one["place"],
            month=None if pd.isna(one["month"]) else int(one["month"]),
        )
        for one in rows.to_dict("records")
    ]
    form = source_form(source)
    headings = {field: column.heading for field, column in form.columns.items()}
    with tempfile.TemporaryDirectory() as folder:
        path = write_rejected_workbook(
            Path(folder) / "rows.xlsx", problems=problems, form=form, headings=headings, lang=lang
        )
        return path.read_bytes()
