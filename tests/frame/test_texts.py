"""Sentences and figures as they are printed."""

from datetime import date
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui import texts


def _placeholders(pattern: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(pattern) if name is not None}


def test_both_languages_hold_the_same_keys():
    assert set(texts.load_language("zh")) == set(texts.load_language("en"))


def test_both_languages_ask_for_the_same_facts():
    chinese, english = texts.load_language("zh"), texts.load_language("en")
    different = [key for key in chinese if _placeholders(chinese[key]) != _placeholders(english[key])]
    assert different == []


def test_no_text_of_the_frame_is_empty():
    ours = ("frame.", "filters.", "navigation.", "definitions.", "page_head.")
    empty = [
        key
        for lang in texts.LANGUAGES
        for key, words in texts.load_language(lang).items()
        if key.startswith(ours) and not words.strip()
    ]
    assert empty == []


def test_english_texts_hold_no_chinese_but_the_name_of_the_other_language():
    chinese = [
        key
        for key, words in texts.load_language("en").items()
        if any("\u4e00" <= sign <= "\u9fff" for sign in words) and not key.startswith("frame.header.language")
    ]
    assert chinese == []


def test_a_key_that_nobody_wrote_is_an_error():
    with pytest.raises(texts.MissingText, match="nowhere"):
        texts.text("frame.nowhere", "zh")
    assert not texts.has_text("frame.nowhere")


def test_a_forgotten_fact_is_an_error_that_names_it():
    with pytest.raises(texts.MissingText, match="number"):
        texts.text("frame.footer.version", "en")


def test_a_language_without_texts_is_an_error():
    with pytest.raises(texts.MissingText, match="fr"):
        texts.text("frame.product", "fr")


@pytest.mark.parametrize(
    ("first", "last", "chinese", "english"),
    [
        (202004, 202004, "2020年4月", "Apr 2020"),
        (202001, 202004, "2020年1月–4月", "Jan–Apr 2020"),
        (201912, 202003, "2019年12月–2020年3月", "Dec 2019–Mar 2020"),
        (202001, 202012, "2020年", "2020"),
    ],
)
def test_months_read_as_people_write_them(first, last, chinese, english):
    assert texts.month_span(first, last, "zh") == chinese
    assert texts.month_span(first, last, "en") == english


def test_months_that_are_none_or_upside_down_are_refused():
    with pytest.raises(ValueError, match="202013"):
        texts.month_text(202013, "zh")
    with pytest.raises(ValueError, match="earlier"):
        texts.month_span(202005, 202004, "zh")


def test_dates_follow_the_language():
    assert texts.date_text(date(2020, 4, 3), "zh") == "2020年4月3日"
    assert texts.date_text(date(2020, 4, 3), "en") == "3 Apr 2020"


@pytest.mark.parametrize(
    ("x", "n", "printed"),
    [
        (985, 1000, "98.5%"),
        (0, 40, "0.0%"),
        (20, 20, "100.0%"),
        (1999, 2000, "99.9%"),  # 99.95 would round to 100
        (4999, 5000, "99.98%"),
        (999999, 1000000, "99.99%"),
        (1, 4000, "<0.1%"),
        (1, 1000000, "<0.01%"),
        (393, 400, "98.3%"),  # 98.25 goes up
        (1, 3, "33.3%"),
    ],
)
def test_a_rate_is_printed_by_its_number_of_cases(x, n, printed):
    assert texts.percent(x, n) == printed


@pytest.mark.parametrize(("x", "n"), [(0, 0), (1, 0), (5, 4), (-1, 4), (float("nan"), 4), (1, float("nan"))])
def test_what_is_no_rate_is_never_printed_as_one(x, n):
    with pytest.raises(ValueError, match="not a rate"):
        texts.percent(x, n)


@given(st.integers(1, 200_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_only_a_full_rate_reads_100_and_only_an_empty_one_reads_zero(pair):
    x, n = pair
    printed = texts.percent(x, n)
    assert (printed in ("100.0%", "100.00%")) == (x == n)
    assert (printed in ("0.0%", "0.00%")) == (x == 0)
    assert len(printed.rstrip("%").split(".")[1]) == (2 if n >= 5000 else 1)


@given(st.integers(1, 200_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_rate_and_its_value_are_printed_alike(pair):
    x, n = pair
    shown, from_value = texts.percent(x, n), texts.percent_of(x / n, n=n)
    if "<" not in shown + from_value:
        assert abs(float(shown[:-1]) - float(from_value[:-1])) <= (0.0101 if n >= 5000 else 0.101)


@given(st.floats(0, 1), st.floats(0, 1), st.sampled_from([10, 5000]))
def test_an_interval_is_never_narrower_in_print(one, two, n):
    low, high = sorted((one, two))
    left, right = (float(part.rstrip("%")) / 100 for part in texts.percent_interval(low, high, n=n).split("–"))
    assert left <= low + 1e-12
    assert right >= high - 1e-12


def test_an_interval_keeps_ends_that_are_exact():
    assert texts.percent_interval(0.975, 0.991, n=1000) == "97.5%–99.1%"
    assert texts.percent_interval(0.8319, 1, n=20) == "83.1%–100.0%"
    assert texts.percent_interval(0.29, 0.57, n=20) == "29.0%–57.0%"


def test_an_interval_upside_down_or_with_a_missing_end_is_refused():
    for low, high in ((0.5, 0.4), (float("nan"), 0.5), (0.5, float("nan"))):
        with pytest.raises(ValueError, match="upside down"):
            texts.percent_interval(low, high, n=10)


def test_differences_are_points_with_a_sign():
    assert texts.points(0.018, "zh") == "+1.8个百分点"
    assert texts.points(-0.018, "en") == "−1.8 pp"
    assert texts.points(-0.018, "zh", signed=False) == "1.8个百分点"
    assert texts.points(0.01234, "zh", n=5000) == "+1.23个百分点"
    assert texts.points(0, "zh") == "0.0个百分点"


def test_a_small_difference_does_not_read_as_none():
    assert texts.points(0.0004, "zh") == "不足0.1个百分点"
    assert texts.points(-0.0004, "en") == "under 0.1 pp"


def test_the_interval_of_a_difference_is_rounded_outward_and_readable_when_negative():
    assert texts.points_interval(-0.0341, -0.0062, "zh") == "−3.5至−0.6个百分点"
    assert texts.points_interval(-0.001, 0.02, "en") == "−0.1 to 2.0 pp"


def test_missing_numbers_are_refused_and_zero_is_not_missing():
    for wrong in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="missing"):
            texts.number(wrong)
    assert texts.number(0) == "0"
    assert texts.number(-1234.5) == "−1,235"
    assert texts.number(1234.56, decimals=1) == "1,234.6"
    assert texts.number_interval(3.21, 5.79) == "3.2–5.8"


def test_ranks_carry_what_they_may_be():
    assert texts.rank_text(3, 2, 7, "zh") == "第3名（可能区间2–7）"
    assert texts.rank_text(1, 1, 12, "zh", tied=True) == "并列第1名（可能区间1–12）"
    assert texts.rank_text(3, 2, 7, "en") == "3rd (plausibly 2–7)"
    assert [texts.ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 112)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="between"):
        texts.rank_text(8, 2, 7, "zh")


def test_a_value_reads_by_the_kind_of_its_indicator():
    assert texts.value_text(kind="proportion", x=985, n=1000, value=0.985, unit="%") == "98.5%"
    assert texts.value_text(kind="ratio", x=30, n=10_000, value=3.0, unit="件/千人") == "3.0 件/千人"


@pytest.mark.parametrize("state", ["no_data", "too_few", "hidden", "not_applicable", "value"])
def test_every_state_has_words(state):
    assert texts.state_text(state, "zh") != texts.state_text(state, "en")
