"""The definitions page says what the catalogue says, with the district's figure that the counts give."""

import csv
import io
from html import escape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from python_calamine import CalamineWorkbook

from data_access.counts import read_counts, read_measurements
from data_access.engine import create_engine
from data_access.permissions import Scope
from data_access.releases import current_data_version
from indicators.catalogue import load_catalogue
from indicators.values import rate_table
from tests.pages.conftest import Open, words
from ui import glossary
from ui.charts import palette
from ui.definition_facts import FACTS, definition_facts, target_words
from ui.exports.definitions_book import Present, definitions_book, definitions_csv
from ui.measures import View
from ui.payloads.definition_figures import district_figures, links_of, present_figures
from ui.texts import LANGUAGES, text

CATALOGUE = load_catalogue()


def test_every_indicator_stands_on_the_page_with_both_its_counts_and_its_owner(open_app: Open):
    for lang in LANGUAGES:
        shown = words(open_app("about/definitions", lang=lang))
        for indicator in CATALOGUE.values():
            for told in (indicator.name, indicator.numerator_text, indicator.denominator_text, indicator.owner,
                         indicator.caveats):  # fmt: skip
                assert escape(told[lang]) in shown, (indicator.code, lang)
            assert f'id="{indicator.code}"' in shown


def test_rules_pairings_and_every_mark_stand_on_the_page(open_app: Open):
    shown = words(open_app("about/definitions"))
    for rule in glossary.RULES:
        assert text(f"definitions.rules.{rule}", "zh") in shown
    for pairing in CATALOGUE.pairings.values():
        assert escape(pairing.description["zh"]) in shown and f'id="pairing-{pairing.code}"' in shown
    for dimension in CATALOGUE.dimensions.values():
        assert f'id="dimension-{dimension.code}"' in shown
        for code, name in dimension.values.items():
            assert f"{escape(name['zh'])} <code>{code}</code>" in shown
    for level in ("district", "township", "village"):
        assert text(f"definitions.levels.{level}.name", "zh") in shown
    for verdict in palette.MARKS:
        assert text(f"definitions.marks.{verdict}.name", "zh") in shown
        assert palette.VERDICT_COLOURS[verdict] in shown


def test_a_link_to_one_indicator_shows_it_first_and_can_be_left(open_app: Open):
    app = open_app("about/definitions", ind="satisfaction_rate")
    shown = words(app)
    name = CATALOGUE["satisfaction_rate"].name["zh"]
    assert text("definitions.title_one", "zh", name=name) in shown
    app.button(key="forget_linked").click().run()
    assert text("definitions.title", "zh", count=len(CATALOGUE)) in words(app)
    assert app.session_state["ind"] == ""


def test_searching_narrows_the_page_and_says_so_when_nothing_is_found(open_app: Open):
    app = open_app("about/definitions")
    app.text_input(key="defq").set_value("满意").run()
    found = glossary.search_catalogue(CATALOGUE, words="满意")
    assert 0 < len(found) < len(CATALOGUE)
    assert text("definitions.title_found", "zh", count=len(found)) in words(app)
    app.text_input(key="defq").set_value("<b>unfindable</b>").run()
    assert escape("<b>unfindable</b>") in words(app)
    assert not app.exception


def test_search_looks_into_both_languages_and_wants_every_word():
    by_chinese = glossary.search_catalogue(CATALOGUE, words="解决率")
    assert "resolution_rate" in {one.code for one in by_chinese}
    by_english = glossary.search_catalogue(CATALOGUE, words="HOTLINE resolution")
    assert "resolution_rate" in {one.code for one in by_english}
    assert glossary.search_catalogue(CATALOGUE, words="resolution zebra") == []
    assert glossary.search_catalogue(CATALOGUE) == list(CATALOGUE.values())


def test_a_domain_narrows_the_search():
    found = glossary.search_catalogue(CATALOGUE, domain="satisfaction")
    assert {one.domain for one in found} == {"satisfaction"}
    assert len(found) == len(CATALOGUE.of_domain("satisfaction"))


def test_targets_are_read_with_their_direction():
    assert target_words(CATALOGUE["resolution_rate"], "zh") == "目标 ≥ 98%"
    assert target_words(CATALOGUE["satisfaction_rate"], "en") == "Target ≥ 98.5%"
    assert target_words(CATALOGUE["issues_per_1000"], "zh") == "未设目标"


def test_words_of_the_catalogue_cannot_become_markup():
    indicator = CATALOGUE["resolution_rate"]
    sly = indicator.model_copy(
        update={"name": indicator.name.model_copy(update={"zh": "<img src=x onerror=alert(1)>"})}
    )
    assert "<img" not in glossary.entry_html(sly, catalogue=CATALOGUE, lang="zh")


def test_a_search_and_a_domain_stand_in_the_address_and_a_link_repeats_them(open_app: Open):
    app = open_app("about/definitions", role="head", lang="en", defq="rate", defdom="satisfaction")
    assert not app.exception
    found = glossary.search_catalogue(CATALOGUE, words="rate", domain="satisfaction")
    assert 0 < len(found) < len(CATALOGUE)
    assert text("definitions.title_found", "en", count=len(found)) in words(app)
    app.segmented_control(key="defdom_choice").set_value("all").run()
    assert app.session_state["defdom"] == ""
    assert text(
        "definitions.title_found", "en", count=len(glossary.search_catalogue(CATALOGUE, words="rate"))
    ) in words(app)


@pytest.fixture
def view(demo_sqlite: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches: None) -> View:
    """The towns over 2022: the definitions speak of the whole district all the same."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{demo_sqlite}")
    version = current_data_version(create_engine())
    assert version is not None and version.first_month is not None
    return View(root="330212", villages_of=None, first=202201, last=202212, township_set="towns",
                version=version.number, first_month=version.first_month,
                provisional_from=version.provisional_from, lang="zh")  # fmt: skip


@pytest.mark.parametrize("code", ["resolution_rate", "prevention_compliance", "officials_per_1000", "supply_days"])
def test_the_districts_figure_is_the_sum_over_all_townships(view: View, demo_sqlite: Path, code: str):
    indicator = CATALOGUE[code]
    engine, scope = create_engine(f"sqlite:///{demo_sqlite}"), Scope(root="330212")
    first, last = (202201, 202211) if indicator.source == "issues" else (202201, 202212)
    if indicator.source == "measurements":
        counts = read_measurements(engine, scope=scope, indicators=(code,), level="township", first=first, last=last)
    else:
        counts = read_counts(engine, scope=scope, source=indicator.source, level="township", first=first, last=last)
    slow = rate_table(counts, indicator, by=()).iloc[0]
    today, present = district_figures(view)[code], present_figures(view)[code]
    assert today.counts is not None
    assert today.counts[0].replace(",", "").split(".")[0] == str(int(slow["x"]))
    assert today.counts[1].replace(",", "").split(".")[0] == str(int(slow["n"]))
    assert present.value == pytest.approx(slow["value"])
    assert (present.low is None) == (slow["low"] != slow["low"])
    if indicator.target is not None:
        assert any(today.target.endswith(text(f"components.scoreboard.{state}", "zh"))
                   for state in ("met", "missed", "unclear"))  # fmt: skip


def test_every_computed_indicator_links_to_a_page_that_shows_it(view: View):
    found = links_of(view, role="leader", township="330212110")
    for code, indicator in CATALOGUE.items():
        assert bool(found[code]) == indicator.available
        for _, address in found[code]:
            asked = parse_qs(urlsplit(address).query)
            assert address.startswith("./") and asked["from"] == ["202201"] and asked["tn"] == ["330212110"]
    pages = [urlsplit(address).path for _, address in found["resolution_rate"]]
    assert "./" in pages and "./all_indicators" in pages and "./pairings" in pages
    assert (
        "lang=en" in links_of(View(**{**vars(view), "lang": "en"}), role="head", township=None)["resolution_rate"][0][1]
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_workbook_of_definitions_holds_every_field_and_the_figures_as_numbers(lang: str):
    figures = {"resolution_rate": Present(0.9825, 0.98, 0.985, 9825.0, 10_000.0, "ok")}
    content = definitions_book(list(CATALOGUE.values()), CATALOGUE, figures, period="2022", source="x", mark="演示数据",
                               lang=lang)  # fmt: skip
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert len(book.sheet_names) == 4
    lines = book.get_sheet_by_index(0).to_python()
    top = next(place for place, line in enumerate(lines) if text("definitions.fields.caveats", lang) in line)
    assert "演示数据" in lines[1][0]
    rows = {line[1]: line for line in lines[top + 1 :]}
    assert set(rows) == set(CATALOGUE)
    for code, indicator in CATALOGUE.items():
        assert rows[code][: len(FACTS)] == list(definition_facts(indicator, CATALOGUE, lang).values())
    assert rows["resolution_rate"][len(FACTS) : len(FACTS) + 5] == [0.9825, 0.98, 0.985, 9825.0, 10_000.0]
    told = "\n".join(str(cell) for name in book.sheet_names[1:] for line in book.get_sheet_by_name(name).to_python()
                     for cell in line)  # fmt: skip
    for pairing in CATALOGUE.pairings.values():
        assert pairing.description[lang] in told
    for dimension in CATALOGUE.dimensions.values():
        assert all(value in told and name[lang] in told for value, name in dimension.values.items())


def test_the_csv_of_definitions_reads_back_and_runs_no_formula():
    sly = CATALOGUE["resolution_rate"]
    sly = sly.model_copy(update={"description": sly.description.model_copy(update={"zh": "=1+1"})})
    content = definitions_csv([sly, CATALOGUE["satisfaction_rate"]], CATALOGUE, {}, period="2022年", source="来源",
                              mark="", lang="zh")  # fmt: skip
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert lines[0][: len(FACTS)] == [text(f"definitions.fields.{name}", "zh") for name in FACTS]
    assert lines[1][FACTS.index("description")] == "'=1+1"
    assert lines[2][FACTS.index("code")] == "satisfaction_rate"
    assert [line[0] for line in lines[3:]] == ["2022年", "来源"]
