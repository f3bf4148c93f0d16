"""Findings as sentences: the right direction for every rule, both ways round, in both languages."""

from types import MappingProxyType
from typing import Any

import pytest

from indicators.catalogue import Catalogue
from indicators.claims import Finding
from indicators.finding_words import finding_words
from indicators.findings import FACTS
from indicators.place_findings import PLACE_FACTS

NAMES = {"330212101": "甲", "330212102": "乙", "330212103": "丙", "330212104": "丁", "330212105": "戊"}
FIGURES: dict[str, Any] = {
    "value": 0.93, "low": 0.01, "high": 0.04, "target": 0.95, "x": 930, "n": 1000, "short": 20,
    "pairing": "urban_rural", "ahead": "a", "behind": "b", "size": 0.02, "ahead_value": 0.96, "behind_value": 0.94,
    "as_paper": True,
    "places_tested": 9, "places_same": 4, "places_opposite": 0, "places_by_chance": 0.2, "gaps_examined": 3,
    "size_now": 0.08, "size_before": 0.05, "count": 5, "expected": 0.5, "tested": 25, "named": ("330212101",),
    "named_count": 1, "change": "up", "now_value": 0.95, "before_value": 0.93, "rest_value": 0.95, "months": 7,
    "centre": 0.95, "cases": 12, "share": 0.7, "invited": 2000, "answered": 1000, "satisfied": 930, "lowest": 0.465,
    "reach": 0.5,
}  # fmt: skip


def worded(catalogue: Catalogue, rule: str, code: str, lang: str = "zh", **facts: Any) -> tuple[str, str]:
    wanted = {**FACTS, **PLACE_FACTS}[rule]
    given = {name: value for name, value in {**FIGURES, **facts}.items() if name in wanted}
    names = NAMES if lang == "zh" else {place: f"Place {row}" for row, place in enumerate(NAMES)}
    finding = Finding(rule, MappingProxyType(given), 12, code, "briefing/overview")
    return tuple(finding_words(finding, catalogue, names, lang))


@pytest.mark.parametrize("rule", [*FACTS, *PLACE_FACTS])
@pytest.mark.parametrize("code", ["acceptance_rate", "reopen_rate"])
def test_every_rule_has_a_sentence_and_a_note_in_both_languages_whichever_way_is_good(
    catalogue: Catalogue, rule: str, code: str
) -> None:
    for lang in ("zh", "en"):
        for named in ((), ("330212101",), tuple(NAMES)):
            sentence, note = worded(catalogue, rule, code, lang, named=named)
            assert sentence and note and "{" not in sentence + note
            assert "、、" not in sentence and "  " not in sentence
            assert catalogue[code].name[lang] in sentence


@pytest.mark.parametrize(
    "rule",
    ["places_worse", "place_much_worse", "place_worse", "villages_main", "villages_worse", "gap", "place_gap"],
)  # fmt: skip
@pytest.mark.parametrize("named", [(), ("330212101",), tuple(NAMES)])
def test_where_low_is_good_the_sentence_turns_round(catalogue: Catalogue, rule: str, named: tuple[str, ...]) -> None:
    good_high, good_low = (
        "".join(worded(catalogue, rule, code, named=named)) for code in ("acceptance_rate", "reopen_rate")
    )
    if "gap" in rule:  # the group ahead is the higher one, or the lower one
        assert "高" in good_high and "低" not in good_high
        assert "低" in good_low and "高" not in good_low
    else:  # what is worse lies low, or high
        assert "低" in good_high and "高" not in good_high
        assert "高" in good_low and "低" not in good_low


def test_a_gap_without_townships_beside_it_counts_none(catalogue: Catalogue) -> None:
    for code in ("acceptance_rate", "reopen_rate"):
        sentence, note = worded(catalogue, "gap", code, places_tested=0, places_same=0)
        assert "镇街" not in sentence and "预计" not in note


def test_a_gap_that_grows_names_its_indicator(catalogue: Catalogue) -> None:
    assert (
        worded(catalogue, "gap_growing", "resolution_rate")[0]
        == "问题解决率的城乡落差在扩大：由5.0个百分点变为8.0个百分点"
    )


def test_where_all_that_are_counted_are_named_none_of_them_is_the_most(catalogue: Catalogue) -> None:
    assert worded(catalogue, "places_worse", "acceptance_rate", named=tuple(NAMES))[0] == (
        "25个镇街中有5个受理率明显偏低：甲、乙、丙等5个"
    )
    assert "most clearly in Place 0" in worded(catalogue, "places_worse", "acceptance_rate", "en")[0]


def test_units_agree_with_their_numbers_and_with_what_is_counted(catalogue: Catalogue) -> None:
    one = worded(catalogue, "place_target_missed", "resolution_rate", "en", short=1)
    assert one[0].startswith("Resolution rate: 93.0%, 1 case short") and one[1].endswith("930/1,000 cases")
    sites = worded(catalogue, "place_target_missed", "inspection_coverage", "zh")
    assert "20个对象" in sites[0] and sites[1].endswith("930/1,000个对象")
    ratio = worded(catalogue, "place_worse", "volunteers_per_1000", "en", value=18.0, rest_value=21.7, size=3.7)
    assert ratio[0] == (
        "Volunteers per 1,000 residents: 18.0 per 1,000, 3.7 per 1,000 below the other townships (21.7 per 1,000)"
    )
    assert ratio[1].endswith("930/1,000")


def test_what_is_certain_of_a_survey_is_rounded_down(catalogue: Catalogue) -> None:
    said = worded(catalogue, "survey_unsure", "satisfaction_rate", satisfied=3946, invited=10001)[0]
    assert said.endswith("最低39.45%")
