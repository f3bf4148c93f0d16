"""A table taken away as a workbook: numbers are numbers, words are words, and nothing becomes a formula."""

import io
import re
import zipfile
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from indicators.catalogue import load_catalogue
from ui.exports.sheet_columns import one_line, ordered_rows
from ui.exports.table_figures import figure_of
from ui.exports.workbook import workbook
from ui.place_table import Cell, Column, Download, Row
from ui.texts import LANGUAGES, text

CATALOGUE = load_catalogue()
NAMES = ("=1+1", "@SUM(A1)", "+86", "-2", "https://example.org", "潘火街道")
WORDS = {"title": "各镇街问题解决率", "period": "2020年1月–3月", "source": "看板 · 数据版本 3"}


def made(**changes: Any) -> dict[str, Any]:
    """A table of six places with every kind of column, a total, a missing figure, and few cases."""
    rows = [
        Row(
            code=str(place),
            group="镇" if place % 2 else "街道",
            cells={
                "name": Cell(name, sort=name),
                "accepted": Cell("1,234", sort=1234.0 + place),
                "resolution_rate": Cell("98.5%", sort=0.98496, verdict="worse", title=f"98.5%（{name}）"),
                "interval": Cell("98.5%", sort=0.98496, value=0.98496, low=0.97, high=0.991, verdict="worse"),
                "rank": Cell("4", sort=4, note="2–13"),
                "move": Cell("↑+1.2", sort=0.0123, verdict="better"),
                "words": Cell("12件", sort=0.003),
            },
        )
        for place, name in enumerate(NAMES)
    ]
    rows[1].cells["resolution_rate"] = Cell("无数据", title="无数据")  # type: ignore[index]
    rows[2].cells["resolution_rate"] = Cell("75.0%", sort=0.75, verdict="too_few")  # type: ignore[index]
    rows[3].cells["resolution_rate"] = Cell("99.9%", sort=0.99971, verdict="better")  # type: ignore[index]
    rows[4].cells["interval"] = Cell("", title="已隐去（人数过少）")  # type: ignore[index]
    total = Row(code="district", total=True, cells={"name": Cell("全区"), "accepted": Cell("7,404")})
    return {
        "columns": [
            Column("index", "序号", kind="index"),
            Column("name", "单位", kind="name"),
            Column("accepted", "受理\n件数", hint="受理的问题数"),
            Column("resolution_rate", "解决率", kind="rate"),
            Column("interval", "可能区间", kind="interval", axis_low=0.9, axis_high=1.0),
            Column("rank", "名次", kind="rank"),
            Column("move", "较上月"),
            Column("words", "说法", kind="text"),
        ],
        "rows": [*rows, total],
        "comparison": "与全区其余单位比较",
        "footnotes": ("=HYPERLINK(1) 不列无问题的单位",),
        "download": Download(file_name="表.csv", mark="演示数据"),
        **changes,
    }


def read(table: dict[str, Any], lang: str = "zh") -> tuple[bytes, CalamineWorkbook]:
    content = workbook(table, **WORDS, catalogue=CATALOGUE, lang=lang)
    return content, CalamineWorkbook.from_filelike(io.BytesIO(content))


def figures(table: dict[str, Any], lang: str = "zh") -> tuple[list[Any], list[list[Any]]]:
    """The headings and the rows below them."""
    lines = read(table, lang)[1].get_sheet_by_index(0).to_python()
    at = next(place for place, line in enumerate(lines) if "单位" in line)
    return lines[at], lines[at + 1 :]


def test_nothing_in_the_data_becomes_a_formula_or_a_link():
    content, _ = read(made())
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for name in parts.namelist():
            if name.startswith("xl/worksheets/"):
                sheet = parts.read(name).decode()
                assert "<f>" not in sheet and "<f " not in sheet and "<hyperlink" not in sheet, name
    headings, rows = figures(made())
    assert {row[headings.index("单位")] for row in rows} == {*NAMES, "全区"}


def test_numbers_stay_numbers_with_the_value_behind_the_print():
    headings, rows = figures(made())
    by_name = {row[headings.index("单位")]: row for row in rows}
    one = by_name["=1+1"]
    assert one[headings.index("受理件数")] == 1234.0
    assert one[headings.index("解决率")] == pytest.approx(0.98496)
    assert one[headings.index("可能区间·区间下限")] == 0.97
    assert one[headings.index("可能区间·区间上限")] == 0.991
    assert (one[headings.index("名次")], one[headings.index("名次·可能区间下限")],
            one[headings.index("名次·可能区间上限")]) == (4.0, 2.0, 13.0)  # fmt: skip
    assert one[headings.index("较上月")] == pytest.approx(1.23)
    assert one[headings.index("说法")] == "12件"
    assert one[headings.index("解决率·判断")] == text("components.verdicts.worse", "zh")


def test_a_verdict_is_written_once_where_value_and_interval_show_the_same():
    cell = Cell("98.5%", sort=0.985, value=0.985, low=0.97, high=0.991, verdict="worse")
    rows = [Row(code="1", cells={"name": Cell("甲镇"), "resolution_rate": cell, "interval": cell})]
    headings, _ = figures(made(rows=rows))
    assert "解决率·判断" in headings and "可能区间·判断" not in headings
    assert "可能区间·判断" in figures(made())[0]


def test_headings_broken_for_the_screen_are_whole_in_the_file():
    assert one_line("按期\n办结率", "zh") == "按期办结率"
    assert one_line("On\ntime", "en") == "On time"
    assert one_line("Dis-\nsatisfied", "en") == "Dissatisfied"


def test_missing_few_and_hidden_stay_words_and_are_explained():
    headings, rows = figures(made())
    by_name = {row[headings.index("单位")]: row for row in rows}
    assert by_name["@SUM(A1)"][headings.index("解决率")] == "无数据"
    assert by_name["+86"][headings.index("解决率")] == 0.75
    assert by_name["+86"][headings.index("解决率·判断")] == text("components.verdicts.too_few", "zh")
    assert by_name["https://example.org"][headings.index("可能区间")] == "已隐去（人数过少）"
    meaning = "\n".join(str(cell) for line in read(made())[1].get_sheet_by_index(1).to_python() for cell in line)
    for state in ("empty", "no_data", "too_few", "hidden", "not_applicable"):
        assert text(f"workbook.states.{state}", "zh") in meaning


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_second_sheet_defines_every_column_that_shows_an_indicator(lang: str):
    _, book = read(made(), lang)
    assert book.sheet_names == [text(f"workbook.sheets.{one}", lang) for one in ("figures", "meaning", "evidence")]
    meaning = "\n".join(str(cell) for line in book.get_sheet_by_index(1).to_python() for cell in line)
    indicator = CATALOGUE["resolution_rate"]
    for told in (indicator.name, indicator.numerator_text, indicator.denominator_text, indicator.owner,
                 indicator.caveats):  # fmt: skip
        assert told[lang] in meaning
    assert "与全区其余单位比较" in meaning and "=HYPERLINK(1) 不列无问题的单位" in meaning
    assert "受理的问题数" in meaning
    assert CATALOGUE["satisfaction_rate"].caveats[lang] not in meaning


def test_a_row_that_is_an_indicator_is_defined_too():
    table = made(rows=[Row(code="satisfaction_rate", cells={"name": Cell("群众满意率")})])
    meaning = "\n".join(str(cell) for line in read(table)[1].get_sheet_by_index(1).to_python() for cell in line)
    assert CATALOGUE["satisfaction_rate"].caveats["zh"] in meaning


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_sheet_says_what_it_is_from_when_and_that_it_is_made_up(lang: str):
    content, book = read(made(), lang)
    for name in book.sheet_names:
        top = [line[0] for line in book.get_sheet_by_name(name).to_python()[:4]]
        assert top == [
            WORDS["title"],
            text("workbook.demonstration", lang, mark="演示数据"),
            WORDS["period"],
            WORDS["source"],
        ]
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for name in (one for one in parts.namelist() if one.startswith("xl/worksheets/sheet")):
            assert "演示数据" in parts.read(name).decode().split("<oddHeader>")[1]
    _, plain = read(made(download=None), lang)
    said = [str(cell) for line in plain.get_sheet_by_index(0).to_python() for cell in line]
    assert not any("演示" in words for words in said)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_source_that_says_made_up_marks_a_table_without_a_download(lang: str):
    band = text("frame.demonstration.band", lang)
    words = WORDS | {"source": f"x · {band}"}
    content = workbook(made(download=None), **words, catalogue=CATALOGUE, lang=lang)
    line = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()[1][0]
    assert line == text("workbook.demonstration", lang, mark=band)


def test_the_headings_are_frozen_and_can_be_filtered():
    content, _ = read(made())
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    pane = re.search(r'<pane xSplit="(\d+)" ySplit="(\d+)"[^>]*state="frozen"', sheet)
    assert pane is not None and pane.groups() == ("2", "6")
    assert '<autoFilter ref="A6:' in sheet


def test_the_third_sheet_holds_what_opens_on_each_figure():
    evidence = read(made())[1].get_sheet_by_index(2).to_python()
    assert ["=1+1", "解决率", "98.5%", "98.5%（=1+1）"] in [line[:4] for line in evidence]


def test_rows_come_in_the_order_in_which_the_table_opens():
    rows = made()["rows"]
    ordered = ordered_rows(rows, ("resolution_rate", "desc"))
    assert ordered[0].total
    # 99.97 % first, equal ones in the order they came, then few cases, and no data last
    assert [row.cells["name"].text for row in ordered[1:]] == [
        "-2",
        "=1+1",
        "https://example.org",
        "潘火街道",
        "+86",
        "@SUM(A1)",
    ]
    assert ordered_rows(rows, None)[1:] == rows[:-1]


@pytest.mark.parametrize(
    ("cell", "value", "shape"),
    [
        (Cell("98.5%", sort=0.98496), 0.98496, "0.0%"),
        (Cell("98.50%", sort=0.98496), 0.98496, "0.00%"),
        (Cell("99.9%", sort=0.99971), 0.99971, "0.00%"),
        (Cell("<0.1%", sort=0.0004), 0.0004, "0.00%"),
        (Cell("0.0%", sort=0.0), 0.0, "0.0%"),
        (Cell("98.5%"), 0.985, "0.0%"),
        (Cell("98.5%", sort=0.2), 0.985, "0.0%"),
        (Cell("1,235", sort=1234.6), 1234.6, "#,##0"),
        (Cell("−1.2", sort=-0.0123), -1.23, "#,##0.0"),
        (Cell("3.2 天", sort=3.21), 3.21, '#,##0.0" 天"'),
        (Cell("0", sort=0.0), 0.0, "#,##0"),
    ],
)
def test_a_printed_figure_becomes_the_number_behind_it(cell: Cell, value: float, shape: str):
    found = figure_of(cell)
    assert found is not None
    assert found.value == pytest.approx(value) and found.number_format == shape


@pytest.mark.parametrize(
    "words", ["无数据", "—", "2–13", "3/10", "2020年1月", "", "第3名", "85.0%（样本少，不作判断；见注3）"]
)
def test_words_and_ranges_are_no_numbers(words: str):
    assert figure_of(Cell(words, sort=0.5)) is None


def test_an_empty_table_makes_a_workbook_that_opens():
    _, book = read(made(rows=[]))
    assert "单位" in [cell for line in book.get_sheet_by_index(0).to_python() for cell in line]


def test_letters_that_no_file_can_hold_are_replaced_and_long_texts_cut():
    table = made(rows=[Row(code="1", cells={"name": Cell("甲\x00乙"), "words": Cell("长" * 40_000)})])
    headings, rows = figures(table)
    assert rows[0][headings.index("单位")] == "甲\ufffd乙"
    assert len(rows[0][headings.index("说法")]) == 32_767
