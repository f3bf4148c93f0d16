"""What a link says is read into filters, whatever stands in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui import address, filters, texts
from ui.address import Filters, Offer, read_address

VILLAGES = {"330212110": ("330212110001", "330212110200"), "330212001": ("330212001001",)}
OFFER = Offer(
    first_month=201901,
    last_month=202212,
    townships=("330212001", "330212110"),
    villages=lambda township: VILLAGES.get(township, ()),
    indicators=("resolution_rate", "satisfaction_rate", "plans_current"),
    page_indicators=("resolution_rate", "satisfaction_rate"),
    pairings=("urban_rural", "firm_size"),
)


def offer(**changes) -> Offer:
    return Offer(**{**OFFER.__dict__, **changes})


def test_an_empty_address_is_the_default_view():
    filters_read, problems = read_address({}, offer=OFFER)
    assert problems == ()
    assert filters_read == Filters(
        lang="zh", first=202201, last=202212, indicator="resolution_rate", pairing="urban_rural"
    )


def test_a_full_address_is_followed_in_every_part():
    raw = {"lang": "en", "from": "202001", "to": "202004", "set": "towns", "ind": "satisfaction_rate",
           "tn": "330212110", "vl": "330212110200", "pair": "firm_size"}  # fmt: skip
    read, problems = read_address(raw, offer=OFFER)
    assert problems == ()
    assert read == Filters("en", 202001, 202004, "towns", "satisfaction_rate", "330212110", "330212110200", "firm_size")


@pytest.mark.parametrize(
    ("raw", "parameter"),
    [
        ({"lang": "fr"}, "lang"),
        ({"from": "201812"}, "from"),
        ({"to": "202301"}, "to"),
        ({"from": "202013"}, "from"),
        ({"from": "２０２００１"}, "from"),
        ({"from": "202005", "to": "202001"}, "from"),
        ({"set": "<script>alert(1)</script>"}, "set"),
        ({"ind": "'; drop table issue; --"}, "ind"),
        ({"tn": "330212999"}, "tn"),
        ({"vl": "330212110999", "tn": "330212110"}, "vl"),
        ({"vl": "330212001001", "tn": "330212110"}, "vl"),
        ({"pair": "cats_dogs"}, "pair"),
    ],
)
def test_a_part_that_does_not_fit_falls_back_and_is_told(raw, parameter):
    read, problems = read_address(raw, offer=OFFER)
    default, _ = read_address({"tn": raw.get("tn", "") if parameter == "vl" else ""}, offer=OFFER)
    assert read == default
    assert [problem.parameter for problem in problems] == [parameter]
    for lang in texts.LANGUAGES:
        (sentence,) = filters.problem_sentences(problems, lang=lang)
        assert "<" not in sentence


def test_many_mistakes_make_one_sentence():
    _, problems = read_address({"lang": "x", "set": "y", "tn": "z"}, offer=OFFER)
    assert len(filters.problem_sentences(problems, lang="zh")) == 1
    assert "3" in filters.problem_sentences(problems, lang="en")[0]


@given(st.dictionaries(st.sampled_from(address.PARAMETERS), st.text(max_size=40)))
def test_no_address_whatever_raises(raw):
    read, problems = read_address(raw, offer=OFFER)
    assert hash(read) == hash(read)
    assert OFFER.first_month <= read.first <= read.last <= OFFER.last_month
    assert read.township_set in address.TOWNSHIP_SETS
    assert read.indicator in OFFER.page_indicators
    for lang in texts.LANGUAGES:
        assert all(filters.problem_sentences(problems, lang=lang))


def test_half_a_period_is_dropped_whole():
    _, problems = read_address({"from": "202005", "to": "202001"}, offer=OFFER)
    assert problems[0].dropped == ("from", "to")


def test_an_open_ended_period_runs_to_the_end_of_what_is_known():
    read, problems = read_address({"from": "202106"}, offer=OFFER)
    assert (read.first, read.last, problems) == (202106, 202212, ())
    read, _ = read_address({"to": "201906"}, offer=OFFER)
    assert (read.first, read.last) == (201901, 201906)


def test_an_indicator_of_another_page_is_known_but_not_shown_here():
    read, problems = read_address({"ind": "plans_current"}, offer=OFFER)
    assert (read.indicator, problems) == ("resolution_rate", ())
    read, _ = read_address({"ind": "plans_current"}, offer=offer(page_indicators=()))
    assert read.indicator == "plans_current"


def test_a_page_about_a_township_starts_with_the_viewers_own():
    read, _ = read_address({}, offer=offer(township_required=True, own_township="330212110"))
    assert read.township == "330212110"
    read, _ = read_address({}, offer=offer(township_required=True))
    assert read.township == "330212001"


def test_a_village_alone_names_its_township():
    read, problems = read_address({"vl": "330212110200"}, offer=OFFER)
    assert (read.township, read.village, problems) == ("330212110", "330212110200", ())


def test_a_head_cannot_open_the_villages_of_another_township_by_link():
    own = offer(
        township_required=True, village_required=True, own_township="330212001", village_townships=("330212001",)
    )
    read, problems = read_address({"tn": "330212110", "vl": "330212110200"}, offer=own)
    assert (read.township, read.village) == ("330212001", "330212001001")
    assert problems[0].key == "filters.problems.not_permitted"


def test_on_other_pages_a_foreign_village_is_left_out_of_a_heads_filters():
    own = offer(own_township="330212001", village_townships=("330212001",))
    read, _ = read_address({"tn": "330212110", "vl": "330212110200"}, offer=own)
    assert (read.township, read.village) == ("330212110", None)


def test_periods_are_clipped_to_what_is_known():
    assert address.periods(201903, 202104) == {
        "last12": (202005, 202104),
        "epidemic": (202001, 202004),
        "year_2021": (202101, 202104),
        "year_2020": (202001, 202012),
        "year_2019": (201903, 201912),
        "everything": (201903, 202104),
    }
    assert "epidemic" not in address.periods(202003, 202104)
    assert address.periods(202104, 202104)["last12"] == (202104, 202104)


@given(st.integers(1900, 2100), st.integers(1, 12), st.integers(-500, 500))
def test_counting_months_forth_and_back_returns(year, month, count):
    start = year * 100 + month
    assert address.add_months(address.add_months(start, count), -count) == start


def test_the_default_stays_out_of_the_address():
    assert address.written("all", default="all") == ""
    assert address.written("towns", default="all") == "towns"
    assert address.written(None, default="all") == ""


def test_a_strangers_text_is_repeated_short_and_plain():
    assert address.shorten("<b>*x*</b>") == "·b··x···b·"
    assert len(address.shorten("长" * 100)) == 24
