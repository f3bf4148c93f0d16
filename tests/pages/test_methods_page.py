"""The method page: a sheet for every method, and a box whose answer is that of the verdicts."""

import re
from collections.abc import Callable, Iterator
from html import escape, unescape
from importlib.util import find_spec
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from indicators.catalogue import load_catalogue
from indicators.trial import try_counts
from tests.pages.conftest import words
from ui import try_box
from ui.method_register import CODES, GROUPS, METHODS, figures, method_named
from ui.method_sheets import SLOTS, foot_html, sheet_html, where_text
from ui.navigation import PAGES, ROLES
from ui.texts import LANGUAGES, load_language, number, percent, percent_interval, points, text
from ui.trial_picture import _uprights, axis_of
from ui.trial_words import Named, answer_html, details_html, p_text, sentences

PROJECT = Path(__file__).resolve().parents[2]
PAGE = "about/methods"
Open = Callable[..., AppTest]
OTHER = {"rest": "counts", "x2": "985", "n2": "1000"}


@pytest.fixture(scope="module")
def open_page(demo_sqlite: Path) -> Iterator[Open]:
    """open_page(role="head", lang="en", method="why"): the page after its first run, opened by its own link.

    One database for the module and nothing on the page writes, so the caches are kept from test to test.
    """
    st.cache_data.clear()
    st.cache_resource.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", f"sqlite:///{demo_sqlite}")

        def open_one(*, role: str = "leader", **address: str) -> AppTest:
            app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
            app.session_state["viewer_role"] = role
            app.query_params.update(address)
            return app.switch_page(f"pages/{PAGE}.py").run()

        yield open_one
    st.cache_data.clear()
    st.cache_resource.clear()


def plain(app: AppTest) -> str:
    """What the run wrote, without tags."""
    return unescape(re.sub(r"<[^>]+>", "", words(app)))


def typed(app: AppTest, **given: str) -> AppTest:
    for name, value in given.items():
        app.text_input(key=name).set_value(value)
    return app.run()


@pytest.mark.parametrize("role", ROLES)
def test_the_page_opens_for_every_role_with_index_sheet_box_and_foot(open_page: Open, role: str):
    app = open_page(role=role)
    assert not app.exception
    shown = words(app)
    for part in ('class="gb-method"', 'class="gb-trial"', 'class="gb-method-foot"'):
        assert part in shown
    assert app.radio(key="method_index").value == CODES[0]
    assert load_catalogue().hash[:12] in shown
    assert text("methods.foot.suppressed_value", "zh", **figures("zh")) in shown


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_method_is_shown_with_all_its_slots(open_page: Open, lang: str):
    app = open_page(lang=lang)
    for method in METHODS:
        app.session_state["method"] = method.code
        app.run()
        assert not app.exception
        assert app.radio(key="method_index").value == method.code
        shown = words(app)
        assert sheet_html(method, lang) in shown
        for slot in SLOTS:
            assert escape(text(f"methods.slots.{slot}", lang)) in shown, (method.code, slot)
        for reference in method.references:
            assert escape(reference) in shown
        assert escape(where_text(method, lang)) in shown
        assert 'class="gb-trial"' in shown


def test_a_link_opens_its_method_and_its_counts(open_page: Open):
    app = open_page(method="funnel", x="940", n="1000", **OTHER)
    shown = plain(app)
    assert sheet_html(method_named("funnel"), "zh") in words(app)
    assert percent(940, 1000) in shown
    assert text("components.verdicts.much_worse", "zh") in shown
    assert app.selectbox(key="choice_of_rest").value == "counts"


def test_choosing_in_the_index_goes_to_the_address_and_the_first_leaves_it(open_page: Open):
    app = open_page()
    app.radio(key="method_index").set_value("why").run()
    assert app.session_state["method"] == "why"
    assert sheet_html(method_named("why"), "zh") in words(app)
    app.radio(key="method_index").set_value(CODES[0]).run()
    assert app.session_state["method"] == ""


def test_a_method_nobody_knows_opens_the_first(open_page: Open):
    app = open_page()
    app.session_state["method"] = "<script>alert(1)</script>"
    app.run()
    assert not app.exception
    assert sheet_html(METHODS[0], "zh") in words(app)


def test_the_box_starts_with_the_spotless_twenty_and_says_how_many_it_would_take(open_page: Open):
    app = open_page()
    shown = plain(app)
    assert "20件全部符合；真实水平可能在83.8%–100.0%，尚不能认定高于全区（需" in shown
    assert "看目标：已达98%" in shown


def test_figures_of_the_box_are_those_of_the_library(open_page: Open):
    app = typed(open_page(), rest="counts")
    typed(app, x="940", n="1,000", x2="985", n2="１０００")
    trial, shown = try_counts(940, 1000, 985, 1000), plain(app)
    assert percent_interval(trial.low, trial.high, n=1000) in shown
    assert points(trial.difference, "zh", n=1000, signed=False) in shown
    assert text(f"components.verdicts.{trial.verdict}", "zh") in shown
    named = Named(rest=text("methods.box.second", "zh"), unit="件")
    assert answer_html(trial, named, "zh") in words(app)
    assert details_html(trial, "zh") in words(app)


def test_the_district_is_the_rest_with_its_own_counts_and_target(open_page: Open):
    app = typed(open_page(), x="940", n="1000", rest="satisfaction_rate")
    shown = plain(app)
    found = re.search(r"全区群众满意率[\d.]+%（([\d,]+)/([\d,]+)，", shown)
    assert found
    x, n = (int(one.replace(",", "")) for one in found.groups())
    indicator = load_catalogue()["satisfaction_rate"]
    trial = try_counts(940, 1000, x, n, better=indicator.better, target=indicator.target)
    assert n > 1000
    assert answer_html(trial, Named(rest="全区", unit="件"), "zh") in words(app)
    assert "再办好45件可达98.5%" in shown


def test_where_low_is_good_a_spotless_record_is_none_at_all(open_page: Open):
    app = typed(open_page(), x="0", n="12", rest="repeat_rate")
    shown = plain(app)
    assert "12件中一件也没有；真实水平可能在0.0%–" in shown
    assert "低于全区" in shown
    assert app.text_input(key="x").label == text("methods.box.events", "zh")


MISTAKES = [
    ({"x": "25", "n": "20"}, "more_than_all", {"field": "成功数", "whole": "总数", "x": "25", "n": "20"}),
    ({"x": ""}, "empty", {"field": "成功数"}),
    ({"n": "  "}, "empty", {"field": "总数"}),
    ({"x": "0", "n": "0"}, "no_cases", {}),
    ({"x": "-3"}, "negative", {"field": "成功数"}),
    ({"n": "99999999999999999999999"}, "too_large", {"field": "总数", "largest": "2,147,483,647"}),
    ({"x": "19.5"}, "not_whole", {"field": "成功数", "given": "19.5"}),
    ({"x": "<b>a</b>"}, "not_whole", {"field": "成功数", "given": "·b·a··b·"}),
]


def test_a_mistake_is_said_plainly_and_nothing_typed_is_lost(open_page: Open):
    app = open_page(lang="zh")
    for given, key, facts in MISTAKES:
        typed(app, **{"x": "20", "n": "20", **given})
        assert not app.exception
        assert escape(text(f"methods.box.mistakes.{key}", "zh", **facts)) in words(app), given
        assert "<b>a</b>" not in words(app)
        for name, value in given.items():
            assert app.text_input(key=name).value == value
    typed(app, x="985", n="1000")
    assert percent(985, 1000) in plain(app)
    assert 'class="mistake"' not in words(app)


def test_the_other_pair_is_checked_under_its_own_name(open_page: Open):
    app = typed(open_page(), rest="counts")
    typed(app, x2="7", n2="5")
    facts = {"field": text("methods.box.x2", "zh"), "whole": text("methods.box.n2", "zh"), "x": "7", "n": "5"}
    assert text("methods.box.mistakes.more_than_all", "zh", **facts) in plain(app)


def test_tiny_counts_are_not_judged_and_say_so(open_page: Open):
    shown = plain(typed(open_page(), x="3", n="3"))
    assert "3件全部符合；样本少，不作判断" in shown
    assert text("components.verdicts.too_few", "zh") in shown


def test_counts_survive_another_method_and_another_language(open_page: Open):
    app = typed(open_page(), x="7", n="77", rest="on_time_rate")
    app.radio(key="method_index").set_value("time").run()
    app.button(key="other_language").click().run()
    assert (app.text_input(key="x").value, app.text_input(key="n").value) == ("7", "77")
    assert app.session_state["rest"] == "on_time_rate"
    assert app.session_state["method"] == "time"
    shown = words(app)
    assert sheet_html(method_named("time"), "en") in shown
    assert "7/77" in plain(app)
    assert not [sign for sign in re.sub(r"中文", "", plain(app)) if "\u4e00" <= sign <= "\u9fff"]


# What stands on the sheets


def test_every_method_names_references_and_modules_that_exist():
    assert len(set(CODES)) == len(CODES) == sum(GROUPS) == 17
    for method in METHODS:
        assert method.references and all(re.search(r"[A-Z]", one) for one in method.references)
        for module in method.modules:
            assert find_spec(f"indicators.{module}"), (method.code, module)


def test_sheets_promise_no_page_that_does_not_use_the_method():
    keys = {entry.key for entry in PAGES}
    for method in METHODS:
        assert set(method.pages) <= keys
        for page in method.pages:
            reached = set(_reached(PROJECT / "pages" / f"{page}.py"))
            assert reached & {f"indicators.{module}" for module in method.modules}, (method.code, page)


def test_a_method_said_to_be_for_researchers_only_is_used_by_no_page():
    box = {"method_register", "trial_words", "try_box"}
    files = [path for path in (PROJECT / "ui").rglob("*.py") if path.stem not in box] + list(
        (PROJECT / "pages").rglob("*.py")
    )
    used = {name for path in files for name in _imports(path)}
    for method in METHODS:
        if not method.pages:
            assert not used & {f"indicators.{module}" for module in method.modules}, method.code


def test_texts_name_no_seed_draws_or_limit_that_the_code_does_not_follow():
    for lang in LANGUAGES:
        seeds = {value for name, value in figures(lang).items() if name.endswith("seed")}
        told = {key: words for key, words in load_language(lang).items() if key.startswith("methods.")}
        for key, raw in told.items():
            assert not re.search(r"\b20200?\d{4}\b", raw), key  # seeds come from the modules
            assert "p <" not in raw and "显著" not in raw and "证明了" not in raw and "导致" not in raw
        shown = "".join(sheet_html(method, lang) for method in METHODS if method.seeded)
        assert all(seed in shown for seed in seeds)


def test_plain_slots_hold_no_greek_and_no_p_values():
    for lang in LANGUAGES:
        for code in CODES:
            for slot in ("question", "how", "example", "limits"):
                raw = text(f"methods.{code}.{slot}", lang, **figures(lang))
                assert not re.search(r"[α-ωΑ-Ω]|p值|p-value of", raw), (code, slot)


def test_words_of_a_sheet_cannot_become_markup(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ui.method_sheets.text", lambda *_given, **_facts: "<img src=x onerror=alert(1)>")
    assert "<img" not in sheet_html(METHODS[0], "zh")


def test_the_foot_says_which_months_are_kept_back():
    import datetime as dt

    from data_access.releases import DataVersion

    def foot(until: int | None, public: int | None) -> str:
        version = DataVersion(7, dt.datetime(2022, 5, 1, 6, 30), dt.date(2022, 4, 30), 202001, 202204, 202204, True,
                              released_until=public)  # fmt: skip
        return foot_html(version, lang="zh", catalogue_hash="f" * 64, until=until)

    assert "2022年5月1日 06:30" in foot(None, 202204)
    assert text("methods.foot.unreleased_value", "zh", month="2022年4月") in foot(None, 202203)
    assert text("methods.foot.unreleased_all", "zh") in foot(None, 0)
    assert text("methods.foot.unreleased_hidden", "zh", month="2022年4月") in foot(202204, 202204)
    assert "f" * 13 not in foot(None, None)


# The sentences and the picture


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("better", ["higher", "lower"])
def test_verdict_and_sentence_never_contradict_each_other(lang: str, better: str):
    named = Named(rest="R", unit="u", better=better)
    for rest in ((98, 100), (985, 1000), (3, 30), (10, 10), (0, 10), (49_000, 50_000)):
        for x, n in ((20, 20), (300, 300), (530, 530), (0, 300), (29, 31), (900, 1000), (1, 40), (9, 9)):
            trial = try_counts(x, n, *rest, better=better, target=0.98 if better == "higher" else None)
            told = " ".join(sentences(trial, named, lang))
            assert "nan" not in told
            open_words = ("尚不能认定", "cannot yet")
            if trial.flawless and trial.judged and trial.flawless_needed:
                assert (str(trial.verdict) == "similar") == any(one in told for one in open_words), (x, n, rest)
            assert "nan" not in answer_html(trial, named, lang) + details_html(trial, lang)


def test_a_flag_whose_interval_spans_zero_is_told_with_both_signs():
    trial = try_counts(0, 119, 79, 2507)
    assert trial.verdict == "worse"
    assert trial.difference_low < 0 < trial.difference_high
    told = " ".join(sentences(trial, Named(rest="全区", unit="件"), "zh"))
    assert "跨过零" in told and "至0.1个百分点" in told


@pytest.mark.parametrize(
    ("marks", "axis"),
    [
        ([0.838, 1.0, 0.9825, 0.98], (0.8, 1.0, 0.05)),
        ([0.0, 0.1, 0.005], (0.0, 0.1, 0.02)),
        ([0.9849, 0.9851, 0.985], (0.9849, 0.9851, 0.0001)),
        ([1.0, 1.0], (0.9999, 1.0, 0.0001)),
        ([0.0], (0.0, 0.0001, 0.0001)),
        ([0.0, 1.0], (0.0, 1.0, 0.2)),
    ],
)
def test_the_axis_is_round_and_holds_every_mark(marks, axis):
    start, end, step = axis_of(marks)
    assert (start, end, step) == axis
    assert 0 <= start <= min(marks) and max(marks) <= end <= 1


@pytest.mark.parametrize(
    ("rest", "target", "sides", "above"),
    [
        (85.0, 80.0, {"rest": "before", "target": "before"}, "rest"),  # its label would run across the target's line
        (80.0, 85.0, {"rest": "before", "target": "before"}, "target"),
        (10.0, 20.0, {"rest": "after", "target": "after"}, "rest"),
        (45.0, 55.0, {"rest": "before", "target": "after"}, "target"),  # apart: either row would do
    ],
)
def test_no_label_runs_across_the_line_beside_it(rest, target, sides, above):
    drawn = "".join(_uprights([(rest, "R", "rest"), (target, "T", "target")]))
    for label, kind in (("R", "rest"), ("T", "target")):
        row = "high" if kind == above else "low"
        assert f'<i class="{kind} {row}"' in drawn
        assert re.search(rf'<span class="{row} {sides[kind]}"[^>]*>{label}<', drawn), drawn


def test_probabilities_are_printed_with_four_decimals():
    assert [p_text(one) for one in (1.0, 0.02504, 0.00004, float("nan"))] == ["1.0000", "0.0250", "<0.0001", "—"]


def test_counts_are_read_as_people_type_them():
    for given in ("1000", " 1 000 ", "1,000", "１，０００", "+1000", "01000"):
        assert try_box.read_count(given, name="n", lang="zh") == 1000
    assert try_box.read_count("-0", name="x", lang="zh") == 0
    assert number(2**31 - 1) == "2,147,483,647"


def _imports(path: Path) -> set[str]:
    """Modules of ours that a file imports, as dotted names."""
    found: set[str] = set()
    for line in re.sub(r"\(\s*([^)]*)\)", lambda one: one[1].replace("\n", " "), path.read_text("utf-8")).splitlines():
        whole = re.match(r"\s*from ((?:ui|indicators)(?:\.[\w.]+)?) import (.+)", line)
        if whole:
            found.add(whole[1])
            found |= {f"{whole[1]}.{name.strip().split(' ')[0]}" for name in whole[2].split(",")}
        plainly = re.match(r"\s*import ((?:ui|indicators)\.[\w.]+)", line)
        if plainly:
            found.add(plainly[1])
    return found


def _reached(start: Path) -> Iterator[str]:
    """Every module of ours that a page imports, directly or through others."""
    seen: set[str] = set()
    open_files = [start]
    while open_files:
        for name in _imports(open_files.pop()):
            path = PROJECT / Path(*name.split("."))
            file = path.with_suffix(".py") if path.with_suffix(".py").is_file() else path / "__init__.py"
            if name not in seen and file.is_file():
                seen.add(name)
                open_files.append(file)
                yield name
