"""What the submission strip sends to the browser, and what it refuses."""

import json

import pytest

from ui import quality_tables, submission_strip
from ui.quality_tables import Cell, Covered, Remark
from ui.submission_strip import Month, Row, Slip

MONTHS = [("2022年1月", "1", "2022年"), ("2022年2月", "2", "2022年")]


def shown(rows: list[Row], **changes: object) -> dict:
    plain = {"months": MONTHS, "heading": "镇街", "figure_heading": "按时率", "caption": "报送", "lang": "zh"}
    return json.loads(json.dumps(submission_strip.payload(rows=rows, **(plain | changes)), allow_nan=False))


def test_months_and_slips_are_sent_once_by_name() -> None:
    slips = [Slip("演练完成率", 3), Slip("物资储备达标率", None)]
    rows = [
        Row(code="a", name="甲镇", months=[Month(5, late=1, missing=1, slips=slips), None], verdict="worse"),
        Row(code="b", name="乙镇", months=[Month(5), Month(5, late=1, slips=slips[:1])]),
    ]
    data = shown(rows)
    assert data["names"] == ["演练完成率", "物资储备达标率"]
    assert data["rows"][0]["months"] == [[5, 1, 1, 0, [[0, 3], [1, None]]], None]
    assert data["rows"][1]["months"][1] == [5, 1, 0, 0, [[0, 3]]]
    assert data["labels"]["tip_late"] == "迟报{count}份" and list(data["verdicts"]) == ["worse"]


def test_only_the_first_slips_are_named() -> None:
    many = [Slip(f"表{number}", number) for number in range(30)]
    data = shown([Row(code="a", name="甲镇", months=[Month(31, late=30, slips=many), None])])
    assert len(data["rows"][0]["months"][0][4]) == submission_strip.SHOWN_SLIPS


def test_impossible_months_and_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="more went wrong"):
        Month(3, late=2, missing=2)
    with pytest.raises(ValueError, match="more went wrong"):
        Month(3, late=-1)
    with pytest.raises(ValueError, match="number of months"):
        shown([Row(code="a", name="甲镇", months=[None])])
    with pytest.raises(ValueError, match="same code"):
        shown([Row(code="a", name="甲镇", months=[None, None])] * 2)
    with pytest.raises(ValueError, match="name is empty"):
        Row(code="a", name=" ", months=[])


def test_tables_escape_every_word() -> None:
    evil = "<script>alert(1)</script>"
    rows = ["<b>", [Cell(evil, evil, title='"><i>'), Cell("", title=evil, bars=[0, 3, 1]), Cell("1", share=2.0)]]
    parts = [
        quality_tables.table_html([Cell(evil)], rows, label=evil),
        quality_tables.coverage_html([(evil, [Covered(evil, 1, 2, evil, evil)])], label=evil),
        quality_tables.remarks_html([Remark(evil, evil)], label=evil),
        quality_tables.folded_html(evil, ""),
    ]
    for part in parts:
        assert "<script" not in part and "<i>" not in part.replace("<i></i>", "")
    assert "--share:1.0000" in parts[0]


def test_incomplete_coverage_stands_before_complete_coverage() -> None:
    html = quality_tables.coverage_html(
        [("域", [Covered("全", 3, 3, "3/3"), Covered("缺", 1, 3, "1/3")])], label="覆盖"
    )
    assert html.index("缺") < html.index("全") and html.count('class="part"') == 1
