"""The template of each source: it loads back, its examples are right, and its explanations are complete."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from data_access.errors import UserError
from data_access.ingestion.column_mapping import match_table
from data_access.ingestion.column_tables import BEGIN, DOCUMENTS, END, column_entries, column_tables, with_tables
from data_access.ingestion.heading_likeness import fitting_share
from data_access.ingestion.source_form import LOAD_ORDER, source_form
from data_access.ingestion.source_recognition import recognise_source
from data_access.ingestion.templates import template_name, write_template
from tests.data_access.small_district import issue_row, load, registers

INGESTION = Path(__file__).resolve().parents[2] / "data_access" / "ingestion"


def sheets(source: str, folder: Path) -> list[list[list[str]]]:
    book = CalamineWorkbook.from_path(write_template(source, folder / template_name(source)))
    return [book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names]


@pytest.mark.parametrize("source", LOAD_ORDER)
def test_a_template_is_read_back_column_by_column(tmp_path: Path, source: str) -> None:
    table, notes = sheets(source, tmp_path)
    form = source_form(source)
    found = match_table(table, form)
    assert found is not None
    assert (found.data_from, found.missing, found.ignored) == (4, (), ())
    assert set(found.columns) == form.fields()
    assert len(table) == 4, "the examples stand above the heading, where they are never loaded"
    assert match_table(notes, form) is None, "the explanations are no table"
    assert recognise_source([table, notes])[0].source == source


@pytest.mark.parametrize("source", LOAD_ORDER)
def test_every_column_is_explained_in_both_languages_with_examples_that_are_understood(source: str) -> None:
    form = source_form(source)
    assert set(form.notes) == set(form.columns) | ({"items"} if form.items else set())
    for field, column in form.columns.items():
        note = form.notes[field]
        filled = [cell for cell in note.examples if cell]
        assert note.zh.endswith("。"), field
        assert note.en.endswith("."), field
        assert not filled or fitting_share(filled, column) == 1.0, field
        assert len(filled) == 2 or not column.required, field
        assert column.type != "word" or set(filled) <= set(column.proper_words()), field


@pytest.mark.parametrize("source", LOAD_ORDER)
def test_columns_of_words_have_a_list_to_choose_from(tmp_path: Path, source: str) -> None:
    write_template(source, tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    wanted = [entry for entry in column_entries(source_form(source)) if entry.words]
    assert sheet.count('type="list"') == len(wanted)
    assert "<f>" not in sheet


def test_a_template_that_was_filled_in_loads_with_its_examples_and_explanations_left_standing(
    database_url: str, tmp_path: Path
) -> None:
    engine = registers(database_url, tmp_path)
    table, notes = sheets("issues", tmp_path)
    cells = [issue_row(1).get(heading.lstrip("*"), "") for heading in table[3]]
    path = tmp_path / "填好.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, content in (("问题工单", [*table, cells]), ("填写说明 Notes", notes)):
            page = book.add_worksheet(name)
            for number, row in enumerate(content):
                page.write_row(number, 0, row)
    summary = load(engine, "issues", path)
    assert (summary.rows_new, summary.problems, summary.unused_sheets, summary.ignored_columns) == (1, (), (), ())
    engine.dispose()


def test_equal_forms_give_equal_bytes(tmp_path: Path) -> None:
    first = write_template("issues", tmp_path / "a.xlsx").read_bytes()
    assert write_template("issues", tmp_path / "b.xlsx").read_bytes() == first


def test_there_is_no_template_of_an_unknown_source(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="数据来源"):
        write_template("weather", tmp_path / "a.xlsx")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_tables_in_the_stewards_page_are_those_of_the_forms(lang: str) -> None:
    page = DOCUMENTS[lang].read_text(encoding="utf-8")
    assert page.count(BEGIN) == page.count(END) == 1
    assert with_tables(page, lang) == page, "run python -m data_access.ingestion.column_tables"
    assert all(f"`{source}`" in column_tables(lang) for source in LOAD_ORDER)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_stewards_page_explains_every_reason(lang: str) -> None:
    written = "\n".join(path.read_text(encoding="utf-8") for path in INGESTION.glob("*.py"))
    reasons = set(re.findall(r'reason="([a-z_]+)"', written))
    reasons |= {"empty", "not_understood", "not_text", "too_long", "contradiction", "unknown_village",
                "ambiguous_village", "unknown_township"}  # fmt: skip
    page = DOCUMENTS[lang].read_text(encoding="utf-8")
    assert {reason for reason in reasons if f"`{reason}`" not in page} == set()
