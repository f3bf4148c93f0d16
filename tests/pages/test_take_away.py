"""What can be taken away from a page: tables as workbooks whose figures are numbers."""

from __future__ import annotations

import datetime as dt
import io

import pandas as pd
from python_calamine import CalamineWorkbook

from data_access.releases import DataVersion
from tests.pages.conftest import Open
from ui.table_block import _as_table, table_file

VERSION = DataVersion(
    number=3, created_at=dt.datetime(2022, 1, 1), as_of=dt.date(2022, 1, 1), first_month=202001, last_month=202112,
    provisional_from=None, demonstration=True,
)  # fmt: skip


def test_records_become_a_workbook_with_numbers_as_numbers_and_text_as_text() -> None:
    frame = pd.DataFrame({"名称": ["甲苑", "=1+1"], "天数": [3, 0], "日期": [dt.date(2022, 1, 5), None]})
    made = table_file(_as_table(frame), title="点位", period="2022年1月", version=VERSION, lang="zh")
    cells = CalamineWorkbook.from_filelike(io.BytesIO(made)).get_sheet_by_index(0).to_python()
    rows = {row[0]: row for row in cells if row and row[0] in ("甲苑", "=1+1")}
    assert rows["甲苑"][1] == 3
    assert rows["=1+1"][1] == 0
    assert rows["甲苑"][2] == "2022-01-05"


def test_every_page_with_a_table_or_a_figure_offers_it(open_app: Open) -> None:
    app = open_app("briefing/overview")
    assert not app.exception
    keys = [one.proto.id for one in app.get("download_button")]
    assert any(key.endswith("circular_workbook") for key in keys)
