"""The definitions page says what the catalogue says."""

from html import escape

from indicators.catalogue import load_catalogue
from tests.pages.conftest import Open, words
from ui import glossary
from ui.charts import palette
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
        assert escape(pairing.description["zh"]) in shown
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
    app.text_input(key="definition_words").set_value("满意").run()
    found = glossary.search_catalogue(CATALOGUE, words="满意")
    assert 0 < len(found) < len(CATALOGUE)
    assert text("definitions.title_found", "zh", count=len(found)) in words(app)
    app.text_input(key="definition_words").set_value("<b>unfindable</b>").run()
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
    assert glossary.target_text(CATALOGUE["resolution_rate"], "zh") == "目标 ≥ 98%"
    assert glossary.target_text(CATALOGUE["satisfaction_rate"], "en") == "Target ≥ 98.5%"
    assert glossary.target_text(CATALOGUE["issues_per_1000"], "zh") == "未设目标"


def test_words_of_the_catalogue_cannot_become_markup():
    indicator = CATALOGUE["resolution_rate"]
    sly = indicator.model_copy(
        update={"name": indicator.name.model_copy(update={"zh": "<img src=x onerror=alert(1)>"})}
    )
    assert "<img" not in glossary.entry_html(sly, catalogue=CATALOGUE, lang="zh")
