"""What matters in one place: only what its tests bear out, exact facts, and each indicator once before any twice."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from indicators.catalogue import Catalogue, Indicator
from indicators.changes import change_table
from indicators.claims import Finding
from indicators.findings import GapEvidence
from indicators.gaps import pairing_gaps
from indicators.place_findings import PLACE_FACTS, PlaceEvidence, place_findings
from indicators.values import rate_table
from indicators.verdicts import verdict_table

Pairs = list[tuple[int, int]]


def frame(indicator: Indicator, pairs: Pairs, *, key: str = "place", values: list[Any] | None = None) -> pd.DataFrame:
    x, n = zip(*pairs, strict=True)
    made = values or [f"3302121{row:02d}" for row in range(len(pairs))]
    return pd.DataFrame({key: made, indicator.numerator: list(x), indicator.denominator: list(n)})


def judged(indicator: Indicator, pairs: Pairs) -> dict[str, Any]:
    """The first of the places against the others."""
    return verdict_table(rate_table(frame(indicator, pairs), indicator), indicator).to_dict("records")[0]


def by_month(indicator: Indicator, pairs: Pairs) -> pd.DataFrame:
    months = [201900 + 100 * (row // 12) + row % 12 + 1 for row in range(len(pairs))]
    return rate_table(frame(indicator, pairs, key="month", values=months), indicator, by=("month",))


def only(findings: tuple[Finding, ...], rule: str) -> Finding:
    found = [one for one in findings if one.rule == rule]
    assert len(found) == 1, f"{rule}: {[one.rule for one in findings]}"
    assert set(found[0].facts) == set(PLACE_FACTS[rule])
    assert not any(isinstance(value, np.generic) for value in found[0].facts.values())
    return found[0]


def rules(findings: tuple[Finding, ...]) -> list[str]:
    return [one.rule for one in findings]


ALIKE: Pairs = [(980, 1000)] * 24


def test_a_place_below_the_rest_tells_both_rates_and_how_many_cases_it_is_short(resolution: Indicator) -> None:
    found = place_findings([PlaceEvidence(resolution, judged(resolution, [(940, 1000), *ALIKE]))])
    told = only(found.findings, "place_worse")
    assert told.facts["size"] == pytest.approx(0.04) and told.touches == 40
    assert 0 < told.facts["low"] < 0.04 < told.facts["high"]
    assert (told.facts["x"], told.facts["n"], told.facts["rest_value"]) == (940, 1000, 0.98)
    assert found.indicators_examined == 1 and told.link == "places/township"


def test_where_low_is_good_a_place_with_few_events_is_better(catalogue: Catalogue) -> None:
    reopen = catalogue["reopen_rate"]
    found = place_findings([PlaceEvidence(reopen, judged(reopen, [(5, 1000)] + [(60, 1000)] * 12))])
    assert only(found.findings, "place_better").facts["x"] == 5
    many = place_findings([PlaceEvidence(reopen, judged(reopen, [(160, 1000)] + [(60, 1000)] * 12))])
    assert only(many.findings, "place_worse").touches == 100


def test_a_target_that_is_not_missed_for_certain_is_told_as_plain_count(resolution: Indicator) -> None:
    near = [(976, 1000)] + [(976, 1000)] * 12
    found = place_findings([PlaceEvidence(resolution, judged(resolution, near))]).findings
    told = only(found, "place_target_open")
    assert told.facts["short"] == told.touches == 4 and told.facts["low"] < 0.98 < told.facts["high"]
    far = [(940, 1000)] * 13
    assert rules(place_findings([PlaceEvidence(resolution, judged(resolution, far))]).findings) == [
        "place_target_missed"
    ]


def test_a_run_on_one_side_of_the_usual_level_is_told_once_it_lasts_seven_months(resolution: Indicator) -> None:
    row = judged(resolution, [(0, 0), (980, 1000)])
    settled = [(980, 1000)] * 18
    seven = by_month(resolution, [*settled, *[(960, 1000)] * 7])
    told = only(place_findings([PlaceEvidence(resolution, row, months=seven)]).findings, "place_run_for_worse")
    assert (told.facts["months"], told.facts["centre"], told.touches) == (7, 0.98, 140)
    six = by_month(resolution, [*settled, (985, 1000), *[(960, 1000)] * 6])
    assert place_findings([PlaceEvidence(resolution, row, months=six)]).findings == ()
    provisional = seven.assign(provisional=[False] * 24 + [True])
    assert place_findings([PlaceEvidence(resolution, row, months=provisional)]).findings == ()
    gap = seven[seven["month"] != 202012]
    assert place_findings([PlaceEvidence(resolution, row, months=gap)]).findings == ()
    old = by_month(resolution, [*settled, *[(960, 1000)] * 7, (0, 0)])
    assert place_findings([PlaceEvidence(resolution, row, months=old)]).findings == ()
    short = by_month(resolution, [*[(980, 1000)] * 11, *[(960, 1000)] * 7])
    assert place_findings([PlaceEvidence(resolution, row, months=short)]).findings == ()


def test_a_run_within_the_material_limit_is_no_finding(resolution: Indicator) -> None:
    row = judged(resolution, [(0, 0), (980, 1000)])
    months = by_month(resolution, [*[(980_000, 1_000_000)] * 18, *[(979_000, 1_000_000)] * 7])
    assert place_findings([PlaceEvidence(resolution, row, months=months)]).findings == ()


def test_a_real_change_is_told_and_the_drift_it_is_part_of_is_not(resolution: Indicator) -> None:
    now, before = (rate_table(frame(resolution, [pair]), resolution) for pair in ((940, 1000), (980, 1000)))
    change = change_table(now, before, resolution).to_dict("records")[0]
    months = by_month(resolution, [*[(980, 1000)] * 18, *[(940, 1000)] * 7])
    row = judged(resolution, [(0, 0), (980, 1000)])
    found = place_findings([PlaceEvidence(resolution, row, change=change, months=months)]).findings
    assert rules(found) == ["place_change_for_worse"]
    assert only(found, "place_change_for_worse").touches == 40


def villages_of(indicator: Indicator, pairs: Pairs) -> pd.DataFrame:
    return verdict_table(rate_table(frame(indicator, pairs), indicator), indicator)


def place_of(indicator: Indicator, villages: Pairs, rest: tuple[int, int]) -> dict[str, Any]:
    """The row of a place that is the sum of its villages, beside all the others."""
    x, n = (sum(pair[part] for pair in villages) for part in (0, 1))
    return judged(indicator, [(x, n), rest])


def test_villages_that_make_the_distance_are_named_with_the_cases_they_lack(resolution: Indicator) -> None:
    pairs = [(80, 100), (82, 100)] + [(98, 100)] * 18
    one = PlaceEvidence(
        resolution, place_of(resolution, pairs, (98_000, 100_000)), villages=villages_of(resolution, pairs)
    )
    told = only(place_findings([one], limit=9).findings, "villages_main")
    assert told.facts["named"] == ("330212100", "330212101")
    assert told.facts["cases"] == told.touches == 18 + 16
    assert told.facts["share"] == pytest.approx(1.0) and told.facts["expected"] < 1


def test_villages_are_not_called_the_reason_where_the_place_is_not_behind(resolution: Indicator) -> None:
    pairs = [(70, 100), (72, 100), (74, 100), (75, 100)] + [(99, 100)] * 58
    best = PlaceEvidence(
        resolution, place_of(resolution, pairs, (90_000, 100_000)), villages=villages_of(resolution, pairs)
    )
    told = only(place_findings([best], limit=9).findings, "villages_worse")
    assert len(told.facts["named"]) == told.facts["count"] == 4
    spread_out = [(80, 100), (82, 100)] + [(92, 100)] * 18
    many = PlaceEvidence(
        resolution, place_of(resolution, spread_out, (98_000, 100_000)), villages=villages_of(resolution, spread_out)
    )
    assert "villages_main" not in rules(place_findings([many], limit=9).findings)


def test_villages_counted_over_other_months_are_not_set_against_the_place(resolution: Indicator) -> None:
    pairs = [(80, 100), (82, 100)] + [(98, 100)] * 18
    row = judged(resolution, [(1500, 1600), (98_000, 100_000)])
    told = place_findings([PlaceEvidence(resolution, row, villages=villages_of(resolution, pairs))], limit=9).findings
    assert "villages_main" not in rules(told) and "villages_worse" in rules(told)


def test_a_village_that_may_be_low_by_chance_is_counted_and_not_named(resolution: Indicator) -> None:
    pairs = [(90, 100), (90, 100), (90, 100)] + [(97, 100)] * 20
    row = judged(resolution, [(0, 0), (980, 1000)])
    told = only(
        place_findings([PlaceEvidence(resolution, row, villages=villages_of(resolution, pairs))]).findings,
        "villages_worse",
    )
    assert told.facts["named"] == () and told.facts["count"] == 3


def test_villages_that_chance_alone_could_have_made_are_said_to_be_alike(resolution: Indicator) -> None:
    villages = villages_of(resolution, [(98, 100)] * 12)
    row = judged(resolution, [(0, 0), (980, 1000)])
    told = only(place_findings([PlaceEvidence(resolution, row, villages=villages)]).findings, "villages_alike")
    assert told.touches == 0 and told.facts["tested"] == 12


def test_a_satisfaction_rate_of_few_people_reached_is_told_with_its_bound(catalogue: Catalogue) -> None:
    satisfaction = catalogue["satisfaction_rate"]
    row = judged(satisfaction, [(394, 400)] + [(985, 1000)] * 12)
    told = only(place_findings([PlaceEvidence(satisfaction, row, called_back=1000)]).findings, "survey_unsure")
    assert told.facts["lowest"] == pytest.approx(0.394) and told.touches == 600
    assert "survey_unsure" not in rules(place_findings([PlaceEvidence(satisfaction, row, called_back=450)]).findings)
    bad = catalogue["solved_but_dissatisfied"]
    few = judged(bad, [(10, 400)] + [(15, 1000)] * 12)
    assert "survey_unsure" not in rules(place_findings([PlaceEvidence(bad, few, called_back=1000)]).findings)


def test_a_gap_inside_the_place_is_told_only_if_its_interval_excludes_zero(catalogue: Catalogue) -> None:
    indicator, pairing = catalogue["prevention_compliance"], catalogue.pairings["urban_rural"]

    def gap(a: tuple[int, int], b: tuple[int, int]) -> GapEvidence:
        both = pd.concat(
            [frame(indicator, [a]).assign(value="urban"), frame(indicator, [b]).assign(value="rural")],
            ignore_index=True,
        )
        return GapEvidence(indicator, pairing, district=pairing_gaps(both, indicator, pairing, by=()))

    told = only(place_findings([], [gap((800, 1000), (950, 1000))]).findings, "place_gap")
    assert (told.facts["ahead"], told.touches, told.link) == ("b", 150, "gaps/pairings")
    assert place_findings([], [gap((940, 1000), (950, 1000))]).findings == ()


def test_no_indicator_speaks_twice_before_the_others_have_spoken(catalogue: Catalogue) -> None:
    pairs = [(900, 1000), *ALIKE]
    small = [(90, 100)] + [(980, 1000)] * 24
    some = [
        PlaceEvidence(catalogue["resolution_rate"], judged(catalogue["resolution_rate"], pairs)),
        PlaceEvidence(catalogue["acceptance_rate"], judged(catalogue["acceptance_rate"], small)),
    ]
    told = place_findings(some, limit=9).findings
    assert [(one.rule, one.indicator) for one in told] == [
        ("place_target_missed", "resolution_rate"), ("place_worse", "acceptance_rate"),
        ("place_worse", "resolution_rate"),
    ]  # fmt: skip
    assert place_findings(some, limit=1).findings == told[:1]
    assert place_findings(some[::-1], limit=9).findings == told


def test_without_any_true_difference_findings_about_a_place_are_rare(catalogue: Catalogue) -> None:
    rng = np.random.default_rng(70)
    codes = ("acceptance_rate", "rectified_on_recheck", "callback_coverage", "repeat_rate")
    spoke = 0
    for _ in range(100):
        some = []
        for code in codes:
            n = rng.integers(60, 1500, 25)
            pairs = [(int(x), int(size)) for x, size in zip(rng.binomial(n, 0.97), n, strict=True)]
            monthly = rng.integers(50, 300, 25)
            months = by_month(
                catalogue[code], [(int(x), int(m)) for x, m in zip(rng.binomial(monthly, 0.97), monthly, strict=True)]
            )
            some.append(PlaceEvidence(catalogue[code], judged(catalogue[code], pairs), months=months))
        spoke += bool(place_findings(some, limit=9).findings)
    print(f"4 indicators without any difference: a finding in {spoke} of 100 places")
    assert spoke <= 7
